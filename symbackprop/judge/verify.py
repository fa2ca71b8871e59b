"""Every single partial derivative of a concrete network, proved by forward mode.

The claim is the backward program itself: δ^L from the cost, δ^l from δ^{l+1}, then a^{l-1} δ^l and
δ^l.  The truth is ∂C/∂w^l_{jk} and ∂C/∂b^l_j by pushing tangents through the forward definitions,
one tangent per neuron: ∂z^l_i/∂w^l_{jk} = [i=j] a^{l-1}_k keeps the weights of a neuron together.
"""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbackprop.judge.decide import BAR, MAX_POINTS, _slot_bound, difference_of, generalisations
from symbackprop.judge.degree import Degree
from symbackprop.judge.evaluate import Evaluator
from symbackprop.judge.instance import Instance
from symbackprop.judge.ring import FieldRing, NeedCells, OutOfClass, VanishingDenominator
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.language.terms import Ref

BLOCK = 2_000_000  # entries of one tensor that is held at once


@dataclass(frozen=True)
class Verification:
    """How many of the partial derivatives were proved, with what bound, in how many CPU seconds."""

    proved: int
    total: int
    bound: float | None
    seconds: float
    seed: int
    points: int
    failures: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    why: str = ""


def verify_statements(
    claims: list[Statement], program: Program, *, seed: int | None = None
) -> Verification:
    """Compare ``∂C/∂parameter`` with what the backward program defines, entry by entry.

    Each claim reads ``Partial(C, w^l_{jk}) = gw^l_{jk}`` in one concrete layer; all entries count.
    """
    seed = secrets.randbits(64) if seed is None else seed
    started = time.process_time()
    best = Verification(0, 0, None, 0.0, seed, 0, why="nothing to verify")
    for variant, covers in generalisations(program):
        try:
            best = _run(claims, variant, seed, ("this network", *covers))
        except (OutOfClass, NeedCells) as reason:
            best = Verification(0, best.total, None, 0.0, seed, 0, why=str(reason))
            continue
        if best.proved == best.total:
            break
    seconds = time.process_time() - started
    return Verification(**{**best.__dict__, "seconds": seconds})


def _run(
    claims: list[Statement], program: Program, seed: int, scope: tuple[str, ...]
) -> Verification:
    points, redraws = 6, 0
    while True:
        ring = FieldRing(random.Random(f"{seed}/{points}/{redraws}"), points)
        try:
            proved, total, degree, failures = _compare(claims, program, ring)
            ring.check_cells()
        except VanishingDenominator:
            redraws += 1
            if redraws > 3:
                raise OutOfClass("a denominator is identically zero") from None
            continue
        one = _slot_bound(degree, ring.arguments)
        if points * one <= BAR or points >= MAX_POINTS:
            if points * one > BAR:
                raise OutOfClass("the error bound did not get below 2^-100")
            return Verification(
                proved, total, points * one, 0.0, seed, points, tuple(failures), scope
            )
        points = min(MAX_POINTS, int(np.ceil(BAR / one))) if one < 0 else MAX_POINTS


def _compare(
    claims: list[Statement], program: Program, ring: FieldRing
) -> tuple[int, int, Degree, list[str]]:
    """Entries that agree at every point, entries in all, the largest degree, the first failures."""
    assert program.depth is not None
    assert program.widths is not None
    samples = next(n for n in (3, 5, 7, 11, 13) if n not in program.widths)
    case = Instance(program, program.depth, program.widths, samples, formal=True)
    evaluator = Evaluator(case, ring)
    proved = total = 0
    worst, failures = Degree(), list[str]()
    for claim in claims:
        left, right = (evaluator.jet(side) for side in claim.sides)
        difference, degree = difference_of(left, right, ring)
        worst = max(worst, degree, key=lambda d: d.num + d.height)
        wrong = np.any(difference, axis=0)
        of = claim.left.args[1]
        assert isinstance(of, Ref)
        count = int(np.prod([case.extent(size) for size in program.axes_of(of)]))
        wrong = np.broadcast_to(wrong, wrong.shape) if wrong.size == count else np.resize(wrong, count)
        total += count
        proved += count - int(wrong.sum())
        failures += _named(of, wrong)[: max(0, 10 - len(failures))]
    return proved, total, worst, failures


def _named(of: Ref, wrong: Any) -> list[str]:
    """``w^2_{1,3}`` for each entry that failed, ten at most."""
    places = np.argwhere(wrong)[:10]
    return [f"{of.name}^{of.layer}_{{{','.join(str(n + 1) for n in place)}}}" for place in places]
