"""From where gradients stand in an answer to arrays in our layout."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symbackprop.diagnose.arrange import INSIDE, Convention
from symbackprop.diagnose.assigning import at
from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.expecting import person_parameters, wanted_shapes
from symbackprop.diagnose.problems import Flow, Gradients
from symbackprop.diagnose.reading import Reading


def gradients(
    reading: Reading,
    answer: Mapping[str, Any],
    c: Convention,
    flow: Flow,
    rate: float,
    kind: type = float,
) -> Gradients | None:
    """The gradients in our layout (W out × in, b (n,)); what has another shape stays as it is."""
    before = person_parameters(c, flow)
    found: dict[str, Array] = {}
    for name, path in reading.paths.items():
        base = path if reading.source == "updated in place" else (_SOURCE[reading.source], *path)
        try:
            value: Array = np.asarray(at(answer, base), dtype=kind)
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        if reading.updates:
            if name not in before or value.squeeze().shape != before[name].squeeze().shape:
                return None
            value = (before[name] - value.reshape(before[name].shape)) / rate
        found[name] = value
    if "all" in found:
        vector = found["all"].ravel()
        if vector.size != sum(map(math.prod, wanted_shapes(c, flow).values())):
            return None
        found = _unpacked(vector, c, flow)
    return _ours(found, c, flow)


_SOURCE = {
    "returned": "returned", "updated and returned": "returned", "attributes": "attributes",
}  # fmt: skip


def _unpacked(vector: Array, c: Convention, flow: Flow) -> dict[str, Array]:
    """The inverse of ``arrange.packed``."""
    shapes = wanted_shapes(c, flow)
    names = list(shapes)
    if c.holder == "flat-apart":
        names.sort(key=lambda name: (name[0] == "b", name))
    order = "F" if c.holder == "flat-F" else "C"
    found, start = {}, 0
    for name in names:
        size = int(np.prod(shapes[name]))
        found[name] = vector[start : start + size].reshape(shapes[name], order=order)  # type: ignore[call-overload]
        start += size
    return found


def _ours(found: Mapping[str, Array], c: Convention, flow: Flow) -> Gradients:
    shapes = wanted_shapes(c, flow)
    ours: Gradients = {}
    for name, value in found.items():
        l = int(name[1:])
        if name[0] == "b":
            ours[name] = _bias(value, flow.point.b[l - 1].size, across=c.samples == "columns")
            continue
        matrix = value if c.weights == "out×in" else value.T
        if c.vector and flow.point.layers[l] == value.ndim == 1:
            matrix = value[None, :]
        if c.bias in INSIDE and value.shape == shapes[name]:
            inside = 0 if c.bias == "first" else -1
            ours[f"b{name[1:]}"] = matrix[:, inside]
            matrix = matrix[:, 1:] if c.bias == "first" else matrix[:, :-1]
        ours[name] = matrix
    return ours


def _bias(value: Array, n: int, across: bool) -> Array:
    """(n,) from (n,), (n, 1), (1, n); one number for all is spread, as an update would.

    What was not summed over the samples is m × n; ``across``: the samples are its columns.
    """
    if value.size == n:
        return value.reshape(-1)
    if value.ndim == 2 and across:
        return value.T
    return np.full(n, value.reshape(-1)[0]) if value.size == 1 else value
