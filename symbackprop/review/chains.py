"""Products with dots: ``∂a^L/∂a^{L-1} … ∂a^{l+2}/∂a^{l+1}`` as a product over layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Basic, Symbol

from symbackprop.language.binding import substitute, subterms
from symbackprop.language.program import L, l
from symbackprop.language.terms import (
    Act,
    Chain,
    Column,
    Diag,
    MatMul,
    Partial,
    Ref,
    Times,
    Transpose,
)
from symbackprop.read import layout as t
from symbackprop.review.spelling import Misread

if TYPE_CHECKING:
    from symbackprop.review.meaning import Reader

R = Symbol("r")


def over_layers(reader: Reader, nodes: Sequence[t.Node]) -> Basic:
    """The product that a row with dots means: its first factors and its last one say the pattern."""
    from symbackprop.review.products import parts

    dots = next(n for n, node in enumerate(nodes) if isinstance(node, t.Sign) and node.kind == "dots")
    head = [f for _, f in parts(reader, _trimmed(nodes[:dots]))]
    tail = [f for _, f in parts(reader, _trimmed(nodes[dots + 1 :]))]
    if not head or not tail:
        raise Misread(nodes[dots], "dots stand at the end of a product", "the last factor too")
    arrays = _as_matrices(reader, [*head, *tail])
    if arrays is None:
        raise Misread(nodes[dots], "the pattern of this product with dots is not understood")
    head, tail = arrays[: len(head)], arrays[len(head) :]
    first, last = _flat(head), _flat(tail)
    period = _period(first, last)
    if period is None:
        raise Misread(nodes[dots], "the factors before and behind the dots have no common pattern")
    body, high, low, behind = period
    chain = Chain(body, R, high, low)
    made = MatMul(chain, *behind) if behind else chain
    outer = reader.chain_ends
    return made if outer is None else Column(Transpose(Column(made, outer[1])), outer[0])


def _trimmed(nodes: Sequence[t.Node]) -> list[t.Node]:
    found = list(nodes)
    while found and isinstance(found[-1], t.Sign):
        found.pop()
    while found and isinstance(found[0], t.Sign):
        found.pop(0)
    return found


def _flat(factors: Sequence[Basic]) -> list[Basic]:
    return [f for factor in factors for f in (factor.args if isinstance(factor, MatMul) else (factor,))]


def _as_matrices(reader: Reader, factors: list[Basic]) -> list[Basic] | None:
    """Factors with two index letters as the matrices they are entries of."""
    reader.chain_ends = None
    if all(reader.form(f) != (False, False) for f in factors):
        return factors
    found = []
    ends: list[tuple[Basic, Basic]] = []
    for factor in factors:
        made = _matrix(factor)
        if made is None:
            return None
        matrix, row, column = made
        found.append(matrix)
        ends.append((row, column))
    reader.chain_ends = (ends[0][0], ends[-1][1])
    return found


def _matrix(factor: Basic) -> tuple[Basic, Basic, Basic] | None:
    """``σ'(z_i) w_ip`` is the entry (i, p) of ``diag(σ'(z)) W``; ``∂a_i/∂a_p`` of ``∂a/∂a``."""
    if isinstance(factor, Partial) and isinstance(factor.of, Ref):
        of, by = factor.of, factor.by
        if len(of.indices) == len(by.indices) == 1:
            return Partial(of.whole, by.whole), of.indices[0], by.indices[0]
        return None
    if isinstance(factor, Times) and len(factor.args) == 2:
        slope, weight = factor.args
        if isinstance(weight, Act):
            slope, weight = weight, slope
        if not isinstance(slope, Act) or not isinstance(slope.arg, Ref):
            return None
        if not isinstance(weight, Ref) or len(weight.indices) != 2:
            return None
        own = slope.arg.indices[0]
        diagonal = Diag(Act(slope.layer, slope.arg.whole, slope.order))
        row, column = weight.indices
        if row == own:
            return MatMul(diagonal, weight.whole), row, column
        if column == own:
            return MatMul(diagonal, Transpose(weight.whole)), column, row
    return None


def _period(first: list[Basic], last: list[Basic]) -> tuple[Basic, Basic, Basic, list[Basic]] | None:
    """The repeated body in a layer letter, its highest and lowest layer, and what stands behind."""
    for length in range(1, len(first) + 1):
        body, high = _generic(first[:length], L)
        if body is None:
            continue
        rest = first[length:]
        if not _continues(rest, body, high, length):
            continue
        for end in range(length, len(last) + 1):
            low = _matches(last[:end][-length:], body)
            if low is not None and _continues_up(last[: end - length], body, low, length):
                return (MatMul(*body) if length > 1 else body[0]), high, low, last[end:]
    return None


def _generic(factors: list[Basic], anchor: Basic) -> tuple[list[Basic] | None, Basic]:
    """Factors with their highest layer written as R."""
    layers = [n.layer for f in factors for n in subterms(f) if isinstance(n, Ref) and n.layer is not None]
    if not layers:
        return None, anchor
    high = max(layers, key=lambda layer: (layer - layers[0]) if (layer - layers[0]).is_Integer else 0)
    return [_shifted(f, high) for f in factors], high


def _shifted(term: Basic, high: Basic) -> Basic:
    """Every layer of a term relative to R instead of ``high``."""
    from symbackprop.language.terms import Size

    if isinstance(term, Ref) and term.layer is not None:
        return Ref(term.args[0], R + (term.layer - high), *term.indices)
    if isinstance(term, Act):
        return Act(R + (term.layer - high), _shifted(term.arg, high), term.order)
    if isinstance(term, Size):
        return Size(R + (term.of - high))
    if not term.args:
        return term
    return term.func(*(_shifted(arg, high) for arg in term.args))


def _matches(factors: list[Basic], body: list[Basic]) -> Basic | None:
    generic, high = _generic(factors, l)
    return high if generic == body else None


def _continues(rest: list[Basic], body: list[Basic], high: Basic, length: int) -> bool:
    for at in range(0, len(rest), length):
        expected = [substitute(f, {R: high - at // length - 1}) for f in body]
        if rest[at : at + length] != expected:
            return False
    return True


def _continues_up(rest: list[Basic], body: list[Basic], low: Basic, length: int) -> bool:
    steps = len(rest) // length
    for at in range(steps):
        expected = [substitute(f, {R: low + steps - at}) for f in body]
        if rest[at * length : (at + 1) * length] != expected:
            return False
    return len(rest) % length == 0
