"""Kinds and order of products, factors too many, signs and numbers."""

from __future__ import annotations

from sympy import Basic, Rational

from symbackprop.language.binding import substitute
from symbackprop.language.terms import (
    Act,
    Diag,
    Hadamard,
    MatMul,
    Plus,
    Ref,
    Sum,
    Times,
    Transpose,
    negative,
    plus,
)
from symbackprop.review.edits.context import Context, Offer, is_negative, numbers, upright
from symbackprop.review.kin import Kin
from symbackprop.review.products_of import product_of, scaled


def product_kind(node: Basic, context: Context) -> Offer:
    """A matrix product for ⊙, ⊙ for a matrix product, another order."""
    if isinstance(node, MatMul):
        for n in range(len(node.args) - 1):
            one, other = (
                product_of(list(node.args[: n + 1]), None),
                product_of(list(node.args[n + 1 :]), None),
            )
            yield "matmul-for-hadamard", Hadamard(one, other)
        yield "factors-in-wrong-order", MatMul(*reversed(node.args))
        if len(node.args) == 2:
            one, other = node.args
            if isinstance(other, Transpose):
                yield "transposed-outer-product", MatMul(other.args[0], Transpose(one))
            if isinstance(one, Transpose):
                yield "transposed-outer-product", MatMul(Transpose(other), one.args[0])
            kinds = [_turned_kind(factor, context.kin) for factor in (one, other)]
            yield kinds[1], MatMul(one, upright(other))
            yield kinds[0], MatMul(upright(one), other)
    if isinstance(node, Hadamard):
        for n in range(1, len(node.args)):
            one = product_of(list(node.args[:n]), True)
            other = product_of(list(node.args[n:]), True)
            for left in (one, Transpose(one)):
                for right in (other, Transpose(other)):
                    yield "hadamard-for-matmul", MatMul(left, right)
    if isinstance(node, Transpose):
        yield _turned_kind(node, context.kin), node.args[0]


def _turned_kind(factor: Basic, kin: Kin) -> str:
    inner = factor.args[0] if isinstance(factor, Transpose) else factor
    weight = isinstance(inner, Ref) and kin.is_weight(inner)
    return "transposed-weight" if weight else "transposed-outer-product"


def fewer(node: Basic, context: Context) -> Offer:
    """A factor or a term too many."""
    if isinstance(node, Times | Hadamard) and len(node.args) > 1:
        for n, factor in enumerate(node.args):
            if isinstance(factor, Rational):
                continue
            rest = [f for m, f in enumerate(node.args) if m != n]
            slope = isinstance(factor, Act) and factor.order > 0
            left = product_of(rest, isinstance(node, Hadamard))
            yield ("extra-slope" if slope else "extra-factor"), left
    if isinstance(node, MatMul) and len(node.args) > 1:
        for n in range(len(node.args)):
            rest = [f for m, f in enumerate(node.args) if m != n]
            slope = isinstance(node.args[n], Diag)
            yield ("extra-slope" if slope else "extra-factor"), product_of(rest, None)
    if isinstance(node, Plus):
        for n, term in enumerate(node.args):
            rest = [t for m, t in enumerate(node.args) if m != n]
            penalty = context.kin.is_penalty(term)
            yield ("penalty-on-bias" if penalty else "extra-term"), plus(*rest)
    if isinstance(node, Sum):
        for letter in context.kin.letters(context.other, context.side):
            yield "extra-sum", substitute(node.body, {node.index: letter})


def signs(node: Basic, context: Context) -> Offer:
    """Another sign; a difference the other way round."""
    if not isinstance(node, Plus):
        return
    plain = all(isinstance(negative(t) if is_negative(t) else t, Ref) for t in node.args)
    signs = [is_negative(t) for t in node.args]
    if len(node.args) == 2 and plain and signs[0] != signs[1]:
        one, other = (negative(t) if s else t for t, s in zip(node.args, signs, strict=True))
        first, second = (one, other) if signs[0] else (other, one)
        yield "target-and-output-swapped", plus(first, negative(second))
    for n, _ in enumerate(node.args):
        changed = [negative(t) if m == n else t for m, t in enumerate(node.args)]
        yield "sign", plus(*changed)


def whole_scaled(side: Basic, context: Context) -> Offer:
    """A number in front of the whole side."""
    for mistake, number in numbers(context):
        yield mistake, scaled(number, side)


def scaled_terms(node: Basic, context: Context) -> Offer:
    """A number in front of one term."""
    if not isinstance(node, Plus):
        return
    for n, term in enumerate(node.args):
        penalty = context.kin.is_penalty(term)
        for mistake, number in numbers(context):
            if mistake == "sign":
                continue
            changed = [scaled(number, t) if m == n else t for m, t in enumerate(node.args)]
            yield ("penalty-factor" if penalty else mistake), plus(*changed)
