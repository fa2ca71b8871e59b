"""Which lines define something: ``z^l_j = …``, ``δ := ∂C/∂z``, ``σ(x) = …``; and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sympy import Basic, Integer, Symbol

from symbackprop.judge.components import Components
from symbackprop.language.binding import substitute, subterms
from symbackprop.language.program import Definition, L, Program, U, l
from symbackprop.language.shapes import shape
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Column,
    Diag,
    Hadamard,
    MatMul,
    Partial,
    Ref,
    Size,
    Transpose,
)
from symbackprop.read import layout as t
from symbackprop.review.lettering import with_sample
from symbackprop.review.meaning import Reader
from symbackprop.review.spelling import Misread, key_of
from symbackprop.review.sums import apart, with_sums
from symbackprop.review.vocabulary import DUMMY, Quantity

ARRAYS = (MatMul, Transpose, Hadamard, Diag, Column)
ENTRY = (Symbol("j"), Symbol("k"))


@dataclass(frozen=True)
class Found:
    """A definition and the place where it stands: row ``row``, up to side ``sides``."""

    definition: Definition
    row: int
    notes: tuple[str, ...] = ()
    summed: frozenset[Symbol] = frozenset()
    chain_right: t.Node = field(default_factory=t.Number)


def formula_of(reader: Reader, variable: t.Name, right: t.Node) -> Basic:
    """The right side of a function's definition, in the letter ``U``."""
    key = key_of(variable)
    kept = reader.letters.table.get(key)
    reader.letters.table[key] = Quantity(DUMMY)
    program = reader.program
    reader.program = reader.letters.shapes()
    try:
        term = reader.term(right)
    finally:
        reader.program = program
        if kept is None:
            del reader.letters.table[key]
        else:
            reader.letters.table[key] = kept
    formula = substitute(term, {Ref(DUMMY): U})
    if any(isinstance(node, Ref) and node.name != "pi" for node in subterms(formula)):
        raise Misread(right, "a function is defined by its variable alone")
    return formula


def define(reader: Reader, left: t.Name, right: t.Node, row: int) -> Found:
    """The definition that a line states, its arrays written entry by entry."""
    written = reader.apart(left)
    cost = reader.letters.is_cost(written)
    letter = reader.letters.survey.sample
    if written.sample is None and letter and reader.letters.of_one_sample(written):
        written = replace(written, sample=t.Name(letter))
    indices = () if cost else tuple(map(reader.index, written.indices))
    if written.sample is not None and (cost or indices):
        indices = (reader.index(written.sample),) if cost else with_sample(reader, written, indices)
    letters = tuple(i for i in indices if isinstance(i, Symbol))
    if len(set(letters)) != len(indices):
        raise Misread(left, "a definition needs a letter for each index")
    if written.indices and not indices:
        written = replace(written, indices=())
    reader.outer = frozenset(i.name for i in letters)
    known = reader.letters.ref(written, indices)
    value = reader.side(right)
    value, summed = with_sums(value, letters, reader.range_of)
    (value,), notes = apart((value,)) if not letters else _apart(value, letters)
    if reader.sizes is not None:
        value = reader.sizes.relate(known, value)
        reader.program = reader.letters.shapes()
    sample = None if written.sample is None or indices else reader.index(written.sample)
    target, value = _entries(reader, left, known, letters, value, sample)
    return Found(_schema(target, value), row, (*reader.notes, *notes), frozenset(summed))


def _apart(value: Basic, letters: Sequence[Symbol]) -> tuple[tuple[Basic, ...], list[str]]:
    from sympy import Tuple

    sides, notes = apart((value, Tuple(*letters)))
    return sides[:1], notes


def _entries(
    reader: Reader,
    left: t.Name,
    known: Ref | None,
    letters: tuple[Symbol, ...],
    value: Basic,
    sample: Basic | None,
) -> tuple[Ref, Basic]:
    """Target and value with all indices named; a new letter gets its axes from the value."""
    program = reader.program
    if letters:
        if reader.form(value) != (False, False):
            raise Misread(left, "the left side is an entry, the right side an array")
        if any(isinstance(node, ARRAYS) for node in subterms(value)):
            value = Components(program).scalar(value)
        return known or _new(reader, left, letters, value), value
    found = shape(value, program)
    sizes = [] if found is None else [size for size in found if size != Integer(1)]
    if known is not None and sample is not None:
        return _of_sample(program, known, value, sample, found)
    own = ENTRY[: len(sizes)] if known is None else ENTRY[: len(program.axes_of(known))]
    has_arrays = any(isinstance(node, ARRAYS) for node in subterms(value))
    entry = _entry(program, value, own, found) if own or has_arrays else value
    if known is not None:
        return known.at(*own), entry
    axes = tuple(size for size in sizes if isinstance(size, Size))
    return _declared(reader, left, axes, own), entry


