"""Functions with their arguments: σ(z), σ'(z), softmax(z), exp, C(a, y), diag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Basic, Symbol

from symbackprop.language.program import L
from symbackprop.language.terms import (
    Diag,
    Fn,
    Opaque,
    Ref,
    Transpose,
    Vec,
)
from symbackprop.read import layout as t
from symbackprop.review.activations_read import activation, indices_below, known, raised
from symbackprop.review.customary import ELEMENTARY, KNOWN_FUNCTIONS
from symbackprop.review.lettering import with_sample
from symbackprop.review.spelling import Misread, Written, bare, key_of
from symbackprop.review.summing import limits_of

if TYPE_CHECKING:
    from symbackprop.review.meaning import Reader


def apply(reader: Reader, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    """``name(arguments)``."""
    key = key_of(name)
    if key in reader.letters.macros and len(arguments) == 1:
        return _macro(reader, name, arguments[0])
    plain = _PLAIN.get(name.base if name.base == "1" else key) or (
        _output if _is_output(reader, name) else None
    )
    if plain is not None:
        if name.scripts.primes:
            raise Misread(name, f"{name.base}′ is not understood")
        return raised(reader, name, plain(reader, name, arguments))
    if key not in reader.letters.table and key in reader.letters.formulas:
        return activation(reader, name, arguments)
    if key in ELEMENTARY:
        return raised(reader, name, Fn(ELEMENTARY[key], reader.term(arguments[0])))
    if key in KNOWN_FUNCTIONS:
        return known(reader, KNOWN_FUNCTIONS[key], name, arguments)
    if key in reader.letters.table or len(arguments) > 1:
        return _function_of_vectors(reader, name, arguments)
    return activation(reader, name, arguments)


def _macro(reader: Reader, name: t.Name, argument: t.Node) -> Basic:
    """``h_θ(x^{(i)})`` where ``h_θ(x) = g(θᵀ x)`` is said."""
    if name.scripts.primes:
        raise Misread(name, f"{name.base}′ is not understood", "∂/∂ with its variable")
    variable, body = reader.letters.macros[key_of(name)]
    kept = dict(reader.bound)
    reader.bound[variable] = reader.term(argument)
    try:
        return raised(reader, name, reader.term(body))
    finally:
        reader.bound = kept


def _condition(reader: Reader, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    return reader.condition(arguments[0])


def _diagonal(reader: Reader, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    return Diag(reader.term(arguments[0]))


def _output(reader: Reader, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    return Ref("a", L)


def _is_output(reader: Reader, name: t.Name) -> bool:
    return reader.letters.symbolic and is_hypothesis(reader, name)


def is_hypothesis(reader: Reader, name: t.Name) -> bool:
    """``h_{W,b}(x)``, ``h_Θ(x)``: the output of the network, by its parameters."""
    below = [bare(node) for node in indices_below(name)]
    table = reader.letters.table
    roles = [table[key_of(n)].role for n in below if isinstance(n, t.Name) and key_of(n) in table]
    return bool(below) and len(roles) == len(below) and set(roles) <= {"weight", "bias"}


def _max(reader: Reader, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    found = [reader.term(argument) for argument in arguments]
    others = [term for term in found if term != 0]
    if len(found) != 2 or len(others) != 1:
        raise Misread(name, "a maximum of anything but 0 and one thing is not in the language")
    return Fn("max0", others[0])


_PLAIN = {"1": _condition, "max": _max, "diag": _diagonal}


def _function_of_vectors(reader: Reader, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
    """``C(a, y)``: a known cost, or an unspecified function of vectors."""
    found = reader.apart(name)
    families = [_family(reader, argument) for argument in arguments]
    if all(families) and found.power is None and not name.scripts.primes:
        return Opaque(found.key, (), families)
    if found.sample is None and len({part.sample for part in _written(reader, arguments)}) == 1:
        found = replace(found, sample=_written(reader, arguments)[0].sample)
    known_ref = reader.letters.ref(found, with_sample(reader, found, ()))
    if known_ref is not None:
        if name.scripts.primes or found.power is not None:
            raise Misread(name, f"{found.key} with an exponent is not understood")
        return known_ref
    vectors = []
    for argument in arguments:
        term = reader.term(argument)
        inner = term.args[0] if isinstance(term, Transpose) else term
        if not isinstance(inner, Ref):
            raise Misread(argument, "an unspecified function takes whole quantities", "C(a, y)")
        vectors.append(inner)
    return opaque(reader, found.key, vectors)


def _written(reader: Reader, arguments: Sequence[t.Node]) -> list[Written]:
    """The letters among some arguments: ``L(ŷ^{(i)}, y^{(i)})`` is the cost of the sample i."""
    return [reader.apart(n) for n in map(bare, arguments) if isinstance(n, t.Name)]


def _family(reader: Reader, node: t.Node) -> Vec | None:
    """``(a_{is})_{i=1}^n``: the entries of a vector, one after the other."""
    group = bare(node)
    if not isinstance(group, t.Group) or group.kind != "(" or group.scripts.sup is None:
        return None
    letters, last, _ = limits_of(reader, t.Big("sum", scripts=group.scripts))
    if len(letters) != 1 or last is None:
        return None
    entry = reader.term(group.body)
    size = reader.range_of(letters[0], entry)
    if size is None or reader.letters.at_top(size.of) != reader.letters.at_top(last.of):
        raise Misread(node, f"{letters[0]} runs over something else here")
    return Vec(entry, letters[0], size)


def opaque(reader: Reader, key: str, vectors: Sequence[Ref]) -> Basic:
    """An unspecified differentiable function of whole vectors."""
    i = Symbol("i")
    made = []
    for vector in vectors:
        axes = reader.axes(vector)
        if len(axes) != 1 or vector.indices:
            raise Misread(t.Number(), "an unspecified function takes vectors", "C(a, y)")
        made.append(Vec(vector.at(i), i, axes[0]))
    return Opaque(key, (), made)


def first_argument(node: t.Node) -> t.Node:
    return bare(node) or node
