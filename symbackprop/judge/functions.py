"""Activations, known functions and unspecified ones: their values and derivatives as jets."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Basic, Integer, Rational, Symbol

from symbackprop.judge.degree import Degree
from symbackprop.judge.dual import VALUE, Jet
from symbackprop.judge.logarithms import parts_of
from symbackprop.judge.ring import OutOfClass
from symbackprop.judge.tensor import Factor, Range, Tensor
from symbackprop.language.program import U
from symbackprop.language.terms import (
    Act,
    Fn,
    Opaque,
    Plus,
    Power,
    Quotient,
    Ref,
    Times,
    Vec,
)

if TYPE_CHECKING:
    from symbackprop.judge.evaluate import Env, Evaluator

VARIABLE = Degree(1, 0, 0)


class Functions:
    """What ``Act``, ``Fn`` and ``Opaque`` mean; ``of`` evaluates their arguments."""

    def __init__(self, of: Evaluator) -> None:
        self.of, self.ring = of, of.ring

    def act(self, term: Act, env: Env) -> Jet:
        layer = self.of.instance.number(term.layer)
        argument = self.of.jet(term.arg, env)
        name, formula = self.of.instance.activation_at(Integer(layer))
        if formula is None:
            if name == "softmax":
                raise OutOfClass("softmax is not entry by entry: it has no σ(z) of one z")
            return self._unspecified(f"σ{layer if self._differs() else ''}", argument, term.order)
        return self._derived(formula, argument, term.order)

    def _atom(self, data: Any, axes: tuple[Any, ...]) -> Tensor:
        """Values that are independent of each other where the arguments differ."""
        return Tensor(self.ring, (Factor(axes, data),), (), VARIABLE)

    def _differs(self) -> bool:
        return len(self.of.instance.program.activations) > 1

    def _unspecified(self, name: str, argument: Jet, order: int) -> Jet:
        value = self.value_or_zero(argument)
        axes = tuple(value.axes)
        dense = value.dense(axes)

        def derivative(k: int) -> Tensor:
            return self._atom(self.ring.unspecified(name, order + k, dense), axes)

        return argument.apply(derivative)

    def value_or_zero(self, jet: Jet) -> Tensor:
        """The value of a function's argument; its degree is part of the error bound."""
        if jet.value is not None:
            self.ring.note(jet.value.degree)
            return jet.value
        return Tensor(self.ring, (Factor((), self.ring.number(0)),))

    def _derived(self, formula: Basic, argument: Jet, order: int) -> Jet:
        """The order-th derivative of a formula in u, by infinitesimals of its own."""
        first = len(self.of.seeds)
        one = Tensor(self.ring, (Factor((), self.ring.number(1)),))
        marks = range(first, first + order)
        self.of.seeds.extend(("u", -1 - mark) for mark in marks)
        try:
            moved = Jet({**argument.parts, **{frozenset({mark}): one for mark in marks}})
            result = self.of.jet(formula, {U: moved})
        finally:
            del self.of.seeds[first:]
        for mark in reversed(marks):
            result = result.derivative(mark)
        return result

    def fn(self, term: Fn, env: Env) -> Jet:
        if term.name == "sqrt":
            return self._sqrt(term)
        if term.name == "exp":
            return self._exp(term.arg, env)
        argument = self.of.jet(term.arg, env)
        if term.name in ("step", "abs", "max0"):
            return self._signed(term.name, argument)
        value = self.value_or_zero(argument)
        axes = tuple(value.axes)
        if term.name == "log":
            return self._log(term.arg, argument, value, env)
        if term.name == "erf":
            return self._erf(term, argument, value, axes, env)
        raise OutOfClass(f"the function {term.name}")

    def _sqrt(self, term: Fn) -> Jet:
        if term.arg == Ref("pi"):
            return self.of.constant(self.ring.sqrt_pi, degree=VARIABLE)
        if not isinstance(term.arg, Rational):
            raise OutOfClass("the square root of something that is not a number")
        q = Fraction(int(term.arg.p), int(term.arg.q))
        return self.of.constant(self.ring.sqrt(q), degree=Degree(0, 0, 4))

    def _exp(self, argument: Basic, env: Env) -> Jet:
        """``exp(Σ c_i t_i) = Π exp(t_i)^c_i`` with rational c_i."""
        if isinstance(argument, Plus):
            product = self.of.number(Fraction(1))
            for part in argument.args:
                product = product * self._exp(part, env)
            return product
        factor, core = split_number(argument)
        inner = self.of.jet(core, env) * self.of.number(Fraction(1, factor.denominator))
        coefficient = Fraction(factor.numerator)
        value = self.value_or_zero(inner)
        axes = tuple(value.axes)
        dense = value.dense(axes)
        data = self.ring.exp(dense, coefficient)
        steps = float(abs(coefficient))
        degree = Degree(steps, 0) if coefficient >= 0 else Degree(0, steps, 0, frozenset(axes))
        one = Tensor(self.ring, (Factor(axes, data),), (), degree)
        number = self.of.number(coefficient).value

        def derivative(k: int) -> Tensor:
            result = one
            for _ in range(k):
                assert number is not None
                result = result * number
            return result

        return inner.apply(derivative)

    def _log(self, term: Basic, argument: Jet, value: Tensor, env: Env) -> Jet:
        inverse = self.of.inverse(Jet({VALUE: value})).value
        assert inverse is not None

        def derivative(k: int) -> Tensor:
            if k == 0:
                return self._log_value(term, value, env)
            result = self.of.scalar((-1) ** (k - 1) * factorial(k - 1))
            for _ in range(k):
                result = result * inverse
            return result

        return argument.apply(derivative)

    def _log_value(self, term: Basic, value: Tensor, env: Env) -> Tensor:
        """By the laws of the logarithm where everything is positive, else an atom."""
        parts = [(1, term)] if self.of.instance.real else parts_of(term, self.of.instance)
        total = Jet({})
        for times, part in parts:
            if isinstance(part, Fn) and part.name == "exp":
                log = Jet({VALUE: self.value_or_zero(self.of.jet(part.arg, env))})
            else:
                inner = value if part == term else self.value_or_zero(self.of.jet(part, env))
                axes = tuple(inner.axes)
                log = Jet({VALUE: self._atom(self.ring.log(inner.dense(axes)), axes)})
            total = total + log * self.of.number(Fraction(times))
        return self.value_or_zero(total)

    def _erf(self, term: Fn, argument: Jet, value: Tensor, axes: tuple[Any, ...], env: Env) -> Jet:
        """``erf' (u) = 2/√π exp(-u²)``, ``erf'' = -2u erf'``."""
        square = self._exp(Times(Integer(-1), Power(term.arg, Integer(2))), env).value
        root = self.of.inverse(self.of.constant(self.ring.sqrt_pi, degree=VARIABLE)).value
        assert square is not None
        assert root is not None

        def derivative(k: int) -> Tensor:
            if k == 0:
                dense = value.dense(axes)
                return self._atom(self.ring.erf(dense), axes)
            if k > 2:
                raise OutOfClass("a third derivative of erf")
            first = square * root * self.of.scalar(2)
            return first if k == 1 else first * value * self.of.scalar(-2)

        return argument.apply(derivative)

    def _signed(self, name: str, argument: Jet) -> Jet:
        """``[u>0]``, ``max(0,u) = u [u>0]``, ``|u| = u (2[u>0] - 1)``; [0>0] = 0 by convention."""
        value = self.value_or_zero(argument)
        axes = tuple(value.axes)
        step = self.of.constant(self.ring.step(value.dense(axes)), axes)
        if name == "step":
            return step
        if name == "max0":
            return argument * step
        return argument * (step * self.of.number(Fraction(2)) + self.of.number(Fraction(-1)))

    # -- unspecified functions of vectors -------------------------------------------------------
    def opaque(self, term: Opaque, env: Env) -> Jet:
        """``F(u, v)``: values and partial derivatives are independent, keyed by all arguments."""
        vectors = [self._vector(vector, env) for vector in term.vectors]
        return OpaqueCall(self, term, vectors).jet()

    def _vector(self, vector: Vec, env: Env) -> tuple[Jet, Any, Range]:
        over = self.of.range_of(vector.size)
        with self.of.ranges({**self.of.extents, vector.index: over.n}):
            return self.of.jet(vector.body, env), vector.index, over


