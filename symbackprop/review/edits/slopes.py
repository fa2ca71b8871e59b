"""Slopes of activation functions, the Jacobian of softmax, squares, derivatives upside down."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Basic, Symbol

from symbackprop.language.binding import substitute, subterms
from symbackprop.language.terms import (
    Act,
    Diag,
    Hadamard,
    Kron,
    MatMul,
    Partial,
    Plus,
    Power,
    Ref,
    Sum,
    Transpose,
    negative,
    plus,
    times,
)
from symbackprop.review.edits.context import ONE, TWO, Context, Offer
from symbackprop.review.products_of import arrays_in, factors_of, product_of


def slope(node: Basic, context: Context) -> Offer:
    """σ for σ', σ' for σ, σ' at the weighted input."""
    kin = context.kin
    if not isinstance(node, Act):
        return
    if isinstance(node.arg, Ref) and node.arg.name in kin.input_of:
        z = kin.renamed(node.arg, kin.input_of[node.arg.name])
        if node.order:
            yield "slope-at-activation", Act(node.layer, z, node.order)
        else:
            yield "activation-for-weighted-input", Act(node.layer, z, 0)
    if node.order and isinstance(node.arg, Act) and node.arg.order == 0:
        yield "slope-at-activation", Act(node.layer, node.arg.arg, node.order)
    if node.order == 0:
        yield "derivative-dropped", Act(node.layer, node.arg, 1)
    else:
        yield "extra-derivative", Act(node.layer, node.arg, node.order - 1)


def power(node: Basic, context: Context) -> Offer:
    """A square more or less."""
    if isinstance(node, Power) and node.args[1] == TWO:
        yield "extra-power", node.args[0]
    if isinstance(node, Ref) and not context.kin.program.axes_of(node)[len(node.indices) :]:
        yield "power-dropped", Power(node, TWO)
        yield "one-minus-dropped", plus(ONE, negative(node))
    if isinstance(node, Plus) and not arrays_in(node, context.kin):
        yield "power-dropped", Power(node, TWO)
    if isinstance(node, Hadamard) and len(node.args) == 2 and node.args[0] == node.args[1]:
        yield "extra-power", node.args[0]


def known_slopes(node: Basic, context: Context) -> Offer:
    """``a (1 - a)``, ``1 - a²``, ``a_k (δ_kj - a_j)``, ``diag(a) - a aᵀ``."""
    for u, rest, whole in _logistic(node):
        square = Hadamard(u, u) if whole else Power(u, TWO)
        ones = next((p for p in subterms(node) if p == ONE), ONE)
        first = next(iter(_ones_of(node, u)), ones)
        yield "tanh-slope-as-sigmoid", product_of([*rest, plus(first, negative(square))], whole)
        yield "extra-slope", product_of(rest, whole)
    if isinstance(node, Diag):
        for u, rest, whole in _logistic(node.args[0]):
            if whole and not rest:
                outer = MatMul(u, Transpose(u))
                yield "softmax-diagonal-only", plus(Diag(u), negative(outer))
    for u, first in _tanh(node):
        whole = isinstance(first, Basic) and first != ONE
        both = plus(first, negative(u))
        yield "sigmoid-slope-as-tanh", Hadamard(u, both) if whole else times(u, both)


def _ones_of(node: Basic, u: Basic) -> Iterator[Basic]:
    for part in subterms(node):
        if isinstance(part, Plus) and len(part.args) == 2 and part.args[1] == negative(u):
            yield part.args[0]


def _logistic(node: Basic) -> Iterator[tuple[Basic, list[Basic], bool]]:
    """``u`` and the other factors of a product with ``u (1 - u)`` in it."""
    factors = factors_of(node)
    if factors is None:
        return
    whole = isinstance(node, Hadamard) or any(isinstance(f, Hadamard) for f in factors)
    for n, u in enumerate(factors):
        for m, other in enumerate(factors):
            if m == n or not isinstance(other, Plus) or len(other.args) != 2:
                continue
            if other.args[1] == negative(u):
                yield u, [f for p, f in enumerate(factors) if p not in (n, m)], whole


def _tanh(node: Basic) -> Iterator[tuple[Basic, Basic]]:
    if isinstance(node, Plus) and len(node.args) == 2:
        first, second = node.args
        square = negative(second)
        if isinstance(square, Power) and square.args[1] == TWO:
            yield square.args[0], first
        if isinstance(square, Hadamard) and len(set(square.args)) == 1:
            yield square.args[0], first


def softmax(node: Basic, context: Context) -> Offer:
    """Only the diagonal of the Jacobian: ``∂C/∂a_j ∂a_j/∂z_j``, ``a_k (1 - a_k)``."""
    if isinstance(node, Diag):
        u = node.args[0]
        yield "softmax-diagonal-only", plus(node, negative(MatMul(u, Transpose(u))))
    for u, rest, whole in _logistic(node):
        if not whole and isinstance(u, Ref) and len(u.indices) == 1:
            yield from _all_outputs(u, rest, context)
        for kron in (factor for factor in rest if isinstance(factor, Kron)):
            if not whole and isinstance(u, Ref) and len(u.indices) == 1:
                ends = [end for end in kron.args if end != u.indices[0]]
                left = [factor for factor in rest if factor != kron]
                for end in ends:
                    inner = plus(kron, negative(u.at(end)))
                    yield "softmax-diagonal-only", product_of([*left, u, inner], False)
    if isinstance(node, Plus) and len(node.args) == 2 and node.args[0] == ONE:
        u = negative(node.args[1])
        if isinstance(u, Ref) and len(u.indices) == 1:
            for letter in context.kin.letters(context.other):
                if letter != u.indices[0]:
                    kron = Kron(u.indices[0], letter)
                    yield "softmax-diagonal-only", plus(kron, negative(u.at(letter)))


def _all_outputs(u: Ref, rest: list[Basic], context: Context) -> Offer:
    """``g_j a_j (1 - a_j)`` as ``Σ_k g_k a_k (δ_kj - a_j)``."""
    j, k = u.indices[0], next(context.kin.unused(context.side, context.other))
    moved = [substitute(factor, {j: k}) for factor in rest]
    size = context.kin.range_in(u, j) if isinstance(j, Symbol) else None
    if size is not None:
        body = times(*moved, u.at(k), plus(Kron(k, j), negative(u)))
        yield "softmax-diagonal-only", Sum(body, k, size)


def upside_down(node: Basic, context: Context) -> Offer:
    """``∂z/∂a`` for ``∂a/∂z``."""
    defined = context.kin.definitions  # ∂b/∂C is zero, and nobody means that
    if not isinstance(node, Partial) or not isinstance(node.of, Ref):
        return
    if getattr(node.by, "name", "") in defined:
        yield "chain-upside-down", Partial(node.by, node.of)
