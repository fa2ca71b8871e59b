"""A call of a person's function at a probe, laid out as a convention has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from symbackprop.diagnose.arrange import INSIDE, SHARED, Convention, Plan
from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Flow
from symbackprop.diagnose.roles import Slot, role_of, slots_of


def calls(
    person: Person,
    plan: Plan,
    c: Convention,
    flow: Flow,
    *,
    trace: bool = False,
    first: bool = False,
) -> list[dict[str, Any]]:
    """One call for the batch, or one for each sample (``first``: only for the first one)."""
    if not c.one_by_one or plan.has("pairs"):
        return [_call(person, plan, c, flow, trace)]
    return [
        _call(person, plan, c, replace_point(flow, number), trace)
        for number in range(1 if first else flow.point.samples)
    ]


def replace_point(flow: Flow, sample: int) -> Flow:
    return Flow(flow.point.sample(sample), flow.setting)


def _call(person: Person, plan: Plan, c: Convention, flow: Flow, trace: bool) -> dict[str, Any]:
    named = {p.name for p in person.parameters if p.optional or p.by_name}
    values = {slot.name: _value(slot, c, flow) for slot in plan.slots}
    order = [p.name for p in person.parameters if p.name in values]
    leading = [name for name in order if name not in named]
    call: dict[str, Any] = {
        "name": person.callee,
        "args": [values[name] for name in leading],
        "names": leading,
        "kwargs": {name: values[name] for name in order if name in named},
        "attributes": {slot.name: _value(slot, c, flow) for slot in plan.attributes},
        "globals": {slot.name: _value(slot, c, flow) for slot in plan.outer},
        "trace": trace,
    }
    if person.owner and person.callee == person.name:
        call["owner"] = owner_of(person, plan, flow)
    return call


def owner_of(person: Person, plan: Plan, flow: Flow) -> dict[str, Any]:
    """How the object is made: widths and rates by name, everything else by its default."""
    known = {"sizes", "inputs", "hidden", "outputs", "eta", "lam"}
    values = {s.name: _value(s, Convention(), flow) for s in plan.constructor if s.role in known}
    return {
        "class": person.owner,
        "args": [],
        "kwargs": {p.name: values[p.name] for p in person.constructor if p.name in values},
    }


def _value(slot: Slot, c: Convention, flow: Flow) -> Any:
    """What a slot gets at this probe."""
    p = flow.point
    simple = {
        "lam": p.lam, "eta": p.eta, "iterations": 1, "samples": p.samples, "keep": 1.0,
        "sizes": list(p.layers), "inputs": p.layers[0], "hidden": p.layers[1],
        "outputs": p.layers[-1],
    }  # fmt: skip
    if slot.role in simple:
        return simple[slot.role]
    made = {
        "x": lambda: laid(p.X, c),
        "y": lambda: targets(flow, c),
        "pairs": lambda: [
            (laid(p.X[s : s + 1], c), targets(replace_point(flow, s), c)) for s in range(p.samples)
        ],
        "weight": lambda: weight(p.W[slot.number - 1], p.b[slot.number - 1], c),
        "bias": lambda: bias(p.b[slot.number - 1], c),
        "weights": lambda: [weight(W, b, c) for W, b in zip(p.W, p.b, strict=True)],
        "biases": lambda: [bias(b, c) for b in p.b],
        "params": lambda: held(c, flow),
        "z": lambda: laid(flow.z(slot.number), c),
        "a": lambda: laid(flow.a(slot.number), c),
        "zs": lambda: [laid(flow.z(l), c) for l in range(1, flow.depth + 1)],
        "as": lambda: [laid(flow.a(l), c) for l in range(flow.depth + 1)],
        "output": lambda: laid(flow.a(flow.depth), c),
        "cache": lambda: cached(c, flow),
    }  # fmt: skip
    return made[slot.role]()


def cached(c: Convention, flow: Flow) -> Any:
    """What a forward pass keeps: by name, in the order of its names, or ((a, W, b), z) by layer."""
    p = flow.point
    if c.holder == "unpacked":
        return held(c, flow)
    if c.holder == "caches":
        return [
            ((laid(flow.a(l - 1), c), weight(W, b, c), bias(b, c)), laid(flow.z(l), c))
            for l, (W, b) in enumerate(zip(p.W, p.b, strict=True), start=1)
        ]
    kept = {f"{k}{l}": laid(flow.z(l), c) for l in range(1, flow.depth + 1) for k in "Zz"}
    kept |= {f"{k}{l}": laid(flow.a(l), c) for l in range(flow.depth + 1) for k in "Aa"}
    for l, (W, b) in enumerate(zip(p.W, p.b, strict=True), start=1):
        kept |= {f"W{l}": weight(W, b, c), f"b{l}": bias(b, c)}
    return kept


def laid(A: Array, c: Convention) -> Any:
    """Samples in rows, as the convention has them."""
    return {
        "rows": lambda: A.copy(),
        "row": lambda: A.copy(),
        "columns": lambda: np.ascontiguousarray(A.T),
        "column": lambda: np.ascontiguousarray(A.T),
        "vector": lambda: A[0].copy(),
        "list": lambda: A[0].tolist(),
    }[c.samples]()


def targets(flow: Flow, c: Convention) -> Any:
    Y = flow.point.Y
    if c.targets == "labels":
        numbers = Y.argmax(axis=1)
        return int(numbers[0]) if c.one_by_one else numbers
    if c.targets == "vector of targets":
        return Y[:, 0].copy()
    return laid(Y, c)


def weight(W: Array, b: Array, c: Convention) -> Array:
    whole = W
    if c.bias in INSIDE:
        parts = (b[:, None], W) if c.bias == "first" else (W, b[:, None])
        whole = np.hstack(parts)
    if c.vector and len(W) == 1:
        return W[0].copy()
    return np.ascontiguousarray(whole if c.weights == "out×in" else whole.T).copy()


def bias(b: Array, c: Convention) -> Any:
    if c.bias == SHARED:
        return b[0]
    return {"(n,1)": b[:, None], "(1,n)": b[None, :]}.get(c.bias, b).copy()


def held(c: Convention, flow: Flow) -> Any:
    """All parameters in one holder."""
    p = flow.point
    W = [weight(w, b, c) for w, b in zip(p.W, p.b, strict=True)]
    b = [bias(one, c) for one in p.b]
    pairs = list(zip(W, b, strict=True))
    if c.holder == "keys":
        slots, _ = slots_of(c.keys)
        return {s.name: (W if s.role == "weight" else b)[s.number - 1] for s in slots}
    if c.holder == "unpacked":
        return [_value(slot, c, flow) for slot in slots_of(c.keys)[0]]
    if c.holder == "stems":
        stems = {role_of(key).role: key for key in c.keys}  # type: ignore[union-attr]
        return {
            f"{stems[role]}{l}": array
            for role, arrays in (("weights", W), ("biases", b))
            if role in stems
            for l, array in enumerate(arrays, start=c.first)
        }
    if c.holder == "lists":
        return {k: W if role_of(k).role == "weights" else b for k in c.keys}  # type: ignore[union-attr]
    if c.holder == "dictionaries":
        return [{"W": w, "b": one, "weights": w, "bias": one, "w": w} for w, one in pairs]
    if c.holder == "pairs":
        return [tuple(pair) for pair in pairs]
    if c.holder == "sequence":
        return [array for pair in pairs for array in pair]
    return packed(W, b, c)


def packed(W: Sequence[Array], b: Sequence[Array], c: Convention) -> Array:
    """All in one vector: layer by layer (C or Fortran order), or all weights before all biases."""
    order: Literal["F", "C"] = "F" if c.holder == "flat-F" else "C"
    if c.bias in INSIDE or c.bias == "none":
        return np.concatenate([w.ravel(order) for w in W])
    if c.holder == "flat-apart":
        return np.concatenate([*(w.ravel() for w in W), *(np.ravel(one) for one in b)])
    both = [np.ravel(array, order) for pair in zip(W, b, strict=True) for array in pair]
    return np.concatenate(both)
