"""The stretch of a document in which a fault stands, cut to the width that there is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from symbackprop.read.rows import ARRANGING, TABLES
from symbackprop.review.report import FileReport, Line
from symbackprop.review.show.wording import one_line, visible

_NAMES = "|".join(sorted(ARRANGING, key=len, reverse=True))
_SILENT = re.compile(
    r"(?<!\\)&|\\(?:tag\*?|label)\s*\{[^{}]*\}\s*"
    rf"|\\(?:begin|end)\s*\{{(?:{_NAMES})\*?\}}\s*"
    r"|\\(?:nonumber|notag|displaystyle)(?![A-Za-z])\s*"
)
_TABLE = re.compile(rf"\\begin\s*\{{(?:{'|'.join(TABLES)})\*?\}}")


@dataclass(frozen=True)
class Excerpt:
    """A line of text; the fault is ``text[start:end]`` (nothing: its place is not known)."""

    text: str
    start: int = 0
    end: int = 0

    def cut(self, room: int, dots: str = "…") -> Excerpt:
        """At most ``room`` characters; what is left out is never the fault."""
        if len(self.text) <= room:
            return self
        if self.start == self.end:
            return Excerpt(_without_middle(self.text, room, dots))
        return self._around_the_fault(room, dots)

    def _around_the_fault(self, room: int, dots: str) -> Excerpt:
        gap = len(dots)
        wanted = min(self.end - self.start, room - 2 * gap)
        first = max(0, self.start - (room - wanted) // 2)
        first = min(first, len(self.text) - room)
        if first and self.start < first + gap:
            first = self.start - gap  # the dots would stand on the fault
        last = first + room
        head = dots if first > 0 else ""
        tail = dots if last < len(self.text) else ""
        inside = self.text[first + len(head) : last - len(tail)]
        start = self.start - first
        end = min(self.end - first, len(head) + len(inside))
        return Excerpt(head + inside + tail, start, end)


def formula(file: FileReport, line: Line) -> Excerpt:
    """The TeX in one line, with the fault if the TeX has but one row."""
    if "\n" in line.tex or (line.caret_line or line.line) != line.line or not line.caret:
        return Excerpt(one_line(line.tex))
    start = _offset(file, line, line.caret)
    if start is None:
        return Excerpt(one_line(line.tex))
    end = _offset(file, line, line.caret_end) or 0
    return Excerpt(visible(line.tex), start, min(max(start + 1, end), len(line.tex) + 1))


def _offset(file: FileReport, line: Line, column: int) -> int | None:
    """The offset in the TeX of a column of the file; a notebook writes ``\\`` as two characters."""
    rows = file.source.split("\n")
    offset = column - line.column
    if 0 < line.line <= len(rows) and offset >= 0:
        before = rows[line.line - 1][line.column - 1 : column - 1]
        offset = _decoded(before) if not line.tex.startswith(before) else offset
    return offset if 0 <= offset <= len(line.tex) else None


def _decoded(written: str) -> int:
    """How many characters a stretch of a JSON string stands for; -1 if it is none."""
    try:
        return len(json.loads(f'"{written}"'))
    except ValueError:
        return -1


def tidy(found: Excerpt) -> Excerpt:
    """Without what says nothing on one line: ``&``, tags, labels, begin and end of an environment.

    The fault keeps all its characters.
    """
    text, start, end = found.text, found.start, found.end
    kept, last, lost = [], 0, 0
    table = _TABLE.search(text)
    for match in _SILENT.finditer(text):
        if (match.start() < end and match.end() > start) or (table and match.group() == "&"):
            continue
        kept.append(text[last : match.start()])
        last = match.end()
        lost += len(match.group()) if last <= start else 0
    shown = "".join((*kept, text[last:]))
    indent = len(shown) - len(shown.lstrip())
    if start == end:
        return Excerpt(shown.strip())
    return Excerpt(shown.strip(), start - lost - indent, end - lost - indent)


def source(file: FileReport, line: Line) -> Excerpt | None:
    """The line of the document in which the fault stands, without its indentation."""
    rows = file.source.split("\n")
    if not line.caret or not 0 < line.caret_line <= len(rows):
        return None
    text = visible(rows[line.caret_line - 1].rstrip())
    indent = len(text) - len(text.lstrip())
    start = line.caret - 1 - indent
    if not 0 <= start <= len(text) - indent:
        return None
    return Excerpt(text[indent:], start, max(start + 1, line.caret_end - 1 - indent))


def _without_middle(text: str, room: int, dots: str) -> str:
    kept = room - len(dots)
    tail = kept // 3
    return text[: kept - tail] + dots + text[len(text) - tail :]
