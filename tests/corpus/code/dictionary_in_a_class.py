"""A class with a dictionary of parameters whose keys are made, columns, sigmoid."""

import numpy as np
class NeuralNetwork:
    def __init__(self, layer_sizes, learning_rate=0.1):
        self.lr = learning_rate
        self.params = {}
        for i in range(1, len(layer_sizes)):
            self.params['W%d' % i] = np.random.randn(layer_sizes[i], layer_sizes[i-1]) * 0.01
            self.params['b%d' % i] = np.zeros((layer_sizes[i], 1))
        self.L = len(layer_sizes) - 1
    def sigmoid(self, Z): return 1/(1+np.exp(-Z))
    def forward(self, X):
        self.cache = {'A0': X}
        A = X
        for l in range(1, self.L+1):
            Z = self.params['W%d'%l] @ A + self.params['b%d'%l]
            A = self.sigmoid(Z)
            self.cache['A%d'%l] = A; self.cache['Z%d'%l] = Z
        return A
    def backward(self, X, Y):
        AL = self.forward(X)
        m = X.shape[1]
        grads = {}
        dZ = AL - Y
        for l in range(self.L, 0, -1):
            grads['dW%d'%l] = dZ @ self.cache['A%d'%(l-1)].T / m
            grads['db%d'%l] = dZ.sum(axis=1, keepdims=True) / m
            if l > 1:
                A = self.cache['A%d'%(l-1)]
                dZ = self.params['W%d'%l].T @ dZ * A * (1 - A)
        return grads
