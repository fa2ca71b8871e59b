"""A handout as one page: MathML, SVG, a font of its own; no script, nothing from the network."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from functools import singledispatchmethod
from typing import Any

from markupsafe import Markup

from symbackprop.handout import blocks as b
from symbackprop.handout.catalogue import catalogue
from symbackprop.render import prose
from symbackprop.render.escape import visible
from symbackprop.render.html import Writer
from symbackprop.render.lit import LitPrinter, lights, reachable, with_tokens
from symbackprop.render.mathml import displayed, inline
from symbackprop.render.shaped import Shaped
from symbackprop.render.templating import data_file, filled


class ShapedLit(Shaped, LitPrinter):
    """Marks quantities, and writes the shape of each factor below it."""


def to_html(made: b.Handout) -> str:
    """The page; every text is escaped, and nothing in it can run."""
    tokens: list[str] = []
    chapters = [_Part(part, tokens, made.language).shown() for part in made.parts]
    page = filled(
        "handout.html.j2",
        language=made.language,
        title=visible(made.title),
        author=visible(made.author),
        subtitle=visible(made.subtitle),
        font=base64.b64encode(data_file("stix-two-math.woff2")).decode("ascii"),
        chapters=chapters,
        contents=catalogue(made.language).word("contents"),
        words=catalogue(made.language).table["words"],
        lights=Markup(lights(tokens)),
        imprint="".join(map(str, made.imprint)),
        command=visible(made.command),
    )
    return glued(reachable(with_tokens(page, tokens)))


_AND_SIGN = re.compile(r"(<math\b(?:(?!</math>).)*</math>)([.,;:!?)]+)", re.DOTALL)


def glued(page: str) -> str:
    """No line begins with the comma or full stop behind a formula."""
    return _AND_SIGN.sub(r'<span class="glued">\1\2</span>', page)


class _Part:
    """One part; ``block`` has a method for each kind of block."""

    def __init__(self, part: b.Part, tokens: list[str], language: str) -> None:
        page = part.page
        self.part = part
        self.printer = LitPrinter(page.notation, page.program, tokens)
        self.writer = Writer(page, self.printer)
        self.shaped = Writer(page, ShapedLit(page.notation, page.program, tokens))

    def shown(self) -> dict[str, Any]:
        blocks = [
            {"kind": type(block).__name__, "number": number, **self.block(block)}
            for number, block in enumerate(self.part.blocks)
        ]
        return {"key": self.part.key, "title": self.say(self.part.title), "blocks": blocks}

    def say(self, text: b.Text, formula: Callable[[str], str] = inline) -> Markup:
        return Markup("").join(
            Markup(prose.html(piece, self.printer, inline))
            if isinstance(piece, str)
            else Markup(formula(self.printer.text(piece)))
            for piece in text
        )

    @singledispatchmethod
    def block(self, block: b.Block) -> Mapping[str, Any]:
        raise TypeError(f"{type(block).__name__} is no block")

    @block.register
    def _(self, block: b.Words) -> Mapping[str, Any]:
        return {"text": self.say(block.text), "style": block.kind}

    @block.register
    def _(self, block: b.Given) -> Mapping[str, Any]:
        definitions = [d for d in self.part.page.definitions if d.target.name in block.names]
        return {"lines": list(self.writer.definitions(definitions, block.sigmas))}

    @block.register
    def _(self, block: b.Symbols) -> Mapping[str, Any]:
        rows = [self.writer.symbol(row, self.say(said)) for row, said in block.rows]
        return {"rows": rows, "head": block.head}

    @block.register
    def _(self, block: b.Steps) -> Mapping[str, Any]:
        writer = self.shaped if block.shaped else self.writer
        section = writer.section(0, block.section)
        return {**section, "title": section["title"] if block.titled else ""}

    @block.register
    def _(self, block: b.Grid) -> Mapping[str, Any]:
        rows = [[self.say(cell) for cell in row] for row in block.rows]
        return {"head": list(map(self.say, block.head)), "rows": rows, "numbers": block.numbers}

    @block.register
    def _(self, block: b.Figure) -> Mapping[str, Any]:
        return {"svg": Markup(block.drawing.svg), "caption": self.say(block.caption)}

    @block.register
    def _(self, block: b.Choice) -> Mapping[str, Any]:
        options = [
            {"label": self.say(label), **self.block(figure)} for label, figure in block.options
        ]
        return {"options": options}

    @block.register
    def _(self, block: b.Listing) -> Mapping[str, Any]:
        return {"code": block.code}

    @block.register
    def _(self, block: b.CodeMaths) -> Mapping[str, Any]:
        rows = [
            {"name": visible(row["name"]), "note": visible(row.get("note", "")),
             "math": Markup(displayed(row["tex"]))}
            for row in block.rows
        ]  # fmt: skip
        return {"rows": rows}

    @block.register
    def _(self, block: b.Question) -> Mapping[str, Any]:
        return {"asks": self.say(block.asks), "answer": self.say(block.answer)}

    @block.register
    def _(self, block: b.Task) -> Mapping[str, Any]:
        return {
            "number": block.number,
            "asks": self.say(block.asks),
            "lines": [self.say(line, displayed) for line in block.lines],
            "level": block.level,
        }

    @block.register
    def _(self, block: b.Claims) -> Mapping[str, Any]:
        return {"rows": [self.writer.claim(claim) for claim in block.rows], "head": block.head}
