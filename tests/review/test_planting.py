"""Planted mistakes: refuted, never proved, most of them named; the oracle itself is watched."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sympy import Integer

sys.path.insert(0, str(Path(__file__).parent))

import mistaken
import oracle

from symbackprop.derive import derive
from symbackprop.language.terms import times
from symbackprop.networks.network import Network
from symbackprop.review.mistakes import MISTAKES
from symbackprop.review.planting import MADE_BY, SAME

SAMPLE = (
    (Network(None, "sigmoid", "mse"), "delta"),
    (Network(None, "softmax", "cross-entropy"), "delta"),
    (Network(None, "tanh", "quadratic"), "matrix"),
)


@pytest.mark.slow
def test_planted_mistakes_are_refuted_and_named() -> None:
    result = mistaken.measure(SAMPLE, 1)
    assert result.planted > 50
    assert result.verdicts["proved"] == 0
    assert result.verdicts["undecided"] <= result.planted // 50
    assert result.right >= 0.85 * result.planted


def test_the_oracle_believes_what_is_true_and_nothing_else() -> None:
    derivation = derive(Network(None, "tanh", "quadratic"), "delta")
    for step in derivation.steps[2:8]:
        statement = step.statement
        assert oracle.true(statement, derivation.program)
        wrong = (statement.left, times(Integer(2), statement.right))
        assert not oracle.true(type(statement)(wrong, statement.unequal, statement.first,
                                               statement.last), derivation.program)  # fmt: skip


def test_every_planted_mistake_has_a_name() -> None:
    assert {*MADE_BY, *MADE_BY.values(), *SAME} <= set(MISTAKES)
