"""The text of a person's file: Python, the code cells of a notebook, and what is Python 2 in it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

from symbackprop.errors import InputError, LimitError

LARGEST = 2_000_000
# what only Python 2 can read
OLD_SYNTAX = re.compile(
    r"""\s*(print\b(?!\s*\()|exec\s+["'\w]|raise\s+\w+\s*,|except\s+[\w.()\s,]+,\s*\w+\s*:)
    |.*(<>|`|\b0[0-7]+\b|\bur["'])|.*\bdef\s+\w+\(.*\([\w\s,]+\).*\)\s*:|.*\blambda\s*\(""",
    re.VERBOSE,
)
# what only Python 2 has
OLD_NAMES = {
    "xrange", "raw_input", "unicode", "basestring", "long", "unichr", "reduce", "execfile", "cmp",
}  # fmt: skip
OLD_MODULES = {
    "cPickle", "urllib2", "StringIO", "cStringIO", "Queue", "ConfigParser", "Tkinter", "commands",
    "__builtin__",
}  # fmt: skip
OLD_METHODS = {"iteritems", "itervalues", "iterkeys", "has_key"}
# how Python 3 names the fault when it runs such code
OLD_FAULTS = {"NameError", "ModuleNotFoundError", "ImportError", "AttributeError"}


def source_of(path: Path) -> tuple[str, tuple[int, ...]]:
    """The text of a .py file; of a notebook the code cells, and the lines in which they start."""
    try:
        if path.stat().st_size > LARGEST:
            raise LimitError("the file is too large", file=str(path), expected="at most 2 MB")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be read: {why}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("is no text in UTF-8", file=str(path)) from error
    if "\0" in text:
        raise InputError("is no Python file: it holds null characters", file=str(path))
    return _cells(text, path) if path.suffix == ".ipynb" else (text, ())


def _cells(text: str, path: Path) -> tuple[str, tuple[int, ...]]:
    """One after the other; lines for the shell or for IPython become comments."""
    try:
        cells = json.loads(text)["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("is no notebook that can be read", file=str(path)) from error
    lines: list[str] = []
    starts = []
    for cell in code:
        starts.append(len(lines) + 1)
        lines += [_tamed(line) for line in cell.splitlines()]
    return "\n".join(lines) + "\n", tuple(starts)


def _tamed(line: str) -> str:
    bare = line.lstrip()
    return "pass  # " + line if bare.startswith(("%", "!")) or bare.endswith("?") else line


def located(file: str, line: int, cells: Sequence[int] = ()) -> tuple[str, int]:
    """File and line; of a notebook the code cell and the line in it."""
    started = [start for start in cells if start <= line]
    if not started:
        return file, line
    return f"{file} (code cell {len(started)})", line - started[-1] + 1


def old_line(tree: ast.Module, kind: str) -> int | None:
    """The first line that needs Python 2, of code that Python 3 reads and does not run."""
    if kind not in OLD_FAULTS:
        return None
    own = {name for node in ast.walk(tree) for name in _made(node)}
    return min((n.lineno for n in ast.walk(tree) if _is_old(n, own)), default=None)


def _made(node: ast.AST) -> list[str]:
    """The names that a part of a program makes."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [one.asname or one.name for one in node.names]
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def _is_old(node: ast.AST, own: set[str]) -> TypeGuard[ast.expr | ast.stmt]:
    if isinstance(node, ast.Name):
        return node.id in OLD_NAMES - own
    if isinstance(node, ast.Attribute):
        return node.attr in OLD_METHODS
    if isinstance(node, ast.Import):
        return any(one.name in OLD_MODULES for one in node.names)
    return isinstance(node, ast.ImportFrom) and node.module in OLD_MODULES
