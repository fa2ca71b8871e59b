"""Small changes of a formula, each the undoing of one classic mistake, as a table.

A row of ``AT_NODES`` looks at one node of the term and offers what might stand there instead; a row
of ``AT_SIDE`` looks at a whole side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.language.binding import free_letters, substitute, subterms
from symbackprop.language.program import L
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Diag,
    Fn,
    Hadamard,
    Kron,
    MatMul,
    Partial,
    Plus,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Times,
    Transpose,
    negative,
    plus,
    times,
)
from symbackprop.review.kin import Kin
from symbackprop.review.mistakes import MISTAKES
from symbackprop.review.products_of import arrays_in, factors_of, product_of, scaled

ONE, TWO, HALF = Integer(1), Integer(2), Rational(1, 2)
Offer = Iterator[tuple[str, Basic]]


@dataclass(frozen=True)
class Edit:
    """A side with one change, and the mistake that the change undoes."""

    mistake: str
    term: Basic
    plain: bool = False  # nothing else is as likely

    @property
    def rank(self) -> int:
        return 0 if self.plain else MISTAKES[self.mistake].rank


@dataclass(frozen=True)
class Context:
    """What an edit may look at: the quantities, this side, the other side."""

    kin: Kin
    side: Basic
    other: Basic


def edits_of(side: Basic, other: Basic, kin: Kin) -> Iterator[Edit]:
    """Every change of the table, everywhere in one side."""
    context = Context(kin, side, other)
    for change in AT_SIDE:
        for mistake, term in change(side, context):
            yield Edit(mistake, term, plain=mistake == "sign" and _is_negative(side))
    for path, node in _places(side):
        for change in AT_NODES:
            for mistake, new in change(node, context):
                yield Edit(mistake, _put(side, path, new))


def _places(term: Basic, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Basic]]:
    yield path, term
    if isinstance(term, Ref | Size | Symbol):
        return
    for n, arg in enumerate(term.args):
        if isinstance(arg, Basic) and not isinstance(arg, Symbol | Integer):
            yield from _places(arg, (*path, n))


def _put(term: Basic, path: tuple[int, ...], new: Basic) -> Basic:
    if not path:
        return new
    at, *rest = path
    args = list(term.args)
    args[at] = _put(args[at], tuple(rest), new)
    if isinstance(term, Times):
        return times(*args)
    if isinstance(term, Plus):
        return plus(*args)
    return term.func(*args)


# -- one quantity ----------------------------------------------------------------------------------


def _other_layer(node: Basic, context: Context) -> Offer:
    kin = context.kin
    if isinstance(node, Act) and node.order:
        for step in (-1, 1):
            moved = kin.all_shifted(node, step)
            if moved is not None:
                yield "slope-of-wrong-layer", moved
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


def _other_quantity(node: Basic, context: Context) -> Offer:
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


def _turned(node: Basic, context: Context) -> Offer:
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


def _reindexed(node: Basic, context: Context) -> Offer:
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


# -- slopes and powers -----------------------------------------------------------------------------


def _slope(node: Basic, context: Context) -> Offer:
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


def _power(node: Basic, context: Context) -> Offer:
    if isinstance(node, Power) and node.args[1] == TWO:
        yield "extra-power", node.args[0]
    if isinstance(node, Ref) and not context.kin.program.axes_of(node)[len(node.indices) :]:
        yield "power-dropped", Power(node, TWO)
        yield "one-minus-dropped", plus(ONE, negative(node))
    if isinstance(node, Plus) and not arrays_in(node, context.kin):
        yield "power-dropped", Power(node, TWO)
    if isinstance(node, Hadamard) and len(node.args) == 2 and node.args[0] == node.args[1]:
        yield "extra-power", node.args[0]


def _known_slopes(node: Basic, context: Context) -> Offer:
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


def _softmax(node: Basic, context: Context) -> Offer:
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


def _upside_down(node: Basic, context: Context) -> Offer:
    if isinstance(node, Partial) and isinstance(node.of, Ref):
        yield "chain-upside-down", Partial(node.by, node.of)


# -- products --------------------------------------------------------------------------------------


def _product_kind(node: Basic, context: Context) -> Offer:
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
            yield kinds[1], MatMul(one, _upright(other))
            yield kinds[0], MatMul(_upright(one), other)
    if isinstance(node, Hadamard):
        for n in range(1, len(node.args)):
            one = product_of(list(node.args[:n]), True)
            other = product_of(list(node.args[n:]), True)
            for left in (one, Transpose(one)):
                for right in (other, Transpose(other)):
                    yield "hadamard-for-matmul", MatMul(left, right)
    if isinstance(node, Transpose):
        yield _turned_kind(node, context.kin), node.args[0]


def _upright(term: Basic) -> Basic:
    return term.args[0] if isinstance(term, Transpose) else Transpose(term)


def _turned_kind(factor: Basic, kin: Kin) -> str:
    inner = factor.args[0] if isinstance(factor, Transpose) else factor
    weight = isinstance(inner, Ref) and kin.is_weight(inner)
    return "transposed-weight" if weight else "transposed-outer-product"


def _fewer(node: Basic, context: Context) -> Offer:
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


def _signs(node: Basic, context: Context) -> Offer:
    if not isinstance(node, Plus):
        return
    plain = all(isinstance(negative(t) if _is_negative(t) else t, Ref) for t in node.args)
    signs = [_is_negative(t) for t in node.args]
    if len(node.args) == 2 and plain and signs[0] != signs[1]:
        one, other = (negative(t) if s else t for t, s in zip(node.args, signs, strict=True))
        first, second = (one, other) if signs[0] else (other, one)
        yield "target-and-output-swapped", plus(first, negative(second))
    for n, _ in enumerate(node.args):
        changed = [negative(t) if m == n else t for m, t in enumerate(node.args)]
        yield "sign", plus(*changed)


def _is_negative(term: Basic) -> bool:
    number = term.args[0] if isinstance(term, Times) else term
    return isinstance(number, Rational) and number < 0


# -- numbers ---------------------------------------------------------------------------------------


def _numbers(context: Context) -> Iterator[tuple[str, Basic]]:
    yield "sign", Integer(-1)
    yield "factor-2", TWO
    yield "factor-2", HALF
    m, top = Size(SAMPLES), Size(L)
    if any(size == m for d in context.kin.program.declarations for size in d.axes):
        yield "missing-1/m", Quotient(ONE, m)
        yield "1/m-twice", m
    if context.kin.program.depth is None or context.kin.program.widths is None:
        yield "missing-1/n_L", Quotient(ONE, top)
        yield "1/n_L-twice", top
    for declaration in context.kin.program.declarations:
        if declaration.name in ("n", "m", "N", "M") and not declaration.axes:
            yield "missing-1/n", Quotient(ONE, Ref(declaration.name))
            yield "extra-1/n", Ref(declaration.name)


def _scaled(side: Basic, context: Context) -> Offer:
    for mistake, number in _numbers(context):
        yield mistake, scaled(number, side)


def _scaled_terms(node: Basic, context: Context) -> Offer:
    if not isinstance(node, Plus):
        return
    for n, term in enumerate(node.args):
        penalty = context.kin.is_penalty(term)
        for mistake, number in _numbers(context):
            if mistake == "sign":
                continue
            changed = [scaled(number, t) if m == n else t for m, t in enumerate(node.args)]
            yield ("penalty-factor" if penalty else mistake), plus(*changed)


# -- what is missing -------------------------------------------------------------------------------


def _more(side: Basic, context: Context) -> Offer:
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
            for _, number in _numbers(context):
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


def _sum_missing(node: Basic, context: Context) -> Offer:
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
    places = [
        (n, path, index) for n, factor in enumerate(factors)
        for path, ref in _places(factor) if isinstance(ref, Ref)
        for index in ref.indices if isinstance(index, Symbol)
    ]  # fmt: skip
    for (n, one, index), (m, two, other) in combinations(places, 2):
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
    return _put(factor, path, node.at(*where))


def _all_of_a_kind(side: Basic, context: Context) -> Offer:
    """``z (1 - z)`` for ``a (1 - a)``: every z at once; two letters exchanged everywhere."""
    kin = context.kin
    for z in {n for n in subterms(side) if isinstance(n, Ref) and n.name in kin.output_of}:
        yield (
            "weighted-input-for-activation",
            substitute(side, {z: kin.renamed(z, kin.output_of[z.name])}),
        )
    for a in {n for n in subterms(side) if isinstance(n, Ref) and n.name in kin.input_of}:
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


AT_NODES: tuple[Callable[[Basic, Context], Offer], ...] = (
    _slope, _known_slopes, _softmax, _upside_down, _signs, _other_quantity, _turned, _other_layer,
    _product_kind, _power, _scaled_terms, _fewer, _reindexed, _sum_missing,
)  # fmt: skip
AT_SIDE: tuple[Callable[[Basic, Context], Offer], ...] = (_scaled, _all_of_a_kind, _more)
