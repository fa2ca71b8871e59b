"""Which classic mistake a wrong statement holds, and the smallest change that makes it true.

Every change of the table is tried at every place of the right side, then of the left one; alone,
then two together.  Nothing is shown that has not been proved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sympy import Basic

from symbackprop.errors import SymbackpropError
from symbackprop.judge.sieve import Sieve
from symbackprop.language.binding import same, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.language.terms import Partial, Ref
from symbackprop.review.edits import edits_of
from symbackprop.review.edits.context import Edit
from symbackprop.review.kin import Kin
from symbackprop.review.mistakes import MISTAKES
from symbackprop.review.statements import bounds, larger, smaller

Holds = Callable[[Statement], bool]
MOST_PAIRS = 4000
LIKELY = 2  # the rank below which a mistake is named without a repair to show
SEED = 1  # of the sieve, which proves nothing


@dataclass(frozen=True)
class Repair:
    """``statement`` is true; ``mistakes`` were made in the side ``side`` of the one given.

    None where the right statement would say nothing, ``σ'(z) = σ'(z)``.
    """

    statement: Statement | None
    mistakes: tuple[str, ...]
    side: int


def repair(
    statement: Statement, program: Program, *, holds: Holds, limit: float = 2.0
) -> Repair | None:
    """The repair of lowest rank, single ones first; None within the time limit."""
    until = time.monotonic() + limit
    sieve = Sieve(program, SEED)
    search = _Search(statement, Kin(program), holds, sieve, until, set())
    return search.single() or search.pair()


@dataclass
class _Search:
    statement: Statement
    kin: Kin
    holds: Holds
    sieve: Sieve
    until: float
    seen: set[tuple[Basic, ...]]

    def single(self) -> Repair | None:
        empty: Repair | None = None
        for side in self._sides():
            found = sorted(self._edits(self.statement, side), key=lambda edit: edit.rank)
            for edit in found:
                if self._late():
                    return None
                if (
                    empty is None
                    and edit.rank < LIKELY
                    and same(*self._sides_with(side, edit.term))
                ):
                    empty = Repair(None, (edit.mistake,), side)
                made = self._with(side, edit.term)
                if made is not None and self.sieve.passes(made) and self.holds(made):
                    return Repair(made, (edit.mistake,), side)
        return empty

    def pair(self) -> Repair | None:
        for side in self._sides()[:1]:
            firsts = sorted(self._edits(self.statement, side), key=lambda edit: edit.rank)
            seconds: list[tuple[int, Edit, Edit]] = []
            for first in firsts:
                if self._late() or len(seconds) > MOST_PAIRS:
                    break
                changed = replace(self.statement, sides=self._sides_with(side, first.term))
                seconds.extend(
                    (first.rank + second.rank, first, second)
                    for second in self._edits(changed, side)
                    if second.mistake != first.mistake or first.rank < 3
                )
            seconds.sort(key=lambda pair: pair[0])
            for _, first, second in seconds:
                if self._late():
                    return None
                made = self._with(side, second.term)
                if made is not None and self.sieve.passes(made) and self.holds(made):
                    both = sorted((first.mistake, second.mistake), key=lambda m: MISTAKES[m].rank)
                    return Repair(made, tuple(dict.fromkeys(both)), side)
        return None

    def _begs(self, sides: tuple[Basic, ...], side: int) -> bool:
        """Whether the changed side holds the other one, which would say nothing."""
        other = sides[0 if side else 1]
        if isinstance(other, Ref) and isinstance(self._meaning(other), Partial):
            other = self._meaning(other)  # δ is ∂C/∂z
        if not isinstance(other, Ref | Partial):
            return False
        return any(node == other for node in subterms(sides[side])) and not any(
            node == other for node in subterms(self.statement.sides[side])
        )

    def _meaning(self, ref: Ref) -> Basic:
        definition = self.kin.definitions.get(ref.name)
        if definition is None or not isinstance(definition.value, Partial):
            return ref
        by = definition.value.by
        return Partial(definition.value.of, Ref(by.args[0], ref.args[1], *ref.indices))

    def _range(self, sides: tuple[Basic, ...]) -> tuple[Basic | None, Basic | None]:
        """The layers for which the changed statement is about something."""
        first, last = bounds(sides, self.kin.program)
        was = self.statement
        if first is None or was.first is None or was.last is None or last is None:
            return first, last
        return larger(first, was.first), smaller(last, was.last)

    def _late(self) -> bool:
        return time.monotonic() > self.until

    def _sides(self) -> list[int]:
        return [*range(1, len(self.statement.sides)), 0]

    def _edits(self, statement: Statement, side: int) -> Iterator[Edit]:
        other = statement.sides[0 if side else 1]
        yield from edits_of(statement.sides[side], other, self.kin)

    def _sides_with(self, side: int, term: Basic) -> tuple[Basic, ...]:
        sides = self.statement.sides
        return (*sides[:side], term, *sides[side + 1 :])

    def _with(self, side: int, term: Basic) -> Statement | None:
        """The statement with another side, if it is new, fits together, and says something."""
        sides = self._sides_with(side, self.kin.sized(term))
        if sides in self.seen or same(*sides[:2]) or self._begs(sides, side):
            return None
        self.seen.add(sides)
        try:
            first, last = self._range(sides)
            made = replace(self.statement, sides=sides, first=first, last=last)
            made.check(self.kin.program)
        except SymbackpropError:
            return None
        return made
