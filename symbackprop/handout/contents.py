"""Which parts a handout has, in an order that teaches, and what stands in each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from sympy import Basic, Integer

import symbackprop
from symbackprop.derive import derive
from symbackprop.errors import InputError
from symbackprop.handout.arrange import arranged, entries_of, only
from symbackprop.handout.blocks import (
    Block,
    Choice,
    Claims,
    CodeMaths,
    Figure,
    Given,
    Grid,
    Handout,
    Listing,
    Part,
    Question,
    Steps,
    Symbols,
    Text,
    Words,
)
from symbackprop.handout.catalogue import Catalogue, filled
from symbackprop.handout.drawings import (
    Fan,
    Node,
    fan_drawing,
    maps_drawing,
    network_drawing,
)
from symbackprop.handout.exercises import make_sheet, tasks_of
from symbackprop.judge import check
from symbackprop.language.derivation import Derivation
from symbackprop.language.terms import Size
from symbackprop.networks.forward import forward
from symbackprop.networks.network import Network
from symbackprop.networks.notations import Notation, notation_named
from symbackprop.numbers.example import MOST, fits, worked_example
from symbackprop.numbers.problem import ACTIVATIONS
from symbackprop.numeric.lower import compile_gradients
from symbackprop.numeric.readable import gradients_source
from symbackprop.render.describe import described
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.page import Entry, Page, Section, claims_of, page_of
from symbackprop.render.trainer_math import trainer_code
from symbackprop.render.unicode_math import TextPrinter

TOLD = {
    "forward": ("The slope of the activation", "The slopes of the activations"),
    "cost": ("The slope of the cost",),
    "sum": ("How an output depends on a weighted input",),
    "output": ("The error of the output layer",),
    "hidden": ("How the next layer depends on this one", "The error of a hidden layer"),
    "parameters": ("Weights", "Biases", "The penalty"),
    "path": (
        "② From a layer to the outputs", "③ Into the next layer", "④ The weight itself",
        "The path of one weight", "The path of one bias", "Why this is the δ form",
        "The last layer, l = L",
    ),
    "matrix": ("Matrix form",),
}  # fmt: skip
"""Part → the sections of the derivation that it tells."""
TOLD_OF_BATCHES = (*TOLD["parameters"], *TOLD["matrix"])
TASKS = 3
SOFTMAX = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
SIGMOID = (Fraction(3, 4), Fraction(2, 3), Fraction(1, 2))


@dataclass(frozen=True)
class Material:
    """All that the parts are made from."""

    network: Network
    words: Catalogue
    page: Page
    sections: dict[str, Section]
    batch: Page | None
    nice: bool
    batch_sections: dict[str, Section]

    @property
    def notation(self) -> Notation:
        return self.page.notation

    @property
    def softmax(self) -> bool:
        return self.network.output_activation.vector

    @property
    def hidden(self) -> bool:
        return self.network.general or self.network.depth > 1

    def steps(self, key: str, *, titled: bool = True, shaped: bool = False) -> list[Block]:
        """The sections that belong to a part."""
        own = [self.sections[title] for title in TOLD[key] if title in self.sections]
        return [Steps(section, titled, shaped) for section in own]


def handout(
    network: Network,
    *,
    parts: tuple[str, ...] = (),
    title: str = "",
    author: str = "",
    words: Catalogue,
    nice: bool = False,
    seed: int | None = None,
    command: str = "symbackprop handout",
) -> Handout:
    """The chosen parts (none named: all) of a handout about a network of one sample.

    ``network.batch`` is what the part on mini-batches uses; everything else is about one sample.
    """
    single = replace(network, batch=None)
    checked = check(derive(single, "whole"), seed=seed)
    page = page_of(checked)
    chosen = parts or tuple(PARTS)
    batch = _batch_page(network, checked.seed) if "batches" in chosen else None
    sections = arranged(
        page, words, [t for key in PARTS if key in chosen for t in TOLD.get(key, ())]
    )
    last = max((e.number for e in entries_of(list(sections.values()))), default=0)
    told = arranged(batch, words, TOLD_OF_BATCHES, last + 1) if batch else {}
    material = Material(network, words, page, sections, batch, nice, told)
    made = [part for key in PARTS if key in chosen and (part := PARTS[key](material)).blocks]
    return Handout(
        title=title or words.word("title"),
        subtitle=described(single),
        author=author,
        language=words.language,
        parts=tuple(made),
        imprint=words.say("repeat", version=symbackprop.__version__, seed=str(checked.seed)),
        command=f"{command} --seed {checked.seed}",
        proved=checked.proved and (batch is None or batch.checked.proved),
        network=single,
        seed=checked.seed,
    )


def _batch_page(network: Network, seed: int | None) -> Page:
    layout = network.batch or notation_named(network.notation).batch
    whole = derive(replace(network, batch=layout), "matrix")
    return page_of(check(only(whole, TOLD_OF_BATCHES), seed=seed))


def _part(material: Material, key: str, blocks: list[Block], page: Page | None = None) -> Part:
    title = material.words.table["words"]["parts"][key]
    return Part(key, (title,), tuple(blocks), page or material.page, anew=page is not None)


def _said(words: Catalogue, key: str, **terms: str) -> list[Block]:
    text = words.say(key, **terms)
    return [Words(text)] if text else []


def _network(m: Material) -> Part:
    widths = m.page.program.widths
    printer = LatexPrinter(m.notation, m.page.program)
    drawing = network_drawing(widths, printer)
    caption = m.words.say("network_figure")
    blocks: list[Block] = [
        *_said(m.words, "network"),
        Figure(drawing, caption, described(m.network)),
        _symbols(m, m.page),
    ]
    if widths is not None:
        blocks.append(Words(_sizes(m.words, widths)))
    if m.notation.source:
        blocks.append(Words(m.words.say("notation", source=m.notation.source), "note"))
    if m.notation.remark:
        blocks.append(Words((m.words.translated(m.notation.remark),), "note"))
    return _part(m, "network", blocks)


def _sizes(words: Catalogue, widths: tuple[int, ...]) -> Text:
    """``n_0 = 2, n_1 = 3``."""
    before, after = (piece for piece in words.say("sizes", sizes="\0") if piece != "\0")
    pieces: list[str | Basic] = [before]
    for layer, width in enumerate(widths):
        pieces += [", "] * (layer > 0) + [Size(Integer(layer)), f" = {width}"]
    return (*pieces, after)


def _symbols(m: Material, page: Page) -> Symbols:
    rows = tuple((row, (m.words.translated(row.meaning),)) for row in page.symbols)
    return Symbols(rows, (m.words.word("symbol"), m.words.word("meaning"), m.words.word("shape")))


def _forward(m: Material) -> Part:
    slopes = m.steps("forward", titled=False)
    blocks = [
        *_said(m.words, "forward"),
        Given(frozenset({"z", "a"}), m.page.sigmas),
        *(_said(m.words, "slope") if slopes else []),
        *slopes,
    ]
    return _part(m, "forward", blocks)


def _cost(m: Material) -> Part:
    slope = m.steps("cost", titled=False)
    blocks: list[Block] = [Given(frozenset({"C", "J"}))]
    blocks += _said(m.words, "cost" if slope else "cost_open")
    return _part(m, "cost", [*blocks, *slope])


def _sum(m: Material) -> Part:
    diagonal = [
        [p * (1 - p) if i == j else Fraction(0) for j in range(3)] for i, p in enumerate(SIGMOID)
    ]
    dense = [[p * ((i == j) - SOFTMAX[j]) for j in range(3)] for i, p in enumerate(SOFTMAX)]
    titles = (m.words.say("map_diagonal"), m.words.say("map_dense"))
    drawing = maps_drawing(["".join(map(str, t)) for t in titles], [diagonal, dense])
    says = "".join(map(str, m.words.say("sum_maps_says")))
    blocks = [
        *_said(m.words, "sum"),
        Figure(drawing, m.words.say("sum_maps"), says),
        _paths(m),
        *([Words(said, "note")] if (said := m.words.say("kronecker")) else []),
        *m.steps("sum"),
    ]
    return _part(m, "sum", blocks)


def _paths(m: Material) -> Choice:
    """The paths from one z_j to all outputs: with an element-wise σ, and with softmax."""
    right = tuple(Node("a", "L", index) for index in ("1", "k", "j", "n"))
    says = "".join(map(str, m.words.say("output_figure_says")))

    def option(key: str, live: frozenset[int]) -> tuple[Text, Figure]:
        drawing = fan_drawing(Fan(Node("z", "L", "j"), right, live, "L"), m.notation, says)
        return m.words.say(f"map_{key}"), Figure(drawing, m.words.say(f"paths_{key}"), says)

    return Choice((option("diagonal", frozenset({2})), option("dense", frozenset(range(4)))))


def _output(m: Material) -> Part:
    blocks = [
        Given(frozenset({"delta"})),
        *_said(m.words, "output"),
        *_said(m.words, "output_full" if m.softmax else "output_collapse"),
        *m.steps("output", titled=False),
    ]
    return _part(m, "output", blocks)


def _hidden(m: Material) -> Part:
    if not m.hidden:
        return _part(m, "hidden", [])
    right = tuple(Node("z", "l+1", index) for index in ("1", "k", "", "n"))
    fan = Fan(Node("a", "l", "j"), right, frozenset(range(4)), "l+1", weights="l+1")
    says = "".join(map(str, m.words.say("hidden_figure_says")))
    blocks = [
        *_said(m.words, "hidden"),
        Figure(fan_drawing(fan, m.notation, says), m.words.say("hidden_figure"), says),
        *m.steps("hidden"),
    ]
    return _part(m, "hidden", blocks)


def _parameters(m: Material) -> Part:
    return _part(m, "parameters", [*_said(m.words, "parameters"), *m.steps("parameters")])


def _path(m: Material) -> Part:
    return _part(m, "path", [*_said(m.words, "path"), *m.steps("path")])


def _matrix(m: Material) -> Part:
    steps = m.steps("matrix", titled=False, shaped=True)
    return _part(m, "matrix", [*_said(m.words, "matrix"), *steps])


def _batches(m: Material) -> Part:
    page = m.batch
    assert page is not None
    network = page.checked.derivation.about
    told = m.batch_sections
    said = _said(
        m.words, "batches",
        layout=m.words.word(network.batch),
        reduction=m.words.word("mean" if network.reduction == "mean" else "total"),
    )  # fmt: skip
    blocks: list[Block] = [*said, Given(frozenset({"z", "a", "C", "J", "delta"}), page.sigmas)]
    blocks += [Steps(told[t], shaped=t in TOLD["matrix"]) for t in TOLD_OF_BATCHES if t in told]
    return _part(m, "batches", blocks, page)


def _example(m: Material) -> Part:
    network = _by_hand(m.network)
    if not fits(network):
        return _part(m, "example", [])
    try:
        made = worked_example(network, seed=m.page.checked.seed % 1000)
    except InputError:
        if m.nice:
            raise
        return _part(m, "example", [])
    page = page_of(check(Derivation("", forward(network), (), {}, network)))
    head = tuple((m.words.word(word),) for word in ("quantity", "formula", "numbers", "result"))
    given: list[str | Basic] = []
    for quantity, value in made.given:
        given += [", "] * bool(given) + [quantity, " = ", value]
    rows = tuple(
        ((x.quantity,), ("= ", x.formula), ("= ", x.numbers), ("= ", x.result)) for x in made.lines
    )
    eta = TextPrinter(m.notation).text(made.eta)
    step = m.words.say("example_step", eta=eta, before=made.before, after=made.after)
    blocks = [
        *_said(m.words, "example"),
        Words((*m.words.say("example_given"), *given, "."), "numbers"),
        Grid(head, rows, numbers=True),
        Words(step),
    ]
    return replace(_part(m, "example", blocks), page=page)


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
    if m.network.general:
        return _part(m, "code", [])
    source = gradients_source(compile_gradients(m.page.checked).listing, m.network)
    blocks: list[Block] = [*_said(m.words, "code"), Listing(source)]
    maths = trainer_code(replace(m.network, batch=None))
    if maths:
        blocks += [*_said(m.words, "code_maths"), CodeMaths(tuple(maths))]
    return _part(m, "code", blocks)


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
    return _part(m, "questions", blocks)


@cache
def asked() -> tuple[dict[str, Any], ...]:
    """The questions that learners ask: ``when``, ``asks`` and ``answer`` in each language."""
    text = resources.files("symbackprop.handout.words").joinpath("questions.toml")
    return tuple(tomllib.loads(text.read_text(encoding="utf-8"))["question"])


def _exercises(m: Material) -> Part:
    checked = m.page.checked
    sheet = make_sheet(m.network, TASKS, checked.seed, m.words, checked)
    note = m.words.say("key_elsewhere", count=str(TASKS), seed=str(checked.seed))
    blocks = [*_said(m.words, "exercises"), *tasks_of(sheet, m.words), Words(note, "note")]
    return _part(m, "exercises", blocks)


def _proved(m: Material) -> Part:
    lines = [(e.number, e.verdict) for e in _all_entries(m)]
    head = (m.words.word("lines"), m.words.word("holds_for"), m.words.word("bound"))
    return _part(m, "proved", [*_said(m.words, "proved"), Claims(tuple(claims_of(lines)), head)])


def _all_entries(m: Material) -> Iterator[Entry]:
    yield from entries_of([*m.sections.values(), *m.batch_sections.values()])


PARTS: dict[str, Callable[[Material], Part]] = {
    "network": _network,
    "forward": _forward,
    "cost": _cost,
    "sum": _sum,
    "output": _output,
    "hidden": _hidden,
    "parameters": _parameters,
    "path": _path,
    "matrix": _matrix,
    "batches": _batches,
    "example": _example,
    "code": _code,
    "questions": _questions,
    "exercises": _exercises,
    "proved": _proved,
}
"""Key → what makes the part, in the order of the page."""
