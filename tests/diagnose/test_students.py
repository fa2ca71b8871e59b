"""Programs in styles of their own: right ones are right, and with one slip never right."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.report import Diagnosis

SAMPLE_BY_SAMPLE = """import numpy as np

def backprop(X, Y, W, b):
    gW = [np.zeros_like(w) for w in W]
    gb = [np.zeros_like(v) for v in b]
    for n in range(len(X)):
        a, z = [X[n]], []
        for w, v in zip(W, b):
            z.append(a[-1].dot(w) + v)
            a.append(np.maximum(z[-1], 0) if len(z) < len(W) else z[-1])
        d = a[-1] - Y[n]
        for l in range(len(W) - 1, -1, -1):
            gW[l] += np.outer(a[l], d)
            gb[l] += d
            d = W[l].dot(d)
            if l:
                d = d * (z[l - 1] > 0)
    return [g / len(X) for g in gW], [g / len(X) for g in gb]
"""
PLAIN = """import math

def f(v): return 1 / (1 + math.exp(-v))

def backprop(x, y, W1, b1, W2, b2):
    h = [f(b1[j] + sum(W1[j][i] * x[i] for i in range(len(x)))) for j in range(len(b1))]
    o = [f(b2[k] + sum(W2[k][j] * h[j] for j in range(len(h)))) for k in range(len(b2))]
    do = [(o[k] - y[k]) * o[k] * (1 - o[k]) for k in range(len(o))]
    dh = [sum(W2[k][j] * do[k] for k in range(len(o))) * h[j] * (1 - h[j]) for j in range(len(h))]
    gW1 = [[dh[j] * x[i] for i in range(len(x))] for j in range(len(h))]
    gW2 = [[do[k] * h[j] for j in range(len(h))] for k in range(len(o))]
    return gW1, dh, gW2, do
"""
ONE_OUTPUT = """import numpy as np

def backprop(X, y, W1, b1, w2, b2):
    n = len(y)
    H = np.tanh(X.dot(W1) + b1)
    p = 1 / (1 + np.exp(-(H.dot(w2) + b2)))
    r = (p - y) / n
    gw2 = H.T.dot(r)
    gb2 = r.sum()
    dH = np.outer(r, w2) * (1 - H ** 2)
    return X.T.dot(dH), dH.sum(axis=0), gw2, gb2
"""
ELU = """import numpy as np

def elu(z): return np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)
def slope(z): return np.where(z > 0, 1, np.exp(np.minimum(z, 0)))

