"""Concrete cases of a statement: a depth, widths, a batch size, a value of l, and where to cut.

Above the layers that a statement mentions, a network of unknown depth is an unknown differentiable
function of the last of them: ``a^L_i := R_i(z^h)``.  Below, ``a`` of the lowest layer is free.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sympy import Basic, Integer, Symbol

from symbackprop.judge.ring import OutOfClass
from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Definition, L, Program, l
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Chain,
    LayerSum,
    Opaque,
    Ref,
    Size,
    Sum,
    Vec,
)
from symbackprop.language.terms import symbols_of as letters

PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)


@dataclass(frozen=True)
class Instance:
    """``depth`` layers of ``widths``, ``samples`` in the batch, ``layer`` the value of l.

    ``cut``: the layers above are an unknown function.  ``formal``: a width that stands as a number
    (1/n_L) is an unknown of its own.
    """

    program: Program
    depth: int
    widths: tuple[int, ...]
    samples: int
    layer: int | None = None
    cut: bool = False
    formal: bool = False
    turn: int = 0

    @property
    def shapes(self) -> Program:
        """The declarations with L put in, for shapes."""
        return self.program.grounded(self.depth)

    def number(self, layer: Basic) -> int:
        """A layer expression as a number."""
        if isinstance(layer, Integer):
            return int(layer)
        numbers = {L: Integer(self.depth)}
        if self.layer is not None:
            numbers[l] = Integer(self.layer)
        return int(layer.xreplace(numbers))

    def extent(self, size: Size) -> int:
        """How many values an index of this size takes."""
        return self.samples if size.of == SAMPLES else self.widths[self.number(size.of)]


@dataclass(frozen=True)
class Mention:
    """The layers a statement mentions, as offsets from l, offsets from L, and plain numbers."""

    near: tuple[int, ...]
    top: tuple[int, ...]
    plain: tuple[int, ...]
    deep_low: bool  # the lowest layer is mentioned by more than its activation and width
    deep_high: bool  # the highest layer near l is mentioned by its activation


def mention(statement: Statement) -> Mention:
    """Where the layers of a statement lie."""
    near: set[int] = set()
    top: set[int] = set()
    plain: set[int] = set()
    light: dict[int, bool] = {}
    active: dict[int, bool] = {}
    for side in statement.sides:
        bound = {n.args[1] for n in subterms(side) if isinstance(n, Chain | LayerSum)}
        for node in subterms(side):
            if isinstance(node, Ref | Act):
                layer = node.layer
            elif isinstance(node, Size) and node.of != SAMPLES:
                layer = node.of
            else:
                continue
            if layer is None or layer.free_symbols & bound:
                continue
            if layer.has(l):
                offset = int(layer - l)
                near.add(offset)
                is_a = isinstance(node, Ref) and node.name == "a"
                light[offset] = light.get(offset, True) and (is_a or isinstance(node, Size))
                active[offset] = active.get(offset, False) or is_a or isinstance(node, Act)
            elif layer.has(L):
                top.add(int(layer - L))
            else:
                plain.add(int(layer))
    low = bool(near) and not light[min(near)]
    high = bool(near) and active[max(near)]
    return Mention(tuple(sorted(near)), tuple(sorted(top)), tuple(sorted(plain)), low, high)


def instances(
    statement: Statement, program: Program, at_least: tuple[int, int]
) -> Iterator[Instance]:
    """The cases whose agreement proves the statement for its whole scope (docs/theorem.md)."""
    if program.depth is not None:
        yield from _of_network(statement, program)
        return
    found = mention(statement)
    if not found.near:
        yield from _at_depth(program, max(1, 1 - min(found.top, default=0)), None, at_least)
        return
    start = 1 - min(found.near) if found.deep_low else max(1, -min(found.near))
    start = max(start, 1 if 0 in found.near else 0)
    reach = max(0, *found.near)
    for gap in range(reach + 2):
        depth = start + gap
        if allowed(statement, start, depth) and start + max(found.near) <= depth:
            yield from _at_depth(program, depth, start, at_least)
    yield from _cut(statement, program, found, start, at_least)


def allowed(statement: Statement, layer: int, depth: int) -> bool:
    """Whether the statement speaks about this value of l in a network of this depth."""
    first = 1 if statement.first is None else int(statement.first.subs(L, depth))
    last = depth if statement.last is None else int(statement.last.subs(L, depth))
    return bool(first <= layer <= last)


def _of_network(statement: Statement, program: Program) -> Iterator[Instance]:
    assert program.depth is not None
    assert program.widths is not None
    samples = next(n for n in PRIMES if n not in program.widths)
    base = Instance(program, program.depth, program.widths, samples)
    if not any(side.has(l) for side in statement.sides):
        yield base
        return
    for layer in range(1, program.depth + 1):
        if allowed(statement, layer, program.depth) and _layers_exist(statement, base, layer):
            yield replace(base, layer=layer)


def _layers_exist(statement: Statement, base: Instance, layer: int) -> bool:
    found = mention(statement)
    return all(0 <= layer + offset <= base.depth for offset in found.near)


def widths_for(depth: int, at_least: tuple[int, int], turn: int) -> tuple[tuple[int, ...], int]:
    """Pairwise different primes above the bounds for n_0 … n_L and for m; another set each turn."""
    neurons, samples = at_least
    m = [n for n in PRIMES if n > samples][turn]
    pool = [n for n in PRIMES if n > neurons and n != m][turn : turn + depth + 1]
    if len(pool) <= depth:
        raise OutOfClass(f"the statement needs {depth + 1} widths above {neurons}")
    return tuple(pool if turn % 2 == 0 else pool[::-1]), m


TURNS = 4  # a difference is a polynomial of degree at most 3 in any width that stands as a number


def _at_depth(
    program: Program, depth: int, layer: int | None, at_least: tuple[int, int]
) -> Iterator[Instance]:
    """Several sets of widths, all different; where widths are formal, the first is enough."""
    for turn in range(TURNS):
        widths, samples = widths_for(depth, at_least, turn)
        yield Instance(program, depth, widths, samples, layer, turn=turn)


def _cut(
    statement: Statement, program: Program, found: Mention, start: int, at_least: tuple[int, int]
) -> Iterator[Instance]:
    """The rest of a network of unknown depth as an unknown function of the highest layer near l."""
    highest = start + max(found.near)
    below_top = -min(found.top, default=0)
    depth = highest + 1 + below_top
    far = highest + 1 + below_top + 8
    if not allowed(statement, start, far):
        return  # l stands in a fixed place near L: the cases before cover it
    i, s = letters("i s")
    target_axes = program.declared("a").axes
    batch = next((n for n, size in enumerate(target_axes) if size.of == SAMPLES), None)

    def at(neuron: Any) -> tuple[Any, ...]:
        return {None: (neuron,), 0: (s, neuron), 1: (neuron, s)}[batch]

    source = Ref("a" if found.deep_high else "z", highest, *at(i))
    vector = Vec(source, i, Size(highest))
    j = letters("j")[0]
    lower = Integer(depth - below_top)
    rest = Definition(Ref("a", lower, *at(j)), Opaque("R", (j,), (vector,)), lower, lower)
    others = tuple(d for d in program.definitions if d.target.name != "a")
    own = tuple(
        _without_layer(d, int(lower), depth) for d in program.definitions if d.target.name == "a"
    )
    kept = tuple(itertools.chain.from_iterable(own))
    position = next(n for n, d in enumerate(program.definitions) if d.target.name == "a")
    changed = replace(program, definitions=(*others[:position], rest, *kept, *others[position:]))
    yield from (replace(case, cut=True) for case in _at_depth(changed, depth, start, at_least))


def _without_layer(definition: Definition, layer: int, depth: int) -> tuple[Definition, ...]:
    """A schema without one layer."""
    own = definition.target.layer
    assert own is not None
    number = own.subs(L, depth)
    if number.is_Integer:
        return () if number == layer else (definition,)
    first = int(definition.first.subs(L, depth)) if definition.first is not None else 0
    last = int(definition.last.subs(L, depth)) if definition.last is not None else depth
    parts = ((first, min(last, layer - 1)), (max(first, layer + 1), last))
    return tuple(
        replace(definition, first=Integer(lo), last=Integer(hi)) for lo, hi in parts if lo <= hi
    )


def uses_size(term: Basic) -> bool:
    """Whether a width stands as a number, not as the range of a sum."""
    if isinstance(term, Size):
        return True
    args = term.args[:1] if isinstance(term, Sum | Vec | LayerSum) else term.args
    if isinstance(term, Ref | Act | Symbol):
        return isinstance(term, Act) and uses_size(term.arg)
    return any(uses_size(arg) for arg in args)
