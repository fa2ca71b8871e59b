"""NumPy functions as mathematics, through latexify-py; the only module that knows of it.

latexify prints ``@`` and ``*`` alike, keeps ``.T`` as letters and drops ``axis=``, so that a matrix
product and a product entry by entry would look the same.  Here ``*`` of two arrays becomes ⊙,
``.T`` a transpose, and a function that uses ``axis`` is refused.  Where latexify-py cannot be
installed (Python 3.14 and later) the symbolic twin is shown, and a note says so.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NUMPY = frozenset({"np", "numpy"})
WHOLE = frozenset({"sum", "mean", "len", "float", "max", "min"})  # of an array, a number


class NotMathematics(Exception):  # noqa: N818  (says what the code is, not that anything failed)
    """A function that would be printed wrongly or not at all; the sentence says why."""


@dataclass(frozen=True)
class Code:
    """A function to show: its letters, which of its names are numbers, and its symbolic twin.

    ``letters`` gives TeX for names (``W_next`` → ``W^{l+1}``); ``twin`` makes the TeX of the same
    function from symbols, for where the code cannot be read.
    """

    function: Callable[..., Any]
    name: str
    letters: Mapping[str, str] = field(default_factory=dict)
    numbers: Collection[str] = ()
    twin: Callable[[], str] | None = None


def shown(codes: Iterable[Code]) -> list[dict[str, str]]:
    """``{"name", "tex", "note"}`` of each function, for the documents' part on the code."""
    return [part for code in codes if (part := _part(code))]


def _part(code: Code) -> dict[str, str] | None:
    try:
        tex, note = mathematics_of(code), ""
    except NotMathematics as why:
        if code.twin is None:
            return None
        tex, note = code.twin(), f"shown from its symbolic twin: {why}"
    return {"name": code.name, "tex": tex, "note": note}


def mathematics_of(code: Code) -> str:
    """The LaTeX of a function's own source; ``NotMathematics`` where that would mislead."""
    try:
        from latexify import exceptions, parser, transformers
        from latexify.codegen import FunctionCodegen
    except ImportError as missing:
        raise NotMathematics("latexify-py cannot be installed for this Python") from missing
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of ast.Num in latexify
            tree = parser.parse_function(code.function)
            _refuse(tree)
            tree = transformers.AugAssignReplacer().visit(tree)
            tree = transformers.PrefixTrimmer(set(NUMPY)).visit(tree)
            tree = transformers.DocstringRemover().visit(tree)
            tree = transformers.FunctionExpander({"exp"}).visit(_without_annotations(tree))
            writer = FunctionCodegen(use_signature=False)
            writer._expression_codegen = _arrays(code)
            body: str = writer.visit(tree)
    except (exceptions.LatexifyError, OSError, TypeError) as why:
        raise NotMathematics(f"latexify-py cannot read it ({why})") from why
    arguments = tree.body[0].args.args
    letters = ", ".join(_letter(argument.arg, code.letters) for argument in arguments)
    return f"{_letter(tree.body[0].name, code.letters)}({letters}) = {_flat(body)}"


def _flat(body: str) -> str:
    """``value, with s = …`` on one line instead of a column of statements."""
    plain = re.sub(r"\\math(open|close)\{\} ?", "", body)
    column = re.fullmatch(r"\\begin\{array\}\{l\} (.*) \\end\{array\}", plain)
    if column is None:
        return plain
    if r"\begin" in column[1]:
        raise NotMathematics("it has branches and local names")
    *before, value = column[1].split(r" \\ ")
    return rf"{value} \quad\text{{with}}\quad " + r",\quad ".join(before)


def _refuse(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("axis", "keepdims", "out", "where"):
            raise NotMathematics(f"{node.arg}= has no place in the formula")


def _without_annotations(tree: ast.AST) -> ast.AST:
    """Type hints are no part of the formula."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return tree


def _letter(name: str, letters: Mapping[str, str]) -> str:
    if name in letters:
        return letters[name]
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def is_number(node: ast.AST, numbers: Collection[str]) -> bool:
    """Whether an expression stands for one number and not for an array."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in numbers
        case ast.BinOp(left=left, right=right):
            return is_number(left, numbers) and is_number(right, numbers)
        case ast.UnaryOp(operand=operand):
            return is_number(operand, numbers)
        case ast.Call(func=ast.Name(id=name)):
            return name in WHOLE
        case ast.Attribute(attr=name):
            return name == "size"
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
    return False


@functools.cache
def _writer_class() -> type[Any]:
    from latexify.codegen.expression_codegen import ExpressionCodegen

    class ArrayCodegen(ExpressionCodegen):
        """latexify's writer of expressions, with transposes and two kinds of products."""

        code: Code

        def visit_Name(self, node: ast.Name) -> str:
            return _letter(node.id, self.code.letters)

        def visit_Attribute(self, node: ast.Attribute) -> str:
            if node.attr != "T":
                raise NotMathematics(f".{node.attr} has no sign of its own")
            inner = self.visit(node.value)
            plain = isinstance(node.value, ast.Name) and "^" not in inner
            return inner + r"^{\top}" if plain else rf"\left( {inner} \right)^{{\top}}"

        def visit_BinOp(self, node: ast.BinOp) -> str:
            one, other = node.left, node.right
            numbers = self.code.numbers
            arrays = not (is_number(one, numbers) or is_number(other, numbers))
            if isinstance(node.op, ast.Mult) and arrays:
                return rf"{self._factor(one)} \odot {self._factor(other)}"
            if isinstance(node.op, ast.MatMult):
                return f"{self._factor(one)} {self._factor(other)}"
            written: str = super().visit_BinOp(node)
            return written

        def _factor(self, node: ast.expr) -> str:
            text: str = self.visit(node)
            return rf"\left( {text} \right)" if isinstance(node, ast.BinOp) else text

    return ArrayCodegen


def _arrays(code: Code) -> Any:
    writer = _writer_class()()
    writer.code = code
    return writer
