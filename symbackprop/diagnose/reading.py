"""Where gradients may stand in a function's answer: found by name, by shape and by order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbackprop.diagnose.arrange import Convention, Plan
from symbackprop.diagnose.calling import held
from symbackprop.diagnose.expecting import person_parameters, wanted_shapes
from symbackprop.diagnose.problems import Array, Flow
from symbackprop.diagnose.roles import looks_like_gradient, parameter_named

Path = tuple[Any, ...]
SOURCES = {
    "returned": "gradients are returned",
    "attributes": "gradients are kept as attributes",
    "updated in place": "parameters are updated in place: (before - after)/η",
    "updated and returned": "updated parameters are returned: (before - after)/η",
}


@dataclass(frozen=True)
class Reading:
    """Where the gradients stand: a source, and a path in it for each parameter (or one vector)."""

    source: str
    paths: Mapping[str, Path]
    rate: float | None = None

    @property
    def updates(self) -> bool:
        return self.source.startswith("updated")


@dataclass(frozen=True)
class Leaf:
    path: Path
    array: Array


def leaves(tree: Any, path: Path = ()) -> Iterator[Leaf]:
    """All arrays and numbers of a tree with their paths; a list of numbers is an array."""
    if isinstance(tree, (list, tuple)):
        array = _as_array(tree)
        if array is not None:
            yield Leaf(path, array)
            return
        for place, item in enumerate(tree):
            yield from leaves(item, (*path, place))
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield from leaves(item, (*path, key))
    elif isinstance(tree, (np.ndarray, float, int)) and not isinstance(tree, bool):
        yield Leaf(path, np.asarray(tree, dtype=float))


def _as_array(items: Sequence[Any]) -> Array | None:
    """A nested list of plain numbers as an array."""
    if not items or not all(_plain(item) for item in items):
        return None
    try:
        return np.asarray(items, dtype=float)
    except (ValueError, TypeError):
        return None


def _plain(item: Any) -> bool:
    if isinstance(item, (list, tuple)):
        return bool(item) and all(_plain(part) for part in item)
    return isinstance(item, (float, int)) and not isinstance(item, bool)


def at(tree: Any, path: Path) -> Any:
    for part in path:
        tree = tree[part]
    return tree


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
    direct = [Reading("returned", p) for p in _assigned(found, wanted, c, returned)]
    after = [
        Reading("updated and returned", reading.paths)
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
            for paths in _assigned(some, wanted, c, ()):
                yield Reading("attributes", paths)


def _keys(found: Sequence[Leaf]) -> list[Any]:
    return [leaf.path[-1] for leaf in found if leaf.path and isinstance(leaf.path[-1], str)]


def _without(attributes: Any, plan: Plan) -> dict[Any, Any]:
    own = {slot.name for slot in plan.attributes}
    return {k: v for k, v in (attributes or {}).items() if k not in own}


def _assigned(
    found: Sequence[Leaf],
    wanted: Mapping[str, tuple[int, ...]],
    c: Convention,
    returned: Sequence[str],
) -> Iterator[dict[str, Path]]:
    """Leaves given to parameters: one flat vector, by names, by shapes, in order, from the end."""
    total = sum(int(np.prod(shape)) for shape in wanted.values())
    for leaf in found:
        if leaf.array.ndim in (1, 2) and max(leaf.array.shape) == leaf.array.size == total:
            yield {"all": leaf.path}
    by_name = _by_names(found, wanted, returned)
    if by_name:
        yield _completed(by_name, found, wanted)
    for order in (list(wanted), list(wanted)[::-1]):
        by_shape = _by_shapes(found, wanted, order)
        if by_shape:
            yield by_shape


def _by_names(
    found: Sequence[Leaf], wanted: Mapping[str, Any], returned: Sequence[str]
) -> dict[str, Path] | None:
    """``{"dW1": …}``, ``return dW1, db1``, ``{"dW": [...]}``, ``return nabla_b, nabla_w``."""
    paths: dict[str, Path] = {}
    for leaf in found:
        words = [part for part in leaf.path if isinstance(part, str)]
        if leaf.path and isinstance(leaf.path[0], int) and leaf.path[0] < len(returned) > 1:
            words.insert(0, returned[leaf.path[0]])
        numbers = [part for part in leaf.path if isinstance(part, int)]
        slot = next((s for w in reversed(words) if w and (s := parameter_named(w))), None)
        if slot is None:
            continue
        kind = "W" if slot.role.startswith("weight") else "b"
        if slot.role in ("weight", "bias"):
            number = slot.number
        elif _one_for_each(leaf, slot.role, _depth(wanted)):
            paths |= {f"b{l}": (*leaf.path, l - 1) for l in range(1, _depth(wanted) + 1)}
            continue
        elif numbers:
            number = numbers[-1] + 1
        else:
            continue
        paths.setdefault(f"{kind}{number}", leaf.path)
    return _counted(paths, wanted)


def _one_for_each(leaf: Leaf, role: str, depth: int) -> bool:
    """One number for each layer's biases, not the array of one layer."""
    whole = len(leaf.path) == 1 or isinstance(leaf.path[-1], str)
    return role == "biases" and whole and leaf.array.shape == (depth,)


