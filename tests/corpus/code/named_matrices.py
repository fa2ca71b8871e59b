"""A class with matrices named after the layers that they join; lists come in; no biases."""

import numpy as np


class ThreeLayers:
    def __init__(self, inputnodes, hiddennodes, outputnodes, learningrate):
        self.wih = np.random.normal(0, 0.5, (hiddennodes, inputnodes))
        self.who = np.random.normal(0, 0.5, (outputnodes, hiddennodes))
        self.lr = learningrate

    def squash(self, v):
        return 1 / (1 + np.exp(-v))

    def train(self, inputs_list, targets_list):
        inputs = np.array(inputs_list, ndmin=2).T
        targets = np.array(targets_list, ndmin=2).T
        hidden = self.squash(np.dot(self.wih, inputs))
        final = self.squash(np.dot(self.who, hidden))
        output_delta = (targets - final) * final * (1 - final)
        hidden_delta = np.dot(self.who.T, output_delta) * hidden * (1 - hidden)
        self.who += self.lr * np.dot(output_delta, hidden.T)
        self.wih += self.lr * np.dot(hidden_delta, inputs.T)
