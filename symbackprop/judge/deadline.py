"""A limit on the seconds that a judgement may take, looked at between the steps of evaluation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_until: ContextVar[float | None] = ContextVar("until", default=None)


class TimeUp(Exception):  # noqa: N818
    """The time is over; what was found so far proves nothing."""


@contextmanager
def seconds(limit: float | None) -> Iterator[None]:
    """At most so many seconds inside; None: as long as it takes, or as an outer limit says."""
    outer = _until.get()
    own = None if limit is None else time.monotonic() + limit
    known = [moment for moment in (outer, own) if moment is not None]
    token = _until.set(min(known, default=None))
    try:
        yield
    finally:
        _until.reset(token)


def check_time() -> None:
    """Raise ``TimeUp`` if the time is over."""
    until = _until.get()
    if until is not None and time.monotonic() > until:
        raise TimeUp
