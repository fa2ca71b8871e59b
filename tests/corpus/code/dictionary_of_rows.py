"""Rows, in × out, class numbers, ReLU and softmax, a penalty; loss and a dictionary come back."""

import numpy as np


def loss_and_gradients(params, X, y, reg=0.0):
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    n = X.shape[0]
    scores1 = X.dot(W1) + b1
    hidden = np.maximum(0, scores1)
    scores = hidden.dot(W2) + b2
    shifted = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(shifted)
    probs = probs / probs.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(n), y]).sum() / n
    loss += 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    dscores = probs.copy()
    dscores[np.arange(n), y] -= 1
    dscores = dscores / n
    grads = {}
    grads["W2"] = hidden.T.dot(dscores) + reg * W2
    grads["b2"] = dscores.sum(axis=0)
    dhidden = dscores.dot(W2.T)
    dscores1 = dhidden * (scores1 > 0)
    grads["W1"] = X.T.dot(dscores1) + reg * W1
    grads["b1"] = dscores1.sum(axis=0)
    return loss, grads
