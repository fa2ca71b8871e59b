"""The definitions of a document, in whatever order they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symbackprop.errors import IllTyped
from symbackprop.language.binding import subterms
from symbackprop.language.program import L, Program, l
from symbackprop.language.terms import (
    Act,
    Partial,
    Ref,
    Times,
)
from symbackprop.read import layout as t
from symbackprop.review.conditions import conditions_of
from symbackprop.review.customary import KNOWN_FUNCTIONS
from symbackprop.review.customs import formula_named
from symbackprop.review.defining import Found, define
from symbackprop.review.meaning import Reader
from symbackprop.review.meanings import Meaning
from symbackprop.review.spelling import Misread, bare
from symbackprop.review.targets import bare_call, is_new, marks_of, target_of


def read_definitions(made: Meaning, rows: Sequence[t.Chain | None]) -> None:
    """Round after round, since a definition may use what is defined further down."""
    defined: set[str] = set()
    pending = {
        n: row
        for n, row in enumerate(rows)
        if row is not None
        and n not in made.stating
        and target_of(row) is not None
        and bare(row.sides[0]) != bare(row.sides[1])
    }
    lefts = [target_of(row) for row in pending.values()]
    made.targets = frozenset(made.letters.key(made.reader().apart(n)) for n in lefts if n)
    progress = True
    late = _written_out(made, pending)
    while pending and progress:
        progress = False
        for number, row in list(pending.items()):
            if number in late and defined.isdisjoint({"late"}):
                continue
            reader = Reader(made.letters, made.letters.shapes())
            reader.sizes = None if made.letters.symbolic else made.sizes
            left = target_of(row)
            assert left is not None
            try:
                new = is_new(reader, left, row.sides[1], defined)
            except Misread as fault:
                made.faults[number] = fault
                new = False
            if not new or number in made.functions or _again(made, row, left):
                del pending[number]
                continue
            try:
                if conditions_of(reader, row.notes).restrict:
                    raise Misread(left, "a definition for some indices only is not understood")
                found = define(reader, left, row.sides[1], number)
                if made.letters.symbolic:
                    Program(made.letters.declarations(), (found.definition,))
            except (Misread, IllTyped) as fault:
                made.faults[number] = fault
                continue
            except ValueError as fault:
                made.faults[number] = Misread(row.sides[1], str(fault))
                continue
            if found.definition.target in set(subterms(found.definition.value)):
                del pending[number]  # w := w - η ∂C/∂w
                made.faults.pop(number, None)
                continue
            found = _as_activation(made, row, found)
            if _is_derived(found):
                del pending[number]
                continue
            made.faults.pop(number, None)
            made.defining[number] = replace(found, chain_right=row.sides[1])
            defined |= marks_of(found.definition)
            defined |= _middle(made, reader, row, number, defined)
            del pending[number]
            progress = True
        if not progress and "late" not in defined:
            defined.add("late")
            progress = True


def _middle(
    made: Meaning, reader: Reader, row: t.Chain, number: int, defined: set[str]
) -> set[str]:
    """``ŷ = a = σ(z)`` defines a as well, ``o = φ(u) = φ(Σ w x)`` defines u."""
    if made.letters.symbolic or len(row.sides) < 3:
        return set()
    middle, value = bare(row.sides[1]), row.sides[2]
    calls = [bare_call(side, made.letters) for side in row.sides[1:3]]
    if calls[0] is not None and calls[1] is not None and calls[0][0] == calls[1][0]:
        middle, value = bare(calls[0][1]), calls[1][1]
    if not isinstance(middle, t.Name):
        return set()
    own = made.letters.key(reader.apart(middle))
    if own in made.targets or middle.scripts.primes or middle.scripts.transposed:
        return set()
    try:
        if not is_new(reader, middle, value, defined):
            return set()
        found = define(reader, middle, value, number)
    except (Misread, IllTyped, ValueError):
        return set()
    made.hidden_definitions.append(found.definition)
    return marks_of(found.definition)


def _written_out(made: Meaning, pending: Mapping[int, t.Chain]) -> set[int]:
    """``a = σ(Σ w a + b)``: an activation is better defined by ``a = σ(z)`` if that stands too."""
    late = set()
    for number, row in pending.items():
        call = bare_call(row.sides[1], made.letters)
        if call is not None and not isinstance(bare(call[1]), t.Name):
            late.add(number)
    return late


def _again(made: Meaning, row: t.Chain, left: t.Name) -> bool:
    """``a^L = σ(z^L)`` after ``a^l = σ(z^l)`` says nothing new."""
    letters = made.letters
    if not letters.symbolic or letters.layer(made.reader().apart(left)) != L:
        return False
    own = letters.survey.usages and letters.table.get(letters.key(made.reader().apart(left)))
    if not own or own.name != "a":
        return False
    calls = [
        bare_call(other.chain_right, letters)
        for other in made.defining.values()
        if other.definition.target.name == "a" and other.definition.target.layer == l
    ]
    here = bare_call(row.sides[1], letters)
    return here is not None and here[0] in {c[0] for c in calls if c is not None}


def _is_derived(found: Found) -> bool:
    """δ by a formula is a claim; only ``δ = ±∂C/∂z`` defines it."""
    if found.definition.target.name.partition("@")[0] not in ("delta", "Delta"):
        return False
    value = found.definition.value
    factors = value.args if isinstance(value, Times) else (value,)
    return not isinstance(factors[-1], Partial) or any(
        node.has(Ref) or isinstance(node, Ref) for node in factors[:-1]
    )


def _as_activation(made: Meaning, row: t.Chain, found: Found) -> Found:
    """``a = tanh(z)`` by name: σ of the layer, with its formula kept in the program."""
    call = bare_call(row.sides[1], made.letters)
    target = found.definition.target
    if call is None or target.name != "a" or not made.letters.symbolic:
        return found
    name = KNOWN_FUNCTIONS.get(call[0])
    formula = made.letters.formulas.get(call[0])
    if name == "softmax" or made.letters.activation(call[0], target.layer) == "softmax":
        if target.layer != L:
            return replace(
                found,
                definition=replace(
                    found.definition, target=Ref("a", L, *target.indices), first=None, last=None
                ),
            )
        return found
    if name is not None:
        formula = (name, formula_named(name))
    if not isinstance(bare(call[1]), t.Name):
        found = _split(made, found)
    top = target.layer == L
    if formula is not None:
        if top:
            made.letters.output = made.letters.output or formula[0]
        else:
            made.letters.hidden = made.letters.hidden or formula[0]
        made.letters.formulas.setdefault(formula[0], formula)
    argument = [n for n in subterms(found.definition.value) if isinstance(n, Ref) and n.name == "z"]
    if name is not None and argument:
        layer = target.layer
        value = Act(layer, Ref("z", layer, *target.indices))
        return replace(found, definition=replace(found.definition, value=value))
    return found


def _split(made: Meaning, found: Found) -> Found:
    """``a = σ(u)`` as ``z := u`` and ``a := σ(z)``: z is there even where nobody writes it."""
    definition = found.definition
    value, target = definition.value, definition.target
    if not isinstance(value, Act):
        return found
    z = Ref("z", target.layer, *target.indices)
    if not any(f.definition.target.name == "z" for f in made.defining.values()):
        made.hidden_definitions.append(replace(definition, target=z, value=value.arg))
    return replace(found, definition=replace(definition, value=Act(value.layer, z, value.order)))
