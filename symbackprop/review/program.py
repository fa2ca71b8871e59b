"""The program of a document: its own definitions, and what it leaves to custom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from symbackprop.errors import IllTyped
from symbackprop.language.binding import subterms
from symbackprop.language.program import Definition, L, Program, l
from symbackprop.language.terms import (
    Act,
    Partial,
    Ref,
    Times,
)
from symbackprop.networks.activations import activation_named
from symbackprop.read import layout as t
from symbackprop.review.conditions import conditions_of
from symbackprop.review.customs import formula_named, general_program, with_customs
from symbackprop.review.defining import (
    Found,
    bare_call,
    define,
    formula_of,
    function_of,
    is_new,
    macro_of,
    marks_of,
    target_of,
)
from symbackprop.review.meaning import Reader
from symbackprop.review.named import register, settle
from symbackprop.review.single import one_output
from symbackprop.review.sizes import Sizes
from symbackprop.review.spelling import Misread, bare, items, key_of, layer_of, taken_apart
from symbackprop.review.survey import EQUAL, KNOWN_FUNCTIONS, Survey, names
from symbackprop.review.vocabulary import Choices, Vocabulary, roles_of, vocabulary


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
    faults: dict[int, Exception] = field(default_factory=dict)
    hidden_definitions: list[Definition] = field(default_factory=list)
    targets: frozenset[str] = frozenset()  # letters that stand alone on the left of some line

    def reader(self) -> Reader:
        return Reader(self.letters, self.program)

    def fits(self, definition: Definition) -> bool:
        """Whether a definition fits together; if not, it defines nothing, and its line says why."""
        try:
            Program(self.letters.declarations(), (definition,))
        except IllTyped as fault:
            for number, found in list(self.defining.items()):
                if found.definition.target.name == definition.target.name:
                    self.faults[number] = fault
                    del self.defining[number]
            return False
        return True

    def stated(self) -> list[Definition]:
        """The definitions that the document itself gives."""
        return [found.definition for found in self.defining.values()] + self.hidden_definitions

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
        one_output(letters, rows)
    else:
        letters.depth = _depth(letters, rows)
    made = Meaning(letters, letters.shapes())
    _pin(letters, pinned)
    for number, row in enumerate(rows):
        if row is not None:
            _function(made, number, row)
            _named_activation(letters, row)
            if _fact(letters, row) or _width(letters, row) or _names_variables(row):
                made.stating.add(number)
    _read_definitions(made, rows)
    definitions = made.stated()
    if letters.symbolic:
        definitions = with_customs(made, definitions, pinned)
        made.program = general_program(letters, definitions)
    else:
        made.program = settle(made, definitions)
    return made


def _depth(letters: Vocabulary, rows: Sequence[t.Chain | None]) -> int | None:
    """The number of the last layer where layers have numbers; None if they have only letters."""
    numbers, top = [0], False
    for name in (name for row in rows if row is not None for name in names(row)):
        numeric = letters.survey.numbered(key_of(name))
        written = taken_apart(name, letters.style, layered=True, numeric=numeric)
        quantity = letters.table.get(key_of(name))
        if quantity is None or not quantity.layered or written.layer is None:
            continue
        try:
            layer = layer_of(written.layer, letters.style) + quantity.shift
        except Misread:
            continue
        top |= layer.has(L)
        if layer.is_Integer:
            numbers.append(int(layer))
    if max(numbers) == 0:
        return None
    return max(numbers) + 2 if top else max(numbers)


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


def _names_variables(row: t.Chain) -> bool:
    """``C = C(a^L, y)`` says what C depends on."""
    left = target_of(row)
    right = bare(row.sides[1]) if left is not None and len(row.sides) == 2 else None
    if not isinstance(right, t.Juxtaposition) or len(right.items) != 2:
        return False
    head, body = right.items
    return head == left and isinstance(body, t.Group)


def _width(letters: Vocabulary, row: t.Chain) -> bool:
    """``n_1 = 3``."""
    if letters.depth is None or row.leading or len(row.sides) != 2 or row.relations[0] not in EQUAL:
        return False
    left, right = bare(row.sides[0]), bare(row.sides[1])
    if not isinstance(left, t.Name) or not isinstance(right, t.Number) or left.base != "n":
        return False
    below = bare(left.scripts.sub)
    if not isinstance(below, t.Number) or not below.text.isdigit() or not right.text.isdigit():
        return False
    letters.widths[int(below.text) - letters.style.input_layer] = int(right.text)
    return True


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
    key = key_of(name)
    if roles_of(letters.survey).get(key) != "target":
        return False
    summed = [bare(item) for item in items(big.scripts.sub)]
    places = [bare(item) for item in items(name.scripts.sub)]
    if len(summed) != 1 or summed[0] not in places:
        return False
    letters.facts["y" if letters.symbolic else key] = places.index(summed[0])
    return True


def _function(made: Meaning, number: int, row: t.Chain) -> None:
    """``σ(x) = 1/(1+e^{-x})``."""
    macro = macro_of(row, made.letters)
    if macro is not None:
        made.letters.macros.setdefault(macro[0], (key_of(macro[1]), macro[2]))
        made.functions[number] = macro[0]
        return
    stated = function_of(row, made.letters)
    if stated is None:
        return
    key, variable, right = stated
    if key in made.letters.formulas or key in KNOWN_FUNCTIONS:
        return
    try:
        formula = formula_of(made.reader(), variable, right)
    except (Misread, IllTyped) as fault:
        made.faults[number] = fault
        return
    made.letters.formulas[key] = (key, formula)
    made.functions[number] = key


def _read_definitions(made: Meaning, rows: Sequence[t.Chain | None]) -> None:
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
    """``ŷ = a = σ(z)`` defines a as well, where nothing else does."""
    middle = bare(row.sides[1])
    if made.letters.symbolic or len(row.sides) < 3 or not isinstance(middle, t.Name):
        return set()
    own = made.letters.key(reader.apart(middle))
    if own in made.targets or middle.scripts.primes or middle.scripts.transposed:
        return set()
    try:
        if not is_new(reader, middle, row.sides[2], defined):
            return set()
        found = define(reader, middle, row.sides[2], number)
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
