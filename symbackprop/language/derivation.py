"""Statements, steps and derivations: data only; what they are worth, the judge says."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Basic, Symbol
from sympy.core.symbol import Str

from symbackprop.errors import IllTyped
from symbackprop.language.binding import Ranges, free_letters, subterms
from symbackprop.language.program import L, Program, l, layers_in
from symbackprop.language.shapes import Shape, shape, shape_text
from symbackprop.language.terms import Ref, Size


@dataclass(frozen=True)
class Statement:
    """``A = B = …`` for all values of its free indices and layers.

    ``unequal`` are pairs of indices that must differ (``k ≠ j``); ``first <= l <= last`` bounds the
    layer letter (both inclusive; expressions in L).
    """

    sides: tuple[Basic, ...]
    unequal: tuple[tuple[Basic, Basic], ...] = ()
    first: Basic | None = None
    last: Basic | None = None

    @property
    def left(self) -> Basic:
        return self.sides[0]

    @property
    def right(self) -> Basic:
        return self.sides[-1]

    def ranges(self, program: Program) -> Ranges:
        """The free index letters with their ranges; the same on every side, or ``IllTyped``."""
        merged: Ranges = {}
        for side in self.sides:
            for letter, size in program.ranges(side).items():
                if merged.setdefault(letter, size) != size:
                    raise IllTyped(f"index {letter} runs over two ranges in one equation")
        return merged

    def check(self, program: Program) -> None:
        """Index hygiene and shapes; raises ``IllTyped`` with a sentence."""
        from symbackprop.language.terms import Kron

        ranges = self.ranges(program)
        reference = free_letters(self.left) & set(ranges)
        for side in self.sides[1:]:
            extra = (free_letters(side) & set(ranges)) - reference
            if extra:
                letters = ", ".join(sorted(str(letter) for letter in extra))
                raise IllTyped(f"index {letters} is free on the right, but not on the left")
        shapes = {shape(side, program) for side in self.sides if side != 0}
        if len(shapes) > 1:
            raise IllTyped(f"the sides have different shapes: {_list(shapes)}")
        for side in self.sides:
            for node in subterms(side):
                if isinstance(node, Kron) and not set(node.args) & set(ranges):
                    continue
            _layers_exist(side, program)


def _list(shapes: set[Shape]) -> str:
    return " and ".join(sorted(shape_text(s) for s in shapes))


def _layers_exist(side: Basic, program: Program) -> None:
    for node in subterms(side):
        layer = node.layer if isinstance(node, Ref) else node.of if isinstance(node, Size) else None
        if layer is None or isinstance(layer, Str):
            continue
        over = (layer - L) if program.depth is None else (layer - program.depth)
        if over.is_Integer and over > 0:
            raise IllTyped(f"there is no layer {layer}: the last layer is L; did you mean l + 1?")
        if layer.is_Integer and layer < 0:
            raise IllTyped(f"there is no layer {layer}: layers count from 0 (the input)")


@dataclass(frozen=True)
class Step:
    """A statement, the rule that it stands on, why in words, and the earlier steps that it uses."""

    statement: Statement
    rule: str
    reason: str = ""
    uses: tuple[int, ...] = ()
    tag: str = ""
    section: str = ""


@dataclass(frozen=True)
class Derivation:
    """A program and steps about it; ``results`` names the steps that others build on.

    ``about`` is what was derived from (the Network), carried along for printers and compilers.
    """

    title: str
    program: Program
    steps: tuple[Step, ...]
    results: dict[str, int] = field(default_factory=dict)
    about: Any = None

    def __post_init__(self) -> None:
        for number, step in enumerate(self.steps):
            if any(used >= number for used in step.uses):
                raise IllTyped(f"step {number + 1} uses a step that comes after it")

    def result(self, name: str) -> Statement:
        """The statement that was given a name: ``derivation.result("BP2")``."""
        return self.steps[self.results[name]].statement

    @cached_property
    def sections(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.section for step in self.steps))


__all__ = ["Derivation", "L", "Statement", "Step", "Symbol", "l", "layers_in"]
