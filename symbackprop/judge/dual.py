"""Forward mode: values with one infinitesimal per quantity that is differentiated by.

A ``Jet`` is ``Σ_S t_S ε_S`` over sets S of infinitesimals with ``ε² = 0``; the part of ``{ε}`` is
the first derivative, that of ``{ε, η}`` the mixed second one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symbackprop.judge.tensor import Axis, Range, Tensor

Seed = int  # number of an infinitesimal; a set of them is a frozenset
Part = frozenset[Seed]
VALUE: Part = frozenset()


@dataclass(frozen=True, eq=False)
class Jet:
    """Parts by set of infinitesimals; an absent part is zero."""

    parts: dict[Part, Tensor]

    @property
    def value(self) -> Tensor | None:
        """The part without infinitesimals; None: zero."""
        return self.parts.get(VALUE)

    def __add__(self, other: Jet) -> Jet:
        parts = dict(self.parts)
        for key, tensor in other.parts.items():
            parts[key] = parts[key] + tensor if key in parts else tensor
        return Jet(parts)

    def __mul__(self, other: Jet) -> Jet:
        parts: dict[Part, Tensor] = {}
        for one, left in self.parts.items():
            for two, right in other.parts.items():
                if one & two:
                    continue
                product = left * right
                key = one | two
                parts[key] = parts[key] + product if key in parts else product
        return Jet(parts)

    def map(self, of: Callable[[Tensor], Tensor]) -> Jet:
        """A linear operation on each part: a sum over an axis, a renaming."""
        return Jet({key: of(tensor) for key, tensor in self.parts.items()})

    def sum(self, axis: Axis, over: Range) -> Jet:
        return self.map(lambda tensor: tensor.sum(axis, over))

    def rename(self, old: Axis, new: Axis) -> Jet:
        return self.map(lambda tensor: tensor.rename(old, new))

    def derivative(self, seed: Seed) -> Jet:
        """The part along one infinitesimal, itself a jet in the others."""
        return Jet({key - {seed}: t for key, t in self.parts.items() if seed in key})

    def apply(self, derivative: Callable[[int], Tensor]) -> Jet:
        """``f(u)`` from ``derivative(k) = f^(k)`` at the value of u (Faà di Bruno's formula)."""
        moving = [key for key in self.parts if key]
        seeds = frozenset().union(*moving) if moving else frozenset()
        parts = {VALUE: derivative(0)}
        for target in _subsets(seeds):
            total: Tensor | None = None
            for blocks in _partitions(sorted(target)):
                if any(block not in self.parts for block in blocks):
                    continue
                term = derivative(len(blocks))
                for block in blocks:
                    term = term * self.parts[block]
                total = term if total is None else total + term
            if total is not None:
                parts[target] = total
        return Jet(parts)


def _subsets(seeds: Part) -> Iterator[Part]:
    """The nonempty subsets, small ones first."""
    from itertools import combinations

    for size in range(1, len(seeds) + 1):
        yield from (frozenset(c) for c in combinations(sorted(seeds), size))


def _partitions(items: list[Seed]) -> Iterator[list[Part]]:
    """All ways to split a set into nonempty blocks."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for blocks in _partitions(rest):
        yield [frozenset({first}), *blocks]
        for place, block in enumerate(blocks):
            yield [*blocks[:place], block | {first}, *blocks[place + 1 :]]
