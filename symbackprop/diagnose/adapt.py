"""A candidate for how a function is called: what it gives at a probe, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from symbackprop.diagnose.arrange import SHARED, Convention, Plan
from symbackprop.diagnose.calling import calls
from symbackprop.diagnose.fingerprint import Observation
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.probes import probe, shapes
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting, names_of, truth
from symbackprop.diagnose.reading import Reading
from symbackprop.diagnose.scales import factor_of
from symbackprop.diagnose.settings import Seen, forward_seen
from symbackprop.diagnose.unpacking import gradients

SEEDS = (1, 2, 3)
GIVEN = ("z", "a", "zs", "as", "output", "cache")
NOTHING = Seen()
TINY = 1e-9


class Runner(Protocol):
    """What runs a person's function: a child process, or this one for a live function."""

    def perform(self, calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Candidate:
    """One way to call the function and to read its answer.

    ``distinct``: it ran where all widths and the number of samples are different, and at least
    some bias gradients have their shape there.
    """

    person: Person
    plan: Plan
    convention: Convention
    reading: Reading
    seen: Seen = NOTHING
    fits: int = 0
    complete: bool = False
    distinct: bool = False
    setting: Setting | None = None
    assumed: Setting | None = None

    @property
    def biases(self) -> bool:
        return self.convention.bias != "none"


def probes_for(
    c: Convention, *, penalised: bool, seeds: Sequence[int] | None = None
) -> list[Point]:
    """The probes at which a convention is tried and judged: distinct widths, then all alike."""
    outputs = 1 if c.outputs == 1 else None
    points = []
    for seed, (layers, samples) in zip(seeds or SEEDS, shapes(c.depth, outputs), strict=False):
        points.append(
            probe(
                layers,
                samples,
                seed,
                labels=c.targets == "labels",
                biases=c.bias != "none",
                shared=c.bias == SHARED,
                positive=True,
            )
        )
    return points


def flow_of(flow: Flow, c: Convention, plan: Plan) -> Flow:
    """One sample's flow where samples come one by one."""
    if not c.one_by_one or plan.has("pairs"):
        return flow
    return Flow(flow.point.sample(0), flow.setting)


def averaged(
    reading: Reading,
    answers: Sequence[Mapping[str, Any]],
    c: Convention,
    flow: Flow,
    plan: Plan,
    kind: type = float,
) -> Gradients | None:
    """The gradients of the batch: as given, or the mean over the samples."""
    rate = flow.point.eta if plan.has("eta") or _owned_rate(plan) else 1.0
    found = [gradients(reading, a, c, flow_of(flow, c, plan), rate, kind) for a in answers]
    if any(one is None or not one for one in found):
        return None
    first = found[0]
    assert first is not None
    try:
        with np.errstate(all="ignore"):  # NaN and infinity are told later
            return {name: np.mean([one[name] for one in found if one], axis=0) for name in first}
    except (KeyError, ValueError):
        return None


def _owned_rate(plan: Plan) -> bool:
    return any(slot.role == "eta" for slot in plan.constructor)


_TRUTHS: dict[tuple[int, Setting], tuple[Point, Gradients]] = {}


def known_truth(point: Point, setting: Setting) -> Gradients:
    """``truth``, kept for the probes that come again and again."""
    key = (id(point), setting)
    if key not in _TRUTHS or _TRUTHS[key][0] is not point:
        if len(_TRUTHS) > 4_000:
            _TRUTHS.clear()
        _TRUTHS[key] = (point, truth(point, setting))
    return _TRUTHS[key][1]


def right_setting(
    seen: Gradients, point: Point, settings: Sequence[Setting], reading: Reading
) -> Setting | None:
    """The setting whose true gradients these are, up to a factor."""
    if any(not np.isfinite(value).all() for value in seen.values()):
        return None
    quick = min(seen, key=lambda name: seen[name].size)  # most settings are out by one array
    for setting in settings:
        right = known_truth(point, setting)
        if not set(seen) <= set(right):
            continue
        if factor_of({quick: seen[quick]}, {quick: right[quick]}) is not None or (
            np.abs(right[quick]).max(initial=0.0) < TINY
        ):
            factor = factor_of(seen, {name: right[name] for name in seen})
            if factor is not None and not (reading.updates and factor < 0):
                return setting
    return None


def forward_of(candidate: Candidate, runner: Runner, penalised: bool) -> Seen:
    """The forward pass among the records of one traced call, at whichever probe runs."""
    best = Seen(untraced=True)
    if candidate.plan.has(*GIVEN):  # what the forward pass gives is given
        return best
    for point in probes_for(candidate.convention, penalised=penalised)[:2]:
        records, used = traced(candidate, runner, point)
        if not any(np.asarray(record["value"]).ndim for record in records):
            continue
        seen = forward_seen(records, used)
        if best.untraced or seen.layers > best.layers:
            best = seen
    return best


def traced(
    candidate: Candidate, runner: Runner, point: Point, setting: Setting | None = None
) -> tuple[list[Mapping[str, Any]], Point]:
    """The records of one call on traced arrays, and the point (one sample) that it was at."""
    setting = setting or candidate.assumed or Setting()
    c, plan = candidate.convention, candidate.plan
    some = calls(candidate.person, plan, c, Flow(point, setting), trace=True, first=True)
    answer = runner.perform(some)[0]
    used = point.sample(0) if c.one_by_one else point
    return answer.get("records") or [], used


def observe(
    candidate: Candidate, runner: Runner, points: Sequence[Point], setting: Setting | None = None
) -> tuple[list[Observation], list[dict[str, Any]]]:
    """What the function gives at these points, in our layout; and the errors where it failed."""
    seen, errors = [], []
    c, plan = candidate.convention, candidate.plan
    for point in points:
        flow = Flow(point, setting or candidate.assumed or Setting())
        answers = runner.perform(calls(candidate.person, plan, c, flow))
        failed = [a["error"] for a in answers if "error" in a]
        if failed:
            errors.append(failed[0])
            continue
        found = averaged(candidate.reading, answers, c, flow, plan)
        if found is not None:
            names = set(names_of(point.depth))
            seen.append(Observation(point, {n: v for n, v in found.items() if n in names}))
    return seen, errors
