"""Conditions that stand before formulas: ``For 1 ≤ l < L:``, and ``For i ≠ j:``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbackprop.read import layout as t
from symbackprop.review.spelling import bare, walk

_HEADING = re.compile(r"\s*(#+\s|\\(sub)*section\b)")
_BEGINS = re.compile(  # the last sentence of a line
    r"(?:^|[.;:]\s)[^A-Za-z$]*(?:for|if|when|case|consider|let|assume|first|second|now)\b[^.]*[.:,]?\s*$",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\$\$|\\\[|\\\]|```|\\(begin|end)\{(align|equation|gather)")
_SENTENCE = re.compile(r"\s*[-*]*\s*[A-Z]")
LAYERS = ("l", "ell", "k")  # k = 1 … l (Goodfellow)
INDEX = re.compile(r"[i-s]")


def in_force(
    rows: Sequence[t.Chain | None], lines: Sequence[int], source: str
) -> list[t.Chain | None]:
    """A condition on layers holds until the next heading; one on indices for what follows it."""
    written = source.splitlines()
    headings = [n for n, text in enumerate(written, start=1) if _HEADING.match(text)]
    found: list[t.Chain | None] = []
    layers: t.Chain | None = None
    case: t.Chain | None = None
    where = last = 0
    for row, line in zip(rows, lines, strict=True):
        if any(last < heading <= line for heading in headings):
            layers = None
        if _new_sentence(written[where:line]):
            case = None
        if row is not None and _is_range(row) and written[line - 1 : line]:
            text = written[line - 1].strip()
            layers = row if text.startswith(("For ", "Für ")) and text.endswith(":") else layers
        elif row is not None and is_case(row):
            if written[line - 1 : line] and _BEGINS.search(written[line - 1]):
                case, where = row, line
        elif row is not None:
            notes = [] if layers is None else [layers]
            notes += [case] if case is not None and _mentions(row, case) else []
            row = replace(row, notes=(*row.notes, *notes))
        found.append(row)
        last = line
    return found


def is_case(row: t.Chain) -> bool:
    """``i = j`` or ``i ≠ j``, and nothing else."""
    sides = [bare(side) for side in row.sides]
    return row.relations in (("=",), ("neq",)) and not row.leading and len(sides) == 2 and all(
        isinstance(side, t.Name) and side.scripts == t.BARE and INDEX.fullmatch(side.base)
        for side in sides
    )  # fmt: skip


def _mentions(row: t.Chain, case: t.Chain) -> bool:
    """Whether both letters of ``i = j`` occur in a row."""
    letters = {n.base for n in walk(row) if isinstance(n, t.Name)}
    return all(n.base in letters for n in map(bare, case.sides) if isinstance(n, t.Name))


def _new_sentence(lines: Sequence[str]) -> bool:
    """Whether a line outside of displayed formulas begins with a capital."""
    inside = False
    for text in lines:
        fences = len(_FENCE.findall(text))
        if not inside and not fences and _SENTENCE.match(text):
            return True
        inside ^= fences % 2 == 1
    return False


def _is_range(row: t.Chain) -> bool:
    """``1 ≤ l < L``, and nothing else."""
    middle = bare(row.sides[1]) if len(row.sides) == 3 else None
    if row.relations == ("=",) and isinstance(bare(row.sides[1]), t.Number):
        middle = bare(row.sides[0])  # l = 1
    ranges = set(row.relations) <= {"leq", "<", "="} and not row.leading
    return ranges and isinstance(middle, t.Name) and middle.base in LAYERS
