"""Prime fields: exact products, primes of the right kind, functions that keep their identities."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symbackprop.judge.primes import HIGH, LOW, is_prime, random_prime
from symbackprop.judge.ring import FieldRing, NeedCells, OutOfClass, VanishingDenominator


def ring(points=3, bits=0, seed=1, **more):
    return FieldRing(random.Random(seed), points, bits, **more)


def test_is_prime_agrees_with_sympy():
    assert [n for n in range(18, 3000) if is_prime(n)] == list(sp.primerange(18, 3000))
    rng = random.Random(2)
    for _ in range(300):
        n = rng.randrange(LOW, HIGH) | 1
        assert is_prime(n) == sp.isprime(n)


@pytest.mark.parametrize("carmichael", [561, 1105, 1729, 2821, 3215031751 % 2**32, 2152302898747])
def test_strong_liars_are_not_primes(carmichael):
    assert is_prime(carmichael) == sp.isprime(carmichael)


def test_primes_have_31_bits_are_7_modulo_8_and_are_drawn_at_random():
    rng = random.Random(3)
    primes = [random_prime(rng) for _ in range(60)]
    assert all(LOW <= p < HIGH and p % 8 == 7 and sp.isprime(p) for p in primes)
    assert len(set(primes)) == 60
    assert max(primes) - min(primes) > (HIGH - LOW) // 2  # all over the range, not in one corner


def test_points_have_primes_of_their_own_and_seeds_draw_others():
    one, other = ring(points=5), ring(points=5, seed=2)
    assert len(set(one.primes.tolist())) == 5
    assert set(one.primes.tolist()) != set(other.primes.tolist())
    assert ring(points=5).primes.tolist() == one.primes.tolist()


@pytest.mark.parametrize("inner", [1, 2, 63, 64, 65, 200, 1001])
def test_matmul_is_exact_at_the_largest_elements(inner):
    field = ring(points=2)
    p = field.primes.reshape(2, 1, 1)
    rng = np.random.default_rng(inner)
    for x, y in [
        (np.broadcast_to(p - 1, (2, 3, inner)), np.broadcast_to(p - 1, (2, inner, 2))),
        (rng.integers(0, LOW, (2, 3, inner)), rng.integers(0, LOW, (2, inner, 2))),
    ]:
        exact = np.matmul(x.astype(object), y.astype(object)) % p.astype(object)
        assert np.array_equal(field.matmul(np.array(x), np.array(y)), exact.astype(np.int64))


def test_inverse_times_element_is_one_and_zero_has_none():
    field = ring()
    x = field.variables((4, 5))
    assert np.all(field.multiply(x, field.inverse(x)) == 1)
    x[0, 2, 3] = 0
    with pytest.raises(VanishingDenominator):
        field.inverse(x)


def test_numbers_are_fractions_modulo_the_primes():
    field = ring()
    third = field.number(Fraction(-2, 3))
    assert np.all((third * 3 + 2) % field.primes == 0)
    with pytest.raises(VanishingDenominator):
        field.number(Fraction(1, int(field.primes[1])))


def test_exp_turns_sums_into_products():
    field = ring()
    x = field.variables((6,))
    minus = field.reduce(-x)
    whole = field.exp(x, Fraction(1))
    assert np.all(field.multiply(whole, field.exp(minus, Fraction(1))) == 1)
    assert np.all(field.multiply(whole, field.exp(x, Fraction(-1))) == 1)
    assert np.array_equal(field.multiply(whole, whole), field.exp(x, Fraction(2)))
    cubed = field.multiply(field.multiply(whole, whole), whole)
    assert np.array_equal(field.exp(x, Fraction(3)), cubed)
    assert np.all(field.exp(np.zeros_like(x), Fraction(1)) == 1)


def test_exp_of_a_third_is_not_known():
    field = ring()
    with pytest.raises(OutOfClass):
        field.exp(field.variables((1,)), Fraction(1, 3))


def test_unspecified_functions_are_functions_and_their_derivatives_are_independent():
    field = ring(points=2)
    x = field.variables((3,))
    doubled = np.concatenate([x, x], axis=1)
    values = field.unspecified("f", 0, doubled)
    assert np.array_equal(values[:, :3], values[:, 3:])
    assert np.array_equal(values[:, :3], field.unspecified("f", 0, x))
    assert not np.any(field.unspecified("f", 1, x) == values[:, :3])
    assert not np.any(field.unspecified("g", 0, x) == values[:, :3])


def test_erf_is_odd_and_no_more():
    field = ring()
    x = field.variables((5,))
    assert np.all(field.add(field.erf(x), field.erf(field.reduce(-x))) == 0)
    assert not np.any(field.erf(x) == x)
    assert np.all(field.erf(np.zeros_like(x)) == 0)


def test_square_roots_are_those_of_2_and_of_squares():
    field = ring()
    two = field.sqrt(Fraction(2))
    assert np.all(field.multiply(two, two) == 2)
    assert np.array_equal(field.sqrt(Fraction(8)), field.multiply(field.number(2), two))
    assert np.array_equal(
        field.sqrt(Fraction(1, 2)), field.multiply(field.number(Fraction(1, 2)), two)
    )
    assert np.array_equal(field.sqrt(Fraction(9, 4)), field.number(Fraction(3, 2)))
    for q in (Fraction(3), Fraction(0), Fraction(-1)):
        with pytest.raises(OutOfClass):
            field.sqrt(q)


def test_every_combination_of_signs_has_a_cell():
    field = ring(points=2, bits=3)
    x = field.variables((3,))
    signs = field.step(x)
    field.check_cells()
    for point in (signs[:8], signs[8:]):
        assert {tuple(row) for row in point.tolist()} == set(np.ndindex(2, 2, 2))


def test_a_fourth_sign_needs_more_cells():
    field = ring(points=1, bits=3)
    field.step(field.variables((4,)))
    with pytest.raises(NeedCells) as need:
        field.check_cells()
    assert need.value.bits == 4


@pytest.mark.parametrize("free", [True, False])
def test_a_sign_and_its_opposite_add_up_to_one_and_zero_is_not_positive(free):
    field = ring(points=2, bits=0 if free else 2, free_signs=free)
    x = field.variables((2,))
    assert np.all(field.add(field.step(x), field.step(field.reduce(-x))) == 1)
    assert np.all(field.step(np.zeros_like(x)) == 0)


def test_free_signs_are_not_bits():
    field = ring(free_signs=True)
    h = field.step(field.variables((4,)))
    assert not np.any(field.multiply(h, h) == h)


def test_cells_of_one_point_share_their_variables():
    field = ring(points=2, bits=2)
    x = field.variables((3,))
    assert all(
        np.array_equal(x[4 * point], x[4 * point + cell]) for point in (0, 1) for cell in range(4)
    )
    assert not np.any(x[0] == x[4])


def test_second_derivatives_of_a_vector_function_are_symmetric():
    field = ring(points=2)
    v = field.variables((3,))
    hessian = field.vector_function("C", (2,), 2, v)
    assert hessian.shape == (2, 2, 3, 3)
    assert np.array_equal(hessian, np.swapaxes(hessian, -1, -2))
    assert np.array_equal(hessian, field.vector_function("C", (2,), 2, v))
    assert not np.array_equal(hessian, field.vector_function("D", (2,), 2, v))


def test_a_vector_function_sees_every_argument():
    field = ring(points=1)
    v = field.variables((4,))
    moved = v.copy()
    moved[0, 3] += 1
    assert field.vector_function("C", (), 0, v)[0] != field.vector_function("C", (), 0, moved)[0]
