"""Which array of an answer belongs to which parameter: by name, by shape, by order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.roles import parameter_named

Path = tuple[Any, ...]


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


def assigned(
    found: Sequence[Leaf],
    wanted: Mapping[str, tuple[int, ...]],
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
    partial = []
    for order in (list(wanted), list(wanted)[::-1]):
        by_shape = _by_shapes(found, wanted, order)
        if by_shape and len(by_shape) == len(wanted):
            yield by_shape
        elif by_shape:
            partial.append(by_shape)
    if partial:
        yield from _by_order(found, wanted)
        yield from partial


def _by_order(
    found: Sequence[Leaf], wanted: Mapping[str, tuple[int, ...]]
) -> Iterator[dict[str, Path]]:
    """One leaf for each parameter, the weights of the right shape, whatever shape biases have.

    A number before or after them is a loss or an accuracy.
    """
    names = list(wanted)
    apart = sorted(names, key=lambda name: name[0] == "b")
    orders = (names, apart, names[::-1], sorted(names, key=lambda name: name[0] == "W"))
    for some, order in product(_beside_a_number(found), orders):
        pairs = dict(zip(order, some, strict=False))
        if len(some) == len(order) and all(
            leaf.array.shape in (wanted[name], wanted[name][::-1])
            for name, leaf in pairs.items()
            if name[0] == "W"
        ):
            yield {name: pairs[name].path for name in names}


def _beside_a_number(found: Sequence[Leaf]) -> Iterator[Sequence[Leaf]]:
    yield found
    if found and not found[0].array.ndim:
        yield found[1:]
    if found and not found[-1].array.ndim:
        yield found[:-1]


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


def crossed(
    paths: Mapping[str, Path],
    found: Sequence[Leaf],
    wanted: Mapping[str, Any],
    returned: Sequence[str],
    *,
    listed: bool,
) -> str:
    """What is called the gradient of one layer and is that of another; "" if nothing is.

    ``listed``: the parameters were given as a list, so a list from the last layer down is no
    gradient of it.
    """
    named = _by_names(found, wanted, returned) or {}
    owners = {path: name for name, path in named.items()}
    for name, path in paths.items():
        owner = owners.get(path, name)
        if owner != name and (listed or not isinstance(path[-1], int) or len(path) == 1):
            return f"what stands in the place of {owner}'s gradient is that of {name}"
    for kind in "Wb" if listed else "":
        places = [path for name, path in sorted(paths.items()) if name[0] == kind]
        numbers = [tuple(part for part in path if isinstance(part, int)) for path in places]
        if len(places) > 1 and numbers == sorted(numbers, reverse=True) != sorted(numbers):
            return "the parameters come from the first layer up, the gradients from the last down"
    return ""


def _completed(
    paths: dict[str, Path], found: Sequence[Leaf], wanted: Mapping[str, tuple[int, ...]]
) -> dict[str, Path]:
    """What has no telling name is found by its shape among what is left, in order."""
    taken = set(paths.values())
    free = [leaf for leaf in found if leaf.path not in taken and leaf.array.ndim]
    for name in wanted:
        if name not in paths:
            fitting = [leaf for leaf in free if _fits(leaf.array, name, wanted[name])]
            if fitting:
                paths[name] = fitting[0].path
                free = [leaf for leaf in free if leaf is not fitting[0]]
    return paths


def _fits(array: Array, name: str, shape: tuple[int, ...]) -> bool:
    """The very shape for weights, any vector of the length for biases."""
    if name[0] == "W":
        return array.shape == shape
    return array.size == int(np.prod(shape)) == max(array.shape)


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
