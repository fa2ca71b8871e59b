"""Builds a derivation line by line: each line is the same left side and a new right side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import Basic

from symbackprop.derive.rules import RULES, Move, everywhere, first_offer
from symbackprop.language.derivation import Derivation, Statement, Step
from symbackprop.language.program import Program


@dataclass
class Proof:
    """Steps so far, and the line that the next move works on."""

    program: Program
    steps: list[Step] = field(default_factory=list)
    results: dict[str, int] = field(default_factory=dict)
    section: str = ""
    _left: Basic | None = None
    _right: Basic | None = None
    _range: tuple[Basic | None, Basic | None] = (None, None)
    _unequal: tuple[tuple[Basic, Basic], ...] = ()
    _last: int | None = None

    def start(
        self,
        left: Basic,
        *,
        section: str | None = None,
        first: Basic | None = None,
        last: Basic | None = None,
    ) -> Proof:
        """Begin a chain ``left = …``, for ``first <= l <= last``."""
        if section is not None:
            self.section = section
        self._left = self._right = left
        self._range, self._last = (first, last), None
        return self

    def to(self, right: Basic, rule: str, reason: str = "", uses: tuple[int, ...] = ()) -> Proof:
        """``= right``, by a rule."""
        assert self._left is not None
        before = () if self._last is None else (self._last,)
        statement = Statement((self._left, right), (), *self._range)
        said = reason or RULES[rule].says
        step = Step(statement, rule, said, tuple(sorted({*before, *uses})), "", self.section)
        self.steps.append(step)
        self._right, self._last = right, len(self.steps) - 1
        return self

    def by(
        self,
        rule: str,
        reason: str = "",
        *,
        move: Move | None = None,
        all_places: bool = False,
        uses: tuple[int, ...] = (),
    ) -> Proof:
        """Apply the move of a rule to the right side."""
        assert self._right is not None
        chosen = move or RULES[rule].move
        assert chosen is not None
        walk = everywhere if all_places else first_offer
        new = walk(self._right, chosen, self.program)
        if new == self._right:
            raise ValueError(f"rule {rule} offers nothing at {self._right}")
        return self.to(new, rule, reason, uses)

    def call(self, name: str) -> int:
        """Name the line just written; others refer to it."""
        assert self._last is not None
        self.results[name] = self._last
        return self._last

    @property
    def right(self) -> Basic:
        assert self._right is not None
        return self._right

    def done(self, title: str, about: Any) -> Derivation:
        return Derivation(title, self.program, tuple(self.steps), dict(self.results), about)
