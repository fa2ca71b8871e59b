"""Rows; the updated parameters come back; three layers, sigmoid throughout."""

import numpy as np


def logistic(v):
    return 1 / (1 + np.exp(-v))


def step(W1, b1, W2, b2, W3, b3, X, Y, lr):
    n = X.shape[0]
    h1 = logistic(X @ W1 + b1)
    h2 = logistic(h1 @ W2 + b2)
    out = logistic(h2 @ W3 + b3)
    e3 = (out - Y) * out * (1 - out)
    e2 = (e3 @ W3.T) * h2 * (1 - h2)
    e1 = (e2 @ W2.T) * h1 * (1 - h1)
    W3 = W3 - lr * (h2.T @ e3) / n
    b3 = b3 - lr * e3.mean(axis=0, keepdims=True)
    W2 = W2 - lr * (h1.T @ e2) / n
    b2 = b2 - lr * e2.mean(axis=0, keepdims=True)
    W1 = W1 - lr * (X.T @ e1) / n
    b1 = b1 - lr * e1.mean(axis=0, keepdims=True)
    return W1, b1, W2, b2, W3, b3
