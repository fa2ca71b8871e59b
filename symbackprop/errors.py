"""What unreadable input raises: one sentence with a place, what was expected and what to do.

A wrong derivation is a verdict and never an exception; these are for input that cannot be read.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SymbackpropError(Exception):
    """Base of everything that we raise on purpose; the command line prints it and exits with 2."""


class InputError(SymbackpropError):
    """``FILE:LINE:COL: what; what was expected; what to do``; all but ``what`` is optional."""

    def __init__(
        self,
        what: str,
        *,
        expected: str = "",
        todo: str = "",
        file: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.what, self.expected, self.todo = what, expected, todo
        self.file, self.line, self.column = file, line, column
        super().__init__(what)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        says = "; ".join(part for part in (self.what, self.expected, self.todo) if part)
        return f"{place}: {says}" if place else says


class LimitError(InputError):
    """The input is well formed, but larger than a limit; the message says what would work."""


class OutputError(InputError):
    """The result could not be written; what stood there before is untouched."""


class IllTyped(SymbackpropError):  # noqa: N818  (a verdict's name, not a fault of the program)
    """A statement breaks index hygiene or shape typing; the sentence says where and why."""


class NoSuchQuantity(IllTyped):
    """A layer, an index or a power that does not exist: there is nothing to evaluate."""


def nearest(word: str, known: Iterable[str]) -> str:
    """``"did you mean 'sigmoid'? known: identity, sigmoid, …"`` for an unknown name."""
    names = sorted(known)
    close = difflib.get_close_matches(word.lower(), names, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(repr(name) for name in close)}? " if close else ""
    return f"{hint}known: {', '.join(names)}"
