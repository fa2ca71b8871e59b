"""A diagnosis as JSON: versioned, with a schema, nothing in it that is not named here."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from symbackprop.diagnose.report import Diagnosis, NamedMistake

VERSION = 1


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a report; a field that is not named here is a fault."""


class ParameterRecord(Record, frozen=True):
    """``error``: the largest gap to ``factor`` times the truth, over the truth's largest entry.

    null: it has not even the right shape, or no number.
    """

    name: str
    verdict: Literal["correct", "wrong"]
    factor: str | None
    error: float | None


class MistakeRecord(Record, frozen=True):
    """``line`` from 1, ``column`` and ``end`` from 1 (the end behind the last character).

    ``code``: the whole line.
    """

    id: str
    says: str
    should: str
    layers: list[int]
    also: list[str]
    line: int | None
    column: int | None
    end: int | None
    code: str | None = None


class DiagnoseReport(Record, frozen=True):
    """``symbackprop diagnose --format json``.

    ``convention``: what was found out, in words; ``cost``: activations, cost and penalty that the
    gradients are those of (or were taken to be meant for), times ``factor``; ``line`` and
    ``code``: where it goes wrong if the mistake has no name; ``repair`` a unified diff; ``proof``
    null: numerically, at ``points`` probe networks; ``confined`` null: it ran in this process.
    """

    version: int
    function: str
    file: str
    verdict: Literal["correct", "wrong", "undecided"]
    message: str
    convention: list[str]
    cost: str | None
    factor: str
    parameters: list[ParameterRecord]
    mistakes: list[MistakeRecord]
    line: int | None
    repair: str | None
    proof: str | None
    points: int
    notes: list[str]
    spec: str | None
    confined: bool | None
    code: str | None = None


def report_of(d: Diagnosis) -> DiagnoseReport:
    """The diagnosis, held against the schema."""
    return msgspec.convert(
        {
            "version": VERSION,
            "function": d.function,
            "file": d.file,
            "verdict": d.verdict,
            "message": d.message,
            "convention": list(d.convention),
            "cost": d.setting or None,
            "factor": d.factor,
            "parameters": [
                {
                    "name": p.name,
                    "verdict": p.verdict,
                    "factor": p.factor,
                    "error": _finite(p.error),
                }
                for p in d.parameters
            ],
            "mistakes": [_mistake(row) for row in d.mistakes],
            "line": d.place.line if d.place else None,
            "repair": d.repair or None,
            "proof": d.proof or None,
            "points": d.points,
            "notes": list(d.notes),
            "spec": d.spec or None,
            "confined": d.confined,
            "code": d.place.code if d.place else None,
        },
        DiagnoseReport,
    )


def _mistake(row: NamedMistake) -> dict[str, Any]:
    place = row.place
    return {
        "id": row.id,
        "says": row.says,
        "should": row.should,
        "layers": list(row.layers),
        "also": list(row.also),
        "line": place.line if place else None,
        "column": None if place is None or place.column is None else place.column + 1,
        "end": None if place is None or place.end is None else place.end + 1,
        "code": place.code if place else None,
    }


def _finite(number: float) -> float | None:
    return number if number < float("inf") else None


def to_json(report: DiagnoseReport | list[DiagnoseReport]) -> str:
    """Indented, ending in a new line."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
