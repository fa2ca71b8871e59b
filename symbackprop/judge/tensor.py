"""Tensors with named axes, kept as products of small factors as long as possible.

``∂z^l_i/∂w^l_{jk} = [i=j] a_k`` is a Kronecker factor and a vector, never an n×n×m array: pushing
it through a layer touches the axis i only.  That is what makes every weight of a neuron cost as
much as the neuron alone.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbackprop.judge.degree import Degree

Axis = Hashable
CONSTANT, WEIGHT = Degree(), Degree(1, 0, 0)
MANY = 24  # products with different Kronecker factors
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Factor:
    """An array with the slot axis first and then the named axes."""

    axes: tuple[Axis, ...]
    data: Array


@dataclass(frozen=True)
class Place:
    """A fixed place on an axis, in a Kronecker factor ``[i = 3]``."""

    number: int


@dataclass(frozen=True, eq=False)
class Range:
    """What an index runs over: ``n`` values, each with a weight if the sum is weighted."""

    n: int
    weights: Array | None = None


Delta = tuple[Axis, Axis, int]


@dataclass(frozen=True, eq=False)
class Tensor:
    """``Π factors · Π [i = j]``; every axis of every factor is free until it is summed.

    ``more``: such products with other Kronecker factors, to be added.  They stay apart because a
    Kronecker factor collapses a sum, whatever the weights of the sum are.
    """

    ring: Any
    factors: tuple[Factor, ...] = ()
    deltas: tuple[Delta, ...] = ()
    own_degree: Degree = CONSTANT
    more: tuple[Tensor, ...] = ()

    @property
    def blocks(self) -> tuple[Tensor, ...]:
        """The products that are added up here, each with its own Kronecker factors."""
        return (replace(self, more=()), *self.more) if self.more else (self,)

    @property
    def degree(self) -> Degree:
        return functools.reduce(operator.add, (block.own_degree for block in self.blocks))

    @property
    def axes(self) -> list[Axis]:
        """All free axes, in order of appearance."""
        seen: dict[Axis, None] = {}
        for block in self.blocks:
            for factor in block.factors:
                seen.update(dict.fromkeys(factor.axes))
            for i, j, _ in block.deltas:
                seen.update({axis: None for axis in (i, j) if not isinstance(axis, Place)})
        return list(seen)

    def size(self, axis: Axis) -> int | None:
        for block in self.blocks:
            for factor in block.factors:
                if axis in factor.axes:
                    return int(factor.data.shape[1 + factor.axes.index(axis)])
            for i, j, n in block.deltas:
                if axis in (i, j):
                    return n
        return None

    def __mul__(self, other: Tensor) -> Tensor:
        return _gathered([one._times(two) for one in self.blocks for two in other.blocks])

    def __add__(self, other: Tensor) -> Tensor:
        return _gathered([*self.blocks, *other.blocks])

    def rename(self, old: Axis, new: Axis) -> Tensor:
        """Call an axis differently; if the new name is there already, take the diagonal."""
        if old == new:
            return self
        return _gathered([block._renamed(old, new) for block in self.blocks])

    def select(self, axis: Axis, place: int) -> Tensor:
        """The entry at one place of an axis."""
        return _gathered([block._selected(axis, place) for block in self.blocks])

    def sum(self, axis: Axis, over: Range) -> Tensor:
        """``Σ_axis``; a Kronecker factor collapses it, a missing axis multiplies by n."""
        return _gathered([block._summed(axis, over) for block in self.blocks])

    def dense(self, axes: Sequence[Axis]) -> Array:
        """One array over these axes (in this order); an axis that is not there has extent 1."""
        extents = [self.size(axis) or 1 for axis in axes]
        parts = np.broadcast_arrays(*(block._dense(axes) for block in self.blocks))
        result = functools.reduce(self.ring.add, parts)
        return np.broadcast_to(result, (self.ring.slots, *extents)) if axes else result

    # -- one product -------------------------------------------------------------------------------

    def _times(self, other: Tensor) -> Tensor:
        factors = list(self.factors)
        for new in other.factors:
            factors = _absorb(self.ring, factors, new)
        degree = self.own_degree * other.own_degree
        return Tensor(self.ring, tuple(factors), self.deltas + other.deltas, degree)

    def _plus(self, other: Tensor) -> Tensor:
        """With the same Kronecker factors.

        Factors that both sides share (the very same arrays) stay outside the sum.
        """
        theirs = {(id(f.data), f.axes) for f in other.factors}
        shared = [f for f in self.factors if f.axes and (id(f.data), f.axes) in theirs]
        shared = list({(id(f.data), f.axes): f for f in shared}.values())
        mine, yours = self._without(shared), other._without(shared)
        axes = list(dict.fromkeys(mine.axes + yours.axes))
        total = self.ring.add(*np.broadcast_arrays(mine.dense(axes), yours.dense(axes)))
        kept = (Factor(tuple(axes), total), *shared)
        return Tensor(self.ring, kept, self.deltas, self.own_degree + other.own_degree)

    def _without(self, factors: Sequence[Factor]) -> Tensor:
        """The other factors alone."""
        dropped = {(id(f.data), f.axes) for f in factors}
        rest = []
        for factor in self.factors:
            if (id(factor.data), factor.axes) in dropped:
                dropped.remove((id(factor.data), factor.axes))  # one factor for one match
            else:
                rest.append(factor)
        return Tensor(self.ring, tuple(rest))

    def _dense(self, axes: Sequence[Axis]) -> Array:
        parts = [_spread(f, axes) for f in self.factors]
        for i, j, n in self.deltas:
            eye = self.ring.eye(n)
            if isinstance(j, Place):
                parts.append(_spread(Factor((i,), eye[:, j.number]), axes))
            else:
                parts.append(_spread(Factor((i, j), eye), axes))
        result = self.ring.number(1).reshape((self.ring.slots,) + (1,) * len(axes))
        for part in sorted(parts, key=lambda part: part.size):
            result = self.ring.multiply(result, part)
        return result

    def _renamed(self, old: Axis, new: Axis) -> Tensor:
        factors = tuple(_renamed(f, old, new) for f in self.factors)
        deltas: list[Delta] = []
        for i, j, n in self.deltas:
            pair = (new if i == old else i, new if j == old else j)
            if pair[0] != pair[1]:
                deltas.append((*pair, n))
        return Tensor(self.ring, factors, tuple(deltas), self.own_degree.rename(old, new))

    def _selected(self, axis: Axis, place: int) -> Tensor:
        factors = [_selected(f, axis, place) for f in self.factors]
        deltas: list[Delta] = []
        for i, j, n in self.deltas:
            if axis not in (i, j):
                deltas.append((i, j, n))
                continue
            other = j if i == axis else i
            if not isinstance(other, Place):
                deltas.append((other, Place(place), n))
            elif other.number != place:
                factors.append(Factor((), self.ring.number(0)))
        return Tensor(self.ring, tuple(factors), tuple(deltas), self.own_degree.rename(axis, None))

    def _summed(self, axis: Axis, over: Range) -> Tensor:
        for delta in self.deltas:
            if axis in delta[:2]:
                other = delta[1] if delta[0] == axis else delta[0]
                rest = tuple(d for d in self.deltas if d is not delta)
                kept = Tensor(self.ring, self.factors, rest, self.own_degree)
                if isinstance(other, Place):
                    return kept._selected(axis, other.number)
                return kept._renamed(axis, other)
        inside = [f for f in self.factors if axis in f.axes]
        outside = [f for f in self.factors if axis not in f.axes]
        degree = self.own_degree
        if over.weights is not None:
            inside.append(Factor((axis,), over.weights))
            degree = degree * WEIGHT
        if not inside:
            summed = Factor((), self.ring.number(over.n))
        else:
            summed = _contract(self.ring, inside, axis)
        factors = _absorb(self.ring, outside, summed)
        return Tensor(self.ring, tuple(factors), self.deltas, degree.summed(axis, over.n))


def _gathered(blocks: Sequence[Tensor]) -> Tensor:
    """Products with the same Kronecker factors as one; a single array if they are many."""
    found: dict[frozenset[frozenset[Axis]], Tensor] = {}
    for block in blocks:
        key = frozenset(frozenset(delta[:2]) for delta in block.deltas)
        found[key] = found[key]._plus(block) if key in found else block
    first, *rest = found.values()
    whole = replace(first, more=tuple(rest)) if rest else first
    if len(found) <= MANY:
        return whole
    axes = tuple(whole.axes)
    return Tensor(whole.ring, (Factor(axes, whole.dense(axes)),), (), whole.degree)


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
