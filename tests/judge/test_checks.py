"""Each check of the judge attacked alone: without it, a chosen false statement slips through.

Every test first sees the judge get it right, then takes one check away, and sees it get it wrong.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from sympy import Integer, Symbol, isprime

from symbackprop.judge import Status, agree, decide, judge, witness
from symbackprop.judge.degree import Degree
from symbackprop.judge.dual import Jet
from symbackprop.judge.induction import without_chains
from symbackprop.judge.instance import Instance, instances
from symbackprop.judge.ring import FieldRing
from symbackprop.judge.tensor import Tensor
from symbackprop.language.derivation import Derivation, Statement, Step
from symbackprop.language.program import L, l
from symbackprop.language.terms import (
    Act,
    Chain,
    Diag,
    Fn,
    Kron,
    MatMul,
    Partial,
    Power,
    Quotient,
    Size,
    Sum,
    as_term,
    plus,
    times,
)
from symbackprop.networks.forward import C, a, b, delta, forward, i, j, k, w, y, z
from symbackprop.networks.network import Network

ONE, TWO = Integer(1), Integer(2)
OPEN = forward(Network(None, "unspecified", "unspecified"))
SOFT = plus(ONE, Fn("exp", y(j)))
RELU = forward(Network([1, 10], "relu", "quadratic"))
SMALL = forward(Network([2, 3, 2], "identity", "quadratic"))


def says(left, right, **more) -> Statement:
    return Statement((as_term(left), as_term(right)), **more)


def status(statement, program=OPEN) -> Status:
    return judge(statement, program, seed=17).status


def proved(statement, program=OPEN) -> bool:
    return status(statement, program) is Status.PROVED


# -- the arithmetic ----------------------------------------------------------------------------
def test_every_sign_cell_is_needed(monkeypatch):
    """``[z_1>0] ⋯ [z_10>0] = 0`` holds in all cells but one of 1024."""
    claim = says(times(*(Fn("step", z(ONE, Integer(n))) for n in range(1, 11))), 0)
    assert not proved(claim, RELU)
    monkeypatch.setattr(FieldRing, "check_cells", lambda ring: None)
    monkeypatch.setattr(agree, "_exactly", lambda *_: False)
    assert proved(claim, RELU)


def test_primes_at_random_are_needed(monkeypatch):
    """With one known prime p, the coefficient p is invisible."""
    p = 2**31 - 1 - 2**31 % 8
    known = next(n for n in range(p, 0, -1) if n % 8 == 7 and isprime(n))
    claim = says(times(known, y(j)), 0)
    assert status(claim, SMALL) is Status.REFUTED
    monkeypatch.setattr("symbackprop.judge.ring.random_prime", lambda rng: known)
    monkeypatch.setattr(agree, "_exactly", lambda *_: False)
    assert proved(claim, SMALL)


def test_the_error_bound_is_needed(monkeypatch):
    """A proof of a statement of high degree at few points is not a proof below 2^-100."""
    high = Power(plus(y(ONE), a(ONE, ONE)), Integer(60))
    claim = says(high, high)
    found = judge(claim, SMALL, seed=17)
    assert found.status is Status.PROVED
    assert found.bound is None or found.bound <= -100
    monkeypatch.setattr(agree, "_exactly", lambda *_: False)
    monkeypatch.setattr(agree, "MAX_POINTS", agree.POINTS)
    monkeypatch.setattr(agree, "point_bound", lambda *_: -3.0)
    assert judge(claim, SMALL, seed=17).status is Status.UNDECIDED


def test_random_points_are_needed(monkeypatch):
    """At y = 1 everywhere, ``y² = y``."""
    claim = says(Power(y(j), TWO), y(j))
    assert status(claim) is Status.REFUTED

    def ones(ring, shape, _name=""):
        ring.variables_drawn += 1000
        return np.ones((ring.slots, *shape), dtype=np.int64)

    monkeypatch.setattr(FieldRing, "variables", ones)
    assert proved(claim)


def test_a_vanishing_denominator_is_never_proved_around(monkeypatch):
    claim = says(Quotient(y(j) - y(j), y(j) - y(j)), Quotient(y(j) - y(j), y(j) - y(j)))
    assert not proved(claim)
    monkeypatch.setattr(FieldRing, "inverse", lambda ring, x: x)
    assert proved(claim)


# -- arrays ------------------------------------------------------------------------------------
def test_taking_the_diagonal_is_needed(monkeypatch):
    """``w_jj`` is an entry of the diagonal, not ``w_jk`` under another name."""
    from symbackprop.judge import tensor

    square = forward(Network([3, 3], "identity", "quadratic"))
    claim = says(w(ONE, j, j) * Kron(j, k), w(ONE, j, k) * Kron(j, k))
    assert proved(claim, square)
    wrong = says(Sum(w(ONE, j, j), j, Size(ONE)), Sum(w(ONE, j, ONE), j, Size(ONE)))
    assert status(wrong, square) is Status.REFUTED
    renamed = tensor._renamed

    def first_row(factor, old, new):
        if old in factor.axes and new in factor.axes:
            at = factor.axes.index(old)
            kept = tuple(a for a in factor.axes if a != old)
            return tensor.Factor(kept, np.take(factor.data, 0, axis=at + 1))
        return renamed(factor, old, new)

    monkeypatch.setattr(tensor, "_renamed", first_row)
    assert proved(wrong, square) or not proved(claim, square)


def test_kronecker_factors_are_needed(monkeypatch):
    """Without them ``∂z_i/∂b_j = 1`` for all i and j."""
    claim = says(Partial(z(L, i), b(L, j)), Sum(Partial(z(L, i), b(L, k)), k, Size(L)))
    assert status(claim) is Status.REFUTED
    real = Tensor.dense

    def without(tensor, axes):
        return real(replace(tensor, deltas=()), axes)

    monkeypatch.setattr(Tensor, "dense", without)
    assert proved(claim)


def test_the_mixed_part_of_a_product_is_needed(monkeypatch):
    """The product rule: without it the derivative of a product is 0."""
    claim = says(Partial(y(ONE) * a(L, ONE), y(ONE)), 0)
    assert not proved(claim)
    real = Jet.__mul__

    def values_only(one, two):
        return Jet({key: part for key, part in real(one, two).parts.items() if not key})

    monkeypatch.setattr(Jet, "__mul__", values_only)
    assert proved(claim)


def test_all_sides_are_compared():
    """A chain A = B = C is wrong if its middle is."""
    right, wrong = Partial(C, z(L, j)), Partial(C, a(L, j))
    assert status(Statement((delta(L, j), right, delta(L, j)))) is Status.PROVED
    assert status(Statement((delta(L, j), wrong, delta(L, j)))) is not Status.PROVED


# -- instances ---------------------------------------------------------------------------------


def only(keep):
    def chosen(*args, **more):
        yield from (case for case in instances(*args, **more) if keep(case))

    return chosen


def test_the_cut_is_needed(monkeypatch):
    """``w^l_{jk} ∂a^L_1/∂a^l_j = w^l_{jk} [j=1]`` is true for l = L only."""
    shallow = says(
        times(w(l, j, k), Partial(a(L, ONE), a(l, j))),
        times(w(l, j, k), plus(Kron(j, ONE), 0)),
        first=L, last=L,
    )  # fmt: skip
    assert proved(shallow)
    everywhere = replace(shallow, first=ONE)
    assert not proved(everywhere)
    monkeypatch.setattr(agree, "instances", only(lambda case: case.depth == case.layer))
    assert proved(everywhere)


def test_more_than_one_depth_is_needed(monkeypatch):
    """``∂a^L_1/∂a^l_1 = σ' w`` is true for l = L - 1 only."""
    claim = says(
        Partial(a(L, ONE), a(l, ONE)), Act(L, z(L, ONE), 1) * w(L, ONE, ONE), first=ONE, last=L - 1
    )
    assert not proved(claim)
    monkeypatch.setattr(
        agree, "instances", only(lambda case: case.depth == case.layer + 1 and not case.cut)
    )
    assert proved(claim)


