"""Markdown cut into the stretches that can hold mathematics, by its block structure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from symbackprop.read.rows import ARRANGING, TABLES
from symbackprop.read.text import Text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

PROSE, HEADING, FENCE, CODE = "prose", "heading", "fence", "code"

_MATH_FENCE = re.compile(r"\{?(?:math|katex)\}?(?![A-Za-z])")
_FENCE_OPTION = re.compile(r"[ \t]*:(?P<key>[a-z]+):[ \t]*(?P<value>[^\n]*)\n")
DISPLAY = re.compile(r"\$\$|\\\[|\\begin\s*\{")
_SIGN = re.compile(
    r"(?P<code>`+)|(?P<comment><!--)"
    r"|(?P<bracket>\\{1,2}\[)|\\begin\s*\{\s*(?P<name>[A-Za-z]+)\\?\*?\s*\}|(?P<escape>\\.)|(?P<dollars>\$\$)"
)
_CONTAINER = re.compile(r">|(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
OUTERMOST = ARRANGING | TABLES
_ENDS = {
    "$$": re.compile(r"(?:\\.|[^\\$]|\$(?!\$))*?\$\$"),
    "\\[": re.compile(r"(?:\\\\|\\[^\\\]]|[^\\])*?\\\]"),
    "\\\\[": re.compile(r".*?\\\\\]"),
}


@dataclass(frozen=True)
class Region:
    """A stretch of prose, a heading, a ```math fence, or code; ``lines`` are its lines, from 0.

    ``outer``: the offsets in the file of a fence with its two rows of ```.
    """

    kind: str
    text: Text
    lines: tuple[int, int]
    label: str = ""
    outer: tuple[int, int] = (0, 0)


def regions(source: Text) -> Iterator[Region]:
    """The regions of a document in order; marks of block quotes and lists are left out."""
    lines = _lines(source)
    for token in _parser().parse(source.chars):
        if token.map is None:
            continue
        if token.type in ("inline", "display", "html_block"):
            kind = HEADING if token.level and token.meta.get("heading") else PROSE
            yield Region(kind, _aligned(token.content, token.map[0], lines), _span(token))
        elif token.type == "fence" and _MATH_FENCE.match(token.info.strip()):
            yield _fence(token, lines)
        elif token.type == "code_block":
            yield Region(CODE, _aligned(token.content, token.map[0], lines), _span(token))


def _span(token: Token) -> tuple[int, int]:
    assert token.map is not None, "callers have looked"
    return token.map[0], token.map[1]


def _lines(source: Text) -> list[Text]:
    found, start = [], 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", source.chars):
        found.append(source.cut(start, start + len(line)))
        start += len(line)
    return found


def _fence(token: Token, lines: list[Text]) -> Region:
    start, end = _span(token)
    text = _aligned(token.content, start + 1, lines)
    label = ""
    while option := _FENCE_OPTION.match(text.chars):
        label = option["value"].strip() if option["key"] == "label" else label
        text = text.cut(option.end(), len(text))
    whole = Text.joined(lines[start:end]).stripped()
    outer = whole.at[whole.chars.index(token.markup)], whole.to[-1]
    return Region(FENCE, text, (start, end), label, outer)


def _aligned(content: str, first: int, lines: list[Text]) -> Text:
    """The content of a block with its places: each line of it ends a line of the file."""
    parts: list[Text] = []
    rows = content.removesuffix("\n").split("\n")
    for line, written in zip(lines[first : first + len(rows)], rows, strict=False):
        wanted = written.strip()
        at = line.chars.rfind(wanted) if wanted else len(line.chars.rstrip("\n"))
        parts.append(line.cut(max(at, 0), len(line)))
    return Text.joined(parts)


@cache
def _parser() -> MarkdownIt:
    """Blocks only: what stands inside a paragraph is found by our own scanner."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    parser.disable(["inline", "reference", "lheading"])
    parser.block.ruler.before(
        "fence", "display", _display, {"alt": ["paragraph", "blockquote", "list"]}
    )
    parser.core.ruler.push("name_headings", _name_headings)
    return parser


def _name_headings(state: object) -> None:
    tokens: list[Token] = state.tokens  # type: ignore[attr-defined]
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            inline.meta["heading"] = True


def _display(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A display that goes over lines is one block, whatever its lines begin with."""
    if state.is_code_block(start) or _CONTAINER.match(_line(state, start)):
        return False
    closing = _left_open(_line(state, start), None)
    unclosed = state.env.setdefault("unclosed", set())  # what is open until the last line
    if closing is None or (closing, end) in unclosed:
        return False
    line = start
    while closing is not None:
        line += 1
        if line >= end:
            unclosed.add((closing, end))
            return False
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return False
        closing = _left_open(_line(state, line), closing)
    if silent:
        return True
    token = state.push("display", "", 0)
    token.content = state.getLines(start, line + 1, state.blkIndent, False)
    token.map = [start, line + 1]
    state.line = line + 1
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _left_open(line: str, sign: str | None) -> str | None:
    """The sign of a display that is open at the end of ``line`` (``sign``: at its beginning)."""
    at = 0
    missing: set[str] = set()  # what closes code or a comment, looked for in vain
    while True:
        if sign is not None:
            closing = _ends(sign).match(line, at)
            if closing is None:
                return sign
            at, sign = closing.end(), None
        match = _SIGN.search(line, at)
        if match is None:
            return None
        at = match.end()
        if match["code"] or match["comment"]:
            at = _behind(
                line, at, rf"(?<!`){match['code']}(?!`)" if match["code"] else "-->", missing
            )
        elif match["dollars"] or match["bracket"]:
            sign = match.group()
        elif match["name"] in OUTERMOST:
            sign = match["name"]


def _behind(line: str, at: int, closing: str, missing: set[str]) -> int:
    """The offset behind ``closing``; without one, what opened it is text."""
    found = None if closing in missing else re.compile(closing).search(line, at)
    if found is None:
        missing.add(closing)
    return found.end() if found else at


@cache
def _ends(sign: str) -> re.Pattern[str]:
    return _ENDS.get(sign) or re.compile(rf".*?\\end\s*\{{\s*{sign}\\?\*?\s*\}}")
