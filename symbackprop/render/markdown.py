"""A checked derivation as Markdown for GitHub: formulas, reasons and verdicts in tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import symbackprop
from symbackprop.judge.verdict import Checked
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Definition, l
from symbackprop.render import prose
from symbackprop.render.describe import described
from symbackprop.render.escape import escape_markdown
from symbackprop.render.latex import LatexPrinter
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


def to_markdown(checked: Checked, *, title: str | None = None, notation: str | None = None) -> str:
    """Markdown for a repository; the formulas are ``$`…`$``, inside of which nothing is escaped."""
    writer = Writer(page_of(checked, title, notation))
    return "\n".join(writer.lines()).rstrip() + "\n"


def maths(tex: str) -> str:
    """An inline formula; a bar would end the cell of a table."""
    return f"$`{tex.replace('|', chr(92) + 'vert ')}`$"


class Writer:
    """One line of Markdown after the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.printer = LatexPrinter(page.notation, page.program)

    def lines(self) -> Iterator[str]:
        yield f"# {escape_markdown(self.page.title) or 'Derivation'}"
        yield ""
        subtitle = described(self.page.checked.derivation.about)
        if subtitle:
            yield from (escape_markdown(subtitle[:1].upper() + subtitle[1:]) + ".", "")
        yield f"{escape_markdown(self.page.summary)}."
        yield ""
        yield from self.network()
        for number, section in enumerate(self.page.sections, start=1):
            yield from self.section(number, section)
        yield from self.proof()

    def network(self) -> Iterator[str]:
        yield from ("## The network", "")
        yield from self.given(self.page.definitions, self.page.sigmas)
        widths = self.page.program.widths
        if widths is not None:
            sizes = ", ".join(maths(f"n_{{{layer}}} = {n}") for layer, n in enumerate(widths))
            yield from (f"Widths: {sizes}.", "")
        yield from ("| symbol | meaning | shape |", "|:---|:---|:---|")
        for row in self.page.symbols:
            yield self.symbol(row, prose.markdown(row.meaning, self.printer))
        yield ""

    def symbol(self, row: Symbol, meaning: str) -> str:
        sizes = [self.printer.text(size) for size in row.declaration.axes]
        shape = r" \times ".join(sizes + ["1"] * (len(sizes) == 1))
        shown = maths(shape) if shape else "scalar"
        return f"| {maths(self.printer.text(row.whole))} | {meaning} | {shown} |"

    def given(self, definitions: Iterable[Definition], sigmas: tuple[Sigma, ...]) -> Iterator[str]:
        """Definitions and activations, aligned."""
        printer = self.printer
        yield from ("```math", r"\begin{aligned}")
        for definition in definitions:
            spans = definition.target.layer == l
            where = printer.layers(definition.first, definition.last) if spans else ""
            said = rf" && {where}" if where else ""
            target, value = printer.text(definition.target), printer.text(definition.value)
            yield rf"{target} &= {value}{said} \\"
        for sigma in sigmas:
            head = printer.applied(printer.sigma(sigma.layer), printer.scripted("u"))
            if sigma.formula is not None:
                yield rf"{head} &= {printer.text(sigma.formula)} && \text{{{sigma.name}}} \\"
        yield from (r"\end{aligned}", "```", "")
        if any(sigma.formula is None for sigma in sigmas):
            sign = maths(printer.sigma(None).text)
            yield from (f"{sign}: {self.page.words['any_function']}.", "")

    def section(self, number: int, section: Section) -> Iterator[str]:
        yield from (f"## {number}. {prose.markdown(section.title, self.printer)}", "")
        yield from self.steps(section)

    def steps(self, section: Section) -> Iterator[str]:
        """The chains of a section as tables."""
        common = section.common
        if common:
            yield from self.conditions(common)
        for block in section.blocks:
            if not common:
                yield from self.conditions(block[0].first)
            yield from (f"| | | {self.page.words['why']} | | |", "|---:|:---|:---|---:|:---|")
            for chain in block:
                yield from self.chain(chain)
            yield ""

    def conditions(self, statement: Statement) -> Iterator[str]:
        said = self.printer.conditions(statement)
        if said:
            yield from (f"{self.page.words['given_for']} {', '.join(map(maths, said))}:", "")

    def chain(self, chain: Chain) -> Iterator[str]:
        for place, entry in enumerate(chain.entries):
            left = "" if place else maths(r"\displaystyle " + self.printer.text(chain.left))
            yield self.entry(entry, left)

    def entry(self, entry: Entry, left: str) -> str:
        right = maths(r"\displaystyle = " + self.printer.text(entry.statement.right))
        name = f"**{escape_markdown(entry.name)}** " if entry.name else ""
        refs = ", ".join(f"({used})" for used in entry.uses)
        uses = f" {entry.words['by']} {refs}" if refs else ""
        why = f"{name}{prose.markdown(entry.reason, self.printer)}{uses}"
        status = entry.verdict.status
        verdict = f"{MARKS[status]} {entry.word}"
        if not entry.proved:
            verdict = f"**{MARKS[status]} {escape_markdown(entry.trouble)}**"
        return f"| {left} | {right} | {why} | ({entry.number}) | {verdict} |"

    def proof(self) -> Iterator[str]:
        checked = self.page.checked
        yield from ("## What was proved", "")
        yield from ("| lines | verdict | holds for | error bound |", "|:---|:---|:---|:---|")
        for claim in self.page.claims:
            yield self.claim(claim)
        yield ""
        yield (
            f"Seed {checked.seed}, symbackprop {symbackprop.__version__}. Error bound: the chance "
            "that two different sides agree by accident at random points of random prime fields."
        )

    def claim(self, claim: Claim) -> str:
        word = f"{MARKS[claim.verdict.status]} {claim.word}"
        bound = claim.bound_in(maths("< 2^{%d}"))
        return f"| {claim.lines} | {word} | {escape_markdown(claim.says)} | {bound} |"
