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

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symbackprop.diagnose.arrange import BIASES, INSIDE, SAMPLES, WEIGHTS, Plan
from symbackprop.diagnose.person import Person, source_of
from symbackprop.diagnose.problems import COSTS, CURVES, PENALTIES, Setting
from symbackprop.errors import InputError, nearest
from symbackprop.networks.activations import activation_named
from symbackprop.networks.costs import cost_named

AXES: dict[str, tuple[Any, ...]] = {
    "samples": SAMPLES,
    "weights": WEIGHTS,
    "bias": (*BIASES, *INSIDE, "none"),
    "targets": ("same", "labels", "vector of targets"),
    "outputs": (1, 3),
    "depth": tuple(range(1, 9)),
}
SECTIONS = {"network", "roles", "convention", "strict", "seconds", "function", "adapter"}
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
    axes = _section(data, "convention")
    for axis, value in axes.items():
        if axis not in AXES:
            raise InputError(f"unknown axis {axis!r}", expected=nearest(axis, AXES))
        if value not in AXES[axis]:
            known = ", ".join(map(str, AXES[axis]))
            raise InputError(f"{axis} = {value!r}", expected=f"one of {known}")
    roles = _section(data, "roles")
    seconds = data.get("seconds", 5.0)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= 600:
        raise InputError(f"seconds = {seconds!r}", expected="a number up to 600")
    adapter = ""
    if "adapter" in data:
        adapter = source_of((folder or Path()) / str(data["adapter"]))
        axes = {**OURS, **axes}
    return Spec(
        setting=_setting(_section(data, "network")),
        axes=axes,
        roles={str(name): str(role) for name, role in roles.items()},
        strict=bool(data.get("strict", False)),
        seconds=float(seconds),
        function=None if "function" not in data else str(data["function"]),
        adapter=adapter,
    )


def _section(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = data.get(name, {})
    if not isinstance(section, Mapping):
        raise InputError(f"{name} is no section", expected=f"[{name}]")
    return section


def _setting(section: Mapping[str, Any]) -> Setting | None:
    if not section:
        return None
    known = {"activation", "output", "cost", "penalty"}
    for name in section:
        if name not in known:
            raise InputError(f"unknown key {name!r}", expected=nearest(name, known))
    hidden = activation_named(section.get("activation", "sigmoid")).name
    if hidden not in CURVES:
        raise InputError(f"hidden layers with {hidden}", expected=nearest(hidden, CURVES))
    output = activation_named(section.get("output", hidden)).name
    usual = "cross-entropy" if output == "softmax" else "quadratic"
    cost = cost_named(section.get("cost", usual)).name
    penalty = section.get("penalty", "none")
    for word, table in ((cost, COSTS), (penalty, PENALTIES)):
        if word not in table:
            raise InputError(f"{word!r} is not supported here", expected=nearest(str(word), table))
    return Setting(hidden, output, cost, penalty)


def spec_to_fill(person: Person, plan: Plan | None) -> str:
    """A ready-made spec with the names of the function, for a person to complete."""
    known = {slot.name: slot for slot in plan.all} if plan else {}
    lines = ["[network]", 'activation = "sigmoid"', 'output = "sigmoid"', 'cost = "quadratic"']
    lines += ["", "[roles]  # x, y, W1, b1, W, b, params, lam, eta"]
    for parameter in person.parameters:
        slot = known.get(parameter.name)
        role = _role_text(slot.role, slot.number) if slot else "?"
        lines.append(f'{parameter.name} = "{role}"')
    lines += ["", "[convention]", 'samples = "rows"', 'weights = "out×in"', 'bias = "(n,)"']
    return "\n".join(lines) + "\n"


def _role_text(role: str, number: int) -> str:
    short = {"weight": f"W{number}", "bias": f"b{number}", "weights": "W", "biases": "b"}
    return short.get(role, role)
