"""Finding out how a function wants to be called and where it leaves its gradients."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symbackprop.diagnose.adapt import (
    GIVEN,
    Candidate,
    Runner,
    averaged,
    flow_of,
    forward_of,
    probes_for,
    right_setting,
)
from symbackprop.diagnose.arrange import (
    HOLD,
    INPUTS,
    Convention,
    Plan,
    contradiction,
    conventions,
    plan_of,
)
from symbackprop.diagnose.assigning import leaves
from symbackprop.diagnose.calling import calls
from symbackprop.diagnose.expecting import wanted_shapes
from symbackprop.diagnose.fitting import (
    complete,
    fits,
    generalises,
    meant_for_batches,
    some_biases,
)
from symbackprop.diagnose.making import attributes_of
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Flow, Setting
from symbackprop.diagnose.reading import Reading, readings
from symbackprop.diagnose.settings import Seen, guesses

CHUNK = 48
HANGS = 2
MOST_SETTINGS = 16


def adapt(
    person: Person,
    runner: Runner,
    *,
    stated: Sequence[Setting] = (),
    fixed: Mapping[str, Any] | None = None,
    roles: Mapping[str, str] | None = None,
) -> Search:
    """Try conventions until one gives right gradients; else all that run, the best first.

    A convention that is a special case (one sample, one output, fewer layers) hides mistakes: it
    is not asked where the function also runs, forward pass and shapes as they should be, in the
    general one.
    """
    attributes, error = attributes_of(person, runner, plan_of(person, (), roles))
    plan = plan_of(person, attributes, roles)
    search = Search(person, plan, runner, attributes)
    wrong = contradiction(plan, (fixed or {}).get("depth"))
    if error or wrong:
        search.errors.append(error or {"kind": "Spec", "text": wrong})
        return search
    if plan.unknown or not plan.has(*INPUTS) or not plan.has(*HOLD):
        return search
    settings = list(stated) or guesses(person.words, plan.has("lam"))
    for chunk in _chunks(conventions(person, plan, dict(fixed or {})), CHUNK):
        for place in (0, 1):
            found = search.tried(search.general(chunk), settings, place)
            if found is not None:
                search.candidates.insert(0, found)
                return search
            if any(not c.convention.one_by_one for c in search.candidates):
                break
        if not search.candidates and search.hangs >= HANGS:
            break
    search.rank()
    return search


def _assumed(plan: Plan, settings: Sequence[Setting]) -> list[Setting]:
    """Functions that are given activations need a setting before they can be called.

    Linear hidden layers are not assumed: they would excuse a slope that is missing.
    """
    if not plan.has(*GIVEN):
        return [settings[0]]
    kinds = {(s.hidden, s.output): s for s in settings}
    kinds = {kind: s for kind, s in kinds.items() if kind[0] != "identity"} or kinds
    hidden, output = (list(dict.fromkeys(names)) for names in zip(*kinds, strict=True))
    usual = sorted(kinds, key=lambda kind: max(hidden.index(kind[0]), output.index(kind[1])))
    return [kinds[kind] for kind in usual[:MOST_SETTINGS]]


@dataclass
class Search:
    """All candidates that ran, the errors of those that did not, and what came back for nothing."""

    person: Person
    plan: Plan
    runner: Runner
    attributes: Sequence[str] = ()
    candidates: list[Candidate] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    silent: list[Any] = field(default_factory=list)
    hangs: int = 0
    special: Candidate | None = None
    _forward: dict[tuple[Convention, Setting | None], Seen] = field(default_factory=dict)

    def general(self, chunk: Sequence[Convention]) -> list[Convention]:
        """The conventions that no candidate with a right forward pass makes superfluous."""
        sure = [c for c in self.candidates if self.whole(c)]
        holders = {c.convention.holder for c in sure if not self.seen(c).untraced}
        return [
            c
            for c in chunk
            if not any(generalises(g.convention, c) for g in sure)
            and (not holders or c.holder in holders)
        ]

    def excused(self, candidate: Candidate) -> bool:
        """Whether a right special case may stand: nothing general ran, or only by accident.

        Where widths and samples all differ, shapes that are right are no accident; where they are
        alike, or no forward pass can be followed, only a right forward pass shows the accident.
        """
        c = candidate.convention
        if self.superseded(c):
            return False
        rivals = [g for g in self.candidates if generalises(g.convention, c) and g.complete]
        return not rivals or self.seen(candidate).layers >= c.depth

    def superseded(self, c: Convention) -> bool:
        """Whether a more general convention gives shapes that are right by no accident."""
        return any(
            g.distinct and g.convention.holder == c.holder and generalises(g.convention, c)
            for g in self.candidates
        )

    def whole(self, candidate: Candidate) -> bool:
        """Every gradient has its shape, and the forward pass is right (or leaves no trace)."""
        c = candidate.convention
        if not candidate.complete:
            return False
        seen = self.seen(candidate)
        if seen.layers < c.depth:
            return seen.untraced
        named = set(seen.outputs) - {"identity"}
        return candidate.biases or bool(named) or not self._softmax

    @property
    def _softmax(self) -> bool:
        return any("softmax" in word or "exp" in word for word in self.person.words)

    def tried(
        self, chunk: Sequence[Convention], settings: Sequence[Setting], place: int
    ) -> Candidate | None:
        """Run conventions at one probe; the first that gives right gradients."""
        penalised = self.plan.has("lam")
        work = [
            (c, setting, Flow(probes_for(c, penalised=penalised)[place], setting))
            for c in chunk
            for setting in _assumed(self.plan, settings)
        ]
        for (c, setting, flow), given in zip(work, self._answers(work), strict=True):
            failed = [a["error"] for a in given if "error" in a]
            if failed:
                self.errors.append(failed[0])
                self.hangs += failed[0].get("kind") in ("TooSlow", "Died")
                continue
            before = len(self.candidates)
            found = self._read(c, setting, flow, given, settings, distinct=place == 0)
            if found is not None:
                return found
            returned = given[0].get("returned")
            if len(self.candidates) == before and not any(leaves(returned)):
                self.silent.append(returned)
        return None

    def _answers(
        self, work: Sequence[tuple[Convention, Setting, Flow]]
    ) -> Iterator[list[dict[str, Any]]]:
        """For each sample an answer; where the first one fails, the others are not asked."""
        person, plan = self.person, self.plan
        firsts = self.runner.perform([calls(person, plan, c, f, first=True)[0] for c, _, f in work])
        rests = [
            [] if "error" in answer or not c.one_by_one else calls(person, plan, c, flow)[1:]
            for answer, (c, _, flow) in zip(firsts, work, strict=True)
        ]
        answers = iter(self.runner.perform(list(itertools.chain(*rests))) if any(rests) else ())
        for first, rest in zip(firsts, rests, strict=True):
            yield [first, *itertools.islice(answers, len(rest))]

    def _read(
        self,
        c: Convention,
        assumed: Setting,
        flow: Flow,
        given: Sequence[dict[str, Any]],
        settings: Sequence[Setting],
        *,
        distinct: bool,
    ) -> Candidate | None:
        """Every reading of the answers becomes a candidate; a right one that may stand is given."""
        plan = self.plan
        for reading in _some(
            readings(given[0], plan, c, flow_of(flow, c, plan), self.person.returned)
        ):
            seen = averaged(reading, given, c, flow, plan)
            if seen is None:
                continue
            shaped = fits(seen, flow, c.bias != "none")
            whole = complete(seen, flow, set(wanted_shapes(c, flow)))
            candidate = Candidate(
                self.person,
                plan,
                c,
                reading,
                fits=shaped,
                complete=whole,
                distinct=distinct
                and (whole or some_biases(seen, flow) or meant_for_batches(seen, flow, settings)),
                assumed=assumed,
            )
            right = right_setting(seen, flow.point, settings, reading)
            if right is not None and set(wanted_shapes(c, flow)) <= set(seen):
                candidate = replace(candidate, setting=right)
                if not self.general([c]):
                    return None
                if self.excused(candidate):
                    return candidate
                self.special = self.special or candidate
                continue
            self.candidates.append(replace(candidate, setting=right))
        return None

    def rank(self) -> None:
        """Right as far as it goes first; then by the forward pass, by shapes, by generality."""
        right = [
            c for c in self.candidates if c.setting is not None and self.general([c.convention])
        ]
        if right and not any(map(self.whole, self.candidates)):
            self.candidates = sorted(right, key=lambda c: -c.fits)
            return
        general = [
            c
            for c in self.candidates
            if self.general([c.convention])
            and not (c.convention.one_by_one and self.superseded(c.convention))
        ]
        scored = [
            (-self.seen(c).layers, -c.fits, place, replace(c, seen=self.seen(c)))
            for place, c in enumerate(general)
        ]
        self.candidates = [row[3] for row in sorted(scored, key=lambda row: row[:3])]

    def seen(self, candidate: Candidate) -> Seen:
        """The forward pass among the records of one traced call, at whichever probe runs."""
        key = (candidate.convention, candidate.assumed)
        if key not in self._forward:
            self._forward[key] = forward_of(candidate, self.runner, self.plan.has("lam"))
        return self._forward[key]


def _some(found: Iterator[Reading]) -> Iterator[Reading]:
    return itertools.islice(found, 8)


def _chunks(items: Iterator[Convention], size: int) -> Iterator[list[Convention]]:
    while chunk := list(itertools.islice(items, size)):
        yield chunk