def _of_sample(
    program: Program, known: Ref, value: Basic, sample: Basic, found: object
) -> tuple[Ref, Basic]:
    """``z^{[l](i)} = W a^{[l-1](i)} + b``: one column of the batch."""
    neurons = iter(ENTRY)
    axes = program.axes_of(known)
    own = [sample if size == Size(SAMPLES) else next(neurons) for size in axes]
    return known.at(*own), _entry(program, value, ENTRY[: len(own) - 1], found)


def _entry(program: Program, value: Basic, own: tuple[Symbol, ...], found: object) -> Basic:
    components = Components(program)
    if found is None or not own:
        return components.scalar(value)
    row, column = (own[0], own[1] if len(own) > 1 else None)
    assert isinstance(found, tuple)
    if found[0] == Integer(1) and len(own) == 1:
        return components.entry(value, Integer(1), row)
    return components.entry(value, row, column)


def _new(reader: Reader, left: t.Name, letters: tuple[Symbol, ...], value: Basic) -> Ref:
    ranges = reader.program.ranges(value)
    missing = [letter for letter in letters if letter not in ranges]
    if missing:
        raise Misread(left, f"the range of {missing[0]} cannot be read off the right side")
    return _declared(reader, left, tuple(ranges[letter] for letter in letters), letters)


def _declared(
    reader: Reader, left: t.Name, axes: tuple[Size, ...], indices: tuple[Symbol, ...]
) -> Ref:
    written = reader.apart(left)
    layer = reader.letters.layer(written)
    layered = layer is not None and reader.letters.symbolic
    if layered and layer is not None:
        back = {layer: l} if layer == L else {}
        axes = tuple(Size(size.of.xreplace(back)) for size in axes)
    quantity = reader.letters.add(reader.letters.key(written), axes, layered)
    reader.program = reader.letters.shapes()
    return (
        Ref(quantity.name, layer, *indices)
        if layered
        else Ref(quantity.name, Ref("").args[1], *indices)
    )


def _schema(target: Ref, value: Basic) -> Definition:
    """One layer stands for all: a definition for l+1 or for L is one for every l."""
    layer = target.layer
    if layer is None or layer == l:
        return Definition(target, value, _first(target), L if layer == l else None)
    if layer == L and target.name in ("z", "delta"):
        back = {L: l}
        moved = substitute(value, back)
        if target.name == "delta":  # C keeps its L
            moved = substitute(value, {target.at(*target.indices): target})
            moved = _only_layers(value, target)
        return Definition(Ref(target.args[0], l, *target.indices), moved, _first(target), L)
    if layer.is_Integer:  # z^{(2)} = Θ^{(1)} a^{(1)} says it for every layer
        return Definition(
            Ref(target.args[0], l, *target.indices), _every(value, layer), _first(target), L
        )
    shift = layer - l
    if shift.is_Integer:
        moved = substitute(value, {l: l - shift})
        return Definition(Ref(target.args[0], l, *target.indices), moved, _first(target), L)
    return Definition(target, value)


def _every(term: Basic, layer: Basic) -> Basic:
    """Numbers of layers counted from l instead of from ``layer``."""
    if isinstance(term, Ref) and term.layer is not None and term.layer.is_Integer:
        return Ref(term.args[0], l + term.layer - layer, *term.indices)
    if isinstance(term, Act) and term.layer.is_Integer:
        return Act(l + term.layer - layer, _every(term.arg, layer), term.order)
    if isinstance(term, Size) and term.of.is_Integer:
        return Size(l + term.of - layer)
    return term.func(*(_every(arg, layer) for arg in term.args)) if term.args else term


def _only_layers(value: Basic, target: Ref) -> Basic:
    if isinstance(value, Partial) and isinstance(value.by, Ref):
        return Partial(value.of, Ref(value.by.args[0], l, *value.by.indices))
    return substitute(value, {L: l})


def _first(target: Ref) -> Basic:
    return Integer(0 if target.name == "da" else 1)
