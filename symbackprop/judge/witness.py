"""Counterexamples: found on the smallest networks, certified, and shrunk to small fractions."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Integer, Rational

from symbackprop.judge.agree import allowed_entries, difference_of, evaluate_sides
from symbackprop.judge.balls import BallRing, as_text, check_precision, is_nonzero
from symbackprop.judge.deadline import TimeUp
from symbackprop.judge.instance import Instance, _layers_exist, allowed, mention
from symbackprop.judge.ring import OutOfClass, VanishingDenominator
from symbackprop.judge.verdict import Status, Verdict, Witness
from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program, l
from symbackprop.language.terms import SAMPLES, Fn, Ref

TRIES = 6
NETWORKS = 48  # at most so many are searched, small ones first
WHOLE = 300  # parameters up to which a concrete network is searched as it is
LARGEST = 4  # widths of the networks searched
Values = dict[str, Any]
Found = tuple[Instance, Values, int, tuple[int, ...], Any, Any, list[Any]]


def search(statement: Statement, program: Program, seed: int) -> Witness | None:
    """The smallest certified counterexample, or None."""
    check_precision()
    for case in itertools.islice(small_networks(statement, program), NETWORKS):
        for attempt in range(TRIES):
            found = _try(statement, case, {}, seed + attempt, attempt % 3)
            if found is not None:
                return _told(statement, _shrunk(statement, found, seed + attempt, attempt % 3))
    return None


def of_ill_typed(statement: Statement, program: Program, fault: str, seed: int) -> Verdict:
    """A statement whose indices or shapes do not fit: refuted if it differs on equal widths."""
    check_precision()
    try:
        for case in equal_networks(statement, program):
            for attempt in range(TRIES):
                found = _try(statement, case, {}, seed + attempt, attempt % 3)
                if found is not None:
                    told = _told(statement, _shrunk(statement, found, seed + attempt, attempt % 3))
                    equal = "ill-typed as it stands; shown with equal widths, where it can be read"
                    note = "; ".join(part for part in (equal, told.note) if part)
                    return Verdict(
                        Status.REFUTED, witness=replace(told, note=note), why=fault, seed=seed
                    )
    except TimeUp:
        raise
    except Exception:  # noqa: BLE001  (whatever an ill-typed term does, it is not understood)
        return Verdict(Status.NOT_UNDERSTOOD, why=fault, seed=seed)
    return Verdict(Status.NOT_UNDERSTOOD, why=fault, seed=seed)


def small_networks(statement: Statement, program: Program) -> Iterator[Instance]:
    """Concrete networks on which the statement speaks, small ones first."""
    if program.depth is not None:
        assert program.widths is not None
        for widths in _shrunk_widths(statement, program):
            for samples in (2, 1, 3) if _in_batches(program) else (2,):
                case = Instance(program, program.depth, widths, samples, real=True)
                yield from _layers(statement, case)
        return
    depths = range(1, 5)
    cases = [
        (depth, widths, samples)
        for depth in depths
        for widths in itertools.product(range(1, 4), repeat=depth + 1)
        for samples in ((2, 1, 3) if _in_batches(program) else (2,))
        if sum(widths) <= 9
    ]
    cases.sort(key=lambda c: (sum(c[1]) + c[0], c[1]))
    for depth, widths, samples in cases[:160]:
        yield from _layers(statement, Instance(program, depth, widths, samples, real=True))


def equal_networks(statement: Statement, program: Program) -> Iterator[Instance]:
    """Networks all of whose widths are equal, where any two indices can be compared."""
    for depth in (program.depth,) if program.depth is not None else (2, 3, 1):
        for n in (2, 3):
            yield from _layers(
                statement, Instance(program, depth, (n,) * (depth + 1), n, real=True)
            )


def _layers(statement: Statement, base: Instance) -> Iterator[Instance]:
    found = mention(statement)
    if any(base.depth + offset < 0 for offset in found.top) or any(
        n > base.depth for n in found.plain
    ):
        return
    if not any(side.has(l) for side in statement.sides):
        yield base
        return
    for layer in range(1, base.depth + 1):
        if allowed(statement, layer, base.depth) and _layers_exist(statement, base, layer):
            yield replace(base, layer=layer)


def _shrunk_widths(statement: Statement, program: Program) -> Iterator[tuple[int, ...]]:
    """Smaller networks of the same depth, as far as the indices in the statement allow."""
    assert program.widths is not None
    assert program.depth is not None
    if _parameters(program.widths) <= WHOLE or _names_a_width(statement, program.widths):
        yield program.widths
        return
    least = [1] * (program.depth + 1)
    for side in statement.sides:
        for node in subterms(side):
            if isinstance(node, Ref) and node.indices:
                for index, size in zip(
                    node.indices, program.declared(node.name).sizes(node), strict=True
                ):
                    if isinstance(index, Integer) and size.of != SAMPLES and size.of.is_Integer:
                        at = int(size.of)
                        least[at] = max(least[at], int(index))
    tried = set()
    for n in range(1, LARGEST + 1):
        widths = tuple(
            min(full, max(low, n)) for full, low in zip(program.widths, least, strict=True)
        )
        if widths not in tried:
            tried.add(widths)
            yield widths


def _parameters(widths: tuple[int, ...]) -> int:
    return sum(n * (m + 1) for m, n in itertools.pairwise(widths))


def _names_a_width(statement: Statement, widths: tuple[int, ...]) -> bool:
    """Whether a number in the statement might stand for a width: then no other width will do."""
    numbers = {n for side in statement.sides for n in side.atoms(Rational)}
    return any({abs(q.p), q.q} & set(widths) for q in numbers)


def _in_batches(program: Program) -> bool:
    return any(size.of == SAMPLES for d in program.declarations for size in d.axes)


def _try(
    statement: Statement, case: Instance, values: Values, seed: int, shape: int
) -> Found | None:
    """Both sides at one point: the first entry at which they certainly differ."""
    positive = frozenset({"y", *(("a^0",) if _has_log(case.program) else ())})
    ring = BallRing(dict(values), seed, shape, positive)
    try:
        sides = evaluate_sides(statement, case, ring)
    except (VanishingDenominator, ZeroDivisionError, OutOfClass, IndexError):
        return None  # no value here, or an index that this small network does not have
    for other in sides[1:]:
        difference, _ = difference_of(sides[0], other, ring)
        mask = allowed_entries(statement, sides[0], other)
        pair = [jet.value for jet in (sides[0], other)]
        axes = list(dict.fromkeys(a for v in pair if v is not None for a in v.axes))
        for place in np.ndindex(*difference.shape[1:]):
            if not mask[(0, *place)]:
                continue
            if is_nonzero(difference[(0, *place)]):
                return case, ring.values, seed, place, pair, ring, axes
    return None


def _has_log(program: Program) -> bool:
    return any(
        isinstance(node, Fn) and node.name == "log"
        for definition in program.definitions
        for node in subterms(definition.value)
    )


def _shrunk(statement: Statement, found: Found, seed: int, shape: int) -> Found:
    """Replace numbers by 0, 1 or 2 as long as the sides still differ; three rounds at most."""
    best = found
    budget = 120
    for simple in (0, 1, 2):
        for name in list(best[1]):
            for place in np.ndindex(*best[1][name].shape):
                value = best[1][name][place]
                if budget == 0 or _cost(value) <= _cost(Fraction(simple)):
                    continue
                budget -= 1
                changed = {key: array.copy() for key, array in best[1].items()}
                changed[name][place] = Fraction(simple)
                again = _try(statement, best[0], changed, seed, shape)
                if again is not None:
                    best = again
    return best


def _cost(q: Fraction) -> int:
    return abs(q.numerator) + 3 * q.denominator + (q < 0)


def _told(statement: Statement, found: Found) -> Witness:
    case, values, _, place, pair, ring, axes = found
    texts = []
    for value in pair:
        if value is None:
            texts.append("0")
            continue
        dense = np.broadcast_to(value.dense(axes), (1, *_extents(pair, axes)))
        texts.append(as_text(dense[(0, *place)]))
    entry = {_letter(axis): at + 1 for axis, at in zip(axes, place, strict=True)}
    shown = {name: _array_text(values[name]) for name in ring.used if name in values}
    if _in_batches(case.program):
        shown["m"] = str(case.samples)
    note = "; ".join(ring.chosen.values())
    return Witness(case.widths, case.layer, entry, shown, texts[0], texts[1], note)


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


def random_seed(rng: random.Random) -> int:
    return rng.getrandbits(63)
