"""Statements that are nearly right: each is refuted with a witness, and its true twin is proved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from sympy import Basic, Integer, Rational

from symbackprop.judge import Status, judge
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, l
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Column,
    Diag,
    Fn,
    Hadamard,
    Identity,
    Kron,
    MatMul,
    Ones,
    Partial,
    Power,
    Quotient,
    Size,
    Sum,
    Transpose,
    as_term,
    times,
)
from symbackprop.networks.forward import LAMBDA, C, J, a, b, delta, forward, i, j, k, s, w, y, z
from symbackprop.networks.network import Network

SIG = Network(None, "sigmoid", "quadratic")
LIN = Network(None, "identity", "quadratic")
TANH = Network(None, "tanh", "mse")
OPEN = Network(None, "unspecified", "unspecified")
SOFT = Network(None, "softmax", "cross-entropy")
SOFT_SQUARES = Network(None, "softmax", "quadratic")
BCE = Network(None, "sigmoid", "binary-cross-entropy")
COLS = Network(None, "sigmoid", "mse", batch="columns")
ROWS = Network(None, "sigmoid", "mse", batch="rows")
SUMMED = Network(None, "tanh", "quadratic", batch="columns", reduction="sum")
PENALTY = Network(None, "tanh", "mse", l2=True)
SQUARE = Network([4, 4, 4], "sigmoid", "quadratic")
MIXED = Network([3, 3, 3], ("tanh", "sigmoid"), "mse")
SMALL = Network([2, 3, 2], "sigmoid", "mse")
ONE, TWO = Integer(1), Integer(2)
m, n_L = Size(SAMPLES), Size(L)


@dataclass(frozen=True)
class Near:
    """``left = true`` is proved and ``left = false`` is refuted, for ``1 <= l <= last``."""

    id: str
    network: Network
    left: Basic
    true: Basic
    false: Basic
    last: Basic | None = None
    unequal: tuple[tuple[Basic, Basic], ...] = ()

    def says(self, right: Basic) -> Statement:
        first = ONE if self.last is not None else None
        return Statement((self.left, as_term(right)), self.unequal, first, self.last)


def slope(layer, index, *more):
    return Act(layer, z(layer, index, *more), 1)


def through(layer, index, letter=k):
    """``Σ_k w^{l+1}_{kj} δ^{l+1}_k``."""
    up = layer + 1
    return Sum(times(w(up, letter, index), delta(up, letter)), letter, Size(up))


def errors_above(layer, matrix):
    return Hadamard(MatMul(matrix, delta(layer + 1)), Act(layer, z(layer), 1))


apart, gap = a(L, j) - y(j), a(L) - y()
scaled = times(Quotient(TWO, times(n_L, m)), a(L, j, s) - y(j, s), slope(L, j, s))
below = L - 1
BP2 = times(through(l, j), slope(l, j))
dC_dw, dC_db = Partial(C, w(l, j, k)), Partial(C, b(l, j))

TABLE = [
    # -- the output error
    Near("slope-dropped", SIG, delta(L, j), apart * slope(L, j), apart),
    Near("slope-of-a", SIG, delta(L, j), apart * slope(L, j), apart * Act(L, a(L, j), 1)),
    Near("slope-twice", SIG, delta(L, j), apart * slope(L, j), apart * slope(L, j) * slope(L, j)),
    Near("value-for-slope", SIG, delta(L, j), apart * slope(L, j), apart * Act(L, z(L, j))),
    Near("sign", SIG, delta(L, j), apart * slope(L, j), (y(j) - a(L, j)) * slope(L, j)),
    Near("z-for-a", SIG, delta(L, j), apart * slope(L, j), (z(L, j) - y(j)) * slope(L, j)),
    Near("dropped-minus", SIG, delta(L, j), apart * slope(L, j), (a(L, j) + y(j)) * slope(L, j)),
    Near("factor-2-kept", SIG, delta(L, j), apart * slope(L, j), 2 * apart * slope(L, j)),
    Near("half-kept", SIG, delta(L, j), apart * slope(L, j), apart * slope(L, j) / 2),
    Near("factor-2-dropped", TANH, delta(L, j), Quotient(TWO, n_L) * apart * slope(L, j),
         Quotient(ONE, n_L) * apart * slope(L, j)),
    Near("width-dropped", TANH, delta(L, j), Quotient(TWO, n_L) * apart * slope(L, j),
         2 * apart * slope(L, j)),
    Near("width-of-wrong-layer", TANH, delta(L, j), Quotient(TWO, n_L) * apart * slope(L, j),
         Quotient(TWO, Size(L - 1)) * apart * slope(L, j)),
    Near("off-by-1e-9", SIG, delta(L, j), apart * slope(L, j),
         (1 + Rational(1, 10**9)) * apart * slope(L, j)),
    Near("tiny-addend", SIG, dC_db, delta(l, j), delta(l, j) + Rational(1, 10**12), last=L),
    Near("sum-not-collapsed", SIG, delta(L, j), apart * slope(L, j),
         Sum(times(a(L, k) - y(k), slope(L, k)), k, n_L)),
    Near("kronecker-dropped", SIG, Partial(a(L, k), z(L, j)), Kron(k, j) * slope(L, k),
         slope(L, k)),
    Near("off-diagonal", SIG, Partial(a(L, k), z(L, j)), Integer(0), slope(L, j),
         unequal=((k, j),)),
    Near("sigmoid-1-a", SIG, slope(L, j), a(L, j) * (1 - a(L, j)), 1 - a(L, j)),
    Near("sigmoid-1+a", SIG, slope(L, j), a(L, j) * (1 - a(L, j)), a(L, j) * (1 + a(L, j))),
    Near("tanh-like-sigmoid", TANH, slope(L, j), 1 - Power(a(L, j), TWO), a(L, j) * (1 - a(L, j))),
    Near("tanh-square-of-z", TANH, slope(L, j), 1 - Power(a(L, j), TWO), 1 - Power(z(L, j), TWO)),
    # -- the hidden error
    Near("hidden-slope-dropped", OPEN, delta(l, j), BP2, through(l, j), last=below),
    Near("slope-of-wrong-layer", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         times(through(ONE, j), slope(TWO, j))),
    Near("slope-inside-the-sum", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         Sum(times(w(TWO, k, j), delta(TWO, k), slope(TWO, k)), k, Size(TWO))),
    Near("slope-of-other-neuron", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         Sum(times(w(TWO, k, j), delta(TWO, k), slope(ONE, k)), k, Size(TWO))),
    Near("transposed-weight", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         times(Sum(times(w(TWO, j, k), delta(TWO, k)), k, Size(TWO)), slope(ONE, j))),
    Near("weight-of-wrong-layer", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         times(Sum(times(w(ONE, k, j), delta(TWO, k)), k, Size(TWO)), slope(ONE, j))),
    Near("error-of-wrong-layer", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         times(Sum(times(w(TWO, k, j), delta(ONE, k)), k, Size(TWO)), slope(ONE, j))),
    Near("sum-dropped", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         w(TWO, j, j) * delta(TWO, j) * slope(ONE, j)),
    Near("sum-over-wrong-index", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         times(Sum(times(w(TWO, j, k), delta(TWO, j)), k, Size(TWO)), slope(ONE, j))),
    Near("cost-for-error", OPEN, Partial(C, a(l, j)), through(l, j), BP2, last=below),
    Near("double-error", SQUARE, delta(ONE, j), times(through(ONE, j), slope(ONE, j)),
         times(2, Sum(times(w(TWO, j, k), delta(TWO, k)), k, Size(TWO)), slope(ONE, j), Rational(1, 3))),
    Near("other-activation", MIXED, delta(ONE, j),
         times(through(ONE, j), 1 - Power(a(ONE, j), TWO)),
         times(through(ONE, j), a(ONE, j) * (1 - a(ONE, j)))),
    # -- weights, biases
    Near("a-of-own-layer", SQUARE, Partial(C, w(ONE, j, k)), delta(ONE, j) * a(Integer(0), k),
         delta(ONE, j) * a(ONE, k)),
    Near("a-of-next-index", SQUARE, Partial(C, w(ONE, j, k)), delta(ONE, j) * a(Integer(0), k),
         delta(ONE, k) * a(Integer(0), j)),
    Near("z-k-for-a-k", SQUARE, Partial(C, w(TWO, j, k)), delta(TWO, j) * a(ONE, k),
         delta(TWO, j) * z(ONE, k)),
    Near("weight-in-gradient", OPEN, dC_dw, delta(l, j) * a(l - 1, k),
         delta(l, j) * a(l - 1, k) * w(l, j, k), last=L),
    Near("activation-dropped", OPEN, dC_dw, delta(l, j) * a(l - 1, k), delta(l, j), last=L),
    Near("bias-times-activation", SQUARE, Partial(C, b(ONE, j)), delta(ONE, j),
         delta(ONE, j) * a(Integer(0), j)),
    Near("bias-summed", OPEN, dC_db, delta(l, j), Sum(delta(l, k), k, Size(l)), last=L),
    Near("bias-is-cost-by-a", OPEN, dC_db, delta(l, j), Partial(C, a(l, j)), last=L),
    Near("bias-sign", OPEN, dC_db, delta(l, j), -delta(l, j), last=L),
    # -- softmax and cross-entropy
    Near("softmax-diagonal-only", SOFT, Partial(a(L, k), z(L, j)),
         a(L, k) * (Kron(k, j) - a(L, j)), Kron(k, j) * a(L, k) * (1 - a(L, j))),
    Near("softmax-sign", SOFT, Partial(a(L, k), z(L, j)), a(L, k) * (Kron(k, j) - a(L, j)),
         a(L, k) * (Kron(k, j) + a(L, j))),
    Near("softmax-off-diagonal", SOFT, Partial(a(L, k), z(L, j)), -a(L, k) * a(L, j),
         a(L, k) * (1 - a(L, j)), unequal=((k, j),)),
    Near("softmax-y-a", SOFT, delta(L, j), apart, y(j) - a(L, j)),
    Near("softmax-with-squares", SOFT_SQUARES, delta(L, j),
         Sum(times(a(L, k) - y(k), a(L, k), Kron(k, j) - a(L, j)), k, n_L), apart),
    Near("softmax-as-sigmoid", SOFT_SQUARES, delta(L, j),
         Sum(times(a(L, k) - y(k), a(L, k), Kron(k, j) - a(L, j)), k, n_L),
         apart * a(L, j) * (1 - a(L, j))),
    Near("bce-with-slope", BCE, delta(L, j), apart, apart * slope(L, j)),
    Near("bce-half", BCE, Partial(C, a(L, j)), Quotient(apart, a(L, j) * (1 - a(L, j))),
         -Quotient(y(j), a(L, j))),
    Near("ce-slope-sign", SOFT, Partial(C, a(L, j)), -Quotient(y(j), a(L, j)),
         Quotient(y(j), a(L, j))),
    # -- batches
    Near("n-for-m", COLS, delta(L, j, s), scaled,
         times(Quotient(TWO, times(n_L, n_L)), a(L, j, s) - y(j, s), slope(L, j, s))),
    Near("mean-dropped", COLS, delta(L, j, s), scaled,
         times(Quotient(TWO, n_L), a(L, j, s) - y(j, s), slope(L, j, s))),
    Near("mean-for-sum", SUMMED, delta(L, j, s), (a(L, j, s) - y(j, s)) * slope(L, j, s),
         Quotient(ONE, m) * (a(L, j, s) - y(j, s)) * slope(L, j, s)),
    Near("sample-sum-dropped", COLS, Partial(C, b(l, j)), Sum(delta(l, j, s), s, m),
         delta(l, j, ONE), last=L),
    Near("samples-summed-apart", COLS, dC_dw, Sum(delta(l, j, s) * a(l - 1, k, s), s, m),
         Sum(delta(l, j, s), s, m) * Sum(a(l - 1, k, s), s, m), last=L),
    Near("mean-twice", COLS, dC_dw, Sum(delta(l, j, s) * a(l - 1, k, s), s, m),
         Quotient(ONE, m) * Sum(delta(l, j, s) * a(l - 1, k, s), s, m), last=L),
    # -- penalty
    Near("lambda-half", PENALTY, Partial(J, w(l, j, k)), dC_dw + LAMBDA * w(l, j, k),
         dC_dw + LAMBDA / 2 * w(l, j, k), last=L),
    Near("penalty-on-biases", PENALTY, Partial(J, b(l, j)), dC_db, dC_db + LAMBDA * b(l, j), last=L),
    Near("penalty-dropped", PENALTY, Partial(J, w(l, j, k)), dC_dw + LAMBDA * w(l, j, k), dC_dw,
         last=L),
    Near("penalty-squared", PENALTY, Partial(J, w(l, j, k)), dC_dw + LAMBDA * w(l, j, k),
         dC_dw + LAMBDA * Power(w(l, j, k), TWO), last=L),
    # -- matrices
    Near("missing-transpose", SQUARE, delta(ONE), errors_above(ONE, Transpose(w(TWO))),
         errors_above(ONE, w(TWO))),
    Near("outer-swapped", SQUARE, Partial(C, w(ONE)), MatMul(delta(ONE), Transpose(a(Integer(0)))),
         MatMul(a(Integer(0)), Transpose(delta(ONE)))),
    Near("outer-as-hadamard", SQUARE, Partial(C, w(ONE)),
         MatMul(delta(ONE), Transpose(a(Integer(0)))),
         Diag(Hadamard(delta(ONE), a(Integer(0))))),
    Near("slope-before-weights", SQUARE, delta(ONE), errors_above(ONE, Transpose(w(TWO))),
         MatMul(Transpose(w(TWO)), Hadamard(delta(TWO), Act(ONE, z(ONE), 1)))),
    Near("diag-on-wrong-side", SQUARE, Partial(a(TWO), a(ONE)),
         MatMul(Diag(Act(TWO, z(TWO), 1)), w(TWO)), MatMul(w(TWO), Diag(Act(TWO, z(TWO), 1)))),
    Near("jacobian-transposed", SQUARE, Partial(a(TWO), a(ONE)),
         MatMul(Diag(Act(TWO, z(TWO), 1)), w(TWO)),
         MatMul(Transpose(w(TWO)), Diag(Act(TWO, z(TWO), 1)))),
    Near("chain-upside-down", SQUARE, Partial(z(TWO), a(Integer(0))),
         MatMul(w(TWO), Diag(Act(ONE, z(ONE), 1)), w(ONE)),
         MatMul(w(ONE), Diag(Act(ONE, z(ONE), 1)), w(TWO))),
    Near("hadamard-dropped", OPEN, delta(L), Hadamard(Partial(C, a(L)), Act(L, z(L), 1)),
         Partial(C, a(L))),
    Near("vector-slope-of-a", SIG, delta(L), Hadamard(gap, Act(L, z(L), 1)),
         Hadamard(gap, Act(L, a(L), 1))),
    Near("softmax-jacobian", SOFT, Partial(a(L), z(L)), Diag(a(L)) - MatMul(a(L), Transpose(a(L))),
         Diag(a(L)) - Identity(n_L)),
    Near("columns-bias-one-sample", COLS, Partial(C, b(l)), MatMul(delta(l), Ones(m)),
         Column(delta(l), ONE), last=L),
    Near("rows-penalty-free", ROWS, Partial(C, w(l)), MatMul(Transpose(delta(l)), a(l - 1)),
         Quotient(ONE, m) * MatMul(Transpose(delta(l)), a(l - 1)), last=L),
    # -- concrete neurons
    Near("wrong-neuron", SMALL, Partial(C, w(TWO, ONE, Integer(3))), delta(TWO, ONE) * a(ONE, Integer(3)),
         delta(TWO, TWO) * a(ONE, Integer(3))),
    Near("one-path-missing", SMALL, delta(ONE, TWO),
         (w(TWO, ONE, TWO) * delta(TWO, ONE) + w(TWO, TWO, TWO) * delta(TWO, TWO)) * slope(ONE, TWO),
         w(TWO, ONE, TWO) * delta(TWO, ONE) * slope(ONE, TWO)),
    Near("output-width-of-input", Network([3, 2], "sigmoid", "mse"), Partial(C, a(ONE, j)),
         Quotient(TWO, Size(ONE)) * (a(ONE, j) - y(j)),
         Quotient(TWO, Size(Integer(0))) * (a(ONE, j) - y(j))),
    # -- true for special networks only
    Near("only-width-1", LIN, Partial(C, a(l, j)), through(l, j),
         Sum(w(l + 1, k, j), k, Size(l + 1)) * Sum(delta(l + 1, i), i, Size(l + 1)), last=below),
    Near("only-identity", SIG, delta(L, j), apart * slope(L, j), apart * slope(L, j) * slope(L, j)),
    Near("only-depth-1", OPEN, delta(l, j), Partial(C, a(l, j)) * slope(l, j),
         Partial(C, a(l, j)) * slope(l, j) * (1 + Partial(z(L, ONE), a(l, j))), last=below),
    Near("only-linear-second-slope", LIN, Partial(delta(L, j), w(L, j, k)), a(L - 1, k),
         Integer(0)),
    Near("only-two-samples", COLS, dC_db, Sum(delta(l, j, s), s, m), delta(l, j, ONE) + delta(l, j, TWO),
         last=L),
    Near("log-of-product", OPEN, Fn("log", y(j) * y(k)), Fn("log", y(k) * y(j)), Fn("log", y(j))),
]  # fmt: skip


@cache
def verdict(near: Near, right: str):
    return judge(near.says(getattr(near, right)), forward(near.network), seed=11)


def test_the_table_is_large_and_every_name_is_used_once():
    assert len(TABLE) >= 70
    assert len({near.id for near in TABLE}) == len(TABLE)


@pytest.mark.parametrize("near", TABLE, ids=lambda near: near.id)
def test_the_near_miss_is_refuted_with_a_witness_that_differs(near, numbers):
    found = verdict(near, "false")
    assert found.status is Status.REFUTED, found.why
    witness = found.witness
    assert witness is not None
    assert numbers.number(witness.left) != numbers.number(witness.right) or near.id == "off-by-1e-9"
    assert witness.left != witness.right


@pytest.mark.parametrize("near", TABLE, ids=lambda near: near.id)
def test_the_true_twin_is_proved(near):
    found = verdict(near, "true")
    assert found.status is Status.PROVED, (found.why, found.witness)
    assert found.bound is None or found.bound <= -100


TINY = ("off-by-1e-9", "tiny-addend")
UNSPECIFIED = [
    near.id for near in TABLE if "unspecified" in (near.network.activation, near.network.cost)
]


@pytest.mark.parametrize(
    "near",
    [near for near in TABLE if near.id not in (*TINY, *UNSPECIFIED)],
    ids=lambda near: near.id,
)
def test_plain_numbers_confirm_the_witness_and_the_twin(near, numbers):
    """The forward pass and differences of conftest, at the very numbers of the witness."""
    witness = verdict(near, "false").witness
    assert witness is not None
    little = numbers.at_witness(near.network, witness)
    env = {letter: witness.entry.get(str(letter), 1) for letter in (i, j, k, s)}
    place = tuple(witness.entry.get(name, 1) - 1 for name in ("row", "column"))

    def at(term):
        value = little.value(term, env)
        return float(value) if np.ndim(value) == 0 else float(value[place])

    left, false, true = at(near.left), at(as_term(near.false)), at(as_term(near.true))
    told = numbers.number(witness.left), numbers.number(witness.right)
    assert left == pytest.approx(told[0], rel=1e-3, abs=1e-5)
    assert false == pytest.approx(told[1], rel=1e-3, abs=1e-5)
    assert true == pytest.approx(left, rel=1e-3, abs=1e-5)
