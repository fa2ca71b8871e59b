"""A handout as Markdown that GitHub renders and that ``symbackprop check`` proves to the last line.

Calculations with numbers and wrong lines of exercises stand in it as plain text: only what is
claimed is a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import singledispatchmethod

from symbackprop.handout import blocks as b
from symbackprop.render import prose
from symbackprop.render.escape import escape_markdown, visible
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.markdown import Writer, maths
from symbackprop.render.unicode_math import TextPrinter

ANEW = "<!-- letters anew -->"


def to_markdown(made: b.Handout) -> str:
    """One document; figures are told in words, for a text has none."""
    lines = [f"# {escape_markdown(made.title)}", ""]
    if made.author:
        lines += [escape_markdown(made.author), ""]
    subtitle = visible(made.subtitle)
    lines += [escape_markdown(subtitle[:1].upper() + subtitle[1:]) + ".", ""]
    for part in made.parts:
        lines += [ANEW, ""] if part.anew else []
        lines += list(lines_of(part))
    lines += ["---", "", f"{_plain(made.imprint)}`{made.command}`"]
    return "\n".join(lines).rstrip() + "\n"


def lines_of(part: b.Part) -> Iterator[str]:
    """One part, from its heading on."""
    return _Part(part).lines()


def _plain(text: b.Text) -> str:
    return "".join(escape_markdown(str(piece)) + " " * str(piece).endswith(" ") for piece in text)


class _Part:
    """One part; ``block`` has a method for each kind of block."""

    def __init__(self, part: b.Part) -> None:
        self.part = part
        self.printer = LatexPrinter(part.page.notation, part.page.program)
        self.plain = TextPrinter(part.page.notation, part.page.program)
        self.writer = Writer(part.page)

    def lines(self) -> Iterator[str]:
        yield from (f"## {self.say(self.part.title)}", "")
        for block in self.part.blocks:
            yield from self.block(block)

    def say(self, text: b.Text) -> str:
        """Words with formulas."""
        return self._joined(text, prose.markdown, self.printer, maths)

    def spell(self, text: b.Text) -> str:
        """Words and formulas as plain text: nothing is claimed."""
        return escape_markdown(self.bare(text))

    def bare(self, text: b.Text) -> str:
        """Words and formulas as they stand in a listing."""
        return self._joined(text, prose.text, self.plain, str)

    def _joined(
        self,
        text: b.Text,
        words: Callable[..., str],
        printer: LatexPrinter | TextPrinter,
        formula: Callable[[str], str],
    ) -> str:
        return "".join(
            words(piece, printer) if isinstance(piece, str) else formula(printer.text(piece))
            for piece in text
        )

    @singledispatchmethod
    def block(self, block: b.Block) -> Iterator[str]:
        raise TypeError(f"{type(block).__name__} is no block")

    @block.register
    def _(self, block: b.Words) -> Iterator[str]:
        said = self.spell if block.kind == "numbers" else self.say
        yield from (said(block.text), "")

    @block.register
    def _(self, block: b.Given) -> Iterator[str]:
        definitions = [d for d in self.part.page.definitions if d.target.name in block.names]
        if definitions or block.sigmas:
            yield from self.writer.given(definitions, block.sigmas)

    @block.register
    def _(self, block: b.Symbols) -> Iterator[str]:
        yield from (f"| {' | '.join(block.head)} |", "|:---|:---|:---|")
        yield from (self.writer.symbol(row, self.spell(said)) for row, said in block.rows)
        yield ""

    @block.register
    def _(self, block: b.Steps) -> Iterator[str]:
        if block.titled:
            yield from (f"### {self.say((block.section.title,))}", "")
        yield from self.writer.steps(block.section)

    @block.register
    def _(self, block: b.Grid) -> Iterator[str]:
        set_cell = self.spell if block.numbers else self.say
        yield f"| {' | '.join(map(self.say, block.head))} |"
        yield "|" + ":---|" * len(block.head)
        for row in block.rows:
            yield f"| {' | '.join(map(set_cell, row))} |"
        yield ""

    @block.register
    def _(self, block: b.Figure) -> Iterator[str]:
        yield from (f"> {self.say(block.caption)}", "")

    @block.register
    def _(self, block: b.Choice) -> Iterator[str]:
        for _, figure in block.options:
            yield from self.block(figure)

    @block.register
    def _(self, block: b.Listing) -> Iterator[str]:
        yield from (f"```{block.language}", block.code.rstrip(), "```", "")

    @block.register
    def _(self, block: b.CodeMaths) -> Iterator[str]:
        yield from ("| | |", "|:---|:---|")
        for row in block.rows:
            yield f"| {escape_markdown(row['name'])} | `{visible(row['code'])}` |"
        yield ""

    @block.register
    def _(self, block: b.Question) -> Iterator[str]:
        yield from (f"**{self.say(block.asks)}** {self.say(block.answer)}", "")

    @block.register
    def _(self, block: b.Task) -> Iterator[str]:
        level = f" ({escape_markdown(block.level)})" if block.level else ""
        yield from (f"**{block.number}.**{level} {self.spell(block.asks)}", "")
        if block.lines:
            yield "```text"
            for line in block.lines:
                yield self.bare(line).rstrip()
            yield from ("```", "")

    @block.register
    def _(self, block: b.Claims) -> Iterator[str]:
        yield from (
            f"| {' | '.join((block.head[0], '', *block.head[1:]))} |",
            "|:---|:---|:---|:---|",
        )
        yield from (self.writer.claim(claim) for claim in block.rows)
        yield ""
