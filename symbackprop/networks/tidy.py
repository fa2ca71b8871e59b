"""A term as a person would write it: what SymPy's order and our rules leave behind is put right.

The result is what the program defines or a step states, so it is judged as it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy import Basic, Expr, Integer, Rational

from symbackprop.language.terms import (
    Fn,
    Kron,
    Plus,
    Quotient,
    Ref,
    Size,
    Term,
    Times,
    from_sympy,
    negative,
    plus,
    times,
)


def written(expr: Expr, variables: Mapping[Any, Basic]) -> Basic:
    """A formula of a table as a tidy term; tanh by its definition."""
    by_definition = {
        t: (sp.exp(t.args[0]) - sp.exp(-t.args[0])) / (sp.exp(t.args[0]) + sp.exp(-t.args[0]))
        for t in expr.atoms(sp.tanh)
    }
    return tidy(from_sympy(expr.xreplace(by_definition), dict(variables)))


def tidy(term: Basic) -> Basic:
    """One number in front, one fraction, positive numbers first: ``-1/100 u``, ``u/(1 + v)``."""
    if not isinstance(term, Term) or isinstance(term, Ref):
        return term
    args = [tidy(arg) for arg in term.args]
    if isinstance(term, Times):
        return _product(list(times(*args).args)) if len(args) > 1 else args[0]
    if isinstance(term, Plus):
        return _sum(args)
    if isinstance(term, Quotient):
        return _fraction(*args)
    return term.func(*args)


def _sum(terms: list[Basic]) -> Basic:
    """``1 + u`` rather than ``u + 1``, ``-(u + v)`` rather than ``-u - v``."""
    flat = plus(*terms)
    if not isinstance(flat, Plus):
        return flat
    parts = sorted(flat.args, key=lambda part: not (part.is_Rational and part > 0))
    if all(_is_negative(part) for part in parts):
        return negative(plus(*map(negative, parts)))
    return plus(*parts)


def _is_negative(term: Basic) -> bool:
    number = term.args[0] if isinstance(term, Times) else term
    return isinstance(number, Rational) and number < 0


def _fraction(above: Basic, below: Basic) -> Basic:
    if isinstance(above, Rational) and isinstance(below, Rational):
        return above / below
    return above if below == 1 else Quotient(above, below)


def _product(factors: list[Basic]) -> Basic:
    """Numbers first, ``1/v`` below the others; a Kronecker delta stays beside the fraction."""
    number: Rational = Integer(1)
    above, below, deltas = list[Basic](), list[Basic](), list[Basic]()
    for factor in factors:
        if isinstance(factor, Rational):
            number = number * factor
        elif _is_reciprocal(factor):
            number = number * factor.args[0]
            below.append(factor.args[1])
        else:
            (deltas if isinstance(factor, Kron) else above).append(factor)
    number, above, below = _roots_below(number, above, below)
    if not below:
        return times(number, *above, *deltas)
    quotient = Quotient(times(abs(number.p), *above), times(number.q, *below))
    return times(Integer(-1) if number < 0 else 1, quotient, *deltas)


def _is_reciprocal(factor: Basic) -> bool:
    """``2/v``, but not a scale such as ``2/n_L``, which stays in front."""
    if not isinstance(factor, Quotient) or not isinstance(factor.args[0], Rational):
        return False
    below = factor.args[1]
    return not all(
        isinstance(part, Size) for part in (below.args if isinstance(below, Times) else (below,))
    )


def _roots_below(
    number: Rational, above: list[Basic], below: list[Basic]
) -> tuple[Rational, list[Basic], list[Basic]]:
    """``1/√2`` rather than ``√2/2``."""
    kept, roots = list[Basic](), list[Basic]()
    for factor in above:
        square = factor.args[1] if isinstance(factor, Fn) and factor.name == "sqrt" else None
        if isinstance(square, Integer) and number.q % square == 0:
            number = number * square
            roots.append(factor)
        else:
            kept.append(factor)
    return number, kept, [*roots, *below]
