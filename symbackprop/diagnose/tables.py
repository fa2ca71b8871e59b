"""The reports of many submissions as text, CSV and HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from symbackprop.diagnose.batch import counts, totals
from symbackprop.diagnose.data import DiagnoseReport, to_json
from symbackprop.diagnose.page import as_html

COLUMNS = ("file", "function", "verdict", "mistakes", "layers", "line", "factor", "cost", "message")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row_of(report: DiagnoseReport) -> tuple[str, ...]:
    lines: list[int | None] = [row.line for row in report.mistakes if row.line]
    return (
        report.file,
        report.function,
        report.verdict,
        " + ".join(row.id for row in report.mistakes),
        " + ".join(",".join(map(str, row.layers)) for row in report.mistakes),
        str(next(iter(lines), report.line) or ""),
        report.factor,
        report.cost or "",
        report.message,
    )


def line_of(report: DiagnoseReport) -> str:
    """One submission in one line."""
    return f"{report.file}:{report.function}: {report.verdict}: {report.message}"


def summary(reports: Sequence[DiagnoseReport]) -> str:
    """Totals, and the mistakes that were made, the commonest first."""
    told = ", ".join(f"{number} {word}" for word, number in totals(reports).items())
    lines = [f"{len(reports)} submissions: {told}"]
    lines += [f"{number:6}  {id_:<34} {says}" for id_, says, number in counts(reports)]
    return "\n".join(lines) + "\n"


def as_text(reports: Sequence[DiagnoseReport]) -> str:
    return "".join(line_of(report) + "\n" for report in reports) + "\n" + summary(reports)


def as_csv(reports: Sequence[DiagnoseReport]) -> str:
    """A cell that a spreadsheet would run as a formula gets a quote in front."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        writer.writerow([_tame(cell) for cell in row_of(report)])
    return out.getvalue()


def _tame(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA) else cell


FORMATS = {"text": as_text, "json": lambda reports: to_json(list(reports)), "csv": as_csv,
           "html": as_html}  # fmt: skip
