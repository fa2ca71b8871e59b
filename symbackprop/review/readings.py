"""What a document leaves open, and the one way to fill it under which the most lines hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbackprop.read.assumptions import Assumptions
from symbackprop.review.meanings import Meaning, Pinned
from symbackprop.review.survey import Survey
from symbackprop.review.vocabulary import Choices

COSTS = {
    "quadratic": "C = ½ Σ (a - y)²",
    "mse": "C = 1/n_L Σ (a - y)²",
    "binary-cross-entropy": "C = -Σ (y ln a + (1-y) ln(1-a))",
    "cross-entropy": "C = -Σ y ln a",
}
NORMALISED = {"1/2": "quadratic", "1/n_L": "mse"}


@dataclass(frozen=True)
class Way:
    """One way to read a whole document; ``says`` what it assumes beyond the usual."""

    choices: Choices
    pinned: Pinned
    says: tuple[str, ...] = ()


def usual(found: Survey, declared: Assumptions, pinned: Pinned) -> Way:
    """What the document, its front matter and the command line say, and custom for the rest."""
    choices = Choices(
        weight_order=declared.weight_order or found.weight_order,
        weight_layer=declared.weight_layer or found.weight_layer,
        input_layer=declared.input_layer or 0,
        batch=declared.batch or found.batch,
    )
    cost = pinned.cost or declared.cost
    if cost is None and declared.normalisation is not None:
        cost = NORMALISED.get(declared.normalisation)
    return Way(choices, Pinned(pinned.activation or declared.activation, cost))


def others(way: Way, found: Survey, meaning: Meaning, declared: Assumptions) -> Iterator[Way]:
    """Other readings of what the document leaves open, one or two changes at a time."""
    costs = [("", way)]
    open_cost = way.pinned.cost is None and not any(
        d.definition.target.name == "C" for d in meaning.defining.values()
    )
    if open_cost and meaning.letters.symbolic:
        costs += [
            (text, replace(way, pinned=replace(way.pinned, cost=name)))
            for name, text in COSTS.items()
        ]
    for cost_text, with_cost in costs:
        for function_text, with_function in _functions(with_cost, meaning):
            said = tuple(text for text in (cost_text, function_text) if text)
            yield replace(with_function, says=said)
    batch = way.choices.batch is not None and meaning.letters.symbolic
    if batch and not way.choices.per_sample:
        text = "dZ and dA belong to one sample: m times the derivative of the mean cost"
        yield replace(way, choices=replace(way.choices, per_sample=True), says=(text,))
    if not way.choices.facts:
        text = "the entries of the target add up to one"
        yield replace(way, choices=replace(way.choices, facts=True), says=(text,))
    if found.weight_order == way.choices.weight_order and not _states_weights(meaning):
        turned = "from-to" if way.choices.weight_order == "to-from" else "to-from"
        text = f"the index order of the weights is {turned}"
        yield replace(way, choices=replace(way.choices, weight_order=turned), says=(text,))


def _states_weights(meaning: Meaning) -> bool:
    return any(d.definition.target.name == "z" for d in meaning.defining.values())


def _functions(way: Way, meaning: Meaning) -> Iterator[tuple[str, Way]]:
    yield "", way
    open_letters = meaning.letters.symbolic or meaning.letters.open_functions
    if way.pinned.activation is None and not meaning.letters.formulas and open_letters:
        for name in ("sigmoid", "tanh"):
            yield f"σ is the {name}", replace(way, pinned=replace(way.pinned, activation=name))
