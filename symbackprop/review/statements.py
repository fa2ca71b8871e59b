"""From two sides to a statement: in which readings, for which layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Basic, Integer

from symbackprop.language.binding import substitute, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, Program, l
from symbackprop.language.terms import (
    BINDERS,
    Act,
    Chain,
    Column,
    LayerSum,
    Partial,
    Ref,
    Size,
    Transpose,
    times,
)
from symbackprop.review.conditions import Conditions
from symbackprop.review.meanings import Meaning
from symbackprop.review.sloppy import CHANGES
from symbackprop.review.spelling import (
    NO_LAYER_SAID,
)
from symbackprop.review.sums import apart


@dataclass(frozen=True)
class Reading:
    """One way to read an equation: all its statements must hold (cases have several)."""

    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()


def all_readings(
    made: Meaning, pairs: list[tuple[Basic, Basic, Conditions]], notes: tuple[str, ...]
) -> Iterator[Reading]:
    """As written; then with what people leave out put back, each said in a note."""
    seen: list[tuple[Statement, ...]] = []
    for change in CHANGES:
        statements, extra = [], list(notes)
        for left, right, conditions in pairs:
            sides, said = change(made, (left, right))
            sides, harmless = apart(sides)
            extra += [*said, *harmless]
            statements.append(_statement(made, sides, conditions))
        key = tuple(statements)
        if key in seen:
            continue
        seen.append(key)
        yield Reading(key, tuple(dict.fromkeys(extra)))


def _whole(sides: tuple[Basic, ...]) -> tuple[Basic, ...]:
    """``∂a_i/∂a_j = (B ⋯ B)_{ij}`` as an equation between matrices, which induction can prove."""
    ends: set[tuple[Basic, Basic]] = set()
    arrays: list[Basic] = []
    for side in sides:
        if isinstance(side, Partial) and isinstance(side.of, Ref) and len(side.of.indices) == 1:
            ends.add((side.of.indices[0], side.by.indices[0] if side.by.indices else side.by))
            arrays.append(Partial(side.of.whole, side.by.whole))
        elif isinstance(side, Column) and isinstance(side.args[0], Transpose):
            inner = side.args[0].args[0]
            if not isinstance(inner, Column):
                return sides
            ends.add((side.args[1], inner.args[1]))
            arrays.append(inner.args[0])
        else:
            return sides
    return tuple(arrays) if len(ends) == 1 and any(a.has(Chain) for a in arrays) else sides


def _statement(made: Meaning, sides: tuple[Basic, ...], conditions: Conditions) -> Statement:
    sides = _whole(sides)
    sides = tuple(_with_layers(made, side, sides) for side in sides)
    by = dict(conditions.equal)
    if by:
        sides = tuple(substitute(side, by) for side in sides)
    for sign in conditions.signs:
        sides = tuple(times(sign, side) for side in sides)
    first, last = bounds(sides, made.program)
    if conditions.first is not None:
        first = conditions.first if first is None else larger(first, conditions.first)
    if conditions.last is not None and conditions.last != L:
        last = conditions.last if last is None else smaller(last, conditions.last)
    return Statement(sides, conditions.unequal, first, last)


def larger(one: Basic, other: Basic) -> Basic:
    difference = one - other
    return one if difference.is_Integer and difference > 0 else other


def smaller(one: Basic, other: Basic) -> Basic:
    difference = one - other
    return one if difference.is_Integer and difference < 0 else other


def _with_layers(made: Meaning, side: Basic, sides: Sequence[Basic]) -> Basic:
    """A layered letter without its layer: the layer of the rest, or the last one."""
    if not any(node.has(NO_LAYER_SAID) for node in sides):
        return side
    said = {
        n.layer for s in sides for n in subterms(s) if isinstance(n, Ref) and n.layer is not None
    }
    said -= {NO_LAYER_SAID}
    layer = next(iter(said)) if len(said) == 1 else L if made.letters.output == "softmax" else l
    return substitute(side, {NO_LAYER_SAID: layer})


def bounds(sides: Sequence[Basic], program: Program) -> tuple[Basic | None, Basic | None]:
    """The layers l for which everything that a statement mentions exists."""
    first, above, found = 1, 0, False
    for side in sides:
        bound = {n.args[1] for n in subterms(side) if isinstance(n, BINDERS)}
        for node in subterms(side):
            if not isinstance(node, Ref | Act | Size | Chain | LayerSum):
                continue
            for layer, lowest in _layers(node, program):
                offset = layer - l
                if offset.is_Integer and not layer.free_symbols & bound:
                    found = True
                    first, above = max(first, lowest - int(offset)), max(above, int(offset))
    if not found:
        return None, None
    return Integer(first), L - above


def _layers(node: Basic, program: Program) -> Iterator[tuple[Basic, int]]:
    if isinstance(node, Ref) and node.layer is not None:
        yield node.layer, program.lowest_layer(node.name)
    elif isinstance(node, Act):
        yield node.layer, 1
    elif isinstance(node, Size) and node.of.free_symbols and l in node.of.free_symbols:
        yield node.of, 0
    elif isinstance(node, Chain):
        yield node.lo - 1, 0
