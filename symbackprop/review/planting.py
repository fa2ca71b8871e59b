"""Mistakes put into true statements: for tests of the judge, and for exercises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbackprop.language.binding import same
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.review.edits import edits_of
from symbackprop.review.kin import Kin
from symbackprop.review.statements import bounds

# an edit of the table undoes a mistake; done to a true statement it makes another one
MADE_BY = {
    "slope-dropped": "extra-slope", "extra-slope": "slope-dropped",
    "factor-dropped": "extra-factor", "extra-factor": "factor-dropped",
    "sum-dropped": "extra-sum", "extra-sum": "sum-dropped",
    "derivative-dropped": "extra-derivative", "extra-derivative": "derivative-dropped",
    "weighted-input-for-activation": "activation-for-weighted-input",
    "activation-for-weighted-input": "weighted-input-for-activation",
    "power-dropped": "extra-power", "extra-power": "power-dropped",
    "missing-1/m": "1/m-twice", "1/m-twice": "missing-1/m",
    "missing-1/n_L": "1/n_L-twice", "1/n_L-twice": "missing-1/n_L",
    "hadamard-for-matmul": "matmul-for-hadamard", "matmul-for-hadamard": "hadamard-for-matmul",
    "tanh-slope-as-sigmoid": "sigmoid-slope-as-tanh",
    "sigmoid-slope-as-tanh": "tanh-slope-as-sigmoid",
    "penalty-on-bias": "penalty-dropped", "penalty-dropped": "penalty-on-bias",
}  # fmt: skip
SAME = {
    "transposed-weight", "transposed-outer-product", "slope-of-wrong-layer",
    "activation-of-wrong-layer", "error-of-wrong-layer", "weight-of-wrong-layer", "index-swapped",
    "target-and-output-swapped", "sign", "factor-2", "penalty-factor", "factors-in-wrong-order",
    "chain-upside-down",
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A statement with one mistake in its right side; maybe true by accident."""

    mistake: str
    statement: Statement


def plant(statement: Statement, program: Program) -> Iterator[Planted]:
    """Every mistake of the table that has a place on the right side of a true statement."""
    kin = Kin(program)
    left, right = statement.left, statement.right
    seen = {right}
    for edit in edits_of(right, left, kin):
        mistake = MADE_BY.get(edit.mistake) or (edit.mistake if edit.mistake in SAME else None)
        if mistake is None or edit.term in seen or same(edit.term, right):
            continue
        seen.add(edit.term)
        first, last = bounds((left, edit.term), program)
        if first is not None and statement.first is None:
            first = last = None
        yield Planted(mistake, replace(statement, sides=(left, edit.term), first=first, last=last))
