"""Behind ``letters anew`` every letter may mean something else; verdicts do not mix."""

from __future__ import annotations

import pytest

from symbackprop.read.documents import read_string
from symbackprop.review.document import check_document

NIELSEN = r"""
$$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j$$
$$a^l_j = \sigma(z^l_j)$$
$$C = \frac12 \sum_j (a^L_j - y_j)^2$$
$$\frac{\partial C}{\partial a^L_j} = a^L_j - y_j$$
"""
BISHOP = r"""
$$a^l_j = \sum_k w^l_{jk} z^{l-1}_k + b^l_j$$
$$z^l_j = \sigma(a^l_j)$$
$$C = \sum_j (z^L_j - y_j)^2$$
$$\frac{\partial C}{\partial z^L_j} = FACTOR (z^L_j - y_j)$$
"""


@pytest.mark.parametrize("mark", ["<!-- letters anew -->", "<!--Letters anew-->", "% letters anew"])
def test_each_chapter_has_its_own_letters(mark: str) -> None:
    kind = "tex" if mark.startswith("%") else "md"
    report = check_document(
        read_string(f"{NIELSEN}\n{mark}\n{BISHOP.replace('FACTOR', '2')}", kind)
    )
    assert [line.verdict for line in report.lines if line.role == "claim"] == ["proved", "proved"]
    assert report.verdict == "proved"


def test_a_wrong_line_of_a_later_chapter_is_found_where_it_stands() -> None:
    text = f"{NIELSEN}\n<!-- letters anew -->\n{BISHOP.replace('FACTOR', '')}"
    report = check_document(read_string(text, "md"))
    assert [line.verdict for line in report.lines if line.role == "claim"] == ["proved", "refuted"]
    wrong = report.lines[-1]
    assert text.split("\n")[wrong.line - 1].startswith(r"$$\frac{\partial C}{\partial z^L_j}")
    assert report.verdict == "refuted"
    assert report.first_wrong == str(wrong.line)


def test_without_the_mark_the_letters_clash() -> None:
    report = check_document(read_string(NIELSEN + BISHOP.replace("FACTOR", "2"), "md"))
    assert report.verdict != "proved"
