"""What a term means in an instance: by the definitions of its program and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np
from sympy import Basic, Integer, Rational, Symbol

from symbackprop.judge.degree import Degree
from symbackprop.judge.dual import VALUE, Jet
from symbackprop.judge.instance import Instance
from symbackprop.judge.ring import EXP_DENOMINATOR, OutOfClass
from symbackprop.judge.tensor import Factor, Tensor
from symbackprop.language.binding import substitute, subterms
from symbackprop.language.program import Definition, L, U
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
    Vec,
)

Env = dict[Symbol, Jet]
VARIABLE = Degree(1, 0, 0)


class Evaluator:
    """Evaluates index terms of one instance in one ring; arrays are cached per set of seeds."""

    def __init__(self, instance: Instance, ring: Any) -> None:
        self.instance, self.ring = instance, ring
        # a deep network is a deep recursion through its definitions
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 1000 + 80 * instance.depth))
        self.extents: dict[Any, int] = {}  # how far the free letters of the statement run
        self._seeds: list[tuple[str, int | None]] = []  # what is differentiated by, innermost last
        self._cache: dict[Any, Jet] = {}
        self._reach: dict[Any, frozenset[tuple[str, int | None]]] = {}
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
            Act: self._act,
            Fn: self._fn,
            Opaque: self._opaque,
            LayerSum: self._layer_sum,
        }

    def jet(self, term: Basic, env: Env | None = None) -> Jet:
        """The value of an index term, with the infinitesimals of the seeds in play."""
        if isinstance(term, Rational):
            return self._number(Fraction(int(term.p), int(term.q)))
        if env and term in env:
            return env[term]
        rule = self._walk.get(type(term))
        if rule is None:
            raise OutOfClass(f"{type(term).__name__} has no value here")
        return rule(term, env or {})

    def constant(self, array: Any, axes: tuple[Any, ...] = (), degree: Degree | None = None) -> Jet:
        return Jet({VALUE: Tensor(self.ring, (Factor(axes, array),), (), degree or Degree())})

    def _number(self, q: Fraction) -> Jet:
        if q == 0:
            return Jet({})
        height = float(np.log2(abs(q.numerator)) + np.log2(q.denominator))
        return self.constant(self.ring.number(q), degree=Degree(0, 0, height))

    # -- quantities -----------------------------------------------------------------------------
    def _ref(self, ref: Ref, env: Env) -> Jet:
        layer = None if ref.layer is None else self.instance.number(ref.layer)
        jet = self.quantity(ref.name, layer)
        axes: list[Any] = [("#", place) for place in range(len(ref.indices))]
        for axis, index in zip(axes, ref.indices, strict=True):
            jet = jet.map(_putter(axis, index))
        return jet

    def quantity(self, name: str, layer: int | None) -> Jet:
        """A whole quantity, its axes called ("#", 0), ("#", 1)."""
        moving = self._upstream(name, layer)
        seeds = tuple(n for n, seed in enumerate(self._seeds) if seed in moving)
        key = (name, layer, tuple((n, self._seeds[n]) for n in seeds))
        if key not in self._cache:
            self._cache[key] = self._compute(name, layer)
        return self._cache[key]

    def _upstream(self, name: str, layer: int | None) -> frozenset[tuple[str, int | None]]:
        """The quantity itself and everything that its definition rests on."""
        key = (name, layer)
        if key not in self._reach:
            found: set[tuple[str, int | None]] = {key}
            for ref in self._mentioned(name, layer):
                found |= self._upstream(*ref)
            self._reach[key] = frozenset(found)
        return self._reach[key]

    def _mentioned(self, name: str, layer: int | None) -> set[tuple[str, int | None]]:
        definition = self._definition(name, layer)
        if definition is None:
            return set()
        own = definition.target.layer
        found: set[tuple[str, int | None]] = set()
        for node in subterms(definition.value):
            if not isinstance(node, Ref) or node.name == "pi":
                continue
            if node.layer is None:
                found.add((node.name, None))
                continue
            bound = node.layer.free_symbols - {own, L}
            here = node.layer if own is None or not own.is_Symbol else node.layer.subs(own, layer)
            layers = range(1, self.instance.depth + 1) if bound else (self.instance.number(here),)
            found |= {(node.name, number) for number in layers}
        return found

    def _definition(self, name: str, layer: int | None) -> Definition | None:
        if name == "pi":
            return None
        number = None if layer is None else Integer(layer)
        return self.instance.program.definition_of(name, number, self.instance.depth)

    def _compute(self, name: str, layer: int | None) -> Jet:
        jet = self._unperturbed(name, layer)
        for number, seed in enumerate(self._seeds):
            if seed == (name, layer):
                rank = len(self._axes(name, layer))
                value = {VALUE: jet.value} if jet.value is not None else {}
                jet = Jet({**value, frozenset({number}): self._unit(number, rank, name, layer)})
        return jet

    def _unit(self, number: int, rank: int, name: str, layer: int | None) -> Tensor:
        """``∂v_{ab}/∂v_{cd} = [a=c][b=d]``."""
        extents = self._axes(name, layer)
        deltas = tuple((("#", n), ("d", number, n), extents[n]) for n in range(rank))
        return Tensor(self.ring, (Factor((), self.ring.number(1)),), deltas)

    def _axes(self, name: str, layer: int | None) -> list[int]:
        program = self.instance.program
        ref = Ref(name) if layer is None else Ref(name, layer)
        return [self.instance.extent(size) for size in program.axes_of(ref)]

    def _unperturbed(self, name: str, layer: int | None) -> Jet:
        if name == "pi":
            return self.constant(self.ring.multiply(self.ring.sqrt_pi, self.ring.sqrt_pi))
        number = None if layer is None else Integer(layer)
        definition = self._definition(name, layer)
        if definition is None:
            return self._free(name, layer)
        indices, value = definition.at(number)
        ranges = dict(zip(indices, self._axes(name, layer), strict=True))
        with self._ranges(ranges):
            jet = self.jet(value)
        for place, letter in enumerate(indices):
            jet = jet.rename(letter, ("#", place))
        return jet

    def _free(self, name: str, layer: int | None) -> Jet:
        """A parameter: the same value under every set of seeds."""
        key = (name, layer, ())
        if self._seeds and key in self._cache:
            value = self._cache[key].value
            assert value is not None
            return Jet({VALUE: value})
        extents = self._axes(name, layer)
        axes = tuple(("#", place) for place in range(len(extents)))
        data = self.ring.variables(extents, f"{name}^{layer}" if layer is not None else name)
        degree = VARIABLE
        if self.instance.program.declared(name).sums_to_one:
            neuron = self._neuron_axis(name)
            total = self.ring.total(data, neuron)
            data = self.ring.multiply(data, np.expand_dims(self.ring.inverse(total), neuron))
            others = frozenset(a for a in axes if a != axes[neuron - 1])
            degree = Degree(1, 1, float(np.log2(extents[neuron - 1] + 1)), others)
        jet = self.constant(data, axes, degree)
        self._cache[key] = jet
        return jet

    def _neuron_axis(self, name: str) -> int:
        """Which array axis (after the slots) runs over neurons, not over samples."""
        sizes = self.instance.program.declared(name).axes
        return 1 + next(n for n, size in enumerate(sizes) if size.of != SAMPLES)

    # -- algebra --------------------------------------------------------------------------------
    def _plus(self, term: Plus, env: Env) -> Jet:
        total = Jet({})
        for arg in term.args:
            total = total + self.jet(arg, env)
        return total

    def _times(self, term: Times, env: Env) -> Jet:
        product = self._number(Fraction(1))
        for arg in term.args:
            product = product * self.jet(arg, env)
        return product

    def _power(self, term: Power, env: Env) -> Jet:
        n = int(term.args[1])
        base = self.jet(term.args[0], env)
        if n < 0:
            base, n = self._inverse(base), -n
        result = self._number(Fraction(1))
        for _ in range(n):
            result = result * base
        return result

    def _quotient(self, term: Quotient, env: Env) -> Jet:
        return self.jet(term.args[0], env) * self._inverse(self.jet(term.args[1], env))

    def _inverse(self, jet: Jet) -> Jet:
        """``1/u``; its k-th derivative is (-1)^k k! / u^(k+1)."""
        if jet.value is None:
            raise ZeroDivisionError("a denominator is identically zero")
        value = jet.value
        axes = tuple(value.axes)
        data = self.ring.inverse(value.dense(axes))
        one = Tensor(self.ring, (Factor(axes, data),), (), value.degree.inverse(axes))

        def derivative(k: int) -> Tensor:
            result = one
            for _ in range(k):
                result = result * one
            return result * self._scalar((-1) ** k * factorial(k))

        return jet.apply(derivative)

    def _scalar(self, n: int) -> Tensor:
        value = self._number(Fraction(n)).value
        assert value is not None
        return value

    def _sum(self, term: Sum, env: Env) -> Jet:
        n = self.instance.extent(term.size)
        with self._ranges({**self.extents, term.index: n}):
            body = self.jet(term.body, env)
        return body.sum(term.index, n)

    @contextmanager
    def _ranges(self, extents: Mapping[Any, int]) -> Iterator[None]:
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
        if self.instance.cut:
            total = total + self.constant(self.ring.variables((), "rest"), (), VARIABLE)
        return total

    def _kron(self, term: Kron, env: Env) -> Jet:
        one, two = term.args
        if one == two:
            return self._number(Fraction(1))
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
        """A width as a number; or as an unknown of its own, which proves it for every number."""
        if not self.instance.formal:
            return self._number(Fraction(self.instance.extent(term)))
        key = ("size", self.instance.extent(term))
        if key not in self._cache:
            self._cache[key] = self.constant(self.ring.variables((), "size"), (), VARIABLE)
        return self._cache[key]

    # -- calculus -------------------------------------------------------------------------------
    def _partial(self, term: Partial, env: Env) -> Jet:
        """Cut ``by`` loose, give it a unit tangent, push the tangent through the definitions."""
        by = term.by
        layer = None if by.layer is None else self.instance.number(by.layer)
        number = len(self._seeds)
        self._seeds.append((by.name, layer))
        try:
            jet = self.jet(term.of, env).derivative(number)
        finally:
            self._seeds.pop()
        for place, index in enumerate(by.indices):
            jet = jet.map(_putter(("d", number, place), index))
        return jet

    def _act(self, term: Act, env: Env) -> Jet:
        layer = self.instance.number(term.layer)
        argument = self.jet(term.arg, env)
        name, formula = self.instance.program.activation_at(Integer(layer))
        if formula is None:
            if name == "softmax":
                raise OutOfClass("softmax is not entry by entry: it has no σ(z) of one z")
            return self._unspecified(f"σ{layer if self._differs() else ''}", argument, term.order)
        return self._derived(formula, argument, term.order)

    def _differs(self) -> bool:
        return len(self.instance.program.activations) > 1

    def _unspecified(self, name: str, argument: Jet, order: int) -> Jet:
        value = self._value_or_zero(argument)
        axes = tuple(value.axes)
        dense = value.dense(axes)

        def derivative(k: int) -> Tensor:
            data = self.ring.unspecified(name, order + k, dense)
            return Tensor(self.ring, (Factor(axes, data),), (), VARIABLE)

        return argument.apply(derivative)

    def _value_or_zero(self, jet: Jet) -> Tensor:
        """The value of a function's argument; its degree is part of the error bound."""
        if jet.value is not None:
            self.ring.note(jet.value.degree)
            return jet.value
        return Tensor(self.ring, (Factor((), self.ring.number(0)),))

    def _derived(self, formula: Basic, argument: Jet, order: int) -> Jet:
        """The order-th derivative of a formula in u, by infinitesimals of its own."""
        first = len(self._seeds)
        one = Tensor(self.ring, (Factor((), self.ring.number(1)),))
        marks = range(first, first + order)
        self._seeds.extend(("u", -1 - mark) for mark in marks)
        try:
            moved = Jet({**argument.parts, **{frozenset({mark}): one for mark in marks}})
            result = self.jet(formula, {U: moved})
        finally:
            del self._seeds[first:]
        for mark in reversed(marks):
            result = result.derivative(mark)
        return result

    def _fn(self, term: Fn, env: Env) -> Jet:
        if term.name == "sqrt":
            return self._sqrt(term)
        if term.name == "exp":
            return self._exp(term.arg, env)
        argument = self.jet(term.arg, env)
        if term.name in ("step", "abs", "max0"):
            return self._signed(term.name, argument)
        value = self._value_or_zero(argument)
        axes = tuple(value.axes)
        if term.name == "log":
            return self._log(argument, value, axes)
        if term.name == "erf":
            return self._erf(term, argument, value, axes, env)
        raise OutOfClass(f"the function {term.name}")

    def _sqrt(self, term: Fn) -> Jet:
        if term.arg == Ref("pi"):
            return self.constant(self.ring.sqrt_pi, degree=VARIABLE)
        if not isinstance(term.arg, Rational):
            raise OutOfClass("the square root of something that is not a number")
        q = Fraction(int(term.arg.p), int(term.arg.q))
        return self.constant(self.ring.sqrt(q), degree=Degree(0, 0, 4))

    def _exp(self, argument: Basic, env: Env) -> Jet:
        """``exp(Σ c_i t_i) = Π exp(t_i)^c_i`` with rational c_i."""
        if isinstance(argument, Plus):
            product = self._number(Fraction(1))
            for part in argument.args:
                product = product * self._exp(part, env)
            return product
        coefficient, core = split_number(argument)
        if (coefficient * EXP_DENOMINATOR).denominator != 1:
            coefficient, core = Fraction(1), argument
        inner = self.jet(core, env)
        value = self._value_or_zero(inner)
        axes = tuple(value.axes)
        data = self.ring.exp(value.dense(axes), coefficient)
        steps = float(abs(coefficient) * EXP_DENOMINATOR)
        degree = Degree(steps, 0) if coefficient >= 0 else Degree(0, steps, 0, frozenset(axes))
        one = Tensor(self.ring, (Factor(axes, data),), (), degree)
        number = self._number(coefficient).value

        def derivative(k: int) -> Tensor:
            result = one
            for _ in range(k):
                assert number is not None
                result = result * number
            return result

        return inner.apply(derivative)

    def _log(self, argument: Jet, value: Tensor, axes: tuple[Any, ...]) -> Jet:
        dense = value.dense(axes)
        inverse = self._inverse(Jet({VALUE: value})).value
        assert inverse is not None

        def derivative(k: int) -> Tensor:
            if k == 0:
                return Tensor(self.ring, (Factor(axes, self.ring.log(dense)),), (), VARIABLE)
            result = self._scalar((-1) ** (k - 1) * factorial(k - 1))
            for _ in range(k):
                result = result * inverse
            return result

        return argument.apply(derivative)

    def _erf(self, term: Fn, argument: Jet, value: Tensor, axes: tuple[Any, ...], env: Env) -> Jet:
        """``erf' (u) = 2/√π exp(-u²)``, ``erf'' = -2u erf'``."""
        square = self._exp(Times(Integer(-1), Power(term.arg, Integer(2))), env).value
        root = self._inverse(self.constant(self.ring.sqrt_pi, degree=VARIABLE)).value
        assert square is not None
        assert root is not None

        def derivative(k: int) -> Tensor:
            if k == 0:
                data = self.ring.erf(value.dense(axes))
                return Tensor(self.ring, (Factor(axes, data),), (), VARIABLE)
            if k > 2:
                raise OutOfClass("a third derivative of erf")
            first = square * root * self._scalar(2)
            return first if k == 1 else first * value * self._scalar(-2)

        return argument.apply(derivative)

    def _signed(self, name: str, argument: Jet) -> Jet:
        """``[u>0]``, ``max(0,u) = u [u>0]``, ``|u| = u (2[u>0] - 1)``; [0>0] = 0 by convention."""
        value = self._value_or_zero(argument)
        axes = tuple(value.axes)
        step = self.constant(self.ring.step(value.dense(axes)), axes)
        if name == "step":
            return step
        if name == "max0":
            return argument * step
        return argument * (step * self._number(Fraction(2)) + self._number(Fraction(-1)))

    # -- unspecified functions of vectors -------------------------------------------------------
    def _opaque(self, term: Opaque, env: Env) -> Jet:
        """``F(u, v)``: values and partial derivatives are independent, keyed by all arguments."""
        vectors = [self._vector(vector, env) for vector in term.vectors]
        return OpaqueCall(self, term, vectors).jet()

    def _vector(self, vector: Vec, env: Env) -> tuple[Jet, Any, int]:
        n = self.instance.extent(vector.size)
        with self._ranges({**self.extents, vector.index: n}):
            return self.jet(vector.body, env), vector.index, n


