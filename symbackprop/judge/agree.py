"""Agreement: all sides of a statement evaluated in every instance, with a bound or exactly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Basic, Integer, Symbol

from symbackprop.judge.components import Components
from symbackprop.judge.degree import Degree, slot_bound
from symbackprop.judge.dual import Jet
from symbackprop.judge.evaluate import Evaluator
from symbackprop.judge.instance import Instance, instances
from symbackprop.judge.normalform import NormalFormRing, TooLarge
from symbackprop.judge.ring import (
    LIMIT_CELLS,
    LOG2_PRIME,
    LOG2_PRIMES,
    FieldRing,
    NeedCells,
    OutOfClass,
    VanishingDenominator,
    ZeroDenominator,
)
from symbackprop.language.binding import free_letters, substitute, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, Program, l
from symbackprop.language.shapes import shape
from symbackprop.language.terms import Kron, Ref, Size

BAR = -100.0  # log2 of the bound that a proof must stay below
POINTS = 8  # enough for most statements at once
MAX_POINTS = 60
SMALL = 60  # variables and function values up to which a normal form is tried


@dataclass(frozen=True)
class Agreement:
    """Whether both sides agreed wherever they were evaluated, and what that is worth."""

    equal: bool
    bound: float | None = None
    signs: bool = False


def agree(statement: Statement, program: Program, seed: int) -> Agreement:
    """Evaluate all sides in every instance; the bound is that of the weakest instance.

    A width that stands as a number is an unknown of its own; in a concrete network it may also be
    the number that it is.
    """
    cases = list(instances(statement, program))
    if not cases:
        raise OutOfClass("no layer satisfies the conditions of this statement")
    cases = [replace(case, weighted=True) for case in cases]
    formal = [replace(case, formal=True) for case in cases]
    agreed = _agree_in_all(statement, formal, seed)
    if agreed.equal or not all(map(_fixed, cases)):
        return agreed
    return _agree_in_all(statement, cases, seed)


def differ(statement: Statement, program: Program, seed: int) -> bool:
    """A quick look: whether the sides differ in the field for certain, in the program as it is."""
    for bare in instances(statement, program):
        case = replace(bare, weighted=True, formal=not _fixed(bare))
        ring = FieldRing(random.Random(seed), 2, free_signs=True)
        try:
            equal, _ = sides_agree(statement, sides_of(statement, case), ring)
        except (VanishingDenominator, OutOfClass):
            return False
        if not equal:
            return not ring.signs
    return False


def _fixed(case: Instance) -> bool:
    """Whether the widths are those of the network, and no others are meant."""
    return case.program.widths is not None and not case.narrow


def _agree_in_all(statement: Statement, cases: list[Instance], seed: int) -> Agreement:
    agreements = []
    for case in cases:
        agreements.append(_agree_in(statement, case, seed))
        if not agreements[-1].equal:
            return agreements[-1]
    signs = any(agreed.signs for agreed in agreements)
    return Agreement(True, largest([agreed.bound for agreed in agreements]), signs)


def _agree_in(statement: Statement, case: Instance, seed: int) -> Agreement:
    """One instance: with free signs, or if that fails in every combination of the true ones."""
    agreed = _agree_at_points(statement, case, seed, free_signs=True)
    if agreed.equal or not agreed.signs:
        return agreed
    return _agree_at_points(statement, case, seed, free_signs=False)


def _agree_at_points(
    statement: Statement, case: Instance, seed: int, *, free_signs: bool
) -> Agreement:
    """As many points and sign cells as the bound needs."""
    points, bits, redraws = POINTS, 0, 0
    sides = sides_of(statement, case)
    while True:
        rng = random.Random(
            f"{seed}/{case.depth}/{case.layer}/{case.cut}/{points}/{bits}/{redraws}"
        )
        ring = FieldRing(rng, points, bits, free_signs=free_signs)
        try:
            equal, degree = sides_agree(statement, sides, ring)
            if not equal:
                return Agreement(False, signs=ring.signs)
            ring.check_cells()
        except NeedCells as need:
            if need.bits > LIMIT_CELLS:
                raise OutOfClass(
                    f"{need.bits} signs are in play, more than {LIMIT_CELLS}"
                ) from None
            bits = need.bits
            continue
        except VanishingDenominator:
            redraws += 1
            if redraws > 3:
                raise ZeroDenominator from None
            continue
        one = point_bound(degree, ring)
        if points * one <= BAR and _exactly(statement, sides, ring):
            return Agreement(True, None, ring.signs)
        if points * one <= BAR or points >= MAX_POINTS:
            return Agreement(True, points * one, ring.signs)
        points = min(MAX_POINTS, int(np.ceil(BAR / one)) + 1) if one < 0 else MAX_POINTS


def _exactly(statement: Statement, sides: Sides, seen: FieldRing) -> bool:
    """Whether a small case has the same normal form on all sides, in every sign cell."""
    if seen.variables_drawn > SMALL or seen.bits > 4 or 1 << seen.bits > 16:
        return False
    try:
        for cell in range(1 << seen.bits):
            equal, _ = sides_agree(statement, sides, NormalFormRing(cell, seen.bits))
            if not equal:
                return False
    except (TooLarge, OutOfClass, VanishingDenominator):
        return False
    return True


def point_bound(degree: Degree, ring: FieldRing) -> float:
    """log2 of the chance that one point hides a difference of this degree (docs/theorem.md)."""
    pairs = ring.arguments * (ring.arguments - 1) / 2
    apart = ring.largest_argument + ring.largest_argument
    chance = 2 ** slot_bound(degree, LOG2_PRIME, LOG2_PRIMES)
    collision = pairs * 2 ** slot_bound(apart, LOG2_PRIME, LOG2_PRIMES)
    return float(np.log2(min(1.0, chance + collision)))


def sides_agree(statement: Statement, sides: Sides, ring: Any) -> tuple[bool, Degree]:
    """Whether all sides have the same value at all entries, and the degree of the comparison."""
    evaluated = sides.evaluated(ring)
    degree = Degree()
    first = evaluated[0]
    for other in evaluated[1:]:
        difference, own = difference_of(first, other, ring)
        degree = max(degree, own, key=lambda d: d.num + d.height)
        differs = difference.astype(bool)
        if np.any(differs & allowed_entries(statement, first, other)):
            return False, degree
    return True, degree


def difference_of(
    one: Jet, two: Jet, ring: Any, axes: Sequence[Any] | None = None
) -> tuple[Any, Degree]:
    """``one - two`` as a dense array over these axes, in this order; over the union of theirs."""
    values = [jet.value for jet in (one, two) if jet.value is not None]
    own = list(dict.fromkeys(axis for value in values for axis in value.axes))
    over = own if axes is None else list(axes)
    if not set(own) <= set(over):
        raise OutOfClass("the sides have indices that the claim does not name")
    if not values:
        return ring.number(0).reshape((ring.slots, *(1 for _ in over))), Degree()
    if len(values) == 1:
        return values[0].dense(over), values[0].degree
    left, right = values[0].dense(over), values[1].dense(over)
    return ring.reduce(left - right), values[0].degree + values[1].degree


def allowed_entries(statement: Statement, one: Jet, two: Jet) -> Any:
    """True where the conditions ``i ≠ j`` hold, over the axes of the difference."""
    values = [jet.value for jet in (one, two) if jet.value is not None]
    axes = list(dict.fromkeys(a for v in values for a in v.axes))
    extents = [next(n for v in values if (n := v.size(a))) for a in axes]
    mask = np.ones((1, *extents), dtype=bool)
    grid = np.ogrid[tuple(slice(n) for n in extents)]
    for pair in statement.unequal:
        places = [
            int(index) - 1 if isinstance(index, Integer) else grid[axes.index(index)]
            for index in pair
            if isinstance(index, Integer) or index in axes
        ]
        if len(places) == 2:
            mask = mask & np.asarray(places[0] != places[1])
    return mask


@dataclass(frozen=True)
class Sides:
    """The sides of a statement as index terms of one case, and how far their letters run."""

    case: Instance
    terms: tuple[Basic, ...]
    extents: dict[Basic, int]

    def evaluated(self, ring: Any) -> list[Jet]:
        """Each side in a ring."""
        evaluator = Evaluator(self.case, ring)
        evaluator.extents = dict(self.extents)
        return [evaluator.jet(term) for term in self.terms]


def sides_of(statement: Statement, case: Instance) -> Sides:
    """Each side as an index term of a concrete network."""
    numbers: dict[Basic, Basic] = {L: Integer(case.depth)}
    if case.layer is not None:
        numbers[l] = Integer(case.layer)
    concrete = [substitute(side, numbers) for side in statement.sides]
    entries = Components(case.shapes)
    rows = (Symbol("_row"), Symbol("_column"))
    shapes = [shape(side, case.shapes) for side in concrete if side != 0]
    found = shapes[0] if shapes else None
    places: tuple[Basic | None, Basic | None] = (None, None)
    if found is not None:
        places = (rows[0], None) if found[1] == 1 else rows
    terms = tuple(side if side == 0 else entries.entry(side, *places) for side in concrete)
    return Sides(case, terms, _extents(list(terms), case, found, rows))


def _extents(
    sides: list[Basic], case: Instance, found: Any, rows: tuple[Symbol, Symbol]
) -> dict[Basic, int]:
    """How far each index letter runs: for Kronecker deltas, whose letters carry no range."""
    known: dict[Basic, int] = {}
    if found is not None:
        for letter, size in zip(rows, found, strict=True):
            if isinstance(size, Size):
                known[letter] = case.extent(size)
    for side in sides:
        free = free_letters(side)  # the others get their range from their sum
        for node in subterms(side):
            if isinstance(node, Ref) and not free.isdisjoint(node.indices):
                for index, size in zip(node.indices, case.program.axes_of(node), strict=True):
                    if index in free and not _of_other_layers(size):
                        known.setdefault(index, case.extent(size))
    for _ in range(2):
        for side in sides:
            for node in subterms(side):
                if isinstance(node, Kron):
                    sizes = [known[a] for a in node.args if a in known]
                    for letter in node.args:
                        if sizes:
                            known.setdefault(letter, sizes[0])
    return known


def _of_other_layers(size: Size) -> bool:
    """Whether the size stands for one layer after the other, inside a sum over layers."""
    return bool(size.of.free_symbols - {l, L})


def largest(bounds: list[float | None]) -> float | None:
    known = [bound for bound in bounds if bound is not None]
    return max(known) if known else None
