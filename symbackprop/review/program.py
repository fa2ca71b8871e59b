"""The program of a document: its own definitions, and what it leaves to custom."""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.errors import IllTyped
from symbackprop.language.program import L
from symbackprop.networks.activations import activation_named
from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM, EQUAL, KNOWN_FUNCTIONS
from symbackprop.review.customs import formula_named, general_program, with_customs
from symbackprop.review.defining import formula_of
from symbackprop.review.meanings import Meaning, Pinned
from symbackprop.review.named import register
from symbackprop.review.reading_definitions import read_definitions
from symbackprop.review.settling import settle
from symbackprop.review.single import one_output
from symbackprop.review.spelling import Misread, bare, items, key_of, layer_of, taken_apart
from symbackprop.review.styles import names
from symbackprop.review.survey import Survey
from symbackprop.review.targets import (
    bare_call,
    function_of,
    macro_of,
    number_of_function,
    target_of,
)
from symbackprop.review.vocabulary import Choices, Vocabulary, roles_of, vocabulary


def meaning_of(
    rows: Sequence[t.Chain | None], found: Survey, choices: Choices, pinned: Pinned
) -> Meaning:
    """Read all definitions, in whatever order they stand, and fill in what is missing."""
    letters = vocabulary(found, choices)
    if not letters.symbolic:
        register(letters, rows)
        _targets_add_up(letters)
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
    for key in letters.open_functions if letters.hidden else ():
        letters.formulas[key] = (key, formula_named(letters.hidden))
    read_definitions(made, rows)
    definitions = made.stated()
    if letters.symbolic:
        definitions = with_customs(made, definitions, pinned)
        made.program = general_program(letters, definitions)
    else:
        made.program = settle(made, definitions)
    return made


def _targets_add_up(letters: Vocabulary) -> None:
    """Where nothing else makes the lines hold: a target with one 1 in it, or shares."""
    if not letters.choices.facts:
        return
    for key, quantity in letters.table.items():
        if key in CUSTOM["target"] and quantity.axes:
            rows = len(quantity.axes) == 2 and letters.choices.batch == "rows"
            letters.facts.setdefault(key, int(rows))


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
    if call is None or quantity is None or quantity.name != "a":
        return
    top = quantity.at == L or _is_top(letters, left)
    if name is None:
        head = bare(row.sides[1])
        assert isinstance(head, t.Juxtaposition)
        if isinstance(head.items[0], t.Name) and head.items[0].scripts.sub is not None:
            return  # h_Θ(x), the output of the network
        place = "output" if top else "hidden"
        same = letters.acts.setdefault(call[0], place) == place
        letters.acts[call[0]] = place if same else ""
        return
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
    layer = number_of_function(row, made.letters)
    if layer is None and (key in made.letters.formulas or key in KNOWN_FUNCTIONS):
        return
    try:
        formula = formula_of(made.reader(), variable, right)
    except (Misread, IllTyped) as fault:
        made.faults[number] = fault
        return
    if layer is not None:
        own = int(layer.text) - made.letters.style.input_layer
        made.letters.of_layers[own] = (f"{key}_{layer.text}", formula)
    else:
        made.letters.formulas[key] = (key, formula)
    made.functions[number] = key
