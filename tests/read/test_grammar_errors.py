"""A row that cannot be read is refused with one sentence and the place of what is wrong."""

from __future__ import annotations

import pytest

from symbackprop.errors import LimitError, SymbackpropError
from symbackprop.read.grammar import Unreadable, parse_row
from symbackprop.read.unreadable import MAX_CHARACTERS, MAX_NESTING

# the row, the offset of what is wrong, and what the sentence must say
REFUSED = [
    # brackets: at the one that was never closed
    ("a = {b + c", 4, "'{' is never closed"),
    (r"\frac{a}{b", 8, "'{' is never closed"),
    ("a = (b", 4, "'(' is never closed"),
    ("(a]", 0, "'(' is never closed"),
    ("a (b [c) d]", 5, "'[' is never closed"),
    ("a)", 1, "')' closes nothing"),
    ("a}", 1, "'}' closes nothing"),
    ("a|b", 1, "'|' is never closed"),
    (r"x \left( a", 2, r"\left( has no \right"),
    (r"\left( a )", 0, r"\left( has no \right"),
    (r"a \right)", 2, r"\right has no \left"),
    (r"\left[ a \right)", 0, r"\left[ has no \right"),
    (r"\left. a \right)", 0, r"\left. has no \right"),
    (r"\left", 0, r"nothing stands behind \left"),
    (r"\left a \right)", 0, r"a behind \left is no bracket"),
    (r"\begin{cases} a", 0, r"\begin{cases} is never closed"),
    (r"\begin{cases} a \end{matrix}", 0, r"\begin{cases} is never closed"),
    (r"a \end{cases}", 2, r"\end{cases} has no \begin"),
    (r"\begin{tikzpicture} a", 0, "the environment tikzpicture is not known"),
    (r"\begin a", 0, r"\begin names no environment"),
    (r"x \boxed{a", 8, "'{' is never closed"),
    (r"\text{if k", 5, "'{' is never closed"),
    # nothing where something must be
    ("", 0, "the row holds no formula"),
    ("  ~ ", 0, "the row holds no formula"),
    (".", 0, "the row holds no formula"),
    ("a =", 2, "nothing stands behind '='"),
    ("a = = b", 2, "nothing stands behind '='"),
    (r"a \leq", 2, r"nothing stands behind '\leq'"),
    ("a +", 2, "nothing stands behind '+'"),
    ("a - ) b", 4, "')' closes nothing"),
    ("(a -) b", 3, "nothing stands behind '-'"),
    ("f(a,) b", 3, "nothing stands behind ','"),
    (r"a \cdot", 2, r"nothing stands behind '\cdot'"),
    (r"a \odot \cdot b", 2, r"nothing stands behind '\odot'"),
    (r"a = \odot b", 4, r"nothing stands before '\odot'"),
    (r"(\times b)", 1, r"nothing stands before '\times'"),
    ("a (/ b)", 3, "nothing stands before '/'"),
    ("()", 1, "nothing stands between '(' and ')'"),
    ("a_", 1, "nothing stands behind '_'"),
    ("a_{}", 1, "nothing stands behind '_'"),
    ("a^_b", 1, "nothing stands behind '^'"),
    ("(a_)", 2, "nothing stands behind '_'"),
    ("_a", 0, "nothing stands before '_'"),
    ("'a", 0, "a prime hangs at nothing"),
    (r"\frac{a}", 0, r"an argument of \frac is missing"),
    (r"x \frac", 2, r"an argument of \frac is missing"),
    (r"\dfrac{a} = b", 0, r"an argument of \dfrac is missing"),
    (r"\frac{}{b}", 0, r"an argument of \frac is missing"),
    (r"\sqrt", 0, r"an argument of \sqrt is missing"),
    (r"\hat + a", 0, r"an argument of \hat is missing"),
    (r"\pdv", 0, r"'\pdv' has no argument"),
    (r"\underbrace a", 0, "nothing stands at the brace"),
    (r"\text", 0, r"nothing stands behind \text"),
    (r"a \over b", 2, r"\over stands outside braces"),
    # scripts
    ("a_i_j", 3, "a second subscript"),
    ("W^l^T", 3, "a second superscript"),
    # words and characters that are not known
    (r"\foo x", 0, r"the command \foo is not known"),
    (r"a + \sigm(z)", 4, r"the command \sigm is not known (did you mean \sigma?)"),
    (r"\partal C", 0, r"(did you mean \partial?)"),
    ("𝜕 C", 0, "U+1D715"),
    ("a + ο", 4, "U+03BF, GREEK SMALL LETTER OMICRON"),
    ("Α = b", 0, "U+0391, GREEK CAPITAL LETTER ALPHA"),
    ("с = b", 0, "U+0441, CYRILLIC SMALL LETTER ES"),
    ("y²", 1, "U+00B2"),
    ("a\x00b", 1, "U+0000"),
    ("\ud800", 0, "U+D800"),
    ("a # b", 2, "U+0023"),
    ("$a$", 0, "U+0024"),
    # what would silently change the meaning
    ("a . b", 2, "a full stop stands inside a formula"),
    ("(a.b)", 2, "'.' stands inside a formula"),
    ("(a : b)", 3, "a colon stands inside a formula"),
    ("n!", 1, "'!' stands inside a formula"),
    (r"a \pm b", 2, r"\pm stands in a formula"),
    (r"50\% a", 2, r"\% stands in a formula"),
    ("1{,}000", 0, "digits are grouped"),
    (r"\sqrt[3]{x}", 0, "only square roots are read"),
    (r"\hat{ab}", 4, r"\hat stands over more than one letter"),
    (r"a \\ b", 2, "a second row begins here"),
    (r"\not a", 0, r"\not is read before = only"),
    (r"\pdv{C}{a}{b}{c}", 0, "a derivative has other parts"),
    (r"\pdv{C}{}", 0, "a derivative has other parts"),
    ("2 - - - a", 4, "nothing stands behind '-'"),
]


