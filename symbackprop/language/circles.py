"""Definitions that go in a circle: within a layer, or through layers up and down again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from sympy import Basic

from symbackprop.errors import IllTyped
from symbackprop.language.binding import subterms
from symbackprop.language.terms import Chain, LayerSum, Ref

if TYPE_CHECKING:
    from symbackprop.language.program import Definition

Steps = tuple[float, float]  # the least and the largest number of layers from one to the other
Edges = dict[tuple[str, str], Steps]


@lru_cache(maxsize=512)
def refuse_circles(names: frozenset[str], definitions: tuple[Definition, ...]) -> None:
    """A quantity may use quantities defined earlier, or layers that do not lead back to its own.

    ``names`` are the declared quantities.  Raises ``IllTyped``.
    """
    _in_order(names, definitions)
    _through_layers(definitions)


def _in_order(names: frozenset[str], definitions: tuple[Definition, ...]) -> None:
    order = [d.target.name for d in definitions]
    free = names - set(order)
    for place, definition in enumerate(definitions):
        target = definition.target
        known = free | set(order[:place])
        for node in subterms(definition.value):
            if not isinstance(node, Ref) or node.name in known or node.name == "pi":
                continue
            alone = node.layer is None or target.layer is None
            if node.name in order[place:] and (alone or node.layer == target.layer):
                raise IllTyped(
                    f"{target.name} is defined by {node.name}, which is not defined before it: "
                    "the definitions go in a circle"
                )


def _through_layers(definitions: tuple[Definition, ...]) -> None:
    """Every way back to a quantity must lead down, or every one up: else some lead to itself."""
    edges: Edges = {}
    for definition in definitions:
        for name, steps in _uses(definition):
            pair = (definition.target.name, name)
            before = edges.get(pair, steps)
            edges[pair] = (min(before[0], steps[0]), max(before[1], steps[1]))
    ways = _ways(edges)
    for name in sorted({one for one, other in ways if one == other}):
        least, most = ways[name, name]
        if least <= 0 <= most:
            raise IllTyped(
                f"{name} is defined by itself through other layers: the definitions go in a circle"
            )


def _uses(definition: Definition) -> Iterator[tuple[str, Steps]]:
    """The layered quantities in a value, and how many layers above the target they lie."""
    own = definition.target.layer
    if own is None:
        return
    bounds = {
        node.args[1]: (node.lo, node.hi)
        for node in subterms(definition.value)
        if isinstance(node, Chain | LayerSum)
    }
    for node in subterms(definition.value):
        if isinstance(node, Ref) and node.layer is not None:
            low, high = bounds.get(node.layer, (node.layer, node.layer))
            yield node.name, (_least(low, own, definition), _most(high, own, definition))


def _least(layer: Basic, own: Basic, definition: Definition) -> float:
    """How far a layer lies above the target's at least."""
    return _number(layer - own, _number(layer - (definition.last or own), -math.inf))


def _most(layer: Basic, own: Basic, definition: Definition) -> float:
    """How far a layer lies above the target's at most."""
    return _number(layer - own, _number(layer - (definition.first or own), math.inf))


def _number(value: Basic, otherwise: float) -> float:
    return int(value) if value.is_Integer else otherwise


def _ways(edges: Edges) -> Edges:
    """The least and the largest number of layers over all ways, of those that lead back.

    A way that could be longer for ever is as good as one that is infinitely long.
    """
    names = _on_circles(edges)
    ways = {pair: s for pair, s in edges.items() if names.issuperset(pair)}
    for _ in range(2):  # the second round finds what grows by going round
        for middle in names:
            for one in names:
                for other in names:
                    if (one, middle) in ways and (middle, other) in ways:
                        first, second = ways[one, middle], ways[middle, other]
                        found = (first[0] + second[0], first[1] + second[1])
                        known = ways.get((one, other), found)
                        ways[one, other] = (min(found[0], known[0]), max(found[1], known[1]))
    return ways


def _on_circles(edges: Edges) -> set[str]:
    """The names from which a way leads back to them."""
    reach: dict[str, set[str]] = {}
    for one, other in edges:
        reach.setdefault(one, set()).add(other)

    def leads_back(name: str) -> bool:
        seen: set[str] = set()
        waiting = list(reach.get(name, ()))
        while waiting:
            here = waiting.pop()
            if here == name:
                return True
            if here not in seen:
                seen.add(here)
                waiting.extend(reach.get(here, ()))
        return False

    return {name for name in reach if leads_back(name)}
