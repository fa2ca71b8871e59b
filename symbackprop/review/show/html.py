"""The author's document as one HTML page, each formula with its mark and what is said about it.

MathML, no script, no network: the page can be mailed, printed and kept.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

import symbackprop
from symbackprop.read.documents import kind_of, read_text
from symbackprop.read.formulas import Formula
from symbackprop.render.escape import escape_html, visible
from symbackprop.render.mathml import displayed, inline
from symbackprop.render.templating import data_file, filled
from symbackprop.review.report import FileReport, Line
from symbackprop.review.show import excerpt, wording
from symbackprop.review.show.manuscript import Drawn, manuscript

LONGEST_TEX, DEEPEST_TEX = 4_000, 60  # what is longer or deeper is shown as it was written
EXCERPT = 72


def report(files: Sequence[FileReport], faults: Sequence[str] = ()) -> str:
    """One page for all documents; ``faults`` say what could not be read."""
    return filled(
        "review.html.j2",
        title=", ".join(visible(file.path) for file in files) or "symbackprop check",
        font=base64.b64encode(data_file("stix-two-math.woff2")).decode("ascii"),
        files=[_Page(number, file).values() for number, file in enumerate(files, start=1)],
        faults=[visible(fault) for fault in faults],
        version=symbackprop.__version__,
    )


class _Page:
    """One document on the page."""

    def __init__(self, number: int, file: FileReport) -> None:
        self.number, self.file = number, file
        self.lines = {(line.line, line.column): line for line in file.lines}

    def values(self) -> dict[str, Any]:
        file = self.file
        return {
            "id": f"f{self.number}",
            "path": visible(file.path),
            "mark": wording.MARKS[file.verdict],
            "counts": wording.counts(file),
            "caution": wording.caution(file),
            "first": self.first_wrong(),
            "troubles": list(self.troubles()),
            "assumed": [visible(said) for said in file.assumed],
            "remarks": [visible(said) for said in file.remarks],
            "seed": file.seed,
            "body": Markup(self.body()),
        }

    def body(self) -> str:
        file = self.file
        document = read_text(file.source, file.path, kind_of(file.path, file.source))
        return manuscript(document, self.draw)

    def first_wrong(self) -> dict[str, str] | None:
        line = wording.referred(self.file, self.file.first_wrong)
        return None if line is None else self.link(line)

    def troubles(self) -> Iterator[dict[str, Any]]:
        for line in self.file.lines:
            if line.verdict in (*wording.WRONG, *wording.OPEN):
                yield self.link(line)

    def link(self, line: Line) -> dict[str, Any]:
        return {
            "to": self.anchor(line),
            "name": visible(wording.name_of(line)),
            "mark": wording.mark_of(line),
            "heading": visible(wording.heading(line)),
        }

    def anchor(self, line: Line) -> str:
        return f"f{self.number}-{line.line}-{line.column}"

    def draw(self, rows: Sequence[Formula]) -> Drawn:
        """The notes of a display stand below their row, those of inline formulas below the text."""
        found = [self.lines.get((row.line, row.column)) for row in rows]
        notes = [self.note(line) if line else "" for line in found]
        shown = [self.formula(row, line) for row, line in zip(rows, found, strict=True)]
        if rows[0].display:
            parts = [part for pair in zip(shown, notes, strict=True) for part in pair]
            return Drawn(f'<span class="display">{"".join(parts)}</span>')
        return Drawn("".join(shown), "".join(notes))

    def formula(self, row: Formula, line: Line | None) -> str:
        return filled(
            "formula.html.j2",
            math=Markup(_drawn(row)),
            goes_on=row.text.startswith(("=", r"\equiv", r"\approx")),
            display=row.display,
            tag=visible(row.tag) if row.display else "",
            mark=wording.mark_of(line) if line and (row.display or line.verdict) else None,
            title=_title(line) if line else "",
            id=self.anchor(line) if line else "",
        ).strip()

    def note(self, line: Line) -> str:
        """What there is to say about a formula; "" if there is nothing."""
        file = self.file
        told = [visible(sentence) for sentence in wording.sentences(file, line)]
        wrong = line.verdict in (*wording.WRONG, *wording.OPEN)
        if not (wrong or told or line.read_as):
            return ""
        return filled(
            "note.html.j2",
            mark=wording.mark_of(line),
            wrong=wrong,
            to=self.anchor(line),
            place=f"line {line.caret_line or line.line}",
            mistake=line.mistake,
            says=wording.mark_of(line).says,
            fault=_fault(file, line) if wrong else None,
            told=told,
            read_as=visible(line.read_as),
            repair=Markup(_math(line.repair, display=True)) if line.repair else "",
            repair_tex=wording.one_line(line.repair or ""),
        )


def _title(line: Line) -> str:
    """What the mark says to those who point at it."""
    mark = wording.mark_of(line)
    said = ", ".join(part for part in (line.scope, line.bound) if part)
    return f"{mark.says}: {visible(said)}" if said else mark.says


def _fault(file: FileReport, line: Line) -> dict[str, str] | None:
    """The author's characters before, in, and behind the fault."""
    found = excerpt.formula(file, line)
    if found.start == found.end:
        found = excerpt.source(file, line) or found
    if found.start == found.end:
        return None
    cut = found.cut(EXCERPT)
    return {
        "before": cut.text[: cut.start],
        "inside": cut.text[cut.start : cut.end] or "\u2423",
        "behind": cut.text[cut.end :],
    }


def _drawn(row: Formula) -> str:
    if row.fault:
        return f'<code class="tex">{escape_html(row.tex)}</code>'
    return _math(row.text, row.display)


def _math(tex: str, display: bool) -> str:
    """MathML; TeX as it was written if that is beyond the converter."""
    if len(tex) > LONGEST_TEX or _depth(tex) > DEEPEST_TEX:
        return f'<code class="tex">{escape_html(tex)}</code>'
    return displayed(tex) if display else inline(tex)


def _depth(tex: str) -> int:
    """How deep its braces and environments are nested."""
    depth = deepest = 0
    for place, sign in enumerate(tex):
        depth += (sign == "{") - (sign == "}")
        depth += tex.startswith((r"\left", r"\begin"), place)
        deepest = max(deepest, depth)
    return deepest
