"""Shapes of terms, with a sentence when they do not fit.  A vector is a column ``(n, 1)``."""

from __future__ import annotations

from sympy import Basic, Integer

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.language.binding import text_of
from symbackprop.language.program import Program
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
    Opaque,
    Partial,
    Plus,
    Power,
    Quotient,
    Ref,
    Sum,
    Times,
    Transpose,
)

Shape = tuple[Basic, Basic] | None  # rows and columns, a Size or the number 1; None: a scalar
ONE = Integer(1)


def shape_text(shape: Shape) -> str:
    """``n_{l} × 1`` or ``scalar``."""
    if shape is None:
        return "scalar"
    return " × ".join("1" if e == 1 else text_of(e) for e in shape)


def shape(term: Basic, program: Program) -> Shape:
    """Rows and columns of a term, or None for a scalar; raises ``IllTyped``."""
    if isinstance(term, Ref):
        sizes = program.axes_of(term)
        if len(term.indices) == len(sizes):
            return None
        if term.indices:
            raise IllTyped(f"{term.name} stands with some, but not all of its indices")
        return (sizes[0], ONE) if len(sizes) == 1 else (sizes[0], sizes[1])
    if isinstance(term, Plus):
        return _agree(term, [shape(arg, program) for arg in term.args], "added")
    if isinstance(term, Hadamard):
        return _agree(term, [shape(arg, program) for arg in term.args], "multiplied entry by entry")
    if isinstance(term, Times):
        shapes = [s for arg in term.args if (s := shape(arg, program)) is not None]
        if len(shapes) > 1:
            raise IllTyped(
                f"two arrays ({', '.join(map(shape_text, shapes))}) stand side by side as scalars; "
                "write a matrix product or ⊙"
            )
        return shapes[0] if shapes else None
    if isinstance(term, MatMul):
        return _matmul(term, program)
    if isinstance(term, Transpose):
        inner = _array(term.args[0], program, "transposed")
        return (inner[1], inner[0])
    if isinstance(term, Diag):
        inner = _array(term.args[0], program, "put on a diagonal")
        if inner[1] != 1:
            raise IllTyped(f"diag needs a vector, not {shape_text(inner)}")
        return (inner[0], inner[0])
    if isinstance(term, Column):
        inner = _array(term.args[0], program, "cut into columns")
        return None if inner[0] == 1 else (inner[0], ONE)
    if isinstance(term, Ones):
        return (program.known_size(term.args[0]), ONE)
    if isinstance(term, Identity):
        size = program.known_size(term.args[0])
        return (size, size)
    if isinstance(term, Chain):
        return _chain(term, program)
    if isinstance(term, Act | Fn):
        return shape(term.arg, program)
    if isinstance(term, Partial):
        return _partial(term, program)
    if isinstance(term, Opaque | Sum):
        if isinstance(term, Sum):
            return shape(term.body, program)
        return None
    if isinstance(term, Quotient | Power):
        if isinstance(term, Power) or shape(term.args[1], program) is None:
            inner_shape = shape(term.args[0], program)
            if isinstance(term, Power) and inner_shape is not None:
                raise IllTyped("a power of an array is not defined here; write ⊙ or a product")
            return inner_shape
        if shape(term.args[0], program) is None:
            raise IllTyped("division by an array is not defined")
        return _agree(term, [shape(arg, program) for arg in term.args], "divided entry by entry")
    return None


def _agree(term: Basic, shapes: list[Shape], verb: str) -> Shape:
    first = shapes[0]
    for other in shapes[1:]:
        if other != first:
            raise IllTyped(f"{shape_text(first)} and {shape_text(other)} are {verb}")
    return first


def _array(term: Basic, program: Program, verb: str) -> tuple[Basic, Basic]:
    found = shape(term, program)
    if found is None:
        raise IllTyped(f"a scalar is {verb}")
    return found


def _matmul(term: MatMul, program: Program) -> Shape:
    rows, inner = _array(term.args[0], program, "multiplied as a matrix")
    for factor in term.args[1:]:
        next_rows, columns = _array(factor, program, "multiplied as a matrix")
        if inner != next_rows:
            raise IllTyped(
                f"{shape_text((rows, inner))} times {shape_text((next_rows, columns))}: "
                f"the inner sizes {shape_text((inner, next_rows)).replace(' × ', ' and ')} differ"
            )
        inner = columns
    return None if rows == inner == 1 else (rows, inner)


def _chain(term: Chain, program: Program) -> Shape:
    from symbackprop.language.binding import substitute

    first = _array(substitute(term.body, {term.letter: term.hi}), program, "chained")
    last = _array(substitute(term.body, {term.letter: term.lo}), program, "chained")
    return (first[0], last[1])


def _partial(term: Partial, program: Program) -> Shape:
    of, by = shape(term.of, program), shape(term.by, program)
    if of is None:
        return by
    if by is None:
        return of
    if of[1] == 1 and by[1] == 1:
        return (of[0], by[0])
    raise NoSuchQuantity(
        f"∂/∂ of {shape_text(of)} by {shape_text(by)} has more than two axes; use index form"
    )
