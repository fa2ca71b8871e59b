"""Products as people write them: what stands side by side is a matrix product, a scale, or ⊙."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.language.terms import (
    Act,
    Chain,
    Column,
    Diag,
    Fn,
    Hadamard,
    Identity,
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

Form = tuple[bool, bool]  # more than one row, more than one column
SCALAR: Form = (False, False)
COLUMN: Form = (True, False)
ROW: Form = (False, True)
MATRIX: Form = (True, True)
Axes = Callable[[Ref], tuple[Size, ...]]


def form(term: Basic, axes_of: Axes) -> Form:
    """Whether a term has rows and columns, read off without asking whether the sizes fit."""
    if isinstance(term, Ref):
        free = len(axes_of(term)) - len(term.indices)
        return (free > 0, free > 1)
    if isinstance(term, Plus | Times | Hadamard | Quotient):
        return next((f for a in term.args if (f := form(a, axes_of)) != SCALAR), SCALAR)
    if isinstance(term, MatMul):
        return (form(term.args[0], axes_of)[0], form(term.args[-1], axes_of)[1])
    if isinstance(term, Transpose):
        rows, columns = form(term.args[0], axes_of)
        return (columns, rows)
    if isinstance(term, Diag | Identity | Chain):
        return MATRIX
    if isinstance(term, Ones):
        return COLUMN
    if isinstance(term, Column):
        return (form(term.args[0], axes_of)[0], False)
    if isinstance(term, Act | Fn):
        return form(term.arg, axes_of)
    if isinstance(term, Sum):
        return form(term.body, axes_of)
    if isinstance(term, Partial):
        of, by = form(term.of, axes_of), form(term.by, axes_of)
        return by if of == SCALAR else of if by == SCALAR else MATRIX
    return SCALAR


def product(one: Basic, sign: str, other: Basic, axes_of: Axes, notes: list[str]) -> Basic:
    """``one sign other`` where ``sign`` is "", "dot", "cross" or "star"."""
    left, right = form(one, axes_of), form(other, axes_of)
    if SCALAR in (left, right):
        return times(one, other)
    if isinstance(one, Times):  # (2 W) a is 2 (W a)
        scale, array = _scale(one, axes_of)
        return times(*scale, product(array, sign, other, axes_of, notes))
    fits = left[1] == right[0]
    if sign == "star" and left == right:
        return hadamard(one, other)
    if not fits and sign and left == right:
        notes.append("a product of two arrays of one shape is read entry by entry, as ⊙")
        return hadamard(one, other)
    if not fits and left == COLUMN and _gradient(one, axes_of):
        notes.append("the gradient at the left end of a product is read as a row")
        return MatMul(Transpose(one), other)
    return MatMul(*_factors(one), *_factors(other))


def _factors(term: Basic) -> tuple[Basic, ...]:
    return term.args if isinstance(term, MatMul) else (term,)


def _gradient(term: Basic, axes_of: Axes) -> bool:
    return isinstance(term, Partial) and form(term.of, axes_of) == SCALAR


def hadamard(one: Basic, other: Basic) -> Basic:
    """``A ⊙ B``, flat."""
    left = one.args if isinstance(one, Hadamard) else (one,)
    right = other.args if isinstance(other, Hadamard) else (other,)
    return Hadamard(*left, *right)


def entrywise(one: Basic, other: Basic, axes_of: Axes) -> Basic:
    """``one ⊙ other`` where one of them may be a number or a scaled array."""
    if SCALAR in (form(one, axes_of), form(other, axes_of)):
        return times(one, other)
    scale: list[Basic] = []
    parts = []
    for side in (one, other):
        while isinstance(side, Times):
            own, side = _scale(side, axes_of)
            scale.extend(own)
        parts.append(side)
    return times(*scale, hadamard(*parts))


def _scale(term: Times, axes_of: Axes) -> tuple[list[Basic], Basic]:
    """The numbers of ``2 W c`` and its array."""
    numbers = [arg for arg in term.args if form(arg, axes_of) == SCALAR]
    (array,) = (arg for arg in term.args if form(arg, axes_of) != SCALAR)
    return numbers, array


def added(
    terms: list[Basic], axes_of: Axes, shape_of: Callable[[Basic], tuple[Basic, Basic]]
) -> Basic:
    """A sum; a number added to an array is added to each entry."""
    forms = [form(term, axes_of) for term in terms]
    array = next((term for term, f in zip(terms, forms, strict=True) if f != SCALAR), None)
    if MATRIX in forms and len(set(forms) - {SCALAR}) > 1:
        matrix = terms[forms.index(MATRIX)]
        rows, columns = shape_of(matrix)
        beside = isinstance(matrix, MatMul) and _is_weight(matrix.args[-1])
        terms = [
            _spread(term, rows, columns, shape_of, beside) if f in (COLUMN, ROW) else term
            for term, f in zip(terms, forms, strict=True)
        ]
        return added(terms, axes_of, shape_of)
    if array is None or SCALAR not in forms:
        return plus(*terms)
    ones = ones_like(shape_of(array))
    spread = (
        times(term, ones) if f == SCALAR and term != 0 else term
        for term, f in zip(terms, forms, strict=True)
    )
    return plus(*spread)


def _is_weight(term: Basic) -> bool:
    inner = term.args[0] if isinstance(term, Transpose) else term
    return isinstance(inner, Ref) and inner.name[:1] in "WwUVT"


def _spread(
    term: Basic,
    rows: Basic,
    columns: Basic,
    shape_of: Callable[[Basic], tuple[Basic, Basic]],
    samples_in_rows: bool,
) -> Basic:
    """A vector added to every column, or to every row, of a matrix: a bias beside a batch."""
    if isinstance(term, Times):
        inner = _spread(term.args[-1], rows, columns, shape_of, samples_in_rows)
        return times(*term.args[:-1], inner)
    own, other = shape_of(term)
    upright = Transpose(term) if own == Integer(1) else term
    size = other if own == Integer(1) else own
    if size == rows or (size != columns and not samples_in_rows):
        return MatMul(upright, Transpose(Ones(columns)))
    return MatMul(Ones(rows), Transpose(upright))


def ones_like(shape: tuple[Basic, Basic]) -> Basic:
    """An array of ones of a shape."""
    rows, columns = shape
    if columns == Integer(1):
        return Ones(rows)
    if rows == Integer(1):
        return Transpose(Ones(columns))
    return MatMul(Ones(rows), Transpose(Ones(columns)))


def entry(term: Basic, indices: tuple[Basic, ...], axes_of: Axes) -> Basic:
    """``(…)_j`` of a vector, ``(…)_{ij}`` of a matrix, ``σ(z)_j``."""
    if isinstance(term, Ref) and not term.indices:
        return term.at(*indices)
    if isinstance(term, Act):
        return Act(term.layer, entry(term.arg, indices, axes_of), term.order)
    if isinstance(term, Fn):
        return Fn(term.name, entry(term.arg, indices, axes_of))
    if isinstance(term, Quotient | Plus | Times | Hadamard):
        parts = [
            part if form(part, axes_of) == SCALAR else entry(part, indices, axes_of)
            for part in term.args
        ]
        return times(*parts) if isinstance(term, Hadamard) else term.func(*parts)
    if len(indices) == 1:
        return Column(Transpose(term), indices[0])
    return Column(Transpose(Column(term, indices[1])), indices[0])


def number(text: str) -> Rational:
    """``0.25`` as the exact fraction."""
    return Rational(text)


def scaled_inverse(term: Basic) -> Basic:
    return Quotient(Integer(1), term)


def is_letter(index: Basic) -> bool:
    return isinstance(index, Symbol)