def backprop(X, Y, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    a1 = elu(z1)
    e = (a1 @ W2 + b2 - Y) / len(X)
    d = e @ W2.T * slope(z1)
    return X.T @ d, d.sum(0), a1.T @ e, e.sum(0)
"""
ODD = """import numpy as np

def backprop(X, Y, W1, b1, W2, b2):
    z = X @ W1 + b1
    a = z - z ** 3
    out = a @ W2 + b2
    loss = np.abs(out - Y).sum() / len(X)
    e = np.sign(out - Y) / len(X)
    d = e @ W2.T * (1 - 3 * z ** 2)
    return loss, X.T @ d, d.sum(0), a.T @ e, e.sum(0)
"""
CACHE = """import numpy as np

def forward(X, params):
    Z1 = np.dot(params["W1"], X) + params["b1"]
    A1 = np.tanh(Z1)
    A2 = 1 / (1 + np.exp(-(np.dot(params["W2"], A1) + params["b2"])))
    return A2, {"A1": A1, "A2": A2}

def backprop(params, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dW2 = np.dot(dZ2, cache["A1"].T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(params["W2"].T, dZ2) * (1 - np.power(cache["A1"], 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
"""
LOGITS = """import numpy as np

def backprop(params, X, y):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    Z = X.dot(W1) + b1
    A = np.maximum(0, Z)
    o = A.dot(W2) + b2
    loss = np.mean(np.maximum(o, 0) - o * y + np.log1p(np.exp(-np.abs(o))))
    do = (1 / (1 + np.exp(-o)) - y) / y.size
    dA = do.dot(W2.T) * (Z > 0)
    return loss, {"W1": X.T.dot(dA), "b1": dA.sum(0), "W2": A.T.dot(do), "b2": do.sum(0)}
"""
LAYERS_BY_NAME = """import numpy as np

def backprop(X, Y, W1, b1, W2, b2):
    h = np.tanh(X @ W1 + b1)
    e = (h @ W2 + b2 - Y) / len(X)
    d = e @ W2.T * (1 - h * h)
    return X.T @ d, d.sum(0), h.T @ e, e.sum(0)
"""
STYLES = {
    "sample by sample": SAMPLE_BY_SAMPLE, "plain numbers": PLAIN, "one output": ONE_OUTPUT,
    "elu": ELU, "a cost of its own": ODD, "cache": CACHE, "logits": LOGITS,
    "without names": LAYERS_BY_NAME,
}  # fmt: skip


def judged(folder: Path, code: str) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    return diagnose(f"{folder / 'code.py'}:backprop")


@pytest.mark.parametrize("style", STYLES)
def test_right_code_is_right(style: str, tmp_path: Path) -> None:
    found = judged(tmp_path, STYLES[style])
    assert found.correct, str(found)


@pytest.mark.parametrize(
    ("style", "old", "new", "mistake"),
    [
        ("sample by sample", "gb[l] += d", "gb[l] = d", "last-sample-only"),
        ("sample by sample", "[g / len(X) for g in gb]", "gb", "biases-not-averaged"),
        ("sample by sample", "(z[l - 1] > 0)", "z[l - 1]", None),
        ("plain numbers", "return gW1, dh,", "return gW1, do,", None),
        ("plain numbers", "do[k] * h[j] for", "do[k] * x[0] for", None),
        ("one output", "np.outer(r, w2)", "np.outer(p - y, w2)", "weights-averaged-twice"),
        ("one output", "gb2 = r.sum()", "gb2 = r.mean()", "biases-averaged-twice"),
        ("elu", "slope(z1)", "slope(a1)", "slope-at-activation"),
        ("a cost of its own", "z ** 2", "a ** 2", None),
        ("a cost of its own", "d.sum(0)", "d.mean(0)", None),
        ("cache", "np.dot(dZ1, X.T) / m", "np.dot(dZ1, X.T)", "weights-not-averaged"),
        ("cache", 'np.power(cache["A1"], 2)', 'cache["A1"]', "slope-not-squared"),
        ("logits", "(1 / (1 + np.exp(-o)) - y)", "(o - y)", None),
        ("logits", "A.T.dot(do)", "Z.T.dot(do)", "weighted-input-below"),
        ("without names", "X.T @ d, d.sum(0)", "X.T @ d, e.sum(0)", None),
    ],
)
def test_one_slip_makes_it_wrong(
    style: str, old: str, new: str, mistake: str | None, tmp_path: Path
) -> None:
    assert old in STYLES[style]
    found = judged(tmp_path, STYLES[style].replace(old, new))
    assert found.verdict == "wrong", str(found)
    assert [row.id for row in found.mistakes] == ([mistake] if mistake else [])


def test_only_what_disagrees_with_the_loss_is_wrong(tmp_path: Path) -> None:
    found = judged(tmp_path, ODD.replace("d.sum(0)", "d.mean(0)"))
    assert [row.name for row in found.parameters if row.verdict == "wrong"] == ["b1"]


def test_a_factor_that_the_loss_does_not_have_is_told(tmp_path: Path) -> None:
    found = judged(tmp_path, LOGITS.replace("/ y.size", "/ len(y)"))
    assert found.correct
    assert "the gradients are n_L times the slope of that loss" in found.notes


def test_gradients_that_do_not_come_back_are_not_called_correct(tmp_path: Path) -> None:
    found = judged(
        tmp_path, ELU.replace("X.T @ d, d.sum(0), a1.T @ e, e.sum(0)", "X.T @ d, a1.T @ e")
    )
    assert found.verdict == "undecided"
    assert found.message == "no gradient of b1, b2 was found; the others are right"


def test_an_array_of_another_shape_is_told(tmp_path: Path) -> None:
    found = judged(tmp_path, PLAIN.replace("return gW1, dh,", "return gW1, do,"))
    assert "∂C/∂b1: wrong, of another shape" in str(found)


def test_one_sample_is_no_excuse_where_another_bias_is_summed(tmp_path: Path) -> None:
    found = judged(tmp_path, LAYERS_BY_NAME.replace("d.sum(0)", "d"))
    assert [(row.id, row.layers) for row in found.mistakes] == [("bias-not-summed", (1,))]
    neither = LAYERS_BY_NAME.replace("d.sum(0)", "d").replace("e.sum(0)", "e")
    assert judged(tmp_path, neither).verdict == "wrong"  # the mean over samples is taken
    assert judged(tmp_path, neither.replace(" / len(X)", "")).correct


PAIRS = """import numpy as np

def backprop(X, Y, params):
    a = [X]
    for W, b in params:
        a.append(np.tanh(a[-1] @ W + b))
    d = (a[-1] - Y) * (1 - a[-1] ** 2)
    grads = []
    for i in reversed(range(len(params))):
        grads.append((a[i].T @ d, d.sum(0)))
        d = d @ params[i][0].T * (1 - a[i] ** 2)
    return grads
"""


@pytest.mark.parametrize(
    ("code", "old", "new", "says"),
    [
        (CACHE, '"dW1": dW1, "db1": db1, "dW2": dW2', '"dW2": dW1, "db1": db1, "dW1": dW2', "W2's"),
        (PAIRS, "", "", "from the last down"),
    ],
)
def test_right_gradients_in_the_wrong_places_are_not_correct(
    code: str, old: str, new: str, says: str, tmp_path: Path
) -> None:
    found = judged(tmp_path, code.replace(old, new))
    assert found.verdict == "undecided"
    assert says in found.message


def test_gradients_from_the_last_layer_down_may_be_turned_round(tmp_path: Path) -> None:
    assert judged(tmp_path, PAIRS.replace("return grads", "return grads[::-1]")).correct


def test_one_output_with_targets_that_are_reshaped(tmp_path: Path) -> None:
    code = LAYERS_BY_NAME.replace("+ b2 - Y", "+ b2 - Y.reshape(-1, 1)")
    assert judged(tmp_path, code).correct


VECTORS = """import numpy as np

def backprop(X, y, params):
    W1, b1, w2, b2 = params
    z = X @ W1 + b1
    h = np.maximum(z, 0)
    r = (h @ w2 + b2 - y) / len(y)
    d = r[:, None] * w2 * (z > 0)
    return X.T @ d, d.sum(0), h.T @ r, r.sum()
"""
LEAKY = """import numpy as np

def leaky(z, alpha=0.01): return np.where(z > 0, z, alpha * z)

def backprop(X, Y, W1, b1, W2, b2, alpha=0.01):
    z = X @ W1 + b1
    h = leaky(z, alpha)
    e = h @ W2 + b2 - Y
    d = e @ W2.T * np.where(z > 0, 1, alpha)
    return X.T @ d, d.sum(0), h.T @ e, e.sum(0)
"""


@pytest.mark.parametrize(
    ("code", "slip"), [(VECTORS, ("h.T @ r", "z.T @ r")), (LEAKY, ("1, alpha", "1, 0"))]
)
def test_one_output_as_a_vector_and_a_slope_with_a_default(
    code: str, slip: tuple[str, str], tmp_path: Path
) -> None:
    assert judged(tmp_path, code).correct
    assert judged(tmp_path, code.replace(*slip)).verdict == "wrong"


def test_a_holder_of_all_parameters_leaves_room_for_one_output(tmp_path: Path) -> None:
    code = LOGITS.replace("o * y", "o * y.reshape(-1, 1)").replace(
        "- y) /", "- y.reshape(-1, 1)) /"
    )
    assert judged(tmp_path, code).correct
