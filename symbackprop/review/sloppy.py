"""What people leave out or slip into when they write: the sum sign, a fresh letter, l for L."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.errors import IllTyped
from symbackprop.language.binding import subterms
from symbackprop.language.program import L, l
from symbackprop.language.shapes import shape
from symbackprop.language.terms import Act, Chain, LayerSum, Ref, Size, Transpose
from symbackprop.render.names import linear
from symbackprop.review.sums import freed, indices_in, inner_renamed, with_sums

if TYPE_CHECKING:
    from symbackprop.review.meanings import Meaning

ONE = Integer(1)
Sides = tuple[Basic, ...]
Change = Callable[["Meaning", Sides], tuple[Sides, list[str]]]


def _as_written(made: Meaning, sides: Sides) -> tuple[Sides, list[str]]:
    return sides, []


def _summed(made: Meaning, sides: Sides) -> tuple[Sides, list[str]]:
    """Einstein's rule on each side, for the letters that the other side has not."""
    letters = [indices_in(side) for side in sides]
    keep = set.intersection(*letters) if all(letters) else set()
    if not all(letters):
        keep = set()
    made_sides, summed = [], set[Symbol]()
    for side in sides:
        done, own = with_sums(side, keep, made.reader().range_of)
        made_sides.append(done)
        summed |= own
    said = [f"a sum over {letter} is meant" for letter in sorted(summed, key=str)]
    return tuple(made_sides), said


def _renamed(made: Meaning, sides: Sides) -> tuple[Sides, list[str]]:
    range_of = made.reader().range_of
    changed = tuple(freed(inner_renamed(side, range_of)) for side in sides)
    done, said = _summed(made, changed)
    if changed != sides:
        said.append("a letter is free and summed at once; the summed one is renamed")
    return done, said


def _lowered(made: Meaning, sides: Sides) -> tuple[Sides, list[str]]:
    """``L+1`` does not exist; l+1 is meant."""
    over = {
        layer
        for side in sides
        for layer in _all_layers(side)
        if (layer - L).is_Integer and layer - L > 0
    }
    if not over:
        return sides, []
    by = {layer: layer.xreplace({L: l}) for layer in over}
    said = [f"{linear(old)} read as {linear(new)}" for old, new in sorted(by.items(), key=str)]
    return tuple(_relayered(side, by) for side in sides), said


def _lowered_all(made: Meaning, sides: Sides) -> tuple[Sides, list[str]]:
    """Every L of the line is l."""
    layers = {layer - L for side in sides for layer in _all_layers(side)}
    if not any(d.is_Integer and d > 0 for d in layers) or any(n.has(Chain) for n in sides):
        return sides, []
    by = {layer: layer.xreplace({L: l}) for side in sides for layer in _all_layers(side)}
    return tuple(_relayered(side, by) for side in sides), ["L read as l"]


def _all_layers(side: Basic) -> set[Basic]:
    found = set()
    for node in subterms(side):
        if isinstance(node, Ref | Act) and node.layer is not None:
            found.add(node.layer)
        elif isinstance(node, Chain | LayerSum):
            found |= {node.hi, node.lo}
        elif isinstance(node, Size) and node.of.free_symbols:
            found.add(node.of)
    return found


def _relayered(term: Basic, by: dict[Basic, Basic]) -> Basic:
    """Layers replaced where they stand as layers."""
    if isinstance(term, Ref) and term.layer in by:
        return Ref(term.args[0], by[term.layer], *term.indices)
    if isinstance(term, Act):
        return Act(by.get(term.layer, term.layer), _relayered(term.arg, by), term.order)
    if isinstance(term, Size):
        return Size(by.get(term.of, term.of))
    if isinstance(term, Chain | LayerSum):
        ends = (by.get(arg, arg) for arg in term.args[2:])
        return term.func(_relayered(term.body, by), term.letter, *ends)
    if not term.args:
        return term
    return term.func(*(_relayered(arg, by) for arg in term.args))


def _upright(made: Meaning, sides: Sides) -> tuple[Sides, list[str]]:
    """A row set equal to a column: the direction of a gradient is a matter of convention."""
    try:
        shapes = [shape(side, made.program) for side in sides]
    except IllTyped:
        return sides, []
    if len(sides) != 2 or None in shapes or shapes[0] == shapes[1]:
        return sides, []
    (rows, columns), other = shapes  # type: ignore[misc]
    if ONE not in (rows, columns) or other != (columns, rows):
        return sides, []
    turned = sides[0] if columns == ONE else Transpose(sides[0])
    upright = sides[1] if columns != ONE else Transpose(sides[1])
    return (turned, upright), [
        "a row and a column are set equal: one is read as the other's transpose"
    ]


def _then(*changes: Change) -> Change:
    def all_of(made: Meaning, sides: Sides) -> tuple[Sides, list[str]]:
        said: list[str] = []
        for change in changes:
            sides, more = change(made, sides)
            said += more
        return sides, said

    return all_of


# the nearest first: a line is read in the first of these ways in which it can be judged
CHANGES: tuple[Change, ...] = (
    _as_written,
    _upright,
    _summed,
    _renamed,
    _lowered,
    _then(_lowered, _summed),
    _then(_lowered, _renamed),
    _lowered_all,
    _then(_lowered_all, _summed),
    _then(_lowered_all, _renamed),
)
