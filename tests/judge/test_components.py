"""Entries of matrix terms: the index term of each entry has the number of the matrix there."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Symbol, symbols

from symbackprop.judge.components import Components
from symbackprop.language.shapes import shape
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Chain,
    Column,
    Diag,
    Fn,
    Hadamard,
    Identity,
    MatMul,
    Ones,
    Partial,
    Power,
    Quotient,
    Size,
    Sum,
    Transpose,
    plus,
    times,
)
from symbackprop.networks.forward import C, a, b, forward, k, w, y, z
from symbackprop.networks.network import Network

ZERO, ONE, TWO, THREE = map(Integer, range(4))
row, column = symbols("row column")
r = Symbol("r")
ONE_SAMPLE = Network([2, 3, 4, 5], "tanh", "quadratic")
BATCH = Network([2, 3, 4], "tanh", "quadratic", batch="columns")
ROWS = Network([2, 3, 4], "tanh", "quadratic", batch="rows")

TERMS = {
    "ref": w(TWO),
    "vector": b(TWO),
    "plus": plus(w(TWO), MatMul(z(TWO), Transpose(a(ONE)))),
    "number times": times(3, w(TWO)),
    "scalar times": times(MatMul(Transpose(y()), y()), w(ONE)),
    "quotient": Quotient(w(ONE), MatMul(Transpose(y()), y())),
    "hadamard": Hadamard(w(TWO), MatMul(z(TWO), Transpose(a(ONE)))),
    "two matrices": MatMul(w(THREE), w(TWO)),
    "three matrices": MatMul(w(THREE), w(TWO), w(ONE)),
    "grouped left": MatMul(MatMul(w(THREE), w(TWO)), w(ONE)),
    "grouped right": MatMul(w(THREE), MatMul(w(TWO), w(ONE))),
    "matrix vector": MatMul(w(TWO), a(ONE)),
    "row": Transpose(a(TWO)),
    "row matrix": MatMul(Transpose(a(TWO)), w(TWO)),
    "outer": MatMul(a(TWO), Transpose(a(ONE))),
    "outer of products": MatMul(MatMul(w(TWO), a(ONE)), Transpose(MatMul(w(ONE), a(ZERO)))),
    "outer in the middle": MatMul(w(TWO), a(ONE), Transpose(a(ONE)), Transpose(w(TWO))),
    "transpose of product": Transpose(MatMul(w(TWO), w(ONE))),
    "transpose of sum": Transpose(plus(w(TWO), w(TWO))),
    "transpose twice": Transpose(Transpose(w(TWO))),
    "diag": Diag(a(TWO)),
    "diag of product": MatMul(Diag(MatMul(w(TWO), a(ONE))), w(TWO)),
    "diag right": MatMul(w(TWO), Diag(a(ONE))),
    "identity": MatMul(Identity(Size(TWO)), w(TWO)),
    "identity minus": plus(Identity(Size(TWO)), MatMul(a(TWO), Transpose(a(TWO)))),
    "column": Column(w(TWO), TWO),
    "column of product": Column(MatMul(w(THREE), w(TWO)), THREE),
    "column of a row": MatMul(w(TWO), times(Column(Transpose(a(TWO)), TWO), a(ONE))),
    "chain": Chain(w(r), r, THREE, ONE),
    "chain of slopes": Chain(MatMul(Diag(Act(r, z(r), 1)), w(r)), r, THREE, TWO),
    "chain in a product": MatMul(Chain(w(r), r, THREE, TWO), w(ONE)),
    "act": Act(TWO, MatMul(w(TWO), a(ONE)), 1),
    "fn": Fn("exp", MatMul(w(TWO), a(ONE))),
    "sum of arrays": Sum(times(y(k), w(TWO)), k, Size(THREE)),
    "sum of outers": Sum(MatMul(Column(w(TWO), k), Transpose(Column(w(TWO), k))), k, Size(ONE)),
    "square of a product": times(Power(MatMul(Transpose(y()), y()), TWO), w(ONE)),
    "gradient": Partial(C, w(TWO)),
    "gradient of a vector": Partial(C, a(TWO)),
    "jacobian": Partial(a(THREE), a(ONE)),
    "jacobian in a product": MatMul(Transpose(Partial(C, a(THREE))), Partial(a(THREE), a(ONE))),
    "vector by scalar": Partial(a(TWO), b(ONE, TWO)),
}  # fmt: skip
IN_BATCHES = {
    "columns": (BATCH, MatMul(w(TWO), a(ONE))),
    "columns outer": (BATCH, MatMul(z(TWO), Transpose(a(ONE)))),
    "columns bias": (BATCH, MatMul(b(TWO), Transpose(Ones(Size(SAMPLES))))),
    "columns summed": (BATCH, MatMul(z(TWO), Ones(Size(SAMPLES)))),
    "rows": (ROWS, MatMul(a(ONE), Transpose(w(TWO)))),
    "rows outer": (ROWS, MatMul(Transpose(z(TWO)), a(ONE))),
    "rows gradient": (ROWS, Partial(C, z(TWO))),
}
ALL = {**{name: (ONE_SAMPLE, term) for name, term in TERMS.items()}, **IN_BATCHES}


@pytest.mark.parametrize("name", ALL)
def test_entries_are_those_of_the_matrix(name, numbers):
    network, term = ALL[name]
    program = forward(network)
    little = numbers.drawn(network, network.layers, seed=3)
    array = np.asarray(little.value(term, {}))
    found = shape(term, program)
    assert found is not None
    entry = Components(program).entry(term, row, None if found[1] == 1 else column)
    for i, j in np.ndindex(*array.shape):
        value = little.value(entry, {row: i + 1, column: j + 1})
        assert value == pytest.approx(array[i, j], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    "term",
    [
        MatMul(Transpose(a(TWO)), w(TWO), a(ONE)),
        plus(MatMul(Transpose(y()), y()), Integer(1)),
        Quotient(MatMul(Transpose(y()), y()), plus(2, MatMul(Transpose(y()), y()))),
        Sum(times(y(k), MatMul(Transpose(y()), y())), k, Size(THREE)),
        Column(Transpose(a(TWO)), TWO),
        Power(MatMul(Transpose(y()), y()), TWO),
        times(Power(y(TWO), TWO), Power(MatMul(Transpose(y()), a(THREE)), Integer(3))),
        Partial(MatMul(Transpose(a(TWO)), a(TWO)), b(ONE, TWO)),
    ],
    ids=str,
)
def test_scalars_made_of_matrices(term, numbers):
    little = numbers.drawn(ONE_SAMPLE, ONE_SAMPLE.layers, seed=4)
    entry = Components(forward(ONE_SAMPLE)).scalar(term)
    assert little.value(entry, {}) == pytest.approx(
        float(little.value(term, {})), rel=1e-6, abs=1e-7
    )


def test_an_array_is_not_a_scalar():
    with pytest.raises(ValueError, match="array"):
        Components(forward(ONE_SAMPLE)).scalar(w(TWO))


def test_bound_letters_are_fresh():
    """``(A B)_{jk}`` with the letters j and k outside captures neither."""
    parts = Components(forward(ONE_SAMPLE))
    first = parts.entry(MatMul(w(TWO), w(ONE)), row, column)
    second = parts.entry(MatMul(w(TWO), w(ONE)), row, column)
    assert first.index not in (row, column, second.index)
