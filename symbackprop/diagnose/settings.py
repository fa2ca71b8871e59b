"""Which activations and cost a person's code may be about: from what is stated, seen and named."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbackprop.diagnose.problems import CURVES, PENALTIES, Array, Flow, Point, Setting, softmax
from symbackprop.diagnose.scales import SCALES, Scale
from symbackprop.errors import InputError
from symbackprop.networks.network import Network

# activation → words in a file that speak of it
WORDS: dict[str, tuple[str, ...]] = {
    "sigmoid": ("sigm", "logistic", "expit", "nonlin", "squash"),
    "tanh": ("tanh", "tangent"),
    "relu": ("relu", "maximum", "rectif"),
    "leaky-relu": ("leaky", "lrelu"),
    "softplus": ("softplus", "log1p"),
    "silu": ("silu", "swish"),
    "gelu": ("gelu",),
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


def guesses(words: Iterable[str], penalised: bool, seen: Seen | None = None) -> list[Setting]:
    """Settings that a file may be about, the likeliest first."""
    text = " ".join(words)
    named = [name for name, signs in WORDS.items() if any(sign in text for sign in signs)]
    hidden = [name for name in named if name in CURVES] + ["identity"]
    output = [*named, "identity"]
    if not named or named == ["softmax"]:
        hidden, output = list(CURVES), [*named, *CURVES]
    if "exp" in text and "sigmoid" not in named:
        hidden, output = ["sigmoid", *hidden], ["sigmoid", "softmax", *output]
    if seen and seen.hidden:
        hidden = [seen.hidden]
    if seen and seen.output:  # that nothing was done to z^L proves no identity
        output = [seen.output, *(named if seen.output == "identity" else [])]
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
    output: str | None = None
    untraced: bool = False


def forward_seen(records: Sequence[Mapping[str, Any]], point: Point) -> Seen:
    """Walk up the network: z^1 = W x + b must have been computed, then a^1 = σ(z^1) for some σ."""
    values = [np.asarray(record["value"]) for record in records]
    z = point.X @ point.W[0].T + point.b[0]
    if not among(z, values):
        return Seen()
    if point.depth == 1:
        return Seen(1, None, _output_seen(z, values))
    walks = [
        _walk(name, z, values, point) for name, c in CURVES.items() if among(c.value(z), values)
    ]
    return max(walks, key=lambda seen: seen.layers, default=Seen(1))


def _walk(hidden: str, z: Array, values: Sequence[Array], point: Point) -> Seen:
    """How far it goes if this is the activation of the hidden layers."""
    for l in range(2, point.depth + 1):
        a = CURVES[hidden].value(z)
        if not among(a, values):
            return Seen(l - 1)
        z = a @ point.W[l - 1].T + point.b[l - 1]
        if not among(z, values):
            return Seen(l - 1)
    return Seen(point.depth, hidden, _output_seen(z, values))


def _output_seen(z: Array, values: Sequence[Array]) -> str | None:
    named = [n for n, c in CURVES.items() if n != "identity" and among(c.value(z), values)]
    if z.shape[1] > 1 and among(softmax(z), values):
        return "softmax"
    return named[0] if named else "identity"


def among(wanted: Array, values: Iterable[Array]) -> bool:
    """Whether the array, or its transpose, or its vector, is one of the values."""
    return any(alike(wanted, value) for value in values)


def alike(wanted: Array, value: Array) -> bool:
    if wanted.size != value.size or value.ndim > 2:
        return False
    size = float(np.abs(wanted).max(initial=0.0)) or 1.0
    for form in (wanted, wanted.T):
        if value.shape == form.shape or value.ndim < 2 or min(value.shape) == 1:
            if form.shape != value.shape and min(form.shape) > 1:
                continue
            with np.errstate(invalid="ignore"):
                if (
                    float(np.abs(value.reshape(-1) - form.reshape(-1)).max(initial=0.0))
                    <= SAME * size
                ):
                    return True
    return False


def cost_of_losses(
    losses: Sequence[float], points: Sequence[Point], settings: Sequence[Setting]
) -> tuple[Setting, Scale] | None:
    """The setting whose cost, times a sensible positive factor, is the loss at every probe."""
    for scale in SCALES:
        if scale.says.startswith("-") or scale.plain > 2:
            continue
        for setting in settings:
            if all(
                _equal(loss, scale.value(point) * Flow(point, setting).cost())
                for loss, point in zip(losses, points, strict=True)
            ):
                return setting, scale
    return None


def _equal(one: float, other: float) -> bool:
    return bool(abs(one - other) <= 1e-6 * max(abs(other), 1e-9))
