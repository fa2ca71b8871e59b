"""What the judge says where it cannot say yes: in words, in time, with a counterexample."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Integer, Rational, Symbol

from symbackprop.derive import derive
from symbackprop.judge import Status, check, judge, prove
from symbackprop.judge.primes import is_prime
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, l
from symbackprop.language.terms import (
    Act,
    Chain,
    Diag,
    Fn,
    Hadamard,
    Identity,
    Kron,
    MatMul,
    Partial,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Transpose,
    as_term,
    plus,
    times,
)
from symbackprop.networks.forward import C, a, b, delta, forward, i, j, k, w, y, z
from symbackprop.networks.network import Network

GENERAL = Network(None, "sigmoid", "quadratic")
OPEN = forward(Network(None, "unspecified", "unspecified"))
SOFT = Network(None, "softmax", "cross-entropy")
ONE, TWO = Integer(1), Integer(2)
r = Symbol("r")
DOWN = MatMul(Diag(Act(r, z(r), 1)), w(r))
BACK = MatMul(Transpose(w(l + 1)), delta(l + 1))


def says(left, right, program=OPEN, *, given=(), limit=None, **more):
    statement = Statement((as_term(left), as_term(right)), **more)
    return judge(statement, program, given=given, seed=11, limit=limit)


# -- time -------------------------------------------------------------------------------------------
def test_no_time_is_no_verdict_and_leaves_nothing_behind():
    verdict = says(delta(L, j), Partial(C, z(L, j)), limit=0)
    assert verdict.status is Status.UNDECIDED
    assert "time limit of 0 seconds" in verdict.why
    assert says(delta(L, j), Partial(C, z(L, j)), limit=1000).proved
    assert says(delta(L, j), Partial(C, z(L, j))).proved


def test_a_false_statement_is_not_refuted_without_time():
    assert says(y(j), 0, limit=0).status is Status.UNDECIDED
    assert says(y(j), 0).status is Status.REFUTED


def test_every_step_of_a_derivation_has_its_own_time():
    derivation = derive(GENERAL, "delta")
    late = check(derivation, seed=1, limit=0)
    assert {verdict.status for verdict in late.verdicts} == {Status.UNDECIDED}
    assert check(derivation, seed=1, limit=1000).proved


# -- words ------------------------------------------------------------------------------------------
NONSENSE = {
    "a letter as a number": (Power(y(j), Symbol("n")), y(j)),
    "a tuple of indices": (Ref("w", l, j), w(l, j, k)),
    "half a layer": (a(l / 2, j), a(l / 2, j)),
    "twice a layer": (a(2 * l, j), a(2 * l, j)),
    "an unknown layer": (a(Symbol("q"), j), a(Symbol("q"), j)),
    "a sum of matrices that do not fit": (plus(w(l), w(l + 1)), w(l)),
    "no function": (Fn("sine", y(j)), Fn("sine", y(j))),
    "a layer of y": (Ref("y", l, j), 0),
    "an activation of a matrix product that is none": (Act(L, MatMul(w(L), w(L))), 0),
    "a size of nothing": (Size(Symbol("q")), 1),
    "a bare letter": (Symbol("j"), 1),
    "a product of one letter": (times(Symbol("j"), y(j)), 0),
    "an empty chain of nothing": (Chain(Integer(1), r, L, l + 1), Integer(1)),
    "a chain of scalars": (Chain(C, r, L, l + 1), C),
    "a half index": (y(Rational(1, 2)), 0),
    "an identity of no size": (Identity(Integer(1)), 0),
    "zero over zero": (Fn("log", as_term(0)), 0),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_answered_in_words(name):
    verdict = says(*NONSENSE[name])
    assert verdict.status in (Status.NOT_UNDERSTOOD, Status.UNDECIDED, Status.REFUTED)
    told = verdict.why or str(verdict.witness)
    assert told
    assert not re.search(r"Error|object|Symbol\(|<class|out of range|NoneType|unhashable", told), (
        told
    )


def test_nested_too_deeply():
    deep = y(j)
    for _ in range(400):
        deep = Fn("exp", Fn("log", deep))
    assert says(deep, deep, limit=20).status is not Status.REFUTED


# -- counterexamples --------------------------------------------------------------------------------
def through(layer, *more):
    return times(Sum(times(w(layer + 1, k, j), delta(layer + 1, k)), k, Size(layer + 1)), *more)


FALSE = {
    "an open product without slopes": (
        Partial(a(L), a(l)), Chain(w(r), r, L, l + 1), {"first": ONE, "last": L - 1},
    ),
    "an open product on both sides": (
        Chain(DOWN, r, L, l + 1), Chain(w(r), r, L, l + 1), {"first": ONE, "last": L - 1},
    ),
    "an open product times two": (
        Partial(a(L), a(l)), 2 * Chain(DOWN, r, L, l + 1), {"first": ONE, "last": L - 1},
    ),
    "an open product inside a product": (
        delta(l), Hadamard(MatMul(Transpose(Chain(DOWN, r, L, l + 1)), delta(L)), Act(l, z(l), 1)),
        {"first": ONE, "last": L - 1},
    ),
    "the slope of the error": (delta(l, j), through(l, Act(l, delta(l, j), 1)),
                               {"first": ONE, "last": L - 1}),
    "two layers at once": (delta(l, j), through(l), {"first": ONE, "last": L - 2}),
    "far from L": (delta(l, j), through(l), {"first": ONE, "last": L - 5}),
    "wide networks only": (
        times(*(plus(Size(L), -n) for n in (1, 2, 3))), 0, {},
    ),
    "whole arrays": (delta(l), BACK, {"first": ONE, "last": L - 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    left, right, where = FALSE[name]
    verdict = says(left, right, **where)
    assert verdict.status is Status.REFUTED, verdict.why
    assert verdict.witness.left != verdict.witness.right


def test_a_true_product_is_not_refuted():
    verdict = says(Partial(a(L), a(l)), Chain(DOWN, r, L, l + 1), first=ONE, last=L)
    assert verdict.proved
    nested = Chain(MatMul(DOWN, Chain(Identity(Size(r - 1)), Symbol("q"), r, 1)), r, L, l + 1)
    assert not says(nested, Partial(a(L), a(l)), first=ONE, last=L).proved


def test_what_was_proved_for_some_layers_is_not_used_for_others():
    """Up to l = L - 1 the second addend is zero; at L it is the slope of the last layer."""
    product = Chain(DOWN, r, L, l + 1)
    other = Partial(a(L), a(l)) + Transpose(Partial(a(l), b(L)))
    narrow = Statement((product, other), first=ONE, last=L - 1)
    assert says(product, other, given=(narrow,), first=ONE, last=L - 1).proved
    assert says(product, other, given=(narrow,), first=ONE, last=L).status is Status.REFUTED
    from_two = replace(narrow, first=TWO)
    assert not says(product, other, given=(from_two,), first=ONE, last=L - 1).proved


def test_a_scope_is_no_wider_than_that_of_the_facts_used():
    product = Chain(DOWN, r, L, l + 1)
    fact = Statement((Partial(a(L), a(l)), product), first=ONE, last=L)
    claim = Statement((2 * product, 2 * Partial(a(L), a(l))), first=ONE, last=L)
    whole = judge(fact, OPEN, seed=1)
    assert "every element-wise activation" in whole.scope
    assert judge(claim, OPEN, given=((fact, whole),), seed=1).scope == whole.scope
    narrow = replace(whole, scope=whole.scope[:2], conditions=("only here",), bound=-101.0)
    used = judge(claim, OPEN, given=((fact, narrow),), seed=1)
    assert used.proved
    assert used.scope == whole.scope[:2]
    assert used.conditions == ("only here",)
    assert used.bound >= -101
    assert judge(claim, OPEN, given=(fact,), seed=1).scope == whole.scope[:2]
    assert not judge(claim, OPEN, seed=1).proved


def test_to_prove_is_not_to_refute():
    true, false = (Statement((y(j), as_term(side))) for side in (y(j), 2 * y(j)))
    ill_typed = Statement((w(l), Transpose(w(l))))
    assert prove(true, OPEN, seed=1) == judge(true, OPEN, seed=1)
    assert prove(false, OPEN, seed=1).status is Status.UNDECIDED
    assert judge(false, OPEN, seed=1).status is Status.REFUTED
    assert prove(ill_typed, OPEN, seed=1).status is Status.NOT_UNDERSTOOD
    assert judge(ill_typed, OPEN, seed=1).status is Status.REFUTED
    assert prove(true, OPEN, seed=1, limit=0).status is Status.UNDECIDED


def test_a_witness_lists_the_target_that_was_used():
    """A target that adds up to one is told after it was divided by its sum."""
    program = forward(SOFT)
    wrong = 2 * (a(L, j) - y(j))
    verdict = judge(Statement((delta(L, j), wrong)), program, seed=3)
    assert verdict.status is Status.REFUTED
    targets = verdict.witness.values["y"].strip("[]").split(", ")
    assert sum(map(Fraction, targets)) == 1


def test_small_numbers_are_shown():
    """Numbers that play no part are 0, the others as small as they can be."""
    verdict = says(Partial(C, w(l, j, k)), delta(l, j), forward(GENERAL), first=ONE, last=L)
    shown = [Fraction(n) for text in verdict.witness.values.values()
             for n in re.findall(r"-?\d+(?:/\d+)?", text)]  # fmt: skip
    assert verdict.witness.widths == (1, 1)
    assert all(abs(n) <= 2 for n in shown)
    assert sum(n == 0 for n in shown) >= len(shown) / 2


def test_a_statement_about_no_layer_is_not_proved():
    for wrong in (0, 2 * delta(l, j), delta(l, j)):
        verdict = says(delta(l, j), wrong, first=ONE, last=L - 40)
        assert verdict.status is Status.UNDECIDED
        assert "no layer" in verdict.why
    small = forward(Network([2, 3, 2]))
    assert says(delta(l, j), 0, small, first=TWO, last=ONE).status is Status.UNDECIDED


def test_an_induction_that_stays_open_is_undecided():
    """``exp(log 2) = 2`` is not known to the field, so neither base nor step is shown."""
    one = Quotient(Fn("exp", Fn("log", TWO)), TWO)
    verdict = says(Partial(a(L), a(l)), Chain(times(one, DOWN), r, L, l + 1), first=ONE, last=L)
    assert verdict.status is Status.UNDECIDED
    assert verdict.why


def test_too_many_signs_are_told():
    wide = forward(Network([20, 20], "relu", "mse"))
    idempotent = Power(Act(ONE, z(ONE, j), 1), TWO)
    verdict = says(idempotent, Act(ONE, z(ONE, j), 1), wide)
    assert verdict.status is Status.UNDECIDED
    assert "20 signs" in verdict.why


def test_a_letter_that_only_a_kronecker_has():
    assert says(Kron(i, j) * y(j), Kron(j, i) * y(j)).proved
    assert says(Kron(i, j) * Kron(j, k) * y(j), Kron(k, i) * Kron(i, j) * y(j)).proved
    assert says(Kron(i, j) * y(j), y(j)).status is Status.REFUTED


def test_a_power_of_a_scalar_made_of_matrices():
    square = Sum(Power(y(k), TWO), k, Size(L))
    assert says(Power(MatMul(Transpose(y()), y()), TWO), times(square, square)).proved


def test_arrays_of_one_shape_are_divided_entry_by_entry():
    slopes = Act(L, z(L), 1)
    assert says(Partial(C, a(L)), Quotient(delta(L), slopes)).proved
    assert says(delta(L), Quotient(delta(L), slopes)).status is Status.REFUTED
    assert says(delta(L), Quotient(delta(L), w(L))).status is not Status.PROVED


# -- the field --------------------------------------------------------------------------------------
def test_the_bases_of_the_prime_test_are_primes():
    assert [n for n in range(20) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19]


@pytest.mark.parametrize("n", [3, 5, 7, 11, 13, 17])
def test_terms_are_not_counted_through_hidden_signs(n):
    """``Σ_k exp(y_k) exp(-y_k) = n``, the sign in front of a product inside."""
    hidden = times(y(i), plus(ONE, -2))
    total = Sum(Fn("exp", y(i)) * Fn("exp", hidden), i, Size(L))
    assert says(total, n).status is Status.REFUTED
    assert (
        says(Sum(Act(L, y(i) - y(i)), i, Size(L)), n * Act(L, as_term(0))).status
        is not Status.PROVED
    )
