"""Where a fault is, for programs: paths from the working directory, and stretches of a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from symbackprop.review.report import FileReport, Line

STDIN = "<stdin>"


@dataclass(frozen=True)
class Region:
    """From ``column`` of ``line`` up to, and without, ``end_column`` of ``end_line``; from 1."""

    line: int
    column: int
    end_line: int
    end_column: int


def path_of(file: FileReport) -> str:
    """Below the working directory from there, with ``/``; "" for standard input."""
    if file.path == STDIN:
        return ""
    path = Path(file.path)
    here = Path.cwd()
    below = path.is_absolute() and path.is_relative_to(here)
    return (path.relative_to(here) if below else path).as_posix()


def fault(line: Line) -> Region:
    """Where the caret points; without one, the whole formula."""
    if not line.caret:
        return formula(line)
    row = line.caret_line or line.line
    return Region(row, line.caret, row, max(line.caret_end, line.caret + 1))


def formula(line: Line) -> Region:
    """The TeX as it stands in the file."""
    rows = line.tex.split("\n")
    start = line.column if len(rows) == 1 else 1
    end = start + len(rows[-1])
    return Region(line.line, line.column, line.line + len(rows) - 1, max(end, start + 1))
