"""A class with the widths, columns as samples, tanh and a linear output, gradients returned."""

import numpy as np


class Regressor:
    def __init__(self, sizes):
        self.sizes = sizes
        self.weights = [np.random.randn(n, k) * 0.1 for k, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros((n, 1)) for n in sizes[1:]]

    def gradients(self, X, Y):
        m = X.shape[1]
        acts = [X]
        last = len(self.weights) - 1
        for i, (W, b) in enumerate(zip(self.weights, self.biases)):
            z = W @ acts[-1] + b
            acts.append(z if i == last else np.tanh(z))
        dWs, dbs = [], []
        delta = (acts[-1] - Y) / m
        for i in range(last, -1, -1):
            dWs.insert(0, delta @ acts[i].T)
            dbs.insert(0, delta.sum(axis=1, keepdims=True))
            if i > 0:
                delta = (self.weights[i].T @ delta) * (1 - acts[i] ** 2)
        return dWs, dbs
