"""What custom says where a document is silent, and the program of a document with layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.language.binding import subterms
from symbackprop.language.program import Definition, L, Program, U, l
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Fn,
    Opaque,
    Partial,
    Quotient,
    Ref,
    Size,
    Sum,
    Vec,
    from_sympy,
    plus,
    times,
)
from symbackprop.networks import activations
from symbackprop.networks.activations import activation_named
from symbackprop.networks.costs import cost_named
from symbackprop.networks.costs import y as y_symbol
from symbackprop.review.targets import marks_of
from symbackprop.review.vocabulary import Vocabulary

if TYPE_CHECKING:
    from symbackprop.review.meanings import Meaning, Pinned

J, K, S = Symbol("j"), Symbol("k"), Symbol("s")
SCALAR_DEPTH = 3  # layers of a network with one neuron each


def formula_named(name: str) -> Basic | None:
    """A row of the table of activations as a term in ``U``; None for the unspecified one."""
    row = activation_named(name)
    return None if row.value is None else from_sympy(row.value, {activations.z: U})


def with_customs(made: Meaning, definitions: list[Definition], pinned: Pinned) -> list[Definition]:
    """The definitions of a document, and the usual ones for what it does not define."""
    letters, said = made.letters, made.assumed
    have = {mark for d in definitions for mark in marks_of(d)}
    axes = {d.name: d.axes for d in letters.declarations()}
    found = list(definitions)
    if "z" not in have:
        found.append(_weighted_input(axes))
        if "a" in {q.name for q in letters.table.values()}:
            said.append("z^l_j = Σ_k w^l_{jk} a^{l-1}_k + b^l_j")
    if letters.output == "softmax":
        found = [d for d in found if marks_of(d) != {"a@L"}]
        found.append(_softmax(axes))
        have |= {"a@L"}
    if "a@l" not in have:
        found.append(Definition(_at("a", l, axes, J), Act(l, _at("z", l, axes, J)), Integer(1), L))
        said.append("a^l_j = σ(z^l_j)")
    found = [_below_top(d, have) for d in found]
    if "loss" in axes and "loss" not in have:
        found.append(Definition(Ref("loss", Ref("").args[1], S), _any_cost(axes)))
        said.append("the cost of an example is any differentiable function of its a^L and y")
    if pinned.cost is not None and "C" not in have:
        found.append(Definition(Ref("C"), _cost(pinned.cost, axes)))
    elif "C" not in have:
        found.append(Definition(Ref("C"), _open_cost(axes)))
        said.append("C is any differentiable function of the outputs a^L and the target y")
    written = any(q.name == "delta" and q.role for q in letters.table.values())
    if "delta" not in have and written:
        value = Partial(Ref("C"), _at("z", l, axes, J))
        found.append(Definition(_at("delta", l, axes, J), value, Integer(1), L))
        said.append("δ^l_j = ∂C/∂z^l_j")
    found += _differentials(letters, axes, have)
    return _in_order(found)


def _differentials(
    letters: Vocabulary, axes: Mapping[str, tuple[Size, ...]], have: set[str]
) -> list[Definition]:
    """dW := ∂C/∂W, and dZ the same, or m times that where it belongs to one sample."""
    found: dict[str, Definition] = {}
    for quantity in letters.table.values():
        if quantity.role != "differential" or quantity.name in have:
            continue
        base = quantity.name[1:]
        indices = _indices(quantity.axes)
        value: Basic = Partial(Ref("C"), Ref(base, l, *indices))
        if letters.choices.per_sample and Size(SAMPLES) in quantity.axes:
            value = times(Size(SAMPLES), value)
        target = Ref(quantity.name, l, *indices)
        found[quantity.name] = Definition(target, value, Integer(1), L)
    return list(found.values())


def _indices(axes: tuple[Size, ...]) -> tuple[Symbol, ...]:
    neurons = iter((J, K))
    return tuple(S if size.of == SAMPLES else next(neurons) for size in axes)


def _below_top(definition: Definition, have: set[str]) -> Definition:
    if definition.target.name == "a" and definition.target.layer == l and "a@L" in have:
        return replace(definition, first=Integer(1), last=L - 1)
    if definition.target.name == "a" and definition.target.layer == L:
        return replace(definition, first=L, last=L)
    return definition


def _at(
    name: str, layer: Basic | None, axes: Mapping[str, tuple[Size, ...]], neuron: Symbol
) -> Ref:
    indices = tuple(S if size.of == SAMPLES else neuron for size in axes[name])
    return Ref(name, Ref("").args[1] if layer is None else layer, *indices)


def _weighted_input(axes: Mapping[str, tuple[Size, ...]]) -> Definition:
    if not axes["w"]:
        value = plus(times(Ref("w", l), Ref("a", l - 1)), Ref("b", l))
        return Definition(Ref("z", l), value, Integer(1), L)
    out_first = axes["w"][0] == Size(l)
    weight = Ref("w", l, *((J, K) if out_first else (K, J)))
    total = Sum(times(weight, _at("a", l - 1, axes, K)), K, Size(l - 1))
    return Definition(_at("z", l, axes, J), plus(total, Ref("b", l, J)), Integer(1), L)


def _softmax(axes: Mapping[str, tuple[Size, ...]]) -> Definition:
    total = Sum(Fn("exp", _at("z", L, axes, K)), K, Size(L))
    return Definition(_at("a", L, axes, J), Quotient(Fn("exp", _at("z", L, axes, J)), total), L, L)


def _vectors(axes: Mapping[str, tuple[Size, ...]]) -> list[Vec]:
    i = Symbol("i")
    if not axes["a"]:
        return [Vec(Ref("a", L), i, Size(L)), Vec(Ref("y"), i, Size(L))]
    return [Vec(_at("a", L, axes, i), i, Size(L)), Vec(_at("y", None, axes, i), i, Size(L))]


def _over_samples(body: Basic, axes: Mapping[str, tuple[Size, ...]]) -> Basic:
    if Size(SAMPLES) not in axes["a"]:
        return body
    return times(Quotient(Integer(1), Size(SAMPLES)), Sum(body, S, Size(SAMPLES)))


def _open_cost(axes: Mapping[str, tuple[Size, ...]]) -> Basic:
    if "loss" in axes:
        return _over_samples(Ref("loss", Ref("").args[1], S), axes)
    return _over_samples(_any_cost(axes), axes)


def _any_cost(axes: Mapping[str, tuple[Size, ...]]) -> Basic:
    return Opaque("C", (), _vectors(axes))


def _cost(name: str, axes: Mapping[str, tuple[Size, ...]]) -> Basic:
    row = cost_named(name)
    if row.entry is None:
        return _open_cost(axes)
    variables = {activations.a: _at("a", L, axes, K), y_symbol: _at("y", None, axes, K)}
    total: Basic = Sum(from_sympy(row.entry, variables), K, Size(L))
    if row.averaged:
        total = times(Quotient(Integer(1), Size(L)), total)
    return _over_samples(total, axes)


# -- the program -----------------------------------------------------------------------------------


def _in_order(definitions: list[Definition]) -> list[Definition]:
    """What is used stands before what uses it, as far as that is possible."""
    names = {d.target.name for d in definitions}
    uses = {
        n: {r.name for r in subterms(d.value) if isinstance(r, Ref)} & names - {d.target.name}
        for n, d in enumerate(definitions)
    }
    done: set[str] = set()
    order: list[Definition] = []
    waiting = list(range(len(definitions)))
    while waiting:
        ready = [n for n in waiting if _ready(n, definitions, uses, done, waiting)]
        ready = ready[:1] or waiting[:1]
        for n in ready:
            order.append(definitions[n])
            waiting.remove(n)
            if all(definitions[m].target.name != definitions[n].target.name for m in waiting):
                done.add(definitions[n].target.name)
    return order


def _ready(
    n: int,
    definitions: list[Definition],
    uses: dict[int, set[str]],
    done: set[str],
    waiting: list[int],
) -> bool:
    left = uses[n] - done
    if definitions[n].target.name == "z":
        left -= {"a"}  # of the layer below
    return not left


def general_program(letters: Vocabulary, definitions: list[Definition]) -> Program:
    rows: dict[Basic | None, tuple[str, Basic | None]] = {None: _row(letters, letters.hidden)}
    if letters.output and letters.output != letters.hidden:
        rows[L] = _row(letters, letters.output)
    elif letters.two_activations:
        rows[L] = ("unspecified", None)
    rows |= {Integer(layer): row for layer, row in letters.of_layers.items()}
    axes = {d.name: d.axes for d in letters.declarations()}
    general = None
    if letters.survey.scalar:
        depth = letters.depth or SCALAR_DEPTH
        widths = (1,) * (depth + 1)
        return Program(letters.declarations(), tuple(definitions), depth, widths, rows)
    if Size(SAMPLES) not in axes["a"]:
        general = Definition(Ref("C"), _open_cost(axes))
    return Program(
        letters.declarations(), tuple(definitions), letters.depth, _widths(letters), rows,
        general_cost=general,
    )  # fmt: skip


def _widths(letters: Vocabulary) -> tuple[int, ...] | None:
    """The widths of all layers, if the document says them."""
    if letters.depth is None or set(letters.widths) < set(range(letters.depth + 1)):
        return None
    return tuple(letters.widths[layer] for layer in range(letters.depth + 1))


def _row(letters: Vocabulary, name: str) -> tuple[str, Basic | None]:
    if name in letters.formulas:
        return letters.formulas[name]
    if name:
        return (name, formula_named(name))
    if any(
        place != "output" and key not in letters.formulas for key, place in letters.acts.items()
    ):
        return ("unspecified", None)
    own = [row for key, row in letters.formulas.items()]
    return own[0] if len(own) == 1 else ("unspecified", None)
