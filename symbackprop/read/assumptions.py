"""What a document declares about its network (first version of the data; read elsewhere)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Assumptions:
    """Everything that a text may leave open; None or empty: not declared.

    ``aliases``: TeX of a symbol to TeX of the one it stands for; ``letters``: TeX of a symbol to its
    role; ``assume``: further definitions as TeX; ``lines``: the line of each key that was given.
    """

    title: str = ""
    layers: tuple[int, ...] | None = None
    activation: str | tuple[str, ...] | None = None
    cost: str | None = None
    batch: str | None = None
    reduction: str | None = None
    l2: bool | None = None
    biases: bool | None = None
    einstein: bool | None = None
    relu_at_zero: Fraction | None = None
    layer_letters: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    summed: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[str | int, ...]] = field(default_factory=dict)
    input_layer: int | None = None
    weight_layer: str | None = None
    weight_order: str | None = None
    normalisation: str | None = None
    assume: tuple[str, ...] = ()
    name_of_file: str = ""
    lines: dict[str, int] = field(default_factory=dict, compare=False)
