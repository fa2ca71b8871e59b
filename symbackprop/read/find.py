r"""Where the mathematics stands in a stretch of text: one scanner, one table of signs a dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symbackprop.errors import InputError
from symbackprop.read import macros
from symbackprop.read.rows import ARRANGING, TABLES
from symbackprop.read.text import Text

MATH, COMMENT, DEFINITION, INPUT = "math", "comment", "definition", "input"

_ENVIRONMENTS = "|".join(sorted(ARRANGING | TABLES, key=len, reverse=True))
_DEFINE = rf"(?P<define>{macros.DEFINING})"
_BEGIN = rf"(?P<begin>\\begin\s*\{{\s*(?P<name>{_ENVIRONMENTS})(?P<star>\\?\*)?\s*\}})"
_DOLLARS = r"(?P<dollars>\$\$)|(?P<dollar>\$)"

MARKDOWN = re.compile(
    r"(?P<comment><!--.*?-->)"
    r"|(?P<backtick>\$(?P<ticks>`+)[^`].*?(?<!`)(?P=ticks)\$)"
    r"|(?P<skip>(?P<run>`+)(?!`).*?(?<!`)(?P=run)(?!`)|`+"
    r"|<(?P<tag>pre|code|script|style|textarea)\b.*?</(?P=tag)\s*>|<https?:[^>\s]*>)"
    r"|(?P<bracket>\\{1,2}\[)|(?P<paren>\\{1,2}\()"
    rf"|{_BEGIN}|{_DEFINE}|(?P<escape>\\.)|{_DOLLARS}",
    re.DOTALL,
)
TEX = re.compile(
    r"(?P<skip>\\begin\s*\{(?P<verbatim>verbatim\*?|Verbatim|lstlisting|minted|comment|filecontents\*?"
    r"|tikzpicture|thebibliography)\}.*?(?:\\end\s*\{(?P=verbatim)\}|\Z)"
    r"|\\(?:verb|lstinline)(?![A-Za-z])\*?(?P<fence>[^\sA-Za-z]).*?(?P=fence)"
    r"|\\iffalse(?![A-Za-z]).*?(?:\\fi(?![A-Za-z])|\Z)"
    r"|\\(?:url|href)\s*\{[^{}]*\})"
    r"|(?P<comment>%[^\n]*)"
    r"|(?P<input>\\(?:input|include|subfile|import|subimport|verbatiminput|lstinputlisting)(?![A-Za-z])"
    r"\s*(?:\{[^{}]*\}|[^\s{}\\]*))"
    r"|(?P<bracket>\\\[)|(?P<paren>\\\()"
    rf"|{_BEGIN}|{_DEFINE}|(?P<escape>\\.)|{_DOLLARS}",
    re.DOTALL,
)

_PIECES = re.compile(r"\\.|\$\$|[${}]", re.DOTALL)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_LOOKS_LIKE_TEX = re.compile(r"\\[A-Za-z]|[=^_]")
_LOOKS_LIKE_WORDS = re.compile(r"(?<!\\)\b[A-Za-z]{2,}")


@dataclass(frozen=True)
class Piece:
    """Something found: ``start`` and ``end`` with its signs, ``inside`` without them."""

    kind: str
    start: int
    end: int
    inside: tuple[int, int]
    sign: str = ""
    display: bool = False
    macro: macros.Macro | None = None


class Unclosed(Exception):
    """``sign`` opens mathematics at ``offset`` and nothing closes it; never leaves this room."""

    def __init__(self, offset: int, sign: str, closing: str) -> None:
        self.offset, self.sign, self.closing = offset, sign, closing
        super().__init__(sign)

    def located(self, file: str, line: int, column: int) -> InputError:
        """The same for people."""
        return InputError(
            f"{self.sign} is not closed",
            expected=f"{self.closing} behind it",
            todo="close it" if self.sign != "$" else r"close it, or write \$ for a dollar sign",
            file=file,
            line=line,
            column=column,
        )


class Finder:
    """Walks over ``text`` and yields what it finds, in order.

    ``known`` are the macros so far; a definition that is found is put into it.  Macros that write
    the signs of mathematics are expanded in what follows (so ``text`` may change).
    """

    def __init__(
        self, text: Text, dialect: re.Pattern[str], known: dict[str, macros.Macro]
    ) -> None:
        self.text, self.dialect, self.known = text, dialect, known
        self.at = 0
        self._expand({name: macro for name, macro in known.items() if macro.delimiting})

    @property
    def chars(self) -> str:
        return self.text.chars

    def _expand(self, delimiting: Mapping[str, macros.Macro]) -> None:
        rest = self.text.cut(self.at, len(self.text))
        if not macros.called(rest.chars, delimiting):
            return
        try:
            rest = macros.expanded(rest, delimiting)
        except macros.MacroFault:
            return  # the formula that uses it will say so
        self.text = Text.joined([self.text.cut(0, self.at), rest])

    def pieces(self) -> Iterator[Piece]:
        while match := self.dialect.search(self.chars, self.at):
            self.at = match.end()
            handler = getattr(self, f"_{match.lastgroup}")
            piece = handler(match)
            if piece is not None:
                self.at = piece.end
                if piece.macro is not None and piece.macro.delimiting:
                    self._expand({piece.macro.name: piece.macro})
                yield piece

    def _skip(self, match: re.Match[str]) -> None:
        return None

    _escape = _skip

    def _comment(self, match: re.Match[str]) -> Piece:
        opening, closing = (1, 0) if match.group().startswith("%") else (4, 3)
        inside = (match.start() + opening, match.end() - closing)
        return Piece(COMMENT, match.start(), match.end(), inside)

    def _input(self, match: re.Match[str]) -> Piece:
        return Piece(INPUT, *match.span(), match.span())

    def _define(self, match: re.Match[str]) -> Piece:
        macro, end = macros.defined(self.chars, match.start(), self.known)
        if macro is not None:
            self.known[macro.name] = macro
        return Piece(DEFINITION, match.start(), end, (match.start(), end), macro=macro)

    def _math(self, start: int, inside: tuple[int, int], end: int, display: bool) -> Piece:
        sign = self.chars[start : inside[0]]
        return Piece(MATH, start, end, inside, sign, display)

    def _backtick(self, match: re.Match[str]) -> Piece:
        width = 1 + len(match["ticks"])
        inside = (match.start() + width, match.end() - width)
        return self._math(match.start(), inside, match.end(), False)

    def _bracket(self, match: re.Match[str]) -> Piece:
        return self._until(match, match.group()[:-1] + "]", True)

    def _paren(self, match: re.Match[str]) -> Piece:
        return self._until(match, match.group()[:-1] + ")", False)

    def _until(self, match: re.Match[str], closing: str, display: bool) -> Piece:
        """``\\\\[3pt]`` inside ``\\[ … \\]`` closes nothing."""
        doubled = closing.startswith("\\\\")
        pattern = re.escape(closing) if doubled else rf"\\\\|{re.escape(closing)}"
        for found in re.compile(pattern).finditer(self.chars, match.end()):
            if found.group() == closing:
                inside = (match.end(), found.start())
                return self._math(match.start(), inside, found.end(), display)
        raise Unclosed(match.start(), match.group(), closing)

    def _begin(self, match: re.Match[str]) -> Piece:
        """The inside keeps the environment's own begin and end: they tell how its rows are cut."""
        name = match["name"]
        depth = 0
        pattern = re.compile(rf"\\(begin|end)\s*\{{\s*{name}\s*(?:\\?\*)?\s*\}}")
        for found in pattern.finditer(self.chars, match.start()):
            depth += 1 if found.group(1) == "begin" else -1
            if depth == 0:
                span = (match.start(), found.end())
                return Piece(MATH, *span, span, match.group(), name != "math")
        star = "*" if match["star"] else ""
        raise Unclosed(match.start(), match.group(), f"\\end{{{name}{star}}}")

    def _dollars(self, match: re.Match[str]) -> Piece:
        for found in _PIECES.finditer(self.chars, match.end()):
            if found.group() == "$$":
                inside = (match.end(), found.start())
                return self._math(match.start(), inside, found.end(), True)
        raise Unclosed(match.start(), "$$", "$$")

    def _dollar(self, match: re.Match[str]) -> Piece | None:
        start = match.end()
        stop = _PARAGRAPH_END.search(self.chars, start)
        limit = stop.start() if stop else len(self.chars)
        end = self._closing_dollar(start, limit)
        if end is not None and self._is_mathematics(start, end):
            return self._math(match.start(), (start, end), end + 1, False)
        line_end = self.chars.find("\n", start)
        rest = self.chars[start : min(limit, line_end) if line_end >= 0 else limit]
        if self.dialect is TEX or (end is None and _LOOKS_LIKE_TEX.search(rest)):
            raise Unclosed(match.start(), "$", "$")
        return None

    def _closing_dollar(self, start: int, limit: int) -> int | None:
        """The dollar outside of braces, as ``\\text{if $k = j$}`` may hold some; else the first."""
        depth, first = 0, None
        for found in _PIECES.finditer(self.chars, start, limit):
            token = found.group()
            depth += {"{": 1, "}": -1}.get(token, 0)
            if token.startswith("$"):
                first = found.start() if first is None else first
                if depth <= 0:
                    return found.start()
        return first

    def _is_mathematics(self, start: int, end: int) -> bool:
        """In Markdown ``$5 and $6`` is prose."""
        inside = self.chars[start:end]
        if self.dialect is TEX:
            return True
        if not inside.strip() or "`" in inside:
            return False
        if inside[0].isspace() != inside[-1].isspace() and inside.lstrip()[0].isdigit():
            return False
        behind = self.chars[end + 1 : end + 2]
        if behind.isdigit() and inside[0].isdigit():
            return False
        worded = inside.lstrip()[0].isdigit() and _LOOKS_LIKE_WORDS.search(inside)
        return not (worded and not _LOOKS_LIKE_TEX.search(inside))
