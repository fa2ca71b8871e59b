"""Sums that people leave out, and letters that they use twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from sympy import Basic, Symbol

from symbackprop.language.binding import free_letters, fresh, substitute, subterms
from symbackprop.language.terms import (
    BINDERS,
    Column,
    Hadamard,
    Kron,
    Partial,
    Ref,
    Size,
    Sum,
    Times,
    Vec,
)

RangeOf = Callable[[Symbol, Basic], Size | None]


def indices_in(term: Basic) -> set[Symbol]:
    """The free index letters of a term (layer letters are none)."""
    free = free_letters(term)
    found: set[Symbol] = set()
    for node in subterms(term):
        if isinstance(node, Ref):
            found |= {i for i in node.indices if isinstance(i, Symbol)}
        elif isinstance(node, Kron):
            found |= {i for i in node.args if isinstance(i, Symbol)}
        elif isinstance(node, Column) and isinstance(node.args[1], Symbol):
            found.add(node.args[1])
    return found & free


def with_sums(term: Basic, keep: Iterable[Symbol], range_of: RangeOf) -> tuple[Basic, set[Symbol]]:
    """Einstein's rule: a letter in two factors of a product, and not to be kept, is summed there.

    Returns the term and the letters that were summed.
    """
    kept, summed = set(keep), set[Symbol]()

    def walk(node: Basic) -> Basic:
        if not node.args or isinstance(node, Ref | Kron | Vec):
            return node
        if isinstance(node, Partial):
            return node.func(walk(node.of), node.by)
        if isinstance(node, BINDERS):
            bound = node.args[1]
            kept.add(bound)
            made = node.func(walk(node.args[0]), *node.args[1:])
            kept.discard(bound)
            return made
        made = node.func(*(walk(arg) for arg in node.args))
        if isinstance(made, Times | Hadamard):
            return close(made)
        return made

    def close(node: Basic) -> Basic:
        counts = Counter(i for factor in node.args for i in indices_in(factor))
        for letter in sorted((i for i, n in counts.items() if n > 1 and i not in kept), key=str):
            size = range_of(letter, node)
            if size is None:
                continue
            summed.add(letter)
            node = _over(node, letter, size)
        return node

    return walk(term), summed


def _over(node: Basic, letter: Symbol, size: Size) -> Basic:
    """The sum stands before the factors that carry the letter; the others stay outside."""
    if not isinstance(node, Times):
        return Sum(node, letter, size)
    inside = [f for f in node.args if letter in free_letters(f)]
    outside = [f for f in node.args if letter not in free_letters(f)]
    body = inside[0] if len(inside) == 1 else Times(*inside)
    return Times(*outside, Sum(body, letter, size)) if outside else Sum(body, letter, size)


def apart(sides: tuple[Basic, ...]) -> tuple[tuple[Basic, ...], list[str]]:
    """Bound letters renamed where the same letter also stands free: harmless, and said so."""
    free = set().union(*(free_letters(side) for side in sides))
    notes: list[str] = []

    def walk(node: Basic, taken: set[Symbol]) -> Basic:
        if not node.args or isinstance(node, Ref):
            return node
        if isinstance(node, Sum | Vec) and node.args[1] in taken:
            old = node.args[1]
            everything = taken | {s for n in subterms(node) for s in n.free_symbols}
            new = fresh(old, everything)
            if isinstance(node, Sum):
                notes.append(f"the letter {old} of a sum is also used outside it: harmless")
            node = node.func(substitute(node.args[0], {old: new}), new, *node.args[2:])
        if isinstance(node, Sum | Vec):
            inner = walk(node.args[0], taken | {node.args[1]})
            return node.func(inner, *node.args[1:])
        return node.func(*(walk(arg, taken) for arg in node.args))

    return tuple(walk(side, free) for side in sides), notes


def inner_renamed(term: Basic, range_of: RangeOf) -> Basic:
    """``∂/∂a_p σ(w_mp a_p + b_m)``, where p is the variable and the missing sum's letter at once.

    The letter inside is renamed and summed: ``∂/∂a_p σ(Σ_q w_mq a_q + b_m)``.
    """
    if isinstance(term, Partial):
        of = term.of
        for letter in (i for i in term.by.indices if isinstance(i, Symbol)):
            if _twice(of, letter):
                new = fresh(letter, {s for n in subterms(term) for s in n.free_symbols})
                keep = indices_in(of) - {letter}
                of, _ = with_sums(substitute(of, {letter: new}), keep, range_of)
        return term.func(of, term.by)
    if not term.args or isinstance(term, Ref):
        return term
    return term.func(*(inner_renamed(arg, range_of) for arg in term.args))


def _twice(term: Basic, letter: Symbol) -> bool:
    return any(
        isinstance(node, Times) and sum(letter in indices_in(f) for f in node.args) > 1
        for node in subterms(term)
    )


def freed(term: Basic) -> Basic:
    """``Σ_i ∂/∂a_i (a_i - y_i)²`` with i meant to be free outside: ``Σ_k ∂/∂a_i (a_k - y_k)²``."""
    if isinstance(term, Sum) and isinstance(term.body, Partial):
        letter, inner = term.index, term.body
        if letter in inner.by.indices:
            new = fresh(letter, {s for n in subterms(term) for s in n.free_symbols})
            body = Partial(substitute(inner.of, {letter: new}), inner.by)
            return Sum(body, new, term.size)
    if not term.args or isinstance(term, Ref):
        return term
    return term.func(*(freed(arg) for arg in term.args))
