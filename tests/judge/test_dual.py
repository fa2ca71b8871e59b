"""Forward mode against SymPy's derivatives, mixed ones included."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
import sympy as sp

from symbackprop.judge.dual import VALUE, Jet, _partitions
from symbackprop.judge.ring import FieldRing
from symbackprop.judge.tensor import Factor, Tensor

X = sp.symbols("x0 x1 x2")


class Dual:
    """Numbers of one prime field with an infinitesimal for each of three variables."""

    def __init__(self, seed: int) -> None:
        self.ring = FieldRing(random.Random(seed), 1)
        self.p = int(self.ring.primes[0])
        rng = random.Random(seed)
        self.at = {x: rng.randrange(1, 1000) for x in X}

    def scalar(self, n: int) -> Tensor:
        return Tensor(self.ring, (Factor((), self.ring.number(n)),))

    def variable(self, n: int) -> Jet:
        return Jet({VALUE: self.scalar(self.at[X[n]]), frozenset({n}): self.scalar(1)})

    def jet(self, expr: sp.Expr) -> Jet:
        if expr in X:
            return self.variable(X.index(expr))
        if expr.is_Integer:
            return Jet({VALUE: self.scalar(int(expr))})
        parts = [self.jet(arg) for arg in expr.args] if not expr.is_Pow else []
        if expr.is_Add:
            total = Jet({})
            for part in parts:
                total = total + part
            return total
        product = Jet({VALUE: self.scalar(1)})
        if expr.is_Pow:
            parts = [self.jet(expr.base)] * int(expr.exp)
        for part in parts:
            product = product * part
        return product

    def part(self, jet: Jet, seeds) -> int:
        tensor = jet.parts.get(frozenset(seeds))
        return 0 if tensor is None else int(tensor.dense([])[0])

    def expected(self, expr: sp.Expr, seeds) -> int:
        for n in seeds:
            expr = sp.diff(expr, X[n])
        return int(expr.subs(self.at)) % self.p


def drawn(seed: int) -> sp.Expr:
    rng = random.Random(seed)
    terms = []
    for _ in range(4):
        powers = [x ** rng.randint(0, 2) for x in X]
        terms.append(rng.randint(-5, 5) * sp.prod(powers))
    return sp.Add(*terms) + X[0] * X[1] * X[2]


ALL = [seeds for n in range(4) for seeds in combinations(range(3), n)]


@pytest.mark.parametrize("seed", range(12))
def test_sums_and_products(seed):
    dual, expr = Dual(seed), drawn(seed)
    jet = dual.jet(expr)
    for seeds in ALL:
        assert dual.part(jet, seeds) == dual.expected(expr, seeds)


@pytest.mark.parametrize("seed", range(12))
def test_functions_of_a_jet_up_to_the_third_mixed_derivative(seed):
    """Faà di Bruno: f(u) = u⁵ - 3u² + 7."""
    dual, inner = Dual(seed), drawn(seed)
    u = sp.Symbol("u")
    f = u**5 - 3 * u**2 + 7
    inside = dual.jet(inner)
    value = int(inner.subs(dual.at))
    jet = inside.apply(lambda k: dual.scalar(int(sp.diff(f, u, k).subs(u, value))))
    outer = f.subs(u, inner)
    for seeds in ALL:
        assert dual.part(jet, seeds) == dual.expected(outer, seeds)


def test_the_derivative_of_a_derivative():
    dual, expr = Dual(5), drawn(5)
    jet = dual.jet(expr).derivative(1)
    assert dual.part(jet, ()) == dual.expected(expr, (1,))
    assert dual.part(jet, (0, 2)) == dual.expected(expr, (0, 1, 2))
    assert dual.part(jet.derivative(0), ()) == dual.expected(expr, (0, 1))


def test_partitions_are_counted_by_bell():
    assert [len(list(_partitions(list(range(n))))) for n in range(6)] == [1, 1, 2, 5, 15, 52]
