"""Formulas of a document, one a row, with their places, tags, marks and the words before them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from symbackprop.errors import InputError, LimitError
from symbackprop.read import find, macros, rows
from symbackprop.read.characters import strange
from symbackprop.read.text import Places, Source, Text

MAX_FORMULAS = 10_000
MAX_CHARACTERS = 20_000
MAX_BEFORE = 200

_MARK = re.compile(r"\s*error\s*:\s*\[(?P<ids>[^\[\]]*)\]")
_BROKEN_MARK = re.compile(r"\s*error\s*:\s*\[")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COMMENT = re.compile(r"\\.|%[^\n]*", re.DOTALL)
_TEX_PROSE = re.compile(r"(?<!\\)%[^\n]*|<!--.*?-->", re.DOTALL)
_INPUT = re.compile(r"\\(?:input|include|openin|openout|write|read|csname|catcode)(?![A-Za-z])")

# what Markdown doubles or escapes inside mathematics, and what is meant
_ESCAPED_ROW = re.compile(r"\\\\\\\\")
_ESCAPED_STAR = re.compile(r"(?<=[a-z])\\\*(?=\s*\})")
_ESCAPED_LOW = re.compile(
    r"(?:(?<=[}\])'])|(?<=(?<![A-Za-z\\])[A-Za-z])|(?<=[Α-ω]))\\_(?=\{|[A-Za-z0-9](?![A-Za-z0-9]))"
)


@dataclass(frozen=True)
class Formula:
    """One row of mathematics.

    ``tex``: as written, without ``$`` and environment, ``&`` kept; ``line`` and ``column``: of its
    first character, from 1.  ``text``: what the grammar reads (macros expanded; ``&``, ``\\tag``,
    ``\\label``, ``\\nonumber`` and TeX comments gone).  ``tag``: of ``\\tag``, else the label.
    ``block``: number of the display or inline formula; rows of one environment share it and
    ``before``, the words directly before it.  ``expected``: ids in an error mark, ``marked``:
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


@dataclass(frozen=True)
class Mark:
    """``error: [id, id]`` at an offset of the file."""

    at: int
    ids: tuple[str, ...]


