"""Correct code in sixteen styles is never called wrong; planted mistakes are found and named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import planted
import pytest

from symbackprop.diagnose import assert_gradients, diagnose
from symbackprop.diagnose.run import of_file
from symbackprop.diagnose.spec import Spec
from symbackprop.errors import InputError
from symbackprop.networks.network import Network

ALL = planted.planted()


def target(style: str) -> str:
    return f"{planted.CODE / style}.py:{planted.FUNCTIONS[style]}"


@pytest.mark.parametrize("style", planted.FUNCTIONS)
def test_correct_code_is_never_called_wrong(style: str) -> None:
    found = diagnose(target(style))
    assert found.verdict == "correct", str(found)
    assert found.mistakes == ()
    assert found.gap is not None
    assert found.gap < 1e-9


CONVENTIONS = {
    "columns_and_cache": ("samples are the columns of X (n × m)", "biases have shape (n, 1)"),
    "dictionary_of_rows": ("targets are class numbers", "weights are in × out: z = a W + b"),
    "lists_by_column": ("one sample at a time, as a column (n × 1)",),
    "one_long_vector": ("biases are the first column inside W",),
    "in_place_without_biases": ("parameters are updated in place: (before - after)/η", "no biases"),
    "new_parameters": ("updated parameters are returned: (before - after)/η",),
    "kept_as_attributes": ("gradients are kept as attributes",),
}


@pytest.mark.parametrize("style", CONVENTIONS)
def test_the_conventions_are_told(style: str) -> None:
    assert set(CONVENTIONS[style]) <= set(diagnose(target(style)).convention)


def test_a_common_factor_is_a_convention_and_no_mistake() -> None:
    found = diagnose(target("in_place_without_biases"))
    assert found.factor == "m"
    strict = diagnose(target("in_place_without_biases"), strict=True)
    assert strict.verdict == "wrong"
    assert strict.mistakes[0].id == "factor m"


FEW = [case for case in ALL if case.number % 4 == 0]
REST = [pytest.param(case, marks=pytest.mark.slow) for case in ALL if case not in FEW]


@pytest.mark.parametrize("case", [*FEW, *REST], ids=str)
def test_planted_mistakes_are_found_and_named(case: planted.Planted, tmp_path: Path) -> None:
    file = tmp_path / f"{case.style}.py"
    file.write_text(case.text, encoding="utf-8")
    found = of_file(f"{file}:{case.function}", Spec(), repair=False)
    if case.id == planted.NEIGHBOUR:
        assert found.verdict == "correct", str(found)
        return
    if case.id == planted.ONE_OUTPUT:
        assert found.verdict == "undecided", str(found)
        assert "one output" in found.message
        return
    assert found.verdict == "wrong", str(found)
    if case.id:
        told = {row.id for row in found.mistakes} | {a for row in found.mistakes for a in row.also}
        assert case.id in told, str(found)


def test_the_stated_cost_makes_a_neighbour_wrong(tmp_path: Path) -> None:
    case = next(c for c in ALL if c.style == "columns_and_cache" and c.id == planted.NEIGHBOUR)
    file = tmp_path / "code.py"
    file.write_text(case.text, encoding="utf-8")
    assert diagnose(f"{file}:{case.function}").verdict == "correct"
    stated = Network((2, 5, 3), activation=("tanh", "sigmoid"), cost="binary-cross-entropy")
    wrong = diagnose(f"{file}:{case.function}", stated)
    assert wrong.verdict == "wrong"
    assert wrong.mistakes[0].id == "output-slope-extra"
    assert any("another cost" in note for note in wrong.notes)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def good(X, Y, W1, b1, W2, b2):
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return X.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0)


def bad(X, Y, W1, b1, W2, b2):
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1
    return X.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0)


def test_a_live_function_is_asserted() -> None:
    assert assert_gradients(good).correct
    with pytest.raises(AssertionError, match=r"activation-for-slope.*layer"):
        assert_gradients(bad)


def test_the_layer_and_the_parameters_are_named() -> None:
    found = diagnose(bad)
    assert found.mistakes[0].layers == (1,)
    verdicts = {row.name: row.verdict for row in found.parameters}
    assert verdicts == {"W1": "wrong", "b1": "wrong", "W2": "correct", "b2": "correct"}


def saturated(X, Y, W1, b1, W2, b2):
    """Right wherever the last layer is saturated, and nowhere else."""
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - Y) * (a2 > 0.999) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return X.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0)


def constant(X, Y, W1, b1, W2, b2):
    return np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2), np.zeros_like(b2)


def random_numbers(X, Y, W1, b1, W2, b2):
    return W1**2, b1**2, W2**2, b2**2


@pytest.mark.parametrize("function", [saturated, constant, random_numbers])
def test_nonsense_is_never_called_correct(function) -> None:
    assert diagnose(function).verdict != "correct"


def nan(X, Y, W1, b1, W2, b2):
    return W1 * np.nan, b1, W2, b2


def dropout(X, Y, W1, b1, W2, b2):
    mask = dropout.draw.random((len(X), W1.shape[1])) < 0.5
    grads = good(X, Y, W1, b1, W2, b2)
    return grads[0] * mask.mean(), *grads[1:]


dropout.draw = np.random.default_rng(1)


def test_what_cannot_be_judged_is_undecided() -> None:
    assert "NaN" in diagnose(nan).message
    assert "two calls" in diagnose(dropout).message


def strange(q, r, W1, b1, W2, b2):
    return good(q, r, W1, b1, W2, b2)


def test_an_unknown_signature_asks_for_a_spec() -> None:
    found = diagnose(strange)
    assert found.verdict == "undecided"
    assert 'q = "?"' in found.spec
    assert diagnose(strange, roles={"q": "x", "r": "y"}).correct


def test_a_diagnosis_is_no_boolean() -> None:
    with pytest.raises(TypeError, match="three answers"):
        bool(diagnose(good))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"rolse": {}}, "unknown section"),
        ({"convention": {"samples": "diagonal"}}, "one of rows"),
        ({"convention": {"sample": "rows"}}, "unknown axis"),
        ({"seconds": -1}, "up to 600"),
        ({"roles": 3}, "no section"),
    ],
)
def test_a_bad_spec_is_refused(spec, says: str) -> None:
    with pytest.raises(InputError, match=says):
        diagnose(good, **spec)