def test_different_widths_are_needed(monkeypatch):
    """Where all widths are alike, 1/n_L is 1/n_{L-1}."""
    mse = forward(Network(None, "identity", "mse"))
    claim = says(Partial(C, a(L, j)), Quotient(TWO, Size(L - 1)) * (a(L, j) - y(j)))
    assert status(claim, mse) is Status.REFUTED

    def alike(*args, **more):
        for case in instances(*args, **more):
            yield replace(case, widths=(5,) * len(case.widths))

    monkeypatch.setattr(agree, "instances", alike)
    assert not proved(claim, mse)  # the layers still have weights of their own
    monkeypatch.setattr(Instance, "place", lambda case, size: 0)
    assert proved(claim, mse)


def test_weights_are_needed(monkeypatch):
    """``Σ_k 1 = n`` is true at the width n, and only there."""
    claims = [says(Sum(ONE, k, Size(L)), n) for n in (3, 5, 7, 11, 13)]
    assert not any(map(proved, claims))
    monkeypatch.setattr(Instance, "weighs", lambda case, size: False)
    assert any(map(proved, claims))


def test_sums_with_other_kronecker_factors_stay_apart(monkeypatch):
    """``Σ_k x_k (δ_kj - a_j)``: the weights of the sum do not reach the first term."""
    from symbackprop.judge import tensor

    inside = times(y(k), plus(Kron(k, j), times(-1, a(L, j))))
    claim = says(Sum(inside, k, Size(L)), y(j) - a(L, j) * Sum(y(k), k, Size(L)))
    assert proved(claim)
    monkeypatch.setattr(tensor, "MANY", 0)
    assert status(claim) is Status.UNDECIDED


