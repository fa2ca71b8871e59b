"""What a person may state about their function where it cannot be found out: a short TOML file.

[network]
activation = "sigmoid"        # of the hidden layers
output = "softmax"
cost = "cross-entropy"
penalty = "lambda/2"          # none, lambda/2, lambda, lambda/(2m), lambda/m

[roles]                       # name in the code → x, y, W1, b1, W, b, params, lam, eta
q = "x"

[convention]                  # only what is not found out
samples = "columns"

and above the sections, if wanted, ``adapter = "adapter.py"``: Python that calls the person's code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symbackprop.diagnose.arrange import BIASES, INSIDE, SAMPLES, SHARED, WEIGHTS, Plan
from symbackprop.diagnose.curves import CURVES
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import COSTS, PENALTIES, Setting
from symbackprop.diagnose.roles import Slot
from symbackprop.diagnose.sources import source_of
from symbackprop.errors import InputError, nearest
from symbackprop.networks.activations import activation_named
from symbackprop.networks.costs import cost_named

AXES: dict[str, tuple[Any, ...]] = {
    "samples": SAMPLES,
    "weights": WEIGHTS,
    "bias": (*BIASES, SHARED, *INSIDE, "none"),
    "targets": ("same", "labels", "vector of targets"),
    "outputs": (1, 3),
    "depth": tuple(range(1, 9)),
}
SECTIONS = {"network", "roles", "convention", "strict", "seconds", "function", "adapter"}
NETWORK = ("activation", "output", "cost", "penalty")
PLAIN: dict[str, tuple[tuple[type, ...], str]] = {
    "strict": ((bool,), "true or false"),
    "seconds": ((int, float), "a number up to 600"),
    "function": ((str,), "the name of a function"),
    "adapter": ((str,), "the name of a Python file"),
}
STATED_ROLES = (
    "x", "y", "W", "b", "params", "pairs", "lam", "eta", "iterations", "samples", "keep", "sizes",
    "inputs", "hidden", "outputs", "cache", "zs", "as",
)  # fmt: skip
NUMBERED = re.compile(r"[Wbza][1-8]|a0")
TO_FILL = """\
[roles]  # x, y, W1, b1, W (a list), b (a list), params (all in one), lam, eta, ...
{roles}

# what follows is found out; take away the # from what is to be stated
# [network]  # all three
# activation = "sigmoid"
# output = "sigmoid"
# cost = "quadratic"

# [convention]
# samples = "rows"  # rows, columns, column, vector, row, list
# weights = "out×in"  # out×in, in×out, or "in×out, one output (n,)"
# bias = "(n,)"  # (n,), (n,1), (1,n), shared, first, last, none
"""
OURS = {"samples": "rows", "weights": "out×in", "bias": "(n,)"}  # what an adapter is given


@dataclass(frozen=True)
class Spec:
    """``setting``: the stated network; ``axes``: fixed conventions; ``strict``: no factor.

    ``adapter``: source with a function ``gradients(X, Y, W, b)`` that calls ``code``, the person's
    module, and is only run where the person's code runs.
    """

    setting: Setting | None = None
    axes: Mapping[str, Any] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    seconds: float = 5.0
    function: str | None = None
    adapter: str = ""


def read_spec(path: Path) -> Spec:
    """A spec file; one sentence with its place for what does not fit."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be read: {why}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("is no text in UTF-8", file=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is no TOML: {error}", file=str(path)) from error
    try:
        return spec_of(data, path.parent)
    except InputError as error:
        raise InputError(
            error.what, expected=error.expected, todo=error.todo, file=str(path)
        ) from error


def spec_of(data: Mapping[str, Any], folder: Path | None = None) -> Spec:
    """A spec from a dictionary of this form; an adapter's file is looked for in ``folder``."""
    for name in data:
        if name not in SECTIONS:
            raise InputError(f"unknown section {name!r}", expected=nearest(name, SECTIONS))
    for name, (kind, expected) in PLAIN.items():
        if name in data and type(data[name]) not in kind:
            raise InputError(f"{name} = {data[name]!r}", expected=expected)
    axes = _section(data, "convention")
    for axis, value in axes.items():
        if axis not in AXES:
            raise InputError(f"unknown axis {axis!r}", expected=nearest(axis, AXES))
        _one_of(axis, value, AXES[axis])
    seconds = float(data.get("seconds", 5.0))
    if not 0 < seconds <= 600:
        raise InputError(f"seconds = {seconds:g}", expected=PLAIN["seconds"][1])
    adapter = ""
    if "adapter" in data:
        adapter, _ = source_of((folder or Path()) / data["adapter"])
        axes = {**OURS, **axes}
    return Spec(
        setting=_setting(_section(data, "network")),
        axes=axes,
        roles=_roles(_section(data, "roles")),
        strict=data.get("strict", False),
        seconds=seconds,
        function=data.get("function"),
        adapter=adapter,
    )


def _one_of(name: str, value: Any, known: Sequence[Any]) -> None:
    """``True`` is no 1, and a list is no name."""
    if not any(type(value) is type(one) and value == one for one in known):
        words = ", ".join(map(str, known))
        raise InputError(f"{name} = {value!r}", expected=f"one of {words}")


def _roles(section: Mapping[str, Any]) -> dict[str, str]:
    for name, role in section.items():
        if not (isinstance(role, str) and (role in STATED_ROLES or NUMBERED.fullmatch(role))):
            raise InputError(
                f"{name} = {role!r} is no role",
                expected=f"one of {', '.join(STATED_ROLES)}, or W1, b1, W2, b2, …",
            )
    return dict(section)


def _section(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = data.get(name, {})
    if not isinstance(section, Mapping):
        raise InputError(f"{name} is no section", expected=f"[{name}]")
    return section


def _setting(section: Mapping[str, Any]) -> Setting | None:
    """All of it or nothing: what is half stated would be half guessed."""
    if not section:
        return None
    for name in section:
        if name not in NETWORK:
            raise InputError(f"unknown key {name!r}", expected=nearest(name, NETWORK))
    for name in NETWORK[:3]:
        if name not in section:
            raise InputError(f"[network] states no {name}", expected=", ".join(NETWORK[:3]))
    hidden = activation_named(section["activation"]).name
    output = activation_named(section["output"]).name
    cost = cost_named(section["cost"]).name
    penalty = section.get("penalty", "none")
    _one_of("activation", hidden, tuple(CURVES))
    _one_of("output", output, (*CURVES, "softmax"))
    _one_of("cost", cost, tuple(COSTS))
    _one_of("penalty", penalty, tuple(PENALTIES))
    return Setting(hidden, output, cost, penalty)


def spec_to_fill(person: Person, plan: Plan, attributes: Sequence[str] = ()) -> str:
    """A ready-made spec with the names of the function, for a person to complete."""
    known = {slot.name: slot for slot in (*plan.all, *plan.constructor)}
    names = [p.name for p in person.parameters]
    names += [p.name for p in person.constructor if not p.optional]
    lines = [f'{_key(name)} = "{_role_text(known.get(name))}"' for name in dict.fromkeys(names)]
    strange = [name for name in attributes if name not in known and name not in names]
    lines += [f'# {_key(name)} = "?"' for name in strange]
    return TO_FILL.format(roles="\n".join(lines))


def _key(name: str) -> str:
    return name if name.isascii() else f'"{name}"'


def _role_text(slot: Slot | None) -> str:
    if slot is None:
        return "?"
    short = {"weight": f"W{slot.number}", "bias": f"b{slot.number}", "weights": "W", "biases": "b"}
    return short.get(slot.role, slot.role)
