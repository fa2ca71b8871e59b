"""Arithmetic as people print it beside a result: ``1/(1+exp(-0.1))``; read, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

from symbackprop.errors import InputError

MAX_LENGTH = 400
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda u, v: u + v,
    ast.Sub: lambda u, v: u - v,
    ast.Mult: lambda u, v: u * v,
    ast.Div: lambda u, v: u / v,
    ast.Pow: lambda u, v: u**v,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": mp.exp, "ln": mp.log, "log": mp.log, "sqrt": mp.sqrt, "tanh": mp.tanh,
    "sigmoid": lambda v: 1 / (1 + mp.exp(-v)),
}  # fmt: skip


def value_of(formula: str, turned: int | None = None) -> Any:
    """The value; with the sign of the number ``turned`` (counted from 0) the other way.

    Raises ``InputError`` for anything but numbers, + - * / **, brackets and a few functions.
    """
    if len(formula) > MAX_LENGTH:
        raise InputError(f"a formula of {len(formula)} characters")
    try:
        tree = ast.parse(re.sub(r"\^", "**", formula.strip()), mode="eval")
        return _Walk(formula, turned).value(tree.body)
    except (SyntaxError, ZeroDivisionError, RecursionError, ValueError, OverflowError):
        raise InputError(f"formula: {formula!r} is not understood", expected=EXPECTED) from None


EXPECTED = "numbers, + - * / **, brackets, exp, ln, sqrt, tanh, sigmoid"


def count_of(formula: str) -> int:
    """How many numbers stand in a formula."""
    return len(re.findall(r"(?<![A-Za-z])\d+(?:\.\d*)?|\.\d+", formula))


class _Walk:
    def __init__(self, formula: str, turned: int | None) -> None:
        self.formula, self.turned, self.seen = formula, turned, -1

    def value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            self.seen += 1
            text = ast.get_source_segment(re.sub(r"\^", "**", self.formula.strip()), node)
            return mpf(text or str(node.value)) * (-1 if self.seen == self.turned else 1)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            inner = self.value(node.operand)
            return -inner if isinstance(node.op, ast.USub) else inner
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(node.op, ast.Pow) and abs(right) > 64:
                raise InputError(f"formula: {self.formula!r} has an exponent above 64")
            return _BINARY[type(node.op)](left, right)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in _FUNCTIONS
            and len(node.args) == 1
            and not node.keywords
        ):
            return _FUNCTIONS[node.func.id](self.value(node.args[0]))
        raise InputError(f"formula: {self.formula!r} is not understood", expected=EXPECTED)
