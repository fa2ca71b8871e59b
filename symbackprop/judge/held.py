"""Which axes stand in every monomial of a value: what a sum over them cannot be.

``Σ_k 1 = n`` counts its terms, ``Σ_k w_k`` does not.  A statement whose proof counts holds for the
widths that were tried, and maybe for no others.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

Axis = Hashable
NONE: frozenset[Axis] = frozenset()


@dataclass(frozen=True)
class Held:
    """Axes by what holds them, and by what might cancel that.

    ``free``: an atom that nothing relates to others (a weight, a target, an unspecified value) is a
    factor of every monomial; ``unit``: some atom is, an exponential maybe.  ``below_free`` and
    ``below_unit``: the axes along which a denominator changes that contains free atoms, or any.
    ``exponential``: nothing but numbers and exponentials is in it.  ``paired``: axes that maybe
    only a Kronecker delta holds, which is 1 on its diagonal.  ``counted``: the extents of sums
    inside that may have counted their terms.
    """

    free: frozenset[Axis] = NONE
    unit: frozenset[Axis] = NONE
    below_free: frozenset[Axis] = NONE
    below_unit: frozenset[Axis] = NONE
    exponential: bool = True
    paired: frozenset[Axis] = NONE
    counted: frozenset[int] = frozenset()

    @property
    def axes(self) -> frozenset[Axis]:
        """The axes of every monomial, for certain."""
        return (self.free - self.below_free) | (self.unit - self.below_unit)

    def __mul__(self, other: Held) -> Held:
        return Held(
            self.free | other.free,
            self.unit | other.unit,
            self.below_free | other.below_free,
            self.below_unit | other.below_unit,
            self.exponential and other.exponential,
            self.paired | other.paired,
            self.counted | other.counted,
        )

    def __add__(self, other: Held) -> Held:
        product = self * other
        return replace(product, free=self._free & other._free, unit=self.axes & other.axes)

    @property
    def _free(self) -> frozenset[Axis]:
        return self.free - self.below_free

    def inverse(self, axes: Iterable[Axis]) -> Held:
        """``1/u`` of an array with these axes."""
        own = frozenset(axes)
        below_free = NONE if self.exponential else own
        return Held(NONE, NONE, below_free, own, self.exponential, NONE, self.counted)

    def rename(self, old: Axis, new: Axis | None) -> Held:
        """An axis under another name; None: it is gone."""

        def moved(axes: frozenset[Axis]) -> frozenset[Axis]:
            if old not in axes:
                return axes
            return axes - {old} if new is None else axes - {old} | {new}

        return Held(
            moved(self.free),
            moved(self.unit),
            moved(self.below_free),
            moved(self.below_unit),
            self.exponential,
            moved(self.paired),
            self.counted,
        )

    def paired_by(self, deltas: frozenset[Axis]) -> Held:
        """With axes that Kronecker deltas hold."""
        return replace(
            self,
            free=self.free | deltas,
            unit=self.unit | deltas,
            paired=self.paired | deltas,
        )

    def diagonal(self, one: Axis, two: Axis) -> Held:
        """Where two axes are about to become one: a Kronecker delta of them holds nothing more."""
        lost = self.paired & {one, two}
        return replace(self, free=self.free - lost, unit=self.unit - lost)


HELD_BY_NOTHING = Held()


def held_by_atoms(axes: Iterable[Axis]) -> Held:
    """Independent values along these axes."""
    return Held(free=frozenset(axes), unit=frozenset(axes), exponential=False)


def held_by_exponentials(axes: Iterable[Axis], *, inverse: bool, distinct: bool) -> Held:
    """``exp(u)`` along these axes, or ``exp(-u)``; ``distinct``: no u is there twice."""
    own = frozenset(axes)
    if inverse:
        return Held(below_unit=own)
    return Held(unit=own if distinct else NONE)
