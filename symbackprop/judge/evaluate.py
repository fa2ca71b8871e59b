"""What a term means in an instance: by the definitions of its program and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from math import factorial
from typing import Any

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.judge.deadline import check_time
from symbackprop.judge.degree import Degree
from symbackprop.judge.dual import VALUE, Jet
from symbackprop.judge.functions import VARIABLE, Functions
from symbackprop.judge.instance import Instance
from symbackprop.judge.quantities import Quantities
from symbackprop.judge.recursion import room_for
from symbackprop.judge.ring import OutOfClass, ZeroDenominator
from symbackprop.judge.tensor import Factor, Range, Tensor
from symbackprop.language.binding import canonical, substitute, subterms
from symbackprop.language.program import Definition
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Fn,
    Kron,
    LayerSum,
    Opaque,
    Partial,
    Plus,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Times,
)

Env = dict[Symbol, Jet]
REST = Symbol("_layer")
OTHER_HEADS = (Act, Opaque, Partial, LayerSum)  # what the unknown part of a sum may not contain


class Evaluator:
    """Evaluates index terms of one instance in one ring; arrays are cached per set of seeds."""

    def __init__(self, instance: Instance, ring: Any) -> None:
        self.instance, self.ring = instance, ring
        room_for(instance.depth)
        self.extents: dict[Any, int] = {}  # how far the free letters of the statement run
        self.seeds: list[tuple[str, int | None]] = []  # what is differentiated by, innermost last
        self._weights: dict[Any, Any] = {}
        self._numbers: dict[Any, Jet] = {}  # widths and unknown parts of sums over layers
        self._quantities = Quantities(self)
        self._functions = Functions(self)
        self._walk: dict[type, Callable[[Any, Env], Jet]] = {
            Ref: self._ref,
            Plus: self._plus,
            Times: self._times,
            Power: self._power,
            Quotient: self._quotient,
            Sum: self._sum,
            Kron: self._kron,
            Size: self._size,
            Partial: self._partial,
            Act: self._functions.act,
            Fn: self._functions.fn,
            Opaque: self._functions.opaque,
            LayerSum: self._layer_sum,
        }

    def jet(self, term: Basic, env: Env | None = None) -> Jet:
        """The value of an index term, with the infinitesimals of the seeds in play."""
        check_time()
        if isinstance(term, Rational):
            return self.number(Fraction(int(term.p), int(term.q)))
        if env and term in env:
            return env[term]
        rule = self._walk.get(type(term))
        if rule is None:
            raise OutOfClass(f"{type(term).__name__} has no value here")
        return rule(term, env or {})

    def constant(self, array: Any, axes: tuple[Any, ...] = (), degree: Degree | None = None) -> Jet:
        """An array without infinitesimals."""
        return Jet({VALUE: Tensor(self.ring, (Factor(axes, array),), (), degree or Degree())})

    def number(self, q: Fraction) -> Jet:
        if q == 0:
            return Jet({})
        height = math.log2(abs(q.numerator)) + math.log2(q.denominator)
        return self.constant(self.ring.number(q), degree=Degree(0, 0, height))

    # -- quantities -----------------------------------------------------------------------------
    def _ref(self, ref: Ref, env: Env) -> Jet:
        layer = None if ref.layer is None else self.instance.number(ref.layer)
        jet = self._quantities.jet(ref.name, layer)
        axes: list[Any] = [("#", place) for place in range(len(ref.indices))]
        for axis, index in zip(axes, ref.indices, strict=True):
            jet = jet.map(_putter(axis, index))
        return jet

    # -- algebra --------------------------------------------------------------------------------
    def _plus(self, term: Plus, env: Env) -> Jet:
        total = Jet({})
        for arg in term.args:
            total = total + self.jet(arg, env)
        return total

    def _times(self, term: Times, env: Env) -> Jet:
        product = self.number(Fraction(1))
        for arg in term.args:
            product = product * self.jet(arg, env)
        return product

    def _power(self, term: Power, env: Env) -> Jet:
        if not isinstance(term.args[1], Integer):
            raise OutOfClass(f"the exponent {term.args[1]} is not a whole number")
        n = int(term.args[1])
        if abs(n) > 64:
            raise OutOfClass(f"the exponent {n} is larger than 64")
        base = self.jet(term.args[0], env)
        if n < 0:
            base, n = self.inverse(base), -n
        result = self.number(Fraction(1))
        for _ in range(n):
            result = result * base
        return result

    def _quotient(self, term: Quotient, env: Env) -> Jet:
        return self.jet(term.args[0], env) * self.inverse(self.jet(term.args[1], env))

    def inverse(self, jet: Jet) -> Jet:
        """``1/u``; its k-th derivative is (-1)^k k! / u^(k+1)."""
        if jet.value is None:
            raise ZeroDenominator
        value = jet.value
        axes = tuple(value.axes)
        data = self.ring.inverse(value.dense(axes))
        one = Tensor(self.ring, (Factor(axes, data),), (), value.degree.inverse(axes))

        def derivative(k: int) -> Tensor:
            result = one
            for _ in range(k):
                result = result * one
            return result * self.scalar((-1) ** k * factorial(k))

        return jet.apply(derivative)

    def scalar(self, n: int) -> Tensor:
        value = self.number(Fraction(n)).value
        assert value is not None
        return value

    def _sum(self, term: Sum, env: Env) -> Jet:
        over = self.range_of(term.size)
        with self.ranges({**self.extents, term.index: over.n}):
            body = self.jet(term.body, env)
        return body.sum(term.index, over)

    def range_of(self, size: Size) -> Range:
        """How far an index of this size runs, and what its values weigh (docs/theorem.md)."""
        n = self.instance.extent(size)
        if not self.instance.weighs(size):
            return Range(n)
        key = ("weights", self.instance.place(size))
        if key not in self._weights:
            self._weights[key] = self.ring.variables((n,), "weight")
        return Range(n, self._weights[key])

    @contextmanager
    def ranges(self, extents: Mapping[Any, int]) -> Iterator[None]:
        """How far each letter runs inside a sum or a definition."""
        before, self.extents = self.extents, dict(extents)
        try:
            yield
        finally:
            self.extents = before

    def _layer_sum(self, term: LayerSum, env: Env) -> Jet:
        """Layers that an instance does not have add something that is free of everything here."""
        total = Jet({})
        low, high = self.instance.number(term.lo), self.instance.number(term.hi)
        for layer in range(low, high + 1):
            total = total + self.jet(substitute(term.body, {term.letter: Integer(layer)}), env)
        if self.instance.program.depth is None and not self.instance.real:
            total = total + self._rest(term, low, high)
        return total

    def _rest(self, term: LayerSum, low: int, high: int) -> Jet:
        """What the other layers add: one unknown number for each sum that is written.

        It does not change with anything in the instance, since a layer adds its own weights and
        biases only; any other sum over the layers of every network has no value here.
        """
        for node in subterms(term.body):
            own = isinstance(node, Ref) and node.layer == term.letter
            defined = own and any(d.target.name == node.name for d in self._definitions)
            if isinstance(node, OTHER_HEADS) or (isinstance(node, Ref) and (not own or defined)):
                raise OutOfClass(
                    "a sum over the layers of every network, in which a layer adds more than its "
                    "own weights and biases"
                )
        key = ("rest", canonical(term.body.xreplace({term.letter: REST})), low, high)
        if key not in self._numbers:
            self._numbers[key] = self.constant(self.ring.variables((), "rest"), (), VARIABLE)
        return self._numbers[key]

    @property
    def _definitions(self) -> tuple[Definition, ...]:
        return self.instance.program.definitions

    def _kron(self, term: Kron, env: Env) -> Jet:
        one, two = term.args
        if one == two:
            return self.number(Fraction(1))
        if isinstance(one, Integer) and isinstance(two, Integer):
            return Jet({})
        n = self._kron_extent(term)
        tensor = Tensor(self.ring, (Factor((), self.ring.number(1)),), ((("#", 0), ("#", 1), n),))
        return Jet({VALUE: _put(_put(tensor, ("#", 0), one), ("#", 1), two)})

    def _kron_extent(self, term: Kron) -> int:
        for letter in term.args:
            if letter in self.extents:
                return self.extents[letter]
        raise OutOfClass(f"the range of {term.args[0]} in a Kronecker delta is unknown")

    def _size(self, term: Size, env: Env) -> Jet:
        """A width as a number; the sum of the weights; or an unknown of its own."""
        over = self.range_of(term)
        if over.weights is not None:
            total = self.ring.total(over.weights, 1)
            return self.constant(total, degree=Degree(1, 0, math.log2(over.n)))
        batch = term.of == SAMPLES and not self.instance.real
        if not (self.instance.formal or batch):
            return self.number(Fraction(self.instance.extent(term)))
        key = ("size", self.instance.extent(term))
        if key not in self._numbers:
            self._numbers[key] = self.constant(self.ring.variables((), "size"), (), VARIABLE)
        return self._numbers[key]

    # -- calculus -------------------------------------------------------------------------------
    def _partial(self, term: Partial, env: Env) -> Jet:
        """Cut ``by`` loose, give it a unit tangent, push the tangent through the definitions."""
        by = term.by
        layer = None if by.layer is None else self.instance.number(by.layer)
        number = len(self.seeds)
        self.seeds.append((by.name, layer))
        try:
            jet = self.jet(term.of, env).derivative(number)
        finally:
            self.seeds.pop()
        for place, index in enumerate(by.indices):
            jet = jet.map(_putter(("d", number, place), index))
        return jet


def _putter(axis: Any, index: Basic) -> Callable[[Tensor], Tensor]:
    return lambda tensor: _put(tensor, axis, index)


def _put(tensor: Tensor, axis: Any, index: Basic) -> Tensor:
    """An axis at an index: a letter renames it, a number selects (indices count from 1)."""
    if isinstance(index, Integer):
        size = tensor.size(axis)
        if index < 1 or (size is not None and index > size):
            raise OutOfClass(f"there is no index {index} here")
        return tensor.select(axis, int(index) - 1)
    return tensor.rename(axis, index)
