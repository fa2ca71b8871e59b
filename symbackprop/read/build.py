"""From the rules of the grammar to the nodes of the layout: one method a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lark import Transformer, v_args

from symbackprop.read.fractions import derivative, fraction, with_differentials
from symbackprop.read.hanging import Part, hang
from symbackprop.read.layout import (
    Addition,
    Braced,
    Chain,
    Group,
    Juxtaposition,
    Listing,
    Name,
    Node,
    Root,
    Sign,
    Span,
    Table,
    Text,
)
from symbackprop.read.lexemes import Lexeme
from symbackprop.read.pieces import Piece, cell, statement
from symbackprop.read.unreadable import Unreadable


def _span(first: Any, last: Any) -> Span:
    begin = first.span[0] if isinstance(first, Node) else first.start_pos
    end = last.span[1] if isinstance(last, Node) else last.end_pos
    return begin, end


def _node(child: Node | Lexeme) -> Node:
    """The node of a lexeme; a built node as it is."""
    if isinstance(child, Node):
        return child
    assert child.node is not None
    return child.node


@v_args(inline=True)
class Build(Transformer[Lexeme, Chain]):
    """Called by the parser at each reduction, from the leaves up."""

    # --- rows -----------------------------------------------------------------------------------

    def row(self, statement: Chain) -> Chain:
        return statement

    def marks(self, *lexemes: Lexeme) -> tuple[Lexeme, ...]:
        return lexemes

    def piece(self, *children: Any) -> Piece:
        leading = str(children[0]) if isinstance(children[0], Lexeme) else ""
        return Piece(leading, children[-1])

    def statement(self, *children: Any) -> Chain:
        return statement(children)

    def chain(self, *children: Any) -> Node:
        if len(children) == 1:
            return _node(children[0])
        sides = tuple(children[0::2])
        relations = tuple(str(relation) for relation in children[1::2])
        return Chain(sides, relations, span=_span(sides[0], sides[-1]))

    def cells(self, *children: Any) -> tuple[Node, ...]:
        return tuple(cell(child) for child in children if isinstance(child, Chain))

    def rows(self, *children: Any) -> tuple[tuple[Node, ...], ...]:
        rows = tuple(child for child in children if isinstance(child, tuple))
        return rows[:-1] if rows[-1] == (Text(""),) and len(rows) > 1 else rows

    def table(self, begin: Lexeme, rows: tuple[tuple[Node, ...], ...], end: Lexeme) -> Node:
        return Table(str(begin), rows, span=_span(begin, end))

    # --- sums and products ----------------------------------------------------------------------

    def sign(self, lexeme: Lexeme) -> Lexeme:
        return lexeme

    def addition(self, *children: Any) -> Node:
        terms = tuple(child for child in children if isinstance(child, Node))
        signs = [
            -1 if child.type == "MINUS" else 1 for child in children if isinstance(child, Lexeme)
        ]
        if isinstance(children[0], Node):
            signs.insert(0, 1)
        return Addition(terms, tuple(signs), span=_span(children[0], children[-1]))

    def term(self, *children: Any) -> Node:
        if len(children) == 1:
            return _node(children[0])
        items = with_differentials([_node(child) for child in children])
        return Juxtaposition(tuple(items), span=_span(items[0], items[-1]))

    def negated(self, sign: Lexeme, item: Node) -> Node:
        return Addition((item,), (-1,), span=_span(sign, item))

    # --- scripts --------------------------------------------------------------------------------

    def scripted(self, base: Any, *parts: Part) -> Node:
        node = _node(base)
        return hang(node, parts) if parts else node

    def script(self, sign: Lexeme, body: Any = None) -> Part:
        if body is None:
            return "primes", Text(str(sign)), _span(sign, sign)
        kind = "sub" if sign.type == "SUB" else "sup"
        node = _node(body)
        return kind, node, (sign.start_pos or 0, node.span[1])

    # --- brackets -------------------------------------------------------------------------------

    def raw(self, opening: Lexeme, body: Node, closing: Lexeme) -> Node:
        return replace(body, span=_span(opening, closing))

    def nothing(self, empty: Lexeme) -> Node:
        return Text("", span=_span(empty, empty))

    def bracketed(self, opening: Lexeme, body: Node, closing: Lexeme) -> Node:
        return Group(str(opening), body, span=_span(opening, closing))

    def braces(self, opening: Lexeme, body: Node, closing: Lexeme) -> Node:
        """``{x}`` is x, but ``{a + b}`` stays together."""
        span = _span(opening, closing)
        if isinstance(body, (Juxtaposition, Addition, Listing, Chain, Sign)):
            return Group("{", body, span=span)
        return replace(body, span=span)

    def listing(self, *children: Any) -> Node:
        items = tuple(child for child in children if isinstance(child, Node))
        return items[0] if len(items) == 1 else Listing(items, span=_span(items[0], items[-1]))

    # --- built things ---------------------------------------------------------------------------

    def over(self, above: Node, _: Lexeme, below: Node) -> Node:
        return fraction(above, below, _span(above, below))

    def fraction(self, sign: Lexeme, above: Any, below: Any) -> Node:
        above, below = _node(above), _node(below)
        return fraction(above, below, _span(sign, below))

    def root(self, sign: Lexeme, body: Any) -> Node:
        body = _node(body)
        return Root(body, span=_span(sign, body))

    def accent(self, *children: Any) -> Node:
        *accents, body = children
        node = _node(body)
        if not isinstance(node, Name):
            what = f"\\{accents[0]} stands over more than one letter"
            raise Unreadable(node.span[0], what, "one letter")
        marks = (*(str(accent) for accent in accents), *node.marks)
        return replace(node, marks=marks, span=_span(accents[0], node))

    def braced(self, sign: Lexeme, body: Any, note: Lexeme) -> Node:
        return Braced(_node(body), str(note), span=_span(sign, note))

    def derivative(self, sign: Lexeme, *children: Any) -> Node:
        order = children[0].node if isinstance(children[0], Lexeme) else None
        parts = [None if child == Text("") else child for child in children[order is not None :]]
        return derivative(str(sign), order, parts, _span(sign, children[-1]))
