"""Products over an unknown number of layers: by induction, or through what was proved before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Basic, Integer

from symbackprop.judge.verdict import Status, Verdict
from symbackprop.language.binding import canonical, substitute, subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, Program, l
from symbackprop.language.terms import (
    Chain,
    Identity,
    LayerSum,
    MatMul,
    Size,
    Transpose,
    plus,
)

MOST_LAYERS = 64


def written_out(statement: Statement) -> Statement:
    """Products and sums over a known number of layers, factor by factor: ``W^{l+1} W^l``."""
    return replace(statement, sides=tuple(_written_out(side) for side in statement.sides))


def _written_out(term: Basic) -> Basic:
    if not term.args:
        return term
    term = term.func(*(_written_out(arg) for arg in term.args))
    if not isinstance(term, Chain | LayerSum):
        return term
    count = term.hi - term.lo + 1
    if not count.is_Integer or not 1 <= count <= MOST_LAYERS:
        return term
    layers = [term.hi - n for n in range(int(count))]
    bodies = [substitute(term.body, {term.letter: layer}) for layer in layers]
    if isinstance(term, LayerSum):
        return plus(*reversed(bodies))
    return MatMul(*bodies) if len(bodies) > 1 else bodies[0]


def open_chains(term: Basic) -> list[Chain]:
    """The products whose number of layers depends on l and L."""
    return [
        node
        for node in subterms(term)
        if isinstance(node, Chain) and not (node.hi - node.lo).is_Integer
    ]


Fact = tuple[Statement, Verdict]


@dataclass(frozen=True)
class Reduced:
    """Statements without open products that together imply one, and the facts used for that."""

    parts: tuple[Statement, ...]
    used: tuple[Fact, ...] = ()


def without_chains(
    statement: Statement, program: Program, given: Sequence[Statement]
) -> tuple[Statement, ...] | None:
    """Statements without open products that together imply this one; None if there is no way."""
    proved = Verdict(Status.PROVED)
    found = reduced(statement, program, [(fact, proved) for fact in given])
    return None if found is None else found.parts


def reduced(statement: Statement, program: Program, given: Sequence[Fact]) -> Reduced | None:
    """What to prove instead of a statement with open products; None if there is no way.

    ``X(l) = A body(L) … body(lo)`` follows from ``X = A`` where the product is empty and from
    ``X(l) = X(l+1) body(lo)`` elsewhere (induction from L downwards), and the same transposed.  Two
    products over the same layers are equal if their factors are, layer by layer.
    """
    if program.depth is not None or _closed(statement):
        return Reduced((statement,))
    replaced = _through(statement, given)
    if all(map(_closed, replaced.parts)):
        return replaced
    parts = _by_induction(statement)
    return Reduced(tuple(parts)) if parts is not None and all(map(_closed, parts)) else None


def _closed(statement: Statement) -> bool:
    """Without a product whose factors a small case does not have."""
    return not any(open_chains(side) for side in statement.sides)


def _by_induction(statement: Statement) -> list[Statement] | None:
    if len(statement.sides) != 2 or statement.last is None:
        return None
    left, right = statement.sides
    if isinstance(left, Chain) and isinstance(right, Chain):
        return _factors(left, right, statement)
    for one, other in ((left, right), (right, left)):
        product = _product(one)
        if product is not None and not open_chains(other):
            return _induction(other, product, statement)
    return None


def _through(statement: Statement, given: Sequence[Fact]) -> Reduced:
    """Replace products by the other side of an equation proved before."""
    by: dict[Basic, tuple[Basic, Fact]] = {}
    for fact in given:
        sides = fact[0].sides
        if len(sides) == 2 and _covers(fact[0], statement):
            for one, other in (sides, sides[::-1]):
                if isinstance(one, Chain) and not open_chains(other):
                    by[canonical(one)] = (other, fact)
    known = {
        chain: by[canonical(chain)]
        for side in statement.sides
        for chain in open_chains(side)
        if canonical(chain) in by
    }
    wanted: dict[Basic, Basic] = {chain: other for chain, (other, _) in known.items()}
    sides = tuple(substitute(side, wanted) for side in statement.sides)
    used = tuple(fact for _, fact in known.values())
    return Reduced((replace(statement, sides=sides),), used)


def _covers(fact: Statement, statement: Statement) -> bool:
    """Whether a fact was proved wherever the statement speaks."""
    above = (statement.first or Integer(1)) - (fact.first or Integer(1))
    below = (fact.last or L) - (statement.last or L)
    inside = all(gap.is_Integer and gap >= 0 for gap in (above, below))
    return inside and not fact.unequal


@dataclass(frozen=True)
class _Product:
    """``A · chain``, or ``chainᵀ · A``; ``A`` may be missing."""

    chain: Chain
    transposed: bool
    beside: tuple[Basic, ...]

    def empty(self) -> Basic:
        if len(self.beside) == 1:
            return self.beside[0]
        return MatMul(*self.beside) if self.beside else Identity(Size(self.chain.hi))

    def grown(self, above: Basic, factor: Basic) -> Basic:
        """The product with one factor more, from the one without it."""
        return MatMul(Transpose(factor), above) if self.transposed else MatMul(above, factor)


def _product(term: Basic) -> _Product | None:
    factors = term.args if isinstance(term, MatMul) else (term,)
    *before, last = factors
    first, *behind = factors
    if isinstance(last, Chain):
        found = _Product(last, False, tuple(before))
    elif isinstance(first, Transpose) and isinstance(first.args[0], Chain):
        found = _Product(first.args[0], True, tuple(behind))
    else:
        return None
    changing = any(part.has(l) or open_chains(part) for part in found.beside)
    return None if changing else found


def _factors(one: Chain, other: Chain, statement: Statement) -> list[Statement] | None:
    if (one.lo, one.hi) != (other.lo, other.hi) or one.body.has(l) or other.body.has(l):
        return None
    if statement.first is None or statement.unequal or one.hi.has(l) or not _rises(one.lo):
        return None
    sides = tuple(substitute(chain.body, {chain.letter: l}) for chain in (one, other))
    return [Statement(sides, (), one.lo.subs(l, statement.first), one.hi)]


def _rises(layer: Basic) -> bool:
    """Whether a layer is ``l + c``: one more with each l."""
    return bool((layer - l).is_Integer)


def _induction(claim: Basic, product: _Product, statement: Statement) -> list[Statement] | None:
    chain = product.chain
    empty_at = [n for n in range(-3, 4) if (chain.hi - chain.lo.subs(l, L + n)) == -1]
    if not empty_at or not _rises(chain.lo) or statement.last != L + empty_at[0]:
        return None
    if chain.body.has(l) or chain.hi.has(l) or statement.unequal:
        return None  # the factors must not change with l
    base_layer = L + empty_at[0]
    base_claim = substitute(claim, {l: base_layer})
    base = Statement((base_claim, product.empty()))
    last_factor = substitute(chain.body, {chain.letter: chain.lo})
    next_claim = substitute(claim, {l: l + 1})
    step = Statement(
        (claim, product.grown(next_claim, last_factor)), (), statement.first, base_layer - 1
    )
    return [base, step]
