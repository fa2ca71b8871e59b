"""A person's file as data: functions, parameters, names, without running any of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from symbackprop.diagnose.child.perform import ADAPTED, ADAPTER
from symbackprop.diagnose.sources import OLD_SYNTAX, located, source_of
from symbackprop.errors import InputError, nearest

HOLES = re.compile(r"%[ds]|\{[^}]*\}")  # "W%d" % l, "W{}".format(l)


@dataclass(frozen=True)
class Parameter:
    """``optional``: it has a default; ``by_name``: it stands behind a ``*``."""

    name: str
    optional: bool = False
    by_name: bool = False


@dataclass(frozen=True)
class Person:
    """The source of a module and the function in it that is looked at (``owner``: its class)."""

    source: str
    file: str
    name: str
    owner: str | None = None
    cells: tuple[int, ...] = ()

    def at(self, line: int) -> tuple[str, int]:
        """File and line as a person finds them, also in a notebook."""
        return located(self.file, line, self.cells)

    @property
    def callee(self) -> str:
        """The name under which the function is called."""
        return self.name

    @property
    def full_name(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def function(self) -> ast.FunctionDef:
        return _function(self)

    @cached_property
    def parameters(self) -> list[Parameter]:
        return parameters_of(self.function, method=self.owner is not None)

    @property
    def twice(self) -> str:
        """A warning if the name is defined more than once."""
        body = self.class_.body if self.owner else self.tree.body
        lines = [n.lineno for n in body if isinstance(n, ast.FunctionDef) and n.name == self.name]
        if len(lines) < 2:
            return ""
        places = ", ".join(map(str, lines))
        return f"{self.name} is defined {len(lines)} times (lines {places}); Python keeps the last"

    @cached_property
    def constructor(self) -> list[Parameter]:
        """What ``__init__`` of the owner takes."""
        for node in self.class_.body if self.owner else ():
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                return parameters_of(node, method=True)
        return []

    @cached_property
    def class_(self) -> ast.ClassDef:
        assert self.owner is not None
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef) and node.name == self.owner:
                return node
        classes = [node.name for node in self.tree.body if isinstance(node, ast.ClassDef)]
        raise InputError(
            f"there is no class {self.owner!r}", file=self.file,
            expected=nearest(self.owner, classes) if classes else "a class at the top level",
        )  # fmt: skip

    @cached_property
    def words(self) -> set[str]:
        """All names, attributes and short texts in the file, in lower case.

        What is compared with 0 may be a mask, so it speaks of a maximum.
        """
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                found.add(node.id.lower())
            elif isinstance(node, ast.Attribute):
                found.add(node.attr.lower())
            elif isinstance(node, ast.FunctionDef):
                found.add(node.name.lower())
            elif isinstance(node, ast.Compare) and _is_zero(node.comparators[0]):
                found.add("maximum")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update([node.value.lower()] if len(node.value) < 30 else [])
        return found

    def keys(self, name: str) -> list[str]:
        """The text keys with which a name is subscripted somewhere in the file."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Subscript) and _ends_in(node.value, name):
                found += [
                    part.value
                    for part in ast.walk(node.slice)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
        return list(dict.fromkeys(HOLES.sub("", key) for key in found))

    def unpacked(self, name: str) -> list[str]:
        """The names in ``W1, b1, W2, b2 = name`` in the function."""
        for node in ast.walk(self.function):
            if isinstance(node, ast.Assign) and _ends_in(node.value, name):
                for target in node.targets:
                    if isinstance(target, (ast.Tuple, ast.List)):
                        return [n.id if isinstance(n, ast.Name) else "" for n in target.elts]
        return []

    @cached_property
    def returned(self) -> list[str]:
        """The names that the function returns, in order."""
        return names_returned(self.function)

    @cached_property
    def outer_names(self) -> list[str]:
        """Module variables that the function reads without being given them."""
        assigned = {
            target.id
            for node in self.tree.body
            if isinstance(node, (ast.Assign, ast.AnnAssign))
            for target in ast.walk(node)
            if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
        }
        own = {p.name for p in self.parameters}
        declared = {
            name for n in ast.walk(self.function) if isinstance(n, ast.Global) for name in n.names
        }
        local = {
            node.id
            for node in ast.walk(self.function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        } - declared
        read = [
            n.id for n in ast.walk(self.function) if isinstance(n, ast.Name) and n.id in assigned
        ]
        return [name for name in dict.fromkeys(read) if name not in own | local]


@dataclass(frozen=True)
class Adapted(Person):
    """A person's function behind an adapter, which is what is called; lines are the person's."""

    adapter: str = ""

    @property
    def callee(self) -> str:
        return f"{ADAPTER}:{ADAPTED}"

    @cached_property
    def parameters(self) -> list[Parameter]:
        return parameters_of(self._own)

    @cached_property
    def returned(self) -> list[str]:
        return names_returned(self._own)

    @property
    def outer_names(self) -> list[str]:
        return []

    @cached_property
    def _own(self) -> ast.FunctionDef:
        adapter = Person(self.adapter, ADAPTER, ADAPTED)
        _parsed(adapter)
        return adapter.function


def names_returned(function: ast.FunctionDef) -> list[str]:
    """The names in the last ``return a, b, c`` of the function ("" where it is no name)."""
    returns = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value]
    if not returns:
        return []
    value = max(returns, key=lambda node: node.lineno).value
    items = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
    return [item.id if isinstance(item, ast.Name) else "" for item in items]


def parameters_of(function: ast.FunctionDef, *, method: bool = False) -> list[Parameter]:
    """Names in order; a method's ``self`` is left out."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    first_default = len(positional) - len(arguments.defaults)
    found = [Parameter(a.arg, place >= first_default) for place, a in enumerate(positional)]
    found += [
        Parameter(a.arg, default is not None, by_name=True)
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    marks = [d.id for d in function.decorator_list if isinstance(d, ast.Name)]
    return found[1:] if method and "staticmethod" not in marks else found


def _function(person: Person) -> ast.FunctionDef:
    body = person.class_.body if person.owner else person.tree.body
    found = [n for n in body if isinstance(n, ast.FunctionDef) and n.name == person.name]
    if found:
        return found[-1]  # of two with one name Python keeps the last
    known = [n.name for n in body if isinstance(n, ast.FunctionDef)]
    raise InputError(
        f"there is no function {person.name!r}", file=person.file,
        expected=nearest(person.name, known) if known else "a function at the top level",
        todo="name it as FILE.py:FUNCTION or FILE.py:CLASS.METHOD",
    )  # fmt: skip


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _ends_in(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )


def read_person(target: str) -> Person:
    """``FILE.py:FUNCTION``, ``FILE.py:CLASS.METHOD`` or ``FILE.ipynb:FUNCTION``."""
    path_text, colon, name = target.rpartition(":")
    if not colon or not name or not path_text:
        raise InputError(f"{target!r} names no function", expected="FILE.py:FUNCTION")
    source, cells = source_of(Path(path_text))
    owner, _, function = name.rpartition(".")
    person = Person(source, path_text, function, owner or None, cells)
    _parsed(person)
    if owner == "":
        classes = {n.name: n for n in person.tree.body if isinstance(n, ast.ClassDef)}
        if function in classes:
            methods = [n.name for n in classes[function].body if isinstance(n, ast.FunctionDef)]
            raise InputError(
                f"{function} is a class", file=path_text,
                todo=f"name a method: {function}.{', '.join(m for m in methods if m[0] != '_')}",
            )  # fmt: skip
    _ = person.function
    return person


def _parsed(person: Person) -> None:
    """A syntax error is the person's, with their line; Python 2 is called by its name."""
    try:
        _ = person.tree
    except SyntaxError as error:
        number = error.lineno or 1
        lines = person.source.splitlines()
        text = lines[number - 1].strip() if number <= len(lines) else ""
        file, line = person.at(number)
        if OLD_SYNTAX.match(text):
            raise InputError(
                f"is Python 2: {text[:60]}", file=file, line=line,
                todo="convert it to Python 3 first",
            ) from error  # fmt: skip
        raise InputError(
            f"is no Python: {error.msg}", file=file, line=line, column=error.offset
        ) from error
    except (RecursionError, ValueError, MemoryError) as error:
        raise InputError("is no Python that can be read", file=person.file) from error
