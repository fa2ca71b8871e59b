"""The numbers behind the bound really are upper bounds: compared with written-out polynomials."""

from __future__ import annotations

import math
import random

import pytest
import sympy as sp
from sympy import Integer, Rational

from symbackprop.judge.degree import Degree, slot_bound
from symbackprop.judge.evaluate import Evaluator
from symbackprop.judge.instance import Instance
from symbackprop.judge.normalform import NormalFormRing
from symbackprop.judge.ring import FieldRing
from symbackprop.language.terms import Fn, Partial, Power, Quotient, Size, Sum, plus, times
from symbackprop.networks.forward import C, a, b, delta, forward, j, k, w, y, z
from symbackprop.networks.network import Network

V = sp.symbols("v0:6")


class Pair:
    """``num/den``, multiplied out and never reduced, with the degree that is claimed for it."""

    def __init__(self, num, den, degree):
        self.num, self.den, self.degree = sp.expand(num), sp.expand(den), degree

    def __mul__(self, other):
        return Pair(self.num * other.num, self.den * other.den, self.degree * other.degree)

    def __add__(self, other):
        if self.den == other.den == 1:
            return Pair(self.num + other.num, 1, self.degree + other.degree)
        num = self.num * other.den + other.num * self.den
        return Pair(num, self.den * other.den, self.degree + other.degree)

    def inverse(self):
        return Pair(self.den, self.num, self.degree.inverse(()))

    def holds(self):
        num, den = sp.Poly(self.num, *V), sp.Poly(self.den, *V)
        assert num.total_degree() <= self.degree.num
        assert den.total_degree() <= self.degree.den
        for poly in (num, den):
            assert math.log2(max(1, sum(map(abs, poly.coeffs())))) <= self.degree.height + 1e-9


def drawn(rng, depth=3):
    if depth == 0:
        if rng.random() < 0.6:
            return Pair(rng.choice(V), 1, Degree(1, 0, 0))
        n = rng.randint(1, 9)
        return Pair(n, 1, Degree(0, 0, math.log2(n)))
    one, two = drawn(rng, depth - 1), drawn(rng, depth - 1)
    kind = rng.random()
    if kind < 0.4:
        return one + two
    if kind < 0.85:
        return one * two
    return one.inverse()


@pytest.mark.parametrize("seed", range(40))
def test_sums_products_and_quotients(seed):
    drawn(random.Random(seed)).holds()


def test_a_sum_over_an_axis_with_one_denominator_and_with_many():
    x, n = V[0], 5
    one = Degree(1, 1, 2.0)
    num, den = sum(3 * V[t] + 1 for t in range(n)), 2 * x + 1
    summed = one.summed("i", n)
    assert sp.Poly(num, *V).total_degree() <= summed.num
    assert math.log2(sum(sp.Poly(num, *V).coeffs())) <= summed.height + 1e-9
    assert sp.Poly(den, *V).total_degree() <= summed.den
    many = Degree(1, 1, math.log2(5), frozenset({"i"})).summed("i", n)
    written = sp.together(sum((3 * V[t] + 2) / (4 * V[t] + 1) for t in range(n)))
    top, bottom = (sp.Poly(e, *V) for e in sp.fraction(written))
    assert top.total_degree() <= many.num
    assert bottom.total_degree() <= many.den
    assert math.log2(sum(map(abs, top.coeffs()))) <= many.height + 1e-9
    assert "i" not in many.spread


def test_an_axis_keeps_its_denominators_under_another_name():
    one = Degree(1, 1, 0, frozenset({"i"}))
    assert one.rename("i", "j").spread == {"j"}
    assert one.rename("i", None).spread == frozenset()
    assert one.rename("j", "k") is one


def test_the_bound_falls_with_the_prime_and_rises_with_degree_and_height():
    assert slot_bound(Degree(1), 30, 23) < slot_bound(Degree(1000), 30, 23) < 0
    assert slot_bound(Degree(1, 0, 10), 30, 23) < slot_bound(Degree(1, 0, 10_000), 30, 23)
    assert slot_bound(Degree(2.0**40), 30, 23) == 0  # a chance of one, never more
    assert slot_bound(Degree(7), 60, 50) < slot_bound(Degree(7), 30, 23)


SMALL = Network([2, 2, 2], "sigmoid", "mse")
LINEAR = Network([2, 2], "identity", "quadratic")
SOFT = Network([2, 2], "softmax", "cross-entropy")
ONE, TWO = Integer(1), Integer(2)
TERMS = [
    (LINEAR, C),
    (LINEAR, Power(C, Integer(3))),
    (LINEAR, Partial(C, w(ONE, ONE, TWO))),
    (LINEAR, Quotient(a(ONE, ONE), plus(y(ONE), 3))),
    (LINEAR, Sum(Quotient(y(k), plus(z(ONE, k), 1)), k, Size(ONE))),
    (LINEAR, Sum(times(Rational(7, 3), Power(w(ONE, ONE, k), TWO)), k, Size(Integer(0)))),
    (LINEAR, Sum(Sum(times(w(ONE, j, k), b(ONE, j)), k, Size(Integer(0))), j, Size(ONE))),
    (SMALL, z(TWO, ONE)),
    (SMALL, delta(TWO, ONE)),
    (SMALL, delta(ONE, ONE)),
    (SMALL, Partial(C, w(ONE, ONE, ONE))),
    (SMALL, Fn("exp", plus(y(ONE), y(TWO)))),
    (SMALL, Quotient(ONE, plus(1, Fn("exp", times(-1, y(ONE)))))),
    (SOFT, a(ONE, ONE)),
    (SOFT, delta(ONE, ONE)),
]


@pytest.mark.parametrize(("network", "term"), TERMS, ids=str)
def test_evaluated_terms_stay_within_their_degree(network, term):
    """The normal form in lowest terms has at most the degrees that the evaluation states."""
    case = Instance(forward(network), network.depth, network.layers, 3)
    stated = Evaluator(case, FieldRing(random.Random(1), 1, 6)).jet(term).value.degree
    ratio = Evaluator(case, NormalFormRing()).jet(term).value.dense([])[0]
    assert int(ratio.num.total_degree()) <= stated.num
    assert int(ratio.den.total_degree()) <= stated.den
    assert int(ratio.num.total_degree()) > 0  # a constant would bound nothing
