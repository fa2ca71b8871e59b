"""What nothing defines depends on something: its derivatives are not taken for zero."""

from __future__ import annotations

import pytest

from symbackprop.read.documents import read_text
from symbackprop.review.document import check_document

OPEN = {
    "a-part-of-the-cost": ("C = E + \\lambda R", "\\frac{\\partial E}{\\partial w} = 0"),
    "a-regulariser": ("J = C + \\lambda R", "\\frac{\\partial J}{\\partial w} = \\frac{\\partial C}{\\partial w}"),
    "something-else": ("y = q x", "\\frac{\\partial q}{\\partial v} = 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_a_derivative_of_something_undefined_is_not_zero(name: str) -> None:
    text = "\n\n".join(f"$${tex}$$" for tex in OPEN[name])
    claim = check_document(read_text(text), seed=2).lines[-1]
    assert claim.role == "claim"
    assert claim.verdict != "proved"
