"""Files that hold derivations: their formulas, in order, with places.

Markdown, TeX, Jupyter notebooks, and plain lines with one formula each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from symbackprop.errors import InputError
from symbackprop.read import files, find
from symbackprop.read.assumptions import Assumptions
from symbackprop.read.formulas import Collector, Formula
from symbackprop.read.text import Source, Text

KINDS = ("markdown", "tex", "notebook", "lines")
_SUFFIXES = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown",
    ".qmd": "markdown", ".rmd": "markdown", ".tex": "tex", ".ltx": "tex", ".latex": "tex",
    ".ipynb": "notebook",
}  # fmt: skip
_DELIMITER = re.compile(r"\$|\\\(|\\\[|\\begin\s*\{|```\s*\{?math")
_LOOKED_FOR = {
    "markdown": r"$…$, $$…$$, \(…\), \[…\], ```math and environments such as align",
    "tex": r"$…$, $$…$$, \(…\), \[…\] and environments such as align",
    "notebook": r"$…$, $$…$$, \(…\), \[…\] and environments such as align in Markdown cells",
    "lines": "one formula in each line",
}


@dataclass(frozen=True)
class Document:
    """A document as read; ``remarks`` are sentences about what was left out."""

    path: str
    kind: str
    source: str
    formulas: tuple[Formula, ...]
    assumptions: Assumptions
    remarks: tuple[str, ...] = ()


def read_file(path: str | Path, assume: Path | None = None) -> Document:
    """The formulas of a file; "-" is standard input."""
    if str(path) == "-":
        text = files.decode(files.read_stdin(), files.STDIN)
        return read_text(text, files.STDIN, _guessed(text), assume)
    file = Path(path)
    kind = _SUFFIXES.get(file.suffix.lower(), "")
    limit = files.NOTEBOOK_LIMIT if kind == "notebook" else files.LIMIT
    text = files.decode(files.read_bytes(file, limit), str(path))
    return read_text(text, str(path), kind or _guessed(text), assume)


def read_text(
    text: str, name: str = files.STDIN, kind: str = "markdown", assume: Path | None = None
) -> Document:
    """The formulas of a text."""
    if kind not in KINDS:
        raise InputError(f"unknown kind of document {kind!r}", expected=", ".join(KINDS))
    if len(text) > (files.NOTEBOOK_LIMIT if kind == "notebook" else files.LIMIT):
        raise files.too_long(name)
    source = Source(name, files.unified(text))
    if not source.chars.strip():
        raise InputError("this file is empty", expected="a derivation", file=name)
    collector = Collector(source)
    _TAKE[kind](collector)
    collector.finish()
    if not collector.formulas:
        raise InputError("no formulas found", expected=f"looked for {_LOOKED_FOR[kind]}", file=name)
    return Document(
        name, kind, source.chars, tuple(collector.formulas), Assumptions(), tuple(collector.remarks)
    )


def _guessed(text: str) -> str:
    return "markdown" if _DELIMITER.search(text) else "lines"


def take_markdown(collector: Collector, text: Text) -> None:
    """A stretch of Markdown: a file behind its front matter, or a cell."""
    from symbackprop.read import markdown

    last = -1
    for region in markdown.regions(text):
        if region.lines[0] != last or region.kind == markdown.HEADING:
            collector.new_paragraph()
        last = region.lines[1]
        if region.kind == markdown.FENCE:
            collector.block(region.text, region.text, display=True, label=region.label)
        elif region.kind == markdown.CODE:
            pass
        else:
            collector.take(region.text, find.MARKDOWN)
            if region.kind == markdown.HEADING:
                collector.prose = ""


def _markdown(collector: Collector) -> None:
    take_markdown(collector, Text.of(collector.source.chars))


def _lines(collector: Collector) -> None:
    start = 0
    for line in collector.source.chars.split("\n"):
        text = Text.of(line, start)
        collector.block(text, text, display=True)
        start += len(line) + 1


_TAKE = {"markdown": _markdown, "lines": _lines}
