"""An author's document as HTML: its words as they are, its formulas as somebody else draws them.

Formulas are taken out before Markdown is read, and put back behind it: no sign of mathematics can
be taken for a sign of Markdown, and nothing of the author's text becomes markup of the page.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from symbackprop.read.documents import Document
from symbackprop.read.formulas import Formula
from symbackprop.read.frontmatter import front_matter
from symbackprop.read.text import Source, Text
from symbackprop.render.escape import escape_html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# a formula on its way through Markdown: its number between two characters that nobody writes
OPEN, CLOSE = "\ue000", "\ue001"
_HOLE = re.compile(f"{OPEN}(\\d+){CLOSE}")
# those, and what turns the direction of reading
_FORBIDDEN = str.maketrans(
    dict.fromkeys(
        (OPEN, CLOSE, *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))), "\ufffd"
    )
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Drawn:
    """A block of mathematics as HTML: itself (phrasing content), and notes for the text below."""

    shown: str
    notes: str = ""


Draw = Callable[[Sequence[Formula]], Drawn]


def manuscript(document: Document, draw: Draw) -> str:
    """The whole document; ``draw`` is given the rows of each block of mathematics."""
    blocks: dict[int, list[Formula]] = {}
    for formula in document.formulas:
        blocks.setdefault(formula.block, []).append(formula)
    holes = [Hole(rows, draw(rows)) for rows in blocks.values()]
    return "\n".join(_WRITERS[document.kind](document, holes))


@dataclass(frozen=True)
class Hole:
    """The place of a block, and what is put there."""

    rows: Sequence[Formula]
    drawn: Drawn

    @property
    def start(self) -> int:
        return self.rows[0].outer[0]

    @property
    def end(self) -> int:
        return self.rows[0].outer[1]

    @property
    def display(self) -> bool:
        return self.rows[0].display

    @property
    def tex(self) -> str:
        return " ".join(row.tex for row in self.rows)


def _markdown(document: Document, holes: Sequence[Hole]) -> Iterator[str]:
    matter = front_matter(document.source, document.path)
    end = matter.end if matter else 0
    if matter:
        shown = f"<pre>{escape_source(matter.text.strip())}</pre>"
        yield f'<details class="matter"><summary>Declared</summary>{shown}</details>'
    yield _written(Text.of(document.source[end:], end), holes)


def _notebook(document: Document, holes: Sequence[Hole]) -> Iterator[str]:
    from symbackprop.read.notebook import cells

    for number, cell in cells(Source(document.path, document.source)):
        yield f'<section class="cell" title="cell {number}">{_written(cell, holes)}</section>'


def _source(document: Document, holes: Sequence[Hole]) -> Iterator[str]:
    """TeX and plain lines: the text as it stands, with its white space."""
    at, parts = 0, []
    for hole in holes:
        before = document.source[at : hole.start]
        parts += [escape_source(before.rstrip() if hole.display else before), _whole(hole)]
        at = hole.end + (hole.display and document.source[hole.end : hole.end + 1] == "\n")
    parts.append(escape_source(document.source[at:].rstrip()))
    yield f'<div class="source">{"".join(parts)}</div>'


_WRITERS: dict[str, Callable[[Document, Sequence[Hole]], Iterator[str]]] = {
    "markdown": _markdown,
    "notebook": _notebook,
    "tex": _source,
    "lines": _source,
}


def _written(text: Text, holes: Sequence[Hole]) -> str:
    """A stretch of Markdown; formulas that Markdown puts into an attribute are shown as TeX."""
    chars, at = [], 0
    for number, hole in enumerate(holes):
        start, end = bisect_left(text.at, hole.start), bisect_left(text.at, hole.end)
        if start == end:
            continue
        chars += [text.chars[at:start].translate(_FORBIDDEN), f"{OPEN}{number}{CLOSE}"]
        at = end
    chars.append(text.chars[at:].translate(_FORBIDDEN))
    parser = _parser()
    tokens = parser.parse("".join(chars))
    for token in tokens:
        if token.type == "inline":
            token.children = list(_filled(token.children or [], holes))
        elif token.type == "html_block":
            token.content = _harmless(token.content)
    page = parser.renderer.render(tokens, parser.options, {})
    return _HOLE.sub(lambda match: _plain(holes, match), page)


def _filled(children: list[Token], holes: Sequence[Hole]) -> Iterator[Token]:
    """The parts of a paragraph with their formulas; the notes stand at the end of it."""
    from markdown_it.token import Token

    notes = []
    for child in children:
        if child.type == "html_inline":
            child.content = _harmless(child.content)
        if child.type == "image":
            child = Token("html_inline", "", 0, content=f"<i>{escape_html(child.content)}</i>")
        if child.type != "text":
            yield child
            continue
        for place, part in enumerate(_HOLE.split(child.content)):
            if place % 2 == 0:
                yield Token("text", "", 0, content=part)
                continue
            drawn = holes[int(part)].drawn
            notes.append(drawn.notes)
            yield Token("html_inline", "", 0, content=drawn.shown)
    yield Token("html_inline", "", 0, content="".join(notes))


def _whole(hole: Hole) -> str:
    return hole.drawn.shown + hole.drawn.notes


def _plain(holes: Sequence[Hole], match: re.Match[str]) -> str:
    return escape_html(holes[int(match[1])].tex)


def _harmless(markup: str) -> str:
    """HTML of the author is shown and not obeyed; comments are not shown."""
    return escape_source(_COMMENT.sub("", markup))


def escape_source(text: str) -> str:
    """Escaped, its white space kept."""
    return re.sub(r"\S+", lambda match: escape_html(match[0]), text)


@cache
def _parser() -> MarkdownIt:
    """HTML is recognised, so that it can be made harmless; pictures are not loaded."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("table")
