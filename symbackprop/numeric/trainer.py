"""Backpropagation and mini-batch SGD by hand, in plain NumPy: the independent witness.

Samples are rows: X (m, n_0), Y (m, n_L); W[l-1] (n_l, n_{l-1}), b[l-1] (n_l,); the cost is the mean
over the samples.  Nothing here knows the rest of the package.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

erf = np.vectorize(math.erf, otypes=[float])


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def normal(z: Any) -> Any:
    return (1 + erf(z / math.sqrt(2))) / 2


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# name: (a = σ(z), σ'(z) from z and a)
ACTIVATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "identity": (lambda z: z, lambda z, a: np.ones_like(z)),
    "sigmoid": (sigmoid, lambda z, a: a * (1 - a)),
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "relu": (lambda z: np.maximum(z, 0), lambda z, a: (z > 0).astype(float)),
    "leaky-relu": (
        lambda z: np.where(z > 0, z, z / 100),
        lambda z, a: np.where(z > 0, 1, np.where(z < 0, 1 / 100, 0)),
    ),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z, a: sigmoid(z)),
    "gelu": (
        lambda z: z * normal(z),
        lambda z, a: normal(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi),
    ),
    "silu": (lambda z: z * sigmoid(z), lambda z, a: a + sigmoid(z) * (1 - a)),
}

# name: (cost of each sample, ∂C/∂a)
COSTS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "quadratic": (lambda a, y: ((a - y) ** 2).sum(axis=1) / 2, lambda a, y: a - y),
    "sum-of-squares": (lambda a, y: ((a - y) ** 2).sum(axis=1), lambda a, y: 2 * (a - y)),
    "mse": (lambda a, y: ((a - y) ** 2).mean(axis=1), lambda a, y: 2 * (a - y) / a.shape[1]),
    "binary-cross-entropy": (
        lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1),
        lambda a, y: (1 - y) / (1 - a) - y / a,
    ),
    "cross-entropy": (lambda a, y: -(y * np.log(a)).sum(axis=1), lambda a, y: -y / a),
}


def forward(X: Any, W: Any, b: Any, names: Any) -> tuple[list[Any], list[Any]]:
    """The weighted inputs z^1 … z^L and the activations a^0 = X, a^1, …, a^L."""
    zs, activations = [], [X]
    for w, c, name in zip(W, b, names, strict=True):
        zs.append(activations[-1] @ w.T + c)
        activations.append(softmax(zs[-1]) if name == "softmax" else ACTIVATIONS[name][0](zs[-1]))
    return zs, activations


def cost(X: Any, Y: Any, W: Any, b: Any, names: Any, cost_name: str, lam: float = 0.0) -> float:
    """Mean cost of the samples, plus λ/2 ‖W‖²."""
    a = forward(X, W, b, names)[1][-1]
    penalty = lam / 2 * sum((w**2).sum() for w in W)
    return float(COSTS[cost_name][0](a, Y).mean() + penalty)


def through(slope: Any, z: Any, a: Any, name: str) -> Any:
    """From ∂C/∂a to ∂C/∂z; softmax mixes all neurons of a sample."""
    if name == "softmax":
        return a * (slope - (slope * a).sum(axis=1, keepdims=True))
    return slope * ACTIVATIONS[name][1](z, a)


def backprop(
    X: Any, Y: Any, W: Any, b: Any, names: Any, cost_name: str, lam: float = 0.0
) -> tuple[list[Any], list[Any]]:
    """∂C/∂W^l and ∂C/∂b^l of all layers."""
    zs, activations = forward(X, W, b, names)
    depth = len(W)
    dW, db = [None] * depth, [None] * depth
    slope = COSTS[cost_name][1](activations[-1], Y) / len(X)
    for l in range(depth - 1, -1, -1):
        delta = through(slope, zs[l], activations[l + 1], names[l])
        dW[l] = delta.T @ activations[l] + lam * W[l] if lam else delta.T @ activations[l]
        db[l] = delta.sum(axis=0)
        if l > 0:
            slope = delta @ W[l]
    return dW, db


def initial(layers: Any, seed: int) -> tuple[list[Any], list[Any]]:
    """Normal weights of variance 1/n_{l-1}, biases 0."""
    draw = np.random.default_rng(seed)
    W = [draw.standard_normal((n, k)) / math.sqrt(k) for k, n in pairwise(layers)]
    return W, [np.zeros(n) for n in layers[1:]]


def batches(count: int, size: int, draw: np.random.Generator) -> Iterator[Any]:
    """All sample numbers, shuffled, in lots of ``size``."""
    order = draw.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


def sgd(
    gradient: Callable[..., Any],
    X: Any,
    Y: Any,
    W: Any,
    b: Any,
    *,
    rate: float,
    epochs: int,
    size: int,
    seed: int,
) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yields the parameters after each epoch; ``gradient(X, Y, W, b)`` is anybody's."""
    draw = np.random.default_rng(seed)
    W, b = [w.copy() for w in W], [c.copy() for c in b]
    for _ in range(epochs):
        for lot in batches(len(X), size, draw):
            dW, db = gradient(X[lot], Y[lot], W, b)
            for parameter, slope in zip(W + b, dW + db, strict=True):
                parameter -= rate * slope
        yield W, b
