r"""A checked derivation as a complete LaTeX document that a plain TeX Live compiles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Basic, Integer
from sympy import Symbol as Letter

import symbackprop
from symbackprop.judge.verdict import Checked
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Definition, l
from symbackprop.language.terms import Ref
from symbackprop.render import prose
from symbackprop.render.describe import described
from symbackprop.render.escape import escape_tex
from symbackprop.render.figures import Edge, Neuron, Picture, picture
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.page import Chain, Claim, Entry, Section, Sigma, Symbol, page_of
from symbackprop.render.rows import Row
from symbackprop.render.templating import filled
from symbackprop.render.trainer_math import trainer_code

TEXT, BESIDE, DEFINED = 39.0, 22.0, 27.0  # em: a line, beside a reason, in a definition
EQUALS = 1.6
BETWEEN = r"\\[1ex]"


@dataclass(frozen=True)
class Line:
    """One row of ``flalign``: ``left & right && reason tag``."""

    left: str = ""
    right: str = ""
    reason: str = ""
    tag: str = ""
    end: str = r"\\"


def to_latex(
    checked: Checked,
    *,
    title: str | None = None,
    notation: str | None = None,
    code: Sequence[Mapping[str, str]] | None = None,
) -> str:
    """A ``.tex`` document: network, symbols, derivation, what was proved.

    ``code`` are formulas of code (see ``code_math``); without them the trainer's own.
    """
    page = page_of(checked, title, notation)
    shown_code = trainer_code(checked.derivation.about) if code is None else code
    printer = LatexPrinter(page.notation, page.program)
    return filled(
        "document.tex.j2",
        version=symbackprop.__version__,
        title=escape_tex(page.title) or "Derivation",
        pdf_title=pdf_string(page.title),
        subtitle=escape_tex(described(checked.derivation.about)),
        network=tikz_network(picture(page.program.widths), printer),
        definitions=list(
            definitions_of(page.definitions, page.sigmas, printer, page.words["any_function"])
        ),
        symbols=[symbol_row(row, row.meaning, printer) for row in page.symbols],
        sections=[section_of(section, printer) for section in page.sections],
        summary=escape_tex(page.summary),
        claims=[claim_of(claim) for claim in page.claims],
        imprint=escape_tex(
            f"seed {checked.seed}; symbackprop {symbackprop.__version__}; error bound: the chance "
            "that two different sides agree by accident at the random points of random prime fields"
        ),
        code=[code_of(part) for part in shown_code],
    )


def pdf_string(text: str) -> str:
    """What may stand in a PDF's title or bookmark."""
    return " ".join(re.sub(r"[^A-Za-z0-9 .,:;()+=-]", "", text).split())


def tikz_network(drawn: Picture, printer: LatexPrinter) -> str:
    """The picture of a network as TikZ."""
    return filled("network.tikz.j2", **_pictured(drawn, printer)).strip()


def _pictured(drawn: Picture, printer: LatexPrinter) -> dict[str, Any]:
    scale = min(1.0, 15.5 / (drawn.width + 1), 9.0 / (drawn.height + 1))
    return {
        "picture": drawn,
        "scale": round(scale, 3),
        "font": r"\footnotesize" if scale > 0.75 else r"\tiny",
        "labels": {n: _label(n, printer) for n in _neurons(drawn)},
        "names": {edge: _weight(edge, printer) for edge in drawn.edges if edge.name},
        "named": lambda size: _named(size, printer),
    }


def _weight(edge: Edge, printer: LatexPrinter) -> str:
    layer = Integer(edge.end.layer) if edge.end.layer.isdigit() else l
    return printer.text(Ref("w", layer, *map(_index, edge.name.replace(",", ""))))


def _index(text: str) -> Basic:
    return Integer(text) if text.isdigit() else Letter(text)


def _named(size: str, printer: LatexPrinter) -> str:
    """``n_{l-1}`` in the letters of the notation."""
    letter, mark, rest = size.partition("_{")
    below, close, value = rest.partition("}")
    named = "".join(printer.notation.indices.get(c, c) for c in below)
    return f"{letter}{mark}{named}{close}{value}"


def _neurons(drawn: Picture) -> Iterator[Neuron]:
    return (neuron for column in drawn.columns for neuron in column.neurons if neuron.index)


def _label(neuron: Neuron, printer: LatexPrinter) -> str:
    notation = printer.notation
    index = notation.indices.get(neuron.index, neuron.index)
    layer = "".join(notation.indices.get(letter, letter) for letter in neuron.layer)
    return f"{notation.letters['a']}^{{{notation.layer % layer}}}_{{{index}}}"


def symbol_row(row: Symbol, meaning: str, printer: LatexPrinter) -> dict[str, str]:
    """Symbol, meaning and shape."""
    sizes = [f"${printer.text(size)}$" for size in row.declaration.axes]
    if len(sizes) == 1:
        sizes.append("1")
    return {
        "symbol": printer.text(row.whole),
        "meaning": prose.tex(meaning, printer),
        "shape": r" $\times$ ".join(sizes) or "scalar",
    }


