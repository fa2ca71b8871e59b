"""How large a polynomial an evaluation stands for: the numbers behind the stated error bound."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Degree:
    """Upper bounds for a quotient of polynomials with integer coefficients.

    ``num`` and ``den`` are total degrees, ``height`` is log2 of the sum of the absolute values of
    all coefficients (numerator and denominator), ``spread`` the axes along which the denominator
    changes.
    """

    num: float = 0
    den: float = 0
    height: float = 0
    spread: frozenset[Hashable] = frozenset()

    def __mul__(self, other: Degree) -> Degree:
        """``a/b · c/d``."""
        return Degree(
            self.num + other.num,
            self.den + other.den,
            self.height + other.height,
            self.spread | other.spread,
        )

    def __add__(self, other: Degree) -> Degree:
        """``a/b + c/d = (ad + cb) / bd``."""
        if self.den == other.den == 0 and self.height == other.height == 0:
            return Degree(max(self.num, other.num), 0, 1)
        num = max(self.num + other.den, other.num + self.den)
        height = self.height + other.height + 1
        return Degree(num, self.den + other.den, height, self.spread | other.spread)

    def summed(self, axis: Hashable, n: int) -> Degree:
        """The sum of n of them along an axis: over one denominator, or over n different ones."""
        if n <= 1:
            return self
        if axis not in self.spread:
            return replace(self, height=self.height + math.log2(n))
        return Degree(
            self.num + (n - 1) * self.den,
            n * self.den,
            n * self.height + math.log2(n),
            self.spread - {axis},
        )

    def inverse(self, axes: Iterable[Hashable]) -> Degree:
        """``b/a`` of an array with these axes."""
        return Degree(self.den, self.num, self.height, frozenset(axes))

    def rename(self, old: Hashable, new: Hashable | None) -> Degree:
        """The denominator's axis under another name; None: it is fixed at one place."""
        if old not in self.spread:
            return self
        rest = self.spread - {old}
        return replace(self, spread=rest if new is None else rest | {new})


def slot_bound(degree: Degree, log2_prime: float, log2_primes: float) -> float:
    """log2 of the chance that one random prime and one random point hide a difference.

    A nonzero integer below 2^height has at most height/log2_prime prime factors of that size, out
    of 2^log2_primes (the coefficients vanish modulo p); then a nonzero polynomial of that degree
    vanishes at a random point with chance at most degree/p (Schwartz 1980, Zippel 1979).
    """
    coefficients = max(degree.height, 1) / log2_prime / 2**log2_primes
    point = max(degree.num, 1) / 2**log2_prime
    return math.log2(min(1.0, coefficients + point))
