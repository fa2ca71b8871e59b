"""The program of a document: its own definitions, and what it leaves to custom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Basic, Integer, Symbol

from symbackprop.errors import IllTyped
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
from symbackprop.read import layout as t
from symbackprop.review.defining import (
    Found,
    bare_call,
    define,
    formula_of,
    function_of,
    is_new,
    marks_of,
    target_of,
)
from symbackprop.review.meaning import Reader
from symbackprop.review.named import register, settle
from symbackprop.review.sizes import Sizes
from symbackprop.review.spelling import Misread, bare, key_of, taken_apart
from symbackprop.review.survey import EQUAL, KNOWN_FUNCTIONS, Survey
from symbackprop.review.vocabulary import Choices, Vocabulary, roles_of, vocabulary

J, K, S = Symbol("j"), Symbol("k"), Symbol("s")
SCALAR_DEPTH = 3  # layers of a network with one neuron each


@dataclass(frozen=True)
class Pinned:
    """What the front matter or the command line says: names of table rows, or nothing."""

    activation: str | Sequence[str] | None = None
    cost: str | None = None


@dataclass
class Meaning:
    """A document's program, its letters, the rows that define, and what was assumed."""

    letters: Vocabulary
    program: Program
    defining: dict[int, Found] = field(default_factory=dict)
    functions: dict[int, str] = field(default_factory=dict)
    stating: set[int] = field(default_factory=set)  # rows that say a fact, or rename a letter
    assumed: list[str] = field(default_factory=list)
    faults: dict[int, Misread | IllTyped] = field(default_factory=dict)
    hidden_definitions: list[Definition] = field(default_factory=list)

    def reader(self) -> Reader:
        return Reader(self.letters, self.program)

    @cached_property
    def sizes(self) -> Sizes:
        return Sizes(self.letters)


def meaning_of(
    rows: Sequence[t.Chain | None], found: Survey, choices: Choices, pinned: Pinned
) -> Meaning:
    """Read all definitions, in whatever order they stand, and fill in what is missing."""
    letters = vocabulary(found, choices)
    if not letters.symbolic:
        register(letters, rows)
    made = Meaning(letters, letters.shapes())
    _pin(letters, pinned)
    for number, row in enumerate(rows):
        if row is not None:
            _function(made, number, row)
            _named_activation(letters, row)
            if _fact(letters, row):
                made.stating.add(number)
    _read_definitions(made, rows)
    definitions = [f.definition for f in made.defining.values()] + made.hidden_definitions
    if letters.symbolic:
        definitions = _with_customs(made, definitions, pinned)
        made.program = _general(letters, definitions)
    else:
        made.program = settle(made, definitions)
    return made


def _pin(letters: Vocabulary, pinned: Pinned) -> None:
    named = pinned.activation
    if named is None:
        return
    hidden, output = (named, named) if isinstance(named, str) else (named[0], named[-1])
    letters.hidden = activation_named(hidden).name
    letters.output = activation_named(output).name
    if letters.hidden == "softmax":
        letters.hidden = ""


def _named_activation(letters: Vocabulary, row: t.Chain) -> None:
    """``a^l = tanh(z^l)``: the row of the table that a layer uses, known beforehand."""
    left = target_of(row)
    if left is None or not letters.symbolic:
        return
    call = bare_call(row.sides[1], letters)
    name = KNOWN_FUNCTIONS.get(call[0]) if call is not None else None
    quantity = letters.table.get(key_of(left))
    if name is None or quantity is None or quantity.name != "a":
        return
    top = quantity.at == L or _is_top(letters, left)
    if name == "softmax" or top:
        letters.output = letters.output or name
    else:
        letters.hidden = letters.hidden or name
        letters.output = letters.output or name


def _is_top(letters: Vocabulary, name: t.Name) -> bool:
    try:
        return letters.layer(taken_apart(name, letters.style, layered=True, numeric=True)) == L
    except Misread:
        return False


