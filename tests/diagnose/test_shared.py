"""One bias for all units of a layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.report import Diagnosis

LOOPS = """import math

def f(v): return 1 / (1 + math.exp(-v))

def backprop(x, y, w1, b1, w2, b2):
    h = [f(sum(w * v for w, v in zip(row, x)) + b1) for row in w1]
    o = [f(sum(w * v for w, v in zip(row, h)) + b2) for row in w2]
    d2 = [(p - t) * p * (1 - p) for p, t in zip(o, y)]
    d1 = [sum(d * w2[i][j] for i, d in enumerate(d2)) * h[j] * (1 - h[j]) for j in range(len(h))]
    return [[d * v for v in x] for d in d1], sum(d1), [[d * v for v in h] for d in d2], sum(d2)
"""
ARRAYS = """import numpy as np

def backprop(X, Y, W1, b1, W2, b2):
    m = len(X)
    a1 = np.tanh(X @ W1 + b1)
    e = a1 @ W2 + b2 - Y
    d = e @ W2.T * (1 - a1 ** 2)
    return X.T @ d / m, d.sum() / m, a1.T @ e / m, e.sum() / m
"""
STATED = {"bias": "shared"}


def judged(folder: Path, code: str, convention: dict[str, str] | None = None) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    return diagnose(f"{folder / 'code.py'}:backprop", convention=convention or {})


def test_code_that_runs_with_one_number_only_is_right(tmp_path: Path) -> None:
    found = judged(tmp_path, LOOPS)
    assert found.correct, str(found)
    assert "one bias for all units of a layer" in found.convention


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("sum(d1)", "sum(d1) / len(d1)", "shared-bias-averaged"),
        ("sum(d1)", "d1", "shared-bias-not-summed"),
        ("h[j] * (1 - h[j])", "h[j]", "activation-for-slope"),
        ("sum(d1)", "0.0", "bias-gradient-zero"),
    ],
)
def test_mistakes_with_a_shared_bias(old: str, new: str, mistake: str, tmp_path: Path) -> None:
    assert old in LOOPS
    found = judged(tmp_path, LOOPS.replace(old, new))
    assert found.verdict == "wrong"
    assert [row.id for row in found.mistakes] == [mistake]


def test_code_that_runs_with_both_is_wrong_unless_it_is_stated(tmp_path: Path) -> None:
    found = judged(tmp_path, ARRAYS)
    assert [row.id for row in found.mistakes] == ["bias-summed-over-units"]
    assert any('bias = "shared"' in note for note in found.notes)
    found = judged(tmp_path, ARRAYS, STATED)
    assert found.correct
    assert "proved" in found.proof


def test_a_whole_array_for_one_bias_is_wrong_where_it_is_stated(tmp_path: Path) -> None:
    found = judged(tmp_path, ARRAYS.replace("d.sum()", "d.sum(0)"), STATED)
    assert [row.id for row in found.mistakes] == ["shared-bias-not-summed"]
    assert found.mistakes[0].layers == (1,)
