"""Products taken apart and put together, whichever of the three kinds they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from sympy import Basic, Integer, Rational

from symbackprop.errors import IllTyped
from symbackprop.language.shapes import shape
from symbackprop.language.terms import Hadamard, MatMul, Power, Quotient, Times, times
from symbackprop.review.kin import Kin


def factors_of(node: Basic) -> list[Basic] | None:
    """The factors of a product of numbers or of arrays entry by entry, scales included."""
    if isinstance(node, Hadamard):
        return list(node.args)
    if isinstance(node, Times):
        return [f for arg in node.args for f in (arg.args if isinstance(arg, Hadamard) else (arg,))]
    return None


def product_of(factors: Sequence[Basic], whole: bool | None) -> Basic:
    """Their product: ⊙ if ``whole``, of matrices if None, else of numbers."""
    if not factors:
        return Integer(1)
    if len(factors) == 1:
        return factors[0]
    if whole is None:
        return MatMul(*factors)
    if not whole:
        return times(*factors)
    flat = [
        f
        for factor in factors
        for f in (factor.args if isinstance(factor, Hadamard) else (factor,))
    ]
    return Hadamard(*flat)


def scaled(number: Basic, term: Basic) -> Basic:
    """``number · term`` in one fraction: ``m · u/(2m)`` is ``u/2``, and ``½ · 2 u`` is ``u``."""
    factors = list(term.args) if isinstance(term, Times) else [term]
    place = next((n for n, f in enumerate(factors) if isinstance(f, Quotient)), None)
    if place is None:
        numbers = [f for f in (number, *factors) if isinstance(f, Rational)]
        others = [f for f in (number, *factors) if not isinstance(f, Rational)]
        whole = prod(numbers, start=Integer(1))
        return times(*([whole] if whole != 1 else []), *others)
    above, below = (_flat(part) for part in factors[place].args)
    if isinstance(number, Quotient):
        above, below = [*_flat(number.args[0]), *above], [*_flat(number.args[1]), *below]
    else:
        above = [number, *above]
    for factor in list(above):
        if factor in below:
            above.remove(factor)
            below.remove(factor)
    ratio = Rational(1)
    for factor in above:
        ratio *= factor if isinstance(factor, Rational) else 1
    for factor in below:
        ratio /= factor if isinstance(factor, Rational) else 1
    upper = times(Integer(ratio.p), *(f for f in above if not isinstance(f, Rational)))
    lower = times(Integer(ratio.q), *(f for f in below if not isinstance(f, Rational)))
    made = upper if lower == 1 else Quotient(upper, lower)
    return times(*factors[:place], made, *factors[place + 1 :])


def _flat(term: Basic) -> list[Basic]:
    if isinstance(term, Times):
        return [factor for arg in term.args for factor in _flat(arg)]
    if isinstance(term, Power) and isinstance(term.args[1], Integer) and 0 < term.args[1] <= 4:
        return [term.args[0]] * int(term.args[1])
    return [term]


def arrays_in(term: Basic, kin: Kin) -> bool:
    """Whether a term is an array."""
    try:
        return shape(term, kin.program) is not None
    except IllTyped:
        return False
