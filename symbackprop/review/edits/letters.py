"""Another layer, another quantity, other indices."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from sympy import Basic

from symbackprop.language.binding import free_letters, substitute, subterms
from symbackprop.language.terms import (
    Act,
    Kron,
    Ref,
    Transpose,
)
from symbackprop.review.edits.context import Context, Offer
from symbackprop.review.kin import Kin


def other_layer(node: Basic, context: Context) -> Offer:
    """The same quantity one layer up or down."""
    kin = context.kin
    if isinstance(node, Act) and node.order:
        for step in (-1, 1):
            moved = kin.all_shifted(node, step)
            if moved is not None:
                yield "slope-of-wrong-layer", moved
        own = node.arg.layer if isinstance(node.arg, Ref) else None
        if own is not None and own != node.layer:  # h'(z^L) where the last layer has g
            yield "slope-of-wrong-layer", Act(own, node.arg, node.order)
    if not isinstance(node, Ref):
        return
    for step in (-1, 1):
        moved = kin.shifted(node, step)
        if moved is not None:
            yield f"{_kind(node, kin)}-of-wrong-layer", moved


def _kind(ref: Ref, kin: Kin) -> str:
    if kin.is_weight(ref):
        return "weight"
    if kin.is_error(ref.name):
        return "error"
    return "activation"


def other_quantity(node: Basic, context: Context) -> Offer:
    """z for a, a for z, another letter of the same shape."""
    kin = context.kin
    if not isinstance(node, Ref):
        return
    if node.name in kin.output_of:
        yield "weighted-input-for-activation", kin.renamed(node, kin.output_of[node.name])
    if node.name in kin.input_of:
        yield "activation-for-weighted-input", kin.renamed(node, kin.input_of[node.name])
    axes = len(kin.program.axes_of(node))
    for name, definition in kin.definitions.items():
        same_shape = len(kin.program.declared(name).axes) == axes and axes
        if name == node.name or not same_shape or not kin.is_error(name):
            continue
        if (definition.target.layer is None) == (node.layer is None):
            yield "wrong-variable", kin.renamed(node, name)


def turned(node: Basic, context: Context) -> Offer:
    """Indices and transposes of a weight."""
    kin = context.kin
    if isinstance(node, Ref) and len(node.indices) == 2 and kin.is_weight(node):
        yield "transposed-weight", node.at(*reversed(node.indices))
    if (
        isinstance(node, Transpose)
        and isinstance(node.args[0], Ref)
        and kin.is_weight(node.args[0])
    ):
        yield "transposed-weight", node.args[0]
    if isinstance(node, Ref) and not node.indices and kin.is_weight(node):
        yield "transposed-weight", Transpose(node)
    if isinstance(node, Transpose) and isinstance(node.args[0], Transpose):
        yield "transposed-weight", node.args[0].args[0]


def reindexed(node: Basic, context: Context) -> Offer:
    """Another letter at one place; two letters exchanged."""
    kin = context.kin
    if isinstance(node, Ref) and node.indices:
        letters = kin.letters(context.side, context.other)
        for place, index in enumerate(node.indices):
            for letter in letters:
                if letter != index:
                    where = (*node.indices[:place], letter, *node.indices[place + 1 :])
                    yield "index-swapped", node.at(*where)
    if isinstance(node, Kron):
        for place in (0, 1):
            for letter in kin.letters(context.side, context.other):
                if letter not in node.args:
                    ends = list(node.args)
                    ends[place] = letter
                    yield "index-swapped", Kron(*ends)


def _each(side: Basic, names: Mapping[str, str]) -> list[Ref]:
    """The quantities with these names, each once, in the order in which they stand."""
    return list(dict.fromkeys(n for n in subterms(side) if isinstance(n, Ref) and n.name in names))


def all_of_a_kind(side: Basic, context: Context) -> Offer:
    """``z (1 - z)`` for ``a (1 - a)``: every z at once; two letters exchanged everywhere."""
    kin = context.kin
    for z in _each(side, kin.output_of):
        yield (
            "weighted-input-for-activation",
            substitute(side, {z: kin.renamed(z, kin.output_of[z.name])}),
        )
    for a in _each(side, kin.input_of):
        yield (
            "activation-for-weighted-input",
            substitute(side, {a: kin.renamed(a, kin.input_of[a.name])}),
        )
        for step in (-1, 1):
            moved = kin.shifted(a, step)
            if moved is not None:
                yield "activation-of-wrong-layer", substitute(side, {a: moved})
    letters = sorted(free_letters(side), key=str)
    for one, other in combinations(letters, 2):
        swapped = side.xreplace({one: other, other: one})
        yield "index-swapped", swapped
