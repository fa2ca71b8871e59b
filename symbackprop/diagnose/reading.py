"""Where gradients may stand in a function's answer: found by name, by shape and by order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbackprop.diagnose.arrange import Convention, Plan
from symbackprop.diagnose.assigning import Leaf, Path, assigned, at, crossed, leaves
from symbackprop.diagnose.calling import held
from symbackprop.diagnose.expecting import person_parameters, wanted_shapes
from symbackprop.diagnose.problems import Flow
from symbackprop.diagnose.roles import looks_like_gradient

SOURCES = {
    "returned": "gradients are returned",
    "attributes": "gradients are kept as attributes",
    "updated in place": "parameters are updated in place: (before - after)/η",
    "updated and returned": "updated parameters are returned: (before - after)/η",
}


@dataclass(frozen=True)
class Reading:
    """Where the gradients stand: a source, and a path in it for each parameter (or one vector).

    ``crossed``: why these places are not those that names and order say.
    """

    source: str
    paths: Mapping[str, Path]
    rate: float | None = None
    crossed: str = ""

    @property
    def updates(self) -> bool:
        return self.source.startswith("updated")


def readings(
    answer: Mapping[str, Any], plan: Plan, c: Convention, flow: Flow, returned: Sequence[str]
) -> Iterator[Reading]:
    """Every way in which the answer could hold gradients, the likeliest first."""
    wanted = wanted_shapes(c, flow)
    found = list(leaves(answer.get("returned")))
    named = any(map(looks_like_gradient, [*returned, *map(str, _keys(found))]))
    updates = [
        Reading("updated in place", paths) for paths in (_changed(answer, plan, c, flow),) if paths
    ]
    listed = plan.has("weights", "params") and c.holder not in ("keys", "stems", "unpacked")
    direct = [
        Reading("returned", p, crossed=crossed(p, found, wanted, returned, listed=listed))
        for p in assigned(found, wanted, returned)
    ]
    after = [
        replace(reading, source="updated and returned")
        for reading in direct
        if plan.has("eta") or not named
        if set(reading.paths) != {"all"} or plan.has("eta")
    ]
    order = [direct, updates, after] if named or not plan.has("eta") else [updates, direct, after]
    for group in order:
        yield from group
    kept = [
        leaf
        for leaf in leaves(_without(answer.get("attributes"), plan))
        if any(isinstance(part, str) for part in leaf.path)
    ]
    marked = [leaf for leaf in kept if looks_like_gradient(str(leaf.path[0]).lstrip("_"))]
    for some in (marked, kept):
        if some:
            for paths in assigned(some, wanted, ()):
                says = crossed(paths, some, wanted, (), listed=listed)
                yield Reading("attributes", paths, crossed=says)


def _keys(found: Sequence[Leaf]) -> list[Any]:
    return [leaf.path[-1] for leaf in found if leaf.path and isinstance(leaf.path[-1], str)]


def _without(attributes: Any, plan: Plan) -> dict[Any, Any]:
    own = {slot.name for slot in plan.attributes}
    return {k: v for k, v in (attributes or {}).items() if k not in own}


def _changed(answer: Mapping[str, Any], plan: Plan, c: Convention, flow: Flow) -> dict[str, Path]:
    """Parameters that are not what they were before the call, found where they were given."""
    paths: dict[str, Path] = {}
    for slot, base in _places(answer, plan):
        if slot.role in ("weight", "bias"):
            paths[f"{'W' if slot.role == 'weight' else 'b'}{slot.number}"] = base
        elif slot.role in ("weights", "biases"):
            kind = "W" if slot.role == "weights" else "b"
            paths |= {f"{kind}{l}": (*base, l - 1) for l in range(1, flow.depth + 1)}
        elif slot.role == "params":
            wanted = wanted_shapes(c, flow)
            for found in assigned(list(leaves(held(c, flow))), wanted, ()):
                paths |= {name: (*base, *path) for name, path in found.items()}
                break
    before = person_parameters(c, flow)
    try:
        after = {name: np.asarray(at(answer, path), dtype=float) for name, path in paths.items()}
    except (KeyError, IndexError, TypeError, ValueError):
        return {}
    moved = any(
        name in before
        and (
            after[name].shape != before[name].shape or not np.array_equal(after[name], before[name])
        )
        for name in after
    )
    return paths if moved else {}


def _places(answer: Mapping[str, Any], plan: Plan) -> Iterator[tuple[Any, Path]]:
    """Where each slot's value stands in the answer after the call."""
    arguments = answer.get("arguments") or {}
    names = list(arguments.get("names", ()))
    for slot in plan.slots:
        if slot.name in (arguments.get("kwargs") or {}):
            yield slot, ("arguments", "kwargs", slot.name)
        elif slot.name in names:
            yield slot, ("arguments", "args", names.index(slot.name))
    for slot in plan.attributes:
        yield slot, ("attributes", slot.name)
    for slot in plan.outer:
        yield slot, ("globals", slot.name)
