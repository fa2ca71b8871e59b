"""Activations and costs as array formulas that stay finite and quiet at |z| = 1000.

A row that is not in these tables is lowered from its SymPy expression, and its slope from the
derivative of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from symbackprop.errors import InputError
from symbackprop.networks import activations, costs
from symbackprop.networks.activations import Activation
from symbackprop.networks.costs import Cost
from symbackprop.numeric.expression import lowered
from symbackprop.numeric.writer import (
    Number,
    Value,
    capped,
    erf,
    exp,
    log,
    logaddexp,
    maximum,
    nonzero,
    step,
    tanh,
)

HALF = Fraction(1, 2)
A, Y, Z = activations.a, costs.y, activations.z


def sigmoid(z: Value) -> Value:
    """``1 / (1 + e^-z) = e^z / (1 + e^z)``: nothing is lost far below 0, or overflows far above."""
    return _power(z) / (1 + _power(z))


def sigmoid_slope(z: Value, a: Value) -> Value:
    """``a (1 - a) = a / (1 + e^z)``: the sum is there already, and keeps small slopes exact."""
    return a / (1 + _power(z))


def _power(z: Value) -> Value:
    return exp(capped(z))


def normal(z: Value) -> Value:
    """``Φ(z) = (1 + erf(z/√2)) / 2``: the normal distribution function."""
    return (1 + erf(z / z.writer.put("sqrt", 2))) * HALF


def bell(z: Value) -> Value:
    """``φ(z) = e^(-z²/2) / √(2π)``: its density."""
    root = z.writer.put("sqrt", z.writer.put("pi") * 2)
    return exp(z * z * -HALF) / root


@dataclass(frozen=True)
class Form:
    """``a = value(z)``, ``σ'(z) = slope(z, a)``, entry by entry; ``says``: the slope in words."""

    value: Callable[[Value], Value]
    slope: Callable[[Value, Value], Value | Number]
    says: str = ""


ACTIVATION_FORMS: dict[str, Form] = {
    "identity": Form(lambda z: z, lambda z, a: 1),
    "sigmoid": Form(sigmoid, sigmoid_slope, "a (1 - a) = a / (1 + e^z)"),
    "tanh": Form(tanh, lambda z, a: 1 - a * a, "1 - a²"),
    "relu": Form(lambda z: maximum(z, 0), lambda z, a: step(z)),
    "softplus": Form(lambda z: logaddexp(z, 0), lambda z, a: sigmoid(z)),
    "gelu": Form(lambda z: z * normal(z), lambda z, a: normal(z) + z * bell(z)),
    "silu": Form(lambda z: z * sigmoid(z), lambda z, a: sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
}


@dataclass(frozen=True)
class CostForm:
    """``C = Σ_k entry(a_k, y_k)`` and ``slope(a, y) = ∂entry/∂a``."""

    entry: Callable[[Value, Value], Value]
    slope: Callable[[Value, Value], Value]


COST_FORMS: dict[str, CostForm] = {
    "quadratic": CostForm(lambda a, y: (a - y) * (a - y) * HALF, lambda a, y: a - y),
    "mse": CostForm(lambda a, y: (a - y) * (a - y), lambda a, y: (a - y) * 2),
}


@dataclass(frozen=True)
class Output:
    """An output layer and its cost in one: ``C = Σ_k entry``, ``δ = ∂C/∂z = error``, from z.

    ``s`` is the sum over the neurons of a sample, ``top`` the largest of them.
    """

    entry: Callable[[Value, Value, Value, Over], Value]
    error: Callable[[Value, Value, Value, Over], Value]
    says: str


@dataclass(frozen=True)
class Over:
    """Sum and maximum over the neurons of each sample, as the layout has them."""

    sum: Callable[[Value], Value]
    max: Callable[[Value], Value]


def softmax(z: Value, over: Over) -> Value:
    """``e^(z_k - t) / Σ_i e^(z_i - t)``; any shift t cancels, the largest keeps e^… within 1."""
    powers = exp(z - over.max(z))
    return powers / over.sum(powers)


def log_sum_exp(z: Value, over: Over) -> Value:
    """``log Σ_i e^z_i = t + log Σ_i e^(z_i - t)`` for any t."""
    top = over.max(z)
    return top + log(over.sum(exp(z - top)))


def softmax_error(slope: Value, a: Value, over: Over) -> Value:
    """``δ_j = Σ_k g_k ∂a_k/∂z_j = a_j (g_j - Σ_k g_k a_k)``; ``∂a_k/∂z_j = a_k ([k=j] - a_j)``."""
    return a * (slope - over.sum(slope * a))


def _binary_share(a: Value, y: Value) -> Value:
    """``a ∂C/∂a = (1 - y) a / (1 - a) - y`` of the binary cross-entropy."""
    return (1 - y) * a / nonzero(1 - a) - y


OUTPUTS: dict[tuple[str, str], Output] = {
    ("softmax", "cross-entropy"): Output(
        lambda z, a, y, over: y * (log_sum_exp(z, over) - z),
        lambda z, a, y, over: a - y,
        "a - y, as Σ_k y_k = 1",
    ),
    ("sigmoid", "binary-cross-entropy"): Output(
        lambda z, a, y, over: logaddexp(z, 0) - y * z,
        lambda z, a, y, over: a - y,
        "a - y: σ' cancels",
    ),
    ("sigmoid", "cross-entropy"): Output(
        lambda z, a, y, over: y * logaddexp(-z, 0),
        lambda z, a, y, over: y * (a - 1),
        "y (a - 1): a cancels",
    ),
    ("softmax", "binary-cross-entropy"): Output(
        lambda z, a, y, over: y * (log_sum_exp(z, over) - z) - (1 - y) * log(nonzero(1 - a)),
        lambda z, a, y, over: _binary_share(a, y) - a * over.sum(_binary_share(a, y)),
        "u - a Σ_k u_k with u = (1 - y) a / (1 - a) - y",
    ),
}


def activation_form(row: Activation) -> Form:
    """The stable form of a row, or its expression and derived slope, lowered."""
    if row.name in ACTIVATION_FORMS:
        return ACTIVATION_FORMS[row.name]
    if row.value is None:
        raise InputError(
            f"the activation {row.name!r} has no formula to compute with",
            todo="name a concrete one, such as sigmoid",
        )
    value, slope = row.value, row.slope
    assert slope is not None
    return Form(lambda z: lowered(value, {Z: z}), lambda z, a: lowered(slope, {Z: z}))


def cost_form(row: Cost) -> CostForm:
    """The form of a row, or its expression and the derivative of that by a, lowered."""
    if row.name in COST_FORMS:
        return COST_FORMS[row.name]
    if row.entry is None:
        raise InputError(
            f"the cost {row.name!r} has no formula to compute with",
            todo="name a concrete one, such as quadratic",
        )
    entry, slope = row.entry, row.slope
    assert slope is not None
    return CostForm(
        lambda a, y: lowered(entry, {A: a, Y: y}), lambda a, y: lowered(slope, {A: a, Y: y})
    )
