"""No arrays at all: lists of numbers, loops, one sample, sigmoid."""

from math import exp


def sigmoid(t):
    return 1 / (1 + exp(-t))


def gradient(x, y, W1, b1, W2, b2):
    hidden = []
    for j in range(len(W1)):
        total = b1[j]
        for k in range(len(x)):
            total += W1[j][k] * x[k]
        hidden.append(sigmoid(total))
    out = []
    for i in range(len(W2)):
        total = b2[i]
        for j in range(len(hidden)):
            total += W2[i][j] * hidden[j]
        out.append(sigmoid(total))
    d_out = []
    for i in range(len(out)):
        d_out.append((out[i] - y[i]) * out[i] * (1 - out[i]))
    d_hidden = []
    for j in range(len(hidden)):
        back = 0.0
        for i in range(len(out)):
            back += W2[i][j] * d_out[i]
        d_hidden.append(back * hidden[j] * (1 - hidden[j]))
    dW2 = [[d_out[i] * hidden[j] for j in range(len(hidden))] for i in range(len(out))]
    dW1 = [[d_hidden[j] * x[k] for k in range(len(x))] for j in range(len(hidden))]
    return dW1, d_hidden, dW2, d_out
