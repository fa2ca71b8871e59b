"""A checked derivation for the terminal: one equation a line, its reason, its verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.judge.verdict import Checked, Status
from symbackprop.language.derivation import Statement
from symbackprop.language.program import l
from symbackprop.render import prose
from symbackprop.render.escape import visible
from symbackprop.render.page import MARKS, WORDS, Chain, Claim, Entry, Page, Section, Sigma, page_of
from symbackprop.render.rows import Row
from symbackprop.render.unicode_math import TextPrinter

MARGIN = 2
NARROWEST = 40


@dataclass(frozen=True)
class Style:
    """Terminal codes around titles, reasons and verdicts; all empty: plain text."""

    title: str = ""
    section: str = ""
    reason: str = ""
    good: str = ""
    bad: str = ""
    open: str = ""
    end: str = ""

    def paint(self, code: str, text: str) -> str:
        return f"{code}{text}{self.end}" if code and text else text

    def of(self, status: Status) -> str:
        return {Status.PROVED: self.good, Status.REFUTED: self.bad}.get(status, self.open)


PLAIN = Style()
COLOR = Style(
    title="\x1b[1m", section="\x1b[1;36m", reason="\x1b[2m", good="\x1b[32m", bad="\x1b[1;31m",
    open="\x1b[33m", end="\x1b[0m",
)  # fmt: skip


def to_text(
    checked: Checked,
    width: int = 80,
    style: Style = PLAIN,
    *,
    title: str | None = None,
    notation: str | None = None,
) -> str:
    """The whole derivation as lines of at most ``width`` characters where that can be."""
    page = page_of(checked, title, notation)
    writer = _Writer(page, max(width, NARROWEST), style)
    return "\n".join(line.rstrip() for line in writer.lines()) + "\n"


@dataclass(frozen=True)
class _Writer:
    page: Page
    width: int
    style: Style

    @property
    def printer(self) -> TextPrinter:
        return TextPrinter(self.page.notation, self.page.program)

    def lines(self) -> Iterator[str]:
        title = visible(self.page.title)
        yield from (self.style.paint(self.style.title, line) for line in self._wrapped(title, 0))
        yield "═" * min(len(title), self.width)
        yield ""
        yield from self._network()
        for number, section in enumerate(self.page.sections, start=1):
            yield from self._section(number, section)
        yield from self._proof()

    def _wrapped(self, text: str, indent: int) -> list[str]:
        return textwrap.wrap(
            text, self.width, initial_indent=" " * indent, subsequent_indent=" " * indent
        ) or [""]

    # -- the network -------------------------------------------------------------------------

    def _network(self) -> Iterator[str]:
        printer = self.printer
        widths = self.page.program.widths
        if widths is not None:
            sizes = ", ".join(f"n_{layer} = {n}" for layer, n in enumerate(widths))
            yield from self._wrapped(sizes, MARGIN)
        for definition in self.page.definitions:
            left = printer.row(definition.target)
            spans = definition.target.layer == l
            where = printer.layers(definition.first, definition.last) if spans else ""
            body = list(self._equation(left, printer.row(definition.value), self.width))
            gap = self.width - len(body[-1]) - len(where)
            yield from body[:-1]
            yield f"{body[-1]}{' ' * gap}{where}" if gap > 1 else body[-1]
        for sigma in self.page.sigmas:
            yield from self._sigma(sigma)
        yield ""

    def _sigma(self, sigma: Sigma) -> Iterator[str]:
        printer = self.printer
        head = printer.applied(printer.sigma(sigma.layer), printer.scripted("u"))
        if sigma.formula is None:
            yield f"{'':{MARGIN}}{head}: any differentiable function, entry by entry"
        else:
            yield from self._equation(head, printer.row(sigma.formula), self.width)

    # -- the derivation ----------------------------------------------------------------------

    def _section(self, number: int, section: Section) -> Iterator[str]:
        heading = f"{number}. {prose.text(section.title, self.printer)}"
        yield self.style.paint(self.style.section, heading)
        yield "─" * min(len(heading), self.width)
        if section.common:
            yield from self._conditions(section.common)
        for chain in section.chains:
            if not section.common:
                yield from self._conditions(chain.first)
            yield from self._chain(chain)
            yield ""

    def _conditions(self, statement: Statement) -> Iterator[str]:
        conditions = ", ".join(self.printer.conditions(statement))
        if conditions:
            yield f"{'':{MARGIN}}for {conditions}:"

    def _chain(self, chain: Chain) -> Iterator[str]:
        printer = self.printer
        left = printer.row(chain.left)
        hang = MARGIN + len(left.text)
        for place, entry in enumerate(chain.entries):
            shown = left if not place else Row(())
            yield from self._entry(entry, shown, hang)

    def _entry(self, entry: Entry, left: Row, hang: int) -> Iterator[str]:
        mark = f"({entry.number}) {MARKS[entry.verdict.status]}"
        *first, last = self._equation(
            left, self.printer.row(entry.statement.right), self.width - len(mark) - 1, hang
        )
        yield from first
        if len(last) + 1 + len(mark) > self.width:
            yield last
            last = ""
        gap = " " * (self.width - len(last) - len(mark))
        yield last + gap + self.style.paint(self.style.of(entry.verdict.status), mark)
        indent = hang + 3
        if indent > self.width // 2:
            indent = MARGIN + 4
        for line in self._wrapped(self._reason(entry), indent):
            yield self.style.paint(self.style.reason, line)
        if entry.trouble:
            for line in self._wrapped(visible(entry.trouble), indent):
                yield self.style.paint(self.style.of(entry.verdict.status), line)

    def _reason(self, entry: Entry) -> str:
        name = f"{visible(entry.name)}: " if entry.name else ""
        uses = f" ({', '.join(f'by {used}' for used in entry.uses)})" if entry.uses else ""
        return f"{name}{prose.text(entry.reason, self.printer)}{uses}"

    def _equation(
        self, left: Row, right: Row, width: int, hang: int | None = None
    ) -> Iterator[str]:
        """``left = right``, broken under the equals sign where it is too long."""
        start = f"{'':{MARGIN}}{left.text}"
        if hang is not None:
            start = f"{start:{hang}}"
        indent = len(start) + 3
        if indent > width // 2:
            yield start
            start, indent = " " * (MARGIN + 2), MARGIN + 5
        for place, line in enumerate(self.printer.lines(right, width - indent)):
            margin = f"{start} = " if not place else " " * (indent + 2 * line.indent)
            yield margin + line.text

    # -- what was proved ---------------------------------------------------------------------

    def _proof(self) -> Iterator[str]:
        checked = self.page.checked
        heading = "What was proved"
        yield self.style.paint(self.style.section, heading)
        yield "─" * len(heading)
        status = Status.PROVED if checked.proved else Status.REFUTED
        yield f"{'':{MARGIN}}{self.style.paint(self.style.of(status), self.page.summary)}"
        for claim in self.page.claims:
            yield from self._claim(claim)
        yield f"{'':{MARGIN}}seed {checked.seed}"

    def _claim(self, claim: Claim) -> Iterator[str]:
        verdict = claim.verdict
        many = "s" if len(claim.numbers) > 1 else ""
        head = f"{MARKS[verdict.status]} line{many} {claim.lines} {WORDS[verdict.status]}"
        said = [head + (f": {', '.join(verdict.scope)}" if verdict.scope else "")]
        if verdict.proved:
            said.append(f"error bound {claim.bound_in('< 2^%d')}")
        lines = textwrap.wrap("; ".join(said), self.width - MARGIN - 2)
        for note in claim.notes:
            lines += textwrap.wrap(visible(note), self.width - MARGIN - 2)
        yield f"{'':{MARGIN}}{lines[0]}"
        yield from (f"{'':{MARGIN + 2}}{line}" for line in lines[1:])
