"""Random networks and random faults: judge, derivations and plain numbers agree."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sympy import Basic, Integer, Rational, Symbol

from symbackprop.derive import derive
from symbackprop.derive.verification import verify_partials
from symbackprop.errors import IllTyped
from symbackprop.judge import Status, check, judge
from symbackprop.language.binding import free_letters, substitute
from symbackprop.language.derivation import Statement
from symbackprop.language.program import l
from symbackprop.language.terms import (
    Act,
    Hadamard,
    MatMul,
    Plus,
    Ref,
    Sum,
    Times,
    Transpose,
    negative,
    plus,
    times,
)
from symbackprop.networks.costs import COSTS
from symbackprop.networks.forward import forward
from symbackprop.networks.network import Network

SMOOTH = ("identity", "sigmoid", "tanh", "softplus", "silu", "unspecified")
FITTING = {"binary-cross-entropy": ("sigmoid",), "cross-entropy": ("softmax",)}


def few(examples: int):
    """The same examples in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def networks(draw, general: bool | None = None, batches: bool = True) -> Network:
    cost = draw(st.sampled_from(tuple(COSTS)))
    outputs = FITTING.get(cost, (*SMOOTH, "softmax"))
    more = {
        "cost": cost,
        "biases": draw(st.booleans()),
        "l2": draw(st.booleans()),
        "batch": draw(st.sampled_from((None, "columns", "rows"))) if batches else None,
        "reduction": draw(st.sampled_from(("mean", "sum"))),
    }
    if draw(st.booleans()) if general is None else general:
        return Network(None, draw(st.sampled_from(outputs)), **more)
    layers = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    layers[-1] = max(layers[-1], 2)
    hidden = [draw(st.sampled_from(SMOOTH)) for _ in layers[2:]]
    return Network(layers, (*hidden, draw(st.sampled_from(outputs))), **more)


def drawn_from(network: Network, statement: Statement, seed: int, numbers):
    """The network with numbers, once for each value of l that the statement speaks of."""
    rng = random.Random(seed)
    widths = network.layers or [rng.randint(2, 3) for _ in range(4)]
    little = numbers.drawn(network, widths, seed)
    if not any(side.has(l) for side in statement.sides):
        return [little]
    first = 1 if statement.first is None else little.number(statement.first)
    last = little.depth if statement.last is None else little.number(statement.last)
    return [replace(little, layer=layer, known={}) for layer in range(first, last + 1)]


@given(networks(), st.sampled_from(("delta", "matrix")))
@few(6)
def test_every_step_of_every_derivation_is_proved(network, form):
    checked = check(derive(network, form), seed=1)
    failed = [
        (step.statement.sides, verdict.status, verdict.why)
        for step, verdict in zip(checked.derivation.steps, checked.verdicts, strict=True)
        if not verdict.proved
    ]
    assert not failed
    assert checked.worst_bound is None or checked.worst_bound <= -100


@given(networks(general=False))
@few(10)
def test_every_partial_derivative_is_proved(network):
    found = verify_partials(network, seed=1)
    assert found.complete, found.failures or found.why
    assert found.total == network.parameters
    assert found.bound is not None
    assert found.bound <= -100


@given(networks(), st.integers(0, 10**6))
@few(8)
def test_every_step_holds_in_plain_numbers(numbers, network, seed):
    """Forward passes and differences, which share nothing with the rules or the judge."""
    derivation = derive(network, "matrix")
    for step in random.Random(seed).sample(derivation.steps, 6):
        for little in drawn_from(network, step.statement, seed, numbers):
            holds = numbers.agree(little, step.statement, derivation.program, seed)
            assert holds, step.statement.sides


# -- faults -------------------------------------------------------------------------------------
def nodes(term: Basic, path: tuple[int, ...] = ()):
    yield path, term
    if not isinstance(term, Ref):
        for place, arg in enumerate(term.args):
            if isinstance(arg, Basic) and not isinstance(arg, Symbol):
                yield from nodes(arg, (*path, place))


def put(term: Basic, path: tuple[int, ...], new: Basic) -> Basic:
    if not path:
        return new
    place, *rest = path
    args = list(term.args)
    args[place] = put(args[place], tuple(rest), new)
    return term.func(*args)


def without(term, rng):
    args = list(term.args)
    args.pop(rng.randrange(len(args)))
    return term.func(*args) if len(args) > 1 else args[0]