@pytest.mark.parametrize(("tex", "offset", "says"), REFUSED)
def test_refused(tex: str, offset: int, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_row(tex)
    assert says in caught.value.what
    assert caught.value.offset == offset
    assert str(caught.value).startswith(f"column {offset + 1}: ")


def test_the_sentence_tells_what_was_expected_and_found() -> None:
    with pytest.raises(Unreadable) as caught:
        parse_row("(a]")
    assert caught.value.expected == "')'"
    assert caught.value.found == "']'"
    assert str(caught.value) == "column 1: '(' is never closed; expected ')'; found ']'"


OVER_LIMIT = [
    ("a" * (MAX_CHARACTERS + 1), MAX_CHARACTERS, "20,001 characters"),
    ("(" * (MAX_NESTING + 1) + ")" * (MAX_NESTING + 1), MAX_NESTING, "nested"),
    ("{" * 10_000, MAX_NESTING, "nested"),
    (r"\sqrt{" * 3_000, MAX_NESTING * 6 + 5, "nested"),
    (r"\left(" * 3_000, MAX_NESTING * 6, "nested"),
    (r"\begin{cases}" * 1_000, MAX_NESTING * 13, "nested"),
    (r"\boxed{" * 2_000, MAX_NESTING * 7, "nested"),
    ("|" * 5_000, MAX_NESTING * 2, "nested"),
    ("x = " + "7" * 31, 4, "30 digits"),
    ("x^{65}", 2, "larger than 64"),
    ("x^{-65}", 2, "larger than 64"),
    ("x^{(65)}", 2, "larger than 64"),
    ("x^{9^{9^9}}", 5, "larger than 64"),
    ("x^{9^9}", 2, "larger than 64"),
]


@pytest.mark.parametrize(
    ("tex", "offset", "says"), OVER_LIMIT, ids=[row[0][:20] for row in OVER_LIMIT]
)
def test_over_a_limit(tex: str, offset: int, says: str) -> None:
    with pytest.raises(LimitError, match=says) as caught:
        parse_row(tex)
    assert caught.value.column == pytest.approx(offset + 1, abs=8)
    assert caught.value.todo


WITHIN = [
    "x^{64}",
    "x^{8^2}",
    "x = " + "7" * 30,
    "(" * MAX_NESTING + "a" + ")" * MAX_NESTING,
    r"\frac{1}{b + c_{" * (MAX_NESTING // 2 - 1) + "a" + "}}" * (MAX_NESTING // 2 - 1),
    "+".join("a" * 10_000),
    "a" * MAX_CHARACTERS,
    "a = " * 4_999 + "a",
    r"\begin{matrix}" + "a & " * 4_000 + r"a \end{matrix}",
]


@pytest.mark.parametrize("tex", WITHIN, ids=[tex[:20] for tex in WITHIN])
def test_within_the_limits_it_is_read_and_can_be_walked(tex: str) -> None:
    row = parse_row(tex)
    assert row == parse_row(tex)
    assert repr(row)


def test_our_errors_are_ours() -> None:
    assert issubclass(Unreadable, SymbackpropError)
    assert issubclass(LimitError, SymbackpropError)
