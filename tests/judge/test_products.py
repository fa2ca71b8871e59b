"""Products over an unknown number of layers: proved by induction, near misses not."""

from __future__ import annotations

import pytest
from sympy import Basic, Integer, Symbol

from symbackprop.judge import judge
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, l
from symbackprop.language.terms import Act, Chain, Diag, MatMul, Partial, Ref, Transpose
from symbackprop.networks.forward import forward
from symbackprop.networks.network import Network

R = Symbol("r")
C = Ref("C")


def w(layer: Basic) -> Ref:
    return Ref("w", layer)


def slopes(layer: Basic) -> Diag:
    return Diag(Act(layer, Ref("z", layer), 1))


def jacobian(layer: Basic) -> Partial:
    return Partial(Ref("a", layer), Ref("a", layer - 1))


GRADIENT = Partial(C, Ref("a", L))
BACK = MatMul(w(R), slopes(R - 1))  # its transpose leads from the error of R to that of R - 1
DOWN = MatMul(slopes(R), w(R))
DELTA = Ref("delta", l)

TRUE = {
    "a product from the top": (
        Partial(Ref("a", L), Ref("a", l)), Chain(DOWN, R, L, l + 1), 1, L,
    ),
    "a transposed product before what stays": (
        DELTA, MatMul(Transpose(Chain(BACK, R, L, l + 1)), slopes(L), GRADIENT), 1, L,
    ),
    "a product behind what stays": (
        Transpose(Partial(C, Ref("a", l))),
        MatMul(Transpose(GRADIENT), Chain(DOWN, R, L, l + 1)), 1, L,
    ),
    "two products, factor by factor": (
        Chain(jacobian(R), R, L, l + 2), Chain(DOWN, R, L, l + 2), 1, L - 1,
    ),
}  # fmt: skip
FALSE = {
    "without the slopes of the top": (
        DELTA, MatMul(Transpose(Chain(BACK, R, L, l + 1)), GRADIENT), 1, L,
    ),
    "the slope of the wrong layer": (
        DELTA, MatMul(Transpose(Chain(MatMul(w(R), slopes(R)), R, L, l + 1)), slopes(L), GRADIENT),
        1, L,
    ),
    "one layer short": (
        DELTA, MatMul(Transpose(Chain(BACK, R, L, l + 2)), slopes(L), GRADIENT), 1, L - 1,
    ),
    "without the gradient's part": (
        Transpose(Partial(C, Ref("a", l))), MatMul(Transpose(Ref("a", L)), Chain(DOWN, R, L, l + 1)),
        1, L,
    ),
    "factors without slopes": (Chain(jacobian(R), R, L, l + 2), Chain(w(R), R, L, l + 2), 1, L - 1),
    "other layers": (Chain(jacobian(R), R, L, l + 2), Chain(DOWN, R, L, l + 1), 1, L - 1),
}  # fmt: skip


def said(row: tuple[Basic, Basic, int, Basic]) -> bool:
    left, right, first, last = row
    program = forward(Network(None, "sigmoid", "quadratic"))
    return judge(Statement((left, right), (), Integer(first), last), program, seed=3).proved


@pytest.mark.parametrize("name", TRUE)
def test_a_product_that_holds_is_proved(name: str) -> None:
    assert said(TRUE[name])


@pytest.mark.parametrize("name", FALSE)
def test_a_near_miss_is_not(name: str) -> None:
    assert not said(FALSE[name])
