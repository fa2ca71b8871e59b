"""The exact check: the same function on numbers of a prime field, where it runs on them.

Agreement there is a proof for this network (widths, batch, activations, cost): for all weights,
biases and inputs for which the comparisons that the code makes (kinks, largest entries) come out as
at the probe, but for a chance of degree/p < 2^-100.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from fractions import Fraction

import numpy as np

from symbackprop.diagnose.adapt import Candidate, Runner, averaged
from symbackprop.diagnose.calling import calls
from symbackprop.diagnose.child.exact import Exact
from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting
from symbackprop.diagnose.scales import Scale

BITS = 160
SIMPLEST = 10_000


def proof_of(
    candidate: Candidate, runner: Runner, point: Point, setting: Setting, scale: Scale
) -> str:
    """A sentence that says what is proved; "" where the function does not run on exact numbers."""
    exact = exact_point(point)
    if setting.output == "softmax":  # targets that add up to 1
        exact.Y[:, -1] = 1 - exact.Y[:, :-1].sum(axis=1)
    flow = Flow(exact, setting)
    answers = runner.perform(calls(candidate.person, candidate.plan, candidate.convention, flow))
    if any("error" in answer for answer in answers):
        return ""
    try:
        seen = averaged(
            candidate.reading, answers, candidate.convention, flow, candidate.plan, object
        )
        expected = flow.gradients()
    except (TypeError, ValueError, ArithmeticError):  # a function that the field does not know
        return ""
    if seen is None or not _agree(seen, expected, scale, point):
        return ""
    widths = "-".join(map(str, point.layers))
    return (
        f"exactly the true gradients: proved for {widths}, {point.samples} samples and "
        "all weights, biases and inputs\nfor which comparisons come out as at the probe "
        "(chance of an error below 2^-100)"
    )


def exact_point(point: Point) -> Point:
    """Every number of the point as an independent random element, with its float beside it."""
    from sympy import randprime

    seed = secrets.token_hex(16)
    p = int(randprime(2 ** (BITS - 1), 2**BITS))

    def one(x: float) -> Exact:
        whole = Fraction(x)
        if whole.denominator == 1:  # 0 and 1, the targets of a class
            return Exact(whole.numerator, x, p)
        text = f"{seed} {x.hex()}".encode()
        return Exact(int.from_bytes(hashlib.sha512(text).digest()), x, p)

    def all_of(array: Array) -> Array:
        made = np.empty(array.shape, dtype=object)
        for place in np.ndindex(array.shape):
            made[place] = one(float(array[place]))
        return made

    return replace(
        point,
        X=all_of(point.X),
        Y=all_of(point.Y),
        W=tuple(map(all_of, point.W)),
        b=tuple(map(all_of, point.b)),
        lam=one(point.lam),  # type: ignore[arg-type]
        eta=one(point.eta),  # type: ignore[arg-type]
    )


def _agree(seen: Gradients, expected: Gradients, scale: Scale, point: Point) -> bool:
    """Whether every entry is the factor times the truth, exactly."""
    factor = Fraction(scale.value(point)).limit_denominator(SIMPLEST)
    for name, value in seen.items():
        if name not in expected or value.shape != expected[name].shape:
            return False
        for one, other in zip(value.ravel(), expected[name].ravel(), strict=True):
            if not _equal(one, other * factor):
                return False
    return set(seen) <= set(expected) and bool(seen)


def _equal(one: object, other: object) -> bool:
    """At least one of them must be of the field: two floats prove nothing."""
    return isinstance(other, Exact) and other == one
