"""An independent witness: terms in floating point, derivatives by finite differences.

It shares nothing with the judge.  What it finds equal in every small network that it tries is taken
for true; planted mistakes that happen to change nothing are dropped by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Basic, Integer, Rational, Symbol

from symbackprop.language import terms as t
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, Program, U, l

STEP = 1e-5
FUNCTIONS = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "erf": math.erf, "abs": abs,
    "step": lambda x: float(x > 0), "max0": lambda x: max(x, 0.0),
}  # fmt: skip


class Case:
    """One network with random parameters."""

    def __init__(self, program: Program, depth: int, widths: tuple[int, ...], samples: int) -> None:
        self.program, self.depth, self.widths, self.samples = program, depth, widths, samples
        self.draw = np.random.default_rng(hash((depth, widths, samples)) % 2**32)
        self.free: dict[tuple[str, int], Any] = {}
        self.cut: dict[tuple[str, int], Any] = {}
        self.known: dict[tuple[str, int], Any] = {}

    def number(self, layer: Basic, at: dict[Basic, Any]) -> int:
        return int(layer.subs({**{k: v for k, v in at.items() if k.is_Symbol}, L: self.depth}))

    def size(self, size: Any, at: dict[Basic, Any]) -> int:
        return self.samples if size.of == t.SAMPLES else self.widths[self.number(size.of, at)]

    def array(self, name: str, layer: int) -> Any:
        """A whole quantity, one axis for each index."""
        key = (name, layer)
        if key in self.cut:
            return self.cut[key]
        if key in self.known:
            return self.known[key]
        declaration = self.program.declared(name)
        ref = t.Ref(name, Integer(layer)) if declaration.layered else t.Ref(name)
        extents = [self.size(s, {}) for s in self.program.axes_of(ref)]
        definition = self.program.definition_of(
            name, Integer(layer) if declaration.layered else None, self.depth
        )
        if definition is None:
            if key not in self.free:
                drawn = self.draw.uniform(0.2, 0.9, extents)
                self.free[key] = drawn / drawn.sum(0) if declaration.sums_to_one else drawn
            return self.free[key]
        made = np.zeros(extents)
        target = definition.target
        at: dict[Basic, Any] = {l: layer}
        for place in np.ndindex(*extents):
            at |= {i: n + 1 for i, n in zip(target.indices, place, strict=True)}
            made[place] = self.value(definition.value, at)
        self.known[key] = made
        return made

    def with_cut(self, key: tuple[str, int], array: Any, term: Basic, at: dict[Basic, Any]) -> Any:
        cut, known = self.cut, self.known
        self.cut, self.known = {**cut, key: array}, {}
        try:
            return self.value(term, at)
        finally:
            self.cut, self.known = cut, known

    def value(self, term: Basic, at: dict[Basic, Any]) -> Any:
        """A number, or a matrix; vectors are columns."""
        if isinstance(term, Rational):
            return float(term)
        if isinstance(term, Symbol):
            return float(at[term])
        return getattr(self, f"_{type(term).__name__.lower()}")(term, at)

    def _ref(self, term: t.Ref, at: dict[Basic, Any]) -> Any:
        if term.name == "pi":
            return math.pi**0.5 if not term.indices else math.pi
        layer = 0 if term.layer is None else self.number(term.layer, at)
        array = self.array(term.name, layer)
        if term.indices:
            return float(array[tuple(self._place(i, at) for i in term.indices)])
        return float(array) if array.ndim == 0 else array.reshape(array.shape[0], -1)

    def _place(self, index: Basic, at: dict[Basic, Any]) -> int:
        return int(at.get(index, index)) - 1

    def _plus(self, term: Basic, at: dict[Basic, Any]) -> Any:
        return sum(self.value(arg, at) for arg in term.args)

    def _times(self, term: Basic, at: dict[Basic, Any]) -> Any:
        made: Any = 1.0
        for arg in term.args:
            made = made * self.value(arg, at)
        return made

    _hadamard = _times

    def _power(self, term: Basic, at: dict[Basic, Any]) -> Any:
        return self.value(term.args[0], at) ** int(term.args[1])

    def _quotient(self, term: Basic, at: dict[Basic, Any]) -> Any:
        return self.value(term.args[0], at) / self.value(term.args[1], at)

    def _size(self, term: t.Size, at: dict[Basic, Any]) -> float:
        return float(self.size(term, at))

    def _kron(self, term: t.Kron, at: dict[Basic, Any]) -> float:
        return float(self._place(term.args[0], at) == self._place(term.args[1], at))

    def _sum(self, term: t.Sum, at: dict[Basic, Any]) -> Any:
        return sum(
            self.value(term.body, {**at, term.index: n + 1})
            for n in range(self.size(term.size, at))
        )

    def _layersum(self, term: t.LayerSum, at: dict[Basic, Any]) -> Any:
        ends = range(self.number(term.lo, at), self.number(term.hi, at) + 1)
        return sum(self.value(term.body, {**at, term.letter: n}) for n in ends)

    def _chain(self, term: t.Chain, at: dict[Basic, Any]) -> Any:
        high, low = self.number(term.hi, at), self.number(term.lo, at)
        made = np.eye(self.widths[high])
        for n in range(high, low - 1, -1):
            made = made @ self.value(term.body, {**at, term.letter: n})
        return made

    def _fn(self, term: t.Fn, at: dict[Basic, Any]) -> Any:
        return self._each(FUNCTIONS[term.name], self.value(term.arg, at))

    def _each(self, function: Any, array: Any) -> Any:
        if isinstance(array, float):
            return float(function(array))
        return np.vectorize(lambda x: float(function(x)))(array)

    def _act(self, term: t.Act, at: dict[Basic, Any]) -> Any:
        layer = self.number(term.layer, at)
        _, formula = self.program.activation_at(Integer(layer), self.depth)

        def plain(x: float) -> float:
            if formula is None:
                return math.tanh(1.1 * x) + 0.3 + 0.05 * layer * x
            return float(self.value(formula, {U: x}))

        def slope(x: float, order: int) -> float:
            if order == 0:
                return plain(x)
            h = STEP if order == 1 else 1e-3
            return (slope(x + h, order - 1) - slope(x - h, order - 1)) / (2 * h)

        return self._each(lambda x: slope(x, term.order), self.value(term.arg, at))

    def _opaque(self, term: t.Opaque, at: dict[Basic, Any]) -> float:
        numbers = [
            self.value(v.body, {**at, v.index: n + 1})
            for v in term.vectors
            for n in range(self.size(v.size, at))
        ]
        pairs = pairwise(numbers)
        return sum((n + 1) * math.sin(x + n) for n, x in enumerate(numbers)) + sum(
            0.3 * x * y for x, y in pairs
        )

    def _partial(self, term: t.Partial, at: dict[Basic, Any]) -> Any:
        by = term.by
        layer = 0 if by.layer is None else self.number(by.layer, at)
        base = self.array(by.name, layer)
        places = [tuple(self._place(i, at) for i in by.indices)] if by.indices else None
        of = self.value(term.of, at)
        found = [
            self._slope(term, at, (by.name, layer), p) for p in places or np.ndindex(*base.shape)
        ]
        if places or base.ndim == 0:
            return found[0]
        if isinstance(of, float):
            return np.array(found).reshape(base.shape[0], -1)
        return np.hstack([column.reshape(-1, 1) for column in found])

    def _slope(self, term: t.Partial, at: dict[Basic, Any], key: Any, place: Any) -> Any:
        values = []
        for step in (STEP, -STEP):
            moved = np.array(self.array(*key), dtype=float)
            moved[place] += step
            values.append(self.with_cut(key, moved, term.of, at))
        return (values[0] - values[1]) / (2 * STEP)

    def _matmul(self, term: t.MatMul, at: dict[Basic, Any]) -> Any:
        made = self.value(term.args[0], at)
        for arg in term.args[1:]:
            made = made @ self.value(arg, at)
        return float(made[0, 0]) if made.shape == (1, 1) else made

    def _transpose(self, term: t.Transpose, at: dict[Basic, Any]) -> Any:
        return self.value(term.args[0], at).T

    def _diag(self, term: t.Diag, at: dict[Basic, Any]) -> Any:
        return np.diag(self.value(term.args[0], at).ravel())

    def _ones(self, term: t.Ones, at: dict[Basic, Any]) -> Any:
        return np.ones((self.size(term.args[0], at), 1))

    def _identity(self, term: t.Identity, at: dict[Basic, Any]) -> Any:
        return np.eye(self.size(term.args[0], at))

    def _column(self, term: t.Column, at: dict[Basic, Any]) -> Any:
        made = self.value(term.args[0], at)[:, [self._place(term.args[1], at)]]
        return float(made[0, 0]) if made.shape == (1, 1) else made


def true(statement: Statement, program: Program) -> bool:
    """Whether the sides are equal, to six digits, in each of a few small networks."""
    return all(_equal(statement, case, at) for case, at in _cases(statement, program))


def _cases(statement: Statement, program: Program) -> Iterator[tuple[Case, dict[Basic, Any]]]:
    if program.widths is not None:
        shapes = [(program.depth or 1, program.widths)]
    else:
        shapes = [(2, (2, 3, 2)), (3, (3, 2, 4, 2))]
    for depth, widths in shapes:
        case = Case(program, depth, widths, 2)
        first = 1 if statement.first is None else case.number(statement.first, {})
        last = depth if statement.last is None else case.number(statement.last, {})
        for layer in range(first, last + 1):
            ranges = statement.ranges(program)
            letters = list(ranges)
            at: dict[Basic, Any] = {l: layer}
            for place in np.ndindex(*[case.size(ranges[i], at) for i in letters]):
                at = {l: layer, **{i: n + 1 for i, n in zip(letters, place, strict=True)}}
                if not any(at.get(a, a) == at.get(b, b) for a, b in statement.unequal):
                    yield case, at


def _equal(statement: Statement, case: Case, at: dict[Basic, Any]) -> bool:
    first, *others = (np.asarray(case.value(side, at)) for side in statement.sides)
    scale = max(1.0, float(np.abs(first).max()))
    return all(
        o.shape == first.shape and float(np.abs(o - first).max()) < 1e-4 * scale for o in others
    )