class OpaqueCall:
    """One unspecified function of vectors at its arguments."""

    def __init__(
        self, owner: Functions, term: Opaque, vectors: list[tuple[Jet, Any, Range]]
    ) -> None:
        self.owner, self.ring, self.term, self.vectors = owner, owner.ring, term, vectors
        values = [owner.value_or_zero(jet) for jet, _, _ in vectors]
        lead: dict[Any, None] = {}
        for value, (_, index, _) in zip(values, vectors, strict=True):
            lead.update(dict.fromkeys(a for a in value.axes if a != index))
        self.lead = list(lead)
        self.extents = [next(n for v in values if (n := v.size(a))) for a in self.lead]
        parts = []
        for value, (_, index, over) in zip(values, vectors, strict=True):
            dense = value.dense([*self.lead, index])
            parts.append(np.broadcast_to(dense, (self.ring.slots, *self.extents, over.n)))
        self.arguments = np.concatenate(parts, axis=-1)
        self.letters = tuple(o for o in term.outputs if isinstance(o, Symbol))
        if len(self.letters) != len(term.outputs):
            raise OutOfClass("an unspecified function with a number for an output")

    def derivative(self, vectors: tuple[int, ...], axes: tuple[Any, ...]) -> Tensor:
        """``∂^k F`` by entries of the vectors with these numbers; ``axes`` name those entries."""
        outputs = tuple(self.owner.of.extents[o] for o in self.letters)
        data = self.ring.vector_function(self.term.name, outputs, len(vectors), self.arguments)
        offsets = np.cumsum([0] + [over.n for _, _, over in self.vectors])
        parts = tuple(slice(int(offsets[v]), int(offsets[v + 1])) for v in vectors)
        names = (*self.lead, *self.letters, *axes)
        factor = Factor(names, data[(..., *parts)])
        return Tensor(self.ring, (factor,), (), VARIABLE)

    def jet(self) -> Jet:
        """Chain rule for a function of many arguments: first and second order."""
        moving_seeds = {seed for jet, _, _ in self.vectors for key in jet.parts for seed in key}
        if len(moving_seeds) > 2:
            raise OutOfClass("a third derivative of an unspecified function")
        parts = {VALUE: self.derivative((), ())}
        result = Jet(parts)
        for v, (jet, index, over) in enumerate(self.vectors):
            moving = Jet({key: t for key, t in jet.parts.items() if key})
            if not moving.parts:
                continue
            axis = ("arg", v, 0)
            first = Jet({VALUE: self.derivative((v,), (axis,))})
            result = result + (first * moving.rename(index, axis)).sum(axis, over)
        return self._second(result)

    def _second(self, result: Jet) -> Jet:
        for v, (one, index, first) in enumerate(self.vectors):
            for u, (two, other, last) in enumerate(self.vectors):
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
                    result = result + Jet({a | b: product.sum(axes[0], first).sum(axes[1], last)})
        return result


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
