"""Fractions and derivatives: where a d is a differential, and the physicists' \\pdv."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.read.hanging import hang
from symbackprop.read.layout import (
    BARE,
    Differential,
    Fraction,
    Juxtaposition,
    Name,
    Node,
    Number,
    Scripts,
    Sign,
    Span,
)
from symbackprop.read.unreadable import Unreadable


def fraction(above: Node, below: Node, span: Span) -> Fraction:
    r"""``\frac{dC}{dw}``: a d that begins both parts is a differential."""
    top, bottom = items_of(above), items_of(below)
    if not (_is_d(top[0]) and len(bottom) > 1 and _is_d(bottom[0])):
        return Fraction(above, below, span=span)
    top = (_differential(top[0]), *top[1:])
    last = len(bottom) - 1
    bottom = tuple(
        _differential(item) if _is_d(item) and position < last else item
        for position, item in enumerate(bottom)
    )
    return Fraction(_rejoined(above, top), _rejoined(below, bottom), span=span)


def with_differentials(items: list[Node]) -> list[Node]:
    r"""``dC/dw`` and ``d/dw`` without \frac: the two d are differentials."""
    for at, item in enumerate(items):
        if not (isinstance(item, Sign) and item.kind == "slash" and at + 2 < len(items)):
            continue
        before = [back for back in (at - 1, at - 2) if back >= 0 and _is_d(items[back])]
        if before and _is_d(items[at + 1]):
            items[before[0]] = _differential(items[before[0]])
            items[at + 1] = _differential(items[at + 1])
    return items


def derivative(kind: str, order: Node | None, parts: list[Node | None], span: Span) -> Fraction:
    r"""``\pdv[2]{C}{w}``, ``\pdv{C}{u}{v}``, ``\dv{z}`` as fractions of differentials.

    ``parts`` are the arguments, None for an empty pair of braces; one alone is the variable.
    """
    body, variables = (parts[0], parts[1:]) if len(parts) > 1 else (None, parts)
    if len(variables) > 2 or None in variables:
        raise Unreadable(span[0], "a derivative has other parts than C and w", "\\pdv{C}{w}")
    power = order or (Number("2", span=span) if len(variables) == 2 else None)
    sign = Differential(kind, BARE if power is None else Scripts(sup=power), span=span)
    below: list[Node] = []
    for variable in variables:
        assert variable is not None
        below += [Differential(kind, span=variable.span), *items_of(variable)]
    if order is not None and len(variables) == 1:
        below[-1] = hang(below[-1], (("sup", order, below[-1].span),))
    above = sign if body is None else Juxtaposition((sign, *items_of(body)), span=span)
    return Fraction(above, Juxtaposition(tuple(below), span=span), span=span)


def items_of(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Juxtaposition) else (node,)


def _rejoined(node: Node, items: tuple[Node, ...]) -> Node:
    return replace(node, items=items) if isinstance(node, Juxtaposition) else items[0]


def _is_d(node: Node) -> bool:
    """A d that may stand for a differential: italic or upright, at most with a power."""
    if not isinstance(node, Name) or node.base != "d" or not set(node.marks) <= {"upright"}:
        return False
    scripts = node.scripts
    return scripts.sub is None and not (scripts.primes or scripts.transposed or scripts.star)


def _differential(node: Node) -> Differential:
    assert isinstance(node, Name)
    return Differential("d", node.scripts, span=node.span)
