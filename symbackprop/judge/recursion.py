"""Room for deep networks: a definition is followed through all layers below it."""

from __future__ import annotations

import sys

FRAMES = 80  # what one layer takes at most


def room_for(depth: int) -> None:
    """Allow the recursion that a network of so many layers needs."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 1000 + FRAMES * depth))
