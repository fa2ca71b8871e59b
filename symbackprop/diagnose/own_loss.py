"""Where a function gives its loss: are the gradients the slope of that very number?

Central differences through the person's own function; they settle costs that no table holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symbackprop.diagnose.adapt import Candidate, Runner
from symbackprop.diagnose.assigning import leaves
from symbackprop.diagnose.calling import calls
from symbackprop.diagnose.cases import Case
from symbackprop.diagnose.drafting import drafted
from symbackprop.diagnose.fingerprint import Observation
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting
from symbackprop.diagnose.report import Diagnosis, ParameterVerdict
from symbackprop.diagnose.scales import Scale, gap, scale_of
from symbackprop.diagnose.telling import message_of

OWN_LOSS = "the loss that it gives"
DIFFERENCES = "its cost is in no table; compared with differences of the loss that it gives"
ROUGH = 1e-6  # what differences leave
STEP = 1e-5
CLOSE = 1e-6
MOST = 400
FEW = 3  # entries that are named


def by_its_own_loss(case: Case, runner: Runner) -> Diagnosis | None:
    """Gradients held against the loss that comes back, where its cost is in no table."""
    found = _agreement(case, runner)
    if found is None:
        return None
    scale, gaps = found
    far = max(gaps.values())
    if far <= ROUGH and case.missing:
        return drafted(case, "undecided", case.settings[0], scale, notes=(case.others_right,))
    draft = drafted(case, "correct" if far <= ROUGH else "wrong", case.settings[0], scale)
    rows = tuple(
        ParameterVerdict(
            row.name, "correct" if gaps[row.name] <= ROUGH else "wrong", str(scale), gaps[row.name]
        )
        for row in draft.parameters
    )
    told = replace(draft, setting=OWN_LOSS, parameters=rows, gap=far, notes=(DIFFERENCES,))
    return replace(told, message=message_of(told))


def _agreement(case: Case, runner: Runner) -> tuple[Scale, dict[str, float]] | None:
    """The factor between gradients and the slope of a number that comes back; the gap of each.

    Where the forward pass is not known, it is enough that the last layer's weights agree, which no
    accident brings about; the number is then the cost, and what does not agree is wrong.
    """
    candidate, seen, setting = case.candidate, case.seen, case.settings[0]
    if candidate.convention.one_by_one or candidate.reading.source == "attributes":
        return None
    points, given = case.points, [o.gradients for o in seen]
    last = f"W{points[0].depth}"
    names = list(given[0]) if case.confirmed else [last]
    if any(name not in one for one in given for name in names):
        return None
    for path in _numbers(_answers(candidate, runner, [points[0]], setting)[0]):
        slopes = [_slope(candidate, runner, o, setting, path) for o in seen]
        wanted = [slope for slope in slopes if slope is not None]
        if len(wanted) != len(seen):
            continue
        scale = scale_of(_only(given, names), _only(wanted, names), points, close=CLOSE)
        if scale is not None:
            return scale, _gaps(given, wanted, [scale.value(point) for point in points])
    return None


def unlike_its_loss(case: Case, runner: Runner) -> str:
    """Which entries of right gradients are not the slope of a number that comes back; "" if none.

    Where at least half of them are its slope, up to one factor, that number is meant as the loss;
    other numbers, such as an accuracy, say nothing.
    """
    candidate, first, setting = case.candidate, case.seen[0], case.settings[0]
    c, reading = candidate.convention, candidate.reading
    if c.one_by_one or reading.source == "attributes":
        return ""
    for path in _numbers(_answers(candidate, runner, [first.point], setting)[0]):
        if path in reading.paths.values():
            continue
        slope = _slope(candidate, runner, first, setting, path)
        unlike = slope and _unlike(first.gradients, slope)
        if unlike:
            return f"the loss that it gives has another slope by {', '.join(unlike)}"
    return ""


def _unlike(given: Gradients, slope: Gradients) -> list[str]:
    """``W1``, ``W1 (0, 2)``: what is not the slope times the usual factor, if few entries are."""
    pairs = [(name, place, given[name][place], slope[name][place])
             for name in given for place in np.ndindex(given[name].shape)]  # fmt: skip
    most = max((abs(one) for *_, one, _ in pairs), default=0.0)
    telling = [(one, other) for *_, one, other in pairs if abs(one) > ROUGH * most and other]
    if not telling:
        return []
    factor = float(np.median([one / other for one, other in telling]))
    far = [(*at, abs(one - factor * other) > 10 * ROUGH * most) for *at, one, other in pairs]
    unlike = {name: [place for n, place, off in far if off and n == name] for name in given}
    if 2 * sum(map(len, unlike.values())) > len(telling):
        return []
    whole = {name: len(places) == given[name].size for name, places in unlike.items()}
    return [
        said
        for name, places in unlike.items()
        for said in ([name] if whole[name] else [f"{name} {place}" for place in places[:FEW]])
    ]


def _only(some: Sequence[Gradients], names: Sequence[str]) -> list[Gradients]:
    return [{name: one[name] for name in names} for one in some]


def _gaps(
    given: Sequence[Gradients], wanted: Sequence[Gradients], factors: Sequence[float]
) -> dict[str, float]:
    """For each parameter the largest gap at any probe."""
    found = dict.fromkeys(given[0], 0.0)
    for one, other, factor in zip(given, wanted, factors, strict=True):
        for name in found:
            found[name] = max(found[name], gap({name: one[name]}, other, factor))
    return found


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
