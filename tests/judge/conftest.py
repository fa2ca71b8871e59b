"""A second meaning of terms, in floating point: a forward pass and differences, nothing of ours.

``LittleNetwork`` reads the same term trees as the judge, but knows only NumPy: it runs the network
forward, cuts a quantity loose by adding a small number to it, and takes central differences.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Basic, Integer, Rational

from symbackprop.judge import Witness
from symbackprop.language import terms as t
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, Program, l
from symbackprop.networks.network import Network

STEP = 1e-4
Cut = tuple[str, int | None, tuple[int, ...], float]


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


SIGMA = {
    "identity": lambda u: u,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda u: np.where(u > 0, u, 0.0),
    "leaky-relu": lambda u: np.where(u > 0, u, u / 100),
    "softplus": lambda u: np.log1p(np.exp(u)),
    "gelu": lambda u: u * (1 + np.vectorize(math.erf)(u / math.sqrt(2))) / 2,
    "silu": lambda u: u * sigmoid(u),
    "unspecified": lambda u: np.sin(u) + u * u / 5,
}
COST = {
    "quadratic": lambda a, y: ((a - y) ** 2).sum(axis=0) / 2,
    "sum-of-squares": lambda a, y: ((a - y) ** 2).sum(axis=0),
    "mse": lambda a, y: ((a - y) ** 2).mean(axis=0),
    "binary-cross-entropy": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=0),
    "cross-entropy": lambda a, y: -(y * np.log(a)).sum(axis=0),
    "unspecified": lambda a, y: (np.sin(a) * y).sum(axis=0) + a.sum(axis=0) ** 2 / 3,
}
FUNCTIONS = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs,
    "erf": np.vectorize(math.erf),
    "step": lambda u: np.where(u > 0, 1.0, 0.0),
    "max0": lambda u: np.where(u > 0, u, 0.0),
}  # fmt: skip


@dataclass
class LittleNetwork:
    """Numbers for all parameters, by name (``w^1``, ``b^1``, ``a^0``, ``y``, ``lambda``)."""

    network: Network
    widths: tuple[int, ...]
    values: dict[str, Any]
    layer: int | None = None
    samples: int = 2
    cuts: list[Cut] = field(default_factory=list)
    known: dict[Any, Any] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        return len(self.widths) - 1

    def activation(self, layer: int) -> str:
        rows = self.network.activations
        if len(rows) == self.depth:
            return rows[layer - 1].name
        return rows[-1 if layer == self.depth else 0].name

    def given(self, name: str, *shape: int) -> np.ndarray:
        if name not in self.values:
            return np.full(shape, 0.75)
        array = np.array(self.values[name], dtype=float)
        assert array.shape == shape, (name, array.shape, shape)
        return array

    def loose(self, name: str, layer: int | None, array: np.ndarray) -> np.ndarray:
        for cut_name, cut_layer, place, h in self.cuts:
            if (cut_name, cut_layer) == (name, layer):
                array = np.array(array, dtype=float)
                array[place] += h
        return array

    def state(self) -> dict[tuple[str, int | None], np.ndarray]:
        """Every quantity in its layout, with what is cut loose moved."""
        key = tuple(self.cuts)
        if key not in self.known:
            self.known[key] = self.forward()
        return self.known[key]

    def forward(self) -> dict[tuple[str, int | None], np.ndarray]:
        """Neurons first and samples second while it runs; a batch in rows is turned at the end."""
        net, batch = self.network, self.network.batch
        data = () if batch is None else (self.samples,)
        turned = (lambda x: x.T) if batch == "rows" else (lambda x: x)

        def own(name, layer, inner):
            return turned(self.loose(name, layer, turned(inner)))

        found: dict[tuple[str, int | None], np.ndarray] = {}
        shape = (self.widths[0], *data)
        a = own("a", 0, turned(self.given("a^0", *(shape[::-1] if batch == "rows" else shape))))
        found["a", 0] = a
        for n in range(1, self.depth + 1):
            w = self.loose("w", n, self.given(f"w^{n}", self.widths[n], self.widths[n - 1]))
            b = self.loose("b", n, self.given(f"b^{n}", self.widths[n]))
            bias = (b if batch is None else b[:, None]) if net.biases else 0.0
            z = own("z", n, w @ a + bias)
            a = own("a", n, self.output(n, z))
            found |= {("w", n): w, ("b", n): b, ("z", n): z, ("a", n): a}
        shape = (self.widths[-1], *data)
        y = turned(self.given("y", *(shape[::-1] if batch == "rows" else shape)))
        if net.cost_row.sums_to_one:
            y = y / y.sum(axis=0)
        found["y", None] = y = own("y", None, y)
        cost = COST[net.cost](a, y)
        if batch is not None:
            cost = cost.mean() if net.reduction == "mean" else cost.sum()
        found["C", None] = np.asarray(cost)
        found["lambda", None] = lam = self.loose("lambda", None, self.given("lambda"))
        squares = sum((found["w", n] ** 2).sum() for n in range(1, self.depth + 1))
        found["J", None] = cost + lam / 2 * squares
        if batch == "rows":
            found |= {k: v.T for k, v in found.items() if k[0] in "zay"}
        return found

    def output(self, layer: int, z: np.ndarray) -> np.ndarray:
        if self.activation(layer) == "softmax":
            e = np.exp(z - z.max(axis=0))
            return e / e.sum(axis=0)
        return SIGMA[self.activation(layer)](z)

    # -- terms --------------------------------------------------------------------------------
    def number(self, layer: Basic) -> int:
        return int(layer.subs({L: self.depth, **({l: self.layer} if self.layer else {})}))

    def size(self, size: t.Size) -> int:
        return self.samples if size.of == t.SAMPLES else self.widths[self.number(size.of)]

    def value(self, term: Basic, env: dict[Basic, int]) -> Any:
        """A float, a column (n, 1) or a matrix."""
        return getattr(self, f"_{type(term).__name__.lower()}", self._rational)(term, env)

    def _rational(self, term, env):
        assert isinstance(term, Rational), term
        return float(term)

    def _place(self, term, env):
        return tuple((int(i) if isinstance(i, Integer) else env[i]) - 1 for i in term.indices)

    def _ref(self, term, env):
        layer = None if term.layer is None else self.number(term.layer)
        if term.name == "pi":
            return math.pi
        if term.name == "delta":
            return self._error(term, layer, env)
        array = self.state()[term.name, layer]
        if term.indices:
            return float(array[self._place(term, env)])
        return array[:, None] if array.ndim == 1 else array if array.ndim else float(array)

    def _error(self, term, layer, env):
        z = self.state()["z", layer]
        C = t.Ref("C")
        if term.indices:
            return self._slope(C, ("z", layer, self._place(term, env)), env)
        entries = [self._slope(C, ("z", layer, p), env) for p in np.ndindex(*z.shape)]
        array = np.array(entries).reshape(z.shape)
        return array[:, None] if array.ndim == 1 else array

    def _slope(self, of, target, env):
        """``∂E/∂v`` of one entry v, by central differences of two widths (error h⁴)."""

        def at(h):
            self.cuts.append((*target, h))
            try:
                return np.asarray(self.value(of, env))
            finally:
                self.cuts.pop()

        h = STEP * 20 ** (len(self.cuts) + 1)
        narrow = (at(h / 2) - at(-h / 2)) / h
        wide = (at(h) - at(-h)) / (2 * h)
        found = (4 * narrow - wide) / 3
        return float(found) if found.ndim == 0 else found

    def _partial(self, term, env):
        by = term.by
        layer = None if by.layer is None else self.number(by.layer)
        array = np.asarray(self.state()[by.name, layer])
        if by.indices or array.ndim == 0:
            return self._slope(term.of, (by.name, layer, self._place(by, env)), env)
        entries = [self._slope(term.of, (by.name, layer, p), env) for p in np.ndindex(*array.shape)]
        if isinstance(entries[0], float):
            found = np.array(entries).reshape(array.shape)
            return found[:, None] if found.ndim == 1 else found
        return np.concatenate(entries, axis=1)  # a Jacobian: one column for each entry of v

    def _plus(self, term, env):
        return sum(self.value(arg, env) for arg in term.args)

    def _times(self, term, env):
        return math.prod(self.value(arg, env) for arg in term.args)

    def _hadamard(self, term, env):
        return math.prod(self.value(arg, env) for arg in term.args)

    def _power(self, term, env):
        return self.value(term.args[0], env) ** int(term.args[1])

    def _quotient(self, term, env):
        return self.value(term.args[0], env) / self.value(term.args[1], env)

    def _size(self, term, env):
        return float(self.size(term))

    def _kron(self, term, env):
        one, two = (int(i) if isinstance(i, Integer) else env[i] for i in term.args)
        return float(one == two)

    def _sum(self, term, env):
        places = range(1, self.size(term.size) + 1)
        return sum(self.value(term.body, {**env, term.index: n}) for n in places)

    def _layersum(self, term, env):
        layers = range(self.number(term.lo), self.number(term.hi) + 1)
        return sum(self.value(term.body.xreplace({term.letter: Integer(n)}), env) for n in layers)

    def _chain(self, term, env):
        layers = range(self.number(term.hi), self.number(term.lo) - 1, -1)
        bodies = [self.value(term.body.xreplace({term.letter: Integer(n)}), env) for n in layers]
        return np.linalg.multi_dot(bodies) if len(bodies) > 1 else bodies[0]

    def _fn(self, term, env):
        return FUNCTIONS[term.name](self.value(term.arg, env))

    def _act(self, term, env):
        sigma = SIGMA[self.activation(self.number(term.layer))]
        u, h = np.asarray(self.value(term.arg, env)), 1e-3
        for _ in range(term.order):
            sigma = _differentiated(sigma, h)
        found = sigma(u)
        return float(found) if np.ndim(found) == 0 else found

    def _matmul(self, term, env):
        product = self.value(term.args[0], env)
        for factor in term.args[1:]:
            product = product @ self.value(factor, env)
        return float(product[0, 0]) if product.shape == (1, 1) and _scalar(term) else product

    def _transpose(self, term, env):
        return self.value(term.args[0], env).T

    def _diag(self, term, env):
        return np.diag(self.value(term.args[0], env)[:, 0])

    def _ones(self, term, env):
        return np.ones((self.size(term.args[0]), 1))

    def _identity(self, term, env):
        return np.eye(self.size(term.args[0]))

    def _column(self, term, env):
        index = term.args[1]
        place = (int(index) if isinstance(index, Integer) else env[index]) - 1
        matrix = self.value(term.args[0], env)
        return float(matrix[0, place]) if matrix.shape[0] == 1 else matrix[:, [place]]


def _scalar(term) -> bool:
    return isinstance(term.args[0], t.Transpose)


def _differentiated(f, h):
    def narrow(u):
        return (8 * (f(u + h) - f(u - h)) - (f(u + 2 * h) - f(u - 2 * h))) / (12 * h)

    return narrow


def number(text: str) -> float:
    """``-3/4`` or ``≈ 0.25`` as a float."""
    return float(Fraction(text)) if "≈" not in text else float(text.replace("≈", ""))


def array(text: str) -> Any:
    """``[[1, 1/2], [0, -1]]`` as nested lists of floats."""
    quoted = re.sub(r"-?\d+(/\d+)?", lambda m: f'"{m.group()}"', text)

    def walk(value):
        return [walk(v) for v in value] if isinstance(value, list) else float(Fraction(value))

    return walk(json.loads(quoted))


def at_witness(network: Network, witness: Witness) -> LittleNetwork:
    """The network of a witness, with the witness's numbers."""
    values = {name: array(text) for name, text in witness.values.items()}
    samples = 2
    if network.batch is not None and "y" in values:
        samples = np.shape(values["y"])[1 if network.batch == "columns" else 0]
    return LittleNetwork(network, witness.widths, values, witness.layer, samples)


