"""What is missing: a factor, a slope, a sum."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sympy import Basic, Symbol

from symbackprop.language.binding import free_letters, subterms
from symbackprop.language.terms import (
    Act,
    Fn,
    MatMul,
    Partial,
    Quotient,
    Ref,
    Sum,
    Times,
    Transpose,
    plus,
    times,
)
from symbackprop.review.edits.context import Context, Offer, numbers, places, put
from symbackprop.review.products_of import arrays_in, factors_of, product_of, scaled


def more(side: Basic, context: Context) -> Offer:
    """A slope, another factor, the penalty."""
    kin = context.kin
    for slope in kin.slopes(context.other, side):
        for node in (slope, _bare_arg(slope)):
            if node is not None:
                yield "slope-dropped", product_of([side, node], arrays_in(node, kin))
    for ref in _neighbours(context):
        whole = arrays_in(ref, kin)
        if not whole:
            yield "factor-dropped", _inside(side, ref)
            continue
        for made in (MatMul(side, Transpose(ref)), MatMul(Transpose(ref), side), MatMul(ref, side)):
            yield "factor-dropped", made
    for link in _links(context):
        yield "factor-dropped", _inside(side, link)
    for name in ("lambda",):
        declared = [d for d in kin.program.declarations if d.name == name]
        weight = context.other.by if isinstance(context.other, Partial) else None
        if isinstance(context.other, Ref) and context.other.name[:1] == "d":
            base = context.other.name[1:]
            named = any(d.name == base for d in kin.program.declarations)
            weight = kin.renamed(context.other, base) if named else None
        if declared and isinstance(weight, Ref) and not kin.is_penalty(side):
            term = times(Ref(name), weight)
            yield "penalty-dropped", plus(side, term)
            for _, number in numbers(context):
                yield "penalty-dropped", plus(side, scaled(number, term))


def _links(context: Context) -> Iterator[Partial]:
    """``∂a_k/∂z_j`` between the ``∂C/∂a_k`` of a side and the ``∂C/∂z_j`` of the other."""
    end = context.other
    if isinstance(end, Ref) and end.name in context.kin.definitions:
        value = context.kin.definitions[end.name].value
        if isinstance(value, Partial):
            end = Partial(value.of, Ref(value.by.args[0], end.args[1], *end.indices))
    if not isinstance(end, Partial):
        return
    for node in subterms(context.side):
        if isinstance(node, Partial) and node.by != end.by:
            yield Partial(node.by, end.by)


def _bare_arg(slope: Act | Fn) -> Basic | None:
    if not isinstance(slope.arg, Ref) or not slope.arg.indices:
        return None
    return slope.xreplace({slope.arg: slope.arg.whole})


def _neighbours(context: Context) -> Iterator[Ref]:
    """Quantities whose indices the statement already has: what a product may lack."""
    kin = context.kin
    letters = kin.letters(context.side, context.other)
    layers = {
        n.layer for s in (context.side, context.other) for n in subterms(s)
        if isinstance(n, Ref) and n.layer is not None
    }  # fmt: skip
    near = {layer + step for layer in layers for step in (-1, 0)}
    named = not layers
    for declaration in kin.program.declarations:
        if declaration.name.startswith("#") or not declaration.axes:
            continue
        count = len(declaration.axes)
        if declaration.layered and not named:
            bases = [Ref(declaration.name, layer) for layer in sorted(near, key=str)]
        elif not declaration.layered and named:
            bases = [Ref(declaration.name)]
        else:
            continue
        for base in bases:
            if letters and count == 1:
                yield from (base.at(letter) for letter in letters)
            elif letters and count == 2:
                yield from (base.at(one, two) for one in letters for two in letters if one != two)
            else:
                yield base


def _inside(side: Basic, factor: Basic) -> Basic:
    """A factor put into the innermost sum that binds one of its letters."""
    if isinstance(side, Sum) and side.index in factor.free_symbols:
        return Sum(_inside(side.body, factor), side.index, side.size)
    if isinstance(side, Times):
        for n, arg in enumerate(side.args):
            if isinstance(arg, Sum) and arg.index in factor.free_symbols:
                return times(*side.args[:n], _inside(arg, factor), *side.args[n + 1 :])
    return times(side, factor)


def sum_missing(node: Basic, context: Context) -> Offer:
    """``∂C/∂a_j ∂a_j/∂z_j`` for ``Σ_k ∂C/∂a_k ∂a_k/∂z_j``; a letter that only one side has."""
    kin = context.kin
    if isinstance(node, Sum):
        return
    letter = next(kin.unused(context.side, context.other))
    free_there = free_letters(context.other)
    for own in sorted(free_letters(node) - free_there, key=str):
        size = kin.range_in(node, own)
        if size is not None:
            yield "sum-dropped", Sum(node, own, size)
    factors = factors_of(node)
    if factors is None or len(factors) < 2:
        return
    spots = [
        (n, path, index) for n, factor in enumerate(factors)
        for path, ref in places(factor) if isinstance(ref, Ref)
        for index in ref.indices if isinstance(index, Symbol)
    ]  # fmt: skip
    for (n, one, index), (m, two, other) in combinations(spots, 2):
        if n == m or index != other:
            continue
        made = list(factors)
        made[n] = _relettered(made[n], one, index, letter)
        made[m] = _relettered(made[m], two, index, letter)
        size = kin.range_in(made[n], letter)
        if size is not None:
            softmax = any(isinstance(f, Partial | Act) for f in factors)
            yield (
                (
                    "softmax-diagonal-only"
                    if softmax and _diagonal(node, context)
                    else "sum-dropped"
                ),
                Sum(product_of(made, False), letter, size),
            )


def _diagonal(node: Basic, context: Context) -> bool:
    """Whether a softmax is the layer that this product goes through."""
    for definition in context.kin.program.definitions:
        if definition.target.name in context.kin.input_of or not any(
            isinstance(n, Quotient) for n in subterms(definition.value)
        ):
            continue
        if any(isinstance(n, Ref) and n.name == definition.target.name for n in subterms(node)):
            return True
    return False


def _relettered(factor: Basic, path: tuple[int, ...], index: Basic, letter: Symbol) -> Basic:
    node = factor
    for step in path:
        node = node.args[step]
    assert isinstance(node, Ref)
    where = [letter if i == index else i for i in node.indices]
    return put(factor, path, node.at(*where))