def definitions_of(
    definitions: Iterable[Definition],
    sigmas: Iterable[Sigma],
    printer: LatexPrinter,
    any_function: str,
) -> Iterator[Line]:
    """Definitions and activations as rows of ``flalign``."""
    for definition in definitions:
        spans = definition.target.layer == l
        where = printer.layers(definition.first, definition.last) if spans else ""
        left, right = printer.row(definition.target), printer.row(definition.value)
        yield from _equation(left, right, printer, DEFINED, Line(reason=where))
    for sigma in sigmas:
        head = printer.applied(printer.sigma(sigma.layer), printer.scripted("u"))
        name = rf"\text{{{escape_tex(sigma.name)}}}"
        if sigma.formula is None:
            yield Line(head.text, rf"\ \text{{{escape_tex(any_function)}}}")
        else:
            yield from _equation(
                head, printer.row(sigma.formula), printer, DEFINED, Line(reason=name)
            )


def section_of(section: Section, printer: LatexPrinter) -> dict[str, Any]:
    plain = pdf_string(section.title)
    title = prose.tex(section.title, printer)
    common = _conditions(section.common, printer) if section.common else ""
    return {
        "title": title if title == plain else rf"\texorpdfstring{{{title}}}{{{plain}}}",
        "conditions": common,
        "blocks": [_block(block, printer, not section.common) for block in section.blocks],
    }


def _conditions(statement: Statement, printer: LatexPrinter) -> str:
    return r",\quad ".join(printer.conditions(statement))


def _block(block: tuple[Chain, ...], printer: LatexPrinter, conditions: bool) -> dict[str, Any]:
    """Chains that share one alignment."""
    lefts = [printer.row(chain.left) for chain in block]
    rights = [[printer.row(e.statement.right) for e in chain.entries] for chain in block]
    indent = max(left.width for left in lefts)
    widest = max(row.width for rows in rights for row in rows)
    set_line = _beside if indent + EQUALS + widest <= BESIDE else _above
    lines: list[Line] = []
    for chain, left, rows in zip(block, lefts, rights, strict=True):
        for place, (entry, row) in enumerate(zip(chain.entries, rows, strict=True)):
            lines += set_line(Row(()) if place else left, row, indent, entry, printer)
    lines[-1] = replace(lines[-1], end="")
    said = _conditions(block[0].first, printer) if conditions else ""
    return {"conditions": said, "lines": lines}


def _beside(
    left: Row, right: Row, indent: float, entry: Entry, printer: LatexPrinter
) -> list[Line]:
    """The reason stands beside the equation."""
    reason = rf"\why{{{_reason(entry, printer)}}}"
    return [Line(left.text, f"= {right}", reason, _tag(entry), BETWEEN)]


def _above(left: Row, right: Row, indent: float, entry: Entry, printer: LatexPrinter) -> list[Line]:
    """The equation has the whole line, and more where it must; its reason stands below."""
    room = TEXT - indent - EQUALS
    lines = list(_equation(left, right, printer, room, Line()))
    lines = [replace(line, tag=r"\notag") for line in lines]
    lines[-1] = replace(lines[-1], tag=_tag(entry))
    below = rf"\whybelow{{{room:.1f}em}}{{{_reason(entry, printer)}}}"
    return [*lines, Line(right=below, tag=r"\notag", end=BETWEEN)]


def _equation(
    left: Row, right: Row, printer: LatexPrinter, room: float, last: Line
) -> Iterator[Line]:
    """``left = right`` on as many lines as it needs; what ``last`` holds goes on the last one."""
    lines = printer.lines(right, room - 1)
    for place, line in enumerate(lines):
        start = "= " if not place else r"\quad " * (1 + line.indent)
        shown = (
            replace(last, right=start + line.text)
            if line is lines[-1]
            else Line(right=start + line.text)
        )
        yield replace(shown, left=left.text) if not place else shown


def _tag(entry: Entry) -> str:
    return rf"\tag{{{entry.number}}}\label{{eq:{entry.number}}}"


def _reason(entry: Entry, printer: LatexPrinter) -> str:
    name = rf"\named{{{escape_tex(entry.name)}}} " if entry.name else ""
    refs = ", ".join(rf"\eqref{{eq:{used}}}" for used in entry.uses)
    uses = f" {entry.words['by']}~{refs}" if refs else ""
    mark = r"~\proved" if entry.proved else rf"\\ \notproved{{{escape_tex(entry.trouble)}}}"
    return f"{name}{prose.tex(entry.reason, printer)}{uses}{mark}"


def claim_of(claim: Claim) -> dict[str, str]:
    mark = r"\proved" if claim.verdict.proved else rf"\notproved{{{claim.word}}}"
    return {
        "lines": f"{mark} {claim.lines.replace('–', '--')}",
        "scope": escape_tex(claim.says),
        "bound": claim.bound_in("$< 2^{%d}$"),
    }


def code_of(part: Mapping[str, str]) -> dict[str, str]:
    note = part.get("note", "")
    said = rf"\\ {escape_tex(note)}" if note else ""
    return {"tex": part["tex"], "name": rf"\named{{{escape_tex(part['name'])}}}{said}"}
