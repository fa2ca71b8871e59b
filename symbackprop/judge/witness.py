"""Counterexamples: found on the smallest networks, certified, and shrunk to small fractions."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from symbackprop.judge.agree import (
    Sides,
    allowed_entries,
    difference_of,
    sides_agree,
    sides_of,
)
from symbackprop.judge.balls import BallRing, as_text, check_precision, is_nonzero
from symbackprop.judge.deadline import TimeUp
from symbackprop.judge.instance import Instance
from symbackprop.judge.ring import FieldRing, OutOfClass, VanishingDenominator
from symbackprop.judge.small import equal_networks, in_batches, small_networks
from symbackprop.judge.verdict import Status, Verdict, Witness
from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.language.terms import SAMPLES, Fn

TRIES = 6
ATTEMPTS = 60  # points in networks in which the field can tell the sides apart
NETWORKS = 100  # at most so many are searched, small ones first
BUDGET = 12  # entries that are made simpler one by one
ONE = Fraction(1)
Values = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """A point at which the sides differ at one entry: the two values there, and their axes."""

    sides: Sides
    ring: BallRing
    place: tuple[int, ...]
    pair: list[Any]
    axes: list[Any]

    @property
    def values(self) -> Values:
        """The numbers put in, by name."""
        return self.ring.values


def search(statement: Statement, program: Program, seed: int) -> Witness | None:
    """The smallest certified counterexample, or None."""
    return _first(statement, small_networks(statement, program), seed)


def _first(statement: Statement, cases: Iterable[Instance], seed: int) -> Witness | None:
    check_precision()
    left = ATTEMPTS
    for case in itertools.islice(cases, NETWORKS):
        try:
            sides = sides_of(statement, case)
        except OutOfClass:
            continue  # this network lacks a layer
        for attempt in range(TRIES):
            found = _try(statement, sides, {}, seed + attempt, attempt % 3)
            if found is not None:
                return _told(_shrunk(statement, found, seed + attempt, attempt % 3))
            if attempt == 0 and _same_in_the_field(statement, sides, seed):
                break
            left -= 1
            if left == 0:
                return None
    return None


def _same_in_the_field(statement: Statement, sides: Sides, seed: int) -> bool:
    """Whether no numbers can tell the sides apart in this network."""
    ring = FieldRing(random.Random(seed), 2, free_signs=True)
    try:
        return sides_agree(statement, sides, ring)[0]
    except (VanishingDenominator, OutOfClass):
        return False


def of_ill_typed(statement: Statement, program: Program, fault: str, seed: int) -> Verdict:
    """A statement whose indices or shapes do not fit: refuted if it differs on equal widths."""
    try:
        found = _first(statement, equal_networks(statement, program), seed)
    except TimeUp:
        raise
    except Exception:  # noqa: BLE001  (whatever an ill-typed term does, it is not understood)
        found = None
    if found is None:
        return Verdict(Status.NOT_UNDERSTOOD, why=fault, seed=seed)
    equal = "ill-typed as it stands; shown with equal widths, where it can be read"
    note = "; ".join(part for part in (equal, found.note) if part)
    return Verdict(Status.REFUTED, witness=replace(found, note=note), why=fault, seed=seed)


def _try(statement: Statement, sides: Sides, values: Values, seed: int, shape: int) -> Found | None:
    """Both sides at one point: the first entry at which they certainly differ."""
    case = sides.case
    positive = frozenset({"y", *(("a^0",) if _has_log(case.program) else ())})
    ring = BallRing(dict(values), seed, shape, positive)
    try:
        first, *others = sides.evaluated(ring)
    except (VanishingDenominator, OutOfClass):
        return None  # no value here, or an index that this small network does not have
    for other in others:
        difference, _ = difference_of(first, other, ring)
        mask = allowed_entries(statement, first, other)
        pair = [jet.value for jet in (first, other)]
        axes = list(dict.fromkeys(a for v in pair if v is not None for a in v.axes))
        for place in np.ndindex(*difference.shape[1:]):
            if mask[(0, *place)] and is_nonzero(difference[(0, *place)]):
                return Found(sides, ring, place, pair, axes)
    return None


def _has_log(program: Program) -> bool:
    return any(
        isinstance(node, Fn) and node.name == "log"
        for definition in program.definitions
        for node in subterms(definition.value)
    )


def _shrunk(statement: Statement, found: Found, seed: int, shape: int) -> Found:
    """Replace numbers by 0 and 1 as long as the sides still differ: whole arrays, then entries."""
    best = found
    for simple in (Fraction(0), Fraction(1)):
        for name in list(best.values):
            everywhere = np.full(best.values[name].shape, simple, dtype=object)
            best = _simpler(statement, best, name, everywhere, seed, shape) or best
    entries = [(name, at) for name, array in best.values.items() for at in np.ndindex(*array.shape)]
    for name, place in [e for e in entries if _cost(best.values[e[0]][e[1]]) > _cost(ONE)][:BUDGET]:
        for simple in (Fraction(0), Fraction(1), Fraction(2)):
            changed = best.values[name].copy()
            changed[place] = simple
            better = _simpler(statement, best, name, changed, seed, shape)
            if better is not None:
                best = better
                break
    return best


def _simpler(
    statement: Statement, found: Found, name: str, array: Any, seed: int, shape: int
) -> Found | None:
    """The counterexample with another array, if that is simpler and the sides still differ."""
    before = sum(map(_cost, found.values[name].flat))
    if sum(map(_cost, array.flat)) >= before:
        return None
    return _try(statement, found.sides, {**found.values, name: array}, seed, shape)


def _cost(q: Fraction) -> int:
    return abs(q.numerator) + 3 * q.denominator + (q < 0)


def _told(found: Found) -> Witness:
    case, ring = found.sides.case, found.ring
    texts = []
    for value in found.pair:
        if value is None:
            texts.append("0")
            continue
        dense = np.broadcast_to(value.dense(found.axes), (1, *_extents(found.pair, found.axes)))
        texts.append(as_text(dense[(0, *found.place)]))
    entry = {_letter(axis): at + 1 for axis, at in zip(found.axes, found.place, strict=True)}
    shown = {n: _array_text(_as_used(case.program, n, found.values[n])) for n in ring.used}
    if in_batches(case.program):
        shown["m"] = str(case.samples)
    note = "; ".join(ring.chosen.values())
    return Witness(case.widths, case.layer, entry, shown, texts[0], texts[1], note)


def _as_used(program: Program, name: str, array: Any) -> Any:
    """A target that is declared to add up to one is the drawn numbers over their sum."""
    declared = [d for d in program.declarations if d.name == name and d.sums_to_one]
    if not declared:
        return array
    neuron = next(n for n, size in enumerate(declared[0].axes) if size.of != SAMPLES)
    return array / array.sum(axis=neuron, keepdims=True)


def _letter(axis: Any) -> str:
    return {"_row": "row", "_column": "column"}.get(str(axis), str(axis))


def _extents(pair: list[Any], axes: list[Any]) -> list[int]:
    return [next(n for v in pair if v is not None and (n := v.size(a))) for a in axes]


def _array_text(array: Any) -> str:
    if array.ndim == 0:
        return str(array[()])
    if array.ndim == 1:
        return "[" + ", ".join(str(q) for q in array) + "]"
    return "[" + ", ".join(_array_text(row) for row in array) + "]"
