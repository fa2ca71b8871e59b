"""Any number of layers, rows, lists of in × out matrices, ReLU, softmax, one-hot targets."""

import numpy as np


def relu(z):
    return np.where(z > 0, z, 0)


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def backprop(X, T, Ws, bs):
    N = len(X)
    A = [X]
    Z = []
    for i in range(len(Ws)):
        Z.append(A[i] @ Ws[i] + bs[i])
        A.append(softmax(Z[i]) if i == len(Ws) - 1 else relu(Z[i]))
    loss = -np.mean(np.sum(T * np.log(A[-1]), axis=1))
    dW = [None] * len(Ws)
    db = [None] * len(bs)
    dZ = (A[-1] - T) / N
    for i in reversed(range(len(Ws))):
        dW[i] = A[i].T @ dZ
        db[i] = np.sum(dZ, axis=0)
        if i > 0:
            dA = dZ @ Ws[i].T
            dZ = dA * (Z[i - 1] > 0)
    return loss, dW, db
