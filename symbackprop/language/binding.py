"""Index letters: which are free, which range they run over, and substitution without capture."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

from sympy import Basic, Integer, Symbol

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.language.terms import (
    BINDERS,
    Chain,
    Column,
    Kron,
    LayerSum,
    MatMul,
    Ref,
    Size,
    Sum,
    Vec,
)

Ranges = dict[Symbol, Size]


def subterms(term: Basic) -> Iterator[Basic]:
    """Every node, outermost first, left to right."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.args))


def free_letters(term: Basic) -> set[Symbol]:
    """The symbols of a term that no ``Sum`` or ``Chain`` binds (indices and layers alike)."""
    if isinstance(term, Symbol):
        return {term}
    if isinstance(term, Sum | Vec):
        return (free_letters(term.body) - {term.index}) | free_letters(term.size)
    if isinstance(term, Chain | LayerSum):
        inner = free_letters(term.body) - {term.letter}
        return inner | free_letters(term.hi) | free_letters(term.lo)
    return set().union(*(free_letters(arg) for arg in term.args)) if term.args else set()


SPARE = {"s": "tu"}  # a sample index is renamed to these
NEURONS = "ikjpqr"


def fresh(letter: Symbol, taken: set[Symbol]) -> Symbol:
    """A letter of the same kind that is not taken: i, k, j, p …, and then with primes."""
    for name in SPARE.get(letter.name[0], NEURONS if letter.name[0] in NEURONS else ""):
        if Symbol(name) not in taken:
            return Symbol(name)
    for primes in itertools.count(1):
        candidate = Symbol(letter.name + "'" * primes)
        if candidate not in taken:
            return candidate
    raise AssertionError


def substitute(term: Basic, by: Mapping[Basic, Basic]) -> Basic:
    """Replace sub-terms (letters or quantities) without capture; bound letters are renamed."""
    if term in by:
        return by[term]
    if not term.args:
        return term
    if isinstance(term, BINDERS):
        bound = term.args[1]
        inner = {old: new for old, new in by.items() if bound not in free_letters(old)}
        incoming = set().union(*(free_letters(new) for new in inner.values())) if inner else set()
        body = term.args[0]
        if bound in incoming and any(old in set(subterms(body)) for old in inner):
            taken = incoming | free_letters(body) | _bound_letters(body) | {bound}
            new_letter = fresh(bound, taken)
            body = substitute(body, {bound: new_letter})
            bound = new_letter
        rest = (substitute(arg, by) for arg in term.args[2:])
        return term.func(substitute(body, inner), bound, *rest)
    new_args = tuple(substitute(arg, by) for arg in term.args)
    return term if new_args == term.args else term.func(*new_args)


def _bound_letters(term: Basic) -> set[Symbol]:
    return {node.args[1] for node in subterms(term) if isinstance(node, BINDERS)}


def canonical(term: Basic) -> Basic:
    """The same term with bound letters renamed by depth, so that equal up to renaming is ``==``."""

    def walk(node: Basic, depth: int) -> Basic:
        if isinstance(node, BINDERS):
            letter = Symbol(f"#{depth}")
            body = substitute(node.args[0], {node.args[1]: letter})
            rest = (walk(arg, depth) for arg in node.args[2:])
            return node.func(walk(body, depth + 1), letter, *rest)
        if not node.args:
            return node
        return node.func(*(walk(arg, depth) for arg in node.args))

    return walk(term, 0)


def same(one: Basic, other: Basic) -> bool:
    """Equal up to the names of bound letters."""
    return one == other or canonical(one) == canonical(other)


