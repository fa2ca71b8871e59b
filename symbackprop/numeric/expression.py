"""A SymPy expression as instructions: the formulas of activations and costs that a user adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy as sp

from symbackprop.errors import InputError
from symbackprop.numeric.writer import Number, Value, Writer

Walk = Callable[[Any], Value | Number]


def lowered(expression: Any, values: Mapping[sp.Symbol, Value]) -> Value:
    """The expression with the given values put in for its symbols; a constant fills their shape.

    Raises ``InputError`` for a function that arrays have no operation for.
    """
    like = next(iter(values.values()))
    writer = like.writer

    def walk(e: Any) -> Value | Number:
        if e in values:
            return values[e]
        if e.is_Rational:
            return Fraction(int(e.p), int(e.q))
        if e is sp.pi:
            return writer.put("pi")
        for kind, rule in RULES.items():
            if isinstance(e, kind):
                return rule(e, walk, writer)
        raise InputError(f"{type(e).__name__} has no array form")

    value = walk(expression)
    return value if expression.free_symbols else like * 0 + value  # type: ignore[return-value]


def _product(e: Any, walk: Walk, writer: Writer) -> Value | Number:
    """The factors with positive powers over those with negative ones."""
    below = [1 / f for f in e.args if f.is_Pow and f.exp.is_Rational and f.exp < 0]
    above = [f for f in e.args if 1 / f not in below]
    product = _times(map(walk, above))
    return _over(product, _times(map(walk, below))) if below else product


def _times(factors: Iterable[Value | Number]) -> Value | Number:
    """Their product; of none, 1."""
    one: Value | Number = 1
    return reduce(lambda p, q: p * q, factors, one)


def _over(above: Value | Number, below: Value | Number) -> Value | Number:
    return above / below if isinstance(above, Value) else Fraction(above) / below


def _power(e: Any, walk: Walk, writer: Writer) -> Value | Number:
    base, exponent = walk(e.base), e.exp
    if exponent == sp.S.Half:
        return _call("sqrt", base, writer)
    if exponent == -sp.S.Half:
        return 1 / _call("sqrt", base, writer)
    if not exponent.is_Integer:
        raise InputError(f"the power {exponent} has no array form", expected="a whole power")
    power = _whole_power(base, abs(int(exponent)))
    return power if exponent > 0 else _over(1, power)


def _whole_power(base: Value | Number, n: int) -> Value | Number:
    """``base^n`` by squaring."""
    half = _whole_power(base, n // 2) if n > 1 else 1
    return half * half * base if n % 2 else half * half


def _call(op: str, argument: Value | Number, writer: Writer) -> Value:
    return writer.put(op, argument)


def _function(op: str) -> Callable[[Any, Walk, Writer], Value | Number]:
    return lambda e, walk, writer: _call(op, walk(e.args[0]), writer)


def _sign(e: Any, walk: Walk, writer: Writer) -> Value | Number:
    u = walk(e.args[0])
    return writer.put("step", u) - writer.put("step", -u)


def _least(e: Any, walk: Walk, writer: Writer) -> Value | Number:
    """``min(u, v) = -max(-u, -v)``."""
    return -reduce(lambda p, q: writer.put("maximum", p, q), (-walk(u) for u in e.args))


def _largest(e: Any, walk: Walk, writer: Writer) -> Value | Number:
    return reduce(lambda p, q: writer.put("maximum", p, q), map(walk, e.args))


def _cases(e: Any, walk: Walk, writer: Writer) -> Value | Number:
    """``f if u > v else g``; at u = v the second case, as everywhere."""
    (first, condition), (second, otherwise) = e.args[0], e.args[-1]
    ordered = isinstance(condition, sp.StrictGreaterThan | sp.GreaterThan)
    if len(e.args) != 2 or otherwise != sp.true or not ordered:
        raise InputError("a Piecewise must read ((f, u > v), (g, True))")
    mask = writer.put("step", walk(condition.lhs - condition.rhs))
    return writer.put("where", mask, walk(first), walk(second))


RULES: dict[type, Callable[[Any, Walk, Writer], Value | Number]] = {
    sp.Add: lambda e, walk, writer: reduce(lambda p, q: p + q, map(walk, e.as_ordered_terms())),
    sp.Mul: _product,
    sp.exp: _function("exp"),
    sp.Pow: _power,
    sp.log: _function("log"),
    sp.erf: _function("erf"),
    sp.tanh: _function("tanh"),
    sp.Abs: _function("absolute"),
    sp.Heaviside: _function("step"),
    sp.sign: _sign,
    sp.Max: _largest,
    sp.Min: _least,
    sp.Piecewise: _cases,
}

__all__ = ["lowered"]
