"""Parameters as a list of (W, b), rows; gradients in the same form; softplus, squared error."""

import numpy as np


def softplus(z):
    return np.log1p(np.exp(z))


def gradients(params, inputs, targets):
    outputs, zs = [inputs], []
    for i, (W, b) in enumerate(params):
        z = outputs[-1] @ W + b
        zs.append(z)
        outputs.append(z if i == len(params) - 1 else softplus(z))
    grads = []
    delta = 2 * (outputs[-1] - targets) / targets.size
    for i in range(len(params) - 1, -1, -1):
        W, b = params[i]
        grads.append((outputs[i].T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ W.T) / (1 + np.exp(-zs[i - 1]))
    return grads[::-1]