class Collector:
    """Takes in stretches of a document in order, and keeps macros, marks and words between them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.formulas: list[Formula] = []
        self.remarks: list[str] = []
        self.known: dict[str, macros.Macro] = {}
        self.blocks = 0
        self.pending: list[Mark] = []
        self.prose = self.paragraph_before = ""
        self.where = ""  # of the cell of a notebook

    def new_paragraph(self) -> None:
        """What was said so far is the paragraph before."""
        said = " ".join(self.prose.split())
        self.paragraph_before = "" if said.endswith((".", "!", "?")) else said
        self.prose = ""

    def say(self, words: str) -> None:
        """Words between formulas, for what is said before the next one."""
        self.prose = (self.prose + _TEX_PROSE.sub("", words))[-4 * MAX_BEFORE :]

    def take(self, region: Text, dialect: re.Pattern[str], *, label: str = "") -> None:
        """All formulas of a stretch, in order."""
        finder = find.Finder(region, dialect, self.known)
        last = 0
        try:
            for piece in finder.pieces():
                text = finder.text
                self.say(text.chars[last : piece.start])
                self.piece(piece, text, region, dialect)
                last = piece.end
        except find.Unclosed as fault:
            place = self.source.place(finder.text.at[fault.offset])
            raise fault.located(self.source.path, *place) from None
        self.say(finder.chars[last:])

    def piece(self, piece: find.Piece, text: Text, region: Text, dialect: re.Pattern[str]) -> None:
        if piece.kind == find.COMMENT:
            self.comment(text.cut(*piece.inside), trailing=dialect is find.TEX)
        elif piece.kind == find.INPUT:
            line, column = self.source.place(text.at[piece.start])
            written = text.chars[piece.start : piece.end]
            self.remarks.append(f"{self.source.path}:{line}:{column}: {written} is not followed")
        elif piece.kind == find.MATH:
            inside = text.cut(*piece.inside)
            display = piece.display and not _in_a_sentence(text.chars, piece)
            label = _label_behind(text.chars, piece.end) if display else ""
            escaped = dialect is find.MARKDOWN
            self.block(inside, region, display=display, label=label, escaped=escaped)
            self.say(text.chars[piece.start : piece.end])

    def block(
        self, inside: Text, region: Text, *, display: bool, label: str = "", escaped: bool = False
    ) -> None:
        """The rows of one display or inline formula."""
        inside, marks = self.without_comments(inside)
        inside = self.without_definitions(inside)
        if escaped:
            inside = _unescaped(inside)
        inside = self.expanded_structure(inside)
        before = self.before(display)
        first = len(self.formulas)
        for row, line in enumerate(rows.lines(inside)):
            self.row(
                line, inside, region, before=line.intertext or before, display=display, row=row
            )
        found = self.formulas[first:]
        if not found:
            self.pending += marks
            return
        if label and not any(formula.tag for formula in found):
            self.formulas[-1] = replace(found[-1], tag=label)
        waiting, self.pending = self.pending, []
        for mark in [*waiting, *marks]:
            self.attach(mark, first)
        self.blocks += 1

    def row(
        self, line: rows.Line, block: Text, region: Text, *, before: str, display: bool, row: int
    ) -> None:
        start, end = block.at[line.start], block.to[line.end - 1]
        tex = region.between(start, end)
        fault, at, text = "", 0, line.text
        try:
            if len(text) > MAX_CHARACTERS:
                raise macros.MacroFault(
                    0, f"{len(text)} characters in one formula; at most {MAX_CHARACTERS}"
                )
            text = macros.expanded(text, self.known)
            if command := _INPUT.search(text.chars):
                raise macros.MacroFault(command.start(), f"{command.group()} is not followed")
        except macros.MacroFault as error:
            fault, at = error.says, error.offset
        text, tag = rows.tagged(text)
        if not text.chars and not fault:
            return
        if not fault and (found := strange(text.chars) or rows.imbalance(text.chars)):
            at, fault = found
        self.count()
        place = self.source.place(start)
        self.formulas.append(
            Formula(
                tex=tex,
                text=text.chars,
                file=self.source.path,
                line=place[0],
                column=place[1],
                tag=tag,
                display=display,
                block=self.blocks,
                row=row,
                before=before,
                where=self.where,
                fault=fault,
                fault_at=at,
                places=Places(self.source, text.at, text.to),
            )
        )

    def count(self) -> None:
        if len(self.formulas) >= MAX_FORMULAS:
            raise LimitError(
                f"more than {MAX_FORMULAS} formulas", todo="split the file", file=self.source.path
            )

    def before(self, display: bool) -> str:
        """The words before a formula; a display that begins a paragraph goes on with the last one."""
        said = " ".join(self.prose.split())
        return (said or (self.paragraph_before if display else ""))[-MAX_BEFORE:]

    def without_comments(self, text: Text) -> tuple[Text, list[Mark]]:
        """TeX's comments go, error marks in them stay."""
        spans, marks = [], []
        for match in _COMMENT.finditer(text.chars):
            if not match.group().startswith("%"):
                continue
            spans.append((*match.span(), ""))
            if mark := self.mark(text.cut(match.start() + 1, match.end())):
                marks.append(mark)
        return text.replaced(spans), marks

    def without_definitions(self, text: Text) -> Text:
        """``$\\newcommand…$``: the macro is remembered."""
        spans, at = [], 0
        while match := _DEFINING.search(text.chars, at):
            macro, at = macros.defined(text.chars, match.start(), self.known)
            if macro is not None:
                self.known[macro.name] = macro
            spans.append((match.start(), at, ""))
        return text.replaced(spans)

    def expanded_structure(self, text: Text) -> Text:
        structural = {name: macro for name, macro in self.known.items() if macro.structural}
        try:
            return macros.expanded(text, structural)
        except macros.MacroFault:
            return text  # the row that uses it will say so

    def comment(self, words: Text, *, trailing: bool = False) -> None:
        """An error mark belongs to the next formula; in TeX to the one before it in its line."""
        mark = self.mark(words)
        if mark is None:
            return
        last = self.formulas[-1] if self.formulas else None
        if trailing and last is not None and last.places is not None:
            begins = self.source.line_start(mark.at)
            if last.places.to[-1] > begins:
                self.attach(mark, len(self.formulas) - 1)
                return
        self.pending.append(mark)

    def mark(self, words: Text) -> Mark | None:
        match = _MARK.match(words.chars)
        if match is None:
            if _BROKEN_MARK.match(words.chars):
                raise self.bad_mark(words, "an error mark without its ']'")
            return None
        ids = tuple(part.strip() for part in match["ids"].split(",") if part.strip())
        for name in ids:
            if not _ID.fullmatch(name):
                raise self.bad_mark(words, f"{name[:40]!r} is no name of a mistake")
        return Mark(words.at[0], ids)

    def bad_mark(self, words: Text, what: str) -> InputError:
        line, column = self.source.place(words.at[0])
        expected = "error: [transposed-weight], or error: [] for any mistake"
        return InputError(what, expected=expected, file=self.source.path, line=line, column=column)

    def attach(self, mark: Mark, first: int) -> None:
        """To the last row of its block that begins before it in its line, else to the next one."""
        begins = self.source.line_start(mark.at)
        chosen = next(
            (
                number
                for number in range(len(self.formulas) - 1, first - 1, -1)
                if self.ends(number) > begins and self.starts(number) <= mark.at
            ),
            None,
        )
        if chosen is None:
            later = (n for n in range(first, len(self.formulas)) if self.starts(n) > mark.at)
            chosen = next(later, None)
        if chosen is None:
            self.pending.append(mark)
            return
        formula = self.formulas[chosen]
        self.formulas[chosen] = replace(formula, expected=formula.expected + mark.ids, marked=True)

    def starts(self, number: int) -> int:
        places = self.formulas[number].places
        return places.at[0] if places else 0

    def ends(self, number: int) -> int:
        places = self.formulas[number].places
        return places.to[-1] if places else 0

    def finish(self) -> None:
        """A mark that belongs to nothing is a mistake of the document."""
        if self.pending:
            line, column = self.source.place(self.pending[0].at)
            raise InputError(
                "no formula follows this error mark",
                todo="put it before the formula that is wrong",
                file=self.source.path,
                line=line,
                column=column,
            )


