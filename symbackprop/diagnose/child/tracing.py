"""Arrays that remember what was computed from them, and where in a person's file.

Every ufunc and every NumPy function that meets a ``Traced`` array leaves a ``Record``: the value,
and the line and columns of the expression.  So do single numbers that are taken out of such arrays;
plain floats leave none.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType
from typing import Any, ClassVar, NamedTuple

import numpy as np

MOST = 4_000
MOST_NUMBERS = 60_000
DEEPEST = 4
SILENT = {"shape", "ndim", "size", "copyto", "array_repr", "array_str", "allclose", "array_equal"}
Stack = tuple["Step", ...]


class Step(NamedTuple):
    """A place in a person's file: columns from 0, in bytes."""

    line: int
    column: int | None
    end: int | None
    function: str


@dataclass
class Tape:
    """What was recorded, in order; only lines of ``file`` count.

    Numbers that one expression gives again and again are one record: a vector, in their order, so
    that a loop over units leaves what an array operation would.
    """

    file: str
    kept: list[tuple[Any, str, Stack]] = field(default_factory=list)
    numbers: dict[tuple[str, Stack], list[float]] = field(default_factory=dict)
    counted: int = 0

    def note(self, value: Any, operation: str) -> None:
        if len(self.kept) >= MOST or not _numeric(value):
            return
        stack = tuple(islice(self._frames(sys._getframe(2)), DEEPEST))
        if not stack:
            return
        if np.ndim(value):
            array = np.array(value, dtype=float, copy=True, subok=False)
            self.kept.append((array, operation, stack))
        elif self.counted < MOST_NUMBERS:
            self._count(float(value), operation, stack)

    def _count(self, value: float, operation: str, stack: Stack) -> None:
        self.counted += 1
        key = (operation, stack)
        if key not in self.numbers:
            self.numbers[key] = []
            self.kept.append((self.numbers[key], operation, stack))
        self.numbers[key].append(value)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [
            {
                "value": _whole(value),
                "operation": operation,
                "stack": [step._asdict() for step in stack],
            }
            for value, operation, stack in self.kept
        ]

    def _frames(self, frame: FrameType | None) -> Iterator[Step]:
        """Places in the person's file, the innermost first."""
        while frame is not None:
            if frame.f_code.co_filename == self.file:
                yield position(frame.f_code, frame.f_lasti, frame.f_lineno)
            frame = frame.f_back


def _whole(value: Any) -> Any:
    """A single number as an array without axes, several as a vector."""
    if isinstance(value, list):
        return np.array(value[0] if len(value) == 1 else value, dtype=float)
    return value


@lru_cache(maxsize=4_096)
def position(code: CodeType, instruction: int, usual: int) -> Step:
    """Line and columns of the instruction that a frame stands at."""
    line, end_line, column, end = next(islice(code.co_positions(), instruction // 2, None))
    return Step(line or usual, column, end if end_line == line else None, code.co_name)


def _numeric(value: Any) -> bool:
    if isinstance(value, (float, int)):
        return True
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fbiu"


class Traced(np.ndarray):
    """An ndarray that writes down every result that comes from it."""

    tape: ClassVar[Tape | None] = None

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return traced(np.asarray(found)) if isinstance(found, np.floating) else found

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if "out" in options:
            options["out"] = tuple(plain(out) for out in options["out"])
        result = getattr(ufunc, method)(*(plain(value) for value in inputs), **options)
        if Traced.tape is not None and result is not None:
            Traced.tape.note(result, ufunc.__name__)
        return traced(result)

    def __array_function__(self, function: Any, types: Any, given: Any, options: Any) -> Any:
        name = getattr(function, "__name__", "")
        result = function(*_all_plain(given), **_all_plain(options))
        if Traced.tape is not None and name not in SILENT:
            Traced.tape.note(result, name)
        return traced(result)


for _sign in (operator.add, operator.sub, operator.mul, operator.truediv):

    def _in_place(self: Traced, other: Any, _sign: Any = _sign) -> Any:
        """A number does not change where it stands: ``t += x`` leaves its other names alone."""
        if not self.ndim:
            return _sign(self, other)
        return getattr(np.ndarray, f"__i{_sign.__name__}__")(self, other)

    setattr(Traced, f"__i{_sign.__name__}__", _in_place)


for _name in ("sum", "mean", "dot", "clip", "max", "min"):

    def _method(self: Traced, *given: Any, _name: str = _name, **options: Any) -> Any:
        result = getattr(plain(self), _name)(*_all_plain(given), **_all_plain(options))
        if Traced.tape is not None:
            Traced.tape.note(result, _name)
        return traced(result)

    setattr(Traced, _name, _method)


def plain(value: Any) -> Any:
    """The ordinary array behind a traced one: the same memory."""
    return value.view(np.ndarray) if isinstance(value, Traced) else value


def _all_plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(map(_all_plain, value)) if type(value) in (list, tuple) else value
    if isinstance(value, dict):
        return {key: _all_plain(item) for key, item in value.items()}
    return plain(value)


def traced(value: Any) -> Any:
    """Arrays, also inside lists, tuples and dictionaries, as traced ones; and NumPy's numbers."""
    if isinstance(value, np.floating):
        return np.asarray(value).view(Traced)
    if type(value) is np.ndarray:
        return value.view(Traced)
    if type(value) in (list, tuple):
        return type(value)(map(traced, value))
    if type(value) is dict:
        return {key: traced(item) for key, item in value.items()}
    return value


@contextmanager
def recording(file: str) -> Any:
    """Everything that is computed from traced arrays in here goes on the tape that is yielded."""
    before, Traced.tape = Traced.tape, Tape(file)
    try:
        yield Traced.tape
    finally:
        Traced.tape = before
