"""Marks that have two readings: samples above a letter, sums over layers, ones, conditions."""

from __future__ import annotations

import pytest

from symbackprop.read.documents import read_text
from symbackprop.review.document import check_document

ABOVE = r"""
$$z^{[l](s)}_{j} = \sum_{k=1}^{n_{l-1}} w^{[l]}_{jk} a^{[l-1](s)}_{k} + b^{[l]}_{j}$$
$$a^{[l](s)}_{j} = \sigma\bigl(z^{[l](s)}_{j}\bigr)$$
$$C = \frac{1}{m} \sum_{s=1}^{m} \frac{1}{2} \sum_{k=1}^{n_{L}} \bigl(a^{[L](s)}_{k} - y^{(s)}_{k}\bigr)^{2}$$
$$\delta^{[l](s)}_{j} = \frac{\partial C}{\partial z^{[l](s)}_{j}}$$

"""
LAYERS = r"""
$$z^{l}_{j} = \sum_{k=1}^{n_{l-1}} w^{l}_{jk} a^{l-1}_{k} + b^{l}_{j} \qquad 1 \leq l \leq 2$$
$$a^{l}_{j} = \sigma\bigl(z^{l}_{j}\bigr)$$
$$C = \frac{1}{2} \sum_{k=1}^{n_{2}} (a^{2}_{k} - y_{k})^{2}$$
$$J = C + \frac{\lambda}{2} \sum_{q=1}^{TOP} \sum_{j=1}^{n_{q}} \sum_{k=1}^{n_{q-1}} (w^{q}_{jk})^{2}$$

"""
ELEMENTWISE = r"""
$$z_k = \sum_j w_{kj} x_j + b_k, \qquad a_k = \sigma(z_k)$$

"""


def verdict(text: str) -> str:
    report = check_document(read_text(text), seed=5)
    return [line for line in report.lines if line.role == "claim"][-1].verdict


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\sum_{s=1}^{m} a^{[l-1](s)}_{k} \delta^{[l](s)}_{j}", "proved"),
        (r"\frac{1}{m} \sum_{s=1}^{m} a^{[l-1](s)}_{k} \delta^{[l](s)}_{j}", "refuted"),
        (r"\sum_{s=1}^{m} a^{[l-1](s)}_{j} \delta^{[l](s)}_{k}", "refuted"),
        (r"\sum_{s=1}^{m} a^{[l](s)}_{k} \delta^{[l](s)}_{j}", "refuted"),
    ],
)
def test_samples_above_a_layer_that_is_a_letter(claim: str, expected: str) -> None:
    found = verdict(rf"{ABOVE}$$\frac{{\partial C}}{{\partial w^{{[l]}}_{{jk}}}} = {claim}$$")
    assert found == expected or (expected == "refuted" and found == "ill-typed")


def test_a_sum_over_samples_that_is_left_out_is_said() -> None:
    claim = r"$$\frac{\partial C}{\partial w^{[l]}_{jk}} = a^{[l-1](s)}_{k} \delta^{[l](s)}_{j}$$"
    last = check_document(read_text(ABOVE + claim), seed=5).lines[-1]
    assert last.verdict == "proved"
    assert "a sum over s is meant" in last.notes


PENALTY = r"$$\frac{\partial J}{\partial w^{l}_{jk}} = \frac{\partial C}{\partial w^{l}_{jk}} + "


@pytest.mark.parametrize(
    ("top", "claim", "expected"),
    [
        ("2", r"\lambda w^l_{jk}$$", {"proved"}),
        ("2", r"2 \lambda w^l_{jk}$$", {"refuted"}),
        ("1", r"\lambda w^l_{jk}$$", {"undecided", "not-understood", "refuted"}),
    ],
)
def test_sums_over_layers_end_with_the_last(top: str, claim: str, expected: set[str]) -> None:
    assert verdict(LAYERS.replace("TOP", top) + PENALTY + claim) in expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (r"$\partial a_k/\partial z_j = 0$ if $k \neq j$.", "proved"),
        (r"$\partial a_k/\partial z_j = \sigma'(z_j)$ if $k = j$.", "proved"),
        (
            r"| $\partial a_k/\partial z_j = \sigma'(z_k) \delta_{kj}$ | it is zero for $k \neq j$ |",
            "proved",
        ),
        (
            r"| $\partial a_k/\partial z_j = \sigma'(z_k)$ | it is not zero for $k = j$ |",
            "refuted",
        ),
    ],
)
def test_a_condition_belongs_to_the_formula_before_it(row: str, expected: str) -> None:
    """Words in another cell of a table restrict nothing."""
    text = "| line | why |\n|---|---|\n" + row if row.startswith("|") else row
    assert verdict(ELEMENTWISE + text) == expected
