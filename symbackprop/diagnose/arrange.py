"""What the names of a function say, and the conventions in which it may want its arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any

from symbackprop.diagnose.person import Person
from symbackprop.diagnose.roles import Slot, depth_of, role_of, slots_of
from symbackprop.diagnose.settings import named_in

SAMPLES = ("rows", "columns", "column", "vector", "row", "list")
WEIGHTS = ("out×in", "in×out", "in×out, one output (n,)")
BIASES = ("(n,)", "(n,1)", "(1,n)")
# what a constructor alone means by it: the number of inputs
MAKING = {name: Slot(name, "inputs") for name in ("n", "d", "dim", "n_dim", "num_features")}
SHARED = "shared"
INSIDE = ("first", "last")
HOLDERS = ("lists", "pairs", "sequence", "dictionaries", "flat", "flat-F", "flat-apart")
INPUTS = ("x", "pairs", "cache", "a", "as")  # roles of which one must be there
HOLD = ("weight", "weights", "params", "cache")  # and one of these
MOST_CONVENTIONS = 2_000
IN_WORDS = {
    "rows": "samples are the rows of X (m × n)",
    "columns": "samples are the columns of X (n × m)",
    "column": "one sample at a time, as a column (n × 1)",
    "vector": "one sample at a time, as a vector (n,)",
    "row": "one sample at a time, as a row (1 × n)",
    "list": "one sample at a time, as a list of numbers",
    "out×in": "weights are out × in: z = W a + b",
    "in×out": "weights are in × out: z = a W + b",
    "in×out, one output (n,)": "weights are in × out, those of the output have shape (n,)",
    "(n,)": "biases have shape (n,)",
    "(n,1)": "biases have shape (n, 1)",
    "(1,n)": "biases have shape (1, n)",
    "shared": "one bias for all units of a layer",
    "none": "no biases",
    "first": "biases are the first column inside W",
    "last": "biases are the last column inside W",
    "labels": "targets are class numbers",
    "vector of targets": "targets have shape (m,)",
}


@dataclass(frozen=True)
class Convention:
    """How samples, weights, biases and targets are laid out, and where parameters are kept."""

    samples: str = "rows"
    weights: str = "out×in"
    bias: str = "(n,)"
    targets: str = "same"
    holder: str = "arguments"
    keys: tuple[str, ...] = ()
    first: int = 1
    outputs: int = 3
    depth: int = 2

    @property
    def one_by_one(self) -> bool:
        return self.samples in ("column", "vector", "row", "list")

    @property
    def vector(self) -> bool:
        """Whether the weights of the only output are no matrix."""
        return self.weights == WEIGHTS[2]

    def in_words(self) -> list[str]:
        words = (self.samples, self.weights, self.bias, self.targets)
        return [IN_WORDS[word] for word in words if word in IN_WORDS]


@dataclass(frozen=True)
class Plan:
    """Which name of the function, its class or its module has which role."""

    slots: tuple[Slot, ...]
    constructor: tuple[Slot, ...] = ()
    attributes: tuple[Slot, ...] = ()
    outer: tuple[Slot, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Slot, ...]:
        return (*self.slots, *self.attributes, *self.outer)

    def has(self, *roles: str) -> bool:
        return any(slot.role in roles for slot in self.all)


def plan_of(
    person: Person, attributes: Sequence[str] = (), given: Mapping[str, str] | None = None
) -> Plan:
    """Roles by name; ``given`` (from a spec) overrides: name → role, such as ``{"q": "x"}``."""
    stated = {name: _from_spec(name, role) for name, role in (given or {}).items()}
    required = [p.name for p in person.parameters if not p.optional]
    optional = [p.name for p in person.parameters if p.optional]
    wanted = {"x", "y", "weight", "bias", "weights", "biases", "lam", "eta", "params", "keep"}
    if "leaky-relu" in named_in(person.words):  # its slope has a default
        optional = [name for name in optional if name != "alpha"]
    slots, unknown = slots_of(required, stated)
    more, _ = slots_of(optional, stated)
    slots += [slot for slot in more if slot.role in wanted | {"iterations", "samples"}]
    made, _ = slots_of([p.name for p in person.constructor], {**MAKING, **stated})
    kept, _ = slots_of(attributes, stated)
    keep_roles = {"weight", "bias", "weights", "biases", "params", "eta", "lam"}
    outer, _ = slots_of(person.outer_names, stated)
    return Plan(
        tuple(_without_twins(slots)),
        tuple(made),
        tuple(slot for slot in kept if slot.role in keep_roles),
        tuple(slot for slot in outer if slot.role in keep_roles),
        tuple(unknown),
    )


def contradiction(plan: Plan, depth: int | None = None) -> str:
    """Why the roles cannot be meant: two names for one weight, another number of layers."""
    names: dict[tuple[str, int], list[str]] = {}
    for slot in plan.all:
        if slot.role in ("weight", "bias"):
            names.setdefault((slot.role, slot.number), []).append(slot.name)
    for (role, number), twins in names.items():
        if len(twins) > 1:
            return f"{' and '.join(twins)} are both {'W' if role == 'weight' else 'b'}{number}"
    found = depth_of(plan.all)
    if depth and found and depth != found:
        return f"the spec says depth = {depth}, but there are weights for {found} layers"
    return ""


def _from_spec(name: str, role: str) -> Slot:
    """``"x"``, ``"W2"``, ``"b1"``, ``"lam"`` …"""
    kinds = {"W": "weight", "b": "bias", "z": "z", "a": "a"}
    if role[:1] in kinds and role[1:].isdigit():
        return Slot(name, kinds[role[0]], int(role[1:]))
    return Slot(name, {"W": "weights", "b": "biases"}.get(role, role))


def _without_twins(slots: list[Slot]) -> list[Slot]:
    """``f(x, t)`` and ``f(data, labels)``; in ``f(X, y, d)`` only one name is the target."""
    for role in ("x", "y"):
        same = [slot for slot in slots if slot.role == role]
        if len(same) > 1:
            best = min(same, key=lambda slot: (slot.name.lower() != role, slots.index(slot)))
            slots = [s for s in slots if s.role != role or s is best]
    if any(s.role == "pairs" for s in slots) and any(s.role == "x" for s in slots):
        slots = [replace(s, role="samples") if s.role == "pairs" else s for s in slots]
    return slots


def conventions(person: Person, plan: Plan, fixed: dict[str, Any]) -> Iterator[Convention]:
    """Every convention that the names allow, the usual ones first; ``fixed`` from a spec."""
    samples = ("column", "vector", "row") if plan.has("pairs") else SAMPLES
    depths = [d] if (d := _depth(person, plan)) else [3, 2]
    biases: tuple[str, ...] = (*BIASES, SHARED)
    if not plan.has("bias", "biases"):
        held = plan.has("params") or not plan.has("weight", "weights")
        biases = (*BIASES, *INSIDE, "none") if held else ("none", *INSIDE)
    holders = list(_holders(person, plan))
    axes = {
        "outputs": (3, 1),
        "depth": tuple(depths),
        "holder": tuple(holders),
        "targets": ("same", "labels", "vector of targets"),
        "bias": biases,
        "weights": WEIGHTS,
        "samples": samples,
    }
    choices = [(fixed[axis],) if axis in fixed else values for axis, values in axes.items()]
    every = (
        Convention(**_with_holder(dict(zip(axes, values, strict=True))))
        for values in product(*choices)
    )
    yield from islice(filter(_sensible, every), MOST_CONVENTIONS)


def _with_holder(values: dict[str, Any]) -> dict[str, Any]:
    holder = values["holder"]
    if isinstance(holder, str):
        return values
    name, keys, first = holder
    return {**values, "holder": name, "keys": tuple(keys), "first": first}


def _sensible(c: Convention) -> bool:
    if c.targets == "vector of targets" and (c.outputs != 1 or c.one_by_one):
        return False
    if c.vector and (c.outputs != 1 or c.bias in INSIDE or c.holder.startswith("flat")):
        return False
    if c.targets == "labels" and c.outputs == 1:
        return False
    return not (c.bias in INSIDE and c.holder == "flat-apart")


def _depth(person: Person, plan: Plan) -> int | None:
    found = depth_of(plan.all)
    if found:
        return found
    for slot in plan.all:
        if slot.role in ("params", "cache"):
            slots, _ = slots_of([*person.keys(slot.name), *person.unpacked(slot.name)])
            if depth_of(slots):
                return depth_of(slots)
    named = [slot for slot in plan.constructor if slot.role in ("inputs", "hidden", "outputs")]
    flat = [slot for slot in plan.slots if slot.role in ("inputs", "hidden", "outputs")]
    return 2 if len(named) == 3 or len(flat) == 3 else None


def _holders(person: Person, plan: Plan) -> Iterator[Any]:
    """Where parameters are kept: arguments and attributes by name, or one holder of all."""
    slots = [slot for slot in plan.all if slot.role in ("params", "cache")]
    slots.sort(key=lambda slot: slot.role == "cache")
    names = person.unpacked(slots[0].name) if slots else []
    if names and not slots_of(names)[1]:
        yield ("unpacked", names, 1)
        return
    if not slots or plan.has("weight", "weights"):
        yield "arguments"
        return
    keys = person.keys(slots[0].name)
    if slots[0].role == "cache":
        yield "arguments" if keys else "caches"
        return
    numbered = [key for key in keys if (s := role_of(key)) and s.role in ("weight", "bias")]
    if numbered:
        yield ("keys", numbered, 1)
    lists = [key for key in keys if (s := role_of(key)) and s.role in ("weights", "biases")]
    if lists:
        yield ("stems", lists, 1)
        yield ("stems", lists, 0)
        yield ("lists", lists, 1)
    yield from HOLDERS[1:]
