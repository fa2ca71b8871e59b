"""Concrete cases of a statement: a depth, widths, a batch size, a value of l, and where to cut.

Above the layers that a statement mentions, a network of unknown depth is an unknown differentiable
function of the last of them: ``a^L_i := R_i(z^h)``.  Below, ``a`` of the lowest layer is free.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sympy import Basic, Integer

from symbackprop.judge.letters import needed
from symbackprop.judge.linked import behind, layer_of, layers_behind, link
from symbackprop.judge.primes import is_prime
from symbackprop.judge.ring import OutOfClass
from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Definition, L, Program, at_depth, l
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Chain,
    LayerSum,
    Opaque,
    Ref,
    Size,
    Vec,
)
from symbackprop.language.terms import symbols_of as letters

WIDE = 40  # layers of a network up to this width are evaluated as they are
PRIMES = tuple(n for n in range(3, 200) if is_prime(n))


@dataclass(frozen=True)
class Instance:
    """``depth`` layers of ``widths``, ``samples`` in the batch, ``layer`` the value of l.

    ``cut``: the layers above are an unknown function.  ``formal``: a width that stands as a number
    (1/n_L) is an unknown of its own; the batch size always is, but in a ``real`` case, a witness.
    ``narrow``: wide layers of a network stand at smaller widths (docs/theorem.md, every width).
    ``weighted``: sums have weights, over the samples and, if formal, over neurons.
    """

    program: Program
    depth: int
    widths: tuple[int, ...]
    samples: int
    layer: int | None = None
    cut: bool = False
    formal: bool = False
    real: bool = False
    narrow: bool = False
    weighted: bool = False

    def weighs(self, size: Size) -> bool:
        """Whether the values of an index have weights in a sum, so that it counts nothing."""
        return self.weighted and (self.formal or size.of == SAMPLES)

    def place(self, size: Size) -> int:
        """A number for each range: the layer, or -1 for the samples."""
        return -1 if size.of == SAMPLES else self.number(size.of)

    @property
    def shapes(self) -> Program:
        """The declarations with L put in, for shapes."""
        return self.program.grounded(self.depth, self.widths)

    def activation_at(self, layer: Basic) -> tuple[str, Basic | None]:
        """Name and formula of the activation of a layer, the last one where it is."""
        return self.program.activation_at(layer, self.depth)

    def number(self, layer: Basic) -> int:
        """A layer expression as a number."""
        if isinstance(layer, Integer):
            return int(layer)
        numbers = {L: Integer(self.depth)}
        if self.layer is not None:
            numbers[l] = Integer(self.layer)
        number = layer.xreplace(numbers)
        if not isinstance(number, Integer):
            raise OutOfClass(f"the layer {layer}; layers are l + c, L - d, or numbers")
        return int(number)

    def extent(self, size: Size) -> int:
        """How many values an index of this size takes."""
        if size.of == SAMPLES:
            return self.samples
        layer = self.number(size.of)
        if not 0 <= layer <= self.depth:
            raise OutOfClass(f"there is no layer {layer} in a network of {self.depth}")
        return self.widths[layer]


@dataclass(frozen=True)
class Mention:
    """The layers a statement mentions, as offsets from l, offsets from L, and plain numbers.

    ``bounds``: the offsets from l at which a sum or product over layers begins or ends;
    ``heavy``: the offsets where more than the activation and the width is mentioned;
    ``active``: where the activation is (or its slope).
    """

    near: tuple[int, ...]
    bounds: tuple[int, ...]
    top: tuple[int, ...]
    plain: tuple[int, ...]
    heavy: frozenset[tuple[str, int]]
    active: frozenset[tuple[str, int]]


def mention(statement: Statement) -> Mention:
    """Where the layers of a statement lie; ``OutOfClass`` for one that is not l + c or L - d."""
    found: dict[str, set[int]] = {"l": set(), "L": set(), "": set()}
    bounds: set[int] = set()
    heavy: set[tuple[str, int]] = set()
    active: set[tuple[str, int]] = set()
    for side in statement.sides:
        over_layers = [n for n in subterms(side) if isinstance(n, Chain | LayerSum)]
        bound = {n.letter for n in over_layers}
        for node in over_layers:
            for end in (node.lo, node.hi):
                anchor, offset = _place(end)
                if anchor == "l":
                    bounds.add(offset)
                elif not (end == node.lo == 1):  # "from 1 on" is every layer below
                    found[anchor].add(offset)
        for node in subterms(side):
            layer = layer_of(node)
            if layer is None or layer.free_symbols & bound:
                continue
            anchor, offset = _place(layer)
            found[anchor].add(offset)
            is_a = isinstance(node, Ref) and node.name == "a"
            if not is_a and not isinstance(node, Size):
                heavy.add((anchor, offset))
            if is_a or isinstance(node, Act):
                active.add((anchor, offset))
    near, top, plain = (tuple(sorted(found[anchor])) for anchor in ("l", "L", ""))
    return Mention(near, tuple(bounds), top, plain, frozenset(heavy), frozenset(active))


def _place(layer: Basic) -> tuple[str, int]:
    for anchor in (l, L):
        offset = layer - anchor
        if offset.is_Integer:
            return anchor.name, int(offset)
    if not layer.is_Integer:
        raise OutOfClass(f"the layer {layer}; layers are l + c, L - d, or numbers")
    return "", int(layer)


def instances(statement: Statement, program: Program) -> Iterator[Instance]:
    """The cases whose agreement proves the statement for its whole scope (docs/theorem.md)."""
    if program.depth is not None:
        yield from _of_network(statement, program)
        return
    found = mention(statement)
    if found.plain:
        raise OutOfClass(
            f"layer {found.plain[0]} by its number in a statement about every network; "
            "write l or L, or give a network"
        )
    defined = layers_behind(behind(statement, program))
    below = max(-defined.top, -min(found.top, default=0))
    if ("L", -below) in found.heavy or (defined.heavy and below == -defined.top):
        below += 1  # the layer below it is the lowest that an unknown function may give
    near = (*found.near, *found.bounds)
    if not near:
        yield from _sized(statement, Instance(program, max(1, below), (), 0))
        return
    lowest = min(near)
    start = max(1, -lowest + (("l", lowest) in found.heavy), _first(statement))
    reach = max(0, *near)
    for number in range(start, start + defined.first):
        for gap in range(reach + below + 2):
            layer = max(number, below - gap)  # the lowest layer that is mentioned is the first
            case = Instance(program, layer + gap, (), 0, layer)
            if allowed(statement, layer, case.depth) and layers_exist(statement, case, layer):
                yield from _sized(statement, case)
        yield from _cut(statement, program, found, number, below)


def _first(statement: Statement) -> int:
    first = statement.first
    return int(first) if first is not None and first.is_Integer else 1


def allowed(statement: Statement, layer: int, depth: int) -> bool:
    """Whether the statement speaks about this value of l in a network of this depth."""
    first = 1 if statement.first is None else int(at_depth(statement.first, depth))
    last = depth if statement.last is None else int(at_depth(statement.last, depth))
    return bool(first <= layer <= last)


def _of_network(statement: Statement, program: Program) -> Iterator[Instance]:
    assert program.depth is not None
    base = Instance(program, program.depth, program.widths or (), 0)
    if not any(side.has(l) for side in statement.sides):
        yield from _sized(statement, base)
        return
    for layer in range(1, program.depth + 1):
        if allowed(statement, layer, program.depth) and layers_exist(statement, base, layer):
            yield from _sized(statement, replace(base, layer=layer))


def layers_exist(statement: Statement, base: Instance, layer: int) -> bool:
    """Whether the layers near l that a statement mentions are there."""
    found = mention(statement)
    return all(0 <= layer + offset <= base.depth for offset in found.near)


def _sized(statement: Statement, bare: Instance) -> Iterator[Instance]:
    """A case with widths and a batch size: pairwise different primes above what is needed."""
    neurons, samples = needed(statement, bare)
    taken = bare.widths
    m = next((n for n in PRIMES if n > samples and n not in taken), None)
    if m is None:
        raise OutOfClass(f"the statement needs a batch of more than {samples} samples")
    if taken:
        widths = _narrowed(taken, neurons, m)
        yield replace(bare, widths=widths, samples=m, narrow=widths != taken)
        return
    pool = [n for n in PRIMES if n > neurons and n != m][: bare.depth + 1]
    if len(pool) <= bare.depth:
        raise OutOfClass(f"the statement needs {bare.depth + 1} widths above {neurons}")
    yield replace(bare, widths=tuple(pool), samples=m)


def _narrowed(widths: tuple[int, ...], neurons: int, m: int) -> tuple[int, ...]:
    """Wide layers at widths that prove every width; equal ones stay equal, others apart."""
    spare = iter(n for n in PRIMES if n > neurons and n != m and n not in widths)
    narrow = {n: next(spare, n) for n in dict.fromkeys(widths) if n > max(WIDE, neurons)}
    return tuple(narrow.get(n, n) for n in widths)


def _cut(
    statement: Statement, program: Program, found: Mention, start: int, below: int
) -> Iterator[Instance]:
    """The rest of a network of unknown depth as an unknown function of the highest layer near l."""
    top_offset = max((*found.near, *found.bounds))
    highest = start + top_offset
    depth = highest + 1 + below
    if not allowed(statement, start, depth + 8):
        return  # l stands in a fixed place near L: the cases before cover it
    i, s = letters("i s")
    target_axes = program.declared("a").axes
    batch = next((n for n, size in enumerate(target_axes) if size.of == SAMPLES), None)

    def at(neuron: Any) -> tuple[Any, ...]:
        return {None: (neuron,), 0: (s, neuron), 1: (neuron, s)}[batch]

    source = Ref(link(program, active=("l", top_offset) in found.active), highest, *at(i))
    vector = Vec(source, i, Size(highest))
    j = letters("j")[0]
    lower = Integer(depth - below)
    rest = Definition(Ref("a", lower, *at(j)), Opaque("_R", (j,), (vector,)), lower, lower)
    others = tuple(d for d in program.definitions if d.target.name != "a")
    own = tuple(
        _without_layer(d, int(lower), depth) for d in program.definitions if d.target.name == "a"
    )
    kept = tuple(itertools.chain.from_iterable(own))
    position = next(n for n, d in enumerate(program.definitions) if d.target.name == "a")
    changed = replace(program, definitions=(*others[:position], rest, *kept, *others[position:]))
    yield from _sized(statement, Instance(changed, depth, (), 0, start, cut=True))


def _without_layer(definition: Definition, layer: int, depth: int) -> tuple[Definition, ...]:
    """A schema without one layer."""
    own = definition.target.layer
    assert own is not None
    number = at_depth(own, depth)
    if number.is_Integer:
        return () if number == layer else (definition,)
    first = int(at_depth(definition.first, depth)) if definition.first is not None else 0
    last = int(at_depth(definition.last, depth)) if definition.last is not None else depth
    parts = ((first, min(last, layer - 1)), (max(first, layer + 1), last))
    return tuple(
        replace(definition, first=Integer(lo), last=Integer(hi)) for lo, hi in parts if lo <= hi
    )