_DEFINING = re.compile(macros.DEFINING)
_LIST_OR_TABLE = re.compile(r"[\s>*+\-•|#\d.)(:]*")
_LABEL_BEHIND = re.compile(
    r"[ \t]*(?:\((?P<bare>[\w.:'*-]{1,40})\)|\{#(?P<id>[\w.:-]+)\})[ \t.,;]*(?=\n|\Z)"
)


def _in_a_sentence(chars: str, piece: find.Piece) -> bool:
    """``$$C$$ is the cost``: words behind it in its line, and no row of its own."""
    if piece.sign != "$$" or "\n" in chars[piece.start : piece.end]:
        return False
    end = chars.find("\n", piece.end)
    behind = chars[piece.end : end if end >= 0 else len(chars)]
    behind = behind[len(found.group()) :] if (found := _LABEL_BEHIND.match(behind)) else behind
    return any(char.isalnum() for char in behind)


def _label_behind(chars: str, at: int) -> str:
    """``$$ … $$ (4)``."""
    match = _LABEL_BEHIND.match(chars, at)
    return (match["bare"] or match["id"]) if match else ""


def _unescaped(text: Text) -> Text:
    """What some Markdown needs: ``\\\\\\\\`` for a new row, ``\\_`` for a low script, ``align\\*``."""
    text = text.substituted(_ESCAPED_ROW, "\\\\")
    return text.substituted(_ESCAPED_STAR, "*").substituted(_ESCAPED_LOW, "_")
