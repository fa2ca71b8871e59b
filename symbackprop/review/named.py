"""Documents without layer letters: each letter is a quantity of its own, its sizes are found out.

Definitions say which sizes are equal (``z = W x``: the columns of W are the rows of x); everything
that they leave apart is a size of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.errors import IllTyped
from symbackprop.language.program import Definition, Program

if TYPE_CHECKING:
    from symbackprop.review.program import Meaning


def settle(made: Meaning, definitions: list[Definition]) -> Program:
    """The program, with every size a number of its own."""
    raise IllTyped("documents without layer letters")


__all__ = ["Basic", "Integer", "Symbol"]
