"""What the grammar raises, and the limits it keeps."""

from __future__ import annotations

from symbackprop.errors import LimitError, SymbackpropError

MAX_CHARACTERS = 20_000
MAX_NESTING = 60  # whoever walks the tree takes a few frames of the stack for each level
MAX_SUMS = 60  # in one row; each reaches to its end
MAX_IN_SCRIPT = 60  # indices and signs
MAX_DIGITS = 30
MAX_EXPONENT = 64


class Unreadable(SymbackpropError):  # noqa: N818  (the sentence says it, as IllTyped does)
    """``what`` is wrong at ``offset`` (from 0) of a row; what was ``expected`` and ``found``."""

    def __init__(self, offset: int, what: str, expected: str = "", found: str = "") -> None:
        self.offset, self.what, self.expected, self.found = offset, what, expected, found
        super().__init__(what)

    def __str__(self) -> str:
        parts = [self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.found:
            parts.append(f"found {self.found}")
        return f"column {self.offset + 1}: {'; '.join(parts)}"


def over_limit(offset: int, what: str, todo: str) -> LimitError:
    """The error for a row that is well formed but too large, with its column."""
    return LimitError(what, todo=todo, column=offset + 1)
