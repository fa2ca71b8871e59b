"""The PDF without TeX, and what is said when its extra is missing."""

from __future__ import annotations

import re
import sys

import pytest

from symbackprop.errors import InputError
from symbackprop.judge.verdict import Checked
from symbackprop.render.pdf import INSTALL, to_pdf, to_typst

from .conftest import EVERY_STATUS, HOSTILE, four_steps


@pytest.mark.parametrize("package", ["typst", "tylax"])
def test_a_missing_extra_names_the_command(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError) as told:
        to_pdf(four_steps())
    assert INSTALL in str(told.value)
    assert INSTALL == "pip install 'symbackprop[pdf]'"


def test_a_pdf_is_made(checked: Checked) -> None:
    pytest.importorskip("typst", reason="the pdf extra is not installed")
    assert to_pdf(checked).startswith(b"%PDF")


def test_code_is_shown_with_its_brackets() -> None:
    pytest.importorskip("tylax", reason="the pdf extra is not installed")
    code = [{"name": "f", "note": "", "tex": r"\bigl( W^{l} a \bigr) \odot z"}]
    source = to_typst(four_steps(), code=code)
    part = source.split("The code, as mathematics")[1]
    assert "(W^(l) a )" in part.replace("  ", " ") or "(W^(l) a)" in part
    if pytest.importorskip("typst"):
        assert to_pdf(four_steps(), code=code).startswith(b"%PDF")


def test_only_what_is_proved_is_printed_as_proved() -> None:
    lines = [
        line for line in to_typst(four_steps(*EVERY_STATUS), code=[]).splitlines() if "<eq" in line
    ]
    assert ["~#yes" in line for line in lines] == [True, False, False, False]
    assert '#no("refuted: widths' in lines[1]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_a_string(hostile: str) -> None:
    checked = four_steps(title=hostile, reason=hostile)
    source = to_typst(checked, code=[])
    assert "import" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", source), "it stands in a string"
    pytest.importorskip("typst", reason="the pdf extra is not installed")
    assert to_pdf(checked).startswith(b"%PDF")
