"""``symbackprop check-numbers``: the printed numbers of worked examples, recomputed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbackprop.commands import manual
from symbackprop.commands.options import chosen, emit, output_options, output_path

if TYPE_CHECKING:
    from symbackprop.numbers.compare import Found, Report

FORMATS = ("text", "json")
WIDTH = 80


@click.command("check-numbers")
@click.argument("files", nargs=-1, required=True, metavar="FILE.toml…")
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    metavar="|".join(FORMATS),
    help="For people or for programs.",
)
@click.option("--all", "everything", is_flag=True, help="Show the right numbers, too.")
@output_options
def command(
    files: tuple[str, ...], format_: str, everything: bool, output: str | None, force: bool
) -> int:
    """Recompute worked examples that somebody published, and name the wrong numbers.

    Says for each wrong number what it should be, whether it only follows from an earlier one, and
    which known slip reproduces it.
    """
    chosen(format_, "--format", FORMATS)
    path = output_path(output, force)
    from symbackprop.numbers import check_numbers, read_problem

    reports = [check_numbers(read_problem(Path(file))) for file in files]
    if format_ == "json":
        from symbackprop.commands.reporting import numbers_report
        from symbackprop.commands.reports import to_json

        content = to_json(numbers_report(reports))
    else:
        content = "\n".join(line for r in reports for line in _text(r, everything))
    emit(content, path, force)
    return manual.PROVED if all(r.verdict == "right" for r in reports) else manual.REFUTED


def _text(report: Report, everything: bool) -> Iterator[str]:
    good = sum(n.right for n in report.numbers)
    yield f"{report.path}: {report.title}"
    if report.source:
        yield from textwrap.wrap(report.source, WIDTH, initial_indent="  ", subsequent_indent="  ")
    for number in report.numbers:
        if everything or not number.right:
            yield from _line(number)
    total = len(report.numbers)
    yield f"  {good} of {total} numbers right" + ("" if good == total else f", {total - good} not")
    yield ""


def _line(number: Found) -> Iterator[str]:
    from symbackprop.numbers.compare import SAYS

    mark = "✓" if number.right else "↳" if number.verdict == "inherits" else "✗"
    place = f" {number.place}" if number.place else ""
    should = f"; it is {number.should_be}" if number.should_be else ""
    yield from textwrap.wrap(
        f"{mark} {number.name}{place} = {number.printed}: {SAYS[number.verdict]}{should}",
        WIDTH, initial_indent="  ", subsequent_indent="    ",
    )  # fmt: skip
    if number.cause:
        slip = f" [{number.slip}]" if number.slip else ""
        yield from textwrap.wrap(
            f"{number.cause}{slip}", WIDTH, initial_indent="    ", subsequent_indent="    "
        )
