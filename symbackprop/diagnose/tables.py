"""The reports of many submissions as text, CSV and HTML."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence

from symbackprop.diagnose.batch import counts, totals
from symbackprop.diagnose.data import DiagnoseReport, to_json

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


def as_html(reports: Sequence[DiagnoseReport]) -> str:
    """One page without scripts: the totals, the mistakes, a row for each submission."""
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    body = "".join(
        f'<tr class="{report.verdict}">'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row_of(report))
        + "</tr>\n"
        for report in reports
    )
    made = "".join(
        f"<tr><td>{number}</td><td>{html.escape(id_)}</td><td>{html.escape(says)}</td></tr>\n"
        for id_, says, number in counts(reports)
    )
    told = ", ".join(f"{number} {word}" for word, number in totals(reports).items())
    return PAGE.format(total=len(reports), told=told, made=made, head=head, body=body)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Gradients of {total} submissions</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ border: 1px solid #bbb; padding: .2rem .5rem; text-align: left; vertical-align: top; }}
.wrong td:nth-child(3) {{ background: #fdd; }}
.correct td:nth-child(3) {{ background: #dfd; }}
.undecided td:nth-child(3) {{ background: #ffd; }}
</style>
</head>
<body>
<h1>{total} submissions: {told}</h1>
<table><tr><th>how many</th><th>mistake</th><th>what it is</th></tr>
{made}</table>
<table><tr>{head}</tr>
{body}</table>
</body>
</html>
"""

FORMATS = {"text": as_text, "json": lambda reports: to_json(list(reports)), "csv": as_csv,
           "html": as_html}  # fmt: skip
