"""Rows, out × in, tanh and a linear output, mean squared error with a penalty λ/(2m)."""

import numpy as np


def objective(X, Y, W1, b1, W2, b2, lam):
    m = X.shape[0]
    A1 = np.tanh(X @ W1.T + b1)
    A2 = A1 @ W2.T + b2
    J = np.sum((A2 - Y) ** 2) / (2 * m) + lam / (2 * m) * (np.sum(W1**2) + np.sum(W2**2))
    D2 = A2 - Y
    D1 = (D2 @ W2) * (1 - A1 * A1)
    gW2 = D2.T @ A1 / m + lam / m * W2
    gW1 = D1.T @ X / m + lam / m * W1
    gb2 = D2.mean(axis=0)
    gb1 = D1.mean(axis=0)
    return J, gW1, gb1, gW2, gb2
