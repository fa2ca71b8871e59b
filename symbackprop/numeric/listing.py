"""Straight-line array code as data: what is printed, compiled and proved is one ``Listing``.

A listing is a list of instructions ``out := op(args)``; every name is assigned once.  What an
operation means is left to a table that ``run`` is given: NumPy floats, exact elements of a field or
SymPy expressions all go through the very same instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Argument = str | Fraction


@dataclass(frozen=True)
class Op:
    """One operation on arrays p, q, r: its mathematics, its Python, the shape of its result.

    Entry by entry operations follow NumPy's broadcasting.
    """

    says: str
    python: str
    shape: Callable[..., Shape] = np.broadcast_shapes
    view: bool = False

    @property
    def entrywise(self) -> bool:
        """Whether each entry of the result depends on the entries in the same place alone."""
        return self.shape is np.broadcast_shapes


def _dot(p: Shape, q: Shape) -> Shape:
    return (*p[:-1], *q[1:])


def _across(p: Shape) -> Shape:
    return (*p[:-1], 1)


def _down(p: Shape) -> Shape:
    return (1, *p[1:])


def _scalar(*_: Shape) -> Shape:
    return ()


OPS: dict[str, Op] = {
    # the same numbers in another arrangement
    "same": Op("p", "p", lambda p: p, view=True),
    "transpose": Op("the transpose of the matrix p", "p.T", lambda p: p[::-1], view=True),
    "column": Op("the vector p as a matrix with one column", "p[:, None]", lambda p: (*p, 1), True),
    "copy": Op("p", "p.copy()", lambda p: p),
    # products
    "dot": Op("Σ_k p_ik q_kj: matrix times matrix or vector", "p @ q", _dot),
    "outer": Op("p_i q_j of two vectors", "np.outer(p, q)", lambda p, q: (*p, *q)),
    # entry by entry
    "add": Op("p + q", "p + q"),
    "subtract": Op("p - q", "p - q"),
    "multiply": Op("p q", "p * q"),
    "divide": Op("p / q", "p / q"),
    "negative": Op("-p", "-p"),
    "reciprocal": Op("1 / p", "1 / p"),
    "exp": Op("e^p", "np.exp(p)"),
    "log": Op("the natural logarithm of p", "np.log(p)"),
    "sqrt": Op("the root of p", "np.sqrt(p)"),
    "tanh": Op("1 - 2 / (1 + e^(2p))", "np.tanh(p)"),
    "erf": Op("2/√π times the integral of e^(-t²) from 0 to p", "erf(p)"),
    "logaddexp": Op("log(e^p + e^q)", "np.logaddexp(p, q)"),
    "absolute": Op("|p|", "np.abs(p)"),
    "maximum": Op("the larger of p and q", "np.maximum(p, q)"),
    "step": Op("1 where p > 0, else 0 (at 0 too)", "np.heaviside(p, 0.0)"),
    "where": Op("q where p is 1, r where p is 0", "np.where(p, q, r)"),
    "capped": Op("p; floats stop at 709, so that e^p is finite", "np.minimum(p, 709)"),
    "nonzero": Op("p; for floats a 0 becomes 2e-308, so that 1/p is finite", "nonzero(p)"),
    # sums and maxima over an axis
    "sum": Op("the sum of all entries of p", "np.sum(p)", _scalar),
    "sum_down": Op("Σ_i p_ij, the axis kept", "np.sum(p, axis=0, keepdims=True)", _down),
    "sum_across": Op("Σ_j p_ij, the axis kept", "np.sum(p, axis=1, keepdims=True)", _across),
    "max_down": Op("max_i p_ij, the axis kept", "np.max(p, axis=0, keepdims=True)", _down),
    "max_across": Op("max_j p_ij, the axis kept", "np.max(p, axis=1, keepdims=True)", _across),
    "add_rows": Op("Σ_i p_ij, the axis dropped", "np.sum(p, axis=0)", lambda p: p[1:]),
    "add_columns": Op("Σ_j p_ij, the axis dropped", "np.sum(p, axis=1)", lambda p: p[:-1]),
    # constants
    "rows": Op("how many rows p has", "p.shape[0]", _scalar),
    "columns": Op("how many columns p has", "p.shape[1]", _scalar),
    "pi": Op("π", "np.pi", _scalar),
}

COUNTS = ("rows", "columns")


@dataclass(frozen=True)
class Instruction:
    """``out := op(args)``; an argument is a name or an exact number.  ``says``: the equation."""

    op: str
    out: str
    args: tuple[Argument, ...] = ()
    says: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that are names."""
        return tuple(arg for arg in self.args if isinstance(arg, str))


@dataclass(frozen=True)
class Listing:
    """Instructions in order, from ``inputs`` to ``outputs``.

    ``inputs``: name → axes, each a width or "m" (the samples); ``outputs``: label → name.
    """

    inputs: Mapping[str, tuple[int | str, ...]]
    instructions: tuple[Instruction, ...]
    outputs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = set(self.inputs)
        for instruction in self.instructions:
            if instruction.op not in OPS:
                raise ValueError(f"there is no operation {instruction.op!r}")
            unknown = [name for name in instruction.names if name not in known]
            if unknown or instruction.out in known:
                raise ValueError(f"{instruction} reads {unknown}, or assigns a name again")
            known.add(instruction.out)
        lost = set(self.outputs.values()) - known
        if lost:
            raise ValueError(f"no instruction gives {sorted(lost)}")

    def shapes(self, samples: int) -> dict[str, Shape]:
        """The shape of every name for a batch of so many samples."""
        found: dict[str, Shape] = {
            name: tuple(samples if axis == "m" else int(axis) for axis in axes)
            for name, axes in self.inputs.items()
        }
        for i in self.instructions:
            given = [found[arg] if isinstance(arg, str) else () for arg in i.args]
            found[i.out] = OPS[i.op].shape(*given)
        return found


def run(
    listing: Listing,
    ops: Mapping[str, Callable[..., Any]],
    inputs: Mapping[str, Any],
    number: Callable[[Fraction], Any] = float,
) -> dict[str, Any]:
    """The outputs, label → value: each instruction in turn, its meaning taken from ``ops``.

    ``number`` turns an exact number of the listing into one of the caller's.
    """
    known = dict(inputs)
    for i in listing.instructions:
        args = (known[arg] if isinstance(arg, str) else number(arg) for arg in i.args)
        known[i.out] = ops[i.op](*args)
    return {label: known[name] for label, name in listing.outputs.items()}


def needed(instructions: Iterable[Instruction], names: Iterable[str]) -> tuple[Instruction, ...]:
    """The instructions that the names depend on, in the same order."""
    wanted, kept = set(names), []
    for instruction in reversed(list(instructions)):
        if instruction.out in wanted:
            wanted.update(instruction.names)
            kept.append(instruction)
    return tuple(reversed(kept))
