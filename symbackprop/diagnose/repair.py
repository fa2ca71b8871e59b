"""The smallest change that makes the gradients right: one or two edits of guilty lines, tried."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from symbackprop.diagnose.adapt import Candidate, Runner, observe
from symbackprop.diagnose.edits import edits
from symbackprop.diagnose.fingerprint import Observation
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Point, Setting, truth
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.rules import rules_for
from symbackprop.diagnose.scales import ONE, SCALES, Scale, gap, gap_of, scale_of

MOST_EDITS = 600
MOST_STARTS = 2
MOST_ALTOGETHER = 1_000
CLOSE = 1e-6


class Loader(Runner, Protocol):
    """A runner that can be given another source."""

    def load(self, source: str, file: str) -> object: ...


def repaired(
    found: Diagnosis,
    candidate: Candidate,
    points: list[Point],
    setting: Setting,
    loader: Loader,
    again: Callable[[Person], Diagnosis],
) -> Diagnosis:
    """The diagnosis with a unified diff, if one or two edits make all gradients right everywhere.

    A second edit is looked for where one edit made more gradients right: ``again`` judges that
    code, and what is then still wrong is edited.
    """
    exact = any(row.id.startswith("factor") for row in found.mistakes)
    work = _Work(candidate, points, setting, loader, _scale(found), exact)
    source = work.mended(candidate.person, found)
    if source is None:
        source = _second(found, candidate.person, work, again)
    return found if source is None else replace(found, repair=_diff(candidate.person, source))


def _second(
    found: Diagnosis, person: Person, work: _Work, again: Callable[[Person], Diagnosis]
) -> str | None:
    """The source after an edit that helps and an edit that mends the rest."""
    for source in work.better[:MOST_STARTS]:
        started = replace(person, source=source)
        loaded = work.loader.load(source, person.file)
        if not isinstance(loaded, dict) or "error" in loaded:
            continue
        rest = again(started)
        if rest.verdict == "wrong":
            mended = work.mended(started, rest)
            if mended is not None:
                return mended
    return None


def _scale(found: Diagnosis) -> Scale:
    return next((scale for scale in SCALES if str(scale) == found.factor), ONE)


@dataclass
class _Work:
    """Trying edits; ``better`` are sources with more right gradients than the wrong code has."""

    candidate: Candidate
    points: list[Point]
    setting: Setting
    loader: Loader
    scale: Scale
    exact: bool  # a factor was the mistake: none is left
    better: list[str] = field(default_factory=list)
    left: int = MOST_ALTOGETHER

    def mended(self, person: Person, found: Diagnosis) -> str | None:
        """The source after the first single edit of the guilty lines that mends everything."""
        lines = list(dict.fromkeys(_lines(found)))
        before = sum(row.verdict == "correct" for row in found.parameters)
        helped: list[tuple[int, str]] = []
        for edit in islice(edits(person, lines, rules_for(found)), min(MOST_EDITS, self.left)):
            self.left -= 1
            source = edit.made(person.source)
            right = self.right_after(replace(person, source=source))
            if right is None:
                return source
            if right > before:
                helped.append((-right, source))
        self.better = [source for _, source in sorted(helped, key=lambda pair: pair[0])]
        return None

    def right_after(self, person: Person) -> int | None:
        """None if all gradients are right at all probes; else how many are at the first."""
        candidate = replace(self.candidate, person=person)
        answer = self.loader.load(person.source, person.file)
        if not isinstance(answer, dict) or "error" in answer:
            return 0
        quick = self.points[0]
        if candidate.convention.one_by_one:
            quick = quick.sample(0)
        first, _ = observe(candidate, self.loader, [quick], self.setting)
        if not self._right(first):
            return self._count(first)
        every, errors = observe(candidate, self.loader, self.points, self.setting)
        if errors or len(every) < len(self.points) or not self._right(every):
            return 0
        return None

    def _right(self, seen: list[Observation]) -> bool:
        if not seen:
            return False
        expected = [{n: truth(o.point, self.setting)[n] for n in o.gradients} for o in seen]
        given = [o.gradients for o in seen]
        if all(gap(one, other) <= CLOSE for one, other in zip(given, expected, strict=True)):
            return True
        updates = self.candidate.reading.updates
        own_rate = updates and not self.candidate.plan.has("eta")
        points = [o.point for o in seen]
        scale = scale_of(given, expected, points, any_constant=own_rate)
        if scale is None or self.exact:
            return False
        return not updates or scale.value(points[0]) > 0

    def _count(self, seen: list[Observation]) -> int:
        if not seen:
            return 0
        expected = truth(seen[0].point, self.setting)
        factor = self.scale.value(seen[0].point)
        return sum(
            gap_of(value, factor * expected[name]) <= CLOSE
            for name, value in seen[0].gradients.items()
        )


def _lines(found: Diagnosis) -> Iterator[int]:
    """The guilty lines."""
    for row in found.mistakes:
        if row.place:
            yield row.place.line
    if found.place:
        yield found.place.line


def _diff(person: Person, source: str) -> str:
    name = Path(person.file).name
    lines = difflib.unified_diff(
        person.source.splitlines(), source.splitlines(), name, name, lineterm="", n=1
    )
    return "\n".join(lines) + "\n"
