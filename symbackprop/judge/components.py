"""What the matrix heads mean: the entry of a matrix term as an index term."""

from __future__ import annotations

import itertools

from sympy import Basic, Integer, Symbol

from symbackprop.language.binding import substitute, subterms
from symbackprop.language.program import Program
from symbackprop.language.shapes import shape
from symbackprop.language.terms import (
    Act,
    Chain,
    Column,
    Diag,
    Fn,
    Hadamard,
    Identity,
    Kron,
    LayerSum,
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
    plus,
    times,
)


class Components:
    """Entries of matrix terms; bound letters are fresh, so nothing is captured."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._count = itertools.count(1)

    def fresh(self) -> Symbol:
        return Symbol(f"_{next(self._count)}")

    def scalar(self, term: Basic) -> Basic:
        """A scalar term with every matrix expression inside it written in indices."""
        found = shape(term, self.program)
        if found is not None:
            raise ValueError(f"{term} is an array")
        return self.entry(term, None, None)

    def entry(self, term: Basic, row: Basic | None, column: Basic | None) -> Basic:
        """``term[row, column]``; both None for a scalar, column None for a vector."""
        if not isinstance(term, Basic) or not term.args or isinstance(term, Symbol | Integer):
            return term
        if isinstance(term, Ref):
            where = [i for i in (row, column) if i is not None]
            return term if term.indices or not where else term.at(*where)
        if isinstance(term, Plus):
            return plus(*(self.entry(arg, row, column) for arg in term.args))
        if isinstance(term, Hadamard):
            return times(*(self.entry(arg, row, column) for arg in term.args))
        if isinstance(term, Times):
            return times(*(self._maybe(arg, row, column) for arg in term.args))
        if isinstance(term, Quotient):
            return Quotient(*(self._maybe(arg, row, column) for arg in term.args))
        if isinstance(term, MatMul):
            return self._product(list(term.args), row, column)
        if isinstance(term, Transpose):
            rows = shape(term.args[0], self.program)
            if rows is not None and rows[1] == 1:
                return self.entry(term.args[0], column, None)
            return self.entry(term.args[0], column, row)
        if isinstance(term, Diag):
            assert row is not None
            assert column is not None
            return times(Kron(row, column), self.entry(term.args[0], row, None))
        if isinstance(term, Sum):
            return Sum(self.entry(term.body, row, column), term.index, term.size)
        if isinstance(term, LayerSum):
            return LayerSum(self.entry(term.body, row, column), *term.args[1:])
        if isinstance(term, Column):
            return self.entry(term.args[0], row, term.args[1])
        if isinstance(term, Identity):
            return Kron(row, column) if row != column else Integer(1)
        if isinstance(term, Ones):
            return Integer(1)
        if isinstance(term, Chain):
            return self._chain(term, row, column)
        if isinstance(term, Act):
            return Act(term.layer, self.entry(term.arg, row, column), term.order)
        if isinstance(term, Fn):
            return Fn(term.name, self.entry(term.arg, row, column))
        if isinstance(term, Partial):
            return self._partial(term, row, column)
        return term.func(*(self._inner(arg) for arg in term.args))

    def _inner(self, arg: Basic) -> Basic:
        if (
            isinstance(arg, Symbol | Size)
            or not arg.args
            or not any(
                isinstance(n, MatMul | Transpose | Chain | Column | Diag) for n in subterms(arg)
            )
        ):
            return arg
        return self.entry(arg, None, None)

    def _maybe(self, arg: Basic, row: Basic | None, column: Basic | None) -> Basic:
        if shape(arg, self.program) is None:
            return self.entry(arg, None, None)
        return self.entry(arg, row, column)

    def _split(self, term: Basic, row: Basic | None, column: Basic | None) -> Basic:
        """The entry of a factor: a column vector has one index only."""
        found = shape(term, self.program)
        assert found is not None
        if found[1] == 1 and not isinstance(term, Transpose | MatMul):
            return self.entry(term, row, None)
        return self.entry(term, row, column)

    def _product(self, factors: list[Basic], row: Basic | None, column: Basic | None) -> Basic:
        """``(A B)_{rc} = Σ_k A_{rk} B_{kc}``."""
        head, *rest = factors
        if not rest:
            return self._split(head, row, column)
        found = shape(head, self.program)
        assert found is not None
        inner = found[1]
        if inner == 1:
            return times(self._split(head, row, None), self._product(rest, None, column))
        k = self.fresh()
        tail = MatMul(*rest) if len(rest) > 1 else rest[0]
        right = (
            self._product(list(tail.args), k, column)
            if isinstance(tail, MatMul)
            else (self._split(tail, k, column))
        )
        return Sum(times(self._split(head, row, k), right), k, inner)

    def _chain(self, term: Chain, row: Basic | None, column: Basic | None) -> Basic:
        hi, lo = term.hi, term.lo
        if not (hi.is_Integer and lo.is_Integer):
            raise ValueError("a product over an unknown number of layers has no entries here")
        layers = range(int(hi), int(lo) - 1, -1)
        bodies = [substitute(term.body, {term.letter: Integer(n)}) for n in layers]
        if not bodies:
            return Kron(row, column) if row != column else Integer(1)
        return self._product(bodies, row, column)

    def _partial(self, term: Partial, row: Basic | None, column: Basic | None) -> Basic:
        """Gradient in the shape of v; Jacobian with rows E and columns v."""
        of, by = shape(term.of, self.program), shape(term.by, self.program)
        if of is None:
            inner = self.entry(term.of, None, None)
            where = [i for i in (row, column) if i is not None]
            return Partial(inner, term.by.at(*where) if by is not None else term.by)
        if by is None:
            return Partial(self.entry(term.of, row, column), term.by)
        return Partial(self.entry(term.of, row, None), term.by.at(column))
