"""Letters: which are free, renaming without capture, equality up to bound letters."""

from __future__ import annotations

import random

import pytest
from sympy import Integer, Symbol, symbols

from symbackprop.language.binding import canonical, free_letters, fresh, same, substitute, subterms
from symbackprop.language.program import L, l
from symbackprop.language.terms import (
    Chain,
    Kron,
    LayerSum,
    Opaque,
    Partial,
    Power,
    Ref,
    Size,
    Sum,
    Vec,
    plus,
    times,
)
from symbackprop.networks.forward import a, b, delta, i, j, k, w, y, z

r = Symbol("r")
n_l = Size(l)


def total(body, letter=k, size=n_l):
    return Sum(body, letter, size)


@pytest.mark.parametrize(
    ("term", "free"),
    [
        (w(l, j, k), {l, j, k}),
        (total(w(l, j, k)), {l, j}),
        (total(total(w(l, j, k)), j), {l}),
        (total(a(l, k)) * a(l, k), {l, k}),
        (Vec(y(i), i, Size(L)), {L}),
        (Opaque("C", (), (Vec(y(i), i, Size(L)),)), {L}),
        (Opaque("S", (k,), (Vec(z(L, i), i, Size(L)),)), {L, k}),
        (Chain(w(r), r, L, l + 1), {l, L}),
        (LayerSum(total(b(r, k), k, Size(r)), r, Integer(1), L), {L}),
        (Partial(a(l, j), z(l, k)), {l, j, k}),
        (Kron(i, j), {i, j}),
        (Power(a(l, j), Integer(2)), {l, j}),
        (Integer(3), set()),
    ],
    ids=lambda shown: ",".join(sorted(map(str, shown))) if isinstance(shown, set) else str(shown),
)
def test_free_letters(term, free):
    assert free_letters(term) == free


def test_substitution_reaches_free_letters_only():
    term = total(w(l, j, k) * a(l - 1, k), k, Size(l - 1))
    assert substitute(term, {j: i}) == total(w(l, i, k) * a(l - 1, k), k, Size(l - 1))
    assert substitute(term, {k: i}) == term


def test_substitution_never_captures():
    """Putting k for j into ``Σ_k w_jk a_k`` renames the bound k first."""
    changed = substitute(total(w(l, j, k) * a(l - 1, k)), {j: k})
    assert free_letters(changed) == {k, l}
    bound = changed.index
    assert bound != k
    assert changed == total(w(l, k, bound) * a(l - 1, bound), bound)


def test_substituting_a_term_with_a_bound_letter_renames_too():
    inner = total(y(k), k, Size(L))
    changed = substitute(total(w(l, j, k) * Ref("C")), {Ref("C"): inner * y(k)})
    assert k in free_letters(changed)
    assert changed.index != k
    assert set(subterms(changed)) >= {inner, y(k)}


def test_a_swap_is_simultaneous():
    assert substitute(w(l, j, k), {j: k, k: j}) == w(l, k, j)


def test_layers_and_sizes_are_substituted_together():
    term = total(w(l + 1, k, j) * delta(l + 1, k), k, Size(l + 1))
    at_2 = substitute(term, {l: Integer(2)})
    assert at_2 == total(w(Integer(3), k, j) * delta(Integer(3), k), k, Size(Integer(3)))


def test_the_letter_of_a_chain_is_bound():
    chain = Chain(w(r), r, L, l + 1)
    assert substitute(chain, {r: l}) == chain
    moved = substitute(chain, {l: r})
    assert free_letters(moved) == {r, L}
    assert moved.letter == r  # the bounds are outside: nothing to capture in the body
    inside = substitute(Chain(w(r) @ w(l), r, L, l + 1), {l: r})
    assert free_letters(inside) == {r, L}
    assert inside.letter != r


@pytest.mark.parametrize("letter", symbols("j k i p q r s x"))
def test_fresh_letters_are_fresh(letter):
    taken = {letter}
    for _ in range(12):
        new = fresh(letter, taken)
        assert new not in taken
        taken.add(new)


def test_equal_up_to_bound_letters():
    one = total(total(w(l, j, k) * y(i), k), j)
    other = total(total(w(l, r, i) * y(k), i), r)
    assert same(one, substitute(other, {k: i}))
    assert not same(one, other)
    assert same(total(y(j), j), total(y(k), k))
    assert not same(total(y(j), j), total(y(k), k, Size(l - 1)))
    assert not same(total(total(w(l, j, k), k), j), total(total(w(l, k, j), k), j))
    assert not same(total(y(i), k), total(y(k), k))
    assert same(Chain(w(r), r, L, l), Chain(w(k), k, L, l))
    assert not same(Chain(w(r), r, L, l), Chain(w(r), r, L, l + 1))


def drawn(rng, depth=3, bound=()):
    if depth == 0:
        return rng.choice((y, lambda n: a(l, n)))(rng.choice((*bound, i)))
    letter = rng.choice([x for x in symbols("j k p q r") if x not in bound])
    inner = lambda new: drawn(rng, depth - 1, (*bound, *new))  # noqa: E731
    return rng.choice(
        (
            lambda: Sum(inner((letter,)), letter, Size(l)),
            lambda: times(inner(()), inner(())),
            lambda: plus(inner(()), inner(()), 1),
        )
    )()


@pytest.mark.parametrize("seed", range(40))
def test_canonical_forms_do_not_see_the_names_of_bound_letters(seed):
    term = drawn(random.Random(seed))
    rename = {x: Symbol(f"{x}{x}") for x in symbols("j k p q r")}
    renamed = bound_renamed(term, rename)
    assert free_letters(renamed) == free_letters(term)
    assert canonical(renamed) == canonical(term)
    assert canonical(canonical(term)) == canonical(term)
    assert canonical(substitute(term, {i: Symbol("other")})) != canonical(
        term
    ) or i not in free_letters(term)


def bound_renamed(term, names):
    """Every bound letter under another name, done by hand."""
    if isinstance(term, Sum):
        new = names[term.index]
        return Sum(bound_renamed(term.body, names).xreplace({term.index: new}), new, term.size)
    if isinstance(term, Ref) or not term.args:
        return term
    return term.func(*(bound_renamed(arg, names) for arg in term.args))