def _fact(letters: Vocabulary, row: t.Chain) -> bool:
    """``Σ_k y_k = 1``: a fact about the target; about anything else it would be a claim."""
    if row.leading or len(row.sides) != 2 or row.relations[0] not in EQUAL:
        return False
    left, right = bare(row.sides[0]), bare(row.sides[1])
    if not isinstance(right, t.Number) or right.text != "1":
        return False
    if not isinstance(left, t.Juxtaposition) or len(left.items) != 2:
        return False
    big, name = left.items[0], bare(left.items[1])
    if not isinstance(big, t.Big) or big.kind != "sum" or not isinstance(name, t.Name):
        return False
    if roles_of(letters.survey).get(key_of(name)) != "target":
        return False
    letters.facts.add(key_of(name))
    return True


def _function(made: Meaning, number: int, row: t.Chain) -> None:
    """``σ(x) = 1/(1+e^{-x})``."""
    stated = function_of(row, made.letters)
    if stated is None:
        return
    key, variable, right = stated
    if key in made.letters.formulas or key in KNOWN_FUNCTIONS:
        return
    try:
        formula = formula_of(made.reader(), variable, right)
    except (Misread, IllTyped):
        return
    made.letters.formulas[key] = (key, formula)
    made.functions[number] = key


def _read_definitions(made: Meaning, rows: Sequence[t.Chain | None]) -> None:
    """Round after round, since a definition may use what is defined further down."""
    defined: set[str] = set()
    pending = {
        n: row for n, row in enumerate(rows) if row is not None and target_of(row) is not None
    }
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
                found = define(reader, left, row.sides[1], number)
                if made.letters.symbolic:
                    Program(made.letters.declarations(), (found.definition,))
            except (Misread, IllTyped) as fault:
                made.faults[number] = fault
                continue
            if found.definition.target in set(subterms(found.definition.value)):
                del pending[number]  # w := w - η ∂C/∂w
                continue
            found = _as_activation(made, row, found)
            if _is_derived(found):
                del pending[number]
                continue
            made.faults.pop(number, None)
            made.defining[number] = replace(found, chain_right=row.sides[1])
            defined |= marks_of(found.definition)
            del pending[number]
            progress = True
        if not progress and "late" not in defined:
            defined.add("late")
            progress = True


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
    inner = value.args[-1] if value.args and not isinstance(value, Partial) else value
    return not isinstance(inner, Partial)


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
        formula = (name, _formula(name))
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


def _formula(name: str) -> Basic | None:
    row = activation_named(name)
    return None if row.value is None else from_sympy(row.value, {activations.z: U})


# -- what custom says ------------------------------------------------------------------------------


def _with_customs(made: Meaning, definitions: list[Definition], pinned: Pinned) -> list[Definition]:
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
    if "delta" not in have:
        value = Partial(Ref("C"), _at("z", l, axes, J))
        found.append(Definition(_at("delta", l, axes, J), value, Integer(1), L))
        if any(q.name == "delta" and q.role for q in letters.table.values()):
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


def _general(letters: Vocabulary, definitions: list[Definition]) -> Program:
    rows: dict[Basic | None, tuple[str, Basic | None]] = {None: _row(letters, letters.hidden)}
    if letters.output and letters.output != letters.hidden:
        rows[L] = _row(letters, letters.output)
    axes = {d.name: d.axes for d in letters.declarations()}
    general = None
    if letters.survey.scalar:
        widths = (1,) * (SCALAR_DEPTH + 1)
        return Program(letters.declarations(), tuple(definitions), SCALAR_DEPTH, widths, rows)
    if Size(SAMPLES) not in axes["a"]:
        general = Definition(Ref("C"), _open_cost(axes))
    return Program(
        letters.declarations(), tuple(definitions), activations=rows, general_cost=general
    )


def _row(letters: Vocabulary, name: str) -> tuple[str, Basic | None]:
    if name in letters.formulas:
        return letters.formulas[name]
    if name:
        return (name, _formula(name))
    own = [row for key, row in letters.formulas.items()]
    return own[0] if len(own) == 1 else ("unspecified", None)
