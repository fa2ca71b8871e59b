"""NumPy code as mathematics, through latexify-py; the only module that knows of it.

latexify prints ``@`` and ``*`` alike, keeps ``.T`` as letters and drops ``axis=``, so that a matrix
product and a product entry by entry would look the same.  Here ``*`` of two arrays becomes ⊙,
``.T`` a transpose, a sum along an axis a sum over the letter of that axis, and what has no sign of
its own is refused.  Where latexify-py cannot be installed (Python 3.14 and later) or refuses, the
symbolic twin is shown, and a note says so.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
import textwrap
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PREFIXES = frozenset({"np", "numpy", "math"})
WHOLE = frozenset({"sum", "mean", "len", "float", "max", "min", "sqrt"})  # of an array, a number
EXPANDED = frozenset({"exp", "log1p"})
SIGNS = {"maximum": r"\max", "max": r"\max", "log": r"\ln", "pi": r"\pi"}
NO_SIGN = frozenset({"where", "ones_like", "zeros_like", "astype", "concatenate", "reshape"})


class NotMathematics(Exception):  # noqa: N818  (says what the code is, not that anything failed)
    """Code that would be printed wrongly or not at all; the sentence says why."""


@dataclass(frozen=True)
class Code:
    """``left = expression`` as it stands in the code, with local names ``where``.

    ``letters`` gives TeX for names and for entries as written (``"W[l]"`` → ``W^{l+1}``),
    ``numbers`` are names of plain numbers, ``axes`` the letter and the size of each axis; ``twin``
    is the TeX of the same from symbols, for where the code cannot be shown.
    """

    name: str
    left: str
    expression: ast.expr
    where: tuple[tuple[str, ast.expr], ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    numbers: Collection[str] = ()
    axes: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    twin: str = ""


def code_of(function: Callable[..., Any], **options: Any) -> Code:
    """The code of a small pure function: assignments to local names, then ``return``."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise NotMathematics("it is not a plain function")
    letters = options.get("letters", {})
    arguments = ", ".join(letter(argument.arg, letters) for argument in tree.args.args)
    *before, last = (s for s in tree.body if not _is_docstring(s))
    if not isinstance(last, ast.Return) or last.value is None:
        raise NotMathematics("it does not end in a value")
    where = tuple(map(_local, before))
    left = f"{letter(tree.name, letters)}({arguments})"
    return Code(tree.name, left, last.value, where, **options)


def shown(codes: Iterable[Code]) -> list[dict[str, str]]:
    """``{"name", "tex", "note", "code"}`` of each, for the documents' part on the code."""
    return [part for code in codes if (part := _part(code))]


def _part(code: Code) -> dict[str, str] | None:
    try:
        tex, note = mathematics_of(code), ""
    except NotMathematics as why:
        if not code.twin:
            return None
        tex, note = f"{code.left} = {code.twin}", f"shown from its symbolic twin: {why}"
    return {"name": code.name, "tex": tex, "note": note, "code": ast.unparse(code.expression)}


def mathematics_of(code: Code) -> str:
    """The LaTeX of the code itself; ``NotMathematics`` where that would mislead."""
    value = _tex(code.expression, code)
    local = [f"{letter(name, code.letters)} = {_tex(expr, code)}" for name, expr in code.where]
    if not local:
        return f"{code.left} = {value}"
    return rf"{code.left} = {value} \quad\text{{with}}\quad " + r",\quad ".join(local)


def letter(name: str, letters: Mapping[str, str]) -> str:
    """The TeX of a name."""
    if name in letters or name in SIGNS:
        return letters.get(name) or SIGNS[name]
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _local(statement: ast.stmt) -> tuple[str, ast.expr]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
    raise NotMathematics(f"'{ast.unparse(statement).splitlines()[0]}' is not a formula")


def _tex(expression: ast.expr, code: Code) -> str:
    try:
        from latexify import exceptions, transformers
    except ImportError as missing:
        raise NotMathematics("latexify-py cannot be installed for this Python") from missing
    tree = ast.parse(ast.unparse(expression), mode="eval").body
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of ast.Num in latexify
            tree = _WithoutPrefixes().visit(tree)
            tree = transformers.FunctionExpander(set(EXPANDED)).visit(tree)
            writer = _writer_class()()
            writer.code = code
            tex: str = writer.visit(tree)
    except exceptions.LatexifyError as why:
        raise NotMathematics(f"latexify-py cannot read it ({why})") from why
    return re.sub(r"\\math(open|close)\{\} ?", "", tex)


class _WithoutPrefixes(ast.NodeTransformer):
    """``np.exp`` → ``exp``, everywhere (latexify stops at methods)."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in PREFIXES:
            return ast.Name(node.attr, ast.Load())
        return self.generic_visit(node)


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
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            return name in WHOLE
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
    return False


@functools.cache
def _writer_class() -> type[Any]:
    from latexify.codegen.expression_codegen import ExpressionCodegen

    class ArrayCodegen(ExpressionCodegen):
        """latexify's writer of expressions, with transposes, axes and two kinds of products."""

        code: Code

        def visit_Name(self, node: ast.Name) -> str:
            return letter(node.id, self.code.letters)

        def visit_Subscript(self, node: ast.Subscript) -> str:
            written = ast.unparse(node)
            if written not in self.code.letters:
                raise NotMathematics(f"{written} has no letter")
            return self.code.letters[written]

        def visit_Attribute(self, node: ast.Attribute) -> str:
            if node.attr != "T":
                raise NotMathematics(f".{node.attr} has no sign of its own")
            inner = self.visit(node.value)
            plain = isinstance(node.value, ast.Name) and "^" not in inner
            return inner + r"^{\top}" if plain else rf"\left( {inner} \right)^{{\top}}"

        def visit_Call(self, node: ast.Call) -> str:
            match node:
                case ast.Call(func=ast.Attribute(attr="sum" | "mean" as attr, value=array)):
                    return self._total(attr, array, node)
                case ast.Call(func=ast.Name(id=name)) if name in NO_SIGN:
                    raise NotMathematics(f"{name} has no sign of its own")
                case ast.Call(func=ast.Name(id=name)) if name in self.code.letters or name in SIGNS:
                    arguments = ", ".join(map(self.visit, node.args))
                    return f"{letter(name, self.code.letters)}({arguments})"
                case ast.Call(func=ast.Subscript() as function):
                    arguments = ", ".join(map(self.visit, node.args))
                    return f"{self.visit(function)}({arguments})"
                case ast.Call(func=ast.Attribute()):
                    raise NotMathematics(f"{ast.unparse(node.func)} has no sign of its own")
            if node.keywords:
                raise NotMathematics(f"{node.keywords[0].arg}= has no place in the formula")
            written: str = super().visit_Call(node)
            return written

        def _total(self, attr: str, array: ast.expr, node: ast.Call) -> str:
            """A sum along an axis: over the entries with the letter of that axis."""
            match node.keywords:
                case [ast.keyword(arg="axis", value=ast.Constant(value=int(axis)))]:
                    over = self.code.axes.get(axis)
                case _:
                    over = None
            if over is None:
                raise NotMathematics(f"{ast.unparse(node)} does not say what it runs over")
            index, size = over
            entries = rf"\left( {self.visit(array)} \right)_{{{index}}}"
            front = rf"\frac{{1}}{{{size}}} " if attr == "mean" else ""
            return rf"{front}\sum_{{{index}}} {entries}"

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
            fraction = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Pow)
            bare = fraction or not isinstance(node, ast.BinOp)
            return text if bare else rf"\left( {text} \right)"

    return ArrayCodegen
