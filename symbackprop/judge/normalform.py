"""Exact normal forms: quotients of polynomials over the rationals, with no chance of error at all.

The same evaluation as in a prime field, but every variable and every unspecified value is a
generator of its own (python-flint).  FLINT ends the whole process when memory runs out and may take
for ever to factor: so the number of terms is bounded before every product, and nothing is factored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from symbackprop.judge.ring import OutOfClass, VanishingDenominator

Array = np.ndarray[Any, Any]
GENERATORS = 150
TERMS = 20_000


class TooLarge(Exception):  # noqa: N818
    """Too many generators or terms for a normal form; the verdict keeps its bound."""


class Ratio:
    """``num / den`` in lowest terms as far as a gcd of small polynomials is cheap."""

    __slots__ = ("den", "num")

    def __init__(self, num: Any, den: Any) -> None:
        if den != 1 and not den.is_constant():
            if len(num) > 400 or len(den) > 400:
                raise TooLarge
            common = num.gcd(den)
            if not common.is_constant():
                num, den = num / common, den / common
        if den.is_constant() and den != 1:
            num, den = num / den.leading_coefficient(), den / den.leading_coefficient()
        self.num, self.den = num, den

    def __add__(self, other: Ratio) -> Ratio:
        if self.den == other.den:
            return Ratio(self.num + other.num, self.den)
        return Ratio(
            _times(self.num, other.den) + _times(other.num, self.den), _times(self.den, other.den)
        )

    def __mul__(self, other: Ratio) -> Ratio:
        return Ratio(_times(self.num, other.num), _times(self.den, other.den))

    def __sub__(self, other: Ratio) -> Ratio:
        return self + Ratio(-other.num, other.den)

    def __bool__(self) -> bool:
        return not self.num.is_zero()

    def inverse(self) -> Ratio:
        if not self:
            raise VanishingDenominator
        return Ratio(self.den, self.num)

    @property
    def key(self) -> tuple[str, str]:
        lead = self.den.leading_coefficient()
        return str(self.num / lead), str(self.den / lead)


def _times(one: Any, other: Any) -> Any:
    if len(one) * len(other) > TERMS:
        raise TooLarge
    return one * other


class NormalFormRing:
    """One slot, one sign cell; ``cell`` says which of the signs in play are positive."""

    dtype: Any = object
    slots = 1

    def __init__(self, cell: int = 0, bits: int = 0) -> None:
        names = [f"v{n}" for n in range(GENERATORS)]
        self._context = flint.fmpq_mpoly_ctx.get(names, "degrevlex")
        self._generators = self._context.gens()
        self._one = self._context.constant(1)
        self._used = 0
        self._known: dict[Any, Any] = {}
        self._cell, self._bits = cell, bits
        self.bits_used = 0
        self.signs = False
        self._signs: dict[Any, int] = {}

    def _new(self) -> Ratio:
        if self._used >= GENERATORS:
            raise TooLarge
        self._used += 1
        return Ratio(self._generators[self._used - 1], self._one)

    def _value(self, key: Any) -> Ratio:
        if key not in self._known:
            self._known[key] = self._new()
        found: Ratio = self._known[key]
        return found

    def reduce(self, x: Array) -> Array:
        return x

    def number(self, q: Fraction | int) -> Array:
        q = Fraction(q)
        constant = self._context.constant(flint.fmpq(q.numerator, q.denominator))
        return _object([Ratio(constant, self._one)])

    def variables(self, shape: Sequence[int], _name: str = "") -> Array:
        count = int(np.prod(shape))
        return _object([self._new() for _ in range(count)]).reshape((1, *shape))

    def multiply(self, x: Array, y: Array) -> Array:
        return np.asarray(x * y, dtype=object)

    def add(self, x: Array, y: Array) -> Array:
        return np.asarray(x + y, dtype=object)

    def total(self, x: Array, axis: int) -> Array:
        return np.asarray(np.add.reduce(x, axis=axis), dtype=object)

    def matmul(self, x: Array, y: Array) -> Array:
        return np.asarray(np.matmul(x, y), dtype=object)

    def eye(self, n: int) -> Array:
        zero, one = self.number(0)[0], self.number(1)[0]
        rows = [[one if i == j else zero for j in range(n)] for i in range(n)]
        return _object([cell for row in rows for cell in row]).reshape((1, n, n))

    def inverse(self, x: Array) -> Array:
        return _each(x, lambda v: v.inverse())

    def check_cells(self) -> None:
        return

    def note(self, _argument: object) -> None:
        return

    def unspecified(self, name: str, order: int, x: Array) -> Array:
        return _each(x, lambda v: self._value((name, order, v.key)))

    def log(self, x: Array) -> Array:
        return self.unspecified("log", 0, x)

    def erf(self, x: Array) -> Array:
        return self.unspecified("erf", 0, x)

    def exp(self, x: Array, coefficient: Fraction) -> Array:
        steps = coefficient
        if steps.denominator != 1 or abs(steps) > 24:
            raise TooLarge

        def one(v: Ratio) -> Ratio:
            if not v:
                return self.number(1)[0]
            negative = v.num.leading_coefficient() < 0
            key = Ratio(-v.num, v.den).key if negative else v.key
            base = self._value(("exp", key))
            n = -int(steps) if negative else int(steps)
            power = Ratio(base.num ** abs(n), self._one)
            return power if n >= 0 else power.inverse()

        return _each(x, one)

    def step(self, x: Array) -> Array:
        self.signs = True

        def one(v: Ratio) -> Ratio:
            if not v:
                return self.number(0)[0]
            negative = v.num.leading_coefficient() < 0
            key = Ratio(-v.num, v.den).key if negative else v.key
            number = self._signs.setdefault(key, len(self._signs))
            if number >= self._bits:
                raise TooLarge
            bit = (self._cell >> number) & 1
            return self.number(1 - bit if negative else bit)[0]

        return _each(x, one)

    @property
    def sqrt_pi(self) -> Array:
        return _object([self._value("sqrt_pi")])

    def sqrt(self, q: Fraction) -> Array:
        raise TooLarge

    def vector_function(
        self, name: str, outputs: tuple[int, ...], order: int, arguments: Array
    ) -> Array:
        n, lead = arguments.shape[-1], arguments.shape[:-1]
        tail = (*outputs, *(n,) * order)
        result = np.empty((*lead, *tail), dtype=object)
        for place in np.ndindex(*lead):
            key = tuple(v.key for v in arguments[place])
            for entry in np.ndindex(*tail):
                where = (entry[: len(outputs)], tuple(sorted(entry[len(outputs) :])))
                result[(*place, *entry)] = self._value((name, where, key))
        return result


def _object(values: list[Ratio]) -> Array:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _each(x: Array, of: Callable[[Any], Any]) -> Array:
    out = np.empty(x.shape, dtype=object)
    for place in np.ndindex(*x.shape):
        out[place] = of(x[place])
    return out


__all__ = ["NormalFormRing", "OutOfClass", "TooLarge"]
