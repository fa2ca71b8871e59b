"""Files that hold derivations: their formulas in order, with places, and what they declare.

Markdown, TeX, Jupyter notebooks, and plain lines with one formula each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from symbackprop.errors import InputError
from symbackprop.read import files, find
from symbackprop.read.assumptions import NOTHING, Assumptions, declared, together
from symbackprop.read.collect import Collector
from symbackprop.read.formulas import Formula
from symbackprop.read.text import Source, Text

__all__ = [
    "Assumptions",
    "Document",
    "Formula",
    "NoFormulas",
    "read_file",
    "read_string",
    "read_text",
]

_SUFFIXES = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown",
    ".qmd": "markdown", ".rmd": "markdown", ".tex": "tex", ".ltx": "tex", ".latex": "tex",
    ".ipynb": "notebook",
}  # fmt: skip
_DELIMITER = re.compile(r"\$|\\\(|\\\[|\\begin\s*\{|```\s*\{?math|\A(?:\+\+\+|---)\s*\n")
_SIGNS = r"$…$, $$…$$, \(…\), \[…\]"
_LOOKED_FOR = {
    "markdown": f"{_SIGNS}, ```math and environments such as align",
    "tex": f"{_SIGNS} and environments such as align",
    "notebook": f"{_SIGNS} and environments such as align in Markdown cells",
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


class NoFormulas(InputError):  # noqa: N818  (what was found out, no fault of ours)
    """A text in which nothing is mathematics."""


def read_file(path: str | Path, assume: Path | None = None) -> Document:
    """The formulas of a file; "-" is standard input: Markdown, or one formula in each line.

    Raises InputError or LimitError for what cannot be read, with its place.
    """
    if str(path) == "-":
        text = files.decode(files.read_stdin(), files.STDIN)
        return read_text(text, files.STDIN, kind_of(files.STDIN, text), assume)
    limit = files.NOTEBOOK_LIMIT if kind_of(path) == "notebook" else files.LIMIT
    text = files.decode(files.read_bytes(Path(path), limit), str(path))
    return read_text(text, str(path), kind_of(path, text), assume)


def read_text(
    text: str, name: str = files.STDIN, kind: str = "markdown", assume: Path | None = None
) -> Document:
    """The formulas of a text; ``kind`` is "markdown", "tex", "notebook" or "lines"."""
    if kind not in _TAKE:
        raise InputError(f"unknown kind of document {kind!r}", expected=", ".join(_TAKE))
    limit = files.NOTEBOOK_LIMIT if kind == "notebook" else files.LIMIT
    if len(text) > limit:
        raise files.too_long(name, limit)
    source = Source(name, files.unified(text))
    if not source.chars.strip():
        raise InputError("this file is empty", expected="expected a derivation", file=name)
    if "\0" in text:
        raise InputError(
            "this is not text: it holds a NUL", expected="expected a text file", file=name
        )
    collector = Collector(source)
    assumptions = _TAKE[kind](collector, assume)
    collector.finish()
    if not collector.formulas:
        raise NoFormulas("no formulas found", expected=f"looked for {_LOOKED_FOR[kind]}", file=name)
    formulas, remarks = tuple(collector.formulas), tuple(collector.remarks)
    return Document(name, kind, source.chars, formulas, assumptions, remarks)


def read_string(text: str, name: str, beside: Assumptions = NOTHING) -> Document:
    """The formulas of a string as of standard input, with more declared beside it."""
    document = read_text(text, name, kind_of("", text))
    return replace(document, assumptions=together(document.assumptions, beside))


def kind_of(path: str | Path, text: str = "") -> str:
    """What a file is by its name; without a known ending, by the signs in its text."""
    guessed = "markdown" if _DELIMITER.search(text) else "lines"
    return _SUFFIXES.get(Path(path).suffix.lower(), guessed)


def _behind_front_matter(collector: Collector, assume: Path | None) -> tuple[Assumptions, Text]:
    source = collector.source
    assumptions, end = declared(source.chars, source.path, assume)
    return assumptions, Text.of(source.chars[end:], end)


def _markdown(collector: Collector, assume: Path | None) -> Assumptions:
    assumptions, text = _behind_front_matter(collector, assume)
    _take_markdown(collector, text)
    return assumptions


def _take_markdown(collector: Collector, text: Text) -> None:
    from symbackprop.read import markdown

    behind = -1
    for region in markdown.regions(text):
        if region.kind == markdown.HEADING:
            collector.words.new_section()
        elif region.lines[0] != behind:
            collector.words.new_paragraph()
        behind = region.lines[1]
        if region.kind == markdown.FENCE:
            collector.block(
                region.text, region.text, region.outer, display=True, label=region.label
            )
        elif region.kind == markdown.CODE:
            if found := markdown.DISPLAY.search(region.text.chars):
                place = region.text.at[found.start()]
                collector.remark(place, "a formula in indented code is not read")
        else:
            collector.take(region.text, find.MARKDOWN)
        if region.kind == markdown.HEADING:
            collector.words.new_section()


def _tex(collector: Collector, assume: Path | None) -> Assumptions:
    from symbackprop.read.tex import take_tex

    assumptions, text = _behind_front_matter(collector, assume)
    take_tex(collector, text)
    return assumptions


def _notebook(collector: Collector, assume: Path | None) -> Assumptions:
    from symbackprop.read import notebook

    source = collector.source
    assumptions, total = NOTHING, 0
    for number, cell in notebook.cells(source):
        total += len(cell)
        if total > files.LIMIT:
            raise files.too_long(source.path)
        end = 0
        if number == 1:
            assumptions, end = declared(cell.chars, f"{source.path}#cell1")
        collector.cell = (number, cell)
        collector.words.new_section()
        _take_markdown(collector, cell.cut(end, len(cell)))
    if assume is not None:
        assumptions, _ = declared("", source.path, assume)
    return assumptions


def _lines(collector: Collector, assume: Path | None) -> Assumptions:
    assumptions, text = _behind_front_matter(collector, assume)
    start = 0
    for line in text.chars.split("\n"):
        written = text.cut(start, start + len(line))
        if line and not line.lstrip().startswith("#"):
            outer = written.at[0], written.to[-1]
            collector.block(written, written, outer, display=True)
        start += len(line) + 1
    return assumptions


_TAKE: dict[str, Callable[[Collector, Path | None], Assumptions]] = {
    "markdown": _markdown,
    "tex": _tex,
    "notebook": _notebook,
    "lines": _lines,
}
