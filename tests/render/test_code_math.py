"""NumPy functions as mathematics: two kinds of products, transposes, and what is refused."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from symbackprop.render.code_math import NotMathematics, code_of, mathematics_of, shown

LETTERS = {
    "sigmoid": r"\sigma", "slope": r"\sigma'", "W_next": "W^{l+1}",
    "delta_next": r"\delta^{l+1}", "hidden_error": r"\delta^{l}", "delta": r"\delta^{l}",
    "a_before": "a^{l-1}", "cost": "C",
}  # fmt: skip
needs_latexify = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="latexify-py refuses Python 3.14"
)


def sigmoid(z: Any) -> Any:
    """Squeezes z into (0, 1)."""
    return 1 / (1 + np.exp(-z))


def slope(z: Any) -> Any:
    s = sigmoid(z)
    return s * (1 - s)


def cost(a: Any, y: Any) -> Any:
    return 1 / 2 * np.sum((a - y) ** 2)


def forward(W: Any, b: Any, a_before: Any) -> Any:
    return W @ a_before + b


def hidden_error(W_next: Any, delta_next: Any, z: Any) -> Any:
    return (W_next.T @ delta_next) * slope(z)


def weights(delta: Any, a_before: Any) -> Any:
    return delta @ a_before.T


def biases(delta: Any) -> Any:
    return np.sum(delta, axis=0)


def looped(z: Any) -> Any:
    for _ in range(3):
        z = z + 1
    return z


def reshaped(z: Any) -> Any:
    return z.real * 2


FORMULAS = [
    (sigmoid, r"\sigma(z) = \frac{1}{1 + e^{-z}}"),
    (
        slope,
        r"\sigma'(z) = s \odot \left( 1 - s \right) \quad\text{with}\quad s = \sigma(z)",
    ),
    (cost, r"C(a, y) = \frac{1}{2} \cdot \sum \left( \left( a - y \right)^{2} \right)"),
    (forward, r"\mathrm{forward}(W, b, a^{l-1}) = W a^{l-1} + b"),
    (
        hidden_error,
        (
            r"\delta^{l}(W^{l+1}, \delta^{l+1}, z) = \left( \left( W^{l+1} \right)^{\top} "
            r"\delta^{l+1} \right) \odot \sigma'(z)"
        ),
    ),
    (weights, r"\mathrm{weights}(\delta^{l}, a^{l-1}) = \delta^{l} \left( a^{l-1} \right)^{\top}"),
]


@needs_latexify
@pytest.mark.parametrize(("function", "tex"), FORMULAS)
def test_functions(function: Any, tex: str) -> None:
    assert mathematics_of(code_of(function, letters=LETTERS)) == tex


@needs_latexify
def test_the_two_products_never_look_alike() -> None:
    written = mathematics_of(code_of(hidden_error, letters=LETTERS))
    assert written.count(r"\odot") == 1
    assert r"\odot" not in mathematics_of(code_of(weights, letters=LETTERS))
    assert r"\odot" not in mathematics_of(code_of(cost, letters=LETTERS)), "a number times a number"


@pytest.mark.parametrize("function", [biases, looped, reshaped])
def test_what_would_mislead_is_refused(function: Any) -> None:
    with pytest.raises(NotMathematics):
        mathematics_of(code_of(function, letters=LETTERS))


def test_a_twin_takes_its_place_with_a_note() -> None:
    (part,) = shown([code_of(biases, twin=r"\sum_s \delta_s")])
    assert part["tex"] == r"\mathrm{biases}(\mathrm{delta}) = \sum_s \delta_s"
    assert "symbolic twin" in part["note"]
    assert shown([code_of(biases)]) == []


def test_without_latexify_every_twin_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "latexify", None)
    (part,) = shown([code_of(sigmoid, twin="T")])
    assert part["tex"] == r"\mathrm{sigmoid}(z) = T"
    assert "cannot be installed" in part["note"]
