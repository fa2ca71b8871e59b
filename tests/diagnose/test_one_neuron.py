"""Logistic and linear regression, as first courses write them: w a vector, b a number."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.judging import ONE_NEURON
from symbackprop.diagnose.report import Diagnosis

ROWS = """import numpy as np

def gradient(X, y, w, b):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return X.T @ (p - y) / len(y), np.mean(p - y)
"""
COLUMNS = """import numpy as np

def gradient(w, b, X, Y):
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost
"""
THETA = """
def gradient(X, y, theta):
    return X.T @ (X @ theta - y) / len(y)
"""
SOFTMAX = """import numpy as np

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def gradient(X, Y, W, b):
    P = softmax(X @ W + b)
    return X.T @ (P - Y) / len(X), (P - Y).sum(axis=0) / len(X)
"""
SINGLE = """import numpy as np

def gradient(x, t, w, b, eta=0.5):
    a = 1 / (1 + np.exp(-(np.dot(w, x) + b)))
    delta = (a - t) * a * (1 - a)
    return w - eta * delta * x, b - eta * delta
"""
KEPT = """import numpy as np

class Model:
    def __init__(self, n):
        self.w = np.zeros(n)
        self.b = 0.0

    def gradient(self, X, y):
        e = 1 / (1 + np.exp(-(X @ self.w + self.b))) - y
        return X.T @ e / len(y), e.mean()
"""
PENALISED = """import numpy as np

def gradient(theta, X, y, lam):
    m = len(y)
    h = 1 / (1 + np.exp(-(X @ theta)))
    some = theta.copy()
    some[0] = 0
    J = -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h)) + lam / (2 * m) * np.sum(some**2)
    return J, X.T @ (h - y) / m + lam / m * some
"""
STYLES = {"rows": ROWS, "columns": COLUMNS, "theta": THETA}


MORE = {"softmax": SOFTMAX, "a single sample": SINGLE, "kept": KEPT, "penalised": PENALISED}


def judged(folder: Path, code: str) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    owner = "Model." if "class Model" in code else ""
    return diagnose(f"{folder / 'code.py'}:{owner}gradient")


@pytest.mark.parametrize("style", STYLES)
def test_right_code_is_right(style: str, tmp_path: Path) -> None:
    found = judged(tmp_path, STYLES[style])
    assert found.correct, str(found)
    assert "hidden" not in found.setting
    assert (ONE_NEURON in found.notes) == (style != "theta")


@pytest.mark.parametrize("style", MORE)
def test_other_right_code_is_right(style: str, tmp_path: Path) -> None:
    found = judged(tmp_path, MORE[style])
    assert found.correct, str(found)


@pytest.mark.parametrize(
    ("style", "old", "new", "mistake"),
    [
        ("rows", "np.mean(p - y)", "np.sum(p - y)", "biases-not-averaged"),
        ("rows", "X.T @ (p - y)", "X.T @ (y - p)", "weights-sign"),
        ("rows", "(p - y) / len(y), np.mean(p - y)",
         "((p - y) * p) / len(y), np.mean((p - y) * p)", "activation-for-slope"),
        ("columns", "np.sum(A - Y) / m", "np.sum(A - Y)", "biases-not-averaged"),
        ("columns", "(A - Y).T) / m", "(A - Y).T)", "weights-not-averaged"),
        ("theta", "(X @ theta - y)", "(X @ theta)", "targets-missing"),
        ("softmax", "(P - Y).sum(axis=0) / len(X)", "(P - Y).sum(axis=0)", "biases-not-averaged"),
        ("softmax", "X.T @ (P - Y)", "X.T @ (Y - P)", "weights-sign"),
        ("a single sample", "* a * (1 - a)", "* a", "activation-for-slope"),
        ("kept", "e.mean()", "e.sum()", "biases-not-averaged"),
    ],
)  # fmt: skip
def test_a_slip_has_its_name(style: str, old: str, new: str, mistake: str, tmp_path: Path) -> None:
    code = {**STYLES, **MORE}[style]
    assert old in code
    found = judged(tmp_path, code.replace(old, new))
    assert found.verdict == "wrong", str(found)
    assert [row.id for row in found.mistakes] == [mistake]


def test_capital_weights_of_several_outputs_are_no_one_neuron(tmp_path: Path) -> None:
    """``np.sum`` without an axis is wrong for several outputs, right for one: nobody can tell."""
    found = judged(tmp_path, ROWS.replace("w", "W"))
    assert found.verdict == "undecided"
    assert "right for one output unit only" in found.message


def test_softmax_is_no_one_neuron(tmp_path: Path) -> None:
    code = ROWS.replace(
        "p = 1 / (1 + np.exp(-(X @ w + b)))",
        "e = np.exp(X @ w + b)\n    p = e / e.sum(axis=1, keepdims=True)",
    )
    found = judged(tmp_path, code)
    assert found.verdict == "wrong"
    # the entries of p - y have the sum zero, so their mean is their sum
    assert [row.id for row in found.mistakes] == ["bias-summed-over-units"]


def test_a_bias_whose_gradient_was_not_found_is_not_called_right(tmp_path: Path) -> None:
    """The loss agrees with the gradient of the weights; that says nothing about the bias."""
    found = judged(
        tmp_path, COLUMNS.replace("w", "W").replace("np.sum(A - Y) / m", "np.sum(A - Y)")
    )
    assert not found.correct, str(found)


def test_gradients_of_another_cost_than_the_loss_beside_them_are_not_called_right(
    tmp_path: Path,
) -> None:
    """The penalty of the gradient is on theta[0], too; that of the loss is not."""
    found = judged(tmp_path, PENALISED.replace("lam / m * some", "lam / m * theta"))
    assert found.verdict == "undecided"
    assert found.message.endswith("the loss that it gives has another slope by W1 (0, 0)")


def test_another_number_than_the_loss_says_nothing(tmp_path: Path) -> None:
    code = ROWS.replace("return ", "return np.mean((p > 0.5) == y), ")
    assert judged(tmp_path, code).correct
