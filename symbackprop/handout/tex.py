"""A handout as a LaTeX document that a plain TeX Live compiles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import singledispatchmethod
from typing import Any

import symbackprop
from symbackprop.handout import blocks as b
from symbackprop.handout.catalogue import catalogue
from symbackprop.render import document, prose
from symbackprop.render.escape import escape_tex
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.shaped import Shaped
from symbackprop.render.templating import filled
from symbackprop.render.unicode_math import TextPrinter

CHARACTER, FULL = 0.0115, 0.95  # of the line: a character of a table, and all of its columns
_FRACTION = re.compile(r"∂[^ ]*/(?=∂)")
_SCRIPTS = re.compile(r"(?:[\^_](?:\{[^}]*\}|.)){1,2}")


class ShapedLatex(Shaped, LatexPrinter):
    """Writes the shape of each factor below it."""


def to_tex(made: b.Handout) -> str:
    """The ``.tex`` file."""
    return filled(
        "handout.tex.j2",
        version=symbackprop.__version__,
        title=escape_tex(made.title),
        pdf_title=document.pdf_string(made.title),
        author=escape_tex(made.author),
        subtitle=escape_tex(made.subtitle),
        chapters=[_Part(part, made.language).shown() for part in made.parts],
        for_word=catalogue(made.language).word("given_for"),
        imprint=f"{escape_tex(''.join(map(str, made.imprint)))} ",
        command=escape_tex(made.command).replace("-", "{-}").replace("/", r"/\allowbreak{}"),
    )


class _Part:
    """One part; ``block`` has a method for each kind of block."""

    def __init__(self, part: b.Part, language: str) -> None:
        self.part = part
        self.printer = LatexPrinter(part.page.notation, part.page.program)
        self.shaped = ShapedLatex(part.page.notation, part.page.program)

    def shown(self) -> dict[str, Any]:
        blocks = [{"kind": type(x).__name__, **self.block(x)} for x in self.part.blocks]
        return {"title": self.heading(self.part.title), "blocks": blocks}

    def heading(self, text: b.Text) -> str:
        said = self.say(text)
        plain = document.pdf_string(" ".join(map(str, text)))
        return said if said == plain else rf"\texorpdfstring{{{said}}}{{{plain}}}"

    def say(self, text: b.Text) -> str:
        return "".join(
            prose.tex(piece, self.printer)
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
        open_function = self.part.page.words["any_function"]
        lines = document.definitions_of(definitions, block.sigmas, self.printer, open_function)
        return {"lines": list(lines)}

    @block.register
    def _(self, block: b.Symbols) -> Mapping[str, Any]:
        rows = [
            document.symbol_row(row, "".join(map(str, said)), self.printer)
            for row, said in block.rows
        ]
        return {"rows": rows, "head": block.head}

    @block.register
    def _(self, block: b.Steps) -> Mapping[str, Any]:
        printer = self.shaped if block.shaped else self.printer
        section = document.section_of(block.section, printer)
        return {**section, "title": section["title"] if block.titled else ""}

    @block.register
    def _(self, block: b.Grid) -> Mapping[str, Any]:
        return {
            "head": list(map(self.say, block.head)),
            "rows": [list(map(self.say, row)) for row in block.rows],
            "widths": self.widths([block.head, *block.rows]),
        }

    def widths(self, rows: Sequence[Sequence[b.Text]]) -> list[float]:
        """What each column needs; where that is too much, the widest gives way."""
        printer = TextPrinter(self.printer.notation)
        needed = [
            max(1.5 + length(cell, printer) for cell in column) * CHARACTER
            for column in zip(*rows, strict=True)
        ]
        while sum(needed) > FULL:
            needed[needed.index(max(needed))] -= CHARACTER
        return [round(width, 3) for width in needed]

    @block.register
    def _(self, block: b.Figure) -> Mapping[str, Any]:
        return {"tikz": block.drawing.tikz, "caption": self.say(block.caption)}

    @block.register
    def _(self, block: b.Choice) -> Mapping[str, Any]:
        return {"options": [self.block(figure) for _, figure in block.options]}

    @block.register
    def _(self, block: b.Listing) -> Mapping[str, Any]:
        return {"code": _listing(block.code)}

    @block.register
    def _(self, block: b.CodeMaths) -> Mapping[str, Any]:
        return {"rows": [document.code_of(row) for row in block.rows]}

    @block.register
    def _(self, block: b.Question) -> Mapping[str, Any]:
        return {"asks": self.say(block.asks), "answer": self.say(block.answer)}

    @block.register
    def _(self, block: b.Task) -> Mapping[str, Any]:
        return {
            "number": block.number,
            "asks": self.say(block.asks),
            "lines": [self.say(line).replace("$", "$\\displaystyle ", 1) for line in block.lines],
            "level": escape_tex(block.level),
        }

    @block.register
    def _(self, block: b.Claims) -> Mapping[str, Any]:
        return {"rows": [document.claim_of(claim) for claim in block.rows], "head": block.head}


def length(cell: b.Text, printer: TextPrinter) -> float:
    """How long a cell is in characters: scripts are small, and fractions stand upright."""
    said = "".join(piece if isinstance(piece, str) else printer.text(piece) for piece in cell)
    scripts = [max(map(len, re.split(r"[\^_]", found))) for found in _SCRIPTS.findall(said)]
    return len(_SCRIPTS.sub("", _FRACTION.sub("", said))) + 0.6 * sum(scripts)


_ASCII = str.maketrans(
    {
        "∂": "d", "δ": "delta", "σ": "sigma", "λ": "lambda", "Σ": "sum ", "…": "...", "′": "'",
        "·": "*", "⊙": "*", "ᵀ": ".T", "½": "1/2", "≤": "<=",
    }
)  # fmt: skip


def _listing(code: str) -> str:
    """A program in the characters that a verbatim listing can set."""
    return code.rstrip().translate(_ASCII).encode("ascii", "replace").decode()
