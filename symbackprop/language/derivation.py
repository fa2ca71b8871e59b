"""Statements, steps and derivations: data only; what they are worth, the judge says."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Basic, Integer, Symbol
from sympy.core.symbol import Str

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.language.binding import Ranges, free_letters, subterms, text_of
from symbackprop.language.program import L, Program, l, layers_in
from symbackprop.language.shapes import Shape, shape, shape_text
from symbackprop.language.terms import Chain, LayerSum, Partial, Power, Ref, Size


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
        if len(self.sides) < 2:
            raise IllTyped("a statement needs two sides")
        ranges = self.ranges(program)
        _same_letters(self.sides, set(ranges))
        for index in (index for pair in self.unequal for index in pair):
            if not isinstance(index, Integer) and index not in ranges:
                raise IllTyped(f"the condition speaks of {index}, which no side has")
        shapes = {shape(side, program) for side in self.sides if side != 0}
        if len(shapes) > 1:
            raise IllTyped(f"the sides have different shapes: {_list(shapes)}")
        for side in self.sides:
            for node in subterms(side):
                _well_formed(node, program)
            _layers_exist(side, program, self)


def _list(shapes: set[Shape]) -> str:
    return " and ".join(sorted(shape_text(s) for s in shapes))


def _same_letters(sides: tuple[Basic, ...], indices: set[Symbol]) -> None:
    """The sides have the same free indices, or one lacks some: it does not depend on them."""
    sets = [free_letters(side) & indices for side in sides]
    for found in sets[1:]:
        if not (found <= sets[0] or sets[0] <= found):
            letters = ", ".join(sorted(str(letter) for letter in found ^ sets[0]))
            raise IllTyped(f"index {letters} is free on one side, but not on the other")


def _well_formed(node: Basic, program: Program) -> None:
    """Numbers as indices, exponents, and what is differentiated by."""
    if isinstance(node, Power) and not isinstance(node.args[1], Integer):
        raise NoSuchQuantity(f"the exponent {node.args[1]} is not a whole number")
    if isinstance(node, Partial) and not isinstance(node.args[1], Ref):
        raise NoSuchQuantity("what is differentiated by must be a quantity")
    if not isinstance(node, Ref) or not node.indices:
        return
    for index, size in zip(node.indices, program.axes_of(node), strict=False):
        if not isinstance(index, Integer):
            continue
        width = program.width(size)
        if index < 1 or (width is not None and index > width):
            last = width if width is not None else text_of(size)
            raise NoSuchQuantity(
                f"{node.name} has no index {index} there: indices run from 1 to {last}"
            )


def _layers_exist(side: Basic, program: Program, statement: Statement) -> None:
    """Every layer mentioned exists, for every l that the statement speaks about."""
    top: Basic = L if program.depth is None else Integer(program.depth)
    first = Integer(1) if statement.first is None else statement.first
    last = top if statement.last is None else statement.last
    for node in subterms(side):
        if isinstance(node, Chain | LayerSum):
            _ends_exist(node, first, last, top)
        layer = node.layer if isinstance(node, Ref) else node.of if isinstance(node, Size) else None
        if layer is None or isinstance(layer, Str):
            continue
        lowest = program.lowest_layer(node.name) if isinstance(node, Ref) else 0
        name = node.name if isinstance(node, Ref) else "n"
        highest_here = (layer.xreplace({l: last}) - top).xreplace({L: top})
        lowest_here = layer.xreplace({l: first})
        if highest_here.is_Integer and highest_here > 0:
            raise NoSuchQuantity(
                f"there is no {name}^{layer}: the last layer is L; state the range of l, or did "
                "you mean another layer?"
            )
        if lowest_here.is_Integer and lowest_here < lowest:
            raise NoSuchQuantity(
                f"there is no {name}^{lowest_here}: state from which l on this holds"
            )


def _ends_exist(node: Chain | LayerSum, first: Basic, last: Basic, top: Basic) -> None:
    """A sum or product over layers stays between 1 and L; it may be empty, but no less."""
    for at in (first, last):
        lo, hi = (end.xreplace({l: at}).xreplace({L: top}) for end in (node.lo, node.hi))
        above, missing = hi - top, lo - hi - 1
        if (lo.is_Integer and lo < 1) or any(n.is_Integer and n > 0 for n in (above, missing)):
            raise NoSuchQuantity(
                f"there are no layers {lo} to {hi}; state for which l this is meant"
            )


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
                raise NoSuchQuantity(f"step {number + 1} uses a step that comes after it")

    def result(self, name: str) -> Statement:
        """The statement that was given a name: ``derivation.result("BP2")``."""
        return self.steps[self.results[name]].statement

    @cached_property
    def sections(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.section for step in self.steps))


__all__ = ["Derivation", "L", "Statement", "Step", "Symbol", "l", "layers_in"]
