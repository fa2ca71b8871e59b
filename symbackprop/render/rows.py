"""Rows of printed pieces: where a formula may be broken, and how it is laid on lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum


class Level(IntEnum):
    """How tightly a printed term holds together; ``OPEN`` (``Σ_k …``) swallows what follows."""

    SUM = 1
    OPEN = 2
    ENTRYWISE = 3
    DIVIDED = 4
    PRODUCT = 5
    FRACTION = 6
    SCRIPTED = 7
    ATOM = 8


@dataclass(frozen=True)
class Piece:
    """Text that stays together; ``depth`` not None: a line may end before it, outer depths first.

    ``lead`` stands in place of ``text`` when the line does end here.
    """

    text: str
    width: float
    depth: int | None = None
    lead: str = ""
    lead_width: float = 0.0


@dataclass(frozen=True)
class Row:
    """A printed term: its pieces, how tightly it holds together, and whether it is tall."""

    pieces: tuple[Piece, ...]
    level: Level = Level.ATOM
    tall: bool = False

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def width(self) -> float:
        return sum(piece.width for piece in self.pieces)

    @property
    def deeper(self) -> tuple[Piece, ...]:
        """The pieces for use inside another row: they break only after that row has broken."""
        return tuple(p if p.depth is None else replace(p, depth=p.depth + 1) for p in self.pieces)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Line:
    """One line of a broken row; ``indent`` counts how deep the break was (0: the first line)."""

    indent: int
    text: str
    width: float


def broken(pieces: Iterable[Piece], width: float, step: float) -> list[Line]:
    """The pieces on lines of at most ``width``, less ``step`` an indent, where that can be."""
    return _flow(tuple(pieces), 0, lambda indent: width - indent * step)


def _flow(pieces: tuple[Piece, ...], indent: int, room: Callable[[int], float]) -> list[Line]:
    total = sum(piece.width for piece in pieces)
    depths = [piece.depth for piece in pieces[1:] if piece.depth is not None]
    if total <= room(indent) or not depths:
        return [Line(indent, "".join(piece.text for piece in pieces), total)]
    lines: list[Line] = []
    for chunk in _chunks(pieces, min(depths)):
        size = sum(piece.width for piece in chunk)
        if lines and lines[-1].width + size <= room(lines[-1].indent):
            last = lines[-1]
            text = last.text + "".join(piece.text for piece in chunk)
            lines[-1] = Line(last.indent, text, last.width + size)
            continue
        if lines:
            head = chunk[0]
            head = replace(head, text=head.lead, width=head.lead_width, depth=None)
            chunk = (head, *chunk[1:])
        lines += _flow(chunk, indent + bool(lines), room)
    return lines


def _chunks(pieces: tuple[Piece, ...], depth: int) -> Iterator[tuple[Piece, ...]]:
    start = 0
    for place, piece in enumerate(pieces):
        if piece.depth == depth and place > start:
            yield pieces[start:place]
            start = place
    yield pieces[start:]


def segments(pieces: tuple[Piece, ...], width: float) -> list[tuple[Piece, ...]]:
    """The pieces in parts of at most ``width`` where that can be, cut at outer depths first."""
    depths = [piece.depth for piece in pieces[1:] if piece.depth is not None]
    if not depths or sum(piece.width for piece in pieces) <= width:
        return [pieces]
    parts: list[tuple[Piece, ...]] = []
    for place, chunk in enumerate(_chunks(pieces, min(depths))):
        first = replace(chunk[0], depth=None) if place else chunk[0]
        parts += segments((first, *chunk[1:]), width)
    return parts


_SIZED = re.compile(r"\\(left|right)(?![a-zA-Z])")


def resized(lines: list[Line]) -> list[Line]:
    r"""TeX wants ``\left`` and ``\right`` on one line; those torn apart get a fixed size."""
    return [replace(line, text=whole_sizes(line.text)) for line in lines]


def whole_sizes(text: str) -> str:
    r"""``\left`` and ``\right`` without partner become ``\biggl`` and ``\biggr``."""
    marks = list(_SIZED.finditer(text))
    opened: list[re.Match[str]] = []
    torn: list[re.Match[str]] = []
    for mark in marks:
        if mark[1] == "left":
            opened.append(mark)
        elif opened:
            opened.pop()
        else:
            torn.append(mark)
    for mark in sorted([*torn, *opened], key=lambda m: -m.start()):
        size = r"\biggl" if mark[1] == "left" else r"\biggr"
        text = text[: mark.start()] + size + text[mark.end() :]
    return text
