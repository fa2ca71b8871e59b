"""The parts that tell the theory: from the network to mini-batches."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sympy import Basic, Integer

from symbackprop.handout.blocks import (
    Block,
    Choice,
    Figure,
    Given,
    Part,
    Steps,
    Symbols,
    Text,
    Words,
)
from symbackprop.handout.catalogue import Catalogue
from symbackprop.handout.diagrams import flow_drawing
from symbackprop.handout.drawings import (
    Fan,
    Node,
    fan_drawing,
    maps_drawing,
    network_drawing,
)
from symbackprop.handout.material import TOLD, TOLD_OF_BATCHES, Material, part, said
from symbackprop.language.terms import Size
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.page import Page

SOFTMAX = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
SIGMOID = (Fraction(3, 4), Fraction(2, 3), Fraction(1, 2))


def _network(m: Material) -> Part:
    widths = m.page.program.widths
    printer = LatexPrinter(m.notation, m.page.program)
    drawing = network_drawing(widths, printer, named=m.asked.name_weights)
    caption = m.words.say("network_figure")
    blocks: list[Block] = [
        *said(m.words, "network"),
        Figure(drawing, caption, m.words.about(m.network)),
        _symbols(m, m.page),
    ]
    if widths is not None:
        blocks.append(Words(_sizes(m.words, widths)))
    if m.notation.source:
        blocks.append(Words(m.words.say("notation", source=m.notation.source), "note"))
    if m.notation.remark:
        blocks.append(Words((m.words.translated(m.notation.remark),), "note"))
    return part(m, "network", blocks)


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
        *said(m.words, "forward"),
        Given(frozenset({"z", "a"}), m.page.sigmas),
        *(said(m.words, "slope") if slopes else []),
        *slopes,
    ]
    return part(m, "forward", blocks)


def _cost(m: Material) -> Part:
    slope = m.steps("cost", titled=False)
    blocks: list[Block] = [Given(frozenset({"C", "J"}))]
    blocks += said(m.words, "cost" if slope else "cost_open")
    return part(m, "cost", [*blocks, *slope])


def _sum(m: Material) -> Part:
    diagonal = [
        [p * (1 - p) if i == j else Fraction(0) for j in range(3)] for i, p in enumerate(SIGMOID)
    ]
    dense = [[p * ((i == j) - SOFTMAX[j]) for j in range(3)] for i, p in enumerate(SOFTMAX)]
    titles = (m.words.say("map_diagonal"), m.words.say("map_dense"))
    drawing = maps_drawing(["".join(map(str, t)) for t in titles], [diagonal, dense])
    says = "".join(map(str, m.words.say("sum_maps_says")))
    blocks = [
        *said(m.words, "sum"),
        Figure(drawing, m.words.say("sum_maps"), says),
        _paths(m),
        *([Words(text, "note")] if (text := m.words.say("kronecker")) else []),
        *m.steps("sum"),
    ]
    return part(m, "sum", blocks)


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
        *said(m.words, "output"),
        *said(m.words, "output_full" if m.softmax else "output_collapse"),
        *m.steps("output", titled=False),
    ]
    return part(m, "output", blocks)


def _hidden(m: Material) -> Part:
    if not m.hidden:
        return part(m, "hidden", [])
    right = tuple(Node("z", "l+1", index) for index in ("1", "k", "", "n"))
    fan = Fan(Node("a", "l", "j"), right, frozenset(range(4)), "l+1", weights="l+1")
    says = "".join(map(str, m.words.say("hidden_figure_says")))
    blocks = [
        *said(m.words, "hidden"),
        Figure(fan_drawing(fan, m.notation, says), m.words.say("hidden_figure"), says),
        *m.steps("hidden"),
    ]
    return part(m, "hidden", blocks)


def _parameters(m: Material) -> Part:
    return part(m, "parameters", [*said(m.words, "parameters"), *m.steps("parameters")])


def _path(m: Material) -> Part:
    return part(m, "path", [*said(m.words, "path"), *m.steps("path")])


def _matrix(m: Material) -> Part:
    steps = m.steps("matrix", titled=False, shaped=True)
    says = "".join(map(str, m.words.say("flow_says")))
    depth = None if m.network.general else m.network.depth
    drawing = flow_drawing(depth, m.notation, says, full=m.softmax)
    figure = Figure(drawing, m.words.say("flow"), says)
    return part(m, "matrix", [*said(m.words, "matrix"), figure, *steps])


def _batches(m: Material) -> Part:
    page = m.batch
    assert page is not None
    network = page.checked.derivation.about
    told = m.batch_sections
    begun = said(
        m.words, "batches",
        layout=m.words.word(network.batch),
        reduction=m.words.word("mean" if network.reduction == "mean" else "total"),
    )  # fmt: skip
    blocks: list[Block] = [*begun, Given(frozenset({"z", "a", "C", "J", "delta"}), page.sigmas)]
    blocks += [Steps(told[t], shaped=t in TOLD["matrix"]) for t in TOLD_OF_BATCHES if t in told]
    return part(m, "batches", blocks, page)


THEORY: dict[str, Callable[[Material], Part]] = {
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
}
"""Key → what makes the part, in the order of the page."""
