"""Listing ──▶ plain Python numbers for a tiny network: ``sympy.lambdify`` of staged definitions.

For a handful of parameters the overhead of one array operation is larger than all the arithmetic.
The listing is run on arrays of SymPy symbols, with a fresh symbol of ours for every entry of a
named result: z, a and δ appear once, under their names, and no expression swells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from sympy.printing.pycode import pycode

from symbackprop.numeric.boundary import Array, Arrays, Buffers, Fill
from symbackprop.numeric.functions import NUMPY
from symbackprop.numeric.listing import OPS, Listing

Definition = tuple[sp.Symbol, sp.Expr]

TINY = sp.Float(float(np.finfo(float).tiny))


def _largest(values: Any) -> Any:
    return np.array([reduce(sp.Max, values)], dtype=object)


def _each(function: Callable[..., Any], arguments: int = 1) -> Callable[..., Any]:
    """A function of SymPy expressions, entry by entry."""
    each: Callable[..., Any] = np.frompyfunc(
        lambda *args: function(*map(sp.sympify, args)), arguments, 1
    )
    return each


def _case(condition: Any, yes: Any, no: Any) -> sp.Expr:
    return sp.Piecewise((yes, condition), (no, True))


# what differs from NumPy when the entries are SymPy expressions
SYMBOLIC: dict[str, Callable[..., Any]] = NUMPY | {
    "outer": np.multiply.outer,
    "exp": _each(sp.exp),
    "log": _each(sp.log),
    "sqrt": _each(sp.sqrt),
    "tanh": _each(sp.tanh),
    "erf": _each(sp.erf),
    "absolute": _each(sp.Abs),
    "maximum": _each(sp.Max, 2),
    "logaddexp": _each(lambda p, q: sp.Max(p, q) + sp.log(1 + sp.exp(-sp.Abs(p - q))), 2),
    "step": _each(lambda p: _case(p > 0, 1, 0)),
    "where": _each(lambda p, q, r: _case(sp.Ne(p, 0), q, r), 3),
    "capped": lambda p: p,
    "nonzero": _each(lambda p: _case(sp.Eq(p, 0), TINY, p)),
    "max_down": _largest,
    "pi": lambda: sp.pi,
}


@dataclass(frozen=True)
class Staged:
    """``definitions`` in order, then ``results``: label → its entries in terms of those."""

    inputs: dict[str, Any]
    definitions: tuple[Definition, ...]
    results: dict[str, Any]

    def function(self) -> Callable[..., list[float]]:
        """``f(x, y, W, b, lam)`` on lists of Python floats, with the functions of ``math``.

        It gives all of dW1, dW2, …, then all of db1, db2, …, row by row.
        """
        x, y, *_ = self.inputs.values()
        letters = [_tuples(x), _tuples(y), self._family("W"), self._family("b"), sp.Symbol("lam")]
        labels = sorted(self.results, key=lambda name: (name[:2] == "db", len(name), name))
        results = [entry for label in labels for entry in np.ravel(self.results[label])]
        stages = list(self.definitions)
        lambdified: Callable[..., list[float]] = sp.lambdify(
            letters, results, modules="math", cse=lambda expressions: (stages, expressions)
        )
        return lambdified

    def _family(self, letter: str) -> tuple[Any, ...]:
        return tuple(_tuples(block) for name, block in self.inputs.items() if name[0] == letter)


def staged(listing: Listing) -> Staged:
    """The listing entry by entry, for one sample."""
    inputs = {name: _letters(name, listing.shapes(1)[name]) for name in listing.inputs}
    known: dict[str, Any] = dict(inputs)
    definitions: list[Definition] = []
    uses = Counter(name for i in listing.instructions for name in i.names)
    for i in listing.instructions:
        args = [
            known[a] if isinstance(a, str) else sp.Rational(a.numerator, a.denominator)
            for a in i.args
        ]
        value = SYMBOLIC[i.op](*args)
        if i.says or (uses[i.out] > 1 and not OPS[i.op].view):
            named = _letters(i.out, np.shape(value))
            definitions += zip(np.ravel(named), map(sp.sympify, np.ravel(value)), strict=True)
            value = named
        known[i.out] = value
    results = {label: known[name] for label, name in listing.outputs.items()}
    return Staged(inputs, tuple(definitions), results)


def scalar_function(listing: Listing) -> Fill:
    """The listing of one sample with Python numbers.

    It answers False where it is not at home: ``math`` overflows, or the arguments are not arrays of
    the right shapes (to unpack them is to look at their shapes).
    """
    stages = staged(listing)
    function, penalty = stages.function(), "lam" in stages.inputs

    def gradients(x: Array, y: Array, W: Arrays, b: Arrays, lam: float, out: Buffers) -> bool:
        if lam and not penalty:
            return False
        try:
            weights, biases = [array.tolist() for array in W], [array.tolist() for array in b]
            out.flat[:] = function(x.tolist(), y.tolist(), weights, biases, lam)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            return False
        return True

    return gradients


def scalar_source(stages: Staged) -> str:
    """One assignment for each entry of z, a, δ and the gradients."""
    lines = [
        f"{name} = {pycode(value, fully_qualified_modules=False)}"
        for name, value in stages.definitions
    ]
    return "\n".join(lines) + "\n"


def _tuples(block: Any) -> Any:
    """Nested tuples, as ``lambdify`` wants its nested arguments."""
    return tuple(map(_tuples, block)) if np.ndim(block) else block


def _letters(name: str, shape: tuple[int, ...]) -> Any:
    """``z1_2`` and ``W1_2_3`` for the entries of an array: names of ours, never a user's."""
    if not shape:
        return sp.Symbol(name)
    block = np.empty(shape, dtype=object)
    for at in np.ndindex(*shape):
        block[at] = sp.Symbol("_".join([name, *(str(n + 1) for n in at)]), real=True)
    return block
