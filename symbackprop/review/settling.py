"""The program of a document without layer letters: every size a number of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Basic, Symbol

from symbackprop.language.binding import canonical, subterms
from symbackprop.language.program import Definition, Program
from symbackprop.language.terms import SAMPLES, Opaque, Partial, Plus, Ref, Size, Sum, Vec
from symbackprop.review.customary import CUSTOM, ELEMENTARY, NUMBERS
from symbackprop.review.vocabulary import Vocabulary

if TYPE_CHECKING:
    from symbackprop.review.meanings import Meaning


ENTRY = (Symbol("j"), Symbol("k"))


def settle(made: Meaning, definitions: list[Definition]) -> Program:
    """The program, with every size a number of its own."""
    letters = made.letters
    if letters.survey.by_index:
        definitions = _other_layers(letters, definitions)
    definitions = _folded(definitions)
    definitions = _with_differentials(letters, _with_cost(made, definitions))
    sizes = made.sizes
    for definition in definitions:
        sizes.meet(definition)
    numbers = sizes.numbers()
    for key, place in letters.facts.items():
        axes = letters.table[key].axes if key in letters.table else ()
        if len(axes) == 2:  # the other axis runs over samples
            numbers[sizes.of(axes[1 - place])] = SAMPLES
    for key, quantity in letters.table.items():
        axes = tuple(Size(numbers.get(size, size.of)) for size in map(sizes.of, quantity.axes))
        letters.table[key] = replace(quantity, axes=axes)
    for key, size in letters.counts.items():
        letters.counts[key] = Size(numbers.get(sizes.of(size), size.of))
    done = [replace(d, value=sizes.rewritten(d.value, numbers)) for d in definitions]
    done = [d for d in done if made.fits(d)]
    functions = {letters.function_number(k): k for k in letters.survey.functions - set(ELEMENTARY)}
    depth = max([1, len(numbers) - 1, *(int(n) for n in functions)])
    rows = {n: letters.formulas.get(key, (key, None)) for n, key in functions.items()}
    return Program(
        letters.declarations(), in_order(done), depth=depth, widths=None, activations=rows
    )


def _folded(definitions: list[Definition]) -> list[Definition]:
    """``H = max(0, X W + b)`` beside ``Z = X W + b``: H is made from Z."""
    named = {canonical(d.value): d.target for d in definitions if isinstance(d.value, Plus)}

    def walked(term: Basic) -> Basic:
        target = named.get(canonical(term)) if isinstance(term, Plus) else None
        if target is not None:
            return target
        return term.func(*map(walked, term.args)) if term.args else term

    return [
        d if canonical(d.value) in named else replace(d, value=walked(d.value)) for d in definitions
    ]


def in_order(definitions: Sequence[Definition]) -> tuple[Definition, ...]:
    """What is used stands before what uses it."""
    names_of = {d.target.name for d in definitions}
    order: list[Definition] = []
    waiting = list(definitions)
    while waiting:
        done = {d.target.name for d in order}
        ready = [
            d
            for d in waiting
            if not ({r.name for r in subterms(d.value) if isinstance(r, Ref)} & names_of) - done
        ]
        chosen = ready or waiting[:1]
        order.extend(chosen)
        waiting = [d for d in waiting if d not in chosen]
    return tuple(order)


def _other_layers(letters: Vocabulary, definitions: list[Definition]) -> list[Definition]:
    """``a_j = Σ_i w_ji z_i`` stands for every layer: also ``a_k = Σ_j w_kj z_j``."""
    up: dict[str, str] = {}
    back = 1 if letters.survey.weight_order == "to-from" else 0
    for use in letters.survey.usages.values():
        pairs = [pair for pair in use.letters if len(pair) == 2 and pair[0] != pair[1]]
        up.update({pair[back]: pair[1 - back] for pair in pairs})
    found = list(definitions)
    have = {d.target.name for d in found}
    for definition in definitions:
        moved = _moved(definition, up)
        known = {q.name: q for q in letters.table.values()}
        used = {r.name for r in subterms(moved.value) if isinstance(r, Ref)}
        target = moved.target.name
        if target not in have and used <= set(known):
            if target not in known:
                axes = tuple(Size(Symbol(f"#{i}")) for i in moved.target.indices)
                old = known[definition.target.name]
                letters.table[target] = replace(old, name=target, axes=axes)
            found.append(moved)
            have.add(target)
    return found


def _moved(definition: Definition, up: dict[str, str]) -> Definition:
    def name(ref: Ref) -> str:
        base, _, letter = ref.name.partition("@")
        return f"{base}@{up.get(letter, letter)}" if letter else ref.name

    def walked(term: Basic) -> Basic:
        if isinstance(term, Ref):
            return Ref(name(term), term.args[1], *map(walked, term.indices))
        if isinstance(term, Size):
            letter = str(term.of).lstrip("#")
            return Size(Symbol("#" + up.get(letter, letter)))
        if isinstance(term, Symbol):
            return Symbol(up.get(term.name, term.name))
        return term.func(*(walked(arg) for arg in term.args)) if term.args else term

    return Definition(walked(definition.target), walked(definition.value))


def _with_cost(made: Meaning, definitions: list[Definition]) -> list[Definition]:
    """A cost that nobody defines is any differentiable function of what nothing else uses."""
    letters = made.letters
    have = {d.target.name for d in definitions}
    costs = [
        q for key, q in letters.table.items()
        if key in CUSTOM["cost"] and not q.axes and q.name not in have
    ]  # fmt: skip
    forward = [d for d in definitions if not any(isinstance(n, Partial) for n in subterms(d.value))]
    forward = [d for d in forward if d.target.name not in CUSTOM["cost"]]
    used = {r.name for d in forward for r in subterms(d.value) if isinstance(r, Ref)}
    sinks = [d.target for d in forward if d.target.name not in used] or _free(made, have)
    found = list(definitions)
    for cost in costs:
        value, says = _open(cost.name, sinks, letters)
        if value is not None:
            place = max((n + 1 for n, d in enumerate(found) if d.target in sinks), default=0)
            found.insert(place, Definition(Ref(cost.name), value))
            made.assumed.append(says)
    return found


def _free(made: Meaning, have: set[str]) -> list[Ref]:
    """Everything that a cost may depend on where no line says what is computed."""
    return [
        Ref(q.name, Ref("").args[1], *ENTRY[: len(q.axes)])
        for key, q in made.letters.table.items()
        if q.name not in have and key not in CUSTOM["cost"] and key not in NUMBERS
        and q.role != "differential"
    ]  # fmt: skip


def _with_differentials(letters: Vocabulary, definitions: list[Definition]) -> list[Definition]:
    """dX is ∂L/∂X, in a document with one cost."""
    have = {d.target.name for d in definitions}
    costs = [q for key, q in letters.table.items() if key in CUSTOM["cost"] and not q.axes]
    found = list(definitions)
    for quantity in letters.table.values():
        if quantity.role == "differential" and quantity.name not in have and len(costs) == 1:
            own = ENTRY[: len(quantity.axes)]
            of, by = Ref(costs[0].name), Ref(quantity.name[1:], Ref("").args[1], *own)
            target = Ref(quantity.name, Ref("").args[1], *own)
            found.append(Definition(target, Partial(of, by)))
    return found


def _open(cost: str, sinks: Sequence[Ref], letters: Vocabulary) -> tuple[Basic | None, str]:
    """Any function of the output vectors; of a matrix, one that adds up over its rows."""
    i, r = Symbol("i"), Symbol("r")
    vectors = []
    for sink in sinks:
        axes = next(q.axes for q in letters.table.values() if q.name == sink.name)
        if not axes:  # a number, as a vector of equal entries
            vectors.append(Vec(sink, i, Size(SAMPLES)))
        elif len(axes) == 1:
            vectors.append(Vec(sink.at(i), i, axes[0]))
        elif len(axes) == 2:
            of_row = Opaque(cost, (), [Vec(sink.at(r, i), i, axes[1])])
            return Sum(of_row, r, axes[0]), f"{cost} is a sum over the rows of {sink.name}"
    if not vectors:
        return None, ""
    return Opaque(cost, (), vectors), f"{cost} is any differentiable function of {sinks[0].name}"
