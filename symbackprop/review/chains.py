"""Products with dots: ``∂a^L/∂a^{L-1} … ∂a^{l+2}/∂a^{l+1}`` as a product over layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

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
    times,
)
from symbackprop.read import layout as t
from symbackprop.review.abbreviations import rewritten
from symbackprop.review.customary import FUNCTIONS
from symbackprop.review.spelling import Misread, bare, items, layer_of
from symbackprop.review.styles import names

if TYPE_CHECKING:
    from symbackprop.review.meaning import Reader

R = Symbol("r")


def over_layers(reader: Reader, nodes: Sequence[t.Node]) -> Basic:
    """The product that a row with dots means: its first factors and its last one say the pattern.

    Where they do not link as matrices do, the product is taken literally, for the l at which the
    dots stand for nothing.
    """
    from symbackprop.review.products import parts

    summed, nodes = _sums_before(nodes)
    dots = next(
        n for n, node in enumerate(nodes) if isinstance(node, t.Sign) and node.kind == "dots"
    )
    head = [f for _, f in parts(reader, _trimmed(nodes[:dots]))]
    tail = [f for _, f in parts(reader, _trimmed(nodes[dots + 1 :]))]
    if not head or not tail:
        raise Misread(nodes[dots], "dots stand at the end of a product", "the last factor too")
    found = _as_matrices(reader, head, tail, summed)
    if found is not None:
        matrices, ends = found
        first, last = _flat(matrices[: len(head)]), _flat(matrices[len(head) :])
        made = _descending(first, last) or _ascending(first, last)
        if made is not None:
            return made if ends is None else Column(Transpose(Column(made, ends[1])), ends[0])
    literal = None if summed else _literally(reader, head, tail)
    if literal is None:
        raise Misread(nodes[dots], "the pattern of this product with dots is not understood")
    return literal


def layer_product(reader: Reader, big: t.Big, body: t.Node) -> Basic:
    """``∏_{r=L,…,l+2} B^r``: from the top downwards."""
    parts = items(big.scripts.sub)
    start = bare(parts[0]) if len(parts) == 3 else None
    if not isinstance(start, t.Chain) or start.relations != ("=",) or big.scripts.sup is not None:
        raise Misread(big, "this range of a product is not understood", "r = L, …, l+1")
    letter = bare(start.sides[0])
    if not isinstance(letter, t.Name):
        raise Misread(big, "a product needs a letter for the layer", "r = L, …, l+1")
    style = reader.letters.style
    high, low = layer_of(start.sides[1], style), layer_of(parts[2], style)

    any_layer = min(style.letters)

    def in_l(node: t.Node) -> t.Node:
        is_letter = isinstance(node, t.Name) and node.base == letter.base
        return replace(node, base=any_layer) if is_letter else node  # type: ignore[call-arg]

    def change(node: t.Node) -> t.Node:
        scripts = getattr(node, "scripts", None)
        if isinstance(node, t.Name) and node.base in FUNCTIONS and scripts is not None:
            below = bare(scripts.sub)  # σ'_r(z^r): the layer is that of its argument
            if isinstance(below, t.Name) and below.base == letter.base:
                return replace(node, scripts=replace(scripts, sub=None))
        if scripts is None or scripts.sup is None:
            return node
        return replace(node, scripts=replace(scripts, sup=rewritten(scripts.sup, in_l)))  # type: ignore[call-arg]

    inner = reader.term(rewritten(body, change))
    return Chain(substitute(inner, {l: R}), R, high, low)


def _sums_before(nodes: Sequence[t.Node]) -> tuple[set[str], Sequence[t.Node]]:
    """The letters of ``Σ_p Σ_m … Σ_q``, and the product behind."""
    at, letters = 0, set[str]()
    while at < len(nodes) and (
        isinstance(nodes[at], t.Big) or (isinstance(nodes[at], t.Sign) and letters)
    ):
        node = nodes[at]
        if isinstance(node, t.Big):
            letters |= {n.base for part in items(node.scripts.sub) for n in names(part)}
        at += 1
    return letters, nodes[at:]


def _descending(first: list[Basic], last: list[Basic]) -> Basic | None:
    """``B^L ⋯ B^{l+1}`` and what stands behind."""
    period = _period(first, last, -1)
    if period is None:
        return None
    body, high, low, behind = period
    chain = Chain(_one(body), R, high, low)
    return MatMul(chain, *behind) if behind else chain


def _ascending(first: list[Basic], last: list[Basic]) -> Basic | None:
    """``B^{l+1} ⋯ B^L``: the transpose of the product of the transposed factors, from the top."""
    period = _period(first, last, 1)
    if period is None:
        return None
    body, low, high, behind = period
    made = Transpose(Chain(_one([_turned(f) for f in reversed(body)]), R, high, low))
    return MatMul(made, *behind) if behind else made


def _one(body: list[Basic]) -> Basic:
    return MatMul(*body) if len(body) > 1 else body[0]


def _turned(factor: Basic) -> Basic:
    if isinstance(factor, Diag):
        return factor
    return factor.args[0] if isinstance(factor, Transpose) else Transpose(factor)


def _literally(reader: Reader, head: list[Basic], tail: list[Basic]) -> Basic | None:
    """The first and the last factor alone, for the l at which nothing stands between them."""
    if len(tail) != 1 or reader.form(head[0]) != (False, False):
        return None
    _, high = _generic(head[:1], L)
    _, low = _generic(tail, l)
    below = low.xreplace({L: l}) if (low - L).is_Integer and low - L > 0 else low
    if not (below - l).is_Integer or high != L:
        return None
    by = {l: L - 1 - (below - l)}
    last = _relayered(tail[0], {low: L - 1, low - 1: L - 2})
    linked = _link(head, tail)
    reader.unrolled.update(by)
    reader.notes.append("a product with dots is shown where it has two factors")
    return times(head[0], substitute(last, linked))


def _link(head: list[Basic], tail: list[Basic]) -> dict[Basic, Basic]:
    """The last factor's own letter is the first factor's second one where only two are left."""
    first, last = _matrix(head[0]), _matrix(tail[0])
    if first is None or last is None or not isinstance(last[1], Symbol) or last[1] == first[1]:
        return {}
    return {last[1]: first[2]}


def _relayered(term: Basic, by: dict[Basic, Basic]) -> Basic:
    if isinstance(term, Ref) and term.layer in by:
        return Ref(term.args[0], by[term.layer], *term.indices)
    if isinstance(term, Act):
        return Act(by.get(term.layer, term.layer), _relayered(term.arg, by), term.order)
    if not term.args or isinstance(term, Ref):
        return term
    return term.func(*(_relayered(arg, by) for arg in term.args))


def _trimmed(nodes: Sequence[t.Node]) -> list[t.Node]:
    found = list(nodes)
    while found and isinstance(found[-1], t.Sign):
        found.pop()
    while found and isinstance(found[0], t.Sign):
        found.pop(0)
    return found


def _flat(factors: Sequence[Basic]) -> list[Basic]:
    return [
        f for factor in factors for f in (factor.args if isinstance(factor, MatMul) else (factor,))
    ]


def _as_matrices(
    reader: Reader, head: list[Basic], tail: list[Basic], summed: set[str]
) -> tuple[list[Basic], tuple[Basic, Basic] | None] | None:
    """Factors with two index letters as the matrices they are entries of, if they link as such.

    ``summed``: the letters of the sums before them, which must be the inner ones.
    """
    factors = [*head, *tail]
    if all(reader.form(f) != (False, False) for f in factors):
        return factors, None
    made = [_matrix(factor) for factor in factors]
    found = [m for m in made if m is not None]
    if len(found) < len(factors):
        return None
    ends = (found[0][1], found[-1][2])
    middle = [m[2] for m in found[:-1]]
    rows = [m[1] for m in found[1:]]
    inner = {letter for letter in {*middle, *rows} if isinstance(letter, Symbol)}
    if any(letter in ends or letter.name in reader.outer for letter in inner):
        return None  # one path, not a sum over all
    beside = [n for n in range(len(middle)) if n != len(head) - 1]
    if any(middle[n] != rows[n] for n in beside) or summed - {s.name for s in inner}:
        return None
    missing = sorted(s.name for s in inner if s.name not in summed)
    if missing and len(missing) < len(inner):
        return None
    if missing:
        reader.notes.append(f"a sum over {', '.join(missing)} and all between is meant")
    return [m[0] for m in found], ends


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


def _period(
    first: list[Basic], last: list[Basic], step: int
) -> tuple[list[Basic], Basic, Basic, list[Basic]] | None:
    """The repeated body in a layer letter, its first and last layer, and what stands behind."""
    for length in range(1, len(first) + 1):
        body, high = _generic(first[:length], L)
        if body is None:
            continue
        rest = first[length:]
        if not _continues(rest, body, high, length, step):
            continue
        for end in range(length, len(last) + 1):
            low = _matches(last[:end][-length:], body)
            if low is None or _rising(high, low) != (step > 0):
                continue
            if _leads_to(last[: end - length], body, low, length, step):
                return body, high, low, last[end:]
    return None


def _generic(factors: list[Basic], anchor: Basic) -> tuple[list[Basic] | None, Basic]:
    """Factors with their highest layer written as R."""
    layers = [
        n.layer for f in factors for n in subterms(f) if isinstance(n, Ref) and n.layer is not None
    ]
    if not layers:
        return None, anchor
    high = max(
        layers, key=lambda layer: (layer - layers[0]) if (layer - layers[0]).is_Integer else 0
    )
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


def _rising(first: Basic, last: Basic) -> bool:
    """Whether the product goes from below to the top, for a deep network."""
    difference = (last - first).xreplace({l: Integer(5), L: Integer(100)})
    return bool(difference > 0)


def _continues(rest: list[Basic], body: list[Basic], high: Basic, length: int, step: int) -> bool:
    for at in range(0, len(rest), length):
        expected = [substitute(f, {R: high + step * (at // length + 1)}) for f in body]
        if rest[at : at + length] != expected:
            return False
    return True


def _leads_to(rest: list[Basic], body: list[Basic], low: Basic, length: int, step: int) -> bool:
    steps = len(rest) // length
    for at in range(steps):
        expected = [substitute(f, {R: low - step * (steps - at)}) for f in body]
        if rest[at * length : (at + 1) * length] != expected:
            return False
    return len(rest) % length == 0
