"""A second road to the gradients: SymPy writes C out in full, differentiates it, and compares.

Nothing here knows the rules that derive or the judge that proves.  For a small network the cost is
one plain SymPy expression of all weights, biases, inputs and targets; ``sympy.diff`` gives each
partial derivative of it, and the equations of backpropagation, written out with plain SymPy too,
must give the same function.  "The same" is decided in a polynomial ring (see ``fractions``), since
``simplify`` and ``equals`` need minutes here, or never end.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp
from sympy import Expr, Symbol

from symbackprop.errors import InputError
from symbackprop.networks.network import Network
from symbackprop.oracle.fractions import Fractions, OutOfLettersError
from symbackprop.oracle.written import (
    AnyCost,
    AnySlope,
    Written,
    backpropagated,
    refuse_large,
    written_out,
)

__all__ = [
    "OracleReport",
    "Written",
    "backpropagated",
    "check",
    "compare_with",
    "refuse_large",
    "target_fact",
    "written_out",
]

DIGITS = 40
CERTAIN = sp.Rational(1, 10**25)
TRIES = 40  # a ReLU network is often flat


@dataclass(frozen=True)
class OracleReport:
    """For each parameter, whether the two roads give the same function; ``seconds`` of CPU time.

    ``different`` was seen at a point, with digits to spare; ``undecided`` is neither.
    """

    equal: tuple[str, ...]
    different: tuple[str, ...]
    undecided: tuple[str, ...]
    seconds: float = field(default=0.0, compare=False)

    @property
    def total(self) -> int:
        """How many parameters were compared."""
        return len(self.equal) + len(self.different) + len(self.undecided)


def check(network: Network) -> OracleReport:
    """``sympy.diff`` of C written out against the equations of backpropagation, written out too."""
    start = time.process_time()
    written = written_out(network)
    return _compare(written, backpropagated(written), start)


def compare_with(network: Network, gradients: Mapping[str, Expr]) -> OracleReport:
    """``sympy.diff`` of C written out against given gradients, in the letters of ``Written``.

    A cost whose short form rests on Σ y = 1 is compared for such targets.
    """
    start = time.process_time()
    written = written_out(network)
    strange = [name for name in gradients if name not in written.parameters]
    if strange:
        raise InputError(f"the network has no parameter {strange[0]!r}")
    return _compare(written, gradients, start, target_fact(written))


def target_fact(written: Written) -> dict[Symbol, Expr]:
    """Where the cost declares that a target sums to 1: its last entry by the others."""
    if not written.network.cost_row.sums_to_one:
        return {}
    return {sample[-1]: 1 - sp.Add(*sample[:-1]) for sample in written.y}


def _compare(
    written: Written,
    gradients: Mapping[str, Expr],
    start: float,
    fact: Mapping[Symbol, Expr] | None = None,
) -> OracleReport:
    fact = fact or {}
    roads = [Fractions(written, short=True), Fractions(written, short=False)]
    found: dict[str, list[str]] = {"equal": [], "different": [], "undecided": []}
    for name, gradient in gradients.items():
        derivative = sp.diff(written.objective, written.parameters[name])
        answer = _answer(roads, derivative.xreplace(fact), gradient.xreplace(fact))
        found[answer].append(name)
    equal, different, undecided = (tuple(names) for names in found.values())
    return OracleReport(equal, different, undecided, time.process_time() - start)


def _answer(roads: list[Fractions], one: Expr, other: Expr) -> str:
    """The short road first, then a point that tells them apart, then all written out."""
    short, long = roads
    if _same(short, one, other):
        return "equal"
    if _differ_somewhere(one, other):
        return "different"
    return "equal" if _same(long, one, other) else "undecided"


def _same(fractions: Fractions, one: Expr, other: Expr) -> bool:
    try:
        return fractions.same(one, other)
    except OutOfLettersError:
        return False


def _differ_somewhere(one: Expr, other: Expr) -> bool:
    """Whether some rational point tells the two apart, far beyond the rounding of ``DIGITS``.

    An unspecified function is no number there: what holds them is never called different.
    """
    difference = one - other
    if difference.has(AnySlope, AnyCost):
        return False
    letters: list[Symbol] = sorted(difference.free_symbols, key=str)
    draw = random.Random(1)
    for _ in range(TRIES):
        point = {letter: sp.Rational(draw.randint(-40, 40) or 1, 32) for letter in letters}
        value = difference.evalf(DIGITS, subs=point)
        if value.is_Number and value.is_finite and abs(value) > CERTAIN:
            return True
    return False
