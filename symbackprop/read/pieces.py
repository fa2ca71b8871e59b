"""Which formula of a row is the row's own, and what is said beside it.

Commas, wide spaces and words cut a row into pieces.  One of them is the formula; a label before it,
words, and the conditions behind it become its notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from symbackprop.read.layout import BARE, Chain, Group, Name, Node, Number, Span, Text
from symbackprop.read.lexemes import Lexeme
from symbackprop.read.lexicon import CONDITIONAL


@dataclass(frozen=True)
class Piece:
    """A formula between two separators, with the relation that it begins with."""

    leading: str
    body: Node

    def chain(self) -> Chain:
        if isinstance(self.body, Chain):
            return replace(self.body, leading=self.leading)
        return Chain((self.body,), (), self.leading, span=self.body.span)

    def note(self) -> Node:
        return self.chain() if self.leading else self.body


def statement(parts: Iterable[Piece | tuple[Lexeme, ...]]) -> Chain:
    """Choose the formula of the row among its pieces; all the rest are notes, in order."""
    entries: list[Piece | Node] = []
    for part in parts:
        if isinstance(part, Piece):
            entries.append(part)
        else:
            entries += [mark.node for mark in part if mark.node is not None]
    main = _main(entries)
    notes = tuple(
        entry.note() if isinstance(entry, Piece) else entry
        for position, entry in enumerate(entries)
        if position != main
    )
    formula = entries[main] if main is not None else None
    if not isinstance(formula, Piece):
        return Chain(notes=notes, span=_reach(notes))
    chain = formula.chain()
    return replace(chain, notes=notes, span=_reach((chain, *notes)))


def cell(found: Chain) -> Node:
    """What stands in a cell of a table: the formula itself where nothing stands beside it."""
    if found.leading or len(found.sides) + len(found.notes) > 1:
        return found
    return (*found.sides, *found.notes, Text(""))[0]


def _reach(nodes: tuple[Node, ...]) -> Span:
    if not nodes:
        return 0, 0
    return min(node.span[0] for node in nodes), max(node.span[1] for node in nodes)


def _main(entries: list[Piece | Node]) -> int | None:
    """The first formula that is neither a label nor the condition behind a word such as "if"."""
    pieces = [position for position, entry in enumerate(entries) if isinstance(entry, Piece)]
    if not pieces:
        return None
    free = [position for position in pieces if not _is_condition(entries, position)]
    if len(free) > 1 and _is_label(entries[free[0]]):
        return free[1]
    return free[0] if free else pieces[-1]


def _is_condition(entries: list[Piece | Node], position: int) -> bool:
    before = entries[position - 1] if position else None
    if not isinstance(before, Text):
        return False
    words = before.words.lower().split()
    return bool(words) and words[0] in CONDITIONAL


def _is_label(entry: Piece | Node) -> bool:
    r"""``\textcircled{1}`` or ``(1)`` before the formula."""
    if not isinstance(entry, Piece) or entry.leading:
        return False
    node = entry.body
    if isinstance(node, Group) and node.kind in ("(", "["):
        return isinstance(node.body, (Number, Name, Text)) and node.scripts == BARE
    return isinstance(node, Name) and "circled" in node.marks
