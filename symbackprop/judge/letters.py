"""How many index letters a monomial of a term can use: the width that a proof must be tried at."""

from __future__ import annotations

from sympy import Basic

from symbackprop.language.program import Program
from symbackprop.language.terms import (
    Act,
    Hadamard,
    Kron,
    MatMul,
    Opaque,
    Partial,
    Plus,
    Power,
    Quotient,
    Ref,
    Sum,
    Times,
    Vec,
)

PER_LAYER = 1  # a tangent that passes a layer takes one more letter
LAYERS = 3  # an instance has at most this many layers between a quantity and C


def count(term: Basic, program: Program) -> int:
    """An upper bound, taken over all ranges together."""
    if isinstance(term, Ref):
        return len(term.indices) or len(program.axes_of(term)) if term.name != "pi" else 0
    if isinstance(term, Partial):
        # letters of v, then those of C: one per sum of its definition, one per layer passed
        return count(term.by, program) + count(term.of, program) + PER_LAYER * LAYERS
    if isinstance(term, Times | MatMul | Hadamard | Quotient):
        return sum(count(arg, program) for arg in term.args)
    if isinstance(term, Plus):
        return max(count(arg, program) for arg in term.args)
    if isinstance(term, Power):
        return int(term.args[1]) * count(term.args[0], program)  # type: ignore[call-overload]
    if isinstance(term, Sum | Vec):
        return 1 + count(term.body, program)
    if isinstance(term, Kron):
        return 2
    if isinstance(term, Act):
        return count(term.arg, program)
    if isinstance(term, Opaque):
        return len(term.outputs) + sum(count(vector, program) for vector in term.vectors)
    return max((count(arg, program) for arg in term.args if isinstance(arg, Basic)), default=0)
