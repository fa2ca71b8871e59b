"""The walk over a term that all printers share: brackets, signs, and the order as written.

What a fraction or a script looks like is left to the dialects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from sympy import Basic, Expr, Float, Rational

from symbackprop.language import terms as t
from symbackprop.language.program import Program
from symbackprop.networks.notations import Notation
from symbackprop.render.names import Names
from symbackprop.render.rows import Level, Piece, Row

OUTPUTS = "a"


class Printer(Names):
    """Turns terms into rows of one dialect."""

    def __init__(self, notation: Notation | None = None, program: Program | None = None) -> None:
        super().__init__(notation, program)
        self._heads: dict[type[Basic], Callable[..., Row]] = {
            t.Ref: self._ref, t.Size: self._size, t.Plus: self._plus, t.Times: self._times,
            t.Power: self._power, t.Quotient: self._quotient, t.Fn: self._fn, t.Act: self._act,
            t.Vec: self._vec, t.Opaque: self._opaque, t.Partial: self._partial, t.Sum: self._sum,
            t.Kron: self._kron, t.MatMul: self._matmul, t.Transpose: self._transpose,
            t.Hadamard: self._hadamard, t.Diag: self._diag, t.Ones: self._ones,
            t.Identity: self._identity, t.Chain: self._chain, t.LayerSum: self._layer_sum,
            t.Column: self._column,
        }  # fmt: skip

    def row(self, term: Basic) -> Row:
        """Any term as a row of pieces."""
        if type(term) in self._heads:
            return self._heads[type(term)](term)
        if isinstance(term, Rational):
            return self._number(term)
        if isinstance(term, Float):  # a decimal of a worked example
            return self.scripted(decimal_text(term)) if term >= 0 else self._times(term)
        if isinstance(term, Expr):
            return self.scripted(self.index(term))
        raise TypeError(f"{type(term).__name__} is not a head of the language")

    def text(self, term: Basic) -> str:
        """Any term as one string, unbroken."""
        return self.row(term).text

    # -- sums and products ---------------------------------------------------------------------

    def _number(self, value: Rational) -> Row:
        if value < 0:
            positive = self._number(-value)
            return Row((self.sign("negative"), *positive.pieces), Level.SUM, positive.tall)
        if value.is_Integer:
            return self.scripted(str(value))
        return self.fraction(self.scripted(str(value.p)), self.scripted(str(value.q)))

    def _base(self, row: Row) -> Row:
        return row if row.level is Level.ATOM else self.group(row)

    def _plus(self, term: t.Plus) -> Row:
        pieces: list[Piece] = []
        tall = False
        for place, arg in enumerate(term.args):
            negative, factors = _signed(arg)
            row = self._product(factors) if negative else self.row(arg)
            if row.level is Level.SUM:
                row = self.group(row)
            if place or negative:
                sign = "negative" if not place else "minus" if negative else "plus"
                pieces.append(self.sign(sign))
            pieces.extend(row.deeper)
            tall |= row.tall
        return Row(tuple(pieces), Level.SUM, tall)

    def _times(self, term: Basic) -> Row:
        negative, factors = _signed(term)
        if isinstance(term, t.Times) and all(isinstance(f, Rational | Float) for f in term.args):
            factors = (-term.args[0], *term.args[1:]) if negative else factors  # -1 · 0
        row = self._product(factors)
        if not negative:
            return row
        if row.level is Level.SUM:
            row = self.group(row)
        return Row((self.sign("negative"), *row.pieces), Level.SUM, row.tall)

    def _product(self, factors: Sequence[Basic]) -> Row:
        if len(factors) == 1:
            return self.row(factors[0])
        rows = [self.row(factor) for factor in factors]
        signs = ["dot" if _collide(one, other) else "times" for one, other in pairwise(factors)]
        if rows[0].level is Level.DIVIDED:
            signs[0] = "dot"
        return self._joined(rows, signs)

    def _joined(self, rows: Sequence[Row], signs: Sequence[str]) -> Row:
        """Rows side by side; brackets around what would be torn apart or would swallow the next."""
        pieces: list[Piece] = []
        last, level = len(rows) - 1, Level.PRODUCT
        for place, row in enumerate(rows):
            least = Level.OPEN if place == last else Level.PRODUCT if place else Level.DIVIDED
            if row.level < least or (place and row.level is Level.DIVIDED):
                row = self.group(row)
            if place:
                pieces.append(self.sign(signs[place - 1]))
            if place in (0, last):
                level = min(level, row.level)
            pieces.extend(row.deeper)
        return Row(tuple(pieces), level, any(row.tall for row in rows))

    def _arrays(self, factors: Sequence[Basic]) -> list[Row]:
        """Arrays to be multiplied: products inside products keep their brackets."""
        rows = []
        for place, factor in enumerate(factors):
            row = self.row(factor)
            scaled = place and isinstance(factor, t.Times)
            loose = scaled or isinstance(factor, t.MatMul | t.Hadamard)
            rows.append(self.group(row) if loose else row)
        return rows

    def _matmul(self, term: t.MatMul) -> Row:
        return self._joined(self._arrays(term.args), ["matmul"] * (len(term.args) - 1))

    def _hadamard(self, term: t.Hadamard) -> Row:
        rows = [self.group(r) if r.level < Level.PRODUCT else r for r in self._arrays(term.args)]
        signs = ["hadamard"] * (len(rows) - 1)
        return replace(self._joined(rows, signs), level=Level.ENTRYWISE)

    def _power(self, term: t.Power) -> Row:
        base, exponent = term.args
        return self.raised(self._base(self.row(base)), self.index(exponent))

    def _quotient(self, term: t.Quotient) -> Row:
        if _signed(term)[0]:
            return self._times(term)
        return self.fraction(self.row(term.args[0]), self.row(term.args[1]))

    # -- functions and derivatives -------------------------------------------------------------

    def _fn(self, term: t.Fn) -> Row:
        return self.function(term.name, self.row(term.arg))

    def _act(self, term: t.Act) -> Row:
        return self.applied(self.sigma(term.layer, term.order), self.row(term.arg))

    def applied(self, head: Row, *arguments: Row) -> Row:
        """``head(arguments)``."""
        pieces: list[Piece] = []
        for place, row in enumerate(arguments):
            if place:
                pieces.append(self.sign("comma"))
            pieces.extend(row.deeper)
        inner = Row(tuple(pieces), tall=any(row.tall for row in arguments))
        return Row((*head.pieces, *self.group(inner).pieces), Level.SCRIPTED, inner.tall)

    def _vec(self, term: t.Vec) -> Row:
        body = term.body
        if isinstance(body, t.Ref) and body.indices == (term.index,):
            return self._ref(body.whole)
        first, last = f"{self.index(term.index)}=1", self.text(term.size)
        return self.bracketed(self.row(body), last, first)

    def _opaque(self, term: t.Opaque) -> Row:
        letters = self.notation.letters
        base = self.letter(letters[term.name]) if term.name in letters else self.name(term.name)
        head = self.scripted(base, "", self.indices(term.outputs))
        return self.applied(head, *map(self._vec, term.vectors))

    def _partial(self, term: t.Partial) -> Row:
        by, of = self.row(term.by), self.row(term.of)
        if self.notation.gradient == "nabla" and self._is_gradient(term):
            return self.nabla(by, of)
        if isinstance(term.of, t.Ref | t.Opaque | t.Act):
            return self.slope(of, by)
        pieces = (*self.slope(None, by).pieces, *self.group(of).pieces)
        return Row(pieces, Level.OPEN, tall=True)

    def _is_gradient(self, term: t.Partial) -> bool:
        """Whether a scalar is differentiated by all activations of a layer: ``∇_a C``."""
        of, by = term.of, term.by
        scalar = isinstance(of, t.Ref) and of.layer is None and not of.indices
        return scalar and by.name == OUTPUTS and not by.indices

    def _sum(self, term: t.Sum) -> Row:
        last = self.text(term.size)
        return self._bound("sum", term.body, (self.index(term.index), "1", last))

    def _layer_sum(self, term: t.LayerSum) -> Row:
        limits = (self.index(term.letter), self.index(term.lo), self.index(term.hi))
        return self._bound("layers", term.body, limits)

    def _chain(self, term: t.Chain) -> Row:
        limits = (self.index(term.letter), self.index(term.hi), self.index(term.lo))
        return self._bound("prod", term.body, limits, Level.FRACTION)

    def _bound(
        self, sign: str, body: Basic, limits: tuple[str, str, str], least: Level = Level.OPEN
    ) -> Row:
        inner = self.row(body)
        inner = inner if inner.level >= least else self.group(inner)
        return Row((self.big(sign, *limits), *inner.deeper), Level.OPEN, tall=True)

    def _kron(self, term: t.Kron) -> Row:
        return self.scripted(self.letter(r"\delta"), "", self.indices(term.args))

    # -- arrays --------------------------------------------------------------------------------

    def _transpose(self, term: t.Transpose) -> Row:
        inner = term.args[0]
        if isinstance(inner, t.Ref) and self.is_turned(inner):
            return self.scripted(self.letter_of(inner), self.above(inner))
        return self.turned(self.row(inner))

    def _column(self, term: t.Column) -> Row:
        array, index = term.args
        below = self.every + self.index(index)
        if isinstance(array, t.Ref) and not self.is_turned(array):
            return self.scripted(self.letter_of(array), self.above(array), below)
        return self.bracketed(self.row(array), "", below)

    def _diag(self, term: t.Diag) -> Row:
        return self.applied(self.scripted(self.name("diag")), self.row(term.args[0]))

    def _ones(self, term: t.Ones) -> Row:
        return self.scripted(self.letter(r"\mathbf{1}"), "", self.text(term.args[0]))

    def _identity(self, term: t.Identity) -> Row:
        return self.scripted(self.letter("I"), "", self.text(term.args[0]))


def decimal_text(value: Float) -> str:
    """``0.05``: no exponent, no zeros at the end."""
    return f"{float(value):.12f}".rstrip("0").rstrip(".")


def _signed(term: Basic) -> tuple[bool, tuple[Basic, ...]]:
    """Whether a term starts with a minus, and its factors without it."""
    if isinstance(term, Rational | Float) and term < 0:
        return True, (-term,)
    if isinstance(term, t.Quotient) and _signed(term.args[0])[0]:
        return True, (t.Quotient(t.times(*_signed(term.args[0])[1]), term.args[1]),)
    if not isinstance(term, t.Times):
        return False, (term,)
    negative, factors = _signed(term.args[0])
    if not negative:
        return False, term.args
    return True, (*(f for f in factors if f != 1), *term.args[1:])


def _collide(one: Basic, other: Basic) -> bool:
    """Whether two numbers would run together: ``2 3``, ``2 ½``."""
    return isinstance(one, Rational | Float) and _starts_with_number(other)


def _starts_with_number(term: Basic) -> bool:
    if isinstance(term, t.Power):
        return _starts_with_number(term.args[0])
    return isinstance(term, Rational | Float | t.Quotient)