def index_ranges(
    term: Basic,
    axes_of: Callable[[Ref], tuple[Size, ...]],
    known_size: Callable[[Size], Size] = lambda size: size,
    width: Callable[[Size], int | None] = lambda size: None,
) -> Ranges:
    """The range of every free index letter, from where it stands.

    ``axes_of(ref)`` gives the sizes of a quantity's axes, ``known_size`` one name for equal sizes,
    ``width`` how many values an index of a size takes, where that is known.
    Raises ``IllTyped`` if a letter runs over two ranges, or is bound again inside its own sum.
    """
    ranges: Ranges = {}

    def meet(letter: Symbol, size: Size, scope: Mapping[Symbol, Size]) -> None:
        known = scope.get(letter) or ranges.get(letter)
        if known is not None and known != size:
            raise IllTyped(
                f"index {letter} runs over two ranges: {text_of(known)} and {text_of(size)}"
            )
        if letter not in scope:
            ranges[letter] = size

    def walk(node: Basic, scope: dict[Symbol, Size]) -> None:
        if isinstance(node, Sum | Vec):
            if node.index in scope or node.index in ranges:
                raise IllTyped(
                    f"index {node.index} is bound by a sum and also used outside it; "
                    "rename the letter of the sum"
                )
            if node.index in free_letters(node.size):
                raise IllTyped(f"the range of the sum over {node.index} depends on {node.index}")
            walk(node.body, {**scope, node.index: known_size(node.size)})
            return
        if isinstance(node, Ref) and node.indices:
            sizes = axes_of(node)
            if len(sizes) != len(node.indices):
                raise IllTyped(
                    f"{node.name} has {len(sizes)} axes, but {len(node.indices)} indices are given"
                )
            for index, size in zip(node.indices, sizes, strict=True):
                if isinstance(index, Symbol):
                    meet(index, size, scope)
            return
        if isinstance(node, Column):
            _, columns = _extents(node.args[0], axes_of)
            if isinstance(node.args[1], Symbol) and columns is not None:
                meet(node.args[1], columns, scope)
            walk(node.args[0], scope)
            return
        if isinstance(node, Kron):
            both = [a for a in node.args if isinstance(a, Symbol)]
            sizes_known = [s for a in both if (s := scope.get(a) or ranges.get(a)) is not None]
            for letter in both:
                for own in sizes_known:
                    meet(letter, own, scope)
            _check_numbers(node, [width(own) for own in sizes_known])
            return
        for arg in node.args:
            walk(arg, scope)

    walk(term, {})
    walk(term, {})  # a letter may get its range from a later place
    krons = [node for node in subterms(term) if isinstance(node, Kron)]
    for kron in krons * 2:  # a letter may get its range from a later place
        known = [ranges[a] for a in kron.args if a in ranges]
        for letter in kron.args:
            if known and isinstance(letter, Symbol) and letter not in ranges:
                bound = any(isinstance(n, Sum | Vec) and n.index == letter for n in subterms(term))
                if not bound:
                    ranges[letter] = known[0]
    return ranges


def _check_numbers(kron: Kron, widths: list[int | None]) -> None:
    """A number in a Kronecker delta is one of the values of the letter beside it."""
    last = min((n for n in widths if n is not None), default=None)
    for number in kron.args:
        if isinstance(number, Integer) and (number < 1 or (last is not None and number > last)):
            raise NoSuchQuantity(
                f"there is no index {number} to compare with: indices run from 1"
                + (f" to {last}" if last is not None else "")
            )


def _extents(
    term: Basic, axes_of: Callable[[Ref], tuple[Size, ...]]
) -> tuple[Size | None, Size | None]:
    """Rows and columns of the last factor of a matrix product, as far as they can be read off."""
    if isinstance(term, MatMul):
        return _extents(term.args[-1], axes_of)
    if isinstance(term, Ref) and not term.indices:
        sizes = axes_of(term)
        return (sizes[0], sizes[1]) if len(sizes) == 2 else (None, None)
    return (None, None)


def text_of(size: Size) -> str:
    """``n_{l+1}`` for a width, ``m`` for the batch."""
    from symbackprop.language.terms import SAMPLES

    return "m" if size.of == SAMPLES else f"n_{{{str(size.of).replace(' ', '')}}}"
