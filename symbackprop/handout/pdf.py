"""A handout as PDF without TeX: set by Typst."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatchmethod
from typing import Any, ClassVar

from symbackprop.handout import blocks as b
from symbackprop.handout.catalogue import catalogue
from symbackprop.render import pdf, prose
from symbackprop.render.escape import escape_typst
from symbackprop.render.shaped import Shaped
from symbackprop.render.templating import filled
from symbackprop.render.typst_math import TypstPrinter

PAGE = 40.0  # em: the width of the text


class ShapedTypst(Shaped, TypstPrinter):
    """Writes the shape of each factor below it."""

    dialect: ClassVar[str] = "typst"


def to_pdf(made: b.Handout) -> bytes:
    """The bytes of a PDF; needs the ``pdf`` extra."""
    return pdf.compiled(lambda: to_typst(made))


def to_typst(made: b.Handout) -> str:
    """The Typst source; texts stand in it as strings, which Typst never runs."""
    return filled(
        "handout.typ.j2",
        language=made.language,
        title=escape_typst(made.title),
        author=escape_typst(made.author) if made.author else "",
        subtitle=escape_typst(made.subtitle),
        chapters=[_Part(part, made.language).shown() for part in made.parts],
        for_word=catalogue(made.language).word("given_for"),
        imprint=escape_typst("".join(map(str, made.imprint))),
        command=escape_typst(made.command),
    )


class _Part:
    """One part; ``block`` has a method for each kind of block."""

    def __init__(self, part: b.Part, language: str) -> None:
        page = part.page
        self.part = part
        self.printer = TypstPrinter(page.notation, page.program)
        self.writer = pdf.Writer(page, self.printer)
        self.shaped = pdf.Writer(page, ShapedTypst(page.notation, page.program))

    def shown(self) -> dict[str, Any]:
        blocks = [{"kind": type(x).__name__, **self.block(x)} for x in self.part.blocks]
        return {"title": self.say(self.part.title), "blocks": blocks}

    def say(self, text: b.Text) -> str:
        return "".join(
            prose.typst(piece, self.printer)
            if isinstance(piece, str)
            else f"${self.printer.text(piece)}$"
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
        rows = [self.writer.symbol(row, "".join(map(str, said))) for row, said in block.rows]
        return {"rows": rows, "head": list(map(escape_typst, block.head))}

    @block.register
    def _(self, block: b.Steps) -> Mapping[str, Any]:
        section = (self.shaped if block.shaped else self.writer).section(0, block.section)
        return {**section, "title": section["title"] if block.titled else ""}

    @block.register
    def _(self, block: b.Grid) -> Mapping[str, Any]:
        rows = [list(map(self.say, row)) for row in block.rows]
        return {"head": list(map(self.say, block.head)), "rows": rows}

    @block.register
    def _(self, block: b.Figure) -> Mapping[str, Any]:
        return {
            "svg": escape_typst(block.drawing.fixed),
            "width": f"{round(100 * block.drawing.width / PAGE)}%",
            "caption": self.say(block.caption),
        }

    @block.register
    def _(self, block: b.Choice) -> Mapping[str, Any]:
        return {"options": [self.block(figure) for _, figure in block.options]}

    @block.register
    def _(self, block: b.Listing) -> Mapping[str, Any]:
        return {"code": _listing(block.code)}

    @block.register
    def _(self, block: b.CodeMaths) -> Mapping[str, Any]:
        return {"rows": [pdf.code_of(row) for row in block.rows]}

    @block.register
    def _(self, block: b.Question) -> Mapping[str, Any]:
        return {"asks": self.say(block.asks), "answer": self.say(block.answer)}

    @block.register
    def _(self, block: b.Task) -> Mapping[str, Any]:
        return {
            "number": block.number,
            "asks": self.say(block.asks),
            "lines": list(map(self.say, block.lines)),
            "level": f"#{escape_typst(block.level)}" if block.level else "",
        }

    @block.register
    def _(self, block: b.Claims) -> Mapping[str, Any]:
        rows = [pdf.claim_of(claim) for claim in block.rows]
        return {"rows": rows, "head": list(map(escape_typst, block.head))}


def _listing(code: str) -> str:
    """A string with its lines and their indents, which Typst shows as it is."""
    lines = (line.expandtabs(4) for line in code.rstrip().splitlines())
    shown = (" " * (len(x) - len(x.lstrip())) + escape_typst(x.strip())[1:-1] for x in lines)
    return '"' + "\\n".join(shown) + '"'
