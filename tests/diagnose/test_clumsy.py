"""Code by people in a hurry: each gets an answer that says what is the matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.report import Diagnosis

GOOD = """import numpy as np

def sigmoid(z): return 1 / (1 + np.exp(-z))

def backprop(X, Y, W1, b1, W2, b2):
    m = len(X)
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - Y) * a2 * (1 - a2)
    d1 = (d2 @ W2.T) * a1 * (1 - a1)
    return X.T @ d1 / m, d1.sum(0) / m, a1.T @ d2 / m, d2.sum(0) / m
"""
RETURN = "return X.T @ d1 / m, d1.sum(0) / m, a1.T @ d2 / m, d2.sum(0) / m"
MATRICES = "m = len(X)\n    X, Y, W1, b1, W2, b2 = map(np.asmatrix, (X, Y, W1, b1, W2, b2))"


def judged(folder: Path, code: str) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    return diagnose(f"{folder / 'code.py'}:backprop", seconds=2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("X, Y, W1", "X, Y, *, W1"),
        ("m = len(X)", MATRICES),
        ("m = len(X)", "print(X); m = len(X)"),
        ("def backprop", "def log(f):\n    return lambda *a: f(*a)\n\n@log\ndef backprop"),
    ],
    ids=["by name only", "matrices", "it prints", "decorated"],
)
def test_right_code_is_right(old: str, new: str, tmp_path: Path) -> None:
    code = GOOD.replace(old, new, 1)
    if "asmatrix" in new:  # * is the matrix product there
        code = code.replace(" * a2 * (1 - a2)", "")
        code = code.replace("(d2 @ W2.T) * a1 * (1 - a1)",
                            "np.multiply(d2 @ W2.T, np.multiply(a1, 1 - a1))")  # fmt: skip
    found = judged(tmp_path, code)
    assert found.correct, str(found)


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("None", "it returns nothing"),
        ("'done'", "it returns a str"),
        ("object(), print", "it returns 2 things: a object, a builtin_function_or_method"),
        ("{'ok': True}", "it returns a dictionary with ok"),
    ],
)
def test_what_comes_back_is_told(returned: str, says: str, tmp_path: Path) -> None:
    found = judged(tmp_path, GOOD.replace(RETURN, f"return {returned}"))
    assert found.verdict == "undecided"
    assert says in found.message


def test_of_two_functions_of_a_name_the_last_is_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, GOOD + GOOD.replace("a1 * (1 - a1)", "a1"))
    assert found.verdict == "wrong"
    assert any("defined 2 times (lines 5, " in note for note in found.notes)


def test_an_undecided_file_is_named(tmp_path: Path) -> None:
    found = judged(tmp_path, GOOD.replace("return X.T @ d1", "return X.T @ d1 * np.nan"))
    assert found.verdict == "undecided"
    assert found.file.endswith("code.py")


def test_an_answer_of_many_megabytes(tmp_path: Path) -> None:
    found = judged(tmp_path, GOOD.replace("return X.T @ d1 / m", "return np.ones((5000, 5000))"))
    assert found.verdict == "undecided"
    assert any(word in found.message for word in ("too large", "MemoryError", "no answer"))


LOOPS = """import math

def f(v): return 1 / (1 + math.exp(-v))

def backprop(X, Y, W1, W2):
    dW1 = [[0.0] * len(row) for row in W1]
    dW2 = [[0.0] * len(row) for row in W2]
    for x, y in zip(X.tolist(), Y.tolist()):
        a = [f(sum(w * v for w, v in zip(row, x))) for row in W1.tolist()]
        o = [f(sum(w * v for w, v in zip(row, a))) for row in W2.tolist()]
        d = [(o[i] - y[i]) * o[i] * (1 - o[i]) / len(X) for i in range(len(o))]
        for j in range(len(a)):
            e = sum(W2[i][j] * d[i] for i in range(len(o))) * a[j] * (1 - a[j])
            for k in range(len(x)):
                dW1[j][k] += e * x[k]
            for i in range(len(o)):
                dW2[i][j] += d[i] * a[j]
    return dW1, dW2
"""


def test_a_special_case_is_no_excuse_where_nothing_can_be_followed(tmp_path: Path) -> None:
    """Right with one output only; plain numbers leave no trace of the forward pass."""
    assert judged(tmp_path, LOOPS).correct
    whole = "sum(W2[i][j] * d[i] for i in range(len(o)))"
    found = judged(tmp_path, LOOPS.replace(whole, "W2[-1][j] * d[-1]"))
    assert found.verdict == "wrong"
    assert [row.id for row in found.mistakes] == ["last-weight-only"]
    found = judged(tmp_path, LOOPS.replace(whole, "W2[0][j] * d[0] * (1 + (len(o) - 1) * x[0])"))
    assert found.verdict == "undecided"
    assert "right only in a special case" in found.message
    assert "1 output" in found.message
