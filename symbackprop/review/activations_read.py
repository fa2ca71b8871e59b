"""Activation functions at their arguments: σ(z), σ'(z), softmax(z)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.language.binding import subterms
from symbackprop.language.program import L, U, l
from symbackprop.language.terms import (
    Act,
    Fn,
    Hadamard,
    MatMul,
    Ones,
    Partial,
    Quotient,
    Ref,
    Sum,
    Transpose,
    from_sympy,
    negative,
    plus,
    times,
)
from symbackprop.networks import activations
from symbackprop.read import layout as t
from symbackprop.review import arrays
from symbackprop.review.spelling import Misread, bare, is_layer, key_of, layer_of, marked

if TYPE_CHECKING:
    from symbackprop.review.meaning import Reader


def known(reader: Reader, row: str, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    """A function that the table of activations has: its formula at the argument."""
    argument = reader.term(arguments[0])
    indices = tuple(
        reader.index(i) for i in indices_below(name) if not is_layer(i, reader.letters.style)
    )
    if row == "softmax":
        if name.scripts.primes:
            raise Misread(name, "softmax has no slope of its own", "write ∂a_k/∂z_j")
        vector = softmax(reader, argument, name)
        return arrays.entry(vector, indices, reader.axes) if indices else vector
    layer = layer_in(argument)
    letters = reader.letters
    of_layer = letters.output if layer == L else letters.hidden
    if letters.symbolic and layer is not None and _mentions_input(argument) and of_layer == row:
        term: Basic = Act(layer, argument, Integer(name.scripts.primes))
        return raised(
            reader, name, term if not indices else arrays.entry(term, indices, reader.axes)
        )
    expr = activations.ACTIVATIONS[row].value
    for _ in range(name.scripts.primes):
        expr = activations.plain_slope(expr)
    term = at(reader, from_sympy(expr, {activations.z: U}), argument, name)
    return raised(reader, name, term)


def _mentions_input(argument: Basic) -> bool:
    """Whether this is z itself: the place where a layer's own function stands."""
    return isinstance(argument, Ref) and argument.name == "z"


def indices_below(name: t.Name) -> tuple[t.Node, ...]:
    """What stands below a function letter."""
    from symbackprop.review.spelling import items

    return items(name.scripts.sub)


def at(reader: Reader, formula: Basic, argument: Basic, node: t.Node) -> Basic:
    """A formula in ``U`` at an argument: entry by entry if that is an array."""
    from symbackprop.language.binding import substitute

    if reader.form(argument) != arrays.SCALAR:
        return Entrywise(reader).of(formula, argument)
    return substitute(formula, {U: argument})


