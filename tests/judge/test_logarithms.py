"""The laws of the logarithm hold for what is positive, and are used for nothing else."""

from __future__ import annotations

import pytest
from sympy import Integer, Symbol

from symbackprop.judge import Status, judge
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L
from symbackprop.language.terms import (
    Fn,
    Partial,
    Power,
    Quotient,
    Size,
    Sum,
    as_term,
    plus,
    times,
)
from symbackprop.networks.forward import C, a, forward, j, k, y, z
from symbackprop.networks.network import Network

i = Symbol("i")
SOFTMAX = forward(Network(None, "softmax", "cross-entropy"))
SIGMOID = forward(Network(None, "sigmoid", "binary-cross-entropy"))


def log(term):
    return Fn("log", as_term(term))


def exp(term):
    return Fn("exp", as_term(term))


def minus(one, other):
    return plus(one, times(-1, other))


ALL = Sum(exp(z(L, i)), i, Size(L))
TRUE = {
    "softmax": (SOFTMAX, log(a(L, k)), minus(z(L, k), log(ALL))),
    "cost-of-softmax": (SOFTMAX, C, Sum(times(y(k), minus(log(ALL), z(L, k))), k, Size(L))),
    "its-gradient": (SOFTMAX, Partial(log(a(L, k)), a(L, k)), Quotient(Integer(1), a(L, k))),
    "logit": (SIGMOID, minus(log(a(L, k)), log(minus(1, a(L, k)))), z(L, k)),
    "softplus": (SIGMOID, log(plus(1, exp(z(L, k)))),
                 plus(z(L, k), log(plus(1, exp(times(-1, z(L, k))))))),
    "power": (SIGMOID, log(Power(exp(z(L, k)), Integer(-3))), times(-3, z(L, k))),
    "cost-of-sigmoid": (SIGMOID, C, Sum(minus(log(plus(1, exp(z(L, k)))),
                                              times(y(k), z(L, k))), k, Size(L))),
}  # fmt: skip
NEAR = {
    "a-sum-is-not-a-product": (SOFTMAX, log(ALL), Sum(z(L, i), i, Size(L))),
    "sum-dropped": (SOFTMAX, log(a(L, k)), minus(z(L, k), z(L, j))),
    "sign": (SIGMOID, minus(log(a(L, k)), log(minus(1, a(L, k)))), times(-1, z(L, k))),
    "softplus-sign": (SIGMOID, log(plus(1, exp(z(L, k)))),
                      minus(log(plus(1, exp(times(-1, z(L, k))))), z(L, k))),
    "y-may-be-negative": (SIGMOID, log(times(y(j), y(k))), plus(log(y(j)), log(y(k)))),
    "a-square-may-be-of-a-negative": (SIGMOID, log(Power(y(k), Integer(2))), times(2, log(y(k)))),
    "minus-times-minus": (SIGMOID, log(times(times(-1, y(k)), times(-1, exp(z(L, k))))),
                          plus(log(times(-1, y(k))), log(times(-1, exp(z(L, k)))))),
    "a-difference-of-powers": (SIGMOID, log(minus(exp(z(L, k)), exp(z(L, j)))),
                               minus(z(L, k), z(L, j))),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_the_laws_hold_for_what_is_positive(name):
    program, left, right = TRUE[name]
    found = judge(Statement((left, right)), program, seed=3)
    assert found.status is Status.PROVED, found.why


@pytest.mark.parametrize("name", NEAR)
def test_nothing_else_is_taken_apart(name):
    program, left, right = NEAR[name]
    assert judge(Statement((left, right)), program, seed=3).status is not Status.PROVED
