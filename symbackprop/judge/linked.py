"""What the definitions behind a statement say about layers, and whether they allow every depth.

A statement about every network is proved in a few small ones (docs/theorem.md, every depth).  That
rests on layers that are linked by their activations alone and on definitions that look the same in
every layer but the last ones; whatever else a program defines is out of class here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Basic

from symbackprop.judge.ring import OutOfClass
from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Definition, L, Program, l
from symbackprop.language.terms import SAMPLES, Act, Chain, LayerSum, Ref, Size


@dataclass(frozen=True)
class Behind:
    """``top``: the lowest offset from L that the definitions behind a statement know.

    ``heavy``: whether they mention more than the activation there; ``first``: the first layer in
    which all of them are as in every other.
    """

    top: int = 0
    heavy: bool = False
    first: int = 1


def behind(statement: Statement, program: Program) -> tuple[Definition, ...]:
    """The definitions that a statement rests on."""
    waiting = {n.name for side in statement.sides for n in subterms(side) if isinstance(n, Ref)}
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        found[name] = None
        own = [d for d in program.definitions if d.target.name == name]
        used = {n.name for d in own for n in subterms(d.value) if isinstance(n, Ref)}
        waiting |= used - set(found)
    return tuple(d for d in program.definitions if d.target.name in found)


def layers_behind(definitions: tuple[Definition, ...]) -> Behind:
    """Where these definitions know the layers by their distance from L; ``OutOfClass``."""
    places: list[tuple[int, bool]] = [(0, False)]
    first = 1
    for definition in definitions:
        _only_sums_over_all(definition)
        places += _ends(definition)
        if definition.first is not None and definition.first.is_Integer:
            first = max(first, int(definition.first))
        bound = {n.args[1] for n in subterms(definition.value) if isinstance(n, LayerSum)}
        for node in subterms(definition.value):
            layer = layer_of(node)
            if layer is None or layer.free_symbols & bound:
                continue
            distance = None if definition.target.layer is None else layer - definition.target.layer
            if distance is None or not distance.is_Integer:
                heavy = isinstance(node, Act) or (isinstance(node, Ref) and node.name != "a")
                places.append((_from_top(layer), heavy))
            elif distance > 0:
                raise OutOfClass(f"{definition.target.name} is defined by the layers above it")
    top = min(offset for offset, _ in places)
    return Behind(top, any(heavy for offset, heavy in places if offset == top), first)


def layer_of(node: Basic) -> Basic | None:
    """The layer that a quantity, an activation or a width stands with."""
    if isinstance(node, Ref | Act):
        return node.layer
    return node.of if isinstance(node, Size) and node.of != SAMPLES else None


def _ends(definition: Definition) -> list[tuple[int, bool]]:
    """Where a schema begins or ends below L: the layers on the other side are special."""
    found = []
    own = definition.target.layer
    if own is not None and own != l:
        found.append((_from_top(own), False))
    for end, next_to in ((definition.first, 0), (definition.last, 1)):
        if end is not None and end.has(L):
            found.append((min(0, _from_top(end) + next_to), False))
    return found


def _from_top(layer: Basic) -> int:
    offset = layer - L
    if not offset.is_Integer:
        raise OutOfClass(f"a definition that knows layer {layer}, in a statement about every depth")
    return int(offset)


def _only_sums_over_all(definition: Definition) -> None:
    for node in subterms(definition.value):
        if isinstance(node, Chain):
            raise OutOfClass("a definition with a product over an unknown number of layers")
        if isinstance(node, LayerSum) and (node.lo, node.hi) != (1, L):
            raise OutOfClass("a definition with a sum over some of the layers")


def link(program: Program, *, active: bool) -> str:
    """The quantity of a layer that all layers above rest on: ``a``, or ``z`` where a = f(z).

    ``active``: the statement speaks of the activation itself, so that it must be ``a``.
    """
    own = {d.target.name: d for d in program.definitions if d.target.layer is not None}
    inside: set[str] = set()
    waiting = {"a"}
    while waiting:
        name = waiting.pop()
        inside.add(name)
        for definition in program.definitions:
            if definition.target.name == name:
                waiting |= _own_layer(definition, own) - inside
    by_z = [
        {n.name for n in subterms(d.value) if isinstance(n, Ref)} <= {"z"}
        for d in program.definitions
        if d.target.name == "a"
    ]
    return "z" if all(by_z) and not active else "a"


def _own_layer(definition: Definition, defined: dict[str, Definition]) -> set[str]:
    """What a layer is made of, beside the activations of the layer below and its parameters."""
    found: set[str] = set()
    for node in subterms(definition.value):
        if not isinstance(node, Ref) or node.name == "pi":
            continue
        distance = None if node.layer is None else node.layer - (definition.target.layer or l)
        if distance == 0:
            found |= {node.name} & set(defined)
        elif distance != -1 or node.name != "a":
            raise OutOfClass(
                "layers that are linked by more than the activations of the layer below"
            )
    return found
