"""A worked example to do by hand: forward, errors, slopes, one step; each line with its numbers.

The numbers are exact fractions (``nice``), decimals, or those of a file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sympy as sp
from sympy import Basic, Expr, Float, Integer, Rational

from symbackprop.derive.output import slope_at
from symbackprop.derive.setting import Setting
from symbackprop.errors import InputError
from symbackprop.language import terms as t
from symbackprop.language.binding import substitute
from symbackprop.language.program import L
from symbackprop.language.terms import Ref, from_sympy, plus, times
from symbackprop.networks import forward as f
from symbackprop.networks.activations import a as a_symbol
from symbackprop.networks.costs import y as y_symbol
from symbackprop.networks.network import Network
from symbackprop.networks.tidy import written
from symbackprop.numbers.decimals import drawn_problem, state_of
from symbackprop.numbers.nice import Numbers, nice_numbers, problem_of, verified
from symbackprop.numbers.problem import ACTIVATIONS, COSTS, Problem
from symbackprop.numbers.run import Run

MOST = 24  # weights and biases that one can do by hand
RATES = (Rational(1, 2), Rational(1, 4), Rational(1, 10), Rational(1, 100))
ETA_LETTER = Ref("eta")
DECIMALS, MOST_DECIMALS = 6, 9
LONGEST = 24  # characters of an exact result; a longer one is shown as a decimal
UPDATES = 40  # of the curve of the cost


@dataclass(frozen=True)
class Line:
    """``quantity = formula = numbers = result``; in the part "step" the quantity becomes that."""

    part: str
    quantity: Basic
    formula: Basic
    numbers: Basic
    result: Basic


@dataclass(frozen=True)
class WorkedExample:
    """What is given, the lines in order, and the cost after 0, 1, 2, … steps.

    ``exact``: the slopes are fractions; ``moves``: a step changes biases too.
    """

    network: Network
    given: tuple[tuple[Basic, Basic], ...]
    lines: tuple[Line, ...]
    eta: Basic
    costs: tuple[float, ...]
    exact: bool
    moves: bool


@dataclass(frozen=True)
class _Stated:
    """The numbers of one example: as given, their state, and how a number stands in a line."""

    network: Network
    x: Any
    y: Any
    W: Any
    b: Any
    state: dict[str, Any]
    term: Callable[[Any], Basic]
    shown: Callable[[Any], Basic]
    keep_biases: bool = False


def fits(network: Network) -> bool:
    """Whether such an example can be made of a network."""
    names = {row.name for row in network.activations}
    known = names <= set(ACTIVATIONS) and network.cost in COSTS
    return known and not network.general and network.parameters <= MOST


def worked_example(network: Network, *, seed: int = 1, nice: bool = False) -> WorkedExample:
    """Fresh numbers for each seed: exact fractions, and decimals where there are none.

    Every exact number is recomputed with 40 digits by a program that shares nothing with this one.
    Raises ``InputError`` for a network that is too large, and with ``nice`` for one without exact
    fractions.
    """
    if not fits(network):
        raise InputError(
            "no example by hand for this network",
            expected=f"known activations and at most {MOST} weights and biases",
        )
    found = nice_numbers(network, seed)
    if found is None and nice:
        raise InputError("no nice numbers for this network", todo="give it biases")
    problem = drawn_problem(network, seed) if found is None else problem_of(found)
    rate = next((rate for rate in RATES if _learns(_at_rate(problem, rate))), RATES[-1])
    problem = _at_rate(problem, rate)
    if found is None:
        return example_of(problem, network)
    verified(found.state, problem)
    return _written(_exactly(found, rate), problem, rate)


def _at_rate(problem: Problem, rate: Rational) -> Problem:
    return replace(problem, eta=Decimal(int(rate.p)) / int(rate.q))


def _learns(problem: Problem) -> bool:
    costs = _costs(problem)
    return len(costs) > UPDATES and costs[1] < costs[0] > costs[-1]


def _costs(problem: Problem) -> list[float]:
    """The cost before the first update, after one, …; it ends where the cost runs away."""
    found: list[float] = []
    with suppress(ArithmeticError, ValueError):
        found.extend(state["C"][0][0] for state in Run(problem, number=float).passes(UPDATES))
    return found


def example_of(problem: Problem, network: Network) -> WorkedExample:
    """The example with the numbers of a file; every number is shown with about six digits."""
    state = state_of(problem)
    stated = _Stated(
        network, state["x"], state["y"], state["W"], state["b"], state,
        decimal, decimal, problem.keep_biases,
    )  # fmt: skip
    return _written(stated, problem, decimal(problem.eta))


def decimal(value: Any) -> Basic:
    """A number rounded to about six digits, as people write it."""
    number = float(value)
    small = 0 if not number else max(0, math.floor(-math.log10(abs(number))))
    text = f"{number:.{min(DECIMALS + small, MOST_DECIMALS)}f}".rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    return Integer(text) if "." not in text else Float(text, 15)


def _exactly(n: Numbers, rate: Rational) -> _Stated:
    def term(value: Expr) -> Basic:
        return from_sympy(sp.expand(value), {})

    def shown(value: Expr) -> Basic:
        exact = value.is_Rational or value.atoms(sp.log)
        short = exact and len(str(value)) < LONGEST
        return term(value) if short else decimal(sp.N(value, 30))

    return _Stated(n.network, n.x, n.y, n.W, n.b, {**n.state, "eta": rate}, term, shown)


def _written(stated: _Stated, problem: Problem, eta: Basic) -> WorkedExample:
    writer = _Lines(stated, eta)
    given, lines = tuple(writer.values.items()), tuple(writer.lines())
    exact = all(not isinstance(line.result, Float) for line in lines if line.part == "slopes")
    return WorkedExample(
        stated.network, given, lines, eta, tuple(_costs(problem)), exact, writer.moves
    )


class _Lines:
    """The lines of an example as terms, which every notation can print."""

    def __init__(self, n: _Stated, eta: Basic) -> None:
        self.n, self.state = n, n.state
        self.term, self.shown = n.term, n.shown
        self.depth = len(n.W)
        self.eta = eta
        outputs, last = Integer(len(n.y)), Integer(self.depth)
        self.sizes: dict[Basic, Basic] = {t.Size(L): outputs, t.Size(last): outputs}
        self.values: dict[Basic, Basic] = {}
        for j, v in enumerate(n.x):
            self.values[_at(f.a, 0, j)] = self.term(v)
        for j, v in enumerate(n.y):
            self.values[f.y(Integer(j + 1))] = self.term(v)
        for layer, (w, b) in enumerate(zip(n.W, n.b, strict=True), start=1):
            for j, row in enumerate(w):
                self.values |= {_at(f.w, layer, j, k): self.term(v) for k, v in enumerate(row)}
                if n.network.biases:
                    self.values[_at(f.b, layer, j)] = self.term(b[j])

    def lines(self) -> Iterator[Line]:
        for layer in range(1, self.depth + 1):
            yield from self._forward(layer)
        yield self._cost()
        for layer in range(self.depth, 0, -1):
            yield from self._errors(layer)
        for layer in range(1, self.depth + 1):
            yield from self._slopes(layer)
        for layer in range(1, self.depth + 1):
            yield from self._steps(layer)

    def line(self, part: str, quantity: Basic, formula: Basic, value: Any) -> Line:
        numbers = substitute(formula, {**self.sizes, **self.values})
        self.values[quantity] = self.term(value)
        return Line(part, quantity, formula, numbers, self.shown(value))

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
        formula = plus(*entries)
        if row.averaged:
            formula = times(Rational(1, len(outputs)), formula)
        return self.line("cost", f.C, formula, self.state["C"])

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
            if self.moves:
                quantity = t.Partial(f.C, _at(f.b, layer, j))
                yield self.line("slopes", quantity, error, self.state["delta"][layer - 1][j])

    @property
    def moves(self) -> bool:
        """Whether there are biases and the step changes them."""
        return self.n.network.biases and not self.n.keep_biases

    def _steps(self, layer: int) -> Iterator[Line]:
        """``w - η ∂C/∂w`` for every weight and bias; none of them is used any more."""
        slopes, rate = self.state["dW"][layer - 1], self.state["eta"]
        for j, row in enumerate(slopes):
            for k, slope in enumerate(row):
                old = self.n.W[layer - 1][j][k]
                yield self._step(_at(f.w, layer, j, k), old, rate, slope)
            if self.moves:
                slope = self.state["delta"][layer - 1][j]
                yield self._step(_at(f.b, layer, j), self.n.b[layer - 1][j], rate, slope)

    def _step(self, quantity: Ref, old: Any, rate: Any, slope: Any) -> Line:
        formula = plus(quantity, t.negative(times(ETA_LETTER, t.Partial(f.C, quantity))))
        numbers = substitute(formula, {**self.values, ETA_LETTER: self.eta})
        return Line("step", quantity, formula, numbers, self.shown(old - rate * slope))


def _at(family: object, layer: int, *places: int) -> Ref:
    """A quantity with numbers for its layer and its indices."""
    made: Ref = family(Integer(layer), *(Integer(p + 1) for p in places))  # type: ignore[operator]
    return made
