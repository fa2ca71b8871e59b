"""A checked derivation as one HTML page: MathML, an SVG network, no script, no network access."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sympy import Basic

import symbackprop
from symbackprop.judge.verdict import Checked
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Definition, l
from symbackprop.render import prose
from symbackprop.render.describe import described
from symbackprop.render.escape import visible
from symbackprop.render.figures import picture
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.mathml import displayed, inline
from symbackprop.render.page import (
    MARKS,
    Chain,
    Claim,
    Entry,
    Page,
    Section,
    Sigma,
    Symbol,
    page_of,
)
from symbackprop.render.svg import drawn
from symbackprop.render.templating import data_file, filled
from symbackprop.render.trainer_math import trainer_code

NARROW = 14.0  # em: what a telephone shows in one line


def to_html(
    checked: Checked,
    *,
    title: str | None = None,
    notation: str | None = None,
    code: Sequence[Mapping[str, str]] | None = None,
) -> str:
    """One self-contained page; every text is escaped, and nothing in it can run."""
    page = page_of(checked, title, notation)
    shown_code = trainer_code(checked.derivation.about) if code is None else code
    writer = Writer(page, LatexPrinter(page.notation, page.program))
    return filled(
        "page.html.j2",
        title=visible(page.title) or "Derivation",
        subtitle=described(checked.derivation.about),
        font=base64.b64encode(data_file("stix-two-math.woff2")).decode("ascii"),
        network=Markup(drawn(picture(page.program.widths), page.notation)),
        definitions=list(writer.definitions(page.definitions, page.sigmas)),
        symbols=list(writer.symbols()),
        sections=[writer.section(n, s) for n, s in enumerate(page.sections, start=1)],
        code=[_code(part) for part in shown_code],
        summary=page.summary,
        proved=checked.proved,
        claims=[writer.claim(claim) for claim in page.claims],
        seed=checked.seed,
        version=symbackprop.__version__,
    )


class Writer:
    """Turns the parts of a page into what the template shows."""

    def __init__(self, page: Page, printer: LatexPrinter) -> None:
        self.page = page
        self.printer = printer

    def words(self, text: str) -> Markup:
        return Markup(prose.html(text, self.printer, inline))

    def equals(self, term: Basic) -> Markup:
        """``= term``; a long one in parts between which the browser may end a line."""
        first, *rest = self.printer.segments(self.printer.row(term), NARROW)
        return Markup("<wbr>".join(map(displayed, ("= " + first, *rest))))

    def definitions(
        self, definitions: Iterable[Definition], sigmas: Iterable[Sigma]
    ) -> Iterator[dict[str, Any]]:
        printer = self.printer
        for definition in definitions:
            spans = definition.target.layer == l
            where = printer.layers(definition.first, definition.last) if spans else ""
            yield {
                "left": Markup(displayed(printer.text(definition.target))),
                "right": self.equals(definition.value),
                "where": Markup(inline(where)) if where else "",
            }
        for sigma in sigmas:
            head = printer.applied(printer.sigma(sigma.layer), printer.scripted("u"))
            formula = sigma.formula
            yield {
                "left": Markup(displayed(head.text)),
                "right": self.page.words["any_function"]
                if formula is None
                else self.equals(formula),
                "where": "" if formula is None else sigma.name,
            }

    def symbols(self) -> Iterator[dict[str, Any]]:
        yield from (self.symbol(row, self.words(row.meaning)) for row in self.page.symbols)

    def symbol(self, row: Symbol, meaning: str) -> dict[str, Any]:
        sizes = [inline(self.printer.text(size)) for size in row.declaration.axes]
        if len(sizes) == 1:
            sizes.append("1")
        return {
            "symbol": Markup(inline(self.printer.text(row.whole))),
            "meaning": meaning,
            "shape": Markup(" × ".join(sizes) or "scalar"),
        }

    def section(self, number: int, section: Section) -> dict[str, Any]:
        common = section.common
        return {
            "number": number,
            "title": self.words(section.title),
            "conditions": self.conditions(common) if common else "",
            "blocks": [self.block(block, not common) for block in section.blocks],
        }

    def conditions(self, statement: Statement) -> Markup | str:
        said = self.printer.conditions(statement)
        return Markup(", ".join(map(inline, said))) if said else ""

    def block(self, block: tuple[Chain, ...], conditions: bool) -> dict[str, Any]:
        return {
            "conditions": self.conditions(block[0].first) if conditions else "",
            "lines": [
                self.line(entry, chain if not place else None)
                for chain in block
                for place, entry in enumerate(chain.entries)
            ],
        }

    def line(self, entry: Entry, chain: Chain | None) -> dict[str, Any]:
        left = displayed(self.printer.text(chain.left)) if chain else ""
        return {
            "left": Markup(left),
            "right": self.equals(entry.statement.right),
            "name": entry.name,
            "reason": self.words(entry.reason),
            "uses": entry.uses,
            "number": entry.number,
            "mark": MARKS[entry.verdict.status],
            "word": entry.word,
            "proved": entry.proved,
            "trouble": visible(entry.trouble),
        }

    def claim(self, claim: Claim) -> dict[str, Any]:
        verdict = claim.verdict
        return {
            "proved": verdict.proved,
            "mark": MARKS[verdict.status],
            "word": claim.word,
            "lines": claim.lines,
            "scope": ", ".join(verdict.scope),
            "notes": list(map(visible, claim.notes)),
            "bound": Markup(claim.bound_in("&lt; 2<sup>%d</sup>")),
        }


def _code(part: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": visible(part["name"]),
        "note": visible(part.get("note", "")),
        "math": Markup(displayed(part["tex"])),
    }
