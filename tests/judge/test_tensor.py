"""Tensors with named axes against plain arrays: products, sums, diagonals, entries."""

from __future__ import annotations

import random

import numpy as np
import pytest

from symbackprop.judge.ring import FieldRing
from symbackprop.judge.tensor import Factor, Range, Tensor

EXTENT = {"i": 2, "j": 3, "k": 3, "p": 5}
AXES = tuple(EXTENT)


class Draw:
    """Random tensors, each with the plain array over all four axes that it stands for."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.ring = FieldRing(random.Random(seed), 2)
        self.pool: list[tuple[tuple[str, ...], np.ndarray]] = []

    def array(self, axes):
        """A fresh array, or one that was used before under other names of the same extents."""
        shape = tuple(EXTENT[a] for a in axes)
        again = [data for _, data in self.pool if data.shape[1:] == shape]
        if again and self.rng.random() < 0.4:
            return self.rng.choice(again)
        data = self.ring.variables(shape)
        self.pool.append((axes, data))
        return data

    def tensor(self):
        factors, deltas = [], []
        for _ in range(self.rng.randint(1, 4)):
            axes = tuple(self.rng.sample(AXES, self.rng.randint(0, 2)))
            factors.append(Factor(axes, self.array(axes)))
        if self.rng.random() < 0.4:
            deltas.append(("j", "k", 3))
        return Tensor(self.ring, tuple(factors), tuple(deltas))


def plain(tensor: Tensor) -> np.ndarray:
    """The array over (slot, i, j, k, p) with Python's own integers."""
    p = tensor.ring.primes.astype(object).reshape(-1, 1, 1, 1, 1)
    result = np.ones((tensor.ring.slots, *EXTENT.values()), dtype=object)
    for factor in tensor.factors:
        letters = "".join(factor.axes)
        spread = np.einsum(f"t{letters}->t{''.join(sorted(letters))}", factor.data.astype(object))
        shape = [tensor.ring.slots] + [EXTENT[a] if a in letters else 1 for a in AXES]
        result = result * spread.reshape(shape) % p
    for one, two, n in tensor.deltas:
        shape = [1] + [EXTENT[a] if a in (one, two) else 1 for a in AXES]
        result = result * np.eye(n, dtype=int).astype(object).reshape(shape)
    return result


def same(tensor: Tensor, array: np.ndarray, axes=AXES) -> bool:
    dense = np.broadcast_to(tensor.dense(list(axes)), array.shape)
    return np.array_equal(dense.astype(object), array)


def primes(tensor: Tensor, ndim: int) -> np.ndarray:
    return tensor.ring.primes.astype(object).reshape((-1,) + (1,) * (ndim - 1))


SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_products(seed):
    draw = Draw(seed)
    one, two = draw.tensor(), draw.tensor()
    array = plain(one) * plain(two)
    assert same(one * two, array % primes(one, 5))


@pytest.mark.parametrize("seed", SEEDS)
def test_sums_of_products_that_share_factors(seed):
    draw = Draw(seed)
    one, two, three = draw.tensor(), draw.tensor(), draw.tensor()
    array = plain(one) * plain(two) + plain(one) * plain(three)
    assert same(one * two + one * three, array % primes(one, 5))
    assert same(one + one, 2 * plain(one) % primes(one, 5))


def test_the_same_array_under_two_names_is_two_factors():
    """``y_i y_j y_p + y_i y_j y_p = 2 y_i y_j y_p``: no factor is lost."""
    draw = Draw(0)
    y = draw.ring.variables((3,))
    term = Tensor(draw.ring, (Factor(("j",), y), Factor(("k",), y)))
    assert same(term + term, 2 * plain(term) % primes(term, 5))
    swapped = Tensor(draw.ring, (Factor(("k",), y), Factor(("j",), y)))
    assert same(term + swapped, 2 * plain(term) % primes(term, 5))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axis", ["i", "j", "p"])
def test_sums_over_an_axis(seed, axis):
    tensor = Draw(seed).tensor() * Draw(seed).tensor()
    array = plain(tensor).sum(axis=1 + AXES.index(axis)) % primes(tensor, 4)
    rest = [a for a in AXES if a != axis]
    assert same(tensor.sum(axis, Range(EXTENT[axis])), array, rest)


@pytest.mark.parametrize("seed", SEEDS)
def test_renaming_onto_an_axis_takes_the_diagonal(seed):
    tensor = Draw(seed).tensor()
    array = np.einsum("tijjp->tijp", plain(tensor))
    for old, new in (("k", "j"), ("j", "k")):
        assert same(tensor.rename(old, new), array, ("i", new, "p"))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("axis", "place"), [("i", 1), ("j", 0), ("k", 2), ("p", 4)])
def test_entries(seed, axis, place):
    tensor = Draw(seed).tensor()
    array = np.take(plain(tensor), place, axis=1 + AXES.index(axis))
    assert same(tensor.select(axis, place), array, [a for a in AXES if a != axis])


def test_a_kronecker_collapses_its_sum_in_both_directions():
    ring = FieldRing(random.Random(1), 2)
    y = ring.variables((3,))
    delta = Tensor(ring, (Factor(("j",), y),), (("j", "k", 3),))
    for summed, left in (("j", "k"), ("k", "j")):
        assert np.array_equal(delta.sum(summed, Range(3)).dense([left]), y)


def test_a_sum_over_an_axis_that_is_not_there_counts():
    ring = FieldRing(random.Random(1), 2)
    y = Tensor(ring, (Factor(("j",), ring.variables((3,))),))
    assert np.array_equal(
        y.sum("p", Range(5)).dense(["j"]), 5 * y.dense(["j"]) % ring.primes[:, None]
    )
