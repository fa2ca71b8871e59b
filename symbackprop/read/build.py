"""From the rules of the grammar to the nodes of the layout: one method a rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lark import Transformer, v_args

from symbackprop.read.layout import (
    BARE,
    Addition,
    Braced,
    Chain,
    Differential,
    Fraction,
    Group,
    Juxtaposition,
    Listing,
    Name,
    Node,
    Number,
    Root,
    Scripts,
    Sign,
    Span,
    Table,
    Text,
)
from symbackprop.read.lexemes import Lexeme
from symbackprop.read.lexicon import CONDITIONAL
from symbackprop.read.unreadable import MAX_EXPONENT, Unreadable, over_limit

Part = tuple[str, Node, Span]  # a script: "sub", "sup" or "primes"


@dataclass(frozen=True)
class Piece:
    """A formula between two separators, with the relation that it begins with."""

    leading: str
    chain: Node


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
        return _statement(children)

    def chain(self, *children: Any) -> Node:
        if len(children) == 1:
            return _node(children[0])
        sides = tuple(children[0::2])
        relations = tuple(str(relation) for relation in children[1::2])
        return Chain(sides, relations, span=_span(sides[0], sides[-1]))

    def cells(self, *children: Any) -> tuple[Node, ...]:
        return tuple(_cell(child) for child in children if isinstance(child, Chain))

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
        items = [_node(child) for child in children]
        if len(items) == 1:
            return items[0]
        _mark_slashed_differentials(items)
        return Juxtaposition(tuple(items), span=_span(items[0], items[-1]))

    def negated(self, sign: Lexeme, item: Node) -> Node:
        return Addition((item,), (-1,), span=_span(sign, item))

    # --- scripts --------------------------------------------------------------------------------

    def scripted(self, base: Any, *parts: Part) -> Node:
        node = _node(base)
        return _hang(node, parts) if parts else node

    def script(self, sign: Lexeme, body: Any = None) -> Part:
        if body is None:
            return "primes", Number(str(len(sign))), _span(sign, sign)
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
        return _fraction(above, below, _span(above, below))

    def fraction(self, sign: Lexeme, above: Any, below: Any) -> Node:
        above, below = _node(above), _node(below)
        return _fraction(above, below, _span(sign, below))

    def root(self, sign: Lexeme, body: Any) -> Node:
        body = _node(body)
        return Root(body, span=_span(sign, body))

    def accent(self, *children: Any) -> Node:
        *accents, body = children
        node = _node(body)
        if not isinstance(node, Name):
            word = str(accents[0])
            raise Unreadable(
                node.span[0], f"\\{word} stands over more than one letter", "one letter"
            )
        marks = (*(str(accent) for accent in accents), *node.marks)
        return replace(node, marks=marks, span=_span(accents[0], node))

    def braced(self, sign: Lexeme, body: Any, note: Lexeme) -> Node:
        return Braced(_node(body), str(note), span=_span(sign, note))

    def derivative(self, sign: Lexeme, *children: Any) -> Node:
        return _derivative(sign, children)


# --- rows ---------------------------------------------------------------------------------------


def _statement(children: tuple[Any, ...]) -> Chain:
    """Choose the formula of the row among its pieces; all the rest are notes, in order."""
    entries: list[Piece | Node] = []
    for child in children:
        if isinstance(child, Piece):
            entries.append(child)
        else:
            entries += [mark.node for mark in child if mark.node is not None]
    main = _main(entries)
    notes = tuple(
        _alone(entry) if isinstance(entry, Piece) else entry
        for position, entry in enumerate(entries)
        if position != main
    )
    if main is None:
        return Chain(notes=notes, span=_reach(notes))
    piece = entries[main]
    assert isinstance(piece, Piece)
    chain = _as_chain(piece)
    return replace(chain, notes=notes, span=_reach((chain, *notes)))


def _reach(nodes: tuple[Node, ...]) -> Span:
    if not nodes:
        return 0, 0
    return min(node.span[0] for node in nodes), max(node.span[1] for node in nodes)


def _main(entries: list[Piece | Node]) -> int | None:
    """The first formula that is neither a label nor the condition behind a word such as "if"."""
    pieces = [position for position, entry in enumerate(entries) if isinstance(entry, Piece)]
    if not pieces:
        return None
    free = [position for position in pieces if not _conditional(entries, position)] or pieces[-1:]
    if len(free) > 1 and _is_label(entries[free[0]]):
        return free[1]
    return free[0]


def _conditional(entries: list[Piece | Node], position: int) -> bool:
    before = entries[position - 1] if position else None
    return isinstance(before, Text) and before.words.lower().split()[:1] in [
        [w] for w in CONDITIONAL
    ]


def _is_label(entry: Piece | Node) -> bool:
    """``\\textcircled{1}`` or ``(1)`` before the formula."""
    if not isinstance(entry, Piece) or entry.leading:
        return False
    node = entry.chain
    if isinstance(node, Group) and node.kind in ("(", "["):
        return isinstance(node.body, (Number, Name, Text)) and node.scripts == BARE
    return isinstance(node, Name) and "circled" in node.marks


def _as_chain(piece: Piece) -> Chain:
    node = piece.chain
    if isinstance(node, Chain):
        return replace(node, leading=piece.leading)
    return Chain((node,), (), piece.leading, span=node.span)


def _alone(piece: Piece) -> Node:
    return _as_chain(piece) if piece.leading else piece.chain


def _cell(statement: Chain) -> Node:
    """A cell is the formula itself where it holds nothing else."""
    parts = len(statement.sides) + len(statement.notes)
    if parts == 0:
        return Text("")
    if parts == 1 and not statement.leading:
        return (*statement.sides, *statement.notes)[0]
    return statement


# --- scripts ------------------------------------------------------------------------------------


def _hang(base: Node, parts: tuple[Part, ...]) -> Node:
    """``base`` with its scripts; a second script in one place is refused, as TeX does."""
    scripts = _scripts(parts)
    span = (base.span[0], max(base.span[1], parts[-1][2][1]))
    own = getattr(base, "scripts", None)
    if own is None:
        return Group("{", base, scripts, span=span)
    if own == BARE:
        return replace(base, scripts=scripts, span=span)  # type: ignore[call-arg]
    merged = _merged(own, scripts)
    if merged is None:
        return Group("{", base, scripts, span=span)
    return replace(base, scripts=merged, span=span)  # type: ignore[call-arg]


def _merged(inner: Scripts, outer: Scripts) -> Scripts | None:
    """``{a^l}_j`` is a^l_j, but ``{a^2}^3`` keeps its group."""
    if (inner.sub and outer.sub) or (inner.sup and outer.sup) or (inner.transposed and outer.sup):
        return None
    return Scripts(
        inner.sub or outer.sub,
        inner.sup or outer.sup,
        inner.primes + outer.primes,
        inner.transposed or outer.transposed,
        inner.star or outer.star,
    )


def _scripts(parts: tuple[Part, ...]) -> Scripts:
    sub: Node | None = None
    upper: Scripts = BARE
    primes = 0
    seen: set[str] = set()
    for kind, node, span in parts:
        if kind == "primes":
            assert isinstance(node, Number)
            primes += int(node.text)
            continue
        if kind in seen:
            word = "subscript" if kind == "sub" else "superscript"
            raise Unreadable(span[0], f"a second {word}", f"one {word}, or braces around the first")
        seen.add(kind)
        if kind == "sub":
            sub = node
        else:
            upper = _upper(node)
    return replace(upper, sub=sub, primes=upper.primes + primes)


def _upper(node: Node) -> Scripts:
    """What an upper script says: a layer or power, transposed, primed, starred."""
    _limit_exponent(node)
    rest: Node | None = node
    marks: list[str] = []
    while rest is not None:
        rest, mark = _strip(rest)
        if not mark:
            break
        marks.append(mark)
    return Scripts(None, rest, marks.count("prime"), "transposed" in marks, "star" in marks)


def _strip(node: Node) -> tuple[Node | None, str]:
    """Take the mark off the end of a script: ``l+1,T`` gives ``l+1`` and "transposed"."""
    if mark := _mark(node):
        return None, mark
    if isinstance(node, (Juxtaposition, Listing)):
        first, last = node.items[0], node.items[-1]
        if mark := _mark(last):
            return _shorter(node, node.items[:-1]), mark
        if _mark(first) == "transposed" and isinstance(node.items[1], Group):
            return _shorter(node, node.items[1:]), "transposed"
    if isinstance(node, Addition) and isinstance(node.terms[-1], Juxtaposition):
        rest, mark = _strip(node.terms[-1])
        if mark and rest is not None:
            return replace(node, terms=(*node.terms[:-1], rest)), mark
    return node, ""


def _shorter(node: Juxtaposition | Listing, items: tuple[Node, ...]) -> Node:
    return items[0] if len(items) == 1 else replace(node, items=items)


def _mark(node: Node) -> str:
    """What a sign in an upper script does to its base, if it does anything."""
    if isinstance(node, Sign):
        return "star" if node.kind == "star" else ""
    if not isinstance(node, Name) or node.scripts != BARE:
        return ""
    return {"T": "transposed", "top": "transposed", "prime": "prime", "star": "star"}.get(
        node.base, ""
    )


def _limit_exponent(node: Node) -> None:
    value = _integer(node)
    if value is not None and abs(value) > MAX_EXPONENT:
        raise over_limit(
            node.span[0], f"an exponent is larger than {MAX_EXPONENT}", "use a letter for the power"
        )


def _integer(node: Node) -> int | None:
    """The number that stands in an exponent; 9^9 counts as its power."""
    if isinstance(node, Number) and node.text.isdigit():
        return int(node.text)
    if isinstance(node, Addition) and len(node.terms) == 1:
        inner = _integer(node.terms[0])
        return None if inner is None else node.signs[0] * inner
    if isinstance(node, Group) and node.kind == "{" and node.scripts.sup is not None:
        below, above = _integer(node.body), _integer(node.scripts.sup)
        if below is not None and above is not None:
            return int(below ** max(min(above, MAX_EXPONENT), 0))
    return None


# --- fractions and derivatives ------------------------------------------------------------------


def _is_d(node: Node) -> bool:
    """A d that may stand for a differential: italic or upright, at most with a power."""
    if not isinstance(node, Name) or node.base != "d" or not set(node.marks) <= {"upright"}:
        return False
    scripts = node.scripts
    return scripts.sub is None and not scripts.primes and not scripts.transposed


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Juxtaposition) else (node,)


def _differential(node: Node) -> Node:
    assert isinstance(node, Name)
    return Differential("d", node.scripts, span=node.span)


def _rejoined(node: Node, items: list[Node]) -> Node:
    return replace(node, items=tuple(items)) if isinstance(node, Juxtaposition) else items[0]


def _fraction(above: Node, below: Node, span: Span) -> Fraction:
    """``\\frac{dC}{dw}``: a d that begins both parts is a differential."""
    top, bottom = list(_items(above)), list(_items(below))
    if _is_d(top[0]) and len(bottom) > 1 and _is_d(bottom[0]):
        top[0] = _differential(top[0])
        bottom = [
            _differential(item) if _is_d(item) and item is not bottom[-1] else item
            for item in bottom
        ]
        return Fraction(_rejoined(above, top), _rejoined(below, bottom), span=span)
    return Fraction(above, below, span=span)


def _mark_slashed_differentials(items: list[Node]) -> None:
    """``dC/dw`` and ``d/dw`` without \\frac; nothing but the two d is changed."""
    for at, item in enumerate(items):
        if not (isinstance(item, Sign) and item.kind == "slash" and at + 2 < len(items)):
            continue
        before = [back for back in (at - 1, at - 2) if back >= 0 and _is_d(items[back])]
        if before and _is_d(items[at + 1]):
            items[before[0]] = _differential(items[before[0]])
            items[at + 1] = _differential(items[at + 1])


def _derivative(sign: Lexeme, children: tuple[Any, ...]) -> Node:
    """``\\pdv[2]{C}{w}``, ``\\pdv{C}{u}{v}``, ``\\dv{z}`` as fractions of differentials."""
    kind = str(sign)
    order: Node | None = None
    if isinstance(children[0], Lexeme):
        order, children = children[0].node, children[1:]
    parts: list[Node] = list(children)
    if len(parts) > 3:
        raise Unreadable(parts[3].span[0], "a derivative has more than three parts", "\\pdv{C}{w}")
    span = _span(sign, parts[-1])
    body = None if len(parts) == 1 else parts.pop(0)
    if isinstance(body, Text) and not body.words:
        body = None
    if len(parts) == 2:
        order = order or Number("2", span=parts[1].span)
    scripts = BARE if order is None else Scripts(sup=order)
    above: Node = Differential(kind, scripts, span=span)
    if body is not None:
        above = Juxtaposition((above, *_items(body)), span=body.span)
    below: list[Node] = []
    for variable in parts:
        below.append(Differential(kind, span=variable.span))
        below += _items(variable)
    if order is not None and len(parts) == 1:
        below[-1] = _hang(below[-1], (("sup", order, order.span),))
    return Fraction(above, Juxtaposition(tuple(below), span=span), span=span)
