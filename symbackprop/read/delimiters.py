"""Brackets, bars and environments: what opens, what closes, and what was never closed."""

from __future__ import annotations

import re

from symbackprop.read.layout import Sign
from symbackprop.read.lexemes import OPERAND_ENDS, Emitter, Level, Lexeme
from symbackprop.read.lexicon import (
    ARRANGEMENTS,
    CHARACTERS,
    CLOSERS,
    COMMANDS,
    TABLES,
    TEXTS,
    UNICODE,
)
from symbackprop.read.unreadable import Unreadable

TEXT_COMMAND = re.compile(r"\\(?:" + "|".join((*TEXTS, "mathrm")) + r")(?![A-Za-z])\s*")


class Delimiters(Emitter):
    """The part of the scanner that keeps the stack."""

    font_for_next: tuple[str, ...] = ()
    font_start = 0
    slot_end = -1  # how many lexemes there were when an argument of \pdv ended

    # --- plain brackets -------------------------------------------------------------------------

    def take_brace(self, _: str) -> None:
        """``{``; an empty pair, as in ``W{}^T``, is nothing."""
        empty = self.follows(r"\s*\}")
        if empty and not self.font_for_next:
            self._empty(empty.end())
            return
        self.reach_back()
        above = self.levels[-1]
        slot = self._takes_slot
        script = above.script or self.last in ("SUB", "SUP")
        inherited = () if script and not above.script else above.fonts
        fonts = tuple(dict.fromkeys((*inherited, *self.font_for_next)))
        self.font_for_next = ()
        self.push(Level("{", self.emit("LBRACE"), script=script, fonts=fonts, slot=slot))

    def reach_back(self) -> None:
        r"""What stands behind ``\mathbf`` begins there."""
        self.start = self.font_start if self.font_for_next else self.start

    @property
    def _takes_slot(self) -> bool:
        return self.last in ("PDV", "OPTION", "EMPTY") or self.slot_end == len(self.lexemes)

    def _empty(self, end: int) -> None:
        self.at = end
        if self._takes_slot:
            self.emit("EMPTY")
        elif self.levels[-1].wanted:
            raise self.argument_missing()

    def take_open(self, kind: str, left: bool = False) -> None:
        above = self.levels[-1]
        lexeme = self.emit("OPEN", value=kind)
        self.push(Level(kind, lexeme, script=above.script, left=left, fonts=above.fonts))

    def take_close(self, kind: str, left: bool = False) -> None:
        level = self.levels[-1]
        if level.kind == "row":
            word, opener = CLOSERS[kind], f"'{kind}' before it"
            raise Unreadable(self.start, f"'{word}' closes nothing", opener)
        if level.kind == "drop" and kind == "{":
            self.pop()
            return
        if level.kind != kind or level.left != left:
            raise self.never_closed(f"'{self.word}'")
        self.pop()
        self.emit("RBRACE" if kind == "{" else "CLOSE", value=kind)
        self.slot_end = len(self.lexemes) if level.slot else -1
        if level.note:
            self.take_note(level.note)

    def take_braced(self, sign: str) -> None:
        r"""``\underbrace{body}``, whose note is taken as text when its body has been read."""
        self.emit("BRACED", value=sign)
        opening = self.follows(r"\s*\{")
        if opening is None:
            raise Unreadable(self.start, "nothing stands at the brace", "{…}")
        self.start, self.at = opening.end() - 1, opening.end()
        above = self.levels[-1]
        lexeme = self.emit("LBRACE")
        self.push(Level("{", lexeme, script=above.script, fonts=above.fonts, note=sign))

    def take_note(self, sign: str) -> None:
        hung = self.follows(r"\s*" + re.escape(sign))
        if hung is None:
            self.emit("NOTE", value="")
            return
        self.start, self.at = self.at, hung.end()
        words = self.argument()
        alone = TEXT_COMMAND.match(words)
        if alone and words[alone.end() :].startswith("{") and words.find("}") == len(words) - 1:
            words = words[alone.end() + 1 : -1].strip()
        self.emit("NOTE", value=words)

    # --- bars -----------------------------------------------------------------------------------

    def take_bar(self, kind: str) -> None:
        """A bar closes if one is open and something stands before it; ``|_`` evaluates."""
        level = self.levels[-1]
        behind = self.last in OPERAND_ENDS
        if kind == "||" and level.kind == "|" and behind:
            self.at -= 1  # |a||b|
        kind = "|" if self.word in ("|", "\\vert") else kind
        kind = "‖" if kind == "||" else kind
        if level.kind == kind and behind:
            self.take_close(kind, left=level.left)
        elif kind == "|" and behind and self.follows(r"\s*_"):
            self.emit("ATOM", Sign("bar", span=self.span))
        else:
            self.take_open(kind)

    # --- \left and \right -----------------------------------------------------------------------

    def take_left(self, _: str) -> None:
        r"""``\left.`` opens an invisible group for the bar behind it."""
        kind = self._delimiter("\\left")
        if kind != ".":
            self.take_open(kind, left=True)
            return
        above = self.levels[-1]
        lexeme = self.emit("LBRACE")
        self.push(Level("left.", lexeme, script=above.script, left=True, fonts=above.fonts))

    def take_right(self, _: str) -> None:
        kind = self._delimiter("\\right")
        level = self.levels[-1]
        if level.kind == "row":
            raise Unreadable(self.start, "\\right has no \\left", "\\left before it", self.word)
        if level.kind == "left." and kind in (".", "|"):
            self.pop()
            end, self.at = self.at, self.start
            self.emit("RBRACE", value="}")
            self.at = end
            if kind == "|":
                self.emit("ATOM", Sign("bar", span=self.span))
            return
        kind = level.kind if kind == "." and level.kind == "\\{" else kind
        if not level.left or kind != level.kind:
            raise self.never_closed(f"'{self.word}'")
        self.take_close(kind, left=True)

    def _delimiter(self, word: str) -> str:
        match = self.follows(r"\s*(\\[A-Za-z]+|\\[^A-Za-z]|\S)")
        if match is None:
            raise Unreadable(self.start, f"nothing stands behind {word}", "a bracket")
        self.at = match.end()
        name = match[1]
        if name == ".":
            return name
        table = COMMANDS if name[0] == "\\" else CHARACTERS | UNICODE
        entry = table.get(name.lstrip("\\"))
        if entry is None or entry[0] not in ("open", "close", "bar", "brace"):
            what = f"{name} behind {word} is no bracket"
            raise Unreadable(self.start, what, "( [ \\{ | or a full stop")
        return entry[1]

    # --- environments ---------------------------------------------------------------------------

    def take_begin(self, _: str) -> None:
        name = self._environment()
        above = self.levels[-1]
        if name in ("array", "alignat", "alignedat"):
            self.argument()
        if name in TABLES:
            lexeme, top = self.emit("BEGIN", value=name), True
        else:
            lexeme, top = Lexeme("BEGIN", name, start_pos=self.start, end_pos=self.at), above.top
        self.push(Level("environment", lexeme, top=top, fonts=above.fonts))

    def take_end(self, _: str) -> None:
        name = self._environment()
        level = self.levels[-1]
        if level.kind == "row":
            raise Unreadable(self.start, f"\\end{{{name}}} has no \\begin", f"\\begin{{{name}}}")
        if level.kind != "environment" or str(level.lexeme) != name:
            raise self.never_closed(f"\\end{{{name}}}")
        self.pop()
        if name in TABLES:
            self.emit("END", value=name)

    def _environment(self) -> str:
        match = self.follows(r"\s*\{\s*([A-Za-z]+)\*?\s*\}")
        if match is None:
            raise Unreadable(self.start, f"{self.word} names no environment", "{cases}")
        self.at = match.end()
        if match[1] not in TABLES | ARRANGEMENTS:
            what = f"the environment {match[1][:30]} is not known"
            raise Unreadable(self.start, what, ", ".join(sorted(TABLES)))
        return match[1]

    def take_new_row(self, _: str) -> None:
        skip = self.follows(r"\s*\[\s*-?[0-9.]+\s*[a-z]{2}\s*\]")
        self.at = skip.end() if skip else self.at
        if self._in_table:
            self.emit("ROW")
        elif self.levels[-1].script:
            self.emit("COMMA", value=",")  # \substack
        elif not self.follows(r"\s*(?:$|\\end)"):
            raise Unreadable(self.start, "a second row begins here", "one row at a time")

    def take_ampersand(self, _: str) -> None:
        if self._in_table:
            self.emit("AMP")
        elif not self.levels[-1].top:
            raise Unreadable(self.start, "'&' stands inside a bracket", "it between formulas")

    @property
    def _in_table(self) -> bool:
        level = self.levels[-1]
        return level.kind == "environment" and str(level.lexeme) in TABLES