def drawn(network: Network, widths, seed: int, layer=None, samples: int = 3) -> LittleNetwork:
    """A network with random numbers; targets and data between 0.1 and 0.9."""
    rng = np.random.default_rng(seed)
    axes = {None: lambda n: (n,), "columns": lambda n: (n, samples), "rows": lambda n: (samples, n)}
    entry = axes[network.batch]
    values: dict[str, Any] = {
        "a^0": rng.uniform(0.1, 0.9, entry(widths[0])),
        "y": rng.uniform(0.1, 0.9, entry(widths[-1])),
        "lambda": rng.uniform(0.1, 0.9),
    }
    for n in range(1, len(widths)):
        values[f"w^{n}"] = rng.normal(size=(widths[n], widths[n - 1]))
        values[f"b^{n}"] = rng.normal(size=widths[n])
    return LittleNetwork(network, tuple(widths), values, layer, samples)


def sides(little: LittleNetwork, statement: Statement, program: Program, seed: int) -> list[Any]:
    """All sides, one array each, at up to three index values (those of the conditions only)."""
    ranges = statement.ranges(program)
    letters = sorted(ranges, key=str)
    places = list(itertools.product(*(range(1, little.size(ranges[x]) + 1) for x in letters)))
    random.Random(seed).shuffle(places)
    envs = [dict(zip(letters, place, strict=True)) for place in places]
    envs = [e for e in envs if all(e.get(x, x) != e.get(o, o) for x, o in statement.unequal)]
    return [
        np.array([np.asarray(little.value(side, env), dtype=float) for env in envs[:3]])
        for side in statement.sides
    ]


def agree(little: LittleNetwork, statement: Statement, program: Program, seed: int) -> bool:
    """Whether all sides are the same numbers, to six digits."""
    first, *others = sides(little, statement, program, seed)
    scale = 1 + np.abs(first).max(initial=0)
    return all(np.allclose(first, other, rtol=1e-5, atol=1e-6 * scale) for other in others)


@dataclass(frozen=True)
class Numbers:
    """What the tests of this folder use of this module."""

    at_witness: Any = at_witness
    drawn: Any = drawn
    number: Any = number
    agree: Any = agree
    LittleNetwork: Any = LittleNetwork


@pytest.fixture(scope="session")
def numbers() -> Numbers:
    return Numbers()
