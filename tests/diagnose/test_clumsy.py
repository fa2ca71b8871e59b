"""Code by people in a hurry: each gets an answer that says what is the matter."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from symbackprop.diagnose import assert_gradients, diagnose
from symbackprop.diagnose.report import Diagnosis
from symbackprop.errors import InputError

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


def test_a_module_beside_it_may_be_imported(tmp_path: Path) -> None:
    (tmp_path / "curves.py").write_text(GOOD[: GOOD.index("def backprop")], encoding="utf-8")
    rest = "import numpy as np\nfrom curves import sigmoid\n" + GOOD[GOOD.index("def backprop") :]
    assert judged(tmp_path, rest).correct
    assert sorted(p.name for p in tmp_path.iterdir()) == ["code.py", "curves.py"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("for i in xrange(m): pass", "code.py:7: is Python 2: for i in xrange(m): pass"),
        ("import cPickle", "code.py:7: is Python 2"),
        ("m = max({m: 1}.iterkeys())", "code.py:7: is Python 2"),
        ("m = xrang(m)", "code.py:7: the function does not run: NameError"),
    ],
)
def test_python_2_that_only_fails_when_it_runs(line: str, says: str, tmp_path: Path) -> None:
    found = judged(tmp_path, GOOD.replace("m = len(X)", f"m = len(X)\n    {line}"))
    assert found.verdict == "undecided"
    assert says in found.message
    assert not found.spec or "iterkeys" in line  # no way to call it would mend that


def test_only_the_line_that_python_cannot_read_is_called_python_2(tmp_path: Path) -> None:
    code = GOOD.replace("m = len(X)", '"""\n    print the size\n    """\n    m = len(X')
    with pytest.raises(InputError, match="is no Python") as raised:
        judged(tmp_path, code)
    assert raised.value.line == 9
    with pytest.raises(InputError, match="is Python 2: print m") as raised:
        judged(tmp_path, GOOD.replace("m = len(X)", "m = len(X)\n    print m"))
    assert raised.value.line == 7


def test_lines_of_a_notebook_are_told_by_cell(tmp_path: Path) -> None:
    wrong = GOOD.replace("(d2 @ W2.T) * a1 * (1 - a1)", "(d2 @ W2.T) * a1")
    cells = [("markdown", "text"), ("code", "%matplotlib inline\n!ls\nprint?"), ("code", wrong)]
    book = {"cells": [{"cell_type": kind, "source": text} for kind, text in cells]}
    (tmp_path / "work.ipynb").write_text(json.dumps(book), encoding="utf-8")
    found = diagnose(f"{tmp_path / 'work.ipynb'}:backprop")
    assert "work.ipynb (code cell 2):10:10\n        d1 = (d2 @ W2.T) * a1\n" in str(found)
    cells[1] = ("code", "x = (")
    book = {"cells": [{"cell_type": kind, "source": text} for kind, text in cells]}
    (tmp_path / "work.ipynb").write_text(json.dumps(book), encoding="utf-8")
    with pytest.raises(InputError, match=r"work\.ipynb \(code cell 1\):1:5"):
        diagnose(f"{tmp_path / 'work.ipynb'}:backprop")


class Net:
    def __init__(self, sizes):
        self.W = [np.ones((n, k)) for k, n in pairwise(sizes)]

    def backprop(self, x, y):
        a = [x]
        for W in self.W:
            a.append(np.tanh(W @ a[-1]))
        d = (a[-1] - y) * (1 - a[-1] ** 2)
        found = [np.outer(d, a[-2])]
        for back in range(2, len(a)):
            d = self.W[1 - back].T @ d * (1 - a[-back] ** 2)
            found.insert(0, np.outer(d, a[-back - 1]))
        return found


def test_live_methods_are_judged_like_functions() -> None:
    assert assert_gradients(Net.backprop).correct
    bound = assert_gradients(Net([2, 3, 1]).backprop)
    assert "made anew" in bound.notes[0]


@pytest.mark.parametrize("function", [print, np.dot, len, lambda X, Y: X, Net])
def test_what_is_no_gradient_code_gets_an_answer(function) -> None:
    with pytest.raises(AssertionError, match="undecided"):
        assert_gradients(function)


BATCHES = GOOD.replace(RETURN, "return X.T @ d1 / m, d1 / m, a1.T @ d2 / m, d2 / m")


def test_bias_gradients_for_each_sample_are_wrong_where_the_weights_are_averaged(
    tmp_path: Path,
) -> None:
    found = judged(tmp_path, BATCHES)
    assert [row.id for row in found.mistakes] == ["bias-not-summed"]
    assert found.place is not None
    assert "return" in found.place.code
    assert "+    return X.T @ d1 / m, (d1 / m).sum(axis=0)," in found.repair


def test_code_for_one_sample_has_nothing_to_sum(tmp_path: Path) -> None:
    found = judged(tmp_path, BATCHES.replace(" / m", "").replace("    m = len(X)\n", ""))
    assert found.correct, str(found)
    assert "one sample at a time" in " ".join(found.convention)


def test_a_mistake_in_a_value_without_a_name_is_shown_where_it_is_returned(tmp_path: Path) -> None:
    found = judged(tmp_path, GOOD.replace("d2.sum(0) / m", "d2.sum() / m"))
    assert found.place is not None
    assert found.place.code[found.place.column : found.place.end] == "d2.sum() / m"
