r"""Where the mathematics stands in a stretch of text: one scanner, one table of signs a dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symbackprop.errors import InputError
from symbackprop.read import expansion, macros
from symbackprop.read.rows import ARRANGING, TABLES
from symbackprop.read.text import Text

MATH, COMMENT, DEFINITION, INPUT = "math", "comment", "definition", "input"

ENVIRONMENTS = ARRANGING | TABLES
_NAMES = "|".join(sorted(ENVIRONMENTS, key=len, reverse=True))
_COMMON = (
    rf"|(?P<begin>\\begin\s*\{{\s*(?P<name>{_NAMES})(?P<star>\\?\*)?\s*\}})"
    rf"|(?P<define>{macros.DEFINING})"
    r"|(?P<escape>\\.)|(?P<dollars>\$\$)|(?P<dollar>\$)"
)
MARKDOWN = re.compile(
    r"(?P<html><!--)|(?P<tick>\$(?P<ticks>`+))|(?P<code>`+)"
    r"|<(?P<raw>pre|code|script|style|textarea)(?=[\s>])|(?P<link><https?:[^<>\s]*>)"
    r"|(?P<bracket>\\{1,2}\[)|(?P<paren>\\{1,2}\()" + _COMMON,
    re.DOTALL,
)
_VERBATIM = (
    r"verbatim\*?|Verbatim|lstlisting|minted|comment|filecontents\*?|tikzpicture|thebibliography"
)
TEX = re.compile(
    rf"\\begin\s*\{{(?P<verbatim>{_VERBATIM})\}}"
    r"|(?P<verb>\\(?:verb|lstinline)(?![A-Za-z])\*?(?P<fence>[^\sA-Za-z])[^\n]*?(?P=fence))"
    r"|(?P<conditional>\\iffalse(?![A-Za-z]))|(?P<url>\\(?:url|href)\s*\{[^{}]*\})"
    r"|(?P<comment>%[^\n]*)"
    r"|(?P<input>\\(?:input|include|subfile|import|subimport|verbatiminput|lstinputlisting)"
    r"(?![A-Za-z])\s*(?:\{[^{}]*\}|[^\s{}\\]*))"
    r"|(?P<bracket>\\\[)|(?P<paren>\\\()" + _COMMON,
    re.DOTALL,
)

_SIGNS = re.compile(r"\\.|[${}]", re.DOTALL)
_TWO_DOLLARS = re.compile(r"(?:\\.|[^\\$]|\$(?!\$))*?(?=\$\$)", re.DOTALL)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_LOOKS_LIKE_TEX = re.compile(r"\\[A-Za-z]|[=^_]")
_LOOKS_LIKE_WORDS = re.compile(r"(?<!\\)\b[A-Za-z]{2,}")
_AHEAD = 500  # how far a dollar inside braces is looked for


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


class Unclosed(Exception):  # noqa: N818  (a fault of the document; it never leaves this room)
    """``sign`` opens mathematics at ``offset`` and nothing closes it."""

    def __init__(self, offset: int, sign: str, closing: str) -> None:
        self.offset, self.sign, self.closing = offset, sign, closing
        super().__init__(sign)

    def located(self, file: str, line: int, column: int) -> InputError:
        """The same for people."""
        return InputError(
            f"{self.sign} is not closed",
            expected=f"expected {self.closing} behind it",
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
        self.missing: set[str] = set()  # signs that were looked for in vain
        self.paragraph = (0, 0)  # where the last paragraph that was asked for begins and ends
        self._expand({name: macro for name, macro in known.items() if macro.delimiting})

    @property
    def chars(self) -> str:
        """The text as it stands now."""
        return self.text.chars

    def pieces(self) -> Iterator[Piece]:
        """Each piece as soon as it is found, so that definitions act on what follows."""
        while match := self.dialect.search(self.chars, self.at):
            self.at = match.end()
            piece = getattr(self, f"_{match.lastgroup}")(match)
            if piece is None:
                continue
            self.at = piece.end
            if piece.macro is not None and piece.macro.delimiting:
                self._expand({piece.macro.name: piece.macro})
            yield piece

    def _expand(self, delimiting: Mapping[str, macros.Macro]) -> None:
        rest = self.text.cut(self.at, len(self.text))
        if not expansion.called(rest.chars, delimiting):
            return
        try:
            rest = expansion.expanded(rest, delimiting)
        except expansion.MacroFault:
            return  # the formula that uses it will say so
        self.text = Text.joined([self.text.cut(0, self.at), rest])
        self.missing.clear()
        self.paragraph = (0, 0)

    def _find(self, closing: str) -> int:
        """The offset behind the next ``closing`` (a regular expression), or -1."""
        if closing in self.missing:
            return -1
        match = re.compile(closing).search(self.chars, self.at)
        if match is None:
            self.missing.add(closing)
            return -1
        return match.end()

    def _skip_to(self, closing: str, otherwise: int) -> None:
        end = self._find(closing)
        self.at = end if end >= 0 else otherwise

    def _escape(self, _: re.Match[str]) -> None:
        """``\\$`` is a dollar sign."""

    _verb = _url = _link = _escape

    def _code(self, match: re.Match[str]) -> None:
        self._skip_to(rf"(?<!`){match['code']}(?!`)", match.end())

    def _raw(self, match: re.Match[str]) -> None:
        self._skip_to(rf"</{match['raw']}\s*>", match.end())

    def _verbatim(self, match: re.Match[str]) -> None:
        self._skip_to(rf"\\end\s*\{{{re.escape(match['verbatim'])}\}}", len(self.chars))

    def _conditional(self, _: re.Match[str]) -> None:
        self._skip_to(r"\\fi(?![A-Za-z])", len(self.chars))

    def _html(self, match: re.Match[str]) -> Piece | None:
        end = self._find("-->")
        if end < 0:
            return None
        return Piece(COMMENT, match.start(), end, (match.end(), end - 3))

    def _comment(self, match: re.Match[str]) -> Piece:
        return Piece(COMMENT, *match.span(), (match.start() + 1, match.end()))

    def _input(self, match: re.Match[str]) -> Piece:
        return Piece(INPUT, *match.span(), match.span())

    def _define(self, match: re.Match[str]) -> Piece:
        macro, end = macros.defined(self.chars, match.start(), self.known)
        if macro is not None:
            self.known[macro.name] = macro
        return Piece(DEFINITION, match.start(), end, (match.start(), end), macro=macro)

    def _math(self, start: int, inside: tuple[int, int], end: int, display: bool) -> Piece:
        return Piece(MATH, start, end, inside, self.chars[start : inside[0]], display)

    def _tick(self, match: re.Match[str]) -> Piece | None:
        """``$`…`$``; a dollar before other code is a dollar."""
        end = self._find(rf"(?<!`){match['ticks']}\$")
        if end < 0:
            self.at = match.start() + 1
            return None
        inside = (match.end(), end - len(match["ticks"]) - 1)
        return self._math(match.start(), inside, end, False)

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
        name, depth = match["name"], 0
        pattern = re.compile(rf"\\(begin|end)\s*\{{\s*{name}\s*(?:\\?\*)?\s*\}}")
        for found in pattern.finditer(self.chars, match.start()):
            depth += 1 if found.group(1) == "begin" else -1
            if depth == 0:
                span = (match.start(), found.end())
                return Piece(MATH, *span, span, match.group(), name != "math")
        star = "*" if match["star"] else ""
        raise Unclosed(match.start(), match.group(), f"\\end{{{name}{star}}}")

    def _dollars(self, match: re.Match[str]) -> Piece:
        found = _TWO_DOLLARS.match(self.chars, match.end())
        if found is None:
            raise Unclosed(match.start(), "$$", "$$")
        return self._math(match.start(), found.span(), found.end() + 2, True)

    def _dollar(self, match: re.Match[str]) -> Piece | None:
        start = match.end()
        limit = self._paragraph_end(start)
        end = self._closing_dollar(start, limit)
        if end is not None and self._is_mathematics(start, end):
            return self._math(match.start(), (start, end), end + 1, False)
        line_end = self.chars.find("\n", start, limit)
        rest = self.chars[start : min(line_end if line_end >= 0 else limit, start + _AHEAD)]
        if self.dialect is TEX or (end is None and _LOOKS_LIKE_TEX.search(rest)):
            raise Unclosed(match.start(), "$", "$")
        return None

    def _paragraph_end(self, start: int) -> int:
        first, last = self.paragraph
        if not first <= start <= last:
            stop = _PARAGRAPH_END.search(self.chars, start)
            self.paragraph = start, stop.start() if stop else len(self.chars)
        return self.paragraph[1]

    def _closing_dollar(self, start: int, limit: int) -> int | None:
        """The dollar outside of braces, as ``\\text{if $k = j$}`` may hold some; else the first."""
        depth, first = 0, None
        for found in _SIGNS.finditer(self.chars, start, limit):
            sign = found.group()
            depth += (sign == "{") - (sign == "}")
            if sign == "$":
                first = found.start() if first is None else first
                if depth <= 0:
                    return found.start()
            if first is not None and found.start() > start + _AHEAD:
                break
        return first

    def _is_mathematics(self, start: int, end: int) -> bool:
        """In Markdown ``$5 and $6`` is prose."""
        inside, behind = self.chars[start:end], self.chars[end + 1 : end + 2]
        if self.dialect is TEX:
            return True
        if not inside.strip() or "`" in inside:
            return False
        if not inside.lstrip()[0].isdigit():
            return True
        lopsided = inside[0].isspace() != inside[-1].isspace() or behind.isdigit()
        worded = _LOOKS_LIKE_WORDS.search(inside) and not _LOOKS_LIKE_TEX.search(inside)
        return not (lopsided or worded)
