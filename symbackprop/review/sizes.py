"""Which sizes are equal, found out from where letters stand together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from sympy import Basic, Integer, Symbol

from symbackprop.language.program import Definition
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Column,
    Diag,
    Fn,
    Hadamard,
    Kron,
    MatMul,
    Ones,
    Partial,
    Plus,
    Quotient,
    Ref,
    Size,
    Sum,
    Times,
    Transpose,
    Vec,
)

if TYPE_CHECKING:
    from symbackprop.review.vocabulary import Vocabulary

ONE = Integer(1)
Extent: TypeAlias = Basic  # a Size, or the number 1
Dims = tuple[Extent, Extent]
POINT: Dims = (ONE, ONE)


class Sizes:
    """Classes of equal sizes (union–find)."""

    def __init__(self, letters: Vocabulary) -> None:
        self.letters = letters
        self._parent: dict[Size, Size] = {}

    def of(self, size: Size) -> Size:
        """The representative of a size."""
        while size in self._parent:
            size = self._parent[size]
        return size

    def same(self, one: Extent, other: Extent) -> None:
        if not isinstance(one, Size) or not isinstance(other, Size):
            return
        one, other = self.of(one), self.of(other)
        if one != other:
            keep, drop = (other, one) if other.of == SAMPLES else (one, other)
            self._parent[drop] = keep

    def meet(self, definition: Definition) -> None:
        """Both sides of a definition have one shape."""
        axes = self.axes(definition.target)
        scope = {
            i: s
            for i, s in zip(definition.target.indices, axes, strict=False)
            if isinstance(i, Symbol)
        }
        self.walk(definition.value, scope)

    def axes(self, ref: Ref) -> tuple[Size, ...]:
        found = next((q for q in self.letters.table.values() if q.name == ref.name), None)
        return () if found is None else tuple(self.of(size) for size in found.axes)

    def walk(self, term: Basic, scope: dict[Symbol, Size]) -> Dims:
        """Rows and columns; what stands together has one size from now on."""
        if isinstance(term, Ref):
            return self._ref(term, scope)
        if isinstance(term, Sum | Vec):
            inner = self.walk(term.body, {**scope, term.index: term.size})
            return inner if isinstance(term, Sum) else POINT
        if isinstance(term, Kron):
            known = [scope[i] for i in term.args if i in scope]
            if len(known) == 2:
                self.same(*known)
            return POINT
        if isinstance(term, Act | Fn):
            return self.walk(term.arg, scope)
        if isinstance(term, Transpose):
            rows, columns = self.walk(term.args[0], scope)
            return columns, rows
        if isinstance(term, Diag):
            rows, _ = self.walk(term.args[0], scope)
            return rows, rows
        if isinstance(term, Ones):
            return term.args[0], ONE
        if isinstance(term, Column):
            return self.walk(term.args[0], scope)[0], ONE
        if isinstance(term, Partial):
            of, by = self.walk(term.of, scope), self.walk(term.by, scope)
            return by if of == POINT else of if by == POINT else (of[0], by[0])
        if isinstance(term, MatMul):
            return self._matmul(term, scope)
        if isinstance(term, Plus | Hadamard | Times | Quotient):
            found = [d for arg in term.args if (d := self.walk(arg, scope)) != POINT]
            for other in found[1:]:
                self.same(found[0][0], other[0])
                self.same(found[0][1], other[1])
            return found[0] if found else POINT
        for arg in term.args:
            if isinstance(arg, Basic) and not isinstance(arg, Symbol | Size):
                self.walk(arg, scope)
        return POINT

    def _ref(self, ref: Ref, scope: dict[Symbol, Size]) -> Dims:
        sizes = self.axes(ref)
        if not ref.indices:
            return (*sizes, ONE, ONE)[:2] if sizes else POINT
        for index, size in zip(ref.indices, sizes, strict=False):
            if isinstance(index, Symbol):
                if index in scope:
                    self.same(scope[index], size)
                else:
                    scope[index] = size
        return POINT

    def _matmul(self, term: MatMul, scope: dict[Symbol, Size]) -> Dims:
        found = [self.walk(factor, scope) for factor in term.args]
        for left, right in pairwise(found):
            self.same(left[1], right[0])
        return found[0][0], found[-1][1]

    def relate(self, target: Ref | None, value: Basic) -> Basic:
        """Target and value have one shape; the value with the sizes that are known now."""
        scope: dict[Symbol, Size] = {}
        if target is not None and target.indices:
            own = zip(target.indices, self.axes(target), strict=False)
            scope = {i: s for i, s in own if isinstance(i, Symbol)}
        found = self.walk(value, scope)
        if target is not None and not target.indices:
            for one, other in zip(self.walk(target, {}), found, strict=True):
                self.same(one, other)
        self.refresh()
        return self.rewritten(value)

    def refresh(self) -> None:
        """The letters' axes by their representatives."""
        for key, quantity in self.letters.table.items():
            self.letters.table[key] = replace(quantity, axes=tuple(map(self.of, quantity.axes)))

    def rewritten(self, term: Basic, numbers: Mapping[Size, Basic] | None = None) -> Basic:
        """Every size of a term by its representative, or by the number of its class."""
        if isinstance(term, Size):
            own = self.of(term)
            return Size(numbers.get(own, own.of)) if numbers is not None else own
        if not term.args or isinstance(term, Ref):
            return term
        return term.func(*(self.rewritten(arg, numbers) for arg in term.args))

    def numbers(self) -> dict[Size, Basic]:
        """A number for each class; the batch keeps its own."""
        found: dict[Size, Basic] = {}
        for quantity in self.letters.table.values():
            for size in map(self.of, quantity.axes):
                if size.of != SAMPLES:
                    found.setdefault(size, Integer(len(found)))
        for size in map(self.of, self.letters.counts.values()):
            if size.of != SAMPLES:
                found.setdefault(size, Integer(len(found)))
        return found
