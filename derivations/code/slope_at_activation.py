"""The same with the slope taken at the activation in the hidden layers."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def backprop(x, y, weights, biases):
    grad_b = [np.zeros(b.shape) for b in biases]
    grad_w = [np.zeros(w.shape) for w in weights]
    activation, activations, inputs = x, [x], []
    for w, b in zip(weights, biases):
        z = w @ activation + b
        inputs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - y) * sigmoid_prime(inputs[-1])
    grad_b[-1] = delta
    grad_w[-1] = delta @ activations[-2].T
    for back in range(2, len(weights) + 1):
        delta = (weights[-back + 1].T @ delta) * sigmoid_prime(activations[-back])
        grad_b[-back] = delta
        grad_w[-back] = delta @ activations[-back - 1].T
    return grad_w, grad_b
