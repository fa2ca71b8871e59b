"""Stretches of a document go in, formulas come out; macros, marks and words are kept between."""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.errors import LimitError
from symbackprop.read import expansion, find, macros, rows
from symbackprop.read.brackets import imbalance
from symbackprop.read.characters import strange
from symbackprop.read.cleaning import COMMENT, tagged, unescaped
from symbackprop.read.context import Words, in_a_sentence, label_behind
from symbackprop.read.formulas import Formula, Mark, mark_in, orphan
from symbackprop.read.text import Places, Source, Text

MAX_FORMULAS = 10_000
MAX_ROWS = 1_000
MAX_CHARACTERS = 20_000
MAX_BLOCK = 100_000

_DEFINING = re.compile(macros.DEFINING)
_FOREIGN = re.compile(
    r"\\(?:input|include|openin|openout|write|read|csname|catcode|immediate)(?![A-Za-z])"
)


class Collector:
    """Formulas of one document in the order in which they stand."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.formulas: list[Formula] = []
        self.remarks: list[str] = []
        self.known: dict[str, macros.Macro] = {}
        self.budget = expansion.Budget()
        self.blocks = 0
        self.outer = (0, 0)
        self.pending: list[Mark] = []
        self.words = Words()
        self.cell: tuple[int, Text] | None = None  # number and text of a notebook's cell

    def finish(self) -> None:
        """A mark that belongs to nothing is a mistake of the document."""
        if self.pending:
            raise orphan(self.source, self.pending[0])

    def remark(self, at: int, says: str) -> None:
        """A sentence about what was left out."""
        line, column = self.source.place(at)
        self.remarks.append(f"{self.source.path}:{line}:{column}: {says}")

    def take(self, region: Text, dialect: re.Pattern[str]) -> None:
        """All formulas of a stretch, in order."""
        finder = find.Finder(region, dialect, self.known)
        last = 0
        try:
            for piece in finder.pieces():
                self.words.say(finder.chars[last : piece.start])
                self.piece(piece, finder.text, region, dialect)
                last = piece.end
        except find.Unclosed as fault:
            place = self.source.place(finder.text.at[fault.offset])
            raise fault.located(self.source.path, *place) from None
        self.words.say(finder.chars[last:])

    def piece(self, piece: find.Piece, text: Text, region: Text, dialect: re.Pattern[str]) -> None:
        """What the finder found."""
        if piece.kind == find.COMMENT:
            mark = mark_in(text, *piece.inside, self.source)
            self.place_mark(mark, trailing=dialect is find.TEX)
        elif piece.kind == find.INPUT:
            written = " ".join(text.chars[piece.start : piece.end].split())
            self.remark(text.at[piece.start], f"{written[:80]} is not followed")
        elif piece.kind == find.MATH:
            display = piece.display and not (
                piece.sign == "$$" and in_a_sentence(text.chars, piece.start, piece.end)
            )
            label = label_behind(text.chars, piece.end) if display else ""
            inside = text.cut(*piece.inside)
            if dialect is find.MARKDOWN:
                inside = unescaped(inside)
            outer = text.at[piece.start], text.to[piece.end - 1]
            self.block(inside, region, outer, display=display, label=label)
            self.words.show(text.chars[piece.start : piece.end])

    def place_mark(self, mark: Mark | None, *, trailing: bool) -> None:
        """To the next formula; in TeX to the one before it in its line."""
        if mark is None:
            return
        if trailing and self.formulas and mark.ends(self.formulas[-1]):
            self.give(len(self.formulas) - 1, mark)
        else:
            self.pending.append(mark)

    def block(
        self,
        inside: Text,
        region: Text,
        outer: tuple[int, int],
        *,
        display: bool,
        label: str = "",
    ) -> None:
        """The rows of one display or inline formula; ``outer``: with its signs, in the file."""
        first = len(self.formulas)
        self.outer = outer
        if len(inside) > MAX_BLOCK:
            self.oversized(inside, display)
            return
        inside, marks = self.without_comments(inside)
        inside = self.expanded_structure(self.without_definitions(inside))
        found = rows.lines(inside)
        if len(found) > MAX_ROWS:
            self.oversized(inside, display)
            return
        before = self.words.before(display)
        for line in found:
            self.row(line, inside, region, display, line.intertext or before)
        if len(self.formulas) == first:
            self.pending += marks
            return
        self.number_rows(first, label)
        waiting, self.pending = self.pending, []
        for mark in waiting + marks:
            self.attach(mark, first)
        self.blocks += 1

    def number_rows(self, first: int, label: str) -> None:
        rows_here = self.formulas[first:]
        if label and not any(formula.tag for formula in rows_here):
            rows_here[-1] = replace(rows_here[-1], tag=label)
        self.formulas[first:] = [replace(each, row=i) for i, each in enumerate(rows_here)]

    def row(self, line: rows.Line, block: Text, region: Text, display: bool, before: str) -> None:
        """One row, with what is wrong with it before anyone parses it."""
        start, end = block.at[line.start], block.to[line.end - 1]
        text, fault, origin = line.text, "", start
        try:
            text = self.expanded(text)
        except expansion.MacroFault as error:
            fault, origin = error.says, error.origin
        text, tag = tagged(text) if len(text) <= MAX_CHARACTERS else (text, "")
        if not text.chars and not fault:
            return
        fault_at = next((i for i, at in enumerate(text.at) if at >= origin), 0) if fault else 0
        if not fault and (found := strange(text.chars) or imbalance(text.chars)):
            fault_at, fault = found
        tex = region.between(start, end)
        self.add(
            tex, start, text, tag=tag, display=display, before=before, fault=fault, at=fault_at
        )

    def expanded(self, text: Text) -> Text:
        """Raises MacroFault for what cannot be expanded, or is too long to be read."""
        if len(text) <= MAX_CHARACTERS:
            text = expansion.expanded(text, self.known, self.budget)
        if len(text) > MAX_CHARACTERS:
            raise expansion.MacroFault(text.at[0], _too_long(len(text)))
        if command := _FOREIGN.search(text.chars):
            raise expansion.MacroFault(
                text.at[command.start()], f"{command.group()} is not followed"
            )
        return text

    def oversized(self, inside: Text, display: bool) -> None:
        """A block that nobody wrote by hand: one formula with its fault, not cut into rows."""
        shown = inside.stripped().cut(0, 80)
        if not shown.chars:
            return
        says = _too_long(len(inside)) if len(inside) > MAX_BLOCK else f"over {MAX_ROWS} rows"
        self.add(shown.chars, shown.at[0], shown, display=display, fault=says)
        self.blocks += 1

    def add(
        self,
        tex: str,
        start: int,
        text: Text,
        *,
        display: bool,
        tag: str = "",
        before: str = "",
        fault: str = "",
        at: int = 0,
    ) -> None:
        if len(self.formulas) >= MAX_FORMULAS:
            limit = f"more than {MAX_FORMULAS} formulas"
            raise LimitError(limit, todo="split the file", file=self.source.path)
        line, column = self.source.place(start)
        formula = Formula(
            tex=tex,
            text=text.chars,
            file=self.source.path,
            line=line,
            column=column,
            tag=tag,
            display=display,
            block=self.blocks,
            outer=self.outer,
            before=before,
            where=self.where(start),
            fault=fault,
            fault_at=at,
            places=Places(self.source, text.at, text.to),
        )
        self.formulas.append(formula)

    def where(self, start: int) -> str:
        """The place in a notebook as its reader sees it."""
        if self.cell is None:
            return ""
        number, text = self.cell
        return f"cell {number}, line {text.between(0, start).count(chr(10)) + 1}"

    def without_comments(self, text: Text) -> tuple[Text, list[Mark]]:
        """TeX's comments go, error marks in them stay."""
        spans, marks = [], []
        for match in COMMENT.finditer(text.chars):
            if match["comment"]:
                spans.append((*match.span(), ""))
                mark = mark_in(text, match.start() + 1, match.end(), self.source)
                marks += [mark] if mark else []
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
        """Macros that write rows are expanded before the block is cut."""
        structural = {name: macro for name, macro in self.known.items() if macro.structural}
        try:
            return expansion.expanded(text, structural, self.budget)
        except expansion.MacroFault:
            return text  # the row that uses it will say so

    def attach(self, mark: Mark, first: int) -> None:
        """To the last row of its block that stands before it in its line, else to the next one."""
        numbers = range(first, len(self.formulas))
        ended = (n for n in reversed(numbers) if mark.ends(self.formulas[n]))
        later = (n for n in numbers if self.formulas[n].span[0] > mark.at)
        chosen = next(ended, None)
        chosen = next(later, None) if chosen is None else chosen
        if chosen is None:
            self.pending.append(mark)
        else:
            self.give(chosen, mark)

    def give(self, number: int, mark: Mark) -> None:
        formula = self.formulas[number]
        expected = formula.expected + mark.ids
        self.formulas[number] = replace(formula, expected=expected, marked=True)


def _too_long(length: int) -> str:
    return f"a formula of {length} characters; at most {MAX_CHARACTERS} are read"
