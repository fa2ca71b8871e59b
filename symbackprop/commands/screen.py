"""The screen: 80 columns, no markup in what is shown, and a closed pipe is left to the way out."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from rich.console import Console

WIDTH = 80


class Screen(Console):
    """stdout for tables and curves."""

    def __init__(self) -> None:
        super().__init__(width=WIDTH, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def on_broken_pipe(self) -> NoReturn:
        """Rich would leave with 1, which says "refuted" here."""
        raise BrokenPipeError


def colored() -> bool:
    """Whether stdout is a terminal whose owner does not mind colors."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
