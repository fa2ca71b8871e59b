"""What a document means: its program, its letters, the rows that define."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from symbackprop.errors import IllTyped
from symbackprop.language.program import Definition, Program
from symbackprop.review.defining import Found
from symbackprop.review.meaning import Reader
from symbackprop.review.sizes import Sizes
from symbackprop.review.vocabulary import Vocabulary


@dataclass(frozen=True)
class Pinned:
    """What the front matter or the command line says: names of table rows, or nothing."""

    activation: str | Sequence[str] | None = None
    cost: str | None = None


@dataclass
class Meaning:
    """A document's program, its letters, the rows that define, and what was assumed."""

    letters: Vocabulary
    program: Program
    defining: dict[int, Found] = field(default_factory=dict)
    functions: dict[int, str] = field(default_factory=dict)
    stating: set[int] = field(default_factory=set)  # rows that say a fact, or rename a letter
    assumed: list[str] = field(default_factory=list)
    faults: dict[int, Exception] = field(default_factory=dict)
    hidden_definitions: list[Definition] = field(default_factory=list)
    targets: frozenset[str] = frozenset()  # letters that stand alone on the left of some line

    def reader(self) -> Reader:
        return Reader(self.letters, self.program)

    def fits(self, definition: Definition) -> bool:
        """Whether a definition fits together; if not, it defines nothing, and its line says why."""
        try:
            Program(self.letters.declarations(), (definition,))
        except IllTyped as fault:
            for number, found in list(self.defining.items()):
                if found.definition.target.name == definition.target.name:
                    self.faults[number] = fault
                    del self.defining[number]
            return False
        return True

    def stated(self) -> list[Definition]:
        """The definitions that the document itself gives."""
        return [found.definition for found in self.defining.values()] + self.hidden_definitions

    @cached_property
    def sizes(self) -> Sizes:
        return Sizes(self.letters)
