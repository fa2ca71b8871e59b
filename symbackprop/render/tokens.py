"""Names for terms, by which a page lights up the same term everywhere, and its edges and nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sympy import Basic, Integer

from symbackprop.language.terms import Ref, Size
from symbackprop.render.names import linear

NEURONS = ("z", "a", "b", "delta")


def token(family: str, layer: str) -> str:
    """``w`` and ``l+1`` → ``w-lp1``: a name that CSS can read."""
    plain = re.sub(r"[^A-Za-z0-9+-]", "", layer).replace("+", "p").replace("-", "m")
    return f"t-{family}-{plain}" if plain else f"t-{family}"


def token_of(term: Basic) -> str:
    """Of a quantity, or ``t-sum-l`` of a sum over the neurons of layer l."""
    if isinstance(term, Size):
        return token("sum", linear(term.of))
    assert isinstance(term, Ref)
    return token(term.name, "" if term.layer is None else linear(term.layer))


def spoken(number: int, depth: int) -> Iterator[str]:
    """The letters that layer ``number`` of a network of ``depth`` layers goes by: 1, l, l-1, L."""
    yield str(number)
    letters = {"l": (1, depth), "l-1": (0, depth - 1), "l+1": (2, depth), "L": (depth, depth)}
    yield from (name for name, (low, high) in letters.items() if low <= number <= high)


def of_neuron(layer: str, depth: int | None) -> str:
    """The classes of a neuron: everything that stands for it."""
    return " ".join(token(family, name) for name in _names(layer, depth) for family in NEURONS)


def of_edge(layer: str, depth: int | None) -> str:
    """The classes of a connection into a layer: its weights, and the sums over its paths."""
    return " ".join(token(family, name) for name in _names(layer, depth) for family in ("w", "sum"))


def _names(layer: str, depth: int | None) -> list[str]:
    if depth is None or not layer.isdigit():
        return [layer]
    return list(spoken(int(Integer(layer)), depth))
