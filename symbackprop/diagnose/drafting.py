"""Diagnoses from what is known: each parameter, the conventions, what went wrong with a call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from symbackprop.diagnose.cases import Case
from symbackprop.diagnose.problems import Setting
from symbackprop.diagnose.report import Diagnosis, NamedMistake, ParameterVerdict, Place
from symbackprop.diagnose.scales import CLOSE, Scale, gap_of
from symbackprop.diagnose.telling import message_of


def drafted(
    case: Case,
    verdict: str,
    setting: Setting,
    scale: Scale,
    *,
    mistakes: tuple[NamedMistake, ...] = (),
    place: Place | None = None,
    notes: tuple[str, ...] = (),
) -> Diagnosis:
    person = case.candidate.person
    rows = _parameters(case, setting, scale)
    whole = tuple(note for note in (person.twice, str(case.loss or ""), *notes) if note)
    draft = Diagnosis(
        function=person.full_name,
        file=person.file,
        cells=person.cells,
        verdict=verdict,
        message="",
        convention=_convention(case),
        setting=setting.at_depth(case.points[0].depth),
        factor=str(scale),
        parameters=rows,
        mistakes=mistakes,
        place=place,
        notes=whole,
        points=len(case.seen),
        gap=max((row.error for row in rows), default=None),
    )
    return replace(draft, message=message_of(draft))


def _parameters(case: Case, setting: Setting, scale: Scale) -> tuple[ParameterVerdict, ...]:
    expected = case.expected(setting)
    rows = []
    for name in case.seen[0].gradients:
        errors = []
        for o, e in zip(case.seen, expected, strict=True):
            if name in o.gradients:
                whole = max(float(np.abs(v).max(initial=0.0)) for v in e.values())
                factor = scale.value(o.point)
                errors.append(gap_of(o.gradients[name], factor * e[name], abs(factor) * whole))
        worst = max(errors)
        verdict = "correct" if worst <= CLOSE else "wrong"
        rows.append(ParameterVerdict(name, verdict, str(scale), worst))
    return tuple(sorted(rows, key=lambda row: (int(row.name[1:]), row.name[0])))


def _convention(case: Case) -> tuple[str, ...]:
    from symbackprop.diagnose.reading import SOURCES

    c = case.candidate.convention
    return (*c.in_words(), SOURCES[case.candidate.reading.source])


def all_layers(case: Case) -> tuple[int, ...]:
    return tuple(range(1, case.points[0].depth + 1))
