"""Where a function gives its loss: are the gradients the slope of that very number?

Central differences through the person's own function; they settle costs that no table holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symbackprop.diagnose.adapt import Candidate, Runner
from symbackprop.diagnose.calling import calls
from symbackprop.diagnose.fingerprint import Observation
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting
from symbackprop.diagnose.reading import leaves
from symbackprop.diagnose.scales import Scale, gap, scale_of

STEP = 1e-5
CLOSE = 1e-6
MOST = 400


def agreement(
    candidate: Candidate, runner: Runner, seen: Sequence[Observation], setting: Setting
) -> tuple[Scale, float] | None:
    """The factor between the gradients and the slope of a number that comes back, and the gap."""
    c = candidate.convention
    if c.one_by_one or candidate.reading.source == "attributes" or not seen:
        return None
    first = seen[0]
    for path in _numbers(_answers(candidate, runner, [first.point], setting)[0]):
        slopes = [_slope(candidate, runner, o, setting, path) for o in seen]
        known = [(o, slope) for o, slope in zip(seen, slopes, strict=True) if slope is not None]
        if len(known) != len(seen):
            continue
        given = [o.gradients for o in seen]
        wanted = [slope for _, slope in known]
        points = [o.point for o in seen]
        scale = scale_of(given, wanted, points, close=CLOSE)
        if scale is not None:
            far = max(
                gap(one, other, scale.value(point))
                for one, other, point in zip(given, wanted, points, strict=True)
            )
            return scale, far
    return None


def _slope(
    candidate: Candidate, runner: Runner, o: Observation, setting: Setting, path: tuple[Any, ...]
) -> Gradients | None:
    """(C(θ + h) - C(θ - h)) / 2h for every entry of what has a gradient."""
    moves = list(_moves(o))
    if len(moves) > MOST:
        return None
    points = [moved for name, place in moves for moved in _moved(o.point, name, place)]
    answers = _answers(candidate, runner, points, setting)
    losses = [_numbers(answer).get(path) for answer in answers]
    if any(loss is None for loss in losses):
        return None
    found = {name: np.zeros(value.shape) for name, value in o.gradients.items()}
    for number, (name, place) in enumerate(moves):
        up, down = losses[2 * number], losses[2 * number + 1]
        assert up is not None
        assert down is not None
        found[name][place] = (up - down) / (2 * STEP)
    return found


def _moves(o: Observation) -> Iterator[tuple[str, tuple[int, ...]]]:
    for name, value in o.gradients.items():
        array = (o.point.W if name[0] == "W" else o.point.b)[int(name[1:]) - 1]
        if value.shape == array.shape:
            yield from ((name, place) for place in np.ndindex(array.shape))


def _moved(point: Point, name: str, place: tuple[int, ...]) -> Iterator[Point]:
    arrays = list(point.W if name[0] == "W" else point.b)
    l = int(name[1:]) - 1
    for sign in (1, -1):
        array = arrays[l].copy()
        array[place] += sign * STEP
        changed = (*arrays[:l], array, *arrays[l + 1 :])
        yield replace(point, W=changed) if name[0] == "W" else replace(point, b=changed)


def _answers(
    candidate: Candidate, runner: Runner, points: Sequence[Point], setting: Setting
) -> list[dict[str, Any]]:
    person, plan, c = candidate.person, candidate.plan, candidate.convention
    return runner.perform(
        [call for p in points for call in calls(person, plan, c, Flow(p, setting))]
    )


def _numbers(answer: Mapping[str, Any]) -> dict[tuple[Any, ...], float]:
    """The plain numbers in what comes back, by their paths."""
    found = leaves(answer.get("returned"))
    return {leaf.path: float(leaf.array) for leaf in found if leaf.array.ndim == 0}
