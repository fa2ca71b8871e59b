"""Logarithms of what is positive for certain, taken apart: ``log(e^u / S) = u - log S``.

Positive are exponentials, positive numbers, and sums, products, quotients and powers of positive
terms: for these the laws of the logarithm hold at every real point.  Nothing else is taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Rational

from symbackprop.language.binding import substitute
from symbackprop.language.program import U
from symbackprop.language.terms import Act, Fn, Plus, Power, Quotient, Ref, Size, Sum, Times

if TYPE_CHECKING:
    from symbackprop.judge.instance import Instance

Part = tuple[int, Basic]  # how often, and what the logarithm is of


def parts_of(term: Basic, case: Instance) -> list[Part]:
    """``log(term)`` as ``Σ n log(part)``; a part ``e^u`` stands for ``n u``."""
    return list(_parts(term, 1, case))


def _parts(term: Basic, times: int, case: Instance) -> Iterator[Part]:
    inner = _written_out(term, case)
    if inner == 1:
        return
    if not is_positive(inner, case) or not isinstance(inner, Times | Quotient | Power | Fn):
        yield from _upright(term, inner, times)
    elif isinstance(inner, Times):
        for factor in inner.args:
            yield from _parts(factor, times, case)
    elif isinstance(inner, Quotient):
        yield from _parts(inner.args[0], times, case)
        yield from _parts(inner.args[1], -times, case)
    elif isinstance(inner, Power):
        yield from _parts(inner.args[0], times * int(inner.args[1]), case)
    elif isinstance(inner, Fn):
        yield times, inner


def _upright(term: Basic, inner: Basic, times: int) -> Iterator[Part]:
    """``log(1 + e^{-u}) = log(1 + e^u) - u``."""
    power = inner.args[1] if isinstance(inner, Plus) and inner.args[0] == 1 else None
    if isinstance(power, Fn) and power.name == "exp" and len(inner.args) == 2:
        sign, *rest = power.arg.args if isinstance(power.arg, Times) else (None,)
        if sign == -1:
            u = rest[0] if len(rest) == 1 else Times(*rest)
            yield times, Plus(Integer(1), Fn("exp", u))
            yield -times, Fn("exp", u)
            return
    yield times, term


def is_positive(term: Basic, case: Instance) -> bool:
    """Whether a term is positive at every real point, by its form alone."""
    inner = _written_out(term, case)
    if isinstance(inner, Rational):
        return bool(inner > 0)
    if isinstance(inner, Fn):
        return inner.name == "exp"
    if isinstance(inner, Times | Plus | Quotient):
        return all(is_positive(arg, case) for arg in inner.args)
    if isinstance(inner, Power):
        return isinstance(inner.args[1], Integer) and is_positive(inner.args[0], case)
    return isinstance(inner, Size) or (isinstance(inner, Sum) and is_positive(inner.body, case))


def _written_out(term: Basic, case: Instance) -> Basic:
    """A defined quantity as what defines it, an activation as its formula, ``1 - a/b`` as one."""
    if isinstance(term, Act) and term.order == 0:
        _, formula = case.activation_at(Integer(case.number(term.layer)))
        return term if formula is None else _written_out(substitute(formula, {U: term.arg}), case)
    if isinstance(term, Ref) and term.name != "pi":
        layer = None if term.layer is None else Integer(case.number(term.layer))
        definition = case.program.definition_of(term.name, layer, case.depth)
        if definition is None:
            return term
        letters, value = definition.at(layer)
        if len(letters) != len(term.indices):
            return term
        return _written_out(substitute(value, dict(zip(letters, term.indices, strict=True))), case)
    if isinstance(term, Plus):
        return _one_fraction(term, case)
    return term


def _one_fraction(term: Plus, case: Instance) -> Basic:
    """``1 - a/(a + b) = b/(a + b)``."""
    if len(term.args) != 2 or term.args[0] != 1 or not isinstance(term.args[1], Times):
        return term
    sign, *rest = term.args[1].args
    share = _written_out(rest[0], case) if sign == -1 and len(rest) == 1 else None
    if not isinstance(share, Quotient) or not isinstance(share.args[1], Plus):
        return term
    above, below = share.args
    left = list(below.args)
    if above not in left:
        return term
    left.remove(above)
    return Quotient(left[0] if len(left) == 1 else Plus(*left), below)
