"""Exact numbers pass for floats, prove what is right and nothing that is only nearly right."""

from __future__ import annotations

import operator

import numpy as np
import planted
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.child.exact import Exact

P = 2**61 - 1


def exact(n: int) -> Exact:
    return Exact(n, n / 7, P)


numbers = st.integers(1, 10**6).map(exact)


@given(numbers, numbers, numbers)
def test_they_are_a_field(a, b, c) -> None:
    assert (a + b) * c == a * c + b * c
    assert a - b == -(b - a)
    assert (a / b) * b == a
    assert a**3 == a * a * a
    assert a**-1 == 1 / a
    assert 2 * a / 2 == a


@given(numbers)
def test_functions_keep_their_identities(z) -> None:
    assert z.exp() * (-z).exp() == 1
    sigma = 1 / (1 + (-z).exp())
    assert sigma == z.exp() / (1 + z.exp())
    assert sigma * (1 - sigma) == (-z).exp() / (1 + (-z).exp()) ** 2
    assert (-z).tanh() == -z.tanh()
    assert z.exp() != (z + 1).exp()
    assert z.log() != z.exp()


def test_decimals_are_meant_as_they_are_written() -> None:
    z = exact(12)
    assert 0.01 * z == z / 100
    assert 0.1 * z + 0.2 * z == z * 3 / 10
    assert z * (1 + 1e-9) != z


@pytest.mark.parametrize("operation", [operator.lt, operator.gt, operator.le, operator.ge])
def test_comparisons_are_those_of_the_floats(operation) -> None:
    assert operation(exact(3), exact(5)) == operation(3, 5)
    assert operation(exact(3), 0.0) == operation(3, 0)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError):
        exact(3) + "text"
    with pytest.raises(TypeError):
        int(exact(3))
    assert exact(3) != float("nan")


PROVED = ("columns_and_cache", "deep_rows", "dictionary_of_rows", "layers_of_dictionaries",
          "lists_by_column", "new_parameters", "one_long_vector", "pairs_of_arrays")  # fmt: skip


@pytest.mark.parametrize("style", PROVED)
def test_right_code_is_proved_where_it_runs_on_exact_numbers(style: str) -> None:
    found = diagnose(f"{planted.CODE / style}.py:{planted.FUNCTIONS[style]}")
    assert "proved for 2-5-" in found.proof
    assert found.proof in str(found)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def nearly(X, Y, W1, b1, W2, b2):
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1) * (1 + 1e-12)
    return X.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0)


def through_floats(X, Y, W1, b1, W2, b2):
    X, Y, W1, b1, W2, b2 = (np.asarray(a, dtype=float) for a in (X, Y, W1, b1, W2, b2))
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return X.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0)


@pytest.mark.parametrize("function", [nearly, through_floats])
def test_what_is_right_in_floats_only_is_not_called_proved(function) -> None:
    found = diagnose(function)
    assert found.correct
    assert found.proof == ""
    assert "checked numerically" in str(found)
