"""Activations and their slopes, in plain NumPy: ``a = value(z)``, samples in rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.numeric.functions import erf

Array = NDArray[Any]


def logistic(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def _normal(z: Array) -> Array:
    return (1 + erf(z / math.sqrt(2))) / 2


BELL = math.sqrt(2 / math.pi)


def _nearly(z: Array) -> Array:
    """tanh of this is nearly erf(z/√2)."""
    return BELL * (z + 0.044715 * z**3)


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Curve:
    """``a = value(z)`` and ``slope`` of each entry; ``by_a``: the slope from a, if it has one."""

    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    by_a: Callable[[Array], Array] | None = None
    kinked: bool = False


CURVES: dict[str, Curve] = {
    "sigmoid": Curve(logistic, lambda z: logistic(z) * (1 - logistic(z)), lambda a: a * (1 - a)),
    "tanh": Curve(np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda a: 1 - a**2),
    "relu": Curve(
        lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, lambda a: (a > 0) * 1.0, kinked=True
    ),
    "identity": Curve(lambda z: z, np.ones_like, np.ones_like),
    "leaky-relu": Curve(
        lambda z: np.where(z > 0, z, z / 100), lambda z: np.where(z > 0, 1, 1 / 100), kinked=True
    ),
    "elu": Curve(
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: np.exp(np.minimum(z, 0)),
        lambda a: np.where(a > 0, 1, a + 1),
    ),
    "softplus": Curve(lambda z: np.log1p(np.exp(z)), logistic),
    "silu": Curve(
        lambda z: z * logistic(z),
        lambda z: logistic(z) * (1 + z * (1 - logistic(z))),
    ),
    "gelu": Curve(
        lambda z: z * _normal(z),
        lambda z: _normal(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi),
    ),
    "gelu-tanh": Curve(
        lambda z: z * (1 + np.tanh(_nearly(z))) / 2,
        lambda z: (
            (1 + np.tanh(_nearly(z))) / 2
            + z * (1 - np.tanh(_nearly(z)) ** 2) * BELL * (1 + 3 * 0.044715 * z**2) / 2
        ),
    ),
}
