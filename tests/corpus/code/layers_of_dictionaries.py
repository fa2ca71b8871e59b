"""A list of dictionaries with W and b, columns, leaky ReLU, a linear output."""

import numpy as np


def leaky(z):
    return np.where(z > 0, z, 0.01 * z)


def leaky_slope(z):
    return np.where(z > 0, 1.0, 0.01)


def backprop(network, X, Y):
    m = X.shape[1]
    A, Z = [X], []
    for i, layer in enumerate(network):
        Z.append(layer["W"] @ A[-1] + layer["b"])
        A.append(Z[-1] if i == len(network) - 1 else leaky(Z[-1]))
    dZ = A[-1] - Y
    grads = [None] * len(network)
    for i in range(len(network) - 1, -1, -1):
        grads[i] = {"dW": dZ @ A[i].T / m, "db": dZ.sum(axis=1, keepdims=True) / m}
        if i > 0:
            dZ = (network[i]["W"].T @ dZ) * leaky_slope(Z[i - 1])
    return grads
