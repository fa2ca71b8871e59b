"""Tensors with named axes, kept as products of small factors as long as possible.

``∂z^l_i/∂w^l_{jk} = [i=j] a_k`` is a Kronecker factor and a vector, never an n×n×m array: pushing
it through a layer touches the axis i only.  That is what makes every weight of a neuron cost as
much as the neuron alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbackprop.judge.degree import Degree
from symbackprop.judge.held import HELD_BY_NOTHING, Held

Axis = Hashable
CONSTANT = Degree()
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Factor:
    """An array with the slot axis first and then the named axes."""

    axes: tuple[Axis, ...]
    data: Array


@dataclass(frozen=True, eq=False)
class Tensor:
    """``Π factors · Π [i = j]``; every axis of every factor is free until it is summed.

    ``held`` tells which axes stand in every monomial: a sum over such an axis never just counts.
    """

    ring: Any
    factors: tuple[Factor, ...] = ()
    deltas: tuple[tuple[Axis, Axis, int], ...] = ()
    degree: Degree = CONSTANT
    held: Held = HELD_BY_NOTHING

    @property
    def axes(self) -> list[Axis]:
        """All free axes, in order of appearance."""
        seen: dict[Axis, None] = {}
        for factor in self.factors:
            seen.update(dict.fromkeys(factor.axes))
        for i, j, _ in self.deltas:
            seen.update({i: None, j: None})
        return list(seen)

    def size(self, axis: Axis) -> int | None:
        for factor in self.factors:
            if axis in factor.axes:
                return int(factor.data.shape[1 + factor.axes.index(axis)])
        return next((n for i, j, n in self.deltas if axis in (i, j)), None)

    def __mul__(self, other: Tensor) -> Tensor:
        factors = list(self.factors)
        for new in other.factors:
            factors = _absorb(self.ring, factors, new)
        degree = self.degree * other.degree
        deltas = self.deltas + other.deltas
        return Tensor(self.ring, tuple(factors), deltas, degree, self.held * other.held)

    def __add__(self, other: Tensor) -> Tensor:
        """Factors that both sides share (the very same arrays) stay outside the sum."""
        theirs = {(id(f.data), f.axes) for f in other.factors}
        shared = [f for f in self.factors if f.axes and (id(f.data), f.axes) in theirs]
        shared = list({(id(f.data), f.axes): f for f in shared}.values())
        same_deltas = [d for d in self.deltas if d in other.deltas]
        mine, yours = self._without(shared, same_deltas), other._without(shared, same_deltas)
        axes = list(dict.fromkeys(mine.axes + yours.axes))
        total = self.ring.add(*np.broadcast_arrays(mine.dense(axes), yours.dense(axes)))
        kept = (Factor(tuple(axes), total), *shared)
        held = self._held_here + other._held_here
        return Tensor(self.ring, kept, tuple(same_deltas), self.degree + other.degree, held)

    @property
    def _held_here(self) -> Held:
        """With the axes of the Kronecker deltas, which collapse a sum: it does not count."""
        return self.held.paired_by(frozenset(axis for i, j, _ in self.deltas for axis in (i, j)))

    def _without(self, factors: Sequence[Factor], deltas: Sequence[Any]) -> Tensor:
        dropped = {(id(f.data), f.axes) for f in factors}
        rest = []
        for factor in self.factors:
            if (id(factor.data), factor.axes) in dropped:
                dropped.remove((id(factor.data), factor.axes))  # one factor for one match
            else:
                rest.append(factor)
        return Tensor(self.ring, tuple(rest), tuple(d for d in self.deltas if d not in deltas))

    def dense(self, axes: Sequence[Axis]) -> Array:
        """One array over these axes (in this order); an axis that is not there has extent 1."""
        extents = [self.size(axis) or 1 for axis in axes]
        parts = [_spread(f, axes) for f in self.factors]
        parts += [_spread(Factor((i, j), self.ring.eye(n)), axes) for i, j, n in self.deltas]
        result = self.ring.number(1).reshape((self.ring.slots,) + (1,) * len(axes))
        for part in sorted(parts, key=lambda part: part.size):
            result = self.ring.multiply(result, part)
        return np.broadcast_to(result, (self.ring.slots, *extents)) if axes else result

    def rename(self, old: Axis, new: Axis) -> Tensor:
        """Call an axis differently; if the new name is there already, take the diagonal."""
        if old == new:
            return self
        factors = tuple(_renamed(f, old, new) for f in self.factors)
        deltas = []
        for i, j, n in self.deltas:
            pair = (new if i == old else i, new if j == old else j)
            if pair[0] != pair[1]:
                deltas.append((*pair, n))
        diagonal = new in self.axes
        held = self.held.diagonal(old, new) if diagonal else self.held
        degree, held = self.degree.rename(old, new), held.rename(old, new)
        return Tensor(self.ring, factors, tuple(deltas), degree, held)

    def select(self, axis: Axis, place: int) -> Tensor:
        """The entry at one place of an axis."""
        factors = [_selected(f, axis, place) for f in self.factors]
        deltas = []
        for i, j, n in self.deltas:
            if axis not in (i, j):
                deltas.append((i, j, n))
                continue
            other = j if i == axis else i
            factors.append(Factor((other,), self.ring.eye(n)[:, place]))
        degree, held = self.degree.rename(axis, None), self.held.rename(axis, None)
        return Tensor(self.ring, tuple(factors), tuple(deltas), degree, held)

    def sum(self, axis: Axis, n: int) -> Tensor:
        """``Σ_axis``; a Kronecker factor collapses it, a missing axis multiplies by n."""
        self.ring.summed.add(n)
        for delta in self.deltas:
            if axis in delta[:2]:
                other = delta[1] if delta[0] == axis else delta[0]
                rest = tuple(d for d in self.deltas if d is not delta)
                kept = Tensor(self.ring, self.factors, rest, self.degree, self.held)
                return kept.rename(axis, other)
        if axis not in self._held_here.axes:
            counted = self.held.counted | {n}
            return replace(self, held=replace(self.held, counted=counted))._summed(axis, n)
        return self._summed(axis, n)

    def _summed(self, axis: Axis, n: int) -> Tensor:
        inside = [f for f in self.factors if axis in f.axes]
        outside = [f for f in self.factors if axis not in f.axes]
        degree = self.degree.summed(axis, n)
        if not inside:
            summed = Factor((), self.ring.number(n))
        else:
            summed = _contract(self.ring, inside, axis)
        factors = _absorb(self.ring, outside, summed)
        return Tensor(self.ring, tuple(factors), self.deltas, degree, self.held.rename(axis, None))


def _absorb(ring: Any, factors: list[Factor], new: Factor) -> list[Factor]:
    """Multiply a factor in where that does not make anything larger; else keep it beside."""
    for place, old in enumerate(factors):
        if set(new.axes) <= set(old.axes) or set(old.axes) <= set(new.axes):
            wide = old if len(old.axes) >= len(new.axes) else new
            data = ring.multiply(_spread(old, wide.axes), _spread(new, wide.axes))
            return [*factors[:place], Factor(wide.axes, data), *factors[place + 1 :]]
    return [*factors, new]


def _spread(factor: Factor, axes: Sequence[Axis]) -> Array:
    """The array transposed to these axes, extent 1 where the factor has none."""
    order = [factor.axes.index(axis) + 1 for axis in axes if axis in factor.axes]
    data = factor.data.transpose((0, *order))
    shape = [data.shape[0]]
    present = iter(data.shape[1:])
    shape += [next(present) if axis in factor.axes else 1 for axis in axes]
    return data.reshape(shape)


def _renamed(factor: Factor, old: Axis, new: Axis) -> Factor:
    if old not in factor.axes:
        return factor
    if new not in factor.axes:
        return Factor(tuple(new if axis == old else axis for axis in factor.axes), factor.data)
    first, second = factor.axes.index(old) + 1, factor.axes.index(new) + 1
    rest = tuple(axis for axis in factor.axes if axis not in (old, new))
    return Factor((*rest, new), np.diagonal(factor.data, axis1=first, axis2=second))


def _selected(factor: Factor, axis: Axis, place: int) -> Factor:
    if axis not in factor.axes:
        return factor
    rest = tuple(a for a in factor.axes if a != axis)
    return Factor(rest, np.take(factor.data, place, axis=factor.axes.index(axis) + 1))


def _contract(ring: Any, factors: list[Factor], axis: Axis) -> Factor:
    """``Σ_axis Π factors``: small factors first, the last two by a matrix product."""
    pool = sorted(factors, key=lambda f: f.data.size)
    while len(pool) > 2:
        one, two = pool[:2]
        axes = tuple(dict.fromkeys(one.axes + two.axes))
        merged = Factor(axes, ring.multiply(_spread(one, axes), _spread(two, axes)))
        pool = sorted([*pool[2:], merged], key=lambda f: f.data.size)
    if len(pool) == 1:
        only = pool[0]
        rest = tuple(a for a in only.axes if a != axis)
        return Factor(rest, ring.total(only.data, only.axes.index(axis) + 1))
    return _matmul(ring, pool[0], pool[1], axis)


def _matmul(ring: Any, x: Factor, y: Factor, axis: Axis) -> Factor:
    both = [a for a in x.axes if a in y.axes and a != axis]
    rows = [a for a in x.axes if a not in y.axes]
    columns = [a for a in y.axes if a not in x.axes]
    left, right = _spread(x, [*both, *rows, axis]), _spread(y, [*both, axis, *columns])
    lead = left.shape[: 1 + len(both)]
    inner = left.shape[-1]
    product = ring.matmul(left.reshape(*lead, -1, inner), right.reshape(*lead, inner, -1))
    shape = (*lead, *left.shape[1 + len(both) : -1], *right.shape[2 + len(both) :])
    return Factor((*both, *rows, *columns), product.reshape(shape))
