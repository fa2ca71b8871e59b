"""Documents in which the index letter says the layer: one letter, one layer in each row.

``i``, ``j``, ``k`` lead from the inputs to the outputs.  Where a row uses a letter for a unit of
another layer (``Σ_k w_{kj} o_k`` beside ``net_j``), it is written with the letter of that layer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbackprop.read import layout as t
from symbackprop.review.abbreviations import rewritten
from symbackprop.review.customary import CUSTOM
from symbackprop.review.spelling import bare, items, key_of
from symbackprop.review.styles import names
from symbackprop.review.survey import Survey

Pair = tuple[str, str]  # from, to
Letter = tuple[str, int]  # an index letter and its primes


def in_layers(rows: Sequence[t.Chain | None], found: Survey) -> list[t.Chain | None]:
    """The rows with one letter for one layer; as they are if letters do not mean layers."""
    if not found.by_index:
        return list(rows)
    pairs = [[] if row is None else list(_pairs(row, found)) for row in rows]
    home = _homes([pair for own in pairs for pair in own])
    twins = _twins(home)
    return [
        row if row is None else _renamed(row, {**twins, **_strangers(own, home)})
        for row, own in zip(rows, pairs, strict=True)
    ]


def _pairs(row: t.Chain, found: Survey) -> Iterator[Pair]:
    """The letters of each weight in a row, in the direction of the signal."""
    for name in names(row):
        role = found.roles.get(key_of(name))
        below = [bare(item) for item in items(name.scripts.sub)]
        weight = role == "weight" or (role is None and key_of(name) in CUSTOM["weight"])
        if weight and len(below) == 2 and all(isinstance(n, t.Name) for n in below):
            one, other = (n.base for n in below if isinstance(n, t.Name))
            yield (one, other) if found.weight_order == "from-to" else (other, one)


def _homes(pairs: Sequence[Pair]) -> dict[str, int]:
    """The layer of each letter, counted from the first pair; the most frequent one."""
    home: dict[str, int] = {pairs[0][0]: 0, pairs[0][1]: 1} if pairs else {}
    for _ in pairs:
        said: dict[str, Counter[int]] = {}
        for start, end in pairs:
            if start in home and end not in home:
                said.setdefault(end, Counter())[home[start] + 1] += 1
            if end in home and start not in home:
                said.setdefault(start, Counter())[home[end] - 1] += 1
        if not said:
            break
        for letter, layers in said.items():
            home[letter] = max(layers, key=lambda n, layers=layers: (layers[n], n))  # type: ignore[misc]
    return home


def _twins(home: dict[str, int]) -> dict[str, Letter]:
    """Of two letters for one layer, the second is the first one with a prime."""
    found: dict[int, list[str]] = {}
    for letter, layer in home.items():
        found.setdefault(layer, []).append(letter)
    return {
        letter: (own[0], number)
        for own in found.values() for number, letter in enumerate(own) if number
    }  # fmt: skip


def _strangers(own: Sequence[Pair], home: dict[str, int]) -> dict[str, Letter]:
    """Letters that stand for another layer than their own in a row, with a letter of that layer."""
    first: dict[int, str] = {}
    for letter, layer in home.items():
        first.setdefault(layer, letter)
    by: dict[str, str] = {}
    fixed = {letter for pair in own for letter in pair if home.get(letter) in (0, 1)}
    for start, end in own:
        if end in fixed and start not in fixed and home.get(start) != home[end] - 1:
            by[start] = first.get(home[end] - 1, start)
        if start in fixed and end not in fixed and home.get(end) != home[start] + 1:
            by[end] = first.get(home[start] + 1, end)
    return {letter: (other, 1) for letter, other in by.items() if letter != other}


def _renamed(row: t.Chain, by: dict[str, Letter]) -> t.Chain:
    """Index letters of a row renamed: ``k`` to ``i'``."""
    if not by:
        return row

    def index(node: t.Node) -> t.Node:
        if isinstance(node, t.Name) and node.base in by and node.scripts == t.BARE:
            base, primes = by[node.base]
            return replace(node, base=base, scripts=replace(node.scripts, primes=primes))
        return node

    def change(node: t.Node) -> t.Node:
        scripts = getattr(node, "scripts", t.BARE)
        if scripts.sub is None:
            return node
        return replace(node, scripts=replace(scripts, sub=rewritten(scripts.sub, index)))  # type: ignore[call-arg]

    made = rewritten(row, change)
    assert isinstance(made, t.Chain)
    return made
