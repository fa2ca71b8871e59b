"""What stands beside a formula: ``k ≠ j``, ``1 ≤ l < L``, ``z > 0``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import Basic, Integer

from symbackprop.language.program import l
from symbackprop.language.terms import Fn, negative
from symbackprop.read import layout as t
from symbackprop.review.meaning import Reader
from symbackprop.review.spelling import Malformed, Misread, bare, is_layer, key_of, layer_of, walk


@dataclass(frozen=True)
class Conditions:
    """``k ≠ j`` and ``1 ≤ l < L``, as stated beside a formula."""

    unequal: tuple[tuple[Basic, Basic], ...] = ()
    equal: tuple[tuple[Basic, Basic], ...] = ()
    first: Basic | None = None
    last: Basic | None = None
    signs: tuple[Basic, ...] = ()

    @property
    def restrict(self) -> bool:
        """Whether indices or signs are restricted."""
        return bool(self.unequal or self.equal or self.signs)


def relations_in(nodes: Sequence[t.Node]) -> Iterator[t.Chain]:
    """Every relation that stands in some notes."""
    for node in nodes:
        yield from (n for n in walk(node) if isinstance(n, t.Chain) and n.relations)


def conditions_of(reader: Reader, notes: Sequence[t.Node]) -> Conditions:
    """What stands beside a formula, as far as it restricts indices or layers."""
    found = Conditions()
    style = reader.letters.style
    lists = any(isinstance(bare(note), t.Number | t.Listing) for note in notes) or any(
        isinstance(n, t.Sign) and n.kind == "dots" for note in notes for n in walk(note)
    )
    for chain in relations_in(notes):
        _check_range(chain)
        for left, relation, right in zip(
            chain.sides, chain.relations, chain.sides[1:], strict=False
        ):
            if is_layer(left, style) or is_layer(right, style):
                if lists and relation == "=":
                    continue  # l = 1, …, L
                try:
                    found = _bound(found, layer_of(left, style), relation, layer_of(right, style))
                except Misread:
                    continue  # l = L - 1, …, 1
            elif relation in ("neq", "=", "equiv") and not (lists and relation != "neq"):
                pair = (reader.index(left), reader.index(right))
                kind = "unequal" if relation == "neq" else "equal"
                found = replace(found, **{kind: (*getattr(found, kind), pair)})
            elif relation in ("<", ">", "leq", "geq"):
                found = _sign_or_range(reader, found, left, relation, right)
            elif relation not in ("in", "=", "equiv"):
                raise Misread(chain, "this condition is not understood", "k ≠ j, or z > 0")
    return found


def _sign_or_range(
    reader: Reader, found: Conditions, left: t.Node, relation: str, right: t.Node
) -> Conditions:
    """``z_j > 0`` restricts the claim; ``1 ≤ i`` and ``i ≤ n_l`` say where i runs."""
    low, high = (left, right) if relation in ("<", "leq") else (right, left)
    if _is_index(reader, low) or _is_index(reader, high):
        return found
    below, above = reader.term(low), reader.term(high)
    if 0 not in (below, above) or reader.form(above if below == 0 else below) != (False, False):
        raise Misread(left, "this condition is not understood", "z > 0")
    sign = Fn("step", above if below == 0 else negative(below))
    return replace(found, signs=(*found.signs, sign))


def _is_index(reader: Reader, node: t.Node) -> bool:
    inner = bare(node)
    if not isinstance(inner, t.Name) or inner.scripts != t.BARE:
        return False
    return key_of(inner) not in reader.letters.table


def _check_range(chain: t.Chain) -> None:
    """``0 ≤ i ≤ n_l`` has one neuron too many."""
    if chain.relations != ("leq", "leq"):
        return
    start, end = bare(chain.sides[0]), bare(chain.sides[2])
    if isinstance(start, t.Number) and start.text == "0" and isinstance(end, t.Name):
        raise Malformed(chain, "an index that runs from 0 to n takes n + 1 values, a layer has n")


def _bound(found: Conditions, left: Basic, relation: str, right: Basic) -> Conditions:
    if relation in (">", "geq"):
        left, right, relation = right, left, {">": "<", "geq": "leq"}[relation]
    step = Integer(1) if relation == "<" else Integer(0)
    if relation == "=" and left == l and right.is_Integer:
        return replace(found, first=right, last=right)
    if relation not in ("<", "leq"):
        return found
    if right == l:
        return replace(found, first=left + step)
    if left == l:
        return replace(found, last=right - step)
    return found
