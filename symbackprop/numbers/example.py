"""A worked example to do by hand: forward, errors, slopes, one step; each line with its numbers.

With nice numbers every weighted input is 0, ±ln 2 or ±ln 3 (for tanh half of that, for ReLU a small
whole number), so that every activation is a fraction: σ(ln 3) = 3/4, tanh(½ ln 3) = 1/2.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import sympy as sp
from mpmath import mp, mpf
from sympy import Basic, Expr, Integer, Rational

from symbackprop.derive.output import slope_at
from symbackprop.derive.setting import Setting
from symbackprop.errors import InputError
from symbackprop.language import terms as t
from symbackprop.language.binding import substitute
from symbackprop.language.terms import Ref, from_sympy, plus, times
from symbackprop.networks import forward as f
from symbackprop.networks.activations import a as a_symbol
from symbackprop.networks.costs import y as y_symbol
from symbackprop.networks.network import Network
from symbackprop.networks.tidy import written
from symbackprop.numbers.problem import ACTIVATIONS, COSTS, Problem
from symbackprop.numbers.run import DIGITS, Run

MOST = 24  # weights and biases that one can do by hand
TRIES = 80
Z = {
    "sigmoid": tuple(sp.log(n) for n in (2, 3)) + tuple(-sp.log(n) for n in (2, 3)) + (Integer(0),),
    "softmax": (Integer(0), sp.log(2), sp.log(3)),
    "tanh": tuple(s * sp.log(n) / 2 for n in (2, 3) for s in (1, -1)),
    "relu": (Integer(1), Integer(2), Integer(-1)),
    "identity": (Integer(1), Integer(2), Integer(-1)),
}  # fmt: skip
WEIGHTS = (Rational(1), Rational(-1), Rational(2), Rational(1, 2), Rational(-1, 2), Rational(-2))
ETA = Rational(1, 2)
DECIMALS = 6
LONGEST = 24  # characters of an exact result; a longer one is shown as a decimal


@dataclass(frozen=True)
class Line:
    """``quantity = formula = numbers = result``; a result that is no fraction is a decimal text."""

    part: str
    quantity: Basic
    formula: Basic
    numbers: Basic
    result: Basic | str


@dataclass(frozen=True)
class WorkedExample:
    """What is given, the lines in order, and the cost before and after one step."""

    network: Network
    given: tuple[tuple[Basic, Basic], ...]
    lines: tuple[Line, ...]
    eta: Rational
    before: str
    after: str
    problem: Problem


def fits(network: Network) -> bool:
    """Whether such an example can be made of a network."""
    names = {row.name for row in network.activations}
    known = names <= set(ACTIVATIONS) and network.cost in COSTS
    return known and not network.general and network.parameters <= MOST


def worked_example(network: Network, *, seed: int = 1) -> WorkedExample:
    """Fresh numbers for each seed, all of them exact fractions.  Raises ``InputError``.

    Every number is recomputed with 40 digits by a program that shares nothing with this one.
    """
    if not fits(network):
        raise InputError(
            "no example by hand for this network",
            expected=f"known activations and at most {MOST} weights and biases",
        )
    return _written(_nice(network, seed))


@dataclass
class _Numbers:
    """Exact numbers of one example; z, a, δ and the slopes as SymPy expressions."""

    network: Network
    x: list[Expr]
    y: list[Expr]
    W: list[list[list[Expr]]]
    b: list[list[Expr]]


def _nice(network: Network, seed: int) -> _Numbers:
    """The numbers with the smallest denominators among many tries."""
    draw = random.Random(seed)
    tries = [found for _ in range(TRIES) if (found := _try(network, draw)) is not None]
    if not tries:
        raise InputError("no nice numbers for this network", todo="give it biases")
    return min(tries, key=lambda pair: pair[0])[1]


def _targets(network: Network, draw: random.Random) -> list[Expr]:
    assert network.layers is not None
    width = network.layers[-1]
    if network.cost == "cross-entropy":
        right = draw.randrange(width)
        return [Integer(int(n == right)) for n in range(width)]
    return [Integer(draw.choice((0, 1))) for _ in range(width)]


def _try(network: Network, draw: random.Random) -> tuple[int, _Numbers] | None:
    """Weights and inputs at random, biases that make each z nice; how bad its fractions are."""
    assert network.layers is not None
    x = [Integer(draw.choice((1, 2, -1))) for _ in range(network.layers[0])]
    before: list[Expr] = x
    W: list[list[list[Expr]]] = []
    b: list[list[Expr]] = []
    worst = 1
    for width, row in zip(network.layers[1:], network.activations, strict=True):
        targets = [draw.choice(Z[row.name]) for _ in range(width)]
        if row.name == "relu" and width > 1:
            targets[:2] = [Integer(2), Integer(-1)]
            draw.shuffle(targets)
        own = [[draw.choice(WEIGHTS) for _ in before] for _ in range(width)]
        sums = [sum((w * a for w, a in zip(ws, before, strict=True)), Integer(0)) for ws in own]
        if not network.biases:
            if any(s not in Z[row.name] for s in sums):
                return None
            targets = sums
        W.append(own)
        b.append([z - s for z, s in zip(targets, sums, strict=True)])
        before = _activated(row.name, targets)
        worst = max(worst, *(sp.Rational(v).q for v in before))
    made = _Numbers(network, x, _targets(network, draw), W, b)
    state = _exact(made)
    slopes = [v for layer in state["dW"] for r in layer for v in r]
    if all(v == 0 for v in slopes) or not all(v.is_Rational for v in slopes):
        return None
    same = sum(a == o for o, a in zip(before, made.y, strict=True))
    return max(worst, *(int(v.q) for v in slopes)) + 1000 * same, made


def _activated(name: str, zs: list[Expr]) -> list[Expr]:
    if name == "softmax":
        powers = [sp.exp(z) for z in zs]
        return [p / sum(powers) for p in powers]
    table = {
        "sigmoid": lambda z: 1 / (1 + sp.exp(-z)),
        "tanh": lambda z: (sp.exp(2 * z) - 1) / (sp.exp(2 * z) + 1),
        "relu": lambda z: sp.Max(0, z),
        "identity": lambda z: z,
    }
    return [table[name](z) for z in zs]


def _exact(n: _Numbers) -> dict[str, list]:  # type: ignore[type-arg]
    """z, a, da, δ, dW and db of all layers, exactly; the rules are those of the derivation."""
    net = n.network
    zs: list[list[Expr]] = []
    activations: list[list[Expr]] = [n.x]
    for w, b, row in zip(n.W, n.b, net.activations, strict=True):
        zs.append([sp.expand(_dot(ws, activations[-1]) + c) for ws, c in zip(w, b, strict=True)])
        activations.append(_activated(row.name, zs[-1]))
    a_, y_ = sp.Symbol("a", real=True), sp.Symbol("y", real=True)
    slope = net.cost_row.slope
    assert slope is not None
    scale = Rational(1, len(n.y)) if net.cost_row.averaged else Integer(1)
    da = [[scale * slope.subs({a_: a, y_: y}) for a, y in zip(activations[-1], n.y, strict=True)]]
    deltas: list[list[Expr]] = []
    for layer in range(len(n.W), 0, -1):
        name, a = net.activations[layer - 1].name, activations[layer]
        if name == "softmax":
            delta = [u * (g - _dot(da[0], a)) for u, g in zip(a, da[0], strict=True)]
        else:
            delta = [g * s for g, s in zip(da[0], _slopes(name, zs[layer - 1], a), strict=True)]
        deltas.insert(0, delta)
        if layer > 1:
            columns = zip(*n.W[layer - 1], strict=True)
            da.insert(0, [_dot(list(column), delta) for column in columns])
    dW = [
        [[d * v for v in a] for d in delta] for delta, a in zip(deltas, activations, strict=False)
    ]
    return {"z": zs, "a": activations, "da": da, "delta": deltas, "dW": dW, "db": deltas}


def _slopes(name: str, zs: list[Expr], values: list[Expr]) -> list[Expr]:
    table = {
        "sigmoid": lambda z, a: a * (1 - a),
        "tanh": lambda z, a: 1 - a**2,
        "relu": lambda z, a: Integer(int(bool(z > 0))),
        "identity": lambda z, a: Integer(1),
    }
    return [table[name](z, a) for z, a in zip(zs, values, strict=True)]


def _dot(one: list[Expr], other: list[Expr]) -> Expr:
    return sum((u * v for u, v in zip(one, other, strict=True)), Integer(0))


# -- lines -----------------------------------------------------------------------------------------


def _written(n: _Numbers) -> WorkedExample:
    state = _exact(n)
    problem = _problem(n)
    _verified(state, problem)
    with mp.workdps(DIGITS):
        costs = [run["C"][0][0] for run in Run(problem).states(1)]
    writer = _Lines(n, state)
    return WorkedExample(
        n.network,
        tuple(writer.given()),
        tuple(writer.lines()),
        ETA,
        f"{mp.nstr(costs[0], 6)}",
        f"{mp.nstr(costs[1], 6)}",
        problem,
    )


def _problem(n: _Numbers) -> Problem:
    """The same numbers with 45 digits, for the program that recomputes published examples."""

    def digits(v: Expr) -> Decimal:
        return Decimal(str(sp.N(v, 45)))

    net = n.network
    assert net.layers is not None
    return Problem(
        path="",
        title="",
        source="",
        layers=net.layers,
        activations=tuple(row.name for row in net.activations),
        cost=net.cost,
        x=(tuple(map(digits, n.x)),),
        y=(tuple(map(digits, n.y)),),
        W=tuple(tuple(tuple(map(digits, row)) for row in w) for w in n.W),
        b=tuple(tuple(map(digits, row)) for row in n.b),
        eta=digits(ETA),
        biases="own" if net.biases else "none",
    )


def _verified(state: dict[str, list], problem: Problem) -> None:  # type: ignore[type-arg]
    """Every exact number against the recomputed one; a difference is a fault of this program."""
    with mp.workdps(DIGITS):
        other = Run(problem).final(0)
        for at, layer in enumerate(state["delta"], start=1):
            pairs = [*zip(layer, other[f"delta{at}"][0], strict=True)]
            pairs += zip(state["z"][at - 1], other[f"z{at}"][0], strict=True)
            for row, shown in zip(state["dW"][at - 1], other[f"dW{at}"], strict=True):
                pairs += zip(row, shown, strict=True)
            for exact, number in pairs:
                if abs(mpf(str(sp.N(exact, DIGITS))) - number) > mpf(10) ** -30:
                    raise AssertionError(f"the example does not add up in layer {at}")


class _Lines:
    """The lines of an example as terms, which every notation can print."""

    def __init__(self, n: _Numbers, state: dict[str, list]) -> None:  # type: ignore[type-arg]
        self.n, self.state = n, state
        self.depth = len(n.W)
        self.values: dict[Basic, Basic] = {}
        for j, v in enumerate(n.x):
            self.values[_at(f.a, 0, j)] = self.term(v)
        for j, v in enumerate(n.y):
            self.values[f.y(Integer(j + 1))] = self.term(v)
        for layer, (w, b) in enumerate(zip(n.W, n.b, strict=True), start=1):
            for j, row in enumerate(w):
                self.values |= {_at(f.w, layer, j, k): self.term(v) for k, v in enumerate(row)}
                self.values[_at(f.b, layer, j)] = self.term(b[j])

    def term(self, value: Expr) -> Basic:
        """An exact number as a term of the language."""
        return from_sympy(sp.expand(value), {})

    def given(self) -> Iterator[tuple[Basic, Basic]]:
        yield from self.values.items()

    def lines(self) -> Iterator[Line]:
        for layer in range(1, self.depth + 1):
            yield from self._forward(layer)
        yield self._cost()
        for layer in range(self.depth, 0, -1):
            yield from self._errors(layer)
        for layer in range(1, self.depth + 1):
            yield from self._slopes(layer)

    def line(self, part: str, quantity: Basic, formula: Basic, value: Expr) -> Line:
        numbers = substitute(formula, self.values)
        self.values[quantity] = self.term(value)
        return Line(part, quantity, formula, numbers, self.shown(value))

    def shown(self, value: Expr) -> Basic | str:
        exact = value.is_Rational or value.atoms(sp.log)
        short = exact and len(str(value)) < LONGEST
        return self.term(value) if short else str(round(sp.N(value, 30), DECIMALS))

    def _forward(self, layer: int) -> Iterator[Line]:
        row = self.n.network.activations[layer - 1]
        zs, values = self.state["z"][layer - 1], self.state["a"][layer]
        before = len(self.state["a"][layer - 1])
        for j, z in enumerate(zs):
            total = [times(_at(f.w, layer, j, k), _at(f.a, layer - 1, k)) for k in range(before)]
            bias = [_at(f.b, layer, j)] if self.n.network.biases else []
            yield self.line("forward", _at(f.z, layer, j), plus(*total, *bias), z)
        powers = [t.Fn("exp", _at(f.z, layer, i)) for i in range(len(zs))]
        for j, a in enumerate(values):
            formula: Basic = t.Act(Integer(layer), _at(f.z, layer, j))
            if row.vector:
                formula = t.Quotient(powers[j], plus(*powers))
            yield self.line("forward", _at(f.a, layer, j), formula, a)

    def _cost(self) -> Line:
        row = self.n.network.cost_row
        assert row.entry is not None
        outputs = self.state["a"][-1]
        at = [(_at(f.a, self.depth, j), f.y(Integer(j + 1))) for j in range(len(outputs))]
        entries = [written(row.entry, {a_symbol: a, y_symbol: y}) for a, y in at]
        value = sum(
            (row.entry.subs({a_symbol: a, y_symbol: y}, simultaneous=True)
             for a, y in zip(outputs, self.n.y, strict=True)),
            Integer(0),
        )  # fmt: skip
        scale = Rational(1, len(outputs)) if row.averaged else Integer(1)
        formula = plus(*entries)
        if row.averaged:
            formula = times(scale, formula)
        return self.line("cost", f.C, formula, sp.simplify(scale * value))

    def _errors(self, layer: int) -> Iterator[Line]:
        values, top = self.state["delta"][layer - 1], layer == self.depth
        vector = self.n.network.activations[layer - 1].vector
        if top:
            for j, g in enumerate(self.state["da"][-1]):
                quantity = t.Partial(f.C, _at(f.a, layer, j))
                yield self.line("errors", quantity, self._cost_slope(j), g)
        for j, value in enumerate(values):
            slope: Basic = t.Act(Integer(layer), _at(f.z, layer, j), Integer(1))
            slope = self._by_a(layer, j) or slope
            if top and vector:
                formula = self._softmax_error(layer, j)
            elif top:
                formula = times(t.Partial(f.C, _at(f.a, layer, j)), slope)
            else:
                above = range(len(self.state["delta"][layer]))
                total = plus(
                    *(times(_at(f.w, layer + 1, k, j), _at(f.delta, layer + 1, k)) for k in above)
                )
                formula = times(total, slope)
            yield self.line("errors", _at(f.delta, layer, j), formula, value)

    def _cost_slope(self, j: int) -> Basic:
        return slope_at(Setting.of(self.n.network), Integer(j + 1))

    def _softmax_error(self, layer: int, j: int) -> Basic:
        """``a_j (g_j - Σ_k g_k a_k)``."""
        a = [_at(f.a, layer, k) for k in range(len(self.state["a"][layer]))]
        g = [t.Partial(f.C, one) for one in a]
        mean = plus(*(times(u, v) for u, v in zip(g, a, strict=True)))
        return times(a[j], plus(g[j], t.negative(mean)))

    def _by_a(self, layer: int, j: int) -> Basic | None:
        """σ' written in a, where that can be."""
        row = self.n.network.activations[layer - 1]
        if row.slope_by_a is None or not row.slope_by_a.has(a_symbol):
            return None
        return written(row.slope_by_a, {a_symbol: _at(f.a, layer, j)})

    def _slopes(self, layer: int) -> Iterator[Line]:
        for j, row in enumerate(self.state["dW"][layer - 1]):
            error = _at(f.delta, layer, j)
            for k, value in enumerate(row):
                quantity = t.Partial(f.C, _at(f.w, layer, j, k))
                yield self.line("slopes", quantity, times(_at(f.a, layer - 1, k), error), value)
            if self.n.network.biases:
                quantity = t.Partial(f.C, _at(f.b, layer, j))
                yield self.line("slopes", quantity, error, self.state["delta"][layer - 1][j])


def _at(family: object, layer: int, *places: int) -> Ref:
    """A quantity with numbers for its layer and its indices."""
    made: Ref = family(Integer(layer), *(Integer(p + 1) for p in places))  # type: ignore[operator]
    return made
