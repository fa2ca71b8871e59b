"""Text that knows where each of its characters stands in a file, however it was cut and joined."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Text:
    """Characters with the offsets ``at`` (first) and ``to`` (behind the last) they came from.

    What a macro wrote has the offsets of the whole call.
    """

    chars: str
    at: Sequence[int]
    to: Sequence[int]

    @classmethod
    def of(cls, chars: str, start: int = 0) -> Text:
        """A stretch of a file that begins at the offset ``start``."""
        end = start + len(chars)
        return cls(chars, range(start, end), range(start + 1, end + 1))

    @classmethod
    def from_call(cls, chars: str, start: int, end: int) -> Text:
        """Characters that all stand for the stretch from ``start`` to ``end``."""
        return cls(chars, [start] * len(chars), [end] * len(chars))

    @classmethod
    def joined(cls, parts: Iterable[Text]) -> Text:
        """The parts one behind the other."""
        chars: list[str] = []
        at: list[int] = []
        to: list[int] = []
        for part in parts:
            chars.append(part.chars)
            at.extend(part.at)
            to.extend(part.to)
        return cls("".join(chars), at, to)

    def __len__(self) -> int:
        return len(self.chars)

    def cut(self, start: int, end: int) -> Text:
        """The characters from ``start`` up to ``end``."""
        return Text(self.chars[start:end], self.at[start:end], self.to[start:end])

    def stripped(self) -> Text:
        """Without white space at both ends."""
        start = len(self.chars) - len(self.chars.lstrip())
        return self.cut(start, max(start, len(self.chars.rstrip())))

    def replaced(self, spans: Iterable[tuple[int, int, str]]) -> Text:
        """With each stretch (start, end) replaced; they are in order and do not overlap."""
        parts, last = [], 0
        for start, end, new in spans:
            parts.append(self.cut(last, start))
            if new:
                parts.append(Text.from_call(new, self.at[start], self.to[end - 1]))
            last = end
        if last == 0:
            return self
        return Text.joined([*parts, self.cut(last, len(self))])

    def substituted(self, pattern: re.Pattern[str], new: str) -> Text:
        """With every match of ``pattern`` replaced by ``new``."""
        return self.replaced((*match.span(), new) for match in pattern.finditer(self.chars))

    def between(self, start: int, end: int) -> str:
        """The characters that came from ``start`` up to ``end``; ``at`` must increase."""
        first = bisect.bisect_left(self.at, start)
        return self.chars[first : bisect.bisect_left(self.at, end, first)]


@dataclass(frozen=True)
class Source:
    """A file's text with line ends as ``\\n``; offsets become lines and columns, from 1."""

    path: str
    chars: str

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The offset at which each line begins."""
        return (0, *(match.end() for match in re.finditer("\n", self.chars)))

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column; a column is a character."""
        line = bisect.bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line_start(self, offset: int) -> int:
        """The offset at which the line of ``offset`` begins."""
        return self.starts[bisect.bisect_right(self.starts, offset) - 1]


@dataclass(frozen=True)
class Places:
    """Where the characters of a formula stand in its file."""

    source: Source
    at: Sequence[int]
    to: Sequence[int]

    def __call__(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at ``offset``; behind the last one: the end."""
        if not self.at:
            return (1, 1)
        if offset >= len(self.at):
            return self.source.place(self.to[-1])
        return self.source.place(self.at[max(offset, 0)])
