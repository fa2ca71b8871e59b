"""A formula of a document as everyone else sees it, and the error marks that tests write."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from symbackprop.errors import InputError
from symbackprop.read.text import Places, Source, Text

_MARK = re.compile(r"\s*error\s*:\s*\[(?P<ids>[^\[\]]*)\]")
_BROKEN_MARK = re.compile(r"\s*error\s*:\s*\[")
_ID = re.compile(r"[A-Za-z0-9][\w./'-]{0,60}")


@dataclass(frozen=True)
class Formula:
    """One row of mathematics.

    ``tex``: as written, without ``$`` and environment, ``&`` kept; ``line`` and ``column``: of its
    first character, from 1.  ``text``: what the grammar reads (macros expanded; ``&``, ``\\tag``,
    ``\\label``, ``\\nonumber`` and TeX comments gone).  ``tag``: of ``\\tag``, else the label.
    ``block``: number of the display or inline formula; rows of one environment share it,
    ``outer``, its offsets in the file with the signs around it, and ``before``, the words directly
    before it.  ``expected``: ids in an error mark, ``marked``:
    whether there is one (its ids may be empty).  ``where``: the place in a notebook, "cell 3,
    line 2".  ``fault``: why it cannot be read, at the offset ``fault_at`` of ``text``.
    """

    tex: str
    text: str
    file: str
    line: int
    column: int
    tag: str = ""
    display: bool = True
    block: int = 0
    row: int = 0
    outer: tuple[int, int] = (0, 0)
    before: str = ""
    expected: tuple[str, ...] = ()
    marked: bool = False
    where: str = ""
    fault: str = ""
    fault_at: int = 0
    places: Places | None = field(default=None, repr=False, compare=False)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column in the file of an offset in ``text``."""
        return self.places(offset) if self.places else (self.line, self.column + offset)

    @property
    def span(self) -> tuple[int, int]:
        """The offsets in the file of its text's first character and behind its last one."""
        if self.places is None or not self.places.at:
            return (0, 0)
        return min(self.places.at), max(self.places.to)


@dataclass(frozen=True)
class Mark:
    """``error: [id, id]`` at an offset of the file, in a line that begins at ``begins``."""

    at: int
    begins: int
    ids: tuple[str, ...]

    def ends(self, formula: Formula) -> bool:
        """Whether the mark stands behind the formula in its line."""
        start, end = formula.span
        return start <= self.at and end > self.begins


def mark_in(text: Text, start: int, end: int, source: Source) -> Mark | None:
    """The mark in a comment, the stretch from ``start`` to ``end`` of a text; None: no mark."""
    words = text.chars[start:end]
    match = _MARK.match(words)
    if match is None:
        if _BROKEN_MARK.match(words):
            raise _bad(source, text.at[start], "an error mark without its ']'")
        return None
    ids = tuple(part.strip() for part in match["ids"].split(",") if part.strip())
    for name in ids:
        if not _ID.fullmatch(name):
            raise _bad(source, text.at[start], f"{name[:40]!r} is no name of a mistake")
    return Mark(text.at[start], text.at[text.chars.rfind("\n", 0, start) + 1], ids)


def orphan(source: Source, mark: Mark) -> InputError:
    """The error for a mark that belongs to nothing."""
    line, column = source.place(mark.at)
    return InputError(
        "no formula follows this error mark",
        todo="put it before the formula that is wrong",
        file=source.path,
        line=line,
        column=column,
    )


def _bad(source: Source, at: int, what: str) -> InputError:
    line, column = source.place(at)
    expected = "expected error: [transposed-weight], or error: [] for any mistake"
    return InputError(what, expected=expected, file=source.path, line=line, column=column)
