"""Real arithmetic that certifies a counterexample: exact fractions, balls where exp or log enter.

One slot, object arrays.  Unspecified functions become polynomials with fixed coefficients, so that
a statement about *every* activation or cost is refuted by a particular one, in exact fractions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from symbackprop.judge.ring import OutOfClass, VanishingDenominator

PRECISION = 200
Array = np.ndarray[Any, Any]
SMALL = tuple(
    Fraction(n, d) for n, d in ((1, 1), (2, 1), (-1, 1), (1, 2), (-1, 2), (3, 1), (1, 3), (-2, 1))
)
SHAPES: tuple[tuple[int, ...], ...] = (
    (0, 0, 1),
    (0, 1, 0, 1),
    (1, 0, 2),
    (0, 2, 1),
)  # σ(u) = u², u³+u, …


def exact(q: Any) -> Any:
    q = Fraction(q)
    return flint.fmpq(q.numerator, q.denominator)


def is_nonzero(x: Any) -> bool:
    """Certain that x is not zero."""
    if isinstance(x, flint.arb):
        return not x.contains(0)
    return bool(x != 0)


def is_exact(x: Any) -> bool:
    return not isinstance(x, flint.arb)


def as_text(x: Any) -> str:
    """An exact fraction, or the digits of a ball that are certain."""
    if is_exact(x):
        return str(x)
    return "≈ " + str(x.str(12, radius=False))


class BallRing:
    """Numbers by name: ``values`` fixes variables, a missing one is drawn from small fractions."""

    dtype: Any = object
    slots = 1

    def __init__(
        self,
        values: dict[str, Array],
        seed: int,
        shape: int = 0,
        positive: frozenset[str] = frozenset(),
    ) -> None:
        self.values, self.shape = values, shape
        self.positive = positive
        self._rng = random.Random(seed)
        self._seed = seed
        self.used: list[str] = []
        self.chosen: dict[str, str] = {}  # which particular function stands for an unspecified one

    def reduce(self, x: Array) -> Array:
        return x

    def number(self, q: Fraction | int) -> Array:
        return np.array([exact(q)], dtype=object)

    def variables(self, shape: Sequence[int], name: str = "") -> Array:
        if name not in self.values:
            pool = [q for q in SMALL if q > 0] if name in self.positive else SMALL
            flat = [self._rng.choice(pool) for _ in range(int(np.prod(shape)))]
            self.values[name] = np.array(flat, dtype=object).reshape(tuple(shape))
        if name not in self.used:
            self.used.append(name)
        stored = self.values[name]
        out = np.empty(stored.shape, dtype=object)
        for place in np.ndindex(*stored.shape):
            out[place] = exact(stored[place])
        return out.reshape((1, *stored.shape))

    def multiply(self, x: Array, y: Array) -> Array:
        return np.asarray(x * y, dtype=object)

    def add(self, x: Array, y: Array) -> Array:
        return np.asarray(x + y, dtype=object)

    def total(self, x: Array, axis: int) -> Array:
        return np.asarray(x.sum(axis=axis), dtype=object)

    def eye(self, n: int) -> Array:
        out = np.full((1, n, n), exact(0), dtype=object)
        for i in range(n):
            out[0, i, i] = exact(1)
        return out

    def matmul(self, x: Array, y: Array) -> Array:
        return np.asarray(np.matmul(x, y), dtype=object)

    def _each(self, x: Array, of: Callable[[Any], Any]) -> Array:
        out = np.empty(x.shape, dtype=object)
        for place in np.ndindex(*x.shape):
            out[place] = of(x[place])
        return out

    def inverse(self, x: Array) -> Array:
        def one(v: Any) -> Any:
            if not is_nonzero(v):
                raise VanishingDenominator
            return 1 / v

        return self._each(x, one)

    def check_cells(self) -> None:
        return

    def note(self, _argument: object) -> None:
        return

    # -- functions ------------------------------------------------------------------------------
    def unspecified(self, name: str, order: int, x: Array) -> Array:
        """A polynomial and its derivatives: σ(u) = u² first, others when that refutes nothing."""
        turn = sum(map(ord, name)) if name != "σ" else 0
        coefficients = list(SHAPES[(self.shape + turn) % len(SHAPES)])
        self.chosen[name] = f"{name}(u) = {_polynomial(coefficients)}"
        for _ in range(order):
            coefficients = [n * c for n, c in enumerate(coefficients)][1:] or [0]

        def one(v: Any) -> Any:
            total: Any = exact(0)
            for c in reversed(coefficients):
                total = total * v + c
            return total

        return self._each(x, one)

    def exp(self, x: Array, coefficient: Fraction) -> Array:
        return self._each(
            x, lambda v: _ball(v * exact(coefficient)).exp() if is_nonzero_or_ball(v) else exact(1)
        )

    def log(self, x: Array) -> Array:
        def one(v: Any) -> Any:
            ball = _ball(v)
            if not ball > 0:
                raise VanishingDenominator
            return ball.log()

        return self._each(x, one)

    def erf(self, x: Array) -> Array:
        return self._each(x, lambda v: _ball(v).erf())

    def step(self, x: Array) -> Array:
        def one(v: Any) -> Any:
            if isinstance(v, flint.arb):
                if v > 0:
                    return exact(1)
                if v < 0:
                    return exact(0)
                raise VanishingDenominator
            return exact(1 if v > 0 else 0)

        return self._each(x, one)

    @property
    def sqrt_pi(self) -> Array:
        return np.array([flint.arb.pi().sqrt()], dtype=object)

    def sqrt(self, q: Fraction) -> Array:
        return np.array([_ball(exact(q)).sqrt()], dtype=object)

    def vector_function(
        self, name: str, outputs: tuple[int, ...], order: int, arguments: Array
    ) -> Array:
        """``F_o(v) = Σ c_i v_i + Σ_{i≤j} q_ij v_i v_j``, small coefficients; or its derivatives."""
        n, lead = arguments.shape[-1], arguments.shape[:-1]
        result = np.empty((*lead, *outputs, *(n,) * order), dtype=object)
        for out in np.ndindex(*outputs):
            rng = random.Random(f"{name}/{out}/{n}")
            linear = np.array([exact(rng.choice((1, 2, -1, 3))) for _ in range(n)], dtype=object)
            half = [
                [exact(rng.choice((1, -1, 2, 0))) if i <= j else exact(0) for j in range(n)]
                for i in range(n)
            ]
            square = np.array(half, dtype=object).reshape(n, n)
            self.chosen[f"{name}{out}"] = _quadratic(name, out, linear, square)
            both = square + square.T
            for place in np.ndindex(*lead):
                v = arguments[place]
                value = (linear @ v + v @ square @ v, linear + both @ v, both)
                zero = np.full((n,) * order, exact(0), dtype=object)
                result[(*place, *out)] = value[order] if order < len(value) else zero
        return result


def _polynomial(coefficients: Sequence[int]) -> str:
    powers = ("1", "u", "u²", "u³")
    terms = [p if c == 1 else f"{c} {p}" for c, p in zip(coefficients, powers, strict=False) if c]
    return " + ".join(reversed(terms))


def _quadratic(name: str, out: tuple[int, ...], linear: Array, square: Array) -> str:
    """``C(v) = v1 + 2 v2 + v1 v2``, v the arguments one after the other."""
    n = len(linear)
    terms = [f"{c} v{i + 1}" for i, c in enumerate(linear)]
    terms += [
        f"{square[i, j]} v{i + 1} v{j + 1}"
        for i in range(n)
        for j in range(i, n)
        if square[i, j] != 0
    ]
    index = "".join(str(o + 1) for o in out)
    return f"{name}{'_' + index if index else ''}(v) = {' + '.join(terms)}"


def is_nonzero_or_ball(v: Any) -> bool:
    return isinstance(v, flint.arb) or bool(v != 0)


def _ball(v: Any) -> Any:
    return v if isinstance(v, flint.arb) else flint.arb(v)


def check_precision() -> None:
    flint.ctx.prec = PRECISION


__all__ = ["BallRing", "OutOfClass", "as_text", "check_precision", "is_exact", "is_nonzero"]
