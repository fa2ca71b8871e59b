"""The derivation in a terminal."""

from __future__ import annotations

import re

import pytest
from sympy import Float, Integer

from symbackprop.judge.verdict import Checked, Status
from symbackprop.language.terms import Ref, Times
from symbackprop.render.text import COLOR, PLAIN, to_text
from symbackprop.render.unicode_math import TextPrinter

from .conftest import EVERY_STATUS, HOSTILE, four_steps, real


def test_every_line_has_its_number_and_its_mark_once(checked: Checked) -> None:
    text = to_text(checked)
    marks = re.findall(r" \((\d+)\) ([✓✗?–])$", text, re.MULTILINE)
    assert [int(number) for number, _ in marks] == list(range(1, len(checked.verdicts) + 1))
    assert {mark for _, mark in marks} == {"✓"}
    assert f"{len(checked.verdicts)} of {len(checked.verdicts)} lines proved" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit(checked: Checked, width: int) -> None:
    assert max(map(len, to_text(checked, width).splitlines())) <= width


def test_the_famous_line() -> None:
    assert "= Σ_k ∂C/∂a^L_k ∂a^L_k/∂z^L_j" in to_text(four_steps())
    assert "δ^L_j = ∂C/∂z^L_j" in to_text(four_steps())
    assert "(Σ_k w^{l+1}_{kj} δ^{l+1}_k) σ′(z^l_j)" in to_text(real("general"))
    assert "1 ≤ l < L" in to_text(real("general"))


def test_only_what_is_proved_is_printed_as_proved() -> None:
    text = to_text(four_steps(*EVERY_STATUS))
    assert re.findall(r"\((\d)\) (.)$", text, re.MULTILINE) == [
        ("1", "✓"), ("2", "✗"), ("3", "?"), ("4", "–"),
    ]  # fmt: skip
    assert "refuted: widths [2, 3], l=1: 1/3 ≠ 2/3 at j=1" in text
    assert "undecided: the time was up" in text
    assert "not understood: no such layer" in text
    assert "1 of 4 lines proved" in text
    assert "✓ line 1 proved: every width; error bound < 2^-118" in text
    assert "✗ line 2 refuted" in text


def test_colour_changes_nothing_but_colour() -> None:
    checked = four_steps(*EVERY_STATUS)
    coloured = to_text(checked, style=COLOR)
    assert "\x1b[1;31m(2) ✗\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == to_text(checked, style=PLAIN)
    assert "\x1b" not in to_text(checked)


def test_the_notation_renames_reasons_too() -> None:
    checked = four_steps(reason="only k = j is left of ∂a_k/∂z_j")
    assert "only k = j is left of ∂a_k/∂z_j" in to_text(checked)
    assert "only j = i is left of ∂a_j/∂z_i" in to_text(checked, notation="notes")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_cannot_steer_the_terminal(hostile: str) -> None:
    text = to_text(four_steps(Status.REFUTED, *EVERY_STATUS[1:], title=hostile, reason=hostile))
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)


def test_one_times_a_number_is_shown_and_negative_numbers_stay() -> None:
    """Of a calculation no factor is left out: ``-1 · 0`` and not ``-0``."""
    printer = TextPrinter()
    assert printer.text(Times(Integer(-1), Integer(0))) == "-1 · 0"
    assert printer.text(Float(-0.5)) == "-0.5"
    assert printer.text(Times(Integer(-1), Ref("y"))) == "-y"
