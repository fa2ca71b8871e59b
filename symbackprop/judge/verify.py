"""Every single partial derivative of a concrete network, proved by forward mode.

The claim is the backward program itself: δ^L from the cost, δ^l from δ^{l+1}, then a^{l-1} δ^l and
δ^l.  The truth is ∂C/∂w^l_{jk} and ∂C/∂b^l_j by pushing tangents through the forward definitions,
one tangent per neuron: ∂z^l_i/∂w^l_{jk} = [i=j] a^{l-1}_k keeps the weights of a neuron together.
"""

from __future__ import annotations

import math
import random
import secrets
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbackprop.judge.agree import BAR, MAX_POINTS, difference_of, point_bound
from symbackprop.judge.decide import generalisations
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

    @property
    def complete(self) -> bool:
        """Every entry proved, with a bound: nothing less is a proof."""
        return self.total > 0 and self.proved == self.total and self.bound is not None


def _entries(claim: Statement, program: Program) -> int:
    """How many partial derivatives a claim speaks about."""
    of = claim.left.args[1]
    assert isinstance(of, Ref)
    return math.prod(_extents(of, program))


def _extents(of: Ref, program: Program) -> tuple[int, ...]:
    """The shape of a parameter, in the order of its indices."""
    assert program.widths is not None
    return tuple(program.widths[int(size.of)] for size in program.axes_of(of))


def verify_statements(
    claims: list[Statement], program: Program, *, seed: int | None = None, formal: bool = True
) -> Verification:
    """Compare ``∂C/∂parameter`` with what the backward program defines, entry by entry.

    Each claim reads ``Partial(C, w^l_{jk}) = gw^l_{jk}`` in one concrete layer; all entries count.
    ``formal``: a width that stands as a number (1/n_L) is an unknown; False: it is its number.
    """
    seed = secrets.randbits(64) if seed is None else seed
    started = time.process_time()
    total = sum(_entries(claim, program) for claim in claims)
    best = Verification(0, total, None, 0.0, seed, 0, why="nothing to verify")
    for variant, covers in generalisations(program):
        try:
            best = _run(claims, variant, seed, ("this network", *covers), formal)
        except (OutOfClass, NeedCells) as reason:
            if best.bound is None:
                best = Verification(0, total, None, 0.0, seed, 0, why=str(reason))
            continue
        if best.complete:
            break
    seconds = time.process_time() - started
    return Verification(**{**best.__dict__, "seconds": seconds})


def _run(
    claims: list[Statement], program: Program, seed: int, scope: tuple[str, ...], formal: bool
) -> Verification:
    points, redraws = 6, 0
    while True:
        rng = random.Random(f"{seed}/{points}/{redraws}")
        ring = FieldRing(rng, points, free_signs=True)
        try:
            proved, total, degree, failures = _compare(claims, program, ring, formal)
            ring.check_cells()
        except VanishingDenominator:
            redraws += 1
            if redraws > 3:
                raise OutOfClass("a denominator is identically zero") from None
            continue
        one = point_bound(degree, ring)
        if points * one <= BAR or points >= MAX_POINTS:
            if points * one > BAR:
                raise OutOfClass("the error bound did not get below 2^-100")
            return Verification(
                proved, total, points * one, 0.0, seed, points, tuple(failures), scope
            )
        points = min(MAX_POINTS, int(np.ceil(BAR / one))) if one < 0 else MAX_POINTS


def _compare(
    claims: list[Statement], program: Program, ring: FieldRing, formal: bool
) -> tuple[int, int, Degree, list[str]]:
    """Entries that agree at every point, entries in all, the largest degree, the first failures."""
    assert program.depth is not None
    assert program.widths is not None
    samples = next(n for n in (3, 5, 7, 11, 13) if n not in program.widths)
    case = Instance(program, program.depth, program.widths, samples, formal=formal)
    evaluator = Evaluator(case, ring)
    proved = total = 0
    worst, failures = Degree(), list[str]()
    for claim in claims:
        left, right = (evaluator.jet(side) for side in claim.sides)
        of = claim.left.args[1]
        assert isinstance(of, Ref)
        difference, degree = difference_of(left, right, ring, of.indices)
        worst = max(worst, degree, key=lambda d: d.num + d.height)
        extents = _extents(of, program)  # both sides may be constant along an axis
        wrong = np.broadcast_to(np.any(difference, axis=0), extents)
        failures += _named(of, wrong)[: max(0, 10 - len(failures))]
        proved += wrong.size - int(wrong.sum())
        total += wrong.size
    return proved, total, worst, failures


def _named(of: Ref, wrong: Any) -> list[str]:
    """``w^2_{1,3}`` for each entry that failed, ten at most."""
    places = np.argwhere(wrong)[:10]
    return [f"{of.name}^{of.layer}_{{{','.join(str(n + 1) for n in place)}}}" for place in places]
