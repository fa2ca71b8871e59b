"""How many index letters a monomial of a term can use in each range: the widths a proof needs."""

from __future__ import annotations

from collections import Counter

from sympy import Basic

from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program, l
from symbackprop.language.shapes import shape
from symbackprop.language.terms import (
    SAMPLES,
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
    Size,
    Sum,
    Times,
    Vec,
)

EVERYWHERE = Size(0)  # stands for: one more letter in every range


def needed(statement: Statement, program: Program) -> tuple[int, int]:
    """Widths and batch sizes must be above these (docs/theorem.md, condition on the widths).

    A range n_{l+c} and a range n_{L-d} may be the same one in a shallow network: their letters add.
    """
    neurons = samples = 0
    for side in statement.sides:
        counts = count(side, program)
        everywhere = counts.pop(EVERYWHERE, 0)
        in_batch = counts.pop(Size(SAMPLES), 0)
        near = max((n for size, n in counts.items() if size.of.has(l)), default=0)
        top = max((n for size, n in counts.items() if not size.of.has(l)), default=0)
        neurons = max(neurons, near + top + everywhere)
        samples = max(samples, in_batch + everywhere)
    return neurons, samples


def count(term: Basic, program: Program) -> Counter[Size]:
    """Letters by range; sums take the larger of their terms, products add."""
    if isinstance(term, Ref):
        return Counter() if term.name == "pi" else Counter(program.axes_of(term))
    if isinstance(term, Partial):
        # the letters of v, those of E, and one that the tangent takes in each layer it passes
        return count(term.by, program) + count(term.of, program) + Counter({EVERYWHERE: 1})
    if isinstance(term, MatMul):
        inner = Counter[Size]()
        for arg in term.args:
            found = shape(arg, program)
            inner.update([found[1]] if found and isinstance(found[1], Size) else [])
        return _total(term.args, program) + inner
    if isinstance(term, Times | Hadamard | Quotient | Opaque):
        return _total(term.args, program)
    if isinstance(term, Plus):
        return _largest([count(arg, program) for arg in term.args])
    if isinstance(term, Power):
        once = count(term.args[0], program)
        return Counter({size: abs(int(term.args[1])) * n for size, n in once.items()})
    if isinstance(term, Sum | Vec):
        return count(term.body, program) + Counter({term.size: 1})
    if isinstance(term, Kron):
        return Counter({EVERYWHERE: 1})
    if isinstance(term, Act):
        return count(term.arg, program)
    return _total(term.args, program)


def _total(args: tuple[Basic, ...], program: Program) -> Counter[Size]:
    total = Counter[Size]()
    for arg in args:
        if isinstance(arg, Basic) and arg.args:
            total += count(arg, program)
    return total


def _largest(counts: list[Counter[Size]]) -> Counter[Size]:
    largest = Counter[Size]()
    for one in counts:
        largest |= one
    return largest
