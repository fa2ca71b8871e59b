"""Diagnoses from what is known: each parameter, the conventions, what went wrong with a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symbackprop.diagnose.cases import Case
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Setting
from symbackprop.diagnose.report import Diagnosis, NamedMistake, ParameterVerdict, Place
from symbackprop.diagnose.scales import CLOSE, Scale, gap_of
from symbackprop.diagnose.searching import Search
from symbackprop.diagnose.spec import spec_to_fill
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
    whole = tuple(note for note in (person.twice, case.loss, *notes) if note)
    draft = Diagnosis(
        function=name_of(person),
        file=person.file,
        verdict=verdict,
        message="",
        convention=_convention(case),
        setting=str(setting),
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


def name_of(person: Person) -> str:
    return f"{person.owner}.{person.name}" if person.owner else person.name


def not_callable(person: Person, search: Search) -> Diagnosis:
    """No convention worked: the commonest error, and a spec to fill in."""
    spec = spec_to_fill(person, search.plan)
    unknown = search.plan.unknown
    if unknown:
        text = f"what is {', '.join(map(repr, unknown))}? the signature could not be guessed"
    elif search.silent:
        text = (
            "it runs, but no gradients were found in what it keeps or changes; "
            f"it returns {kind_of(search.silent[0])}"
        )
    elif search.errors:
        text = error_text(search.errors, person)
    else:
        text = "no gradients were found in what it returns, keeps or changes"
    return Diagnosis(name_of(person), "undecided", text, spec=spec, file=person.file)


def kind_of(value: Any) -> str:
    """What came back, in a few words."""
    if value is None:
        return "nothing"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if isinstance(value, (list, tuple)):
        parts = ", ".join(kind_of(item) for item in value[:4])
        return f"{len(value)} things: {parts}{', …' if len(value) > 4 else ''}"
    if isinstance(value, dict):
        return f"a dictionary with {', '.join(map(str, list(value)[:6]))}"
    if isinstance(value, (bool, int, float)):
        return "a number"
    return f"a {type(value).__name__}" if not hasattr(value, "name") else f"a {value.name}"


def error_text(errors: Sequence[Mapping[str, Any]], person: Person) -> str:
    if not errors:
        return "no gradients came back"
    counts: dict[tuple[Any, Any, str], int] = {}
    for error in errors:
        key = (error.get("line"), error.get("kind"), str(error.get("text"))[:160])
        counts[key] = counts.get(key, 0) + 1
    line, kind, text = max(counts, key=lambda key: (counts[key], key[0] is not None))
    place = f"{person.file}:{line}: " if line else ""
    words = {"TooSlow": "", "Died": "", "Missing": "", "Spec": ""}.get(str(kind), f"{kind}: ")
    return f"{place}the function does not run: {words}{text}"
