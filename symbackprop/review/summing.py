"""Sums: their letters, limits and ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.language.binding import free_letters, substitute, subterms, text_of
from symbackprop.language.program import L
from symbackprop.language.terms import (
    SAMPLES,
    Kron,
    LayerSum,
    Ref,
    Size,
    Sum,
    negative,
    times,
)
from symbackprop.read import layout as t
from symbackprop.review import arrays
from symbackprop.review.lettering import count_of
from symbackprop.review.spelling import (
    Malformed,
    Misread,
    bare,
    is_layer,
    items,
    layer_of,
    walk,
)

if TYPE_CHECKING:
    from symbackprop.review.meaning import Reader


def summed(reader: Reader, big: t.Big, body: Basic) -> Basic:
    """``Σ_{k=1}^{n} body``; several letters; none: those that the other side has not."""
    letters, last, unequal = limits_of(reader, big)
    if not letters:
        letters = implied(reader, big, body)
    for one, other in unequal:
        body = times(
            arrays.added([Integer(1), negative(Kron(one, other))], reader.axes, reader.shape), body
        )
    for letter in reversed(letters):
        body = sum_over(reader, letter, body, last, big)
    return body


def check_limits(reader: Reader, big: t.Big, letter: Symbol, size: Size | None) -> None:
    """From 1 to n, or from 0 to n - 1, and n of the right layer."""
    start = start_of(reader, big, letter)
    above = bare(big.scripts.sup)
    if isinstance(above, t.Addition):  # 0 … n - 1
        *count, one = above.terms
        less = isinstance(one, t.Number) and one.text == "1" and above.signs[-1] < 0
        if start != "0" or not less or len(count) != 1:
            raise Misread(big, "this range of a sum is not understood", "from 1 to n")
        above = bare(count[0])
    elif start not in ("1", ""):
        raise Misread(big, f"the sum over {letter} begins with {start}", "from 1 to n")
    if above is None:
        return
    if not isinstance(above, t.Name):
        raise Misread(big, "this range of a sum is not understood", "from 1 to n")
    last = last_of(reader, above)
    if last is None or size is None or not reader.letters.symbolic:
        return
    if SAMPLES not in (last.of, size.of) and not _as_wide(reader, last, size):
        what = f"{letter} runs to {text_of(size)}, its sum to {text_of(last)}"
        raise Malformed(big, what)


def _as_wide(reader: Reader, one: Size, other: Size) -> bool:
    """The same layer, or two layers of one width where the document gives the widths."""
    letters = reader.letters
    layers = [letters.at_top(size.of) for size in (one, other)]
    if layers[0] == layers[1]:
        return True
    width, other_width = (
        letters.widths.get(-1 if letters.depth is None else letters.depth)
        if layer == L
        else letters.widths.get(int(layer) if layer.is_Integer else -1)
        for layer in layers
    )
    return width is not None and width == other_width


def start_of(reader: Reader, big: t.Big, letter: Symbol) -> str:
    """The number with which a sum begins; "" if none is said."""
    for part in items(big.scripts.sub):
        inner = bare(part)
        if not isinstance(inner, t.Chain) or inner.relations != ("=",):
            continue
        if letter in [reader.letter(n) for n in walk(inner.sides[0]) if isinstance(n, t.Name)]:
            right = bare(inner.sides[1])
            return right.text if isinstance(right, t.Number) else "something else"
    return ""


def limits_of(
    reader: Reader, big: t.Big
) -> tuple[list[Symbol], Size | None, list[tuple[Basic, Basic]]]:
    """The letters of a sum, its upper limit, and pairs that must differ (``k ≠ j``)."""
    last = last_of(reader, big.scripts.sup)
    found: list[Symbol] = []
    unequal: list[tuple[Basic, Basic]] = []
    for part in items(big.scripts.sub):
        inner = bare(part)
        if isinstance(inner, t.Chain):
            if inner.relations == ("neq",):
                unequal.append((reader.index(inner.sides[0]), reader.index(inner.sides[1])))
            elif inner.relations and inner.relations[0] not in ("=", "in", "equiv", "leq"):
                raise Misread(part, "this range of a sum is not understood", "k, or k = 1")
            inner = bare(inner.sides[0])
            found.extend(reader.letter(n) for n in items(inner) if isinstance(n, t.Name))
        elif isinstance(inner, t.Name):
            found.append(reader.letter(inner))
    return found, last, unequal


def last_of(reader: Reader, above: t.Node | None) -> Size | None:
    """The upper limit, if it is a number of things."""
    if above is None:
        return None
    inner = bare(above)
    if isinstance(inner, t.Name):
        found = count_of(reader, inner, reader.apart(inner))
        below = items(inner.scripts.sub)
        if found is None and len(below) == 1 and is_layer(below[0], reader.letters.style):
            return Size(reader.letters.at_top(layer_of(below[0], reader.letters.style)))  # s_l
        return found if isinstance(found, Size) else None
    return None


def implied(reader: Reader, big: t.Big, body: Basic) -> list[Symbol]:
    """The letters that a sum without an index runs over."""
    inside = index_letters(body)
    free = [s for s in inside if s.name not in reader.outer]
    if not inside:
        raise Misread(big, "this sum has no index", "write Σ_k")
    chosen = free or inside
    reader.notes.append("the sum without an index runs over " + ", ".join(map(str, chosen)))
    return chosen


def sum_over(reader: Reader, letter: Symbol, body: Basic, last: Size | None, big: t.Big) -> Basic:
    """The sum over one letter: of neurons, samples or layers."""
    style = reader.letters.style
    layers = letter.name in style.letters or any(
        isinstance(n, Ref) and n.layer is not None and letter in n.layer.free_symbols
        for n in subterms(body)
    )
    if layers and style.symbolic:
        _check_top(reader, big)
        q = Symbol("q")
        place = Symbol("l") if letter.name in style.letters else letter
        return LayerSum(substitute(body, {place: q}), q, Integer(1), L)
    known = reader.range_of(letter, body)
    check_limits(reader, big, letter, known)
    size = known or last
    if size is None:
        raise Misread(big, f"{letter} does not occur in this sum", "an index of the body")
    return Sum(body, letter, size)


def _check_top(reader: Reader, big: t.Big) -> None:
    """``Σ_{q=1}^{2}`` over layers is that over all of them."""
    above = bare(big.scripts.sup)
    if isinstance(above, t.Number):
        top = reader.letters.at_top(layer_of(above, reader.letters.style))
        if top != L:
            raise Misread(big, f"this sum over layers ends with layer {above.text}", "the last one")


def index_letters(term: Basic) -> list[Symbol]:
    """The free index letters, in the order of appearance."""
    free = free_letters(term)
    found: dict[Symbol, None] = {}
    for node in subterms(term):
        if isinstance(node, Ref | Kron):
            where = node.indices if isinstance(node, Ref) else node.args
            found.update(dict.fromkeys(i for i in where if isinstance(i, Symbol) and i in free))
    return list(found)
