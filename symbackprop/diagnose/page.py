"""The reports of one or many submissions as one HTML page without scripts and network access."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import symbackprop
from symbackprop.diagnose.batch import counts, totals
from symbackprop.diagnose.data import DiagnoseReport, MistakeRecord, ParameterRecord
from symbackprop.render.escape import verbatim, visible
from symbackprop.render.templating import filled

MARKS = {"correct": "✓", "wrong": "✗", "undecided": "?"}
BAR = 5.0  # rem: the commonest mistake
UNCONFINED = "Some code ran without bubblewrap: its files and its network were not closed."
DIFF = {"+": "more", "-": "less", "@": "at"}


def as_html(reports: Sequence[DiagnoseReport]) -> str:
    """Totals, the mistakes that were made, and a row for each submission that opens."""
    number = totals(reports)
    told = ", ".join(f"{many} {word}" for word, many in number.items() if many)
    made = counts(reports)
    most = max((many for *_, many in made), default=1)
    folder = _folder(reports)
    one = reports[0] if len(reports) == 1 else None
    title = f"{len(reports)} submissions: {told}"
    return filled(
        "diagnosis.html.j2",
        title=visible(f"{one.function}: {one.verdict}" if one else title),
        told=told,
        totals={word: many for word, many in number.items() if many},
        made=[
            {"id": id_, "says": says, "number": many, "width": round(BAR * many / most, 2)}
            for id_, says, many in made
            if one is None
        ],
        submissions=[_values(report, folder) for report in reports],
        caution=UNCONFINED if any(report.confined is False for report in reports) else "",
        version=symbackprop.__version__,
    )


def _folder(reports: Sequence[DiagnoseReport]) -> str:
    """What all paths begin with is not repeated in each row."""
    folders = [str(Path(report.file).parent) for report in reports]
    try:
        return os.path.commonpath(folders)
    except ValueError:
        return ""


def _values(report: DiagnoseReport, folder: str) -> dict[str, Any]:
    basis = "" if not report.points else f"Checked numerically, at {report.points} probe networks."
    return {
        "verdict": report.verdict,
        "mark": MARKS[report.verdict],
        "name": visible(os.path.relpath(report.file, folder) if folder else report.file),
        "function": visible(report.function),
        "message": visible(report.message.replace(report.file, Path(report.file).name)),
        "parameters": [_parameter(one) for one in report.parameters],
        "mistakes": list(_mistakes(report)),
        "repair": [
            (DIFF.get(line[:1], ""), verbatim(line)) for line in (report.repair or "").splitlines()
        ],
        "convention": [visible(word) for word in report.convention],
        "notes": [visible(note) for note in report.notes if note != report.message],
        "basis": visible(report.proof) if report.proof else basis,
        "spec": verbatim(report.spec or ""),
    }


def _parameter(one: ParameterRecord) -> dict[str, str]:
    alike = one.error is not None and math.isfinite(one.error)
    gap = f"gap {one.error:.2g}" if alike else "another shape"
    return {
        "name": one.name,
        "verdict": one.verdict,
        "mark": MARKS[one.verdict],
        "gap": "" if one.verdict == "correct" else gap,
    }


def _mistakes(report: DiagnoseReport) -> Iterator[dict[str, str]]:
    """Each with its line; where it has no name, the line alone."""
    for row in report.mistakes:
        layers = f" (layer{'s' * (len(row.layers) > 1)} {', '.join(map(str, row.layers))})"
        yield {
            "id": row.id,
            "says": visible(row.says) + layers * bool(row.layers),
            "should": visible(row.should),
            "also": ", ".join(row.also),
            **_shown(row),
        }
    if not report.mistakes and report.line and report.code:
        alone = MistakeRecord("", "", "", [], [], report.line, None, None, report.code)
        yield {"id": "", "says": "Probably here", "should": "", "also": "", **_shown(alone)}


def _shown(row: MistakeRecord) -> dict[str, str]:
    code = row.code or ""
    start = 0 if row.column is None else row.column - 1
    end = len(code) if row.end is None else row.end - 1
    return {
        "place": f"line {row.line}",
        "before": verbatim(code[:start]),
        "code": verbatim(code[start:end]),
        "after": verbatim(code[end:]),
    }