class Entrywise:
    """A scalar formula written with ⊙, for an array argument."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def of(self, formula: Basic, argument: Basic) -> Basic:
        from symbackprop.language.terms import Hadamard, Plus, Power, Times

        if formula == U:
            return argument
        if isinstance(formula, Fn):
            return Fn(formula.name, self.of(formula.arg, argument))
        parts = [self.of(arg, argument) for arg in formula.args]
        if isinstance(formula, Plus):
            return arrays.added(parts, self.reader.axes, self.reader.shape)
        if isinstance(formula, Times):
            total = parts[0]
            for part in parts[1:]:
                total = arrays.entrywise(total, part, self.reader.axes)
            return total
        if isinstance(formula, Power):
            return Hadamard(*(parts[0] for _ in range(int(formula.args[1]))))
        if isinstance(formula, Quotient) and self.reader.form(parts[1]) != arrays.SCALAR:
            above, below = parts
            if self.reader.form(above) == arrays.SCALAR:
                above = times(above, arrays.ones_like(self.reader.shape(below)))
            return Quotient(above, below)
        return formula.func(*parts) if parts else formula


def softmax(reader: Reader, argument: Basic, node: t.Node) -> Basic:
    """``exp(z) / Σ_i exp(z_i)``."""
    if reader.form(argument) == arrays.MATRIX:
        return _softmax_of_samples(reader, argument, node)
    if reader.form(argument) != arrays.COLUMN:
        raise Misread(node, "softmax needs a vector", "softmax(z), its entries softmax(z)_k")
    size = reader.shape(argument)[0]
    i = Symbol("i")
    total = Sum(Fn("exp", arrays.entry(argument, (i,), reader.axes)), i, size)
    return Quotient(Fn("exp", argument), total)


def _softmax_of_samples(reader: Reader, argument: Basic, node: t.Node) -> Basic:
    """Each row, or each column, divided by the sum of its exponentials."""
    powers = Fn("exp", argument)
    rows, columns = reader.shape(argument)
    one = Ones(rows if reader.letters.choices.batch == "columns" else columns)
    if reader.letters.choices.batch == "columns":
        return Quotient(powers, MatMul(one, Transpose(one), powers))
    if reader.letters.choices.batch == "rows":
        return Quotient(powers, MatMul(powers, one, Transpose(one)))
    raise Misread(node, "softmax of a matrix: along its rows or its columns", 'batch = "rows"')


def layer_in(argument: Basic) -> Basic | None:
    """The layer of an argument: that of z if it stands there, else the highest mentioned."""
    layers = [n.layer for n in subterms(argument) if isinstance(n, Ref) and n.layer is not None]
    own = [
        n.layer
        for n in subterms(argument)
        if isinstance(n, Ref) and n.name in ("z", "w") and n.layer is not None
    ]
    pool = own or layers
    if not pool:
        return None
    best = pool[0]
    for layer in pool[1:]:
        if (layer - best).is_Integer and layer - best > 0:
            best = layer
    return best


def activation(reader: Reader, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    """``σ(z^l)`` and its slopes; for a softmax the formula, and for its slope the diagonal."""
    argument = reader.term(arguments[0])
    key = key_of(name)
    style = reader.letters.style
    mark, inside, _ = marked(name.scripts.sup)
    layer = layer_in(argument)
    own_layer = mark or (inside is not None and is_layer(inside, style))
    if inside is not None and own_layer:
        layer = layer_of(inside, style)
    power = None if own_layer else inside
    numbered = [i for i in indices_below(name) if _is_number_of_layer(reader, i)]
    if numbered:
        layer = layer_of(numbered[0], style)
    layer = _home(reader, name, layer)
    kind = reader.letters.activation(key, layer)
    if kind == "softmax" and power is None:
        return _softmax_at(reader, name, argument, layer)
    stated = reader.letters.formulas.get(key)
    if reader.letters.symbolic and stated is not None and kind != _row_of(reader, layer):
        return _stated(reader, name, stated[1], argument, power)
    place = l if layer is None else layer
    where = tuple(i for i in indices_below(name) if not is_layer(i, style) and i not in numbered)
    term: Basic = Act(place, argument, Integer(name.scripts.primes))
    if where and reader.form(term) != arrays.SCALAR:
        term = arrays.entry(term, tuple(map(reader.index, where)), reader.axes)
    return term if power is None else reader.power(term, power)


def _is_number_of_layer(reader: Reader, node: t.Node) -> bool:
    """The 2 of ``σ_2`` in a document that gives each layer a function of its own."""
    return bool(reader.letters.of_layers) and isinstance(bare(node), t.Number)


def _home(reader: Reader, name: t.Name, layer: Basic | None) -> Basic | None:
    """The layer whose function a letter means, wherever its argument is from."""
    letters, key = reader.letters, key_of(name)
    if not letters.symbolic:
        return letters.function_number(key)
    if not letters.acts or key in letters.formulas:
        return layer
    if key not in letters.acts:
        known = ", ".join(sorted(letters.acts))
        what = f"{name.base} is not defined in this document; its activation is {known}"
        raise Misread(name, what, "a definition, such as a = σ(z)")
    if letters.two_activations and letters.acts[key] == "hidden" and layer == L:
        return L - 1
    if letters.two_activations and letters.acts[key] == "output":
        return L
    return layer


def _row_of(reader: Reader, layer: Basic | None) -> str:
    letters = reader.letters
    named = letters.output if layer == L and letters.output else letters.hidden or letters.output
    only = [name for name, _ in letters.formulas.values()]
    return named or (only[0] if len(only) == 1 else "")


def _stated(
    reader: Reader, name: t.Name, formula: Basic | None, argument: Basic, power: t.Node | None
) -> Basic:
    """A function that the document defines, but no layer uses: its formula at the argument."""
    if formula is None:
        raise Misread(name, f"{name.base} has no formula", "a definition of it")
    term = at(reader, formula, argument, name)
    for _ in range(name.scripts.primes):
        if not isinstance(argument, Ref):
            raise Misread(name, f"{name.base}′ of this argument is not understood", "σ'(z)")
        term = Partial(term, argument)
    return term if power is None else reader.power(term, power)


def _softmax_at(reader: Reader, name: t.Name, argument: Basic, layer: Basic | None) -> Basic:
    inner = argument
    if isinstance(argument, Ref) and argument.indices:
        inner = argument.whole
    if name.scripts.primes == 0:
        vector = softmax(reader, inner, name)
        own = argument.indices if isinstance(argument, Ref) else ()
        return arrays.entry(vector, own, reader.axes) if own else vector
    if name.scripts.primes == 1 and isinstance(argument, Ref) and argument.indices:
        reader.notes.append("σ′(z_j) of a softmax is read as ∂a_j/∂z_j, the diagonal")
        return Partial(Ref("a", layer or L, *argument.indices), argument)
    if name.scripts.primes == 1 and isinstance(argument, Ref):
        reader.notes.append("σ′(z) of a softmax is read as the diagonal of ∂a/∂z, a ⊙ (1 - a)")
        a = Ref("a", layer or L)
        one = arrays.ones_like(reader.shape(a))
        return Hadamard(a, plus(one, negative(a)))
    return Act(layer or L, argument, Integer(name.scripts.primes))


def raised(reader: Reader, name: t.Name, term: Basic) -> Basic:
    """With the power that stands at the function."""
    return term if name.scripts.sup is None else reader.power(term, name.scripts.sup)
