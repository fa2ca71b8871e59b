"""Programs of a fixed depth with open widths: every width of so many layers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer, Symbol

from symbackprop.judge import Status, judge
from symbackprop.language.binding import substitute
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Declaration, Definition, L, Program, l
from symbackprop.language.terms import (
    NO_LAYER,
    Act,
    Chain,
    LayerSum,
    MatMul,
    Opaque,
    Partial,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Transpose,
    Vec,
    as_term,
    plus,
    times,
)
from symbackprop.networks.forward import C, a, b, delta, forward, i, j, k, w, y, z
from symbackprop.networks.network import Network

ZERO, ONE, TWO, THREE = map(Integer, range(4))


def opened(*layers: int, **more) -> Program:
    """The network's program without its widths."""
    return replace(forward(Network(layers, **more)), widths=None)


TWO_LAYERS = opened(2, 2, 2, activation="tanh", cost="mse")
THREE_LAYERS = opened(2, 2, 2, 2, activation="sigmoid", cost="quadratic")


def says(left, right, program=TWO_LAYERS, **more):
    return judge(Statement((as_term(left), as_term(right)), **more), program, seed=7)


def through(layer):
    up = layer + 1
    return Sum(times(w(up, k, j), delta(up, k)), k, Size(up)) * Act(layer, z(layer, j), 1)


def test_what_holds_for_every_width_says_so():
    verdict = says(delta(l, j), through(l), first=ONE, last=ONE)
    assert verdict.status is Status.PROVED
    assert verdict.scope[:2] == ("every width", "depth 2")
    assert says(Partial(C, w(ONE, j, k)), delta(ONE, j) * a(Integer(0), k)).proved


def test_the_width_of_the_mean_is_a_letter():
    output = (a(TWO, j) - y(j)) * Act(TWO, z(TWO, j), 1)
    assert says(delta(TWO, j), Quotient(TWO, Size(TWO)) * output).proved
    for n in (1, 2, 3, 5, 7):
        verdict = says(delta(TWO, j), Quotient(TWO, Integer(n)) * output)
        assert verdict.status is Status.REFUTED
        assert verdict.witness.widths[2] != n


def test_what_holds_where_widths_are_equal_is_ill_typed():
    transposed = Sum(times(w(TWO, j, k), delta(TWO, k)), k, Size(TWO)) * Act(ONE, z(ONE, j), 1)
    verdict = says(delta(ONE, j), transposed)
    assert verdict.status is Status.REFUTED
    assert "two ranges" in verdict.why


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 11, 13])
def test_a_number_of_terms_is_never_a_width(n):
    assert not says(Sum(ONE, k, Size(ONE)), n).proved
    assert not says(Size(ONE) * Size(TWO), n * Size(TWO)).proved


def test_true_of_one_depth_and_of_no_other():
    zero = Partial(C, b(ONE, j))
    by_hand = Sum(times(w(TWO, k, j), delta(TWO, k)), k, Size(TWO)) * Act(ONE, z(ONE, j), 1)
    assert says(zero, by_hand).proved
    third = Sum(times(w(TWO, k, j), delta(THREE, k)), k, Size(TWO))
    assert says(zero, third, THREE_LAYERS).status is Status.REFUTED
    assert says(zero, by_hand, THREE_LAYERS).proved


def test_products_and_sums_over_all_layers_are_written_out():
    q = Symbol("q")
    product = Chain(w(q), q, L, l + 1)
    written = MatMul(w(THREE), w(TWO))
    assert says(substitute(product, {l: ONE}), written, THREE_LAYERS).proved
    assert says(substitute(product, {l: TWO}), w(THREE), THREE_LAYERS).proved
    wrong = says(substitute(product, {l: ZERO}), MatMul(written, Transpose(w(ONE))), THREE_LAYERS)
    assert not wrong.proved
    squares = LayerSum(Sum(Power(b(q, j), TWO), j, Size(q)), q, ONE, L)
    verdict = says(Partial(squares, b(l, i)), 2 * b(l, i), THREE_LAYERS)
    assert verdict.status is Status.PROVED
    assert says(Partial(squares, b(l, i)), b(l, i), THREE_LAYERS).status is Status.REFUTED


def test_letters_without_layers():
    """``z = W x + b``, ``C`` any function of z and y: as people write it with plain letters."""
    n, d = Size(Integer(1)), Size(Integer(0))
    names = {"W": (n, d), "x": (d,), "b": (n,), "y": (n,), "z": (n,), "C": ()}
    W, x, bias, target, z_ = (
        lambda *at, name=name: Ref(name, NO_LAYER, *at) for name in ("W", "x", "b", "y", "z")
    )
    total = plus(Sum(times(W(j, k), x(k)), k, d), bias(j))
    vectors = [Vec(z_(i), i, n), Vec(target(i), i, n)]
    program = Program(
        tuple(Declaration(name, axes) for name, axes in names.items()),
        (Definition(z_(j), total), Definition(Ref("C"), Opaque("C", (), vectors))),
        depth=1,
    )
    gradient = Partial(Ref("C"), W(j, k))
    verdict = judge(Statement((gradient, times(Partial(Ref("C"), z_(j)), x(k)))), program, seed=1)
    assert verdict.status is Status.PROVED
    assert "every width" in verdict.scope
    wrong = judge(Statement((gradient, Partial(Ref("C"), z_(j)))), program, seed=1)
    assert wrong.status is Status.REFUTED
    whole = Statement((Partial(Ref("C"), W()), MatMul(Partial(Ref("C"), z_()), Transpose(x()))))
    assert judge(whole, program, seed=1).proved


def test_many_sizes():
    layers = (2,) * 14
    program = opened(*layers, activation="unspecified", cost="unspecified")
    assert says(delta(l, j), through(l), program, first=ONE, last=L - 1).proved
    wrong = says(delta(l, j), through(l) * 2, program, first=ONE, last=L - 1)
    assert wrong.status is Status.REFUTED
