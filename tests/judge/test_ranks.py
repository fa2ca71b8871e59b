"""What vanishes at every width below n and nowhere above: determinants of moments.

``det (p_{a+b})`` for ``a, b < n`` with ``p_t = Σ_k c_k y_k^t`` is ``Π c_k · Π_{i<k} (y_i - y_k)²``
at the width n and zero at every smaller one, whatever the weights: only a network wide enough for
all letters of its products can tell it from zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Basic, Integer

from symbackprop.judge import Status, prove
from symbackprop.judge.instance import Instance
from symbackprop.judge.letters import EVERYWHERE, Count, Letters, _Counting, needed
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Declaration, Definition, L, Program
from symbackprop.language.terms import (
    NO_LAYER,
    SAMPLES,
    Act,
    Fn,
    Kron,
    Opaque,
    Partial,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Vec,
    as_term,
    plus,
    times,
)
from symbackprop.networks.forward import forward, i, j, k, s, y
from symbackprop.networks.network import Network

ONE, TWO, N = Integer(1), Integer(2), 8
Columns = tuple[int, ...]


def minors(n: int) -> dict[Columns, list[tuple[int, int, Columns]]]:
    """Each minor of the first rows as ``Σ ± p_t · minor`` along its last row."""
    return {
        columns: [
            ((-1) ** (size - 1 - at), size - 1 + c, columns[:at] + columns[at + 1 :])
            for at, c in enumerate(columns)
        ]
        for size in range(1, n + 1)
        for columns in itertools.combinations(range(n), size)
    }


def with_determinant(program: Program, size: Size, entry: Callable[[Basic], Basic]) -> Program:
    """The program and ``D``, the determinant of the moments of the entries over this range."""

    def name(columns: Columns) -> str:
        return "D" if len(columns) == N else "_".join(["D", *map(str, columns)])

    powers = [Power(entry(k), Integer(t)) if t else ONE for t in range(2 * N - 1)]
    rows = [Definition(Ref(f"p{t}"), Sum(power, k, size)) for t, power in enumerate(powers)]
    for columns, parts in minors(N).items():
        terms = [times(sign, Ref(f"p{t}"), *([Ref(name(r))] if r else [])) for sign, t, r in parts]
        rows.append(Definition(Ref(name(columns)), plus(*terms)))
    declared = tuple(Declaration(row.target.name) for row in rows)
    return program.with_definitions(*rows, declare=declared)


def determinant(numbers: list[int]) -> Fraction:
    """The same in numbers, with weights."""
    known: dict[Columns, Fraction] = {(): Fraction(1)}
    moments = [sum(Fraction(w, 3) * x**t for w, x in enumerate(numbers, 1)) for t in range(2 * N)]
    for columns, parts in minors(N).items():
        known[columns] = sum((sign * moments[t] * known[r] for sign, t, r in parts), Fraction(0))
    return known[tuple(range(N))]


OPEN = with_determinant(forward(Network(None, "unspecified", "unspecified")), Size(L), y)
SIGMOID = with_determinant(forward(Network(None, "sigmoid", "quadratic")), Size(L), y)
BATCH = with_determinant(
    forward(Network([2, 4, 2], "unspecified", batch="columns")), Size(SAMPLES),
    lambda sample: Ref("y", NO_LAYER, ONE, sample),
)  # fmt: skip
D = Ref("D")
MOVED, IN_BATCH = plus(y(j), D), Ref("y", NO_LAYER, j, s)
FALSE = {
    "bare": (OPEN, D, 0),
    "argument-of-sigma": (OPEN, Act(L, MOVED), Act(L, y(j))),
    "argument-of-a-slope": (OPEN, Act(L, MOVED, 1), Act(L, y(j), 1)),
    "tangent-of-sigma": (OPEN, Partial(Act(L, MOVED), y(k)), Kron(j, k) * Act(L, y(j), 1)),
    "sum-of-sigma": (OPEN, Sum(Act(L, plus(y(i), D)), i, Size(L)), Sum(Act(L, y(i)), i, Size(L))),
    "argument-of-a-cost": (OPEN, Opaque("F", (), [Vec(plus(y(i), D), i, Size(L))]),
                           Opaque("F", (), [Vec(y(i), i, Size(L))])),
    "argument-of-the-sigmoid": (SIGMOID, Act(L, MOVED), Act(L, y(j))),
    "exponent": (OPEN, Fn("exp", D), 1),
    "slope-of-a-logarithm": (OPEN, Partial(Fn("log", plus(ONE, D)), y(k)), 0),
    "denominator": (OPEN, Power(plus(ONE, D), Integer(-1)), 1),
    "factor": (OPEN, times(D, Size(L), Sum(ONE, i, Size(L))), 0),
    "samples": (BATCH, D, 0),
    "samples-in-sigma": (BATCH, Act(TWO, plus(IN_BATCH, D)), Act(TWO, IN_BATCH)),
}  # fmt: skip


def test_the_determinant_vanishes_below_n_and_not_at_n():
    numbers = [2, -1, 3, 5, -7, 4, 9, 11]
    assert all(determinant(numbers[:width]) == 0 for width in range(1, N))
    assert determinant(numbers) != 0


@pytest.mark.parametrize("name", FALSE)
def test_what_vanishes_below_a_width_is_not_proved(name):
    program, left, right = FALSE[name]
    found = prove(Statement((as_term(left), as_term(right))), program, seed=5)
    assert found.status is Status.UNDECIDED, found.scope


@pytest.mark.parametrize("name", ["argument-of-sigma", "argument-of-a-slope", "sum-of-sigma"])
def test_the_letters_of_arguments_are_needed(name, monkeypatch):
    """Without them a network narrower than n is taken for wide enough."""
    program, left, right = FALSE[name]
    monkeypatch.setattr(_Counting, "_act", lambda counting, term, u: Count())
    assert prove(Statement((left, right)), program, seed=5).proved


def hidden(value: Basic) -> Program:
    """The open program with ``q_1 … q_4``, four quantities with this value."""
    names = [f"q{n}" for n in range(1, 5)]
    return forward(Network(None, "unspecified", "unspecified")).with_definitions(
        *(Definition(Ref(name), value) for name in names),
        declare=tuple(map(Declaration, names)),
    )


def width_for(left: Basic, right: Basic, value: Basic = ONE) -> int:
    case = Instance(hidden(value), 1, (), 0)
    return needed(Statement((left, right)), case)[0]


TOTAL = Sum(y(k), k, Size(L))
FOUR = plus(*(Ref(f"q{n}") for n in range(1, 5)))


@pytest.mark.parametrize(
    ("value", "letters"),
    [(TOTAL, 1), (Quotient(ONE, TOTAL), 5), (Power(TOTAL, Integer(-2)), 9)],
    ids=["a sum", "a fraction", "a negative power"],
)
def test_fractions_behind_names_are_brought_over_a_common_denominator(value, letters):
    """``1/S_1 + … + 1/S_4 = S`` has ``S S_1 ⋯ S_4``."""
    assert width_for(FOUR, TOTAL, value) == letters


def test_a_tangent_of_a_fraction_has_its_denominator_twice():
    """``(S/T)' = (S'T - ST') / T²``, with a letter of the tangent's own."""
    above, below = Letters({1: 3}), Letters({1: 5})
    moved = Count(above, below).tangent
    assert moved == Count(Letters({1: 3 + 5, EVERYWHERE: 1}), Letters({1: 2 * 5}))
    passed, free = 1, 1
    found = width_for(Partial(Quotient(TOTAL, TOTAL), y(j)), Power(TOTAL, TWO))
    assert found == 2 + 2 + passed + free


def test_a_target_that_adds_up_to_one_is_divided_by_its_sum():
    soft = forward(Network(None, "softmax", "cross-entropy"))
    bare = replace(soft, declarations=tuple(replace(d, sums_to_one=False)
                                            for d in soft.declarations))  # fmt: skip
    claim = Statement((Power(y(k), Integer(3)), ONE))
    assert [needed(claim, Instance(program, 1, (), 0))[0] for program in (bare, soft)] == [1, 4]


def test_a_width_is_a_sum_of_weights():
    assert width_for(Power(Size(L), Integer(3)), Integer(0)) == 3


def test_too_many_samples_are_not_decided():
    found = prove(Statement((Power(Power(Size(SAMPLES), Integer(60)), Integer(4)), ONE)), BATCH)
    assert found.status is Status.UNDECIDED
    assert "a batch of more than 240 samples" in found.why