class OpaqueCall:
    """One unspecified function of vectors at its arguments."""

    def __init__(self, owner: Evaluator, term: Opaque, vectors: list[tuple[Jet, Any, int]]) -> None:
        self.owner, self.ring, self.term, self.vectors = owner, owner.ring, term, vectors
        values = [owner._value_or_zero(jet) for jet, _, _ in vectors]
        lead: dict[Any, None] = {}
        for value, (_, index, _) in zip(values, vectors, strict=True):
            lead.update(dict.fromkeys(a for a in value.axes if a != index))
        self.lead = list(lead)
        self.extents = [next(n for v in values if (n := v.size(a))) for a in self.lead]
        parts = []
        for value, (_, index, n) in zip(values, vectors, strict=True):
            dense = value.dense([*self.lead, index])
            parts.append(np.broadcast_to(dense, (self.ring.slots, *self.extents, n)))
        self.arguments = np.concatenate(parts, axis=-1)
        self.letters = tuple(o for o in term.outputs if isinstance(o, Symbol))
        if len(self.letters) != len(term.outputs):
            raise OutOfClass("an unspecified function with a number for an output")

    def derivative(self, vectors: tuple[int, ...], axes: tuple[Any, ...]) -> Tensor:
        """``∂^k F`` by entries of the vectors with these numbers; ``axes`` name those entries."""
        outputs = tuple(self.owner.extents[o] for o in self.letters)
        data = self.ring.vector_function(self.term.name, outputs, len(vectors), self.arguments)
        offsets = np.cumsum([0] + [n for _, _, n in self.vectors])
        parts = tuple(slice(int(offsets[v]), int(offsets[v + 1])) for v in vectors)
        names = (*self.lead, *self.letters, *axes)
        return Tensor(self.ring, (Factor(names, data[(..., *parts)]),), (), VARIABLE)

    def jet(self) -> Jet:
        """Chain rule for a function of many arguments: first and second order."""
        parts = {VALUE: self.derivative((), ())}
        result = Jet(parts)
        for v, (jet, index, n) in enumerate(self.vectors):
            moving = Jet({key: t for key, t in jet.parts.items() if key})
            if not moving.parts:
                continue
            axis = ("arg", v, 0)
            first = Jet({VALUE: self.derivative((v,), (axis,))})
            result = result + (first * moving.rename(index, axis)).sum(axis, n)
        return self._second(result)

    def _second(self, result: Jet) -> Jet:
        for v, (one, index, n) in enumerate(self.vectors):
            for u, (two, other, m) in enumerate(self.vectors):
                left = {k: t for k, t in one.parts.items() if k}
                right = {k: t for k, t in two.parts.items() if k}
                pairs = [(a, b) for a in left for b in right if not a & b]
                if not pairs:
                    continue
                if any(len(a | b) > 2 for a, b in pairs):
                    raise OutOfClass("a third derivative of an unspecified function")
                axes = (("arg", v, 0), ("arg", u, 1))
                second = self.derivative((v, u), axes)
                for a, b in pairs:
                    if min(a) > min(b):
                        continue  # each unordered pair once: the two orders are the same term
                    product = (
                        second * left[a].rename(index, axes[0]) * right[b].rename(other, axes[1])
                    )
                    result = result + Jet({a | b: product.sum(axes[0], n).sum(axes[1], m)})
        return result


def _putter(axis: Any, index: Basic) -> Callable[[Tensor], Tensor]:
    return lambda tensor: _put(tensor, axis, index)


def _put(tensor: Tensor, axis: Any, index: Basic) -> Tensor:
    """An axis at an index: a letter renames it, a number selects (indices count from 1)."""
    if isinstance(index, Integer):
        return tensor.select(axis, int(index) - 1)
    return tensor.rename(axis, index)


def split_number(term: Basic) -> tuple[Fraction, Basic]:
    """``(c, t)`` with term = c·t, c the rational factor in front."""
    if isinstance(term, Rational):
        return Fraction(int(term.p), int(term.q)), Integer(1)
    if isinstance(term, Quotient) and isinstance(term.args[1], Rational):
        c, core = split_number(term.args[0])
        return c / Fraction(int(term.args[1].p), int(term.args[1].q)), core
    if isinstance(term, Times) and isinstance(term.args[0], Rational):
        rest = term.args[1] if len(term.args) == 2 else Times(*term.args[1:])
        c, core = split_number(rest)
        return c * Fraction(int(term.args[0].p), int(term.args[0].q)), core
    return Fraction(1), term
