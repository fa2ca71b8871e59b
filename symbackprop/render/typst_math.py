"""Terms as Typst mathematics, for a PDF without TeX; made from the same tree as the LaTeX."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from symbackprop.render.dialect import SIGN, separator
from symbackprop.render.escape import escape_typst
from symbackprop.render.latex import LatexPrinter, Marks
from symbackprop.render.rows import Line, Piece, Row, broken
from symbackprop.render.symbols import SYMBOLS
from symbackprop.render.unicode_math import unicode_of

TYPST = Marks(
    above="^(%s)",
    below="_(%s)",
    fraction="frac(%s, %s)",
    nabla="nabla_(%s) %s",
    root="sqrt(%s)",
    exp="e^(%s)",
    sum="sum_(%s=%s)^(%s) ",
    prod="product_(%s=%s,...,%s) ",
    bars=("|", "|"),
    tall_bars=("|", "|"),
    brackets=dict.fromkeys(("plain", "nested", "tall"), ("%s", "%s")),
    names={"log": "ln", "erf": 'op("erf")', "max": "max"},
    signs={
        "plus": separator(" + ", SIGN),
        "minus": separator(" - ", SIGN),
        "negative": Piece("-", 0.8),
        "times": separator(" ", 0.1, "dot.op ", 0.7),
        "dot": separator(" dot.op ", 0.8),
        "matmul": separator(" ", 0.1, ""),
        "comma": Piece(", ", 0.4),
    },
    relations={"=": " = ", "!=": " != ", "<": " < ", "<=": " <= "},
    continued="",
)

_OPERATORS = frozenset("⊤⊙∗∘*∑")


class TypstPrinter(LatexPrinter):
    """Typst; the walk and the widths are those of the LaTeX printer."""

    marks: ClassVar[Marks] = TYPST
    partial: ClassVar[str] = "partial "
    slash: ClassVar[str] = "\\/"  # a bare slash builds a fraction
    every: ClassVar[str] = "dot.op "
    between: ClassVar[str] = " "  # Typst reads jk as one word

    def letter(self, tex: str) -> str:
        shown = quoted({"top": "⊤", r"\sum": "∑"}.get(tex) or unicode_of(tex))
        return f"bold({shown})" if tex.startswith(r"\mathbf") else shown

    def name(self, name: str) -> str:
        bare = name.rstrip("'")
        return quoted(SYMBOLS.get(bare, bare)) + "'" * (len(name) - len(bare))

    def slope(self, above: Row | None, below: Row) -> Row:
        row = super().slope(above, below)
        if above is not None:
            return row
        # a bracket right behind frac(…) would call it
        return replace(row, pieces=(*row.pieces, Piece(" ", 0.1)))

    def lines(self, row: Row, width: float) -> list[Line]:
        lines = broken(row.pieces, width, 1.0)
        return [replace(line, text=untorn(line.text)) for line in lines]


def untorn(text: str) -> str:
    """A bracket whose partner stands on another line is escaped: it groups nothing here."""
    opened: list[int] = []
    torn: list[int] = []
    for place, char in enumerate(text):
        if char in "([":
            opened.append(place)
        elif char in ")]" and opened:
            opened.pop()
        elif char in ")]":
            torn.append(place)
    for place in sorted([*opened, *torn], reverse=True):
        text = f"{text[:place]}\\{text[place:]}"
    return text


def quoted(text: str) -> str:
    """A single letter as it is, anything else as a string, which Typst prints and never runs."""
    if len(text) == 1 and text.isalnum():
        return text
    return text if text in _OPERATORS else escape_typst(text)
