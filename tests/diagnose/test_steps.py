"""Code that changes its weights with a rate of its own: any rate is right, climbing is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.report import Diagnosis

RIGHT = """import numpy as np

def sigmoid(z): return 1 / (1 + np.exp(-z))

def train(X, y, W1, W2):
    h = sigmoid(X.dot(W1))
    o = sigmoid(h.dot(W2))
    d2 = (y - o) * o * (1 - o)
    d1 = d2.dot(W2.T) * h * (1 - h)
    W2 += 0.1 * h.T.dot(d2)
    W1 += 0.1 * X.T.dot(d1)
"""
LINES = RIGHT.splitlines(keepends=True)
EARLY = "".join([*LINES[:8], LINES[9], LINES[8], *LINES[10:]])


def judged(folder: Path, code: str) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    return diagnose(f"{folder / 'code.py'}:train")


@pytest.mark.parametrize("rate", ["0.1", "1e-3", "0.003 / len(X)", "1.7"])
def test_any_rate_is_right(rate: str, tmp_path: Path) -> None:
    found = judged(tmp_path, RIGHT.replace("0.1", rate))
    assert found.correct, str(found)


@pytest.mark.parametrize("rate", ["0.1", "1e-3", "1.7"])
def test_weights_that_are_updated_too_early(rate: str, tmp_path: Path) -> None:
    found = judged(tmp_path, EARLY.replace("0.1", rate))
    assert [row.id for row in found.mistakes] == ["updated-weights"], str(found)
    assert {row.name: row.verdict for row in found.parameters} == {"W1": "wrong", "W2": "correct"}
    assert found.place is not None
    assert found.place.line == 10


def test_two_rates_are_no_rate(tmp_path: Path) -> None:
    assert not judged(tmp_path, RIGHT.replace("W1 += 0.1", "W1 += 0.2")).correct


def test_climbing_is_wrong(tmp_path: Path) -> None:
    found = judged(tmp_path, RIGHT.replace("+=", "-="))
    assert [row.id for row in found.mistakes] == ["update-sign"]
    assert found.place is not None
    assert found.place.line == 11


def test_other_mistakes_keep_their_names_at_any_rate(tmp_path: Path) -> None:
    found = judged(tmp_path, RIGHT.replace(" * h * (1 - h)", " * h"))
    assert [row.id for row in found.mistakes] == ["activation-for-slope"]
