"""How many index letters a monomial of a statement can use in each range: the widths it needs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.language.binding import substitute, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, U, l
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Chain,
    Kron,
    LayerSum,
    Partial,
    Plus,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Vec,
)

if TYPE_CHECKING:
    from symbackprop.judge.instance import Instance

Letters = Counter[int]  # layer → letters over its width
BATCH = -1  # stands for the samples
EVERYWHERE = -2  # one letter more in every range


def needed(statement: Statement, case: Instance) -> tuple[int, int]:
    """Widths and batch size must be above these: the letters of all sides together."""
    numbers: dict[Basic, Basic] = {L: Integer(case.depth)}
    if case.layer is not None:
        numbers[l] = Integer(case.layer)
    counting = _Counting(case)
    total = Letters()
    free: dict[Symbol, int] = {}
    for side in statement.sides:
        for letter, size in case.program.ranges(side).items():
            free[letter] = counting.range_of(substitute(size, numbers))
        total += counting.count(substitute(side, numbers), Letters())
    total += Letters(free.values())
    everywhere, samples = total.pop(EVERYWHERE, 0), total.pop(BATCH, 0)
    return max(total.values(), default=0) + everywhere, samples + everywhere


class _Counting:
    """Counts through the definitions of one case; an unspecified function is an atom."""

    def __init__(self, case: Instance) -> None:
        self.case = case
        self.known: dict[tuple[str, int | None], Letters] = {}

    def count(self, term: Basic, u: Letters) -> Letters:
        """Products add, sums take the larger; over a common denominator sums add as well."""
        if term == U:
            return Letters(u)
        if isinstance(term, Ref):
            return self._ref(term)
        if isinstance(term, Partial):
            # one letter more that the tangent takes in each layer it passes
            passed = Letters({EVERYWHERE: 1})
            return self._own(term.by) + self.count(term.of, u) + passed
        if isinstance(term, Plus):
            parts = [self.count(arg, u) for arg in term.args]
            common = any(isinstance(node, Quotient) for node in subterms(term))
            total = Letters()
            for part in parts:
                total = total + part if common else total | part
            return total
        if isinstance(term, Power):
            once = self.count(term.args[0], u)
            return Letters({key: abs(int(term.args[1])) * n for key, n in once.items()})
        if isinstance(term, Sum | Vec):
            return self.count(term.body, u) + Letters({self.range_of(term.size): 1})
        if isinstance(term, Chain):
            layers = range(int(term.lo), int(term.hi) + 1)
            bodies = [substitute(term.body, {term.letter: Integer(n)}) for n in layers]
            return sum((self.count(body, u) for body in bodies), Letters())
        if isinstance(term, LayerSum):
            return self._layer_sum(term, u)
        if isinstance(term, Act):
            return self._act(term, u)
        if isinstance(term, Kron):
            return Letters({EVERYWHERE: sum(int(i) for i in term.args if i.is_Integer)})
        total = Letters()
        for arg in term.args:
            if isinstance(arg, Basic) and (arg.args or arg == U):
                total += self.count(arg, u)
        return total

    def _layer_sum(self, term: LayerSum, u: Letters) -> Letters:
        layers = range(self.case.number(term.lo), self.case.number(term.hi) + 1)
        total = Letters()
        for layer in layers:
            total |= self.count(substitute(term.body, {term.letter: Integer(layer)}), u)
        return total

    def range_of(self, size: Basic) -> int:
        assert isinstance(size, Size)
        return BATCH if size.of == SAMPLES else self.case.number(size.of)

    def _act(self, term: Act, u: Letters) -> Letters:
        """An unspecified σ of an entry is an atom with the entry's indices; a formula is not."""
        _, formula = self.case.activation_at(term.layer)
        if formula is None:
            entries = [node for node in subterms(term.arg) if isinstance(node, Ref)]
            return sum((self._own(node) for node in entries), Letters())
        return self.count(formula, self.count(term.arg, u))

    def _own(self, ref: Ref) -> Letters:
        """A whole array takes one letter an axis, a number k as an index needs k values.

        Letters that stand as indices are counted where they are bound, or once if they are free.
        """
        if ref.name == "pi":
            return Letters()
        axes = self.case.program.axes_of(ref)
        indices = ref.indices or (Integer(1),) * len(axes)
        letters = Letters()
        for index, size in zip(indices, axes, strict=False):
            if isinstance(index, Integer):
                letters[self.range_of(size)] += int(index)
        return letters

    def _ref(self, ref: Ref) -> Letters:
        layer = None if ref.layer is None else self.case.number(ref.layer)
        return self._own(ref) + self._defined(ref.name, layer)

    def _defined(self, name: str, layer: int | None) -> Letters:
        key = (name, layer)
        if key not in self.known:
            self.known[key] = Letters()
            number = None if layer is None else Integer(layer)
            definition = self.case.program.definition_of(name, number, self.case.depth)
            if definition is not None and name != "pi":
                _, value = definition.at(number)
                value = substitute(value, {L: Integer(self.case.depth)})
                self.known[key] = self.count(value, Letters())
        return self.known[key]
