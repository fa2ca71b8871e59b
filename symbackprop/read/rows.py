r"""A block of mathematics cut into rows and equations: environments, ``\\`` and ``&``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from symbackprop.read.brackets import TOKEN
from symbackprop.read.text import Text

# environments that only arrange rows: mathematics of their own, and those inside mathematics
OUTER = frozenset((
    "equation", "align", "alignat", "xalignat", "flalign", "gather", "eqnarray", "multline",
    "displaymath", "math", "dmath", "IEEEeqnarray",
))  # fmt: skip
INNER = frozenset(("aligned", "alignedat", "split", "gathered", "multlined"))
ARRANGING = OUTER | INNER
TABLES = frozenset((
    "cases", "dcases", "rcases", "matrix", "pmatrix", "bmatrix", "vmatrix", "Bmatrix", "Vmatrix",
    "smallmatrix", "array",
))  # fmt: skip
UNBROKEN = frozenset(("multline", "multlined", "dmath"))  # a new row goes on with the formula
# every second & parts two equations
PAIRED = frozenset(("align", "alignat", "xalignat", "flalign", "aligned", "alignedat"))
TAKES_WIDTH = frozenset(("alignat", "xalignat", "alignedat", "IEEEeqnarray", "array"))

_OPTIONS = re.compile(r"(\s*\[[a-z]*\])?(\s*\{[^{}]*\})?")
_RELATIONS = frozenset((
    "equiv", "approx", "simeq", "coloneqq", "triangleq", "doteq", "le", "leq", "ge", "geq", "ne",
    "neq", "in", "propto", "to", "gets", "leftarrow", "rightarrow", "Rightarrow", "Longrightarrow",
    "implies", "iff",
))  # fmt: skip
_EQUATION = re.compile(
    r"\s*(?:\{\s*\}\s*)?(?::?=|\\(?:equiv|approx|simeq|coloneqq|triangleq|doteq)(?![A-Za-z]))"
)
_ALIGNED_ARRAY = re.compile(r"&\s*:?=\s*&?")
_OPERATORS = "cdot|times|odot|circ|bullet|ast|otimes|oplus"
_BLANK = (
    r"(?:\s|\{\s*\}|\\[,;:!> ]|\\(?:q?quad|displaystyle)(?![A-Za-z])"
    r"|\\(?:hspace\*?|phantom)\s*\{[^{}]*\})*"
)
_GOES_ON = re.compile(rf"{_BLANK}(?:[+\-*/]|\\(?:{_OPERATORS})(?![A-Za-z]))")
_UNFINISHED = re.compile(rf"(?:[+\-*/=]|\\(?:{_OPERATORS}|equiv|approx)){_BLANK}\Z")
_TAIL = 100
_WIDE = "\\quad "
_INTERTEXT = re.compile(r"\\(?:short)?intertext\s*\{((?:[^{}]|\{[^{}]*\})*)\}")

Stretch = tuple[int, int]


@dataclass
class Row:
    """One row on its way: ``cells`` of kept stretches of the block; ``related``: has a relation."""

    kind: str = ""
    start: int = 0
    cells: list[list[Stretch]] = field(default_factory=lambda: [[]])
    related: bool = False

    def written(self, chars: str) -> str:
        return "".join(chars[slice(*part)] for cell in self.cells for part in cell)

    def go_on(self, row: Row) -> None:
        """Take in a row that goes on with this one: before the conditions behind it, if any."""
        formula = self.cells[1] if len(self.cells) > 1 else self.cells[0]
        for cell in row.cells[:2]:
            formula.extend(cell)
        if row.cells[2:]:
            self.cells.extend([[] for _ in range(len(self.cells) % 2)])
            self.cells.extend(row.cells[2:])
        self.related |= row.related


@dataclass(frozen=True)
class Line:
    """An equation ready to be read: its place in the block, and its text without ``&``."""

    start: int
    end: int
    text: Text
    intertext: str = ""


def lines(block: Text) -> list[Line]:
    """The rows of a block that hold anything, rows that go on with the row before them joined.

    Several equations side by side come column by column, so that ``= c`` in the next row goes on
    with the equation above it.
    """
    splitter = Splitter(block.chars, strict=True)
    if not splitter.balanced:
        # a brace that is never closed must not swallow the rows behind it
        splitter = Splitter(block.chars, strict=False)
    joined = _joined(splitter.rows, block.chars)
    found = [equation for row in joined for equation in _equations(row, block)]
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


class Splitter:
    """One walk over the block; environments that only arrange rows leave no trace.

    ``strict``: a row ends outside of braces and ``\\left`` only.
    """

    def __init__(self, chars: str, *, strict: bool) -> None:
        self.chars, self.strict = chars, strict
        self.depth = self.lefts = self.kept = 0
        self.stack: list[str] = []  # "" for an environment that belongs to the row
        self.rows = [Row()]
        for match in TOKEN.finditer(chars):
            if match.start() >= self.kept:
                getattr(self, match.lastgroup or "")(match)
        self.keep(len(chars))
        self.balanced = self.depth == 0 and self.lefts == 0

    @property
    def between_rows(self) -> bool:
        """Whether a row may end here."""
        level = not self.strict or (self.depth <= 0 and self.lefts <= 0)
        return level and "" not in self.stack

    def keep(self, end: int) -> None:
        if end > self.kept:
            self.rows[-1].cells[-1].append((self.kept, end))
        self.kept = end

    def leave_out(self, match: re.Match[str]) -> None:
        self.keep(match.start())
        self.kept = match.end()

    def begin(self, match: re.Match[str]) -> None:
        name = match["opened"]
        if not (self.between_rows and (name in ARRANGING or self.aligns(name, match.end()))):
            self.stack.append("")
            return
        self.leave_out(match)
        self.stack.append(name)
        options = _OPTIONS.match(self.chars, match.end())
        if options is not None:
            self.kept = options.end() if name in TAKES_WIDTH else max(match.end(), options.end(1))
        row = self.rows[-1]
        row.kind = name
        if not row.written(self.chars).strip():
            row.start = self.kept

    def aligns(self, name: str, at: int) -> bool:
        """An array whose cells are relations is an alignment."""
        if name != "array":
            return False
        end = self.chars.find("\\end{array}", at)
        inside = self.chars[at : end if end >= 0 else len(self.chars)]
        return _ALIGNED_ARRAY.search(inside) is not None

    def end(self, match: re.Match[str]) -> None:
        if self.stack and self.stack.pop():
            self.leave_out(match)

    def row(self, match: re.Match[str]) -> None:
        if not self.between_rows:
            return
        self.leave_out(match)
        kind = self.stack[-1] if self.stack else ""
        if kind not in UNBROKEN:
            self.depth = self.lefts = 0
            self.rows.append(Row(kind, match.end()))

    def cell(self, match: re.Match[str]) -> None:
        if self.between_rows:
            self.leave_out(match)
            self.rows[-1].cells.append([])

    def relation(self, _: re.Match[str]) -> None:
        top = self.depth <= 0 and self.lefts <= 0 and "" not in self.stack
        self.rows[-1].related |= top

    def command(self, match: re.Match[str]) -> None:
        if match.group()[1:] in _RELATIONS:
            self.relation(match)

    def left(self, _: re.Match[str]) -> None:
        self.lefts += 1

    def right(self, _: re.Match[str]) -> None:
        self.lefts -= 1

    def brace(self, _: re.Match[str]) -> None:
        self.depth += 1

    def close(self, _: re.Match[str]) -> None:
        self.depth -= 1


def _joined(rows: list[Row], chars: str) -> list[Row]:
    """``A = b \\\\ + c`` and ``A = \\\\ b`` are one formula."""
    found: list[Row] = []
    tail = ""
    for row in rows:
        written = row.written(chars)
        if not written.strip():
            continue
        goes_on = not row.related and _GOES_ON.match(written)
        if found and (goes_on or _UNFINISHED.search(tail)):
            found[-1].go_on(row)
        else:
            found.append(row)
        tail = written[-_TAIL:]
    return found


def _equations(row: Row, block: Text) -> Iterator[tuple[int, Line]]:
    """The equations of a row with the number of their column; other cells are conditions."""
    cells = row.cells
    groups: dict[int, list[tuple[bool, list[Stretch]]]] = {0: []}
    paired = row.kind in PAIRED
    for column, cell in enumerate(cells):
        first = paired and column % 2 == 0
        if first and column and _is_equation(cells[column : column + 2], block.chars):
            groups[column] = []
        groups[max(groups)].append((first, cell))
    for column, parts in groups.items():
        line = _line(parts, block, None if column else row.start)
        if line is not None:
            yield column, line


def _is_equation(pair: list[list[Stretch]], chars: str) -> bool:
    if len(pair) < 2:
        return False
    return _EQUATION.match("".join(chars[slice(*part)] for part in pair[1])) is not None


def _line(parts: list[tuple[bool, list[Stretch]]], block: Text, begin: int | None) -> Line | None:
    """The cells side by side, a wide space before each that begins a pair.

    ``begin``: where the row begins, its first ``&`` included.
    """
    texts: list[Text] = []
    filled = [(s, e) for _, cell in parts for s, e in cell if block.chars[s:e].strip()]
    if not filled:
        return None
    wide = False
    for number, (begins, cell) in enumerate(parts):
        wide |= begins and number > 0
        if texts and cell:
            place = block.at[cell[0][0]]
            texts.append(Text.from_call(_WIDE if wide else " ", place, place))
            wide = False
        texts.extend(block.cut(*stretch) for stretch in cell)
    text = Text.joined(texts)
    words = " ".join(match.group(1) for match in _INTERTEXT.finditer(text.chars))
    text = text.substituted(_INTERTEXT, " ").stripped()
    start = min(filled)[0] if begin is None else begin
    end = max(end for _, end in filled)
    start += len(block.chars[start:end]) - len(block.chars[start:end].lstrip())
    end -= len(block.chars[start:end]) - len(block.chars[start:end].rstrip())
    return Line(start, end, text, words)
