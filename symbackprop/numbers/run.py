"""One example, forward, backward and through its updates, with or without a slip.

Every quantity is computed from those before it by one rule, so that a number that an author printed
can be put in place of the true one (``pinned``) and everything behind it follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mpmath import mp, mpf

from symbackprop.numbers.problem import Problem

DIGITS = 40
EXACT_UPDATES = 60  # more of them are computed in double precision
Array = list[Any]


@dataclass(frozen=True)
class Slip:
    """What an author may have done instead; every field is one classic slip."""

    id: str = ""
    says: str = ""
    updated_weights: bool = False
    keep_biases: bool | None = None
    own_bias: bool = False
    turned_back: bool = False
    turned_forward: bool = False
    uphill: bool = False
    no_slope_at: str = ""
    slope_at_a: bool = False
    slope_of: str = ""
    factor: str = ""
    no_bias: bool = False
    no_eta: bool = False
    swapped: bool = False
    raw_error: bool = False


@dataclass
class Run:
    """The numbers of one pass: ``get("z1")`` and so on; arrays are samples × entries."""

    problem: Problem
    slip: Slip = Slip()
    pinned: Mapping[tuple[str, int], Mapping[int, Any]] = field(default_factory=dict)
    number: Callable[[Any], Any] = mpf

    def __post_init__(self) -> None:
        p, n = self.problem, self.number
        self.W = [[[n(str(v)) for v in row] for row in table] for table in p.W]
        self.b = [
            [n(str(v)) for v in row or (0,) * k] for row, k in zip(p.b, p.layers[1:], strict=True)
        ]
        self.x = [[n(str(v)) for v in row] for row in p.x]
        self.y = [[n(str(v)) for v in row] for row in p.y]
        if self.slip.no_bias:
            self.b = [[n(0)] * len(row) for row in self.b]
        if self.slip.turned_forward:
            self.W = [_turned(t) if len(t) == len(t[0]) else t for t in self.W]
        self.eta = n(str(p.eta)) if not self.slip.no_eta else n(1)

    def states(self, last: int) -> list[dict[str, Array]]:
        """All quantities before the first update, after one, …, after ``last``."""
        return list(self.passes(last))

    def passes(self, last: int) -> Iterator[dict[str, Array]]:
        """The same, one by one."""
        for update in range(last + 1):
            state = self._pass(update)
            yield state
            self._update(state)

    def final(self, updates: int) -> dict[str, Array]:
        """The quantities after many updates."""
        for update in range(updates):
            self._update(self._pass(update))
        return self._pass(updates)

    # -- one pass ------------------------------------------------------------------------------

    def _pass(self, update: int) -> dict[str, Array]:
        p, depth = self.problem, len(self.problem.layers) - 1
        self._pins = {q: pins for (q, at), pins in self.pinned.items() if at == update}
        s: dict[str, Array] = {}
        for layer in range(1, depth + 1):
            s[f"W{layer}"] = self._shown(self.W[layer - 1])
            s[f"b{layer}"] = self._bias(self.b[layer - 1])
        s["a0"] = self.x
        for layer in range(1, depth + 1):
            w, b = self.W[layer - 1], self.b[layer - 1]
            before = s[f"a{layer - 1}"]
            z = [[_dot(row, v) + c for row, c in zip(w, b, strict=True)] for v in before]
            s[f"z{layer}"] = self._pin(f"z{layer}", z)
            a = [_activated(p.activations[layer - 1], v) for v in s[f"z{layer}"]]
            s[f"a{layer}"] = self._pin(f"a{layer}", a)
        self._cost(s, depth)
        self._back(s, depth)
        return s

    def _pin(self, name: str, value: Array) -> Array:
        """The printed numbers in place of the true ones, where they are to stand."""
        pins = self._pins.get(name)
        if not pins:
            return value
        flat = [entry for row in value for entry in row]
        flat = [pins.get(place, entry) for place, entry in enumerate(flat)]
        width = len(value[0])
        return [flat[at : at + width] for at in range(0, len(flat), width)]

    def _shown(self, w: Array) -> Array:
        return _turned(w) if self.problem.turned else w

    def _bias(self, b: Array) -> Array:
        return [[b[0]]] if self.problem.biases == "shared" and not self.slip.own_bias else [b]

    def _cost(self, s: dict[str, Array], depth: int) -> None:
        p, n = self.problem, self.number
        outputs, targets = s[f"a{depth}"], self.y
        if self.slip.swapped:
            outputs, targets = targets, outputs
        scale = self._scale()
        rows = [
            [scale * _entry(p.cost, a, y, n) for a, y in zip(av, yv, strict=True)]
            for av, yv in zip(outputs, targets, strict=True)
        ]
        s["costs"] = self._pin("costs", rows)
        m = len(self.x) if p.mean else 1
        s["C"] = self._pin("C", [[sum((sum(row) for row in s["costs"]), n(0)) / m]])

    def _scale(self) -> Any:
        n = self.number
        usual = n(1) / self.problem.layers[-1] if self.problem.cost == "mse" else n(1)
        changed = {"½": n(1) / 2, "2": n(2), "1/n": n(1) / self.problem.layers[-1]}
        return usual * changed.get(self.slip.factor, n(1))

    def _back(self, s: dict[str, Array], depth: int) -> None:
        p, n = self.problem, self.number
        m = n(len(self.x) if p.mean else 1)
        outputs = s[f"a{depth}"]
        slopes = [
            [self._scale() * _cost_slope(p.cost, a, y, n) / m for a, y in zip(av, yv, strict=True)]
            for av, yv in zip(outputs, self.y, strict=True)
        ]
        sign = -1 if self.slip.raw_error else 1
        s[f"da{depth}"] = self._pin(f"da{depth}", [[sign * v for v in row] for row in slopes])
        s["dy"] = [
            [
                self._scale() * _target_slope(p.cost, a, y, n) / m
                for a, y in zip(av, yv, strict=True)
            ]
            for av, yv in zip(outputs, self.y, strict=True)
        ]
        for layer in range(depth, 0, -1):
            self._error(s, layer, depth)
            self._gradients(s, layer)
            w = self._way_back(s, layer)
            parts = [
                [[d * v for v in row] for d, row in zip(dv, w, strict=True)]
                for dv in s[f"delta{layer}"]
            ]
            below = "dx" if layer == 1 else f"da{layer - 1}"
            if layer > 1:
                s[f"paths{layer - 1}"] = [row for sample in parts for row in sample]
            summed = [
                [sum(column, n(0)) for column in zip(*sample, strict=True)] for sample in parts
            ]
            s[below] = self._pin(below, summed)

    def _way_back(self, s: dict[str, Array], layer: int) -> Array:
        w = self.W[layer - 1]
        if self.slip.updated_weights and layer > 1:
            w = _moved(w, self._inner(s[f"dW{layer}"]), self.eta)
        return _turned(w) if self.slip.turned_back and len(w) == len(w[0]) else w

    def _inner(self, shown: Array) -> Array:
        return _turned(shown) if self.problem.turned else shown

    def _error(self, s: dict[str, Array], layer: int, depth: int) -> None:
        slip, name = self.slip, self.problem.activations[layer - 1]
        place = "output" if layer == depth else "hidden"
        if slip.slope_of and layer < depth and name != "softmax":
            name = self.problem.activations[-1] if slip.slope_of == "output" else name
        if name == "softmax":
            s[f"delta{layer}"] = self._pin(
                f"delta{layer}",
                [
                    [a * (g - _dot(gv, av)) for a, g in zip(av, gv, strict=True)]
                    for av, gv in zip(s[f"a{layer}"], s[f"da{layer}"], strict=True)
                ],
            )
            return
        at = s[f"a{layer}"] if slip.slope_at_a else s[f"z{layer}"]
        slopes = [[_slope(name, v) for v in row] for row in at]
        if not slip.slope_at_a and f"a{layer}" in self._pins and name in ("sigmoid", "tanh"):
            slopes = [[_by_a(name, v) for v in row] for row in s[f"a{layer}"]]
        if slip.no_slope_at in (place, "all"):
            slopes = [[self.number(1)] * len(row) for row in slopes]
        s[f"slope{layer}"] = self._pin(f"slope{layer}", slopes)
        delta = [
            [g * v for g, v in zip(gv, sv, strict=True)]
            for gv, sv in zip(s[f"da{layer}"], s[f"slope{layer}"], strict=True)
        ]
        s[f"delta{layer}"] = self._pin(f"delta{layer}", delta)

    def _gradients(self, s: dict[str, Array], layer: int) -> None:
        n, errors, before = self.number, s[f"delta{layer}"], s[f"a{layer - 1}"]
        width, inputs = len(errors[0]), len(before[0])
        dw = [
            [
                sum((e[j] * a[k] for e, a in zip(errors, before, strict=True)), n(0))
                for k in range(inputs)
            ]
            for j in range(width)
        ]
        s[f"dW{layer}"] = self._pin(f"dW{layer}", self._shown(dw))
        db = [sum((e[j] for e in errors), n(0)) for j in range(width)]
        shared = self.problem.biases == "shared" and not self.slip.own_bias
        s[f"db{layer}"] = self._pin(f"db{layer}", [[sum(db, n(0))]] if shared else [db])
        for kind in ("W", "b"):
            steps = [[self.eta * v for v in row] for row in s[f"d{kind}{layer}"]]
            s[f"step_{kind}{layer}"] = self._pin(f"step_{kind}{layer}", steps)

    def _update(self, s: dict[str, Array]) -> None:
        keep = self.problem.keep_biases if self.slip.keep_biases is None else self.slip.keep_biases
        sign = -1 if self.slip.uphill else 1
        for at, own in enumerate(self.W):
            layer = at + 1
            steps = self._inner(s[f"step_W{layer}"])
            self.W[at] = _moved(own, steps, sign)
            if keep or self.problem.biases == "none":
                continue
            (step,) = s[f"step_b{layer}"]
            step = step * len(self.b[at]) if len(step) == 1 else step
            self.b[at] = [v - sign * d for v, d in zip(self.b[at], step, strict=True)]


def _dot(one: Sequence[Any], other: Sequence[Any]) -> Any:
    return sum((u * v for u, v in zip(one, other, strict=True)), 0 * one[0])


def _turned(table: Array) -> Array:
    return [list(row) for row in zip(*table, strict=True)]


def _moved(table: Array, steps: Array, rate: Any) -> Array:
    return [
        [v - rate * d for v, d in zip(row, step, strict=True)]
        for row, step in zip(table, steps, strict=True)
    ]


def _exp(v: Any) -> Any:
    return math.exp(v) if isinstance(v, float) else mp.exp(v)


def _log(v: Any) -> Any:
    return math.log(v) if isinstance(v, float) else mp.log(v)


def _activated(name: str, z: Array) -> Array:
    if name == "softmax":
        powers = [_exp(v) for v in z]
        return [v / sum(powers) for v in powers]
    return [_VALUES[name](v) for v in z]


_VALUES: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + _exp(-z)),
    "tanh": lambda z: math.tanh(z) if isinstance(z, float) else mp.tanh(z),
    "relu": lambda z: max(z, 0 * z),
}


def _slope(name: str, z: Any) -> Any:
    if name in ("sigmoid", "tanh"):
        return _by_a(name, _VALUES[name](z))
    return 0 * z + 1 if name == "identity" or z > 0 else 0 * z


def _by_a(name: str, a: Any) -> Any:
    return a * (1 - a) if name == "sigmoid" else 1 - a * a


def _entry(cost: str, a: Any, y: Any, n: Callable[[Any], Any]) -> Any:
    if cost == "output":
        return a
    if cost == "cross-entropy":
        return -y * _log(a) if y else n(0)
    if cost == "binary-cross-entropy":
        first = y * _log(a) if y else n(0)
        return -(first + ((1 - y) * _log(1 - a) if y != 1 else n(0)))
    return (a - y) ** 2 * (n(1) / 2 if cost == "quadratic" else n(1))


def _cost_slope(cost: str, a: Any, y: Any, n: Callable[[Any], Any]) -> Any:
    if cost == "output":
        return n(1)
    if cost == "cross-entropy":
        return -y / a
    if cost == "binary-cross-entropy":
        return (1 - y) / (1 - a) - y / a if y not in (0, 1) else (-1 / a if y else 1 / (1 - a))
    return (a - y) * (1 if cost == "quadratic" else 2)


def _target_slope(cost: str, a: Any, y: Any, n: Callable[[Any], Any]) -> Any:
    if cost in ("quadratic", "sum-of-squares", "mse"):
        return -_cost_slope(cost, a, y, n)
    return n(0)