def test_a_kronecker_factor_at_a_place_collapses_its_sum():
    """``Σ_k δ_{k2} y_k = y_2``, also in front of something else."""
    inside = times(y(k), plus(Kron(k, TWO), y(k)))
    total = plus(y(TWO), Sum(Power(y(k), TWO), k, Size(L)))
    assert proved(says(Sum(inside, k, Size(L)), total))
    assert not proved(
        says(Sum(inside, k, Size(L)), plus(y(ONE), Sum(Power(y(k), TWO), k, Size(L))))
    )


def test_wide_enough_networks_are_needed(monkeypatch):
    """``y_j = y_k`` is true at width 1, and only there."""
    claim = says(plus(y(j), times(-1, y(k))), 0)
    assert status(claim) is Status.REFUTED

    def narrow(*args, **more):
        for case in instances(*args, **more):
            yield replace(case, widths=(1,) * len(case.widths))

    monkeypatch.setattr(agree, "instances", narrow)
    assert proved(claim)


def test_letters_are_counted():
    """A product of n sums needs networks wider than n."""
    for n in (1, 2, 5):
        total = Sum(y(k), k, Size(L))
        claim = says(times(*[total] * n), Power(total, Integer(n)))
        assert all(case.widths[-1] > n for case in instances(claim, OPEN))


def test_instances_have_pairwise_different_widths():
    above = Sum(w(l + 1, k, j) * delta(l + 1, k), k, Size(l + 1))
    claim = says(delta(l, j), times(above, Act(l, z(l, j), 1)), first=ONE, last=L - 1)
    cases = list(instances(claim, OPEN))
    assert {case.cut for case in cases} == {True, False}
    for case in cases:
        sizes = [*case.widths, case.samples]
        assert len(set(sizes)) == len(sizes)


def test_nothing_but_what_the_layer_allows_is_tried():
    claim = says(a(l, j), a(l, j), first=ONE, last=L - 2)
    cases = list(instances(claim, OPEN))
    assert all(case.layer <= case.depth - 2 for case in cases if not case.cut)
    assert any(case.cut for case in cases)


# -- index hygiene and shapes ------------------------------------------------------------------
def test_shapes_are_needed(monkeypatch):
    """A missing transpose in a general network does not fit; the check says where."""
    claim = says(MatMul(w(L), a(L)), a(L - 1))
    found = judge(claim, OPEN, seed=17)
    assert found.status in (Status.REFUTED, Status.NOT_UNDERSTOOD)
    assert "n_{L-1}" in found.why
    assert "n_{L}" in found.why


# -- chains and earlier steps -------------------------------------------------------------------
r = Symbol("r")
JACOBIANS = Chain(MatMul(Diag(Act(r, z(r), 1)), w(r)), r, L, l + 2)
PRODUCT = says(Partial(a(L), a(l + 1)), JACOBIANS, first=ONE, last=L - 1)


def test_an_induction_has_a_base_and_a_step():
    parts = without_chains(PRODUCT, OPEN, ())
    assert parts is not None
    assert len(parts) == 2
    assert all(status(part) is Status.PROVED for part in parts)
    scaled = says(times(2, Partial(a(L), a(l + 1))), JACOBIANS, first=ONE, last=L - 1)
    base, step = without_chains(scaled, OPEN, ())
    assert not proved(base)
    assert proved(step)
    assert not proved(scaled)


