"""Numbers of a prime field that pass for floats in NumPy code: what they prove is exact.

``exp`` of a number is a random element that belongs to it, with exp(-z) = 1/exp(z); tanh is written
with it, and ``log`` is a random element of its own.  A float of the code is the decimal number that
is written.  Two results that are the same rational function of inputs and such elements
agree always; two that differ agree with a chance of at most degree/p.
A float beside each number decides comparisons (the side of a kink) and nothing else.
"""

from __future__ import annotations

import hashlib
import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any


def _safe(function: Callable[..., float], *given: float) -> float:
    """The float beside a number: infinite or no number where floats end."""
    try:
        return function(*given)
    except OverflowError:
        return math.inf
    except (ValueError, ZeroDivisionError):
        return math.nan


class Exact:
    """``n`` modulo the prime ``p``; ``x`` is the same number as a float."""

    __slots__ = ("n", "p", "x")

    def __init__(self, n: int, x: float, p: int) -> None:
        self.n, self.x, self.p = n % p, x, p

    def _with(self, other: Any) -> Exact | None:
        """The other number in the same field; None if it is no number."""
        if isinstance(other, Exact):
            return other
        try:
            plain = other.item() if hasattr(other, "item") else other
            part = Fraction(repr(plain) if isinstance(plain, float) else plain)
        except (TypeError, ValueError, OverflowError):
            return None
        return Exact(part.numerator * pow(part.denominator, -1, self.p), float(part), self.p)

    def __add__(self, other: Any) -> Any:
        o = self._with(other)
        return NotImplemented if o is None else Exact(self.n + o.n, self.x + o.x, self.p)

    __radd__ = __add__

    def __neg__(self) -> Exact:
        return Exact(-self.n, -self.x, self.p)

    def __pos__(self) -> Exact:
        return self

    def __sub__(self, other: Any) -> Any:
        o = self._with(other)
        return NotImplemented if o is None else Exact(self.n - o.n, self.x - o.x, self.p)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __mul__(self, other: Any) -> Any:
        o = self._with(other)
        return NotImplemented if o is None else Exact(self.n * o.n, self.x * o.x, self.p)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        o = self._with(other)
        if o is None:
            return NotImplemented
        if o.n == 0:
            raise ZeroDivisionError
        return Exact(self.n * pow(o.n, -1, self.p), _safe(operator.truediv, self.x, o.x), self.p)

    def __rtruediv__(self, other: Any) -> Any:
        o = self._with(other)
        return NotImplemented if o is None else o / self

    def __pow__(self, power: Any) -> Any:
        whole = int(power)
        if whole != power or abs(whole) > 64:
            return NotImplemented
        return Exact(pow(self.n, whole, self.p), _safe(math.pow, self.x, whole), self.p)

    def __abs__(self) -> Exact:
        return -self if self.x < 0 else self

    def __eq__(self, other: object) -> bool:
        o = self._with(other)
        return o is not None and self.n == o.n

    def __hash__(self) -> int:
        return hash((self.n, self.p))

    def __lt__(self, other: Any) -> bool:
        return self.x < float(other)

    def __gt__(self, other: Any) -> bool:
        return self.x > float(other)

    def __le__(self, other: Any) -> bool:
        return self.x <= float(other)

    def __ge__(self, other: Any) -> bool:
        return self.x >= float(other)

    def __float__(self) -> float:
        return self.x

    def _atom(self, name: str) -> int:
        """A random element that belongs to this number and this function."""
        text = f"{name} {self.n} {self.p}".encode()
        return int.from_bytes(hashlib.sha512(text).digest()) % (self.p - 1) + 1

    def exp(self) -> Exact:
        if self.n == 0:
            return Exact(1, 1.0, self.p)
        opposite = self.p - self.n
        if self.n <= opposite:
            return Exact(self._atom("exp"), _safe(math.exp, self.x), self.p)
        inverse = pow((-self)._atom("exp"), -1, self.p)
        return Exact(inverse, _safe(math.exp, self.x), self.p)

    def tanh(self) -> Any:
        """(e² - 1)/(e² + 1) with e = exp(z)."""
        square = self.exp() ** 2
        return (square - 1) / (square + 1)

    def log(self) -> Exact:
        if self.n == 1:
            return Exact(0, 0.0, self.p)
        return Exact(self._atom("log"), _safe(math.log, self.x), self.p)

    def log1p(self) -> Exact:
        return (self + 1).log()

    def expm1(self) -> Any:
        return self.exp() - 1

    def square(self) -> Any:
        return self * self

    def __repr__(self) -> str:
        return f"{self.x:g}"
