"""``a^{[l](s)}_j`` with a layer that is a letter: the sample becomes an index, ``a^{[l]}_{js}``.

Where capitals hold samples in rows (``Δ W``), the sample is the first index: ``a^{[l]}_{sj}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from symbackprop.read import layout as t
from symbackprop.review.spelling import Style, bare, is_layer, items, marked, walk
from symbackprop.review.styles import names, samples_of

WEIGHTS = ("W", "Theta")
ROWS = ("A", "Z", "X", "Delta")


def moves_below(chains: Sequence[t.Chain]) -> bool:
    """Whether neurons have indices, and samples stand in brackets behind a letter of a layer."""
    style = Style(letters=frozenset({"l", "ell"}))
    occurrences = [name for chain in chains for name in names(chain) if name.scripts.sub]
    marks = [marked(name.scripts.sup) for name in occurrences]
    return any(
        mark == "[" and sample is not None and is_layer(layer, style)
        for mark, layer, sample in marks
    )


class SampleBelow:
    """The change of each name."""

    def __init__(self, chains: Sequence[t.Chain]) -> None:
        self.samples = samples_of(list(chains))
        self.first = _in_rows(chains)

    def __call__(self, node: t.Node) -> t.Node:
        if not isinstance(node, t.Name) or node.scripts.sub is None:
            return node
        above = node.scripts.sup
        mark, layer, sample = marked(above)
        if mark == "(" and self._counts(layer):  # y^{(s)}_k
            return self._below(node, layer, None)
        if mark == "[" and self._counts(sample) and isinstance(bare(above), t.Juxtaposition):
            group = bare(above).items[0]  # type: ignore[union-attr]
            return self._below(node, sample, group)
        return node

    def _counts(self, node: t.Node | None) -> bool:
        inner = bare(node)
        return isinstance(inner, t.Name) and inner.base in self.samples

    def _below(self, node: t.Name, sample: t.Node | None, above: t.Node | None) -> t.Name:
        letter = bare(sample)
        assert letter is not None
        own = items(node.scripts.sub)
        below = t.Juxtaposition((letter, *own) if self.first else (*own, letter))
        return replace(node, scripts=replace(node.scripts, sub=below, sup=above))


def _in_rows(chains: Iterable[t.Chain]) -> bool:
    """``A W`` and ``Δ W``: capitals of samples before the weights."""
    products = (n for chain in chains for n in walk(chain) if isinstance(n, t.Juxtaposition))
    for product in products:
        for one, other in pairwise(map(_letter, product.items)):
            if one in ROWS and other in WEIGHTS:
                return True
    return False


def _letter(node: t.Node) -> str:
    inner = bare(node)
    if isinstance(inner, t.Group):
        inner = bare(inner.body)
    return inner.base if isinstance(inner, t.Name) else ""
