"""Teaching handouts: a proved derivation, told in an order that teaches, in several formats."""

from __future__ import annotations

from symbackprop.handout.blocks import Handout
from symbackprop.handout.contents import PARTS, handout
from symbackprop.handout.material import Asked

__all__ = ["PARTS", "Asked", "Handout", "handout"]
