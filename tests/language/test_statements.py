"""What is refused before anything is judged: hygiene, ranges, shapes, layers; with a sentence."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, Symbol

from symbackprop.errors import IllTyped
from symbackprop.judge import Status, judge
from symbackprop.language.derivation import Derivation, Statement, Step
from symbackprop.language.program import Declaration, Definition, L, Program, l
from symbackprop.language.shapes import shape, shape_text
from symbackprop.language.terms import (
    NO_LAYER,
    SAMPLES,
    Act,
    Chain,
    Column,
    Diag,
    Hadamard,
    Identity,
    Kron,
    LayerSum,
    MatMul,
    Ones,
    Partial,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Transpose,
    as_term,
    plus,
    times,
)
from symbackprop.networks.forward import C, a, b, delta, forward, i, j, k, w, y, z
from symbackprop.networks.network import Network

GENERAL = forward(Network(None, "sigmoid", "quadratic"))
BATCH = forward(Network(None, "sigmoid", "quadratic", batch="columns"))
SMALL = forward(Network([2, 3, 2]))
SQUARE = forward(Network([3, 3, 3]))
r = Symbol("r")
below = L - 1


def fault(left, right, program=GENERAL, **more) -> str:
    statement = Statement((as_term(left), as_term(right)), **more)
    with pytest.raises(IllTyped) as refused:
        statement.check(program)
    verdict = judge(statement, program, seed=1)
    assert verdict.status in (Status.REFUTED, Status.NOT_UNDERSTOOD)
    assert verdict.why
    return str(refused.value)


def accept(left, right, program=GENERAL, **more) -> None:
    Statement((as_term(left), as_term(right)), **more).check(program)


# -- index letters ------------------------------------------------------------------------------
def test_a_letter_of_the_wrong_range():
    said = fault(delta(l, j), Sum(w(l + 1, j, k) * delta(l + 1, k), k, Size(l + 1)), last=below)
    assert "two ranges" in said
    assert "n_{l+1}" in said


def test_a_letter_with_two_ranges_in_one_product():
    assert "index k" in fault(Partial(C, w(l, j, k)), a(l, k) * delta(l, j))


def test_a_sum_over_a_range_that_is_not_its_own():
    assert "two ranges" in fault(Sum(y(k), k, Size(l)), Ref("C"))


def test_different_letters_on_the_two_sides():
    assert "free on one side" in fault(delta(L, j), delta(L, k))


def test_one_side_may_lack_a_letter():
    accept(Partial(z(l, j), b(l, j)), 1)
    accept(1, Partial(z(l, j), b(l, j)))
    accept(Kron(i, j) * y(i) * y(j), 0)


def test_bound_and_also_free():
    assert "bound" in fault(Sum(y(k), k, Size(L)) * y(k), y(k))


def test_bound_twice():
    assert "bound" in fault(Sum(Sum(y(k), k, Size(L)), k, Size(L)), 0)


def test_side_by_side_sums_may_share_a_letter():
    accept(Sum(y(k), k, Size(L)) * Sum(y(k), k, Size(L)), Power(Sum(y(k), k, Size(L)), Integer(2)))


def test_the_wrong_number_of_indices():
    assert "2 axes" in fault(w(l, j), 0)
    assert "1 axes" in fault(b(l, j, k), 0)


def test_equal_widths_are_one_range_in_a_concrete_network():
    accept(w(Integer(1), j, k) * y(j) * y(k), w(Integer(2), j, k) * y(k) * y(j), SQUARE)
    fault(w(Integer(1), j, k) * y(k), w(Integer(1), j, k) * y(k), forward(Network([3, 2, 4])))


def test_a_kronecker_between_two_ranges():
    assert "two ranges" in fault(
        Sum(Sum(Kron(i, j) * b(l, i) * b(l + 1, j), i, Size(l)), j, Size(l + 1)), 0, last=below
    )
    assert "two ranges" in fault(Kron(i, j) * b(l, i) * b(l + 1, j), 0, last=below)


def test_numbers_in_a_kronecker():
    for n in (0, -1):
        assert "no index" in fault(Kron(j, Integer(n)) * y(j), 0)
    small = forward(Network([2, 3, 2]))
    assert "from 1 to 2" in fault(Kron(j, Integer(3)) * y(j), 0, small)
    assert "from 1 to 2" in fault(Sum(Kron(Integer(9), j) * y(j), j, Size(Integer(2))), 0, small)
    accept(Sum(Kron(j, Integer(2)) * y(j), j, Size(Integer(2))), y(Integer(2)), small)
    accept(Kron(j, Integer(3)) * delta(Integer(1), j), 0, small)


def test_sums_and_products_over_layers_end_within_the_network():
    q = Symbol("q")

    def summed(lo, hi):
        return LayerSum(Sum(b(q, j), j, Size(q)), q, lo, hi)

    for lo, hi in ((Integer(1), L), (l, L), (l + 1, L), (Integer(1), l - 1)):
        accept(summed(lo, hi), summed(lo, hi))
    for lo, hi in ((l - 1, L), (l + 2, L), (Integer(0), l), (l, l + 1), (Integer(1), l - 2)):
        assert "there are no layers" in fault(summed(lo, hi), summed(lo, hi))
    accept(summed(l + 2, L), summed(l + 2, L), last=L - 1)


def test_conditions_speak_of_letters_that_are_there():
    accept(Partial(a(L, k), z(L, j)), 0, unequal=((k, j),))
    assert "condition" in fault(Partial(a(L, k), z(L, k)), 0, unequal=((k, i),))


# -- what there is ------------------------------------------------------------------------------
def test_names_and_layers():
    assert "never declared" in fault(Ref("q"), 0)
    assert "needs a layer" in fault(Ref("w"), 0)
    assert "carries no layer" in fault(Ref("C", l), 0)


@pytest.mark.parametrize(
    ("left", "right", "more"),
    [
        (delta(l, j), Sum(w(l + 1, k, j) * delta(l + 1, k), k, Size(l + 1)), {}),  # l = L
        (a(L + 1, j), a(L + 1, j), {}),
        (z(L + 2, j), z(L + 2, j), {}),
        (a(Integer(-1), j), a(Integer(-1), j), {}),
        (z(Integer(0), j), z(Integer(0), j), {}),
        (delta(l - 1, j), delta(l - 1, j), {}),  # l = 1
        (b(l - 2, j), b(l - 2, j), {"first": Integer(2)}),
    ],
    ids=str,
)
def test_layers_that_do_not_exist(left, right, more):
    assert "there is no" in fault(left, right, **more)


def test_layers_that_exist():
    accept(a(l - 1, j), a(l - 1, j))
    accept(delta(l - 1, j), delta(l - 1, j), first=Integer(2))
    accept(delta(l + 1, j), delta(l + 1, j), last=below)


@pytest.mark.parametrize("index", [0, -1, 4])
def test_numbers_as_indices(index):
    assert "index" in fault(delta(Integer(1), Integer(index)), 0, SMALL)
    accept(delta(Integer(1), Integer(3)), delta(Integer(1), Integer(3)), SMALL)


def test_powers_and_what_is_differentiated_by():
    assert "whole number" in fault(Power(y(j), Rational(1, 2)), y(j))
    assert "quantity" in fault(Partial(C, y(j) + y(k)), y(j) * y(k))


def test_a_statement_has_two_sides():
    for sides in ((), (Ref("C"),)):
        with pytest.raises(IllTyped, match="two sides"):
            Statement(sides).check(GENERAL)


# -- shapes -------------------------------------------------------------------------------------
SHAPES = [
    (w(l), GENERAL, "n_{l} × n_{l-1}"),
    (b(l), GENERAL, "n_{l} × 1"),
    (Transpose(b(l)), GENERAL, "1 × n_{l}"),
    (MatMul(w(l), a(l - 1)), GENERAL, "n_{l} × 1"),
    (MatMul(delta(l), Transpose(a(l - 1))), GENERAL, "n_{l} × n_{l-1}"),
    (MatMul(Transpose(y()), y()), GENERAL, "scalar"),
    (Hadamard(delta(L), y()), GENERAL, "n_{L} × 1"),
    (Diag(z(l)), GENERAL, "n_{l} × n_{l}"),
    (Identity(Size(l)), GENERAL, "n_{l} × n_{l}"),
    (Column(w(l), k), GENERAL, "n_{l} × 1"),
    (Chain(w(r), r, L, l + 1), GENERAL, "n_{L} × n_{l}"),
    (Partial(C, w(l)), GENERAL, "n_{l} × n_{l-1}"),
    (Partial(a(L), a(l)), GENERAL, "n_{L} × n_{l}"),
    (Partial(C, b(l, j)), GENERAL, "scalar"),
    (Act(l, z(l), 1), GENERAL, "n_{l} × 1"),
    (a(l), BATCH, "n_{l} × m"),
    (MatMul(delta(l), Ones(Size(SAMPLES))), BATCH, "n_{l} × 1"),
    (MatMul(delta(l), Transpose(a(l - 1))), BATCH, "n_{l} × n_{l-1}"),
    (Quotient(w(l), 2), GENERAL, "n_{l} × n_{l-1}"),
    (times(Size(l), w(l)), GENERAL, "n_{l} × n_{l-1}"),
    (Sum(y(k) * w(l), k, Size(L)), GENERAL, "n_{l} × n_{l-1}"),
]


@pytest.mark.parametrize(("term", "program", "text"), SHAPES, ids=lambda x: str(x)[:40])
def test_shapes(term, program, text):
    assert shape_text(shape(term, program)) == text


MISFITS = [
    (MatMul(w(l + 1), w(l + 1)), "inner sizes"),
    (MatMul(Transpose(delta(l)), a(l - 1)), "inner sizes"),
    (MatMul(y(), y()), "inner sizes"),
    (plus(w(l), Transpose(w(l))), "added"),
    (plus(b(l), 1), "added"),
    (Hadamard(w(l), b(l)), "entry by entry"),
    (Hadamard(delta(l), Act(l + 1, z(l + 1), 1)), "entry by entry"),
    (times(w(l), a(l - 1)), "side by side"),
    (Transpose(C), "scalar is transposed"),
    (Diag(w(l)), "vector"),
    (MatMul(C, w(l)), "scalar is multiplied"),
    (Power(w(l), Integer(2)), "power of an array"),
    (Quotient(C, y()), "division"),
    (Quotient(w(l), b(l)), "divided entry by entry"),
    (Partial(z(l), w(l)), "two axes"),
    (Ref("w", l, j) + 0, "indices"),
]


@pytest.mark.parametrize(("term", "sentence"), MISFITS, ids=lambda x: str(x)[:40])
def test_misfits(term, sentence):
    said = fault(term, term, last=below)
    assert sentence in said or "axes" in said


def test_sides_of_different_shapes():
    said = fault(Partial(C, w(l)), MatMul(a(l - 1), Transpose(delta(l))))
    assert "different shapes" in said
    assert "n_{l} × n_{l-1}" in said
    assert "n_{l-1} × n_{l}" in said
    assert "different shapes" in fault(delta(L), Transpose(delta(L)))


def test_zero_has_every_shape():
    accept(w(l), 0)
    accept(0, w(l))


# -- programs and derivations ---------------------------------------------------------------------
def program(*definitions, names="p q") -> Program:
    return Program(tuple(Declaration(name) for name in names.split()), definitions)


def test_circles_are_refused():
    p, q = Ref("p"), Ref("q")
    with pytest.raises(IllTyped, match="circle"):
        program(Definition(p, q + 1), Definition(q, p + 1))
    with pytest.raises(IllTyped, match="circle"):
        program(Definition(p, p + 1))
    program(Definition(p, q + 1))
    program(Definition(q, as_term(1)), Definition(p, q + 1))


def test_a_circle_within_a_layer_is_refused_and_one_through_layers_is_not():
    declared = (Declaration("u", layered=True), Declaration("v", layered=True))
    u, v = (lambda layer: Ref("u", layer)), (lambda layer: Ref("v", layer))
    one = Integer(1)
    Program(declared, (Definition(u(l), v(l - 1), one, L), Definition(v(l), u(l), one, L)))
    with pytest.raises(IllTyped, match="circle"):
        Program(declared, (Definition(u(l), v(l), one, L), Definition(v(l), u(l), one, L)))


LAYERED = {
    # what is defined, a quantity that stands in its definition, and how many layers above
    "down and up": ([("u", "v", 1), ("v", "u", -1)], True),
    "down and further up": ([("u", "v", 1), ("v", "u", -2)], False),
    "up and up": ([("u", "v", 1), ("v", "u", 0)], False),
    "both ways at once": ([("u", "u", 1), ("u", "u", -1)], True),
    "two circles that meet": ([("u", "v", -1), ("v", "u", 0), ("v", "v", 1)], True),
    "down twice": ([("u", "v", -1), ("v", "u", -1), ("v", "v", -1)], False),
    "through three": ([("u", "v", 2), ("v", "w", -1), ("w", "u", -1)], True),
}


@pytest.mark.parametrize("name", LAYERED)
def test_a_circle_across_layers_is_refused(name):
    rows, circle = LAYERED[name]
    declared = tuple(Declaration(q, layered=True) for q in "uvw")
    definitions = tuple(
        Definition(
            Ref(q, l), plus(*(Ref(by, l + n) for own, by, n in rows if own == q)), Integer(1), L
        )
        for q in dict.fromkeys(own for own, _, _ in rows)
    )
    if circle:
        with pytest.raises(IllTyped, match="circle"):
            Program(declared, definitions)
    else:
        Program(declared, definitions)


def test_a_sum_over_the_layers_below_is_no_circle_and_over_all_is():
    q = Symbol("q")
    declared = (Declaration("u", layered=True),)

    def summed(hi):
        body = LayerSum(Ref("u", q), q, Integer(1), hi)
        return Program(declared, (Definition(Ref("u", l), body, Integer(1), L),))

    summed(l - 1)
    for hi in (l, l + 1, L):
        with pytest.raises(IllTyped, match="circle"):
            summed(hi)


def test_definitions_name_their_indices():
    axes = (Size(L),)
    declared = (Declaration("p", axes), Declaration("q", axes))
    with pytest.raises(IllTyped, match="all its indices"):
        Program(declared, (Definition(Ref("p"), Ref("C")),))
    with pytest.raises(IllTyped, match="free in the value"):
        Program(declared, (Definition(Ref("p", NO_LAYER, j), Ref("q", NO_LAYER, k)),))
    Program(declared, (Definition(Ref("p", NO_LAYER, j), Ref("q", NO_LAYER, j)),))


def test_names_are_declared_once():
    with pytest.raises(IllTyped, match="twice"):
        program(names="p p")


def test_a_step_uses_earlier_steps_only():
    one = Step(Statement((y(j), y(j))), "same")
    later = Step(Statement((y(j), y(j))), "same", uses=(1,))
    with pytest.raises(IllTyped, match="after it"):
        Derivation("", GENERAL, (later, one))
    with pytest.raises(IllTyped, match="after it"):
        Derivation("", GENERAL, (one, later))
    assert Derivation("", GENERAL, (one, Step(one.statement, "same", uses=(0,)))).sections == ("",)
