"""The words of the grammar, and the stack of open brackets on which they are made."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from lark import Token

from symbackprop.read.layout import Node, Span
from symbackprop.read.lexicon import CHARACTERS, CLOSERS, COMMANDS, UNICODE
from symbackprop.read.unreadable import MAX_IN_SCRIPT, MAX_NESTING, Unreadable, over_limit

LEXEME = re.compile(
    r"(?P<blank>\s+)|(?P<command>\\(?:(?:operatorname|tag|hspace|vspace)\*|[A-Za-z]+|.))"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?P<letter>[A-Za-z])|(?P<primes>'+)"
    r"|(?P<other>\.\.\.|:=|\|\||\.[*^]|[-=<>+*/,;:.?!_^{}()\[\]|&~])",
    re.DOTALL,
)
ARGUMENT = re.compile(r"\s*(?:(\{)|(\\(?:[A-Za-z]+|.))|([^\s{}]))", re.DOTALL)

ARITY = {"SUB": 1, "SUP": 1, "FRAC": 2, "SQRT": 1, "ACCENT": 1}
OPERANDS = frozenset({"ATOM", "FRAC", "SQRT", "ACCENT", "LBRACE", "BRACED", "PDV", "OPEN", "BEGIN"})
OPERAND_ENDS = frozenset({"ATOM", "CLOSE", "RBRACE", "PRIMES", "END", "NOTE", "EMPTY"})


class Lexeme(Token):
    """A word of the grammar with the node it stands for, if it is one."""

    node: Node | None = None
    within: str = "row"  # the bracket around it, or "script"


@dataclass
class Level:
    """An open bracket: what it is, where, and what holds inside."""

    kind: str
    lexeme: Lexeme
    top: bool = False  # commas and words separate formulas here
    script: bool = False
    left: bool = False  # opened by \left
    slot: bool = False  # an argument of \pdv
    fonts: tuple[str, ...] = ()
    note: str = ""  # the sign that hangs a note at \underbrace{…}
    size: int = 0  # lexemes inside
    wanted: int = 0  # arguments still to come, for the command in ``asking``
    asking: Lexeme | None = None


class Emitter:
    """The place in the row, the lexemes made so far, and the brackets that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = self.start = 0
        self.inside = (0, 0)  # of the argument that was passed over last
        self.lexemes: list[Lexeme] = []
        self.levels = [Level("row", Lexeme("START", "", start_pos=0, end_pos=0), top=True)]

    # --- reading --------------------------------------------------------------------------------

    def read(self, end: int) -> None:
        """Read mathematics up to ``end``: each lexeme goes to the method its entry names."""
        while self.at < end:
            self.start = self.at
            match = LEXEME.match(self.text, self.at)
            if match is None:
                self.at += 1
                kind, value = _character(self.start, self.text[self.start])
            else:
                self.at = match.end()
                kind, value = _entry(self.start, match.lastgroup or "", match.group())
            getattr(self, f"take_{kind}")(value)

    def take_space(self, _: str) -> None:
        """White space means nothing."""

    def follows(self, pattern: str) -> re.Match[str] | None:
        """What stands next, if it looks so."""
        return re.compile(pattern).match(self.text, self.at)

    def argument(self) -> str:
        """The text of the next argument, passed over unread."""
        match = ARGUMENT.match(self.text, self.at)
        if match is None:
            raise Unreadable(self.start, f"nothing stands behind {self.word}", "{…}")
        self.at = match.end()
        if match[1] is None:
            self.inside = match.start(), match.end()
            return match.group().strip()
        end = self.braces.get(match.end() - 1)
        if end is None:
            raise Unreadable(match.end() - 1, "'{' is never closed", "'}'", "the end of the row")
        self.at, self.inside = end + 1, (match.end(), end)
        return self.text[match.end() : end].strip()

    @cached_property
    def braces(self) -> dict[int, int]:
        """For each brace that is closed, where."""
        open_at: list[int] = []
        closed: dict[int, int] = {}
        for match in re.finditer(r"\\.|[{}]", self.text, re.DOTALL):
            if match.group() == "{":
                open_at.append(match.start())
            elif match.group() == "}" and open_at:
                closed[open_at.pop()] = match.start()
        return closed

    @property
    def word(self) -> str:
        return self.text[self.start : self.at]

    # --- emitting -------------------------------------------------------------------------------

    def emit(self, kind: str, node: Node | None = None, value: str | None = None) -> Lexeme:
        """Append a lexeme; a command that still wants an argument gets it or is refused."""
        level = self.levels[-1]
        text = self.word if value is None else value
        lexeme = Lexeme(kind, text, start_pos=self.start, end_pos=self.at)
        lexeme.node = node
        lexeme.within = "script" if level.script else level.kind
        is_place = kind == "SIGN" and self.last in ("SUB", "SUP")  # x^*, W_{i*}
        if level.wanted and (kind in OPERANDS or is_place):
            level.wanted -= 1
        elif level.wanted and kind not in ("RBRACE", "CLOSE"):
            raise self.argument_missing()
        if kind in ARITY:
            level.wanted += ARITY[kind]
            level.asking = lexeme
        level.size += 1
        if level.script and level.size > MAX_IN_SCRIPT:
            what = f"a subscript or superscript has more than {MAX_IN_SCRIPT} signs"
            raise over_limit(self.start, what, "write it shorter")
        self.lexemes.append(lexeme)
        return lexeme

    @property
    def last(self) -> str:
        return self.lexemes[-1].type if self.lexemes else "START"

    @property
    def span(self) -> Span:
        return self.start, self.at

    # --- levels ---------------------------------------------------------------------------------

    def push(self, level: Level) -> None:
        if len(self.levels) > MAX_NESTING:
            raise over_limit(
                self.start,
                f"brackets are nested more than {MAX_NESTING} deep",
                "name the inner parts in rows of their own",
            )
        self.levels.append(level)

    def pop(self) -> Level:
        if self.levels[-1].wanted:
            raise self.argument_missing()
        return self.levels.pop()

    def argument_missing(self) -> Unreadable:
        asking = self.levels[-1].asking
        assert asking is not None
        at, end = asking.start_pos or 0, asking.end_pos or 0
        word = self.text[at:end]
        if asking.type in ("SUB", "SUP"):
            return Unreadable(at, f"nothing stands behind '{word}'", "a letter or {…}")
        return Unreadable(at, f"an argument of {word} is missing", "a letter or {…}")

    def never_closed(self, found: str) -> Unreadable:
        """What to say when something else than the right bracket closes the innermost level."""
        level = self.levels[-1]
        at = level.lexeme.start_pos or 0
        if level.kind == "environment":
            name = str(level.lexeme)
            return Unreadable(at, f"\\begin{{{name}}} is never closed", f"\\end{{{name}}}", found)
        if level.left:
            word = self.text[at : level.lexeme.end_pos]
            return Unreadable(at, f"{word} has no \\right", "\\right with its bracket", found)
        kind = "{" if level.kind == "drop" else level.kind
        return Unreadable(at, f"'{kind}' is never closed", f"'{CLOSERS[kind]}'", found)


def _entry(at: int, group: str, word: str) -> tuple[str, str]:
    """The kind of a lexeme and its value, from the tables."""
    if group == "other":
        return CHARACTERS[word]
    if group == "blank":
        return "space", word
    if group != "command":
        return group, word
    entry = COMMANDS.get(word[1:])
    if entry is not None:
        return entry
    close = get_close_matches(word[1:20], COMMANDS, n=1, cutoff=0.6)
    hint = f" (did you mean \\{close[0]}?)" if close else ""
    shown = word if len(word) <= 30 else f"{word[:30]}…"
    raise Unreadable(at, f"the command {shown} is not known{hint}", "a known command or a macro")


def _character(at: int, character: str) -> tuple[str, str]:
    """A character beyond ASCII; one that only looks like a known one is refused by its number."""
    if character in UNICODE:
        return UNICODE[character]
    point = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "without a name")
    plain = unicodedata.normalize("NFKC", character)
    hint = f"{plain} or its command" if plain != character and plain.isprintable() else "a command"
    shown = f"{character} ({point}, {name})" if character.isprintable() else f"{point} ({name})"
    raise Unreadable(at, f"the character {shown} is not read", hint, point)
