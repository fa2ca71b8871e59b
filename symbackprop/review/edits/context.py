"""What an edit may look at, and how a part of a term is exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.language.program import L
from symbackprop.language.terms import (
    SAMPLES,
    Plus,
    Quotient,
    Ref,
    Size,
    Times,
    Transpose,
    plus,
    times,
)
from symbackprop.review.kin import Kin
from symbackprop.review.mistakes import MISTAKES

ONE, TWO, HALF = Integer(1), Integer(2), Rational(1, 2)
Offer = Iterator[tuple[str, Basic]]


@dataclass(frozen=True)
class Edit:
    """A side with one change, and the mistake that the change undoes."""

    mistake: str
    term: Basic
    plain: bool = False  # nothing else is as likely

    @property
    def rank(self) -> int:
        return 0 if self.plain else MISTAKES[self.mistake].rank


@dataclass(frozen=True)
class Context:
    """What an edit may look at: the quantities, this side, the other side."""

    kin: Kin
    side: Basic
    other: Basic


def places(term: Basic, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Basic]]:
    """Every part of a term and the way to it."""
    yield path, term
    if isinstance(term, Ref | Size | Symbol):
        return
    for n, arg in enumerate(term.args):
        if isinstance(arg, Basic) and not isinstance(arg, Symbol | Integer):
            yield from places(arg, (*path, n))


def put(term: Basic, path: tuple[int, ...], new: Basic) -> Basic:
    """The term with another part in that place."""
    if not path:
        return new
    at, *rest = path
    args = list(term.args)
    args[at] = put(args[at], tuple(rest), new)
    if isinstance(term, Times):
        return times(*args)
    if isinstance(term, Plus):
        return plus(*args)
    return term.func(*args)


def upright(term: Basic) -> Basic:
    """Without its transpose."""
    return term.args[0] if isinstance(term, Transpose) else Transpose(term)


def is_negative(term: Basic) -> bool:
    """Whether a minus stands in front."""
    number = term.args[0] if isinstance(term, Times) else term
    return isinstance(number, Rational) and number < 0


def numbers(context: Context) -> Iterator[tuple[str, Basic]]:
    """The numbers that mistakes forget or add, with their names."""
    yield "sign", Integer(-1)
    yield "factor-2", TWO
    yield "factor-2", HALF
    m, top = Size(SAMPLES), Size(L)
    if any(size == m for d in context.kin.program.declarations for size in d.axes):
        yield "missing-1/m", Quotient(ONE, m)
        yield "1/m-twice", m
    if context.kin.program.depth is None or context.kin.program.widths is None:
        yield "missing-1/n_L", Quotient(ONE, top)
        yield "1/n_L-twice", top
    for declaration in context.kin.program.declarations:
        if declaration.name in ("n", "m", "N", "M") and not declaration.axes:
            yield "missing-1/n", Quotient(ONE, Ref(declaration.name))
            yield "extra-1/n", Ref(declaration.name)
