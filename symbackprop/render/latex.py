r"""Terms as LaTeX: ``\frac{\partial C}{\partial a^{L}_{k}}``, ``\sum_{k=1}^{n_{l}}``, ``\odot``.

Only macros that plain amsmath, MathJax on GitHub and MathML converters all know are used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from symbackprop.render.dialect import LETTER, SCRIPT, SIGN, separator
from symbackprop.render.printer import Printer
from symbackprop.render.rows import Level, Line, Piece, Row, broken, resized, segments, whole_sizes
from symbackprop.render.symbols import GREEK

_PLAIN_NAME = re.compile(r"[A-Za-z]'*")
_NAME_MARKS = {"_": r"\_", "-": "-", " ": r"\ ", "'": "'", ".": "."}


@dataclass(frozen=True)
class Marks:
    """The templates of a two-dimensional dialect, one for each construction."""

    above: str
    below: str
    fraction: str
    nabla: str
    root: str
    exp: str
    sum: str
    prod: str
    bars: tuple[str, str]
    tall_bars: tuple[str, str]
    brackets: Mapping[str, tuple[str, str]]
    names: Mapping[str, str]
    signs: Mapping[str, Piece]
    relations: Mapping[str, str]
    continued: str
    """What a continued line starts with, so that its sign stands between two operands."""


LATEX = Marks(
    above="^{%s}",
    below="_{%s}",
    fraction=r"\frac{%s}{%s}",
    nabla=r"\nabla_{%s} %s",
    root=r"\sqrt{%s}",
    exp="e^{%s}",
    sum=r"\sum_{%s=%s}^{%s} ",
    prod=r"\prod_{%s=%s,\,\dots,\,%s} ",
    bars=(r"\lvert ", r" \rvert"),
    tall_bars=(r"\left\lvert ", r" \right\rvert"),
    brackets={
        "plain": ("%s", "%s"),
        "nested": (r"\bigl%s", r"\bigr%s"),
        "tall": (r"\left%s ", r" \right%s"),
    },
    names={"log": r"\ln", "erf": r"\mathrm{erf}", "max": r"\max"},
    signs={
        "plus": separator(" + ", SIGN, "{} + "),
        "minus": separator(" - ", SIGN, "{} - "),
        "negative": Piece("-", 0.8),
        "times": separator(" ", 0.1, r"{} \cdot ", 0.7),
        "dot": separator(r" \cdot ", 0.8, r"{} \cdot "),
        "matmul": separator(" ", 0.1, ""),
        "comma": Piece(", ", 0.4),
    },
    relations={"=": " = ", "!=": r" \neq ", "<": " < ", "<=": r" \leq "},
    continued="{}",
)


class LatexPrinter(Printer):
    """LaTeX for amsmath, with widths in em for the breaking of long lines."""

    marks: ClassVar[Marks] = LATEX
    partial: ClassVar[str] = r"\partial "
    every: ClassVar[str] = r"\cdot "

    def letter(self, tex: str) -> str:
        return rf"\{tex}" if tex == "top" else tex

    def name(self, name: str) -> str:
        if _PLAIN_NAME.fullmatch(name):
            return name
        if name in GREEK:
            return "\\" + name
        if name == "□":  # what is to be found
            return r"\square"
        return rf"\mathrm{{{escape_name(name)}}}"

    def scripted(self, base: str, above: str = "", below: str = "") -> Row:
        scripts = (self.marks.above % above if above else "") + self._below(below)
        width = _width(base) * LETTER + max(_width(above), _width(below)) * SCRIPT
        level = Level.SCRIPTED if above or "'" in base else Level.ATOM
        return Row((Piece(base + scripts, width),), level)

    def _below(self, below: str) -> str:
        return self.marks.below % below if below else ""

    def group(self, inner: Row, kind: str = "()") -> Row:
        nested = "nested" if kind[0] in inner.text else "plain"
        left, right = self.marks.brackets["tall" if inner.tall else nested]
        width = 0.7 if inner.tall else 0.45
        pieces = (Piece(left % kind[0], width), *inner.deeper, Piece(right % kind[1], width))
        return Row(pieces, Level.ATOM, inner.tall)

    def fraction(self, above: Row, below: Row) -> Row:
        piece = Piece(self.marks.fraction % (above, below), max(above.width, below.width) + 0.3)
        return Row((piece,), Level.FRACTION, tall=True)

    def slope(self, above: Row | None, below: Row) -> Row:
        d = self.partial
        width = max(above.width if above else 0.0, below.width) + LETTER + 0.3
        text = self.marks.fraction % (f"{d}{above or ''}".strip(), f"{d}{below}")
        return Row((Piece(text, width),), Level.FRACTION, tall=True)

    def nabla(self, by: Row, of: Row) -> Row:
        piece = Piece(self.marks.nabla % (by, of), 0.8 + by.width * 0.7 + of.width)
        return Row((piece,), Level.FRACTION)

    def raised(self, base: Row, exponent: str) -> Row:
        *rest, last = base.pieces
        mark = self.marks.above % exponent
        text = last.text + mark
        if not rest and "_" in last.text:
            head, _, tail = last.text.partition("_")
            text = f"{head}{mark}_{tail}"
        width = last.width + _width(exponent) * SCRIPT
        return Row((*rest, Piece(text, width, last.depth, last.lead)), Level.SCRIPTED, base.tall)

    def bracketed(self, body: Row, above: str, below: str) -> Row:
        *rest, close = self.group(body).pieces
        width = close.width + max(_width(above), _width(below)) * SCRIPT
        text = close.text + (self.marks.above % above if above else "") + self._below(below)
        return Row((*rest, Piece(text, width)), Level.SCRIPTED, body.tall)

    def function(self, name: str, argument: Row) -> Row:
        if name == "exp":
            piece = Piece(self.marks.exp % argument, LETTER + argument.width * 0.7)
            return Row((piece,), Level.SCRIPTED)
        if name == "sqrt":
            return Row((Piece(self.marks.root % argument, argument.width + 0.9),))
        if name == "abs":
            left, right = self.marks.tall_bars if argument.tall else self.marks.bars
            pieces = (Piece(left, 0.4), *argument.deeper, Piece(right, 0.4))
            return Row(pieces, Level.ATOM, argument.tall)
        if name == "step":
            pieces = (*argument.pieces, Piece(" > 0", 1.8))
            return self.group(Row(pieces, tall=argument.tall), "[]")
        head = self.marks.names["max" if name == "max0" else name]
        if name == "max0":
            argument = Row((Piece("0, ", 1.0), *argument.pieces), Level.SUM, argument.tall)
        if argument.level >= Level.SCRIPTED and not argument.tall:
            return Row((Piece(head + " ", 1.4), *argument.pieces), Level.OPEN)
        return self.applied(Row((Piece(head, 1.4),)), argument)

    def big(self, sign: str, letter: str, first: str, last: str) -> Piece:
        if sign == "prod":
            width = (_width(f"{letter}{first}{last}") + 4) * SCRIPT
            return Piece(self.marks.prod % (letter, first, last), width + 0.2)
        width = max(1.4, _width(f"{letter}={first}") * SCRIPT, _width(last) * SCRIPT)
        return Piece(self.marks.sum % (letter, first, last), width + 0.2)

    def sign(self, name: str) -> Piece:
        if name == "hadamard":
            mark = self.letter(self.notation.hadamard)
            return separator(f" {mark} ", SIGN, f"{self.marks.continued} {mark} ")
        return self.marks.signs[name]

    def relation(self, sign: str) -> str:
        return self.marks.relations[sign]

    def segments(self, row: Row, width: float) -> list[str]:
        """The row in parts of at most ``width`` em where that can be; in between a line may end."""
        parts = segments(row.pieces, width)
        texts = ["".join(piece.text for piece in part) for part in parts]
        first, *rest = map(whole_sizes, texts)
        return [first, *(self.marks.continued + text for text in rest)]

    def lines(self, row: Row, width: float) -> list[Line]:
        """The row on lines of at most ``width`` em, less one for each indent."""
        lines = broken(row.pieces, width, 1.0)
        return resized(lines) if len(lines) > 1 else lines


def _width(tex: str) -> int:
    """How many letters a short piece of mathematics shows."""
    shown = re.sub(r"\\(mathrm|mathbf)|\\[,;]|[{}^_ \"]", "", tex)
    return len(re.sub(r"\\[a-zA-Z]+", "x", shown))


def escape_name(name: str) -> str:
    r"""A name for ``\mathrm{…}``: ASCII letters and digits stay, the rest is made harmless."""
    return "".join(c if c.isascii() and c.isalnum() else _NAME_MARKS.get(c, "?") for c in name)
