"""A class that takes a list of (x, y) pairs and a rate, adds up per sample, updates itself."""

import numpy as np


class Network:
    def __init__(self, layers):
        self.weights = [np.random.randn(n, k) for k, n in zip(layers[:-1], layers[1:])]
        self.biases = [np.random.randn(n, 1) for n in layers[1:]]

    def update_mini_batch(self, mini_batch, eta):
        sum_b = [np.zeros(b.shape) for b in self.biases]
        sum_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            db, dw = self.backprop(x, y)
            sum_b = [s + d for s, d in zip(sum_b, db)]
            sum_w = [s + d for s, d in zip(sum_w, dw)]
        self.weights = [w - eta / len(mini_batch) * s for w, s in zip(self.weights, sum_w)]
        self.biases = [b - eta / len(mini_batch) * s for b, s in zip(self.biases, sum_b)]

    def backprop(self, x, y):
        a = [x]
        for w, b in zip(self.weights, self.biases):
            a.append(1 / (1 + np.exp(-(w @ a[-1] + b))))
        delta = a[-1] - y
        db = [delta]
        dw = [delta @ a[-2].T]
        for l in range(len(self.weights) - 2, -1, -1):
            delta = (self.weights[l + 1].T @ delta) * a[l + 1] * (1 - a[l + 1])
            db.insert(0, delta)
            dw.insert(0, delta @ a[l].T)
        return db, dw
