"""The arithmetic that meaning is computed in: prime fields, many independent points at once.

An element is a NumPy array whose first axis is the *slot*: slot t has a prime p_t of its own, drawn
at random, and a random point of its own.  Unspecified functions are random functions of the field,
sampled as they are asked for; exp turns sums into products; signs are tried in every combination.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from symbackprop.judge.degree import Degree
from symbackprop.judge.primes import random_prime

Array = np.ndarray[Any, Any]
LOG2_PRIME = 30.0
LOG2_PRIMES = 23.0  # 48 million primes have 31 bits; a quarter, more than 2^23, are 7 modulo 8
LIMIT_CELLS = 12


class OutOfClass(Exception):  # noqa: N818
    """The ring has no meaning for this function; the verdict becomes undecided."""


class ZeroDenominator(OutOfClass):
    """The statement divides by something that is zero for all values."""

    def __init__(self) -> None:
        super().__init__("a denominator is identically zero")


class NeedCells(Exception):  # noqa: N818
    """More sign combinations are in play than the slots provide."""

    def __init__(self, bits: int) -> None:
        self.bits = bits


class VanishingDenominator(Exception):  # noqa: N818
    """A denominator is zero at the point drawn: draw again, or the statement divides by zero."""


class FieldRing:
    """``points`` independent points, each in 2^bits sign cells: slots = points · 2^bits."""

    dtype: Any = np.int64

    def __init__(
        self, rng: random.Random, points: int, bits: int = 0, *, free_signs: bool = False
    ) -> None:
        self.rng, self.points, self.bits, self.free_signs = rng, points, bits, free_signs
        self.slots = points << bits
        primes = [random_prime(rng) for _ in range(points)]
        self.primes = np.repeat(np.array(primes, dtype=np.int64), 1 << bits)
        self._draw = np.random.Generator(np.random.PCG64(rng.getrandbits(128)))
        self._random: dict[Any, int] = {}
        self._arrays: dict[Any, Array] = {}
        self._cell_bits: list[dict[int, int]] = [{} for _ in range(self.slots)]
        self.bits_used = 0
        self.variables_drawn = 0
        self.signs = False
        self._arguments: set[Any] = set()
        self._noted, self.largest_argument = 0.0, Degree()

    def _p(self, x: Array) -> Array:
        return self.primes.reshape((self.slots,) + (1,) * (x.ndim - 1))

    def reduce(self, x: Array) -> Array:
        """x modulo the prime of each slot."""
        return x % self._p(x)

    def number(self, q: Fraction | int) -> Array:
        """A rational constant, shape (slots,)."""
        q = Fraction(q)
        values = []
        for p in self.primes.tolist():
            if q.denominator % p == 0:
                raise VanishingDenominator
            values.append(q.numerator * pow(q.denominator, -1, p) % p)
        return np.array(values, dtype=np.int64)

    def variables(self, shape: Sequence[int], _name: str = "") -> Array:
        """Fresh independent variables at random points; the cells of one point share them."""
        count = int(np.prod(shape))
        self.variables_drawn += count
        limits = self.primes[:: 1 << self.bits, None]
        one = self._draw.integers(1, limits, size=(self.points, count))
        return np.repeat(one, 1 << self.bits, axis=0).reshape((self.slots, *shape))

    def multiply(self, x: Array, y: Array) -> Array:
        return self.reduce(x * y)

    def add(self, x: Array, y: Array) -> Array:
        return self.reduce(x + y)

    def total(self, x: Array, axis: int) -> Array:
        return self.reduce(x.sum(axis=axis))

    def eye(self, n: int) -> Array:
        return np.broadcast_to(np.eye(n, dtype=np.int64), (self.slots, n, n))

    def inverse(self, x: Array) -> Array:
        """x^(p-2), entry by entry."""
        if not np.all(x):
            raise VanishingDenominator
        power, result = x, np.ones_like(x)
        exponent = self._p(x) - 2
        for bit in range(31):
            result = np.where((exponent >> bit) & 1, result * power % self._p(x), result)
            power = power * power % self._p(x)
        return result

    def matmul(self, x: Array, y: Array) -> Array:
        """Stacked matrix products, exact: 16-bit halves of x, blocks that stay below 2^53."""
        block = 64
        high, low = (x >> 16).astype(np.float64), (x & 0xFFFF).astype(np.float64)
        right = y.astype(np.float64)
        out = np.zeros((*x.shape[:-1], y.shape[-1]), dtype=np.int64)
        for start in range(0, x.shape[-1], block):
            part = slice(start, start + block)
            rows = right[..., part, :]
            top = self.reduce((high[..., part] @ rows).astype(np.int64))
            out += self.reduce((top << 16) + (low[..., part] @ rows).astype(np.int64))
        return self.reduce(out)

    # -- functions ------------------------------------------------------------------------------
    def _random_value(self, key: tuple[Any, ...], p: int) -> int:
        value = self._random.get(key)
        if value is None:
            self.variables_drawn += key[-2] == 0  # count one point only
            value = self._random[key] = self.rng.randrange(1, p)
        return value

    def _map(self, x: Array, of: Any) -> Array:
        flat = np.ascontiguousarray(x).reshape(self.slots, -1)
        self._arguments.update(flat[0].tolist())
        out = np.empty_like(flat)
        shift = self.bits
        primes = self.primes.tolist()
        for slot, row in enumerate(flat.tolist()):
            out[slot] = [of(slot >> shift, v, primes[slot]) for v in row]
        return out.reshape(x.shape)

    def note(self, argument: Degree) -> None:
        """Remember the largest degree of an argument of a function."""
        if argument.num + argument.den + argument.height > self._noted:
            self._noted = argument.num + argument.den + argument.height
            self.largest_argument = argument

    @property
    def arguments(self) -> int:
        """How many different arguments the functions were asked for, at one point."""
        return len(self._arguments)

    def unspecified(self, name: str, order: int, x: Array) -> Array:
        """An unspecified function of one argument, or its derivative of that order."""
        return self._map(x, lambda point, v, p: self._random_value((name, order, point, v), p))

    def exp(self, x: Array, coefficient: Fraction) -> Array:
        """``exp(coefficient · x)``; exp(-x) is the inverse of exp(x)."""
        steps = coefficient
        if steps.denominator != 1 or abs(steps) > 240:
            raise OutOfClass(f"exp with the factor {coefficient}")

        def one(point: int, v: int, p: int) -> int:
            if v == 0:
                return 1
            flip = v > p - v
            g = self._random_value(("exp", point, min(v, p - v)), p)
            return pow(g, -int(steps) if flip else int(steps), p)

        return self._map(x, one)

    def log(self, x: Array) -> Array:
        """A random function: the identities of the logarithm are not known here."""
        return self.unspecified("log", 0, x)

    def erf(self, x: Array) -> Array:
        """A random odd function."""

        def one(point: int, v: int, p: int) -> int:
            if v == 0:
                return 0
            value = self._random_value(("erf", point, min(v, p - v)), p)
            return p - value if v > p - v else value

        return self._map(x, one)

    def step(self, x: Array) -> Array:
        """``[x > 0]``, with [0 > 0] = 0: a bit per distinct argument, every combination in a cell.

        With free signs [x > 0] is any element h of the field, and [-x > 0] = 1 - h: what holds then
        holds for 0 and 1.
        """
        self.signs = True
        if self.free_signs:
            return self._map(x, self._free_sign)
        flat = x.reshape(self.slots, -1)
        out = np.empty_like(flat)
        primes = self.primes.tolist()
        for slot, row in enumerate(flat.tolist()):
            p, known = primes[slot], self._cell_bits[slot]
            for place, v in enumerate(row):
                if v == 0:
                    out[slot, place] = 0
                    continue
                number = known.setdefault(min(v, p - v), len(known))
                self.bits_used = max(self.bits_used, number + 1)
                bit = (slot >> number) & 1 if number < self.bits else 0
                out[slot, place] = bit if v <= p - v else 1 - bit
        return out.reshape(x.shape)

    def _free_sign(self, point: int, v: int, p: int) -> int:
        if v == 0:
            return 0
        h = self._random_value(("step", point, min(v, p - v)), p)
        return h if v <= p - v else (1 - h) % p

    def check_cells(self) -> None:
        """Raise NeedCells unless every combination of the signs in play was tried."""
        if self.bits_used > self.bits:
            raise NeedCells(self.bits_used)

    @functools.cached_property
    def sqrt_pi(self) -> Array:
        return self.variables((), "sqrt_pi")

    def sqrt(self, q: Fraction) -> Array:
        """√q of a rational: by √2 and perfect squares only."""
        for root, square in ((Fraction(1), Fraction(1)), (None, Fraction(2))):
            r = _perfect_root(q / square)
            if r is None:
                continue
            if root is not None:
                return self.number(r)
            halves = [pow(2, (p + 1) // 4, p) for p in self.primes.tolist()]
            return self.multiply(self.number(r), np.array(halves, dtype=np.int64))
        raise OutOfClass(f"the square root of {q}")

    def vector_function(
        self, name: str, outputs: tuple[int, ...], order: int, arguments: Array
    ) -> Array:
        """An unspecified function of a vector (last axis), or all its derivatives of an order.

        Shape of the result: leading axes, then the outputs, then one axis per differentiation.
        """
        lead, n = arguments.shape[1:-1], arguments.shape[-1]
        flat = np.ascontiguousarray(arguments).reshape(self.slots, -1, n)
        tail = (*outputs, *(n,) * order)
        out = np.empty((*flat.shape[:2], *tail), dtype=np.int64)
        primes = self.primes.tolist()
        for slot in range(self.slots):
            for place, vector in enumerate(flat[slot]):
                key = (name, outputs, order, slot >> self.bits, vector.tobytes())
                if slot == 0:
                    self._arguments.add(key[-1])
                if key not in self._arrays:
                    self._arrays[key] = _symmetric(
                        self._draw.integers(1, primes[slot], tail), order
                    )
                out[slot, place] = self._arrays[key]
        return out.reshape((self.slots, *lead, *tail))


def _symmetric(x: Array, order: int) -> Array:
    """Mixed derivatives do not depend on the order of differentiation."""
    if order < 2:
        return x
    n = x.shape[-1]
    upper = np.triu(np.ones((n, n), dtype=bool))
    return np.where(upper, x, np.swapaxes(x, -1, -2))


def _perfect_root(q: Fraction) -> Fraction | None:
    if q <= 0:
        return None
    root = Fraction(math.isqrt(q.numerator), math.isqrt(q.denominator))
    return root if root * root == q else None
