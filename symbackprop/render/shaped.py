"""Products of arrays with the shape under every factor: ``(3 × 2)(2 × 1) ⊙ (3 × 1)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from sympy import Basic

from symbackprop.language import terms as t
from symbackprop.language.shapes import shape
from symbackprop.render.rows import Piece, Row

if TYPE_CHECKING:
    from symbackprop.render.latex import LatexPrinter

    Base = LatexPrinter
else:
    Base = object

UNDER = {
    "latex": (r"\underset{%(shape)s}{%(row)s}", r" \times "),
    "typst": ("attach(limits(%(row)s), b: %(shape)s)", " times "),
}


class Shaped(Base):
    """Mixed into a printer: each factor of a product of arrays gets its shape below."""

    dialect: ClassVar[str] = "latex"

    def _arrays(self, factors: Sequence[Basic]) -> list[Row]:
        rows = super()._arrays(factors)
        return [self._under(f, row) for f, row in zip(factors, rows, strict=True)]

    def _under(self, factor: Basic, row: Row) -> Row:
        if self.program is None or isinstance(factor, t.MatMul | t.Hadamard):
            return row
        found = shape(factor, replace(self.program, widths=None))  # each layer its own width
        if found is None:
            return row
        template, sign = UNDER[self.dialect]
        said = sign.join("1" if size == 1 else self.text(size) for size in found)
        piece = Piece(template % {"row": row.text, "shape": said}, max(row.width, 3.4))
        return Row((piece,), row.level, tall=row.tall)
