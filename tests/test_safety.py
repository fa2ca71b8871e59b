"""No text of others is ever run: a walk through our own syntax trees, against an allow list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import sympy as sp

import symbackprop
from symbackprop.numeric import lower

PACKAGE = Path(symbackprop.__path__[0])
SOURCES = sorted(PACKAGE.rglob("*.py"))

# A call that can run text, or data that acts as text.
RUNNERS = {
    "eval", "exec", "compile", "__import__", "import_module", "system", "popen",
    "sympify", "parse_expr", "S", "lambdify", "parse_latex",
}  # fmt: skip
MODULES = {
    "pickle",
    "marshal",
    "shelve",
    "yaml",
    "dill",
    "subprocess",
    "os.system",
    "runpy",
    "code",
}

# file, call: why nothing of others can be in it
ALLOWED = {
    ("__init__.py", "import_module"): "names of a table of ours",
    ("commands/check.py", "import_module"): "formats of a table of ours",
    ("commands/group.py", "import_module"): "names of a table of ours",
    ("diagnose/batch.py", "import_module"): "joblib by its name",
    ("diagnose/child/perform.py", "compile"): "a person's program, in the child process alone",
    ("diagnose/child/perform.py", "exec"): "the same; process.py says what the child may not do",
    ("render/__init__.py", "import_module"): "names of a table of ours",
    ("numeric/fast.py", "compile"): "source that we generate from a listing of ours",
    ("numeric/fast.py", "exec"): "the same",
    ("numeric/scalar.py", "lambdify"): "symbols with names of ours",
    ("render/pdf.py", "compile"): "Typst's compiler; texts stand in its source as strings",
    ("language/terms.py", "sympify"): "of a number that SymPy made itself, never of text",
}
ALLOWED_MODULES: dict[tuple[str, str], str] = {
    ("diagnose/process.py", "subprocess"): "starts the child process that a person's code runs in",
    ("read/frontmatter.py", "yaml"): "the safe loader alone, and its nodes",
}


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                yield function.id, node
            elif isinstance(function, ast.Attribute) and not _of_re(function):
                yield function.attr, node


def _of_re(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "re"


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_nothing_runs_text(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = {(name_of(file), name) for name, _ in calls(tree) if name in RUNNERS}
    assert found <= set(ALLOWED)
    roots = {(name_of(file), name) for name in imported(tree) if name.split(".")[0] in MODULES}
    assert roots <= set(ALLOWED_MODULES)


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_no_text_reaches_subs_or_diff(file: Path) -> None:
    """SymPy reads a string given to these as a program."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for name, call in calls(tree):
        if name in {"subs", "diff", "Matrix", "Function", "xreplace"}:
            texts = [a for a in call.args if isinstance(a, ast.JoinedStr)]
            texts += [
                a for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            assert texts == [], f"{name_of(file)}:{call.lineno}"


def test_the_allow_list_is_in_use() -> None:
    used = {
        (name_of(file), name)
        for file in SOURCES
        for name, _ in calls(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert set(ALLOWED) <= used


@pytest.mark.parametrize(
    "text",
    ["eval('1')", "sp.sympify(text)", "lambdify(x, y)", "builtins.exec(code)", "compile(a, b, c)"],
)
def test_the_walk_sees_a_plant(text: str) -> None:
    assert {name for name, _ in calls(ast.parse(text))} & RUNNERS


def test_a_label_never_becomes_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In SymPy a symbol's name alone runs when ``lambdify`` prints it; ours are our own letters."""
    monkeypatch.chdir(tmp_path)
    label = "__import__('pathlib').Path('ran').touch()"
    symbackprop.add_activation("plain", sp.Symbol("z", real=True) ** 2)
    with pytest.raises(symbackprop.errors.InputError):
        symbackprop.add_activation("evil", sp.Symbol(label) * sp.Symbol("z", real=True))
    network = symbackprop.Network([1, 1], activation="plain")
    source = lower.compile_gradients(symbackprop.check(symbackprop.derive(network))).source
    assert "import" not in source.replace("import numpy as np", "").replace("import math", "")
    assert list(tmp_path.iterdir()) == []
