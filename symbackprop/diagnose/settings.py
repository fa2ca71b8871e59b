"""Which activations and cost a person's code may be about: from what is stated, seen and named."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbackprop.diagnose.curves import CURVES, Array, softmax
from symbackprop.diagnose.problems import PENALTIES, Flow, Point, Setting
from symbackprop.diagnose.scales import SCALES, Scale
from symbackprop.errors import InputError
from symbackprop.networks.network import Network

# activation → words in a file that speak of it
WORDS: dict[str, tuple[str, ...]] = {
    "sigmoid": ("sigm", "logistic", "expit", "nonlin", "squash"),
    "tanh": ("tanh", "tangent"),
    "relu": ("relu", "maximum", "rectif"),
    "leaky-relu": ("leaky", "lrelu"),
    "elu": ("elu",),
    "softplus": ("softplus", "log1p"),
    "silu": ("silu", "swish"),
    "gelu": ("gelu",),
    "gelu-tanh": ("gelu",),
    "softmax": ("softmax", "probs"),
}
COSTS_OF = {
    "softmax": ("cross-entropy", "quadratic", "binary-cross-entropy"),
    "sigmoid": ("quadratic", "binary-cross-entropy", "cross-entropy"),
}
SAME = 1e-7


def setting_of(network: Network, penalty: str = "lambda/2") -> Setting:
    """The setting of a network; hidden layers must share one activation."""
    names = [row.name for row in network.activations]
    hidden = set(names[:-1]) or {"sigmoid"}
    if len(hidden) > 1 or not hidden <= set(CURVES):
        raise InputError(
            f"hidden layers with {', '.join(sorted(hidden))}",
            expected="one element-wise activation for all hidden layers",
        )
    return Setting(hidden.pop(), names[-1], network.cost, penalty if network.l2 else "none")


def neighbours(setting: Setting, penalised: bool) -> list[Setting]:
    """The same activations with other costs and penalties: convention, not mistake."""
    costs = COSTS_OF.get(setting.output, ("quadratic",))
    penalties = tuple(PENALTIES) if penalised else ("none",)
    found = [replace(setting, cost=cost, penalty=p) for cost in costs for p in penalties]
    return sorted(found, key=lambda s: (s != setting, s.cost != setting.cost))


def named_in(words: Iterable[str]) -> list[str]:
    """The activations of which these words speak."""
    text = " ".join(words)
    return [name for name, signs in WORDS.items() if any(sign in text for sign in signs)]


def guesses(words: Iterable[str], penalised: bool, seen: Seen | None = None) -> list[Setting]:
    """Settings that a file may be about, the likeliest first."""
    text = " ".join(words)
    named = named_in(words)
    hidden = [name for name in named if name in CURVES] + ["identity"]
    output = [*named, "identity"]
    if not named or named == ["softmax"]:
        hidden, output = list(CURVES), [*named, *CURVES]
    if "exp" in text and "sigmoid" not in named:
        hidden, output = ["sigmoid", *hidden], ["sigmoid", "softmax", *output]
    if seen and seen.hidden:
        hidden = [seen.hidden]
    if seen and seen.outputs:  # that nothing was done to z^L proves no identity
        output = [*seen.outputs, *(output if seen.outputs == ("identity",) else [])]
    elif "softmax" in output:
        output.sort(key=lambda name: name != "softmax")
    penalties = tuple(PENALTIES) if penalised else ("none",)
    found = [
        Setting(h, o, cost, penalty)
        for h, o in itertools.product(dict.fromkeys(hidden), dict.fromkeys(output))
        for cost in COSTS_OF.get(o, ("quadratic",))
        for penalty in penalties
    ]
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Seen:
    """How far the forward pass was recognised among recorded values."""

    layers: int = 0
    hidden: str | None = None
    outputs: tuple[str, ...] = ()
    untraced: bool = False


def forward_seen(records: Sequence[Mapping[str, Any]], point: Point) -> Seen:
    """Walk up the network: z^1 = W x + b must have been computed, then z^2 with some σ between."""
    values = [np.asarray(record["value"]) for record in records]
    z = point.X @ point.W[0].T + point.b[0]
    if not _computed(z, values):
        return Seen()
    if point.depth == 1:
        return Seen(1, None, _outputs_seen(z, values, point))
    walks = [_walk(name, z, values, point) for name in CURVES]
    return max(walks, key=lambda seen: seen.layers)


def _walk(hidden: str, z: Array, values: Sequence[Array], point: Point) -> Seen:
    """How far it goes if this is the activation of the hidden layers."""
    for l in range(2, point.depth + 1):
        z = CURVES[hidden].value(z) @ point.W[l - 1].T + point.b[l - 1]
        if not _computed(z, values):
            return Seen(l - 1)
    return Seen(point.depth, hidden, _outputs_seen(z, values, point))


def _outputs_seen(z: Array, values: Sequence[Array], point: Point) -> tuple[str, ...]:
    """The functions of z^L that were computed; if a^L - y was for some of them, only these."""
    found = {"softmax": softmax(z)} if z.shape[1] > 1 else {}
    found |= {name: curve.value(z) for name, curve in CURVES.items()}
    found = {
        name: a
        for name, a in found.items()
        if (name == "identity" or not alike(a, z)) and _computed(a, values)
    }
    compared = [
        name
        for name, a in found.items()
        if _computed(a - point.Y, values) or _computed(point.Y - a, values)
    ]
    names = compared or list(found)
    return tuple(sorted(names, key=lambda name: name == "identity"))


def among(wanted: Array, values: Iterable[Array]) -> bool:
    """Whether the array, or its transpose, or its vector, is one of the values."""
    return any(alike(wanted, value) for value in values)


def _computed(wanted: Array, values: Sequence[Array]) -> bool:
    """Whether the samples were computed together, or each by itself in a loop."""
    if among(wanted, values):
        return True
    alone = [value for value in values if value.size == wanted.shape[1]]
    return len(alone) >= len(wanted) and all(among(row[None, :], alone) for row in wanted)


def alike(wanted: Array, value: Array) -> bool:
    """Whether they are the same numbers in the same order; a matrix may be transposed."""
    value = sums(value, wanted.size)
    if wanted.size != value.size or value.ndim > 2:
        return False
    size = float(np.abs(wanted).max(initial=0.0)) or 1.0
    flat = value.reshape(-1)
    for form in (wanted, wanted.T):
        if value.ndim == 2 and value.shape != form.shape and min(*value.shape, *form.shape) > 1:
            continue
        with np.errstate(invalid="ignore"):
            if float(np.abs(flat - form.reshape(-1)).max(initial=0.0)) <= SAME * size:
                return True
    return False


def sums(value: Array, size: int) -> Array:
    """Of additions in a loop the last of each sum, if there may be ``size`` of them."""
    if value.ndim != 1 or not size or value.size <= size or value.size % size:
        return value
    terms = value.size // size
    return value[terms - 1 :: terms]


def cost_of_losses(
    losses: Sequence[float], points: Sequence[Point], settings: Sequence[Setting]
) -> tuple[Setting, Scale] | None:
    """The setting whose cost, times a sensible positive factor, is the loss at every probe.

    Nothing is said by 0: softmax of one unit has no other cost, and an accuracy may be it.
    """
    if not all(losses):
        return None
    for scale in SCALES:
        if scale.says.startswith("-") or scale.plain > 2:
            continue
        for setting in settings:
            if all(
                _equal(loss, scale.value(point) * _cost(point, setting))
                for loss, point in zip(losses, points, strict=True)
            ):
                return setting, scale
    return None


def _cost(point: Point, setting: Setting) -> float:
    with np.errstate(all="ignore"):  # softmax of one unit is 1
        return Flow(point, setting).cost()


def _equal(one: float, other: float) -> bool:
    return math.isfinite(other) and abs(one - other) <= 1e-6 * max(abs(other), 1e-9)
