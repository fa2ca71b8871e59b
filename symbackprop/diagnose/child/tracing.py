"""Arrays that remember what was computed from them, and where in a person's file.

Every ufunc and every NumPy function that meets a ``Traced`` array leaves a ``Record``: the value,
and the line and columns of the expression.  Loops over plain floats leave none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from types import FrameType
from typing import Any, ClassVar

import numpy as np

MOST = 4_000
DEEPEST = 4
SILENT = {"shape", "ndim", "size", "copyto", "array_repr", "array_str", "allclose", "array_equal"}


@dataclass
class Tape:
    """What was recorded, in order; only lines of ``file`` count."""

    file: str
    records: list[dict[str, Any]] = field(default_factory=list)

    def note(self, value: Any, operation: str) -> None:
        if len(self.records) >= MOST or not _numeric(value):
            return
        stack = list(islice(self._frames(sys._getframe(2)), DEEPEST))
        if stack:
            array = np.array(value, dtype=float, copy=True, subok=False)
            self.records.append({"value": array, "operation": operation, "stack": stack})

    def _frames(self, frame: FrameType | None) -> Iterator[dict[str, Any]]:
        """Places in the person's file, the innermost first."""
        while frame is not None:
            if frame.f_code.co_filename == self.file:
                yield position(frame)
            frame = frame.f_back


def position(frame: FrameType) -> dict[str, Any]:
    """Line and columns (from 0, in bytes) of the instruction that a frame stands at."""
    places = frame.f_code.co_positions()
    line, end_line, column, end = next(islice(places, frame.f_lasti // 2, None))
    if end_line != line:
        end = None
    return {
        "line": line or frame.f_lineno,
        "column": column,
        "end": end,
        "function": frame.f_code.co_name,
    }


def _numeric(value: Any) -> bool:
    if isinstance(value, (float, int)):
        return True
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fbiu"


class Traced(np.ndarray):
    """An ndarray that writes down every result that comes from it."""

    tape: ClassVar[Tape | None] = None

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
    """Arrays, also inside lists, tuples and dictionaries, as traced ones."""
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
