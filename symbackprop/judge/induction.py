"""Products over an unknown number of layers: by induction, or through what was proved before."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic

from symbackprop.language.binding import canonical, substitute, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, Program, l
from symbackprop.language.terms import Chain, Identity, MatMul, Size


def open_chains(term: Basic) -> list[Chain]:
    """The products whose number of layers depends on l and L."""
    return [
        node
        for node in subterms(term)
        if isinstance(node, Chain) and not (node.hi - node.lo).is_Integer
    ]


def without_chains(
    statement: Statement, program: Program, given: Sequence[Statement]
) -> list[Statement] | None:
    """Statements without open products that together imply this one; None if there is no way.

    ``X(l) = body(L) … body(lo)`` follows from ``X = I`` where the product is empty and from
    ``X(l) = X(l+1) body(lo)`` elsewhere (induction from L downwards).
    """
    if program.depth is not None or not any(open_chains(side) for side in statement.sides):
        return [statement]
    replaced = _through(statement, given)
    if not any(open_chains(side) for side in replaced.sides):
        return [replaced]
    if len(statement.sides) != 2 or statement.last is None:
        return None
    for one, other in (statement.sides, statement.sides[::-1]):
        if isinstance(one, Chain) and not open_chains(other):
            return _induction(other, one, statement)
    return None


def _through(statement: Statement, given: Sequence[Statement]) -> Statement:
    """Replace products by the other side of an equation proved before."""
    by: dict[Basic, Basic] = {}
    for fact in given:
        if len(fact.sides) == 2:
            for one, other in (fact.sides, fact.sides[::-1]):
                if isinstance(one, Chain) and not open_chains(other):
                    by[canonical(one)] = other
    wanted = {
        chain: by[canonical(chain)]
        for side in statement.sides
        for chain in open_chains(side)
        if canonical(chain) in by
    }
    sides = tuple(substitute(side, wanted) for side in statement.sides)
    return Statement(sides, statement.unequal, statement.first, statement.last)


def _induction(claim: Basic, chain: Chain, statement: Statement) -> list[Statement] | None:
    empty_at = [n for n in range(-3, 4) if (chain.hi - chain.lo.subs(l, L + n)) == -1]
    if not empty_at or not chain.lo.has(l) or statement.last != L + empty_at[0]:
        return None
    if chain.body.has(l) or chain.hi.has(l) or statement.unequal:
        return None  # the factors must not change with l
    base_layer = L + empty_at[0]
    base_claim = substitute(claim, {l: base_layer})
    base = Statement((base_claim, Identity(Size(chain.hi))))
    last_factor = substitute(chain.body, {chain.letter: chain.lo})
    next_claim = substitute(claim, {l: l + 1})
    step = Statement((claim, MatMul(next_claim, last_factor)), (), statement.first, base_layer - 1)
    return [base, step]
