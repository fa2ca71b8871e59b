"""Batches with binary cross-entropy in the letters of a course, and mistakes people make in them.

``dZ = ∂(Σ loss)/∂Z`` has no 1/m, ``dW = ∂C/∂W`` and ``db`` have one.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Basic, Integer

from symbackprop.judge import Status, judge
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Declaration, Definition, L, Program, l
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    MatMul,
    Partial,
    Quotient,
    Ref,
    Size,
    Sum,
    Transpose,
    plus,
    times,
)
from symbackprop.networks.forward import C, a, b, forward, j, k, s, w, y, z
from symbackprop.networks.network import Network

M = Size(SAMPLES)
ONE = Integer(1)
MEAN = Quotient(ONE, M)


def dz(layer: Basic, *at: Basic) -> Ref:
    return Ref("dz", layer, *at)


def dw(layer: Basic, *at: Basic) -> Ref:
    return Ref("dw", layer, *at)


def course() -> Program:
    base = forward(Network(None, "sigmoid", "binary-cross-entropy", batch="columns"))
    here, below = Size(l), Size(l - 1)
    return base.with_definitions(
        Definition(dz(l, j, s), times(M, Partial(C, z(l, j, s))), ONE, L),
        Definition(dw(l, j, k), Partial(C, w(l, j, k)), ONE, L),
        Definition(Ref("db", l, j), Partial(C, b(l, j)), ONE, L),
        declare=(
            Declaration("dz", (here, M), layered=True, lowest=1),
            Declaration("dw", (here, below), layered=True, lowest=1),
            Declaration("db", (here,), layered=True, lowest=1),
        ),
    )


OPEN = course()
SQUARE = replace(OPEN, depth=2, widths=(2, 2, 2))  # every product of matrices can be read
TOTAL = Sum(times(dz(l, j, s), a(l - 1, k, s)), s, M)
SLOPES = Act(l, z(l, j, s), 1)
TRUE = {
    "last": (dz(L, j, s), plus(a(L, j, s), times(-1, y(j, s))), L),
    "weights": (dw(l, j, k), times(MEAN, TOTAL), L),
    "weights-as-matrices": (dw(l), times(MEAN, MatMul(dz(l), Transpose(a(l - 1)))), L),
    "biases": (Ref("db", l, j), times(MEAN, Sum(dz(l, j, s), s, M)), L),
    "below": (dz(l, j, s), times(Sum(times(w(l + 1, k, j), dz(l + 1, k, s)), k, Size(l + 1)), SLOPES),
              L - 1),
}  # fmt: skip
PLANTED = {
    "last-with-plus": (dz(L, j, s), plus(a(L, j, s), y(j, s)), L),
    "last-with-1/m": (dz(L, j, s), times(MEAN, plus(a(L, j, s), times(-1, y(j, s)))), L),
    "weights-without-1/m": (dw(l, j, k), TOTAL, L),
    "weights-with-1/n": (dw(l, j, k), times(Quotient(ONE, Size(l)), TOTAL), L),
    "weights-with-1/m²": (dw(l, j, k), times(MEAN, MEAN, TOTAL), L),
    "biases-without-1/m": (Ref("db", l, j), Sum(dz(l, j, s), s, M), L),
    "below-without-slope": (
        dz(l, j, s), Sum(times(w(l + 1, k, j), dz(l + 1, k, s)), k, Size(l + 1)), L - 1),
}  # fmt: skip
UNTRANSPOSED = {
    "activation-of-the-layer": (
        dw(l, j, k), times(MEAN, Sum(times(dz(l, j, s), a(l, k, s)), s, M)), L),
    "weights-not-transposed": (
        dz(l, j, s), times(Sum(times(w(l + 1, j, k), dz(l + 1, k, s)), k, Size(l + 1)), SLOPES),
        L - 1),
    "gradient-transposed": (dw(l, k, j), times(MEAN, TOTAL), L),
}  # fmt: skip


def says(row: tuple[Basic, Basic, Basic], program: Program):
    left, right, last = row
    return judge(Statement((left, right), (), ONE, last), program, seed=3)


@pytest.mark.parametrize("name", TRUE)
def test_the_equations_of_the_course_are_proved(name):
    found = says(TRUE[name], OPEN)
    assert found.status is Status.PROVED, found.why
    assert {"every width", "every depth"} <= set(found.scope)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_refuted_in_a_small_network(name):
    found = says(PLANTED[name], OPEN)
    assert found.status is Status.REFUTED, found.why
    assert sum(found.witness.widths) <= 6


@pytest.mark.parametrize("name", UNTRANSPOSED)
def test_a_mistake_that_equal_widths_hide_is_refuted_there_too(name):
    for program in (OPEN, SQUARE):
        found = says(UNTRANSPOSED[name], program)
        assert found.status is Status.REFUTED, found.why
        assert sum(found.witness.widths) <= 6
