"""Classic mistakes of hand-written backpropagation: one row each, what it says and what it spoils.

A row replaces what one stage of the backward pass (``problems.Flow``) gives; everything else stays
right, so each row has gradients of its own: the fingerprint by which it is recognised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.mistake import Mistake, each
from symbackprop.diagnose.mistakes_of_errors import IN_ERRORS
from symbackprop.diagnose.mistakes_of_gradients import IN_GRADIENTS
from symbackprop.diagnose.problems import Flow

MISTAKES: tuple[Mistake, ...] = (*IN_ERRORS, *IN_GRADIENTS)


@dataclass(frozen=True)
class Factor:
    """A number by which a gradient may be off; ``value(f)`` at a probe."""

    id: str
    says: str
    value: Callable[[Flow], float]


FACTORS: tuple[Factor, ...] = (
    Factor("sign", "the opposite sign", lambda f: -1.0),
    Factor("not-averaged", "m times too large: the 1/m is missing", lambda f: f.point.samples),
    Factor("averaged-twice", "1/m too much", lambda f: 1 / f.point.samples),
    Factor("doubled", "twice too large", lambda f: 2.0),
    Factor("halved", "half of what it should be", lambda f: 0.5),
    Factor("times-outputs", "n_L times too large", lambda f: f.point.layers[-1]),
    Factor("over-outputs", "n_L times too small", lambda f: 1 / f.point.layers[-1]),
    Factor("times-rate", "η times what it should be", lambda f: f.point.eta),
)


def _by_factor(factor: Factor, kind: str) -> Mistake:
    noun = {"weights": "the gradient of the weights", "biases": "the bias gradient"}[kind]

    def value(f: Flow, l: int) -> Array:
        true = f.true_weights(l) if kind == "weights" else f.true_biases(l)
        return factor.value(f) * true

    says = f"{noun} has {factor.says}" if factor.id == "sign" else f"{noun} is {factor.says}"
    if factor.id == "averaged-twice":
        says = f"{noun} has {factor.says}"
    return Mistake(f"{kind}-{factor.id}", says, "one factor for all", each(kind, value), rank=1)


TABLE: tuple[Mistake, ...] = (
    *MISTAKES,
    *(_by_factor(factor, kind) for factor in FACTORS for kind in ("weights", "biases")),
)
