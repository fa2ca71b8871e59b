r"""LaTeX whose quantities and sums carry tokens, and the style that lights a token up.

The token travels as a color, which the converter to MathML keeps: ``{\color[HTML]{00000A} w^l}``
becomes an element with ``style="color:#00000A;"``, and that the classes of the token.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.language import terms as t
from symbackprop.language.program import Program
from symbackprop.networks.notations import Notation
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.rows import Level, Piece, Row
from symbackprop.render.tokens import token_of

_FIRST = re.compile(
    r'((?:<div class="left">|<tr><td>)<math(?:(?!</math>|class="lit).)*)class="lit ', re.DOTALL
)
_COLOR = re.compile(r' style="color:#([0-9A-F]{6});"')


class LitPrinter(LatexPrinter):
    """A LaTeX printer that marks quantities and sums; ``tokens`` has those that it met."""

    def __init__(self, notation: Notation, program: Program, tokens: list[str]) -> None:
        super().__init__(notation, program)
        self.tokens = tokens

    def _marked(self, piece: Piece, token: str) -> Piece:
        if token not in self.tokens:
            self.tokens.append(token)
        number = self.tokens.index(token)
        return replace(piece, text=rf"{{\color[HTML]{{{number:06X}}}{piece.text}}}")

    def _ref(self, ref: t.Ref) -> Row:
        row = super()._ref(ref)
        if len(row.pieces) != 1:
            return row
        return replace(row, pieces=(self._marked(row.pieces[0], token_of(ref)),))

    def _sum(self, term: t.Sum) -> Row:
        row = super()._sum(term)
        first, *rest = row.pieces
        mark = self._marked(first, token_of(term.size))
        return replace(row, pieces=(replace(mark, text=mark.text + r"\, "), *rest))

    def raised(self, base: Row, exponent: str) -> Row:
        *rest, last = base.pieces
        text = last.text + self.marks.above % exponent
        width = last.width + 0.42 * len(exponent)
        return Row((*rest, Piece(text, width, last.depth, last.lead)), Level.SCRIPTED, base.tall)

    def _column(self, term: t.Column) -> Row:
        array, index = term.args
        inner = self._ref(array) if isinstance(array, t.Ref) else self.row(array)
        return self.bracketed(inner, "", self.every + self.index(index))


def with_tokens(html: str, tokens: list[str]) -> str:
    """The colors of a page turned into classes."""

    def classes(match: re.Match[str]) -> str:
        return f' class="lit {tokens[int(match[1], 16)]}"'

    return _COLOR.sub(classes, html)


def reachable(html: str) -> str:
    """The keyboard reaches the left side of every equation, and every row of the symbols."""
    return _FIRST.sub(r'\1tabindex="0" class="lit ', html)


def lights(tokens: list[str]) -> str:
    """One rule a token: pointing at it, or tabbing to it, lights it up everywhere."""
    rules = []
    for token in tokens:
        on = f"main:has(.lit.{token}:is(:hover,:focus))"
        rules.append(
            f"{on} .{token}{{background:var(--lit);fill:var(--lit);stroke:var(--lit-line)}}"
        )
        if token.startswith("t-sum"):
            motion = "animation:path 2.4s calc(var(--i)*.45s) ease both infinite"
            rules.append(
                f"@media (prefers-reduced-motion:no-preference){{{on} .edge.{token}{{{motion}}}}}"
            )
    return "\n".join(rules)
