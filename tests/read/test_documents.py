"""Formulas are found where they stand, row by row, in every layout that people use."""

from __future__ import annotations

import pytest

from symbackprop.read.documents import read_text


def test_rows_of_an_environment_share_a_block_and_keep_their_places() -> None:
    text = "Let\n\n$$\n\\begin{aligned}\nz &= w a + b \\\\[3pt]\na &= \\sigma(z) \\tag{2}\n\\end{aligned}\n$$\n"
    first, second = read_text(text).formulas
    assert (first.tex, first.line, first.column) == ("z &= w a + b", 5, 1)
    assert (second.tex, second.line, second.column) == ("a &= \\sigma(z) \\tag{2}", 6, 1)
    assert second.text == "a  = \\sigma(z)"
    assert (second.tag, second.block, second.row, second.before) == ("2", 0, 1, "Let")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a = b \quad \parbox[c]{5em}{because \} {so}}", r"a = b \quad"),
        (r"a = b\footnote{a note} + c", "a = b  + c"),
        (r"a = b \rlap{\parbox{2em}{why}}", "a = b"),
        (r"a = \rlap{c} b", r"a = \rlap{c} b"),
        (r"a = b \parbox{5em}", r"a = b \parbox{5em}"),
        (r"a = \boxed{b}", r"a = \boxed{b}"),
    ],
)
def test_words_in_a_box_beside_a_formula_are_not_read(written: str, read: str) -> None:
    (formula,) = read_text(f"$${written}$$").formulas
    assert formula.text.strip() == read
    assert formula.tex == written


@pytest.mark.parametrize(
    ("text", "outer"),
    [
        ("so $a = b$, and", "$a = b$"),
        ("Let\n\n$$\na &= b \\\\\n&= c\n$$\n\nso", "$$\na &= b \\\\\n&= c\n$$"),
        ("\\[a = b\\]", "\\[a = b\\]"),
        ("> ```math\n> a = b\n> ```\n\nso", "```math\n> a = b\n> ```"),
        ("- ~~~ math\n  a = b\n", "~~~ math\n  a = b"),
        ("\\begin{align*}a &= b\\end{align*}", "\\begin{align*}a &= b\\end{align*}"),
    ],
)
def test_a_formula_knows_where_its_signs_stand(text: str, outer: str) -> None:
    for formula in read_text(text).formulas:
        assert text[slice(*formula.outer)] == outer


def test_a_line_is_a_formula_of_its_own_where_there_are_no_signs() -> None:
    text = "a = b\n\n  c = d\n# a remark\n"
    first, second = read_text(text, kind="lines").formulas
    assert (text[slice(*first.outer)], text[slice(*second.outer)]) == ("a = b", "  c = d")
    assert (second.line, second.column) == (3, 3)