def _depth(wanted: Mapping[str, Any]) -> int:
    return max(int(name[1:]) for name in wanted)


def _completed(
    paths: dict[str, Path], found: Sequence[Leaf], wanted: Mapping[str, tuple[int, ...]]
) -> dict[str, Path]:
    """What has no telling name is found by its shape among what is left, in order."""
    taken = set(paths.values())
    free = [leaf for leaf in found if leaf.path not in taken and leaf.array.ndim]
    for name in wanted:
        if name not in paths:
            size = int(np.prod(wanted[name]))
            fitting = [leaf for leaf in free if leaf.array.size == size == max(leaf.array.shape)]
            if name[0] == "b" and fitting:
                paths[name] = fitting[0].path
                free = [leaf for leaf in free if leaf is not fitting[0]]
    return paths


def _counted(paths: dict[str, Path], wanted: Mapping[str, Any]) -> dict[str, Path] | None:
    """Layer marks 0, 1 or 1, 2 or ih, ho as layers from 1; None if they do not fit."""
    result: dict[str, Path] = {}
    for kind in "Wb":
        marks = sorted({int(name[1:]) for name in paths if name[0] == kind})
        names = [name for name in wanted if name[0] == kind]
        if not marks:
            continue
        if len(marks) != len(names) and not set(marks) <= set(range(1, len(names) + 1)):
            return None
        places = (
            dict(zip(marks, range(1, len(marks) + 1), strict=True))
            if len(marks) == len(names)
            else {mark: mark for mark in marks}
        )
        for mark in marks:
            result[f"{kind}{places[mark]}"] = paths[f"{kind}{mark}"]
    if not any(name[0] == "W" for name in result):
        return None
    return result


def _by_shapes(
    found: Sequence[Leaf], wanted: Mapping[str, tuple[int, ...]], order: Sequence[str]
) -> dict[str, Path] | None:
    """The first free leaf of the right shape for each parameter; all weights must be there."""
    free = [leaf for leaf in found if leaf.array.ndim]
    paths: dict[str, Path] = {}
    for name in order:
        size = int(np.prod(wanted[name]))
        fitting = [leaf for leaf in free if leaf.array.shape == wanted[name]]
        if not fitting and name[0] == "b":
            fitting = [leaf for leaf in free if leaf.array.size == size == max(leaf.array.shape)]
        if not fitting and name[0] == "W":
            fitting = [leaf for leaf in free if leaf.array.shape == wanted[name][::-1]]
        if not fitting:
            continue
        paths[name] = fitting[0].path
        free = [leaf for leaf in free if leaf is not fitting[0]]
    if any(name not in paths for name in wanted if name[0] == "W"):
        return None
    return {name: paths[name] for name in wanted if name in paths}


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
            for found in _assigned(list(leaves(held(c, flow))), wanted, c, ()):
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
