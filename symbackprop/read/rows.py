r"""A block of mathematics cut into rows: environments, ``\\``, ``&``, tags; and what a row lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from symbackprop.read.text import Text

# environments that only arrange rows: mathematics of their own, and those inside mathematics
OUTER = frozenset(
    [
        "equation",
        "align",
        "alignat",
        "xalignat",
        "flalign",
        "gather",
        "eqnarray",
        "multline",
        "displaymath",
        "math",
        "dmath",
        "IEEEeqnarray",
    ]
)
INNER = frozenset(["aligned", "alignedat", "split", "gathered", "multlined"])
ARRANGING = OUTER | INNER
TABLES = frozenset(
    [
        "cases",
        "dcases",
        "rcases",
        "matrix",
        "pmatrix",
        "bmatrix",
        "vmatrix",
        "Bmatrix",
        "Vmatrix",
        "array",
    ]
)
# in these a new row goes on with the formula
UNBROKEN = frozenset({"multline", "multlined", "dmath"})
# in these & stands at both sides of the relation
TRIPLE = frozenset({"eqnarray", "IEEEeqnarray", "array"})
# in these every second & parts two equations
PAIRED = frozenset(["align", "alignat", "xalignat", "flalign", "aligned", "alignedat"])

_TOKEN = re.compile(
    r"(?P<begin>\\begin\s*\{\s*(?P<opened>[A-Za-z]+)\s*\*?\s*\})"
    r"|(?P<end>\\end\s*\{\s*(?P<closed>[A-Za-z]+)\s*\*?\s*\})"
    r"|(?P<row>\\\\\*?(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|\\baselineskip|\\jot)\s*\])?"
    r"|\\(?:newline|cr|tabularnewline)(?![A-Za-z]))"
    r"|(?P<left>\\left(?![A-Za-z]))|(?P<right>\\right(?![A-Za-z]))"
    r"|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<brace>\{)|(?P<close>\})|(?P<cell>&)|(?P<relation>:?=)",
    re.DOTALL,
)
_OPTIONS = re.compile(r"(\s*\[[a-z]*\])?(\s*\{[^{}]*\})?")
_TAKES_WIDTH = frozenset(["alignat", "xalignat", "alignedat", "IEEEeqnarray", "array"])

_RELATIONS = frozenset(
    [
        "equiv",
        "approx",
        "simeq",
        "coloneqq",
        "triangleq",
        "doteq",
        "le",
        "leq",
        "ge",
        "geq",
        "ne",
        "neq",
        "in",
        "propto",
        "to",
        "gets",
        "leftarrow",
        "rightarrow",
        "Rightarrow",
        "Longrightarrow",
        "implies",
        "iff",
    ]
)
_EQUATION = re.compile(
    r"\s*(?:\{\s*\}\s*)?(?::?=|\\(?:equiv|approx|simeq|coloneqq|triangleq|doteq)\b)"
)
_OPERATORS = r"cdot|times|odot|circ|ast|otimes|oplus"
_BLANK = r"(?:\s|\{\s*\}|\\[,;:!> ]|\\q?quad\b|\\hspace\*?\s*\{[^{}]*\}|\\phantom\s*\{[^{}]*\}|\\displaystyle\b)*"
_GOES_ON = re.compile(rf"{_BLANK}(?:[+\-*/]|\\(?:{_OPERATORS})\b)")
_UNFINISHED = re.compile(rf"(?:[+\-*/=]|\\(?:{_OPERATORS}|equiv|approx)){_BLANK}\Z")
_WRITTEN_TAG = re.compile(
    r"\\tag\s*\*?\s*\{(?P<tag>(?:[^{}]|\{[^{}]*\})*)\}"
    r"|\\label\s*\{(?P<label>[^{}]*)\}"
    r"|\\eqno\s*(?:\{(?P<eqno>[^{}]*)\}|(?P<bare>\([^()]*\)))"
    r"|\\(?:nonumber|notag|displaybreak|allowdisplaybreaks|hline|displaystyle)(?![A-Za-z])(?:\[\d\])?"
    r"|\\require\s*\{[^{}]*\}"
)
_NUMBER_AT_END = re.compile(
    r"(?:\\q?quad|\\hfill|\\hspace\*?\s*\{[^{}]*\}|~)\s*(?:\\[,;: ]|~|\\q?quad|\s)*"
    r"(?:\\text\s*\{\s*)?\(\s*(?P<tag>\d{1,3}[a-z]?'*|\*{1,3}|\d{1,2}\.\d{1,2})\s*\)\s*\}?\s*\Z"
)
_INTERTEXT = re.compile(r"\\(?:short)?intertext\s*\{((?:[^{}]|\{[^{}]*\})*)\}")


@dataclass
class Row:
    """One row on its way: ``cells`` of kept stretches (start, end) of the block."""

    kind: str = ""
    start: int = 0
    cells: list[list[tuple[int, int]]] = field(default_factory=lambda: [[]])
    related: bool = False

    def stretches(self) -> list[tuple[int, int]]:
        return [stretch for cell in self.cells for stretch in cell]

    def go_on(self, row: Row) -> None:
        """Take in a row that goes on with this one: before the conditions behind it, if any."""
        formula = self.cells[1] if len(self.cells) > 1 else self.cells[0]
        for cell in row.cells[:2]:
            formula.extend(cell)
        self.cells.extend([[]] * (len(self.cells) % 2 if row.cells[2:] else 0) + row.cells[2:])
        self.related |= row.related


@dataclass(frozen=True)
class Line:
    """A row ready to be read: ``start`` and ``end`` in the block, and its text without ``&``."""

    start: int
    end: int
    text: Text
    intertext: str = ""


def lines(block: Text) -> list[Line]:
    """The rows of a block that hold anything, rows that go on with the row before them joined."""
    chars = block.chars
    rows, balanced = _rows(chars, strict=True)
    if not balanced:
        # a brace that is never closed must not swallow the rows behind it
        rows, _ = _rows(chars, strict=False)
    found = [line for row in _joined(rows, chars) for line in _equations(row, block)]
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


def _rows(chars: str, *, strict: bool) -> tuple[list[Row], bool]:
    """``strict``: a row ends outside of braces and ``\\left`` only."""
    return (splitter := _Splitter(chars, strict)).rows, splitter.balanced


class _Splitter:
    """One walk over the block; environments that only arrange rows leave no trace."""

    def __init__(self, chars: str, strict: bool) -> None:
        self.chars, self.strict = chars, strict
        self.depth = self.lefts = self.kept = 0
        self.stack: list[str] = []  # "" for an environment that belongs to the row
        self.rows = [Row()]
        for match in _TOKEN.finditer(chars):
            if match.start() >= self.kept:
                getattr(self, match.lastgroup or "", self.command)(match)
        self.keep(len(chars))
        self.balanced = self.depth == 0 and self.lefts == 0

    @property
    def open(self) -> bool:
        """Whether a row may end here."""
        level = not self.strict or (self.depth <= 0 and self.lefts <= 0)
        return level and "" not in self.stack

    def keep(self, end: int) -> None:
        if end > self.kept:
            self.rows[-1].cells[-1].append((self.kept, end))
        self.kept = end

    def drop(self, end: int) -> None:
        self.kept = end

    def begin(self, match: re.Match[str]) -> None:
        name = match.group("opened")
        transparent = self.open and (name in ARRANGING or self.aligns(name, match.end()))
        if not transparent:
            self.stack.append("")
            return
        self.keep(match.start())
        self.stack.append(name)
        row = self.rows[-1]
        row.kind = name
        options = _OPTIONS.match(self.chars, match.end())
        assert options is not None
        width = name in _TAKES_WIDTH
        self.drop(options.end() if width else options.end(1) if options.group(1) else match.end())
        if not any(self.chars[slice(*part)].strip() for part in row.stretches()):
            row.start = self.kept

    def aligns(self, name: str, at: int) -> bool:
        """An array whose cells begin with a relation is an alignment."""
        if name != "array":
            return False
        end = self.chars.find("\\end{array}", at)
        return bool(re.search(r"&\s*:?=\s*&?", self.chars[at : end if end >= 0 else None]))

    def end(self, match: re.Match[str]) -> None:
        if not self.stack:
            return
        name = self.stack.pop()
        if not name:
            return
        self.keep(match.start())
        self.drop(match.end())

    def row(self, match: re.Match[str]) -> None:
        if not self.open:
            return
        self.keep(match.start())
        self.drop(match.end())
        kind = next(iter(self.stack[::-1]), "")
        if kind in UNBROKEN:
            self.rows[-1].cells[-1].append((match.start(), match.start()))
            return
        self.depth = self.lefts = 0
        self.rows.append(Row(kind, match.end()))

    def cell(self, match: re.Match[str]) -> None:
        if not self.open:
            return
        self.keep(match.start())
        self.drop(match.end())
        self.rows[-1].cells.append([])

    def relation(self, _: re.Match[str]) -> None:
        self.rows[-1].related |= self.depth <= 0 and self.lefts <= 0 and "" not in self.stack

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
    for row in rows:
        written = "".join(chars[slice(*part)] for part in row.stretches())
        if not written.strip():
            continue
        before = "".join(chars[slice(*part)] for part in found[-1].stretches()) if found else ""
        if (found and not row.related and _GOES_ON.match(written)) or (
            found and _UNFINISHED.search(before)
        ):
            found[-1].go_on(row)
        else:
            found.append(row)
    return found


def _equations(row: Row, block: Text) -> Iterator[tuple[int, Line]]:
    """The equations of a row with the number of their column; further cells are its conditions."""
    cells = row.cells
    if row.kind not in PAIRED or len(cells) < 3:
        yield 0, _line([(cell, " ") for cell in cells], block, row.start)
        return
    groups: list[tuple[int, list[tuple[list[tuple[int, int]], str]]]] = []
    for column in range(0, len(cells), 2):
        pair = cells[column : column + 2]
        if not groups or _is_equation(pair, block.chars):
            groups.append((column, [(cell, " ") for cell in pair]))
        else:
            glue = "\\quad "
            groups[-1][1].extend((cell, glue if i == 0 else " ") for i, cell in enumerate(pair))
    for column, parts in groups:
        line = _line(parts, block, row.start if column == 0 else None)
        if line.text.chars.strip():
            yield column, line


def _is_equation(pair: list[list[tuple[int, int]]], chars: str) -> bool:
    if len(pair) < 2:
        return False
    return bool(_EQUATION.match("".join(chars[slice(*part)] for part in pair[1])))


def _line(
    parts: list[tuple[list[tuple[int, int]], str]], block: Text, begin: int | None = None
) -> Line:
    texts: list[Text] = []
    stretches = [stretch for cell, _ in parts for stretch in cell]
    for cell, glue in parts:
        if texts and cell:
            start = block.at[cell[0][0]] if cell[0][0] < len(block) else block.to[-1]
            texts.append(Text.from_call(glue, start, start))
        texts.extend(block.cut(*stretch) for stretch in cell)
    text = Text.joined(texts)
    words = [match.group(1) for match in _INTERTEXT.finditer(text.chars)]
    text = text.substituted(_INTERTEXT, " ").stripped()
    filled = [(s, e) for s, e in stretches if block.chars[s:e].strip()]
    if not filled:
        return Line(0, 0, text)
    start = filled[0][0] if begin is None else begin
    end = max(end for _, end in filled)
    start += len(block.chars[start:end]) - len(block.chars[start:end].lstrip())
    end -= len(block.chars[start:end]) - len(block.chars[start:end].rstrip())
    return Line(start, end, text, " ".join(words))


def tagged(text: Text) -> tuple[Text, str]:
    """The row without ``\\tag``, ``\\label``, ``\\nonumber``; and the tag, else the label, or ""."""
    found = list(_WRITTEN_TAG.finditer(text.chars))
    tags = [
        match[name] for name in ("tag", "eqno", "bare", "label") for match in found if match[name]
    ]
    text = text.replaced((*match.span(), " ") for match in found).stripped()
    if number := _NUMBER_AT_END.search(text.chars):
        text = text.cut(0, number.start()).stripped()
        tags.insert(0, number["tag"])
    return text, _plain_tag(tags[0]) if tags else ""


def _plain_tag(tag: str) -> str:
    tag = tag.strip().strip("$").strip()
    if tag.startswith("(") and tag.endswith(")"):
        tag = tag[1:-1].strip()
    return tag


def imbalance(chars: str) -> tuple[int, str] | None:
    """The offset of the first bracket of TeX that has no partner, and a sentence; else None."""
    waiting: list[tuple[str, int, str]] = []
    for match in _TOKEN.finditer(chars):
        kind, at = match.lastgroup or "", match.start()
        if kind in ("brace", "left", "begin"):
            name = match["opened"] or ("{" if kind == "brace" else "\\left")
            waiting.append((name, at, match.group()))
        elif kind in ("close", "right", "end"):
            name = match["closed"] or ("{" if kind == "close" else "\\left")
            if not waiting:
                return at, f"{match.group()} closes nothing"
            if waiting[-1][0] != name:
                return waiting[-1][1], f"{waiting[-1][2]} is not closed before {match.group()}"
            waiting.pop()
    if waiting:
        return waiting[-1][1], f"{waiting[-1][2]} is not closed"
    return None