def test_only_what_was_proved_may_be_used():
    """A product taken from a refuted step proves nothing."""
    false = says(times(2, Partial(a(L), a(l + 1))), JACOBIANS, first=ONE, last=L - 1)
    user = says(MatMul(JACOBIANS, MatMul(Diag(Act(l + 1, z(l + 1), 1)), w(l + 1))),
                times(2, Partial(a(L), a(l))), first=ONE, last=L - 1)  # fmt: skip
    steps = (Step(false, "claim"), Step(user, "claim", uses=(0,)))
    checked = decide.check(Derivation("wrong", OPEN, steps), seed=17)
    assert [v.status is Status.PROVED for v in checked.verdicts] == [False, False]
    assert not checked.proved
    assert proved(user) is False
    assert judge(user, OPEN, given=(false,), seed=17).status is Status.PROVED  # if it were true


def test_an_open_product_without_an_earlier_step_is_undecided():
    user = says(MatMul(JACOBIANS, MatMul(Diag(Act(l + 1, z(l + 1), 1)), w(l + 1))),
                Partial(a(L), a(l)), first=ONE, last=L - 1)  # fmt: skip
    assert status(user) is Status.UNDECIDED
    assert judge(user, OPEN, given=(PRODUCT,), seed=17).status is Status.PROVED


# -- refutation --------------------------------------------------------------------------------
def test_a_difference_in_the_field_alone_refutes_nothing(monkeypatch):
    """``exp(log(1 + e^y)) = 1 + e^y`` is true, and the atoms do not know it."""
    claim = says(Fn("exp", Fn("log", SOFT)), SOFT)
    assert status(claim) is Status.UNDECIDED
    false = says(delta(L, j), Partial(C, a(L, j)))
    assert status(false) is Status.REFUTED
    monkeypatch.setattr(witness, "search", lambda *_: None)
    assert status(false) is Status.UNDECIDED


def test_a_witness_must_be_certain(monkeypatch):
    """Balls that touch zero do not count as different."""
    claim = says(Fn("exp", Fn("log", SOFT)), SOFT)
    monkeypatch.setattr(witness, "is_nonzero", lambda x: True)
    assert status(claim) is Status.REFUTED


# -- scope --------------------------------------------------------------------------------------
def test_the_most_general_program_is_not_claimed_where_it_fails():
    sigmoid = forward(Network(None, "sigmoid", "quadratic"))
    found = judge(says(Act(L, z(L, j), 1), a(L, j) * (1 - a(L, j))), sigmoid, seed=17)
    assert found.proved
    assert "every element-wise activation" not in found.scope
    assert "every differentiable cost" in found.scope


def test_the_same_seed_says_the_same_and_seeds_are_told():
    claim = says(delta(L, j), Partial(C, z(L, j)))
    assert judge(claim, OPEN, seed=5) == judge(claim, OPEN, seed=5)
    assert judge(claim, OPEN, seed=5).seed == 5
    assert judge(claim, OPEN).seed is not None


def test_every_agreement_has_its_bound():
    degree = Degree(4, 0, 10)
    ring = FieldRing(random.Random(1), 4)
    alone = agree.point_bound(degree, ring)
    assert alone < -20
    ring.note(Degree(8, 0, 20))
    ring.unspecified("f", 0, ring.variables((200,)))
    assert alone < agree.point_bound(degree, ring) < 0  # arguments may coincide


def test_the_bound_is_that_of_the_largest_difference():
    """``y = y = y^20 / y^19 = y``: the comparison with the quotient counts, wherever it stands."""
    large = Quotient(Power(y(j), Integer(20)), Power(y(j), Integer(19)))
    degrees = []
    for sides in ((y(j), y(j), y(j)), (y(j), large, y(j)), (y(j), y(j), large)):
        claim = Statement(sides)
        case = next(instances(claim, OPEN))
        ring = FieldRing(random.Random(1), 4)
        equal, degree = agree.sides_agree(claim, agree.sides_of(claim, case), ring)
        assert equal
        degrees.append(degree.num)
    assert degrees[0] < 20 <= degrees[1] == degrees[2]


def test_unequal_letters_are_respected():
    claim = says(Kron(i, j), 0, unequal=((i, j),))
    both = says(times(Kron(i, j), y(i), y(j)), 0)
    assert proved(says(times(Kron(i, j), y(i), y(j)), 0, unequal=((i, j),)))
    assert not proved(both)
    assert status(claim) is not Status.REFUTED
