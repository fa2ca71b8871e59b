"""Workflow commands that GitHub shows beside the lines of a pull request.

The format: "Workflow commands for GitHub Actions", docs.github.com.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symbackprop.review.report import FileReport, Line
from symbackprop.review.show import wording
from symbackprop.review.show.places import fault, path_of

LEVELS = dict.fromkeys(wording.WRONG, "error") | dict.fromkeys(wording.OPEN, "warning")
_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = _IN_TEXT | {":": "%3A", ",": "%2C"}
_TEXT, _PROPERTY = str.maketrans(_IN_TEXT), str.maketrans(_IN_PROPERTIES)


def report(files: Sequence[FileReport], faults: Sequence[str] = ()) -> str:
    """``::error file=…,line=…,col=…,endColumn=…,title=…::message`` for every line not proved."""
    commands = [f"::error::{_text(fault)}" for fault in faults]
    for file in files:
        commands += _commands(file)
    return "".join(f"{command}\n" for command in commands)


def _commands(file: FileReport) -> Iterator[str]:
    for line in file.lines:
        if line.verdict in LEVELS:
            yield _annotation(file, line)
    if said := wording.caution(file):
        yield f"::warning {_properties({'file': path_of(file)})}::{_text(said)}"
    told = wording.counts(file) or "no formulas"
    yield f"symbackprop check: {wording.visible(file.path)}: {told}; seed {file.seed}"


def _annotation(file: FileReport, line: Line) -> str:
    place = fault(line)
    properties: dict[str, object] = {"file": path_of(file), "line": place.line}
    if place.end_line == place.line:  # GitHub has columns for a single line only
        properties |= {"col": place.column, "endColumn": place.end_column - 1}
    else:
        properties["endLine"] = place.end_line
    properties["title"] = f"{wording.name_of(line)}: {wording.heading(line)}"
    said = [wording.one_line(line.tex), *wording.sentences(file, line)]
    if line.repair:
        said.append(f"would be right: {wording.one_line(line.repair)}")
    return f"::{LEVELS[line.verdict]} {_properties(properties)}::{_text(chr(10).join(said))}"


def _properties(values: dict[str, object]) -> str:
    pairs = ((name, str(value).translate(_PROPERTY)) for name, value in values.items() if value)
    return ",".join(f"{name}={value}" for name, value in pairs)


def _text(words: str) -> str:
    return words.translate(_TEXT)
