"""Clipped gradients are right, up to the clipping; clipped wrong ones are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.report import Diagnosis

CODE = """import numpy as np

def backprop(X, Y, W1, b1, W2, b2):
    m = len(X)
    a1 = np.tanh(X @ W1 + b1)
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    d2 = (a2 - Y) / m
    d1 = (d2 @ W2.T) * (1 - a1 ** 2)
    grads = [X.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)]
    CLIP
    return grads
"""
ENTRIES = "for g in grads: np.clip(g, -0.3, 0.3, out=g)"
NORM = "norm = np.sqrt(sum((g ** 2).sum() for g in grads)); grads = [g * min(1, 0.1 / norm) for g in grads]"


def judged(folder: Path, code: str) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    return diagnose(f"{folder / 'code.py'}:backprop")


@pytest.mark.parametrize(
    ("clip", "says"),
    [(ENTRIES, "clipped at ±0.3"), (NORM, "clipped to the norm 0.1"),
     (ENTRIES.replace("0.3", "50"), "the gradients are those of the cost")],
    ids=["entries", "norm", "never reached"],
)  # fmt: skip
def test_clipped_gradients_are_right(clip: str, says: str, tmp_path: Path) -> None:
    found = judged(tmp_path, CODE.replace("CLIP", clip))
    assert found.correct, str(found)
    assert says in found.message


@pytest.mark.parametrize("clip", [ENTRIES, NORM], ids=["entries", "norm"])
@pytest.mark.parametrize(
    ("old", "new"), [("1 - a1 ** 2", "1 - a1"), ("d2.sum(0)", "d2.mean(0)"), ("W2.T", "(-W2.T)")]
)
def test_wrong_ones_are_not(old: str, new: str, clip: str, tmp_path: Path) -> None:
    assert not judged(tmp_path, CODE.replace("CLIP", clip).replace(old, new)).correct


def test_where_all_is_clipped_nothing_is_known(tmp_path: Path) -> None:
    found = judged(tmp_path, CODE.replace("CLIP", ENTRIES.replace("0.3", "1e-4")))
    assert found.verdict == "undecided"
    assert "too few entries" in found.message
