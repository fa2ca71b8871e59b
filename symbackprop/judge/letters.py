"""How many index letters a monomial of a statement can use in each range: the widths it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.judge.recursion import room_for
from symbackprop.language.binding import free_letters, substitute, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, U, l
from symbackprop.language.terms import (
    NO_LAYER,
    SAMPLES,
    Act,
    Chain,
    Fn,
    Kron,
    LayerSum,
    Opaque,
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


@dataclass(frozen=True)
class Count:
    """The most letters of a monomial above and below the fraction line."""

    above: Letters = field(default_factory=Letters)
    below: Letters = field(default_factory=Letters)

    def __add__(self, other: Count) -> Count:
        """``a/b · c/d``: the letters of factors add."""
        return Count(self.above + other.above, self.below + other.below)

    @property
    def inverse(self) -> Count:
        return Count(self.below, self.above)

    @property
    def tangent(self) -> Count:
        """``(a/b)' = (a'b - ab') / b²``, with one letter more in each layer a tangent passes."""
        passed = Letters({EVERYWHERE: 1})
        return Count(self.above + self.below + passed, self.below + self.below)

    @property
    def all(self) -> Letters:
        return self.above + self.below

    @staticmethod
    def of_sum(parts: Sequence[Count]) -> Count:
        """``a/b + c/d = (ad + cb) / bd``: the larger one in each range."""
        total, *others = parts or [Count()]
        for part in others:
            above = (total.above + part.below) | (part.above + total.below)
            total = Count(above, total.below + part.below)
        return total


def needed(statement: Statement, case: Instance) -> tuple[int, int]:
    """Widths and batch size must be above these: the letters of all sides together.

    They are also above those of any two arguments of functions, which may have to be told apart.
    """
    room_for(case.depth)
    numbers: dict[Basic, Basic] = {L: Integer(case.depth)}
    if case.layer is not None:
        numbers[l] = Integer(case.layer)
    counting = _Counting(case)
    sides: list[Count] = []
    free: dict[Symbol, int] = {}
    for side in statement.sides:
        for letter, size in case.program.ranges(side).items():
            free[letter] = counting.range_of(substitute(size, numbers))
        sides.append(counting.count(substitute(side, numbers), Count()))
    total = Count.of_sum(sides).above + Letters(free.values())
    (neurons, samples), (wide, many) = _most(total), _most(counting.arguments)
    return max(neurons, 2 * wide), max(samples, 2 * many)


def _most(letters: Letters) -> tuple[int, int]:
    """The most letters over one layer, and those over the samples."""
    everywhere = letters[EVERYWHERE]
    neurons = max((n for key, n in letters.items() if key >= 0), default=0)
    return neurons + everywhere, letters[BATCH] + everywhere


class _Counting:
    """Counts through the definitions of one case, and through the arguments of functions.

    ``arguments``: the most letters of an argument, those that stand free in it included.
    """

    def __init__(self, case: Instance) -> None:
        self.case = case
        self.known: dict[tuple[str, int | None], Count] = {}
        self.arguments = Letters()

    def count(self, term: Basic, u: Count) -> Count:
        """A monomial of a term; ``u`` stands for the argument of a formula."""
        if term == U:
            return u
        if isinstance(term, Ref):
            return self._ref(term)
        if isinstance(term, Partial):
            return Count(self._own(term.by)) + self.count(term.of, u).tangent
        if isinstance(term, Plus):
            return Count.of_sum([self.count(arg, u) for arg in term.args])
        if isinstance(term, Quotient):
            return self.count(term.args[0], u) + self.count(term.args[1], u).inverse
        if isinstance(term, Power):
            once, n = self.count(term.args[0], u), int(term.args[1])
            return _repeated(once if n > 0 else once.inverse, abs(n))
        if isinstance(term, Size):  # as the sum of its weights
            return Count(Letters({self.range_of(term): 1}))
        if isinstance(term, Sum | Vec):
            return self.count(term.body, u) + self.count(term.size, u)
        if isinstance(term, Chain):
            return sum((self.count(body, u) for body in self._written(term)), Count())
        if isinstance(term, LayerSum):
            return Count.of_sum([self.count(body, u) for body in self._written(term)])
        if isinstance(term, Act):
            return self._act(term, u)
        if isinstance(term, Fn):
            return self._fn(term, u)
        if isinstance(term, Kron):
            places = sum(int(index) for index in term.args if index.is_Integer)
            return Count(Letters({EVERYWHERE: places}))
        if isinstance(term, Opaque):
            vectors = (self._compared(self.count(vector, u), vector) for vector in term.vectors)
            return sum(vectors, Count())
        parts = (arg for arg in term.args if isinstance(arg, Basic) and (arg.args or arg == U))
        return sum((self.count(part, u) for part in parts), Count())

    def _written(self, term: Chain | LayerSum) -> list[Basic]:
        layers = range(self.case.number(term.lo), self.case.number(term.hi) + 1)
        return [substitute(term.body, {term.letter: Integer(layer)}) for layer in layers]

    def range_of(self, size: Basic) -> int:
        assert isinstance(size, Size)
        return BATCH if size.of == SAMPLES else self.case.number(size.of)

    def _act(self, term: Act, u: Count) -> Count:
        """An unspecified σ is an atom; its argument tells which one, and moves with tangents."""
        argument = self._compared(self.count(term.arg, u), term.arg)
        _, formula = self.case.activation_at(term.layer)
        if formula is None:
            return argument
        found = self.count(formula, argument)
        for _ in range(term.order):
            found = found.tangent
        return self._compared(found, term.arg)

    def _fn(self, term: Fn, u: Count) -> Count:
        """A known function is an atom; a logarithm has its argument below the line in its slope."""
        found = self._compared(self.count(term.arg, u), term.arg)
        return found + found.inverse if term.name == "log" else found

    def _compared(self, found: Count, term: Basic) -> Count:
        """What an argument has; the letters that are free in it count where two are compared."""
        free = free_letters(term)
        places = {
            (index, self.range_of(size))
            for node in subterms(term)
            if isinstance(node, Ref)
            for index, size in zip(node.indices, self.case.program.axes_of(node), strict=False)
            if index in free
        }
        self.arguments |= found.all + Letters(place for _, place in places)
        return found

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

    def _ref(self, ref: Ref) -> Count:
        layer = None if ref.layer is None else self.case.number(ref.layer)
        return Count(self._own(ref)) + self._defined(ref.name, layer)

    def _defined(self, name: str, layer: int | None) -> Count:
        key = (name, layer)
        if key not in self.known:
            self.known[key] = Count()
            number = None if layer is None else Integer(layer)
            definition = self.case.program.definition_of(name, number, self.case.depth)
            if definition is not None and name != "pi":
                _, value = definition.at(number)
                value = substitute(value, {L: Integer(self.case.depth)})
                self.known[key] = self.count(value, Count())
            elif name != "pi":
                self.known[key] = self._free(Ref(name, NO_LAYER if number is None else number))
        return self.known[key]

    def _free(self, ref: Ref) -> Count:
        """A quantity that adds up to one is divided by its sum; another one is a variable."""
        if not self.case.program.declared(ref.name).sums_to_one:
            return Count()
        ranges = set(map(self.range_of, self.case.program.axes_of(ref)))
        return Count(below=Letters(ranges - {BATCH}))


def _repeated(count: Count, n: int) -> Count:
    above, below = (
        Letters({key: n * times for key, times in letters.items()})
        for letters in (count.above, count.below)
    )
    return Count(above, below)
