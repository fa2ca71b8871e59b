"""Two curves as characters: ● where both run, ○ and × where they part."""

from __future__ import annotations

from collections.abc import Sequence

BOTH, FIRST, SECOND = "●", "○", "×"


def chart(first: Sequence[float], second: Sequence[float], width: int, height: int) -> list[str]:
    """Lines of a chart; left the values of the top and the bottom row, below it the epochs."""
    columns = min(width, len(first))
    picks = [round(c * (len(first) - 1) / max(1, columns - 1)) for c in range(columns)]
    shown = [curve[p] for curve in (first, second) for p in picks]
    low, high = min(shown), max(shown)
    span = (high - low) or 1.0

    def row_of(value: float) -> int:
        return height - 1 - round((value - low) / span * (height - 1))

    pairs = [(row_of(first[p]), row_of(second[p])) for p in picks]
    labels = {0: f"{high:.4g}", height - 1: f"{low:.4g}"}
    gap = width // columns
    lines = [
        f"{labels.get(row, ''):>9} ┤" + "".join(_mark(row, *pair).ljust(gap) for pair in pairs)
        for row in range(height)
    ]
    scale = "1".ljust(max(1, gap * columns - len(str(len(first))))) + str(len(first))
    return [line.rstrip() for line in [*lines, f"{'epoch':>9}  {scale}"]]


def _mark(row: int, first: int, second: int) -> str:
    if first == second == row:
        return BOTH
    return FIRST if first == row else SECOND if second == row else " "
