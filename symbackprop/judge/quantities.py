"""Quantities of an instance: what is defined, what is free, and what is cut loose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Integer

from symbackprop.judge.degree import Degree
from symbackprop.judge.dual import VALUE, Jet
from symbackprop.judge.functions import VARIABLE
from symbackprop.judge.ring import OutOfClass
from symbackprop.judge.tensor import Factor, Tensor
from symbackprop.language.binding import subterms
from symbackprop.language.program import Definition, L
from symbackprop.language.terms import SAMPLES, Ref, Size

if TYPE_CHECKING:
    from symbackprop.judge.evaluate import Evaluator


class Quantities:
    """Whole arrays by name and layer, cached for each set of seeds that moves them."""

    def __init__(self, of: Evaluator) -> None:
        self.of = of
        self._cache: dict[Any, Jet] = {}
        self._reach: dict[Any, frozenset[tuple[str, int | None]]] = {}

    def jet(self, name: str, layer: int | None) -> Jet:
        """A whole quantity, its axes called ("#", 0), ("#", 1)."""
        lowest = self.of.instance.program.lowest_layer(name)
        if layer is not None and not lowest <= layer <= self.of.instance.depth:
            raise OutOfClass(f"there is no {name}^{layer} in a network of {self.of.instance.depth}")
        moving = self._upstream(name, layer)
        seeds = tuple(n for n, seed in enumerate(self.of.seeds) if seed in moving)
        key = (name, layer, tuple((n, self.of.seeds[n]) for n in seeds))
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
            here = node.layer
            if own is not None and own.is_Symbol and layer is not None:
                here = here.xreplace({own: Integer(layer)})
            layers = (
                range(1, self.of.instance.depth + 1) if bound else (self.of.instance.number(here),)
            )
            found |= {(node.name, number) for number in layers}
        return found

    def _definition(self, name: str, layer: int | None) -> Definition | None:
        if name == "pi":
            return None
        number = None if layer is None else Integer(layer)
        return self.of.instance.program.definition_of(name, number, self.of.instance.depth)

    def _compute(self, name: str, layer: int | None) -> Jet:
        jet = self._unperturbed(name, layer)
        for number, seed in enumerate(self.of.seeds):
            if seed == (name, layer):
                # cut loose: what comes from seeds further in stops here, what comes from those
                # further out stays
                kept = {key: t for key, t in jet.parts.items() if all(n < number for n in key)}
                rank = len(self._axes(name, layer))
                jet = Jet({**kept, frozenset({number}): self._unit(number, rank, name, layer)})
        return jet

    def _unit(self, number: int, rank: int, name: str, layer: int | None) -> Tensor:
        """``∂v_{ab}/∂v_{cd} = [a=c][b=d]``."""
        extents = self._axes(name, layer)
        deltas = tuple((("#", n), ("d", number, n), extents[n]) for n in range(rank))
        return Tensor(self.of.ring, (Factor((), self.of.ring.number(1)),), deltas)

    def _axes(self, name: str, layer: int | None) -> list[int]:
        return [self.of.instance.extent(size) for size in self._sizes(name, layer)]

    def _sizes(self, name: str, layer: int | None) -> tuple[Size, ...]:
        ref = Ref(name) if layer is None else Ref(name, layer)
        return self.of.instance.program.axes_of(ref)

    def _unperturbed(self, name: str, layer: int | None) -> Jet:
        if name == "pi":
            return self.of.constant(
                self.of.ring.multiply(self.of.ring.sqrt_pi, self.of.ring.sqrt_pi)
            )
        number = None if layer is None else Integer(layer)
        definition = self._definition(name, layer)
        if definition is None:
            return self._free(name, layer)
        indices, value = definition.at(number)
        ranges = dict(zip(indices, self._axes(name, layer), strict=True))
        with self.of.ranges(ranges):
            jet = self.of.jet(value)
        for place, letter in enumerate(indices):
            jet = jet.rename(letter, ("#", place))
        return jet

    def _free(self, name: str, layer: int | None) -> Jet:
        """A parameter: the same value under every set of seeds."""
        key = (name, layer, ())
        if self.of.seeds and key in self._cache:
            value = self._cache[key].value
            assert value is not None
            return Jet({VALUE: value})
        extents = self._axes(name, layer)
        axes = tuple(("#", place) for place in range(len(extents)))
        data = self.of.ring.variables(extents, f"{name}^{layer}" if layer is not None else name)
        degree = VARIABLE
        if self.of.instance.program.declared(name).sums_to_one:
            neuron = self._neuron_axis(name)
            total = self.of.ring.total(self._weighed(data, name, layer, neuron), neuron)
            data = self.of.ring.multiply(data, np.expand_dims(self.of.ring.inverse(total), neuron))
            others = frozenset(a for a in axes if a != axes[neuron - 1])
            degree = Degree(2, 2, float(np.log2(extents[neuron - 1] + 1)), others)
        jet = self.of.constant(data, axes, degree)
        self._cache[key] = jet
        return jet

    def _weighed(self, data: Any, name: str, layer: int | None, neuron: int) -> Any:
        """The entries with the weights of the sum over the neurons."""
        size = self._sizes(name, layer)[neuron - 1]
        weights = self.of.range_of(size).weights
        if weights is None:
            return data
        shape = [self.of.ring.slots, *(1 for _ in data.shape[1:])]
        shape[neuron] = -1
        return self.of.ring.multiply(data, weights.reshape(shape))

    def _neuron_axis(self, name: str) -> int:
        """Which array axis (after the slots) runs over neurons, not over samples."""
        sizes = self.of.instance.program.declared(name).axes
        return 1 + next(n for n, size in enumerate(sizes) if size.of != SAMPLES)
