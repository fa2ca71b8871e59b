"""A class named by its layers, one vector at a time, a rate of its own, tanh and sigmoid."""

import numpy as np
class Perceptron:
    def __init__(self, n_in, n_hidden, n_out, lr=0.1):
        self.w_ih = np.random.randn(n_in, n_hidden)
        self.w_ho = np.random.randn(n_hidden, n_out)
        self.b_h = np.zeros(n_hidden); self.b_o = np.zeros(n_out); self.lr = lr
    def train(self, x, t):
        h = np.tanh(x @ self.w_ih + self.b_h)
        o = 1/(1+np.exp(-(h @ self.w_ho + self.b_o)))
        err = t - o
        d_o = err * o * (1-o)
        d_h = (d_o @ self.w_ho.T) * (1 - h*h)
        self.w_ho += self.lr * np.outer(h, d_o)
        self.b_o += self.lr * d_o
        self.w_ih += self.lr * np.outer(x, d_h)
        self.b_h += self.lr * d_h
        return 0.5*np.sum(err**2)