FAULTS = {
    Times: (without, lambda term, rng: times(Rational(rng.choice((1, 3)), 2), term)),
    Plus: (without, lambda term, rng: plus(*term.args[:-1], negative(term.args[-1]))),
    Hadamard: (without,),
    MatMul: (lambda term, rng: MatMul(*reversed(term.args)),),
    Transpose: (lambda term, rng: term.args[0],),
    Sum: (lambda term, rng: substitute(term.body, {term.index: Integer(1)}),),
    Act: (
        lambda term, rng: Act(term.layer, term.arg, 1 - min(term.order, 1)),
        lambda term, rng: Act(term.layer, Ref("a", *term.arg.args[1:]), term.order),
    ),
    Ref: (
        lambda term, rng: (
            Ref(term.name, term.layer, *reversed(term.indices)) if term.layer else term
        ),
        lambda term, rng: Ref({"a": "z", "z": "a"}.get(term.name, term.name), *term.args[1:]),
        lambda term, rng: Ref(term.name, term.layer - 1, *term.indices) if term.layer else term,
    ),
}


def spoiled(statement: Statement, rng: random.Random) -> Statement:
    """The statement with one fault on its right side."""
    right = statement.right
    places = [(path, node) for path, node in nodes(right) if type(node) in FAULTS]
    if not places:
        return Statement((statement.left, plus(right, Rational(1, 7))), statement.unequal,
                         statement.first, statement.last)  # fmt: skip
    path, node = rng.choice(places)
    changed = put(right, path, rng.choice(FAULTS[type(node)])(node, rng))
    return Statement((statement.left, changed), statement.unequal, statement.first, statement.last)


def holds_in_numbers(statement, network, program, numbers) -> bool | None:
    """True or False by random points; None where the numbers make no sense of it."""
    try:
        statement.check(program)
        answers = [
            numbers.agree(little, statement, program, seed)
            for seed in range(2)
            for little in drawn_from(network, statement, seed, numbers)
        ]
    except (IllTyped, KeyError, IndexError, ValueError, AssertionError):
        return None
    return all(answers) if answers else None


@given(networks(batches=True), st.sampled_from(("delta", "matrix")), st.integers(0, 10**6))
@few(30)
def test_a_random_fault_is_never_proved_and_no_truth_is_refuted(numbers, network, form, seed):
    rng = random.Random(seed)
    derivation = derive(network, form)
    step = rng.choice(derivation.steps)
    statement = spoiled(step.statement, rng)
    assume(statement.sides != step.statement.sides)
    verdict = judge(statement, derivation.program, seed=seed)
    truth = holds_in_numbers(statement, network, derivation.program, numbers)
    if truth is False:
        assert not verdict.proved, statement.sides
    if truth is True:
        assert verdict.status is not Status.REFUTED, (statement.sides, verdict.witness)


@given(networks(batches=False), st.integers(0, 10**6))
@few(6)
def test_other_letters_and_another_order_change_no_verdict(network, seed):
    rng = random.Random(seed)
    derivation = derive(network, "delta")
    step = rng.choice(derivation.steps)
    for statement in (step.statement, spoiled(step.statement, rng)):
        renamed = Statement(
            tuple(turned(side, rng) for side in statement.sides),
            (),
            statement.first,
            statement.last,
        )
        one, two = (judge(each, derivation.program, seed=1) for each in (statement, renamed))
        assert one.status is two.status, (statement.sides, renamed.sides)


def turned(term: Basic, rng: random.Random) -> Basic:
    """Free letters renamed, sums and products in another order, bound letters renamed."""
    new = {letter: Symbol(f"{letter}_new") for letter in free_letters(term) if str(letter) in "ijk"}
    return reordered(substitute(term, new), random.Random(0))


def reordered(term: Basic, rng: random.Random) -> Basic:
    if not term.args or isinstance(term, Ref):
        return term
    args = [reordered(arg, rng) if arg.args else arg for arg in term.args]
    if isinstance(term, Plus | Times):
        rng.shuffle(args)
    if isinstance(term, Sum):
        letter = Symbol(f"{args[1]}_bound")
        args = [substitute(args[0], {args[1]: letter}), letter, *args[2:]]
    return term.func(*args)


@pytest.mark.parametrize("seed", range(3))
def test_a_proof_does_not_depend_on_the_seed(seed):
    network = Network([3, 2, 2], ("tanh", "sigmoid"), "binary-cross-entropy")
    assert check(derive(network), seed=seed * 7919).proved


def test_plain_numbers_would_see_a_fault(numbers):
    """The comparison itself can fail: a transposed weight on equal widths."""
    network = Network([3, 3, 3], "tanh", "quadratic")
    derivation = derive(network, "delta")
    at_1 = (substitute(side, {l: Integer(1)}) for side in derivation.result("BP2").sides)
    statement, program = Statement(tuple(at_1)), forward(network)
    little = numbers.drawn(network, network.layers, 1)
    assert numbers.agree(little, statement, program, 1)
    path, weight = next((p, n) for p, n in nodes(statement.right) if getattr(n, "name", "") == "w")
    turned_round = put(statement.right, path, weight.at(*reversed(weight.indices)))
    wrong = Statement((statement.left, turned_round))
    assert not numbers.agree(little, wrong, program, 1)
