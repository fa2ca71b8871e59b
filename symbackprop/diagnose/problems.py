"""Probe networks and their true gradients, with every quantity on the way.

Samples are rows: X (m, n_0), Y (m, n_L), W[l] (n_l, n_{l-1}), b[l] (n_l,), l = 1 … L; the cost is
the mean over the samples plus ``penalty`` λ ‖W‖².  This is plain NumPy, apart from the trainer and
from the compiled gradients; the tests hold all three against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from symbackprop.diagnose.curves import CURVES, Array, Curve, softmax
from symbackprop.errors import InputError, nearest

# cost of each sample, and ∂C/∂a
COSTS: dict[str, tuple[Callable[[Array, Array], Array], Callable[[Array, Array], Array]]] = {
    "quadratic": (lambda a, y: ((a - y) ** 2).sum(axis=1) / 2, lambda a, y: a - y),
    "mse": (lambda a, y: ((a - y) ** 2).mean(axis=1), lambda a, y: 2 * (a - y) / a.shape[1]),
    "binary-cross-entropy": (
        lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1),
        lambda a, y: (1 - y) / (1 - a) - y / a,
    ),
    "cross-entropy": (lambda a, y: -(y * np.log(a)).sum(axis=1), lambda a, y: -y / a),
}

# J = C + penalty(λ, m) ‖W‖²
PENALTIES: dict[str, Callable[[float, int], float]] = {
    "none": lambda lam, m: 0.0,
    "lambda/2": lambda lam, m: lam / 2,
    "lambda": lambda lam, m: lam,
    "lambda/(2m)": lambda lam, m: lam / (2 * m),
    "lambda/m": lambda lam, m: lam / m,
}


@dataclass(frozen=True)
class Setting:
    """What a gradient is the gradient of: activations, cost, penalty on the weights."""

    hidden: str = "sigmoid"
    output: str = "sigmoid"
    cost: str = "quadratic"
    penalty: str = "none"

    def __post_init__(self) -> None:
        for word, known in (
            (self.hidden, CURVES), (self.output, [*CURVES, "softmax"]), (self.cost, COSTS),
            (self.penalty, PENALTIES),
        ):  # fmt: skip
            if word not in known:
                raise InputError(f"unknown {word!r}", expected=nearest(word, known))

    def __str__(self) -> str:
        return f"{self.hidden} hidden, {self.at_depth(1)}"

    def at_depth(self, depth: int) -> str:
        """In words; with one layer there is nothing hidden."""
        penalty = "" if self.penalty == "none" else f", penalty {self.penalty} ‖W‖²"
        return str(self) if depth > 1 else f"{self.output} output, {self.cost} cost{penalty}"


@dataclass(frozen=True)
class Point:
    """One probe: data and parameters.  Layers are counted from 1: ``W[l - 1]``, ``b[l - 1]``.

    A layer whose units share one bias has b of shape (1,).
    """

    X: Array
    Y: Array
    W: tuple[Array, ...]
    b: tuple[Array, ...]
    lam: float = 0.23
    eta: float = 0.37
    keep: float = 0.5

    @property
    def layers(self) -> tuple[int, ...]:
        return (self.X.shape[1], *(w.shape[0] for w in self.W))

    @property
    def samples(self) -> int:
        return len(self.X)

    @property
    def depth(self) -> int:
        return len(self.W)

    def sample(self, number: int) -> Point:
        """The same parameters with one sample."""
        return replace(self, X=self.X[number : number + 1], Y=self.Y[number : number + 1])


Gradients = dict[str, Array]
Spoil = Callable[["Flow", int], Array]
Spoils = Mapping[tuple[str, int], Spoil]


@dataclass
class Flow:
    """Forward and backward pass at a point; a spoil replaces what a stage gives at a layer.

    Stages, in order: ``outputs`` a^L; ``error`` δ^L; ``back`` (δ^{l+1} W^{l+1}); ``slope`` σ'(z^l);
    ``delta`` δ^l; ``samples`` the samples that count; ``below`` the left factor of δ^l a^{l-1};
    ``weights`` and ``biases`` the data part of ∂C/∂W^l and ∂C/∂b^l; ``decay`` and ``bias_decay``
    the penalty's part.
    """

    point: Point
    setting: Setting
    spoils: Spoils = field(default_factory=dict)
    _deltas: dict[int, Array] = field(default_factory=dict)

    @cached_property
    def depth(self) -> int:
        return self.point.depth

    @cached_property
    def _forward(self) -> tuple[list[Array], list[Array]]:
        z: list[Array] = []
        a = [self.point.X]
        for l, (w, b) in enumerate(zip(self.point.W, self.point.b, strict=True), start=1):
            z.append(a[-1] @ w.T + b)
            name = self.activation(l)
            a.append(softmax(z[-1]) if name == "softmax" else CURVES[name].value(z[-1]))
        return z, a

    def activation(self, l: int) -> str:
        return self.setting.output if l == self.depth else self.setting.hidden

    def curve(self, l: int) -> Curve:
        name = self.activation(l)
        return CURVES["sigmoid" if name == "softmax" else name]

    def z(self, l: int) -> Array:
        return self._forward[0][l - 1]

    def a(self, l: int) -> Array:
        return self._outputs if l == self.depth else self._forward[1][l]

    @cached_property
    def _outputs(self) -> Array:
        spoil = self.spoils.get(("outputs", self.depth))
        return spoil(self, self.depth) if spoil else self._forward[1][-1]

    def true_a(self, l: int) -> Array:
        return self._forward[1][l]

    @cached_property
    def residual(self) -> Array:
        """a^L - y."""
        return self.a(self.depth) - self.point.Y

    def slope(self, l: int) -> Array:
        """σ'(z^l)."""
        return self.curve(l).slope(self.z(l))

    def true_error(self) -> Array:
        """δ^L of each sample: ∂C/∂a^L through the slope, or through the Jacobian of softmax."""
        a, y = self.a(self.depth), self.point.Y
        up = COSTS[self.setting.cost][1](a, y)
        if self.setting.output == "softmax":
            return a * (up - (up * a).sum(axis=1, keepdims=True))
        return up * self.slope(self.depth)

    def stage(self, name: str, l: int, true: Callable[[], Array]) -> Array:
        spoil = self.spoils.get((name, l))
        return spoil(self, l) if spoil else true()

    def delta(self, l: int) -> Array:
        """δ^l, kept once it is known."""
        if l not in self._deltas:
            if l == self.depth:
                self._deltas[l] = self.stage("error", l, self.true_error)
            else:
                self._deltas[l] = self.stage("delta", l, lambda: self.back(l) * self.factor(l))
        return self._deltas[l]

    def factor(self, l: int) -> Array:
        """What the error is multiplied with at layer l: σ'(z^l)."""
        return self.stage("slope", l, lambda: self.slope(l))

    def true_back(self, l: int) -> Array:
        return self.delta(l + 1) @ self.point.W[l]

    def back(self, l: int) -> Array:
        """(W^{l+1})^T δ^{l+1}, samples in rows."""
        return self.stage("back", l, lambda: self.true_back(l))

    def below(self, l: int) -> Array:
        """What stands beside δ^l in ∂C/∂W^l: a^{l-1}."""
        return self.stage("below", l, lambda: self.a(l - 1))

    def counted(self, l: int) -> Array:
        """δ^l of the samples that count, over m."""
        weight = self.stage("samples", l, lambda: np.ones((self.point.samples, 1)))
        return self.delta(l) * weight / self.point.samples

    def true_weights(self, l: int) -> Array:
        return self.counted(l).T @ self.below(l)

    def true_biases(self, l: int) -> Array:
        return self.summed(l, self.counted(l))

    def summed(self, l: int, errors: Array) -> Array:
        """Over the samples, and over the units that share one bias."""
        total = errors.sum(axis=0)
        return total if total.size == self.point.b[l - 1].size else total.sum(keepdims=True)

    @property
    def rate(self) -> float:
        """The factor of W in the gradient of the penalty."""
        return 2 * PENALTIES[self.setting.penalty](self.point.lam, self.point.samples)

    def true_decay(self, l: int) -> Array:
        return self.rate * self.point.W[l - 1]

    def gradients(self) -> Gradients:
        """``{"W1": ∂C/∂W^1, "b1": ∂C/∂b^1, …}``."""
        found: Gradients = {}
        with np.errstate(all="ignore"):
            for l in range(1, self.depth + 1):
                data = self.stage("weights", l, lambda l=l: self.true_weights(l))  # type: ignore[misc]
                decay = self.stage("decay", l, lambda l=l: self.true_decay(l))  # type: ignore[misc]
                found[f"W{l}"] = data + decay if self.rate else data
                bias = self.stage("biases", l, lambda l=l: self.true_biases(l))  # type: ignore[misc]
                extra = self.spoils.get(("bias_decay", l))
                found[f"b{l}"] = bias + extra(self, l) if extra else bias
        return found

    def cost(self) -> float:
        """Mean over the samples, plus the penalty."""
        a, y = self.true_a(self.depth), self.point.Y
        penalty = PENALTIES[self.setting.penalty](self.point.lam, self.point.samples)
        data = float(COSTS[self.setting.cost][0](a, y).mean())
        return data + penalty * sum(float((w**2).sum()) for w in self.point.W)


def truth(point: Point, setting: Setting) -> Gradients:
    """The true gradients of all weights and biases."""
    return Flow(point, setting).gradients()


def names_of(depth: int, biases: bool = True) -> list[str]:
    """``W1, b1, W2, b2, …``."""
    kinds = "Wb" if biases else "W"
    return [f"{kind}{l}" for l in range(1, depth + 1) for kind in kinds]
