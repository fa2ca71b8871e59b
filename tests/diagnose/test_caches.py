"""Backward passes that are given what the forward pass kept, in the layouts of courses."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.report import Diagnosis

LAYERS = """import numpy as np

def sigmoid_backward(dA, Z):
    s = 1 / (1 + np.exp(-Z))
    return dA * s * (1 - s)

def backprop(AL, Y, caches):
    grads = {}
    m = AL.shape[1]
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l in reversed(range(len(caches))):
        (A_prev, W, b), Z = caches[l]
        if l == len(caches) - 1:
            dZ = sigmoid_backward(dA, Z)
        else:
            dZ = np.array(dA)
            dZ[Z <= 0] = 0
        grads["dW" + str(l + 1)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l + 1)] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = np.dot(W.T, dZ)
    return grads
"""
NAMES = """import numpy as np

def backprop(X, Y, cache):
    Z1, A1, W1, b1, Z2, A2, W2, b2 = cache
    m = X.shape[1]
    dZ2 = A2 - Y
    dZ1 = np.dot(W2.T, dZ2) * np.int64(A1 > 0)
    return {"dW2": np.dot(dZ2, A1.T) / m, "db2": np.sum(dZ2, axis=1, keepdims=True) / m,
            "dW1": np.dot(dZ1, X.T) / m, "db1": np.sum(dZ1, axis=1, keepdims=True) / m}
"""
KEYS = """import numpy as np

def backprop(X, Y, params):
    h = np.tanh(X @ params['layer1_weights'] + params['layer1_bias'])
    d2 = (h @ params['layer2_weights'] + params['layer2_bias'] - Y) / len(X)
    d1 = d2 @ params['layer2_weights'].T * (1 - h**2)
    return {"layer1_weights": X.T @ d1, "layer1_bias": d1.sum(0),
            "layer2_weights": h.T @ d2, "layer2_bias": d2.sum(0)}
"""
STEMS = """import numpy as np

def backprop(X, Y, parameters):
    L = len(parameters) // 2
    A = [X]
    for l in range(1, L + 1):
        A.append(np.tanh(parameters[f'W_{l}'] @ A[-1] + parameters[f'b_{l}']))
    grads, d = {}, (A[L] - Y) * (1 - A[L] ** 2)
    for l in range(L, 0, -1):
        grads[f'dW_{l}'] = d @ A[l - 1].T
        grads[f'db_{l}'] = d.sum(axis=1, keepdims=True)
        d = parameters[f'W_{l}'].T @ d * (1 - A[l - 1] ** 2)
    return grads
"""


def judged(folder: Path, code: str) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    return diagnose(f"{folder / 'code.py'}:backprop")


@pytest.mark.parametrize("code", [LAYERS, NAMES, KEYS, STEMS])
def test_right_code_is_right(code: str, tmp_path: Path) -> None:
    found = judged(tmp_path, code)
    assert found.correct, str(found)


@pytest.mark.parametrize(
    ("code", "old", "new", "mistake"),
    [
        (LAYERS, "            dZ[Z <= 0] = 0\n", "", "hidden-slope-missing"),
        (LAYERS, "keepdims=True) / m", "keepdims=True)", "biases-not-averaged"),
        (NAMES, "dZ2, A1.T) / m", "dZ2, A1.T) * 2 / m", "weights-doubled"),
        (STEMS, " * (1 - A[l - 1] ** 2)", "", "hidden-slope-missing"),
    ],
)
def test_one_slip_is_found(code: str, old: str, new: str, mistake: str, tmp_path: Path) -> None:
    found = judged(tmp_path, code.replace(old, new))
    assert found.verdict == "wrong"
    assert [row.id for row in found.mistakes] == [mistake], str(found)


def test_a_linear_output_is_not_assumed_to_excuse_a_slope(tmp_path: Path) -> None:
    """With a^L = z^L these are gradients, but the code speaks of a sigmoid."""
    found = judged(tmp_path, LAYERS.replace("dA * s * (1 - s)", "dA * Z * (1 - Z)"))
    assert found.verdict == "undecided"
    assert "identity output" in found.message
