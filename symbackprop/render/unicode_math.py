"""Terms for a terminal, in Unicode: ``δ^L_j = Σ_k ∂C/∂a^L_k ∂a^L_k/∂z^L_j``."""

from __future__ import annotations

import re

from symbackprop.render.dialect import separator
from symbackprop.render.escape import visible
from symbackprop.render.printer import Printer
from symbackprop.render.rows import Level, Line, Piece, Row, broken
from symbackprop.render.symbols import GREEK, SYMBOLS, raised

_VULGAR = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/8": "⅛"}
_SIGNS = {
    "plus": separator(" + ", 3), "minus": separator(" - ", 3), "negative": Piece("-", 1),
    "times": separator(" ", 1, "· ", 1),
    "dot": separator(" · ", 3),
    "matmul": separator(" ", 1, ""),
    "comma": Piece(", ", 2),
}  # fmt: skip
_RELATIONS = {"=": " = ", "!=": " ≠ ", "<": " < ", "<=": " ≤ "}
_FUNCTIONS = {"exp": "exp", "log": "ln", "erf": "erf", "sqrt": "√"}


def unicode_of(tex: str) -> str:
    r"""A letter of the notation table in Unicode: ``\delta`` → δ, ``\mathbf{W}`` → W."""
    bare = re.sub(r"\\math(bf|rm|cal)\{(.*)\}", r"\2", tex)
    return SYMBOLS.get(bare.removeprefix("\\"), bare)


def one(text: str, level: Level = Level.ATOM) -> Row:
    """A row of one piece."""
    return Row((Piece(text, len(text)),), level)


def _script(mark: str, text: str) -> str:
    if not text:
        return ""
    return f"{mark}{text}" if len(text) == 1 else f"{mark}{{{text}}}"


class TextPrinter(Printer):
    """Unicode, with widths in characters."""

    def letter(self, tex: str) -> str:
        return unicode_of(tex)

    def name(self, name: str) -> str:
        return SYMBOLS[name] if name in GREEK else visible(name)

    def scripted(self, base: str, above: str = "", below: str = "") -> Row:
        text = base.replace("'", "′") + _script("^", above) + _script("_", below)
        return one(text, Level.SCRIPTED if above or "'" in base else Level.ATOM)

    def group(self, inner: Row, kind: str = "()") -> Row:
        return Row((Piece(kind[0], 1), *inner.deeper, Piece(kind[1], 1)))

    def fraction(self, above: Row, below: Row) -> Row:
        if (text := f"{above}/{below}") in _VULGAR:
            return one(_VULGAR[text])
        upper = above if above.level >= Level.SCRIPTED else self.group(above)
        lower = below if below.level >= Level.SCRIPTED else self.group(below)
        pieces = (*upper.deeper, Piece("/", 1), *lower.deeper)
        return Row(pieces, Level.DIVIDED)

    def slope(self, above: Row | None, below: Row) -> Row:
        return one(f"∂{above or ''}/∂{below}", Level.FRACTION)

    def nabla(self, by: Row, of: Row) -> Row:
        return one(f"∇_{{{by}}} {of}", Level.FRACTION)

    def raised(self, base: Row, exponent: str) -> Row:
        digits = exponent.isascii() and exponent.isdigit()
        mark = raised(exponent) if digits else exponent
        if not digits and mark != "ᵀ":
            mark = "ᵀ" if mark == "T" else _script("^", mark)
        return Row((*base.pieces, Piece(mark, len(mark))), Level.SCRIPTED)

    def bracketed(self, body: Row, above: str, below: str) -> Row:
        script = f"{below}…{above}" if above else below
        return Row((*self.group(body).pieces, *one(_script("_", script)).pieces), Level.SCRIPTED)

    def function(self, name: str, argument: Row) -> Row:
        if name == "abs":
            return Row((Piece("|", 1), *argument.deeper, Piece("|", 1)))
        if name == "step":
            return self.group(Row((*argument.pieces, Piece(" > 0", 4))), "[]")
        if name == "max0":
            return self.applied(one("max"), Row((Piece("0, ", 3), *argument.pieces)))
        if name == "log" and argument.level >= Level.SCRIPTED:
            return Row((Piece("ln ", 3), *argument.pieces), Level.OPEN)
        if name == "sqrt" and argument.level is Level.ATOM:
            return Row((Piece("√", 1), *argument.pieces))
        return self.applied(one(_FUNCTIONS[name]), argument)

    def big(self, sign: str, letter: str, first: str, last: str) -> Piece:
        if sign == "sum":
            text = "Σ" + _script("_", letter) + " "
        elif sign == "layers":
            text = f"Σ_{{{letter}={first}…{last}}} "
        else:
            text = f"Π_{{{letter}={first}…{last}}} "
        return Piece(text, len(text))

    def sign(self, name: str) -> Piece:
        if name == "hadamard":
            return separator(f" {self.letter(self.notation.hadamard)} ", 3)
        return _SIGNS[name]

    def relation(self, sign: str) -> str:
        return _RELATIONS[sign]

    def lines(self, row: Row, width: float) -> list[Line]:
        """The row on lines of at most ``width`` characters, less two for each indent."""
        return broken(row.pieces, width, 2)
