"""The parts to work with: an example, code, questions, exercises, and what was proved."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from sympy import Basic

from symbackprop.handout.arrange import entries_of
from symbackprop.handout.blocks import (
    Block,
    Claims,
    CodeMaths,
    Figure,
    Grid,
    Listing,
    Part,
    Question,
    Text,
    Words,
)
from symbackprop.handout.catalogue import filled
from symbackprop.handout.diagrams import curve_drawing
from symbackprop.handout.exercises import make_sheet
from symbackprop.handout.material import Material, part, said
from symbackprop.handout.sheets import tasks_of
from symbackprop.judge import check
from symbackprop.judge.verdict import Verdict
from symbackprop.language.derivation import Derivation
from symbackprop.networks.forward import forward
from symbackprop.networks.network import Network
from symbackprop.numbers.example import MOST, Line, example_of, fits, worked_example
from symbackprop.numbers.problem import ACTIVATIONS
from symbackprop.numeric.lower import compile_gradients
from symbackprop.numeric.readable import gradients_source
from symbackprop.render.page import Entry, claims_of, page_of
from symbackprop.render.trainer_math import trainer_code
from symbackprop.render.unicode_math import TextPrinter

TASKS = 3
EQUALS = "=\N{NO-BREAK SPACE}"
FEWEST = 5  # costs that make a curve


def _example(m: Material) -> Part:
    network, own = _by_hand(m.network), m.asked.numbers
    if own is None and not fits(network):
        return part(m, "example", [])
    seed = m.page.checked.seed % 1000
    made = (
        worked_example(network, seed=seed, nice=m.asked.nice)
        if own is None
        else example_of(own, replace(m.network, batch=None, l2=False))
    )
    page = page_of(check(Derivation("", forward(made.network), (), {}, made.network)))
    head = tuple((m.words.word(word),) for word in ("quantity", "formula", "numbers", "result"))
    given: list[str | Basic] = []
    for quantity, value in made.given:
        given += [", "] * bool(given) + [quantity, " = ", value]
    printer = TextPrinter(m.notation)
    costs = {"before": f"{made.costs[0]:.6g}", "after": f"{made.costs[1]:.6g}"}
    moved = "example_step" if made.moves else "example_step_weights"
    blocks: list[Block] = [
        *said(m.words, "example" if made.exact else "example_rounded"),
        Words((*m.words.say("example_given"), *given, "."), "numbers"),
        Grid(head, tuple(map(_row, made.lines)), numbers=True),
        Words(m.words.say(moved, eta=printer.text(made.eta), **costs)),
    ]
    if len(made.costs) > FEWEST:
        blocks.append(_curve(m, made.costs))
    return replace(part(m, "example", blocks), page=page)


def _row(line: Line) -> tuple[Text, ...]:
    gets = (line.quantity, " ←") if line.part == "step" else (line.quantity,)
    sign = "" if line.part == "step" else EQUALS
    return gets, (sign, line.formula), (EQUALS, line.numbers), (EQUALS, line.result)


def _curve(m: Material, costs: Sequence[float]) -> Figure:
    """The cost of the example after 0, 1, 2, … steps."""
    steps = str(len(costs) - 1)
    says = "".join(map(str, m.words.say("example_curve_says", steps=steps)))
    cost = m.notation.letters["C"]
    drawing = curve_drawing(costs, m.words.word("steps"), cost, says)
    return Figure(drawing, m.words.say("example_curve", steps=steps), says)


def _by_hand(network: Network) -> Network:
    """The network itself if it is small; else two inputs, two hidden neurons, and its outputs."""
    single = replace(network, batch=None, l2=False)
    if not network.general and network.parameters <= MOST:
        return single
    names = [row.name for row in network.activations]
    hidden = names[0] if names[0] in ("sigmoid", "tanh", "relu", "identity") else "sigmoid"
    last = names[-1] if names[-1] in ACTIVATIONS else "sigmoid"
    cost = single.cost if single.cost != "unspecified" else "quadratic"
    widths = (2, 2, 2 if last == "softmax" else 1)
    return replace(single, layers=widths, activation=(hidden, last), cost=cost)


def _code(m: Material) -> Part:
    names = [row.name for row in m.network.activations]
    if m.network.general or "unspecified" in (*names, m.network.cost):
        return part(m, "code", [])
    source = gradients_source(compile_gradients(m.page.checked).listing, m.network)
    blocks: list[Block] = [*said(m.words, "code"), Listing(source)]
    rows = [
        {
            **row,
            "name": m.words.listed(row["name"]),
            "note": m.words.translated(row["note"].partition(":")[0]),
        }
        for row in trainer_code(replace(m.network, batch=None))
    ]
    if rows:
        blocks += [*said(m.words, "code_maths"), CodeMaths(tuple(rows))]
    return part(m, "code", blocks)


def _questions(m: Material) -> Part:
    network = m.network
    row = network.output_activation.name
    names = {r.name for r in network.activations}
    has = {
        "always": True,
        "elementwise": not m.softmax,
        "softmax": m.softmax,
        "cross-entropy": network.cost.endswith("cross-entropy") and (m.softmax or row == "sigmoid"),
        "sigmoid": row == "sigmoid" or (m.hidden and "sigmoid" in names),
        "relu": bool(names & {"relu", "leaky-relu"}),
        "squared": network.cost in ("quadratic", "mse", "sum-of-squares"),
        "batch": m.batch is not None,
        "l2": network.l2,
        "biases": network.biases,
        "hidden": m.hidden,
    }
    blocks: list[Block] = [
        Question(filled(q["asks"][m.words.language], {}), filled(q["answer"][m.words.language], {}))
        for q in asked()
        if all(has[need] for need in q["when"].split())
    ]
    return part(m, "questions", blocks)


@cache
def asked() -> tuple[dict[str, Any], ...]:
    """The questions that learners ask: ``when``, ``asks`` and ``answer`` in each language."""
    text = resources.files("symbackprop.handout.words").joinpath("questions.toml")
    return tuple(tomllib.loads(text.read_text(encoding="utf-8"))["question"])


def _exercises(m: Material) -> Part:
    checked = m.page.checked
    sheet = make_sheet(m.network, TASKS, checked.seed, m.words, checked)
    note = m.words.say("key_elsewhere", count=str(TASKS), seed=str(checked.seed))
    blocks = [*said(m.words, "exercises"), *tasks_of(sheet, m.words), Words(note, "note")]
    return part(m, "exercises", blocks)


def _proved(m: Material) -> Part:
    lines = [(e.number, _translated(e.verdict, m)) for e in _all_entries(m)]
    head = (m.words.word("lines"), m.words.word("holds_for"), m.words.word("bound"))
    claims = Claims(tuple(claims_of(lines, m.words.words)), head)
    return part(m, "proved", [*said(m.words, "proved"), claims])


def _translated(verdict: Verdict, m: Material) -> Verdict:
    said = m.words.translated
    return replace(
        verdict,
        scope=tuple(map(said, verdict.scope)),
        conditions=tuple(map(said, verdict.conditions)),
    )


def _all_entries(m: Material) -> Iterator[Entry]:
    yield from entries_of([*m.sections.values(), *m.batch_sections.values()])


PRACTICE: dict[str, Callable[[Material], Part]] = {
    "example": _example,
    "code": _code,
    "questions": _questions,
    "exercises": _exercises,
    "proved": _proved,
}
"""Key → what makes the part, in the order of the page."""
