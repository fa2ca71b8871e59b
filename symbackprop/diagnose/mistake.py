"""What a classic mistake is: what it says, what it spoils, and in which settings it can be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.problems import COSTS, Flow, Spoil, Spoils

Needs = Callable[[Flow], bool]
Slope = Callable[[Flow, int], Array]
FIRST = {"below": 2}  # most rows about the left factor say nothing of the input layer
HIDDEN = ("back", "slope", "delta")
OUTPUT = ("outputs", "error")


def always(f: Flow) -> bool:
    return True


@dataclass(frozen=True)
class Mistake:
    """``spoils``: stage → what it gives instead; ``needs``: the settings in which it can be made.

    ``says`` is one sentence, ``should`` what stands there in a right pass; ``first`` the lowest
    layer at which the row has a meaning; ``shows`` the wrong value itself, if no stage gives it.
    """

    id: str
    says: str
    should: str
    spoils: Mapping[str, Spoil]
    needs: Needs = always
    first: int = 1
    source: str = ""
    rank: int = 0
    single: bool = field(default=True)
    shows: Callable[[Flow], Array] | None = None

    def places(self, depth: int) -> dict[int, list[str]]:
        """Layer → the stages that are spoiled there."""
        found: dict[int, list[str]] = {}
        for stage in self.spoils:
            low, high = self.first, depth
            if stage in HIDDEN:
                high = depth - 1
            if stage in OUTPUT:
                low = depth
            for l in range(low, high + 1):
                found.setdefault(l, []).append(stage)
        return found

    def planted(self, layers: tuple[int, ...], depth: int) -> Spoils:
        """What to hand to ``Flow`` for this mistake at these layers."""
        places = self.places(depth)
        return {(stage, l): self.spoils[stage] for l in layers for stage in places[l]}

    def variants(self, depth: int) -> Iterator[tuple[int, ...]]:
        """At all layers where it can stand, at the hidden ones, at one of them."""
        layers = tuple(sorted(self.places(depth)))
        if not layers:
            return
        yield layers
        if not self.single:
            return
        hidden = tuple(l for l in layers if l < depth)
        if 1 < len(hidden) < len(layers):
            yield hidden
        if len(layers) > 1:
            yield from ((l,) for l in layers)


def up(f: Flow) -> Array:
    """∂C/∂a^L."""
    return COSTS[f.setting.cost][1](f.a(f.depth), f.point.Y)


def each(stage: str, value: Spoil) -> dict[str, Spoil]:
    return {stage: value}


def squares(f: Flow) -> bool:
    return f.setting.cost in ("quadratic", "mse")


def chained(f: Flow) -> bool:
    """The error of the output is a slope of the cost times a slope of an activation."""
    return f.setting.output != "softmax"


def spread(column: Array, n: int) -> Array:
    return np.repeat(column, n, axis=1)


def shared(f: Flow) -> bool:
    """One bias for all units of a layer."""
    return all(b.size < n for b, n in zip(f.point.b, f.point.layers[1:], strict=True))


def same_size(f: Flow) -> bool:
    return len(set(f.point.layers)) == 1
