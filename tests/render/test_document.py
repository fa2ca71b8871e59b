"""The LaTeX document: complete, its references resolve, TeX compiles it without complaint."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from symbackprop.judge.verdict import Checked
from symbackprop.render.document import to_latex

from .conftest import EVERY_STATUS, HOSTILE, four_steps, real

SAFE = {"openin_any": "p", "openout_any": "p", "TEXMFOUTPUT": "", "max_print_line": "1000"}
needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not on PATH")


def balanced(tex: str) -> bool:
    depth = 0
    for mark in re.findall(r"(?<!\\)(?:\\\\)*([{}])", re.sub(r"\\[{}]", "", tex)):
        depth += 1 if mark == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def compiled(tex: str, folder: Path) -> str:
    """The log of the second run; fails unless TeX accepts the document."""
    (folder / "page.tex").write_text(tex, encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode"]
    for _ in range(2):
        run = subprocess.run(
            [*command, "page.tex"], cwd=folder, env={**os.environ, **SAFE},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        log = (folder / "page.log").read_text(encoding="utf-8", errors="replace")
        assert run.returncode == 0, log[-2000:]
    return log


def complaints(log: str) -> list[str]:
    """Warnings about references, and boxes that stick out by more than 5 pt."""
    wide = [
        line
        for line in log.splitlines()
        if (match := re.match(r"Overfull \\hbox \(([\d.]+)pt", line)) and float(match[1]) > 5
    ]
    return wide + re.findall(r"^(?:LaTeX|Package \w+) Warning.*", log, re.MULTILINE)


def test_the_document_is_complete(checked: Checked) -> None:
    tex = to_latex(checked)
    assert tex.startswith("%")
    assert tex.rstrip().endswith(r"\end{document}")
    assert balanced(tex)
    begun, ended = (re.findall(rf"\\{word}{{(\w+\*?)}}", tex) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended)
    labels = re.findall(r"\\label{eq:(\d+)}", tex)
    assert labels == [str(n) for n in range(1, len(checked.verdicts) + 1)]
    assert set(re.findall(r"\\eqref{eq:(\d+)}", tex)) <= set(labels)
    assert tex.count(r"\proved") > len(labels)
    assert r"\notproved{" not in tex.split(r"\begin{document}")[1]


def test_uses_become_references() -> None:
    tex = to_latex(real("general"))
    put_in = next(line for line in tex.splitlines() if "put in $" in line and "eqref" in line)
    assert re.search(r"by~\\eqref{eq:\d+}", put_in)


def test_the_reasons_stand_beside_the_equations() -> None:
    tex = to_latex(four_steps(reason="because a_k depends on z_j"))
    assert (
        r"\delta^{L}_{j} &= \frac{\partial C}{\partial z^{L}_{j}} "
        r"&&\why{because $a_{k}$ depends on $z_{j}$~\proved} \tag{1}\label{eq:1}"
    ) in tex


def test_only_what_is_proved_is_printed_as_proved() -> None:
    lines = [line for line in to_latex(four_steps(*EVERY_STATUS)).splitlines() if r"\tag{" in line]
    assert [r"~\proved" in line for line in lines] == [True, False, False, False]
    assert r"\notproved{refuted: widths" in lines[1]
    assert r"\notproved{undecided: the time was up}" in lines[2]


def test_the_network_is_drawn() -> None:
    small, wide = to_latex(real("small")), to_latex(real("deep"))
    assert small.count(r"\node[neuron]") == 2 + 3 + 2
    assert small.count(r"\draw[quiet") == 2 * 3 + 3 * 2
    assert r"$a^{1}_{3}$" in small
    assert r"$\vdots$" in wide
    assert r"$\cdots$" in wide
    assert r"{$w^{l}_{jk}$}" in to_latex(real("general"))


def test_shown_code_has_its_own_part() -> None:
    code = [{"name": "sigma", "note": "", "tex": r"\sigma(z) = \frac{1}{1 + e^{-z}}"}]
    tex = to_latex(four_steps(), code=code)
    assert "The code, as mathematics" in tex
    assert code[0]["tex"] in tex
    assert "The code, as mathematics" not in to_latex(four_steps(), code=[])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_escaped(hostile: str) -> None:
    tex = to_latex(four_steps(title=hostile, reason=hostile))
    assert balanced(tex)
    assert not re.search(r"\\(write|input|catcode|openin|immediate|csname|def\\x)", tex)
    body = tex.split(r"\begin{document}")[1]
    assert all(char.isprintable() or char == "\n" for char in body)


@needs_tex
@pytest.mark.slow
def test_tex_compiles_it_without_complaint(checked: Checked, tmp_path: Path) -> None:
    assert complaints(compiled(to_latex(checked), tmp_path)) == []
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


@needs_tex
@pytest.mark.slow
def test_tex_compiles_hostile_text_and_reads_no_file(tmp_path: Path) -> None:
    everything = " ".join(HOSTILE)
    log = compiled(
        to_latex(four_steps(*EVERY_STATUS, title=everything, reason=everything)), tmp_path
    )
    opened = re.findall(r"\((/[^\s()]+)", log)
    assert opened, "TeX says which files it reads"
    assert not any(name.startswith("/etc/pass") for name in opened)
    assert not (tmp_path / "owned").exists()
    assert {path.name for path in tmp_path.iterdir()} <= {
        "page.tex", "page.aux", "page.log", "page.out", "page.pdf",
    }  # fmt: skip
