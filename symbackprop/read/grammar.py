"""Read one row of mathematics as a layout tree.

The scanner (``read/scan.py``) makes words and balances brackets, Lark's LALR(1) parser
(``read/backprop.lark``) finds the structure, ``read/build.py`` makes the nodes.  What a formula
means is asked elsewhere: ``\\sigma'(z)`` is a name beside a bracket here.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lark import Lark, Token, UnexpectedToken

from symbackprop.read.build import Build
from symbackprop.read.layout import Chain
from symbackprop.read.lexemes import Lexeme
from symbackprop.read.scan import scan
from symbackprop.read.unreadable import Unreadable

__all__ = ["Unreadable", "parse_row"]

# words of the grammar after which a formula must come
OPERATORS = frozenset({"REL", "PLUS", "MINUS", "NEGATE", "SIGN", "COMMA", "OVER"})
COMMANDS = {"FRAC": "\\frac", "SQRT": "\\sqrt", "SUB": "_", "SUP": "^", "PDV": "\\pdv"}


@cache
def _parser() -> Lark:
    grammar = files("symbackprop.read").joinpath("backprop.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start="row", transformer=Build(), maybe_placeholders=False)


def parse_row(text: str) -> Chain:
    """The layout of one row, such as ``\\delta^L_j = \\sum_k w_{kj} a_k``.

    Raises ``Unreadable`` with the offset of what is wrong, ``LimitError`` for a row over a limit.
    """
    lexemes = scan(text)
    if not lexemes:
        raise Unreadable(0, "the row holds no formula", "a formula")
    parser = _parser().parse_interactive()
    previous = None
    try:
        for lexeme in lexemes:
            parser.feed_token(lexeme)
            previous = lexeme
        chain = parser.feed_token(Token("$END", ""))
    except UnexpectedToken as error:
        raise _explain(text, previous, error.token) from None
    assert isinstance(chain, Chain)
    if not (chain.sides or chain.notes):
        raise Unreadable(0, "the row holds no formula", "a formula")
    return chain


def _explain(text: str, previous: Lexeme | None, token: Token) -> Unreadable:
    """A sentence for the first word that does not fit behind what stands before it."""
    word = _shown(text, token)
    if previous is None:
        return Unreadable(token.start_pos or 0, f"nothing stands before {word}", "a formula", word)
    before = _shown(text, previous)
    at = previous.start_pos or 0
    if previous.type in OPERATORS:
        return Unreadable(at, f"nothing stands behind {before}", "a formula", word)
    if previous.type in COMMANDS or previous.type == "ACCENT":
        return Unreadable(at, f"{before} has no argument", "a letter or {…}", word)
    if previous.type in ("OPEN", "LBRACE", "BEGIN", "MARK"):
        what = f"nothing stands between {before} and {word}"
        return Unreadable(token.start_pos or at, what, "a formula", word)
    return Unreadable(token.start_pos or 0, f"{word} does not fit behind {before}", "", word)


def _shown(text: str, token: Token) -> str:
    if token.type == "$END":
        return "the end of the row"
    return f"'{text[token.start_pos : token.end_pos]}'"
