"""Does a line follow from the one before it, or only continue an error?

A line is true or false by the definitions.  Beside that it either follows from what the derivation
says so far, or it does not: after a wrong line ``X = W`` the later lines are judged once more with
``W`` written for ``X``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Basic, Symbol

from symbackprop.language.binding import free_letters, same, substitute, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, l
from symbackprop.language.terms import Hadamard, MatMul, Partial, Ref, Sum, Times
from symbackprop.review.judging import Court


def under(hypothesis: Statement, statement: Statement) -> Iterator[Statement]:
    """The statement with a wrong line taken for true, in the ways in which it can be used."""
    left, right = hypothesis.left, hypothesis.right
    if same(statement.left, left):
        yield replace(statement, sides=(right, *statement.sides[1:]))
    if same(statement.left, right):
        yield replace(statement, sides=(left, *statement.sides[1:]))
    changed = tuple(put_in(side, left, right) for side in statement.sides[1:])
    if changed != statement.sides[1:]:
        yield replace(statement, sides=(statement.left, *changed))
        if same(statement.left, left):
            yield replace(statement, sides=(right, *changed))
    back = tuple(put_back(side, left, right) for side in statement.sides)
    if back != statement.sides:
        yield replace(statement, sides=back)
    everywhere = tuple(put_in(side, left, right) for side in statement.sides)
    if everywhere != statement.sides and everywhere[1:] == statement.sides[1:]:
        yield replace(statement, sides=everywhere)


def put_in(term: Basic, left: Basic, right: Basic) -> Basic:
    """``right`` for every occurrence of ``left``, whatever its index letters and layer are."""
    if not isinstance(left, Ref | Partial):
        return term

    def walk(node: Basic) -> Basic:
        by = _match(left, node)
        if by is not None:
            return substitute(right, by)
        if not node.args or isinstance(node, Ref):
            return node
        return node.func(*(walk(arg) for arg in node.args))

    return walk(term)


def put_back(term: Basic, left: Basic, right: Basic) -> Basic:
    """``left`` for every product or sum that reads like ``right``, also inside a longer product."""
    if not isinstance(right, MatMul | Times | Hadamard | Sum):
        return term

    def walk(node: Basic) -> Basic:
        by = _match(right, node)
        if by is not None:
            return substitute(left, by)
        if not node.args or isinstance(node, Ref):
            return node
        inside = _window(node) if isinstance(node, MatMul | Times) else None
        return inside or node.func(*(walk(arg) for arg in node.args))

    def _window(node: Basic) -> Basic | None:
        length = len(right.args)
        for start in range(len(node.args) - length + 1):
            part = node.args[start : start + length]
            by = _match(right, right.func(*part)) if isinstance(node, type(right)) else None
            if by is not None:
                rest = (*node.args[:start], substitute(left, by), *node.args[start + length :])
                return node.func(*rest)
        return None

    return walk(term)


def _match(pattern: Basic, node: Basic) -> dict[Basic, Basic] | None:
    """The letters of a pattern such that it reads like the node."""
    by: dict[Basic, Basic] = {}

    def meet(one: Basic, other: Basic) -> bool:
        if isinstance(one, Symbol) and one != L:
            return by.setdefault(one, other) == other
        if one.is_Add and one.has(l):
            return meet(l, other - (one - l))
        if type(one) is not type(other) or len(one.args) != len(other.args):
            return False
        if not one.args:
            return bool(one == other)
        return all(meet(a, b) for a, b in zip(one.args, other.args, strict=True))

    return by if type(pattern) is type(node) and meet(pattern, node) else None


def continues(court: Court, hypothesis: Statement, statement: Statement) -> bool:
    """Whether a false statement follows from a wrong one before it."""
    return any(
        _sane(changed) and court.holds(changed) and not _empty(changed)
        for changed in under(hypothesis, statement)
    )


def _sane(statement: Statement) -> bool:
    return all(
        not any(s.name.startswith("?") for s in free_letters(side)) for side in statement.sides
    )


def _empty(statement: Statement) -> bool:
    return all(side == 0 for side in statement.sides)


def mentions(statement: Statement, left: Basic) -> bool:
    """Whether a quantity occurs in a statement at all."""
    return any(
        _match(left, node) is not None for side in statement.sides for node in subterms(side)
    )
