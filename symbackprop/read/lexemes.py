"""The words of the grammar, and the stack of open brackets that makes them."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

from symbackprop.read.layout import Node

ARITY = {"SUB": 1, "SUP": 1, "FRAC": 2, "SQRT": 1, "ACCENT": 1}
OPERANDS = frozenset({"ATOM", "FRAC", "SQRT", "ACCENT", "LBRACE", "BRACED", "PDV", "OPEN", "BEGIN"})
OPERAND_ENDS = frozenset({"ATOM", "CLOSE", "RBRACE", "PRIMES", "END", "NOTE", "BARE"})


class Lexeme(Token):
    """A word of the grammar with the node it stands for, if it is one."""

    node: Node | None = None
    within: str = "row"


@dataclass
class Level:
    """An open bracket: what it is, where, and what holds inside."""

    kind: str
    lexeme: Lexeme
    top: bool = False  # commas and words separate formulas here
    script: bool = False
    left: bool = False
    fonts: tuple[str, ...] = ()
    note: str = ""  # the sign that hangs a note at \\underbrace{…}
    wanted: int = 0  # arguments without braces that are still to come
