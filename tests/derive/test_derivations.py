"""Derivations: all steps proved, the results mean what they say, bad requests are refused."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sympy import Integer

from symbackprop.derive import FORMS, derive
from symbackprop.derive.rules import RULES
from symbackprop.errors import InputError, LimitError
from symbackprop.judge import check
from symbackprop.language.binding import free_letters, same
from symbackprop.language.program import L, l
from symbackprop.language.terms import (
    Act,
    Hadamard,
    Kron,
    MatMul,
    Partial,
    Ref,
    Size,
    Sum,
    Transpose,
    times,
)
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.costs import COSTS
from symbackprop.networks.forward import C, J, a, b, delta, j, k, w, y, z
from symbackprop.networks.network import Network

FITTING = {"binary-cross-entropy": "sigmoid", "cross-entropy": "softmax"}
ACTIVE = [Network(None, name, "quadratic") for name in ACTIVATIONS]
COSTLY = [Network(None, FITTING.get(name, "tanh"), name) for name in COSTS]
BATCHES = [
    Network(None, "sigmoid", "mse", batch="columns"),
    Network(None, "softmax", "cross-entropy", batch="rows", reduction="sum"),
    Network(None, "softmax", "quadratic", batch="columns"),
    Network(None, "unspecified", "unspecified", batch="rows", reduction="sum"),
]
CONCRETE = [
    Network([2, 3, 2], "sigmoid", "mse"),
    Network([2, 3, 2], ("relu", "softmax"), "cross-entropy"),
    Network([2, 2], "tanh", "quadratic"),
    Network([1, 2, 1, 2], ("gelu", "silu", "leaky-relu"), "mse", biases=False, l2=True),
    Network([3, 4, 2], "softmax", "mse", batch="columns"),
    Network([4, 2, 3], "softplus", "quadratic", batch="rows", l2=True),
]


def name(network: Network) -> str:
    more = "-".join(filter(None, [network.batch, "l2" if network.l2 else ""]))
    return f"{network.layers}-{network.activation}-{network.cost}-{more}"


def unproved(derivation):
    """The steps that are not proved, and why."""
    checked = check(derivation, seed=6)
    return [
        (step.section, str(step.statement.sides), verdict.why)
        for step, verdict in zip(derivation.steps, checked.verdicts, strict=True)
        if not verdict.proved
    ]


@pytest.mark.parametrize("network", [*COSTLY, *BATCHES, *CONCRETE], ids=name)
def test_every_step_of_the_matrix_form_is_proved(network):
    """The matrix form holds the index form as well."""
    checked = check(derive(network, "matrix"), seed=6)
    wrong = [
        (step.section, str(step.statement.sides), verdict.why)
        for step, verdict in zip(checked.derivation.steps, checked.verdicts, strict=True)
        if not verdict.proved
    ]
    assert not wrong


@pytest.mark.parametrize("network", [*COSTLY, *CONCRETE[:3]], ids=name)
def test_every_step_of_the_path_form_is_proved(network):
    assert check(derive(network, "path"), seed=6).proved


@pytest.mark.parametrize("network", CONCRETE[:4], ids=name)
@pytest.mark.parametrize("full", [False, True])
def test_every_partial_is_written_out_and_proved(network, full):
    derivation = derive(network, "scalar", full=full)
    assert check(derivation, seed=6).proved
    written = {
        step.statement.left.by
        for step in derivation.steps
        if isinstance(step.statement.left, Partial)
    }
    widths = network.layers
    wanted = {
        w(Integer(n), Integer(to), Integer(source))
        for n, (before, own) in enumerate(pairwise(widths), start=1)
        for to in range(1, own + 1)
        for source in range(1, before + 1)
    }
    if network.biases:
        wanted |= {
            b(Integer(n), Integer(to))
            for n in range(1, len(widths))
            for to in range(1, widths[n] + 1)
        }
    assert written == wanted
    assert len(wanted) == network.parameters


def test_a_fully_substituted_partial_names_no_error():
    full = derive(CONCRETE[0], "scalar", full=True)
    partials = [s.statement for s in full.steps if isinstance(s.statement.left, Partial)]
    assert partials
    assert all(not _names(s.right) & {"delta"} for s in partials)
    short = derive(CONCRETE[0], "scalar")
    assert any(_names(s.statement.right) & {"delta"} for s in short.steps)


def _names(term) -> set[str]:
    from symbackprop.language.binding import subterms

    return {node.name for node in subterms(term) if isinstance(node, Ref)}


# -- the four equations -----------------------------------------------------------------------
OPEN = Network(None, "unspecified", "unspecified")
BELOW = L - 1


def said(network, result, form="delta"):
    return derive(network, form).result(result)


def test_BP1_to_BP4_of_an_open_network():
    expected = {
        "BP1": (delta(L, j), times(Partial(C, a(L, j)), Act(L, z(L, j), 1))),
        "BP2": (
            delta(l, j),
            times(Sum(times(w(l + 1, k, j), delta(l + 1, k)), k, Size(l + 1)), Act(l, z(l, j), 1)),
        ),
        "BP3": (Partial(C, b(l, j)), delta(l, j)),
        "BP4": (Partial(C, w(l, j, k)), times(a(l - 1, k), delta(l, j))),
    }
    for name, (left, right) in expected.items():
        statement = said(OPEN, name)
        assert same(statement.left, left)
        assert same(statement.right, right)
    assert said(OPEN, "BP2").last == BELOW
    assert said(OPEN, "BP4").last == L


def test_the_four_as_arrays():
    for name, right in {
        "BP1-matrix": Hadamard(Partial(C, a(L)), Act(L, z(L), 1)),
        "BP2-matrix": Hadamard(MatMul(Transpose(w(l + 1)), delta(l + 1)), Act(l, z(l), 1)),
        "BP3-matrix": delta(l),
        "BP4-matrix": MatMul(delta(l), Transpose(a(l - 1))),
    }.items():
        assert said(OPEN, name, "matrix").right == right


def test_cross_entropy_ends_in_a_minus_y():
    apart = a(L, j) - y(j)
    assert said(Network(None, "softmax", "cross-entropy"), "BP1").right == apart
    assert said(Network(None, "sigmoid", "binary-cross-entropy"), "BP1").right == apart


def test_the_sum_appears_and_then_collapses():
    """The output error goes through Σ_k ∂C/∂a_k ∂a_k/∂z_j, and then loses the sum."""
    lines = [s.statement.right for s in derive(OPEN).steps if s.statement.left == delta(L, j)]
    chain = Sum(times(Partial(C, a(L, k)), Partial(a(L, k), z(L, j))), k, Size(L))
    assert any(same(line, chain) for line in lines)
    kronecker = Sum(times(Partial(C, a(L, k)), Kron(k, j), Act(L, z(L, k), 1)), k, Size(L))
    assert any(same(line, kronecker) for line in lines)
    assert not isinstance(lines[-1], Sum)
    soft = [s.statement.right for s in derive(Network(None, "softmax", "quadratic")).steps
            if s.statement.left == delta(L, j)]  # fmt: skip
    assert isinstance(soft[-1], Sum)  # with softmax it does not collapse


def test_the_path_has_four_factors():
    derivation = derive(Network(None, "sigmoid", "mse"), "path")
    assert {"①", "②", "③", "④", "path", "path-bias", "path-is-delta", "path-last"} <= set(
        derivation.results
    )
    final = derivation.result("path-is-delta")
    assert not free_letters(final.right) - free_letters(final.left)
    assert "delta" in _names(final.right)


def test_the_penalty_adds_to_weights_only():
    derivation = derive(Network(None, "tanh", "mse", l2=True))
    by_weight = derivation.result("BP4-penalty")
    by_bias = derivation.result("BP3-penalty")
    assert by_weight.left == Partial(J, w(l, j, k))
    assert "lambda" in _names(by_weight.right)
    assert by_bias.left == Partial(J, b(l, j))
    assert "lambda" not in _names(by_bias.right)


# -- in numbers ---------------------------------------------------------------------------------
def gradient_by_hand(x, t, W, B):
    """[2, 3, 2] with sigmoid and the mean squared error, written down once more in NumPy."""
    sigma = lambda u: 1 / (1 + np.exp(-u))  # noqa: E731
    a1 = sigma(W[0] @ x + B[0])
    a2 = sigma(W[1] @ a1 + B[1])
    d2 = 2 / 2 * (a2 - t) * a2 * (1 - a2)
    d1 = (W[1].T @ d2) * a1 * (1 - a1)
    return [np.outer(d1, x), np.outer(d2, a1)], [d1, d2]


def test_the_scalar_form_has_the_numbers_of_backpropagation_by_hand():
    """Every right side, fully substituted, evaluated with nothing but the forward values."""
    rng = np.random.default_rng(5)
    W = [rng.normal(size=(3, 2)), rng.normal(size=(2, 3))]
    B = [rng.normal(size=3), rng.normal(size=2)]
    x, t = rng.normal(size=2), rng.uniform(size=2)
    gw, gb = gradient_by_hand(x, t, W, B)
    sigma = lambda u: 1 / (1 + np.exp(-u))  # noqa: E731
    z1 = W[0] @ x + B[0]
    z2 = W[1] @ sigma(z1) + B[1]
    numbers = {("w", 1): W[0], ("w", 2): W[1], ("b", 1): B[0], ("b", 2): B[1], ("z", 1): z1,
               ("z", 2): z2, ("a", 0): x, ("a", 1): sigma(z1), ("a", 2): sigma(z2), ("y", None): t}  # fmt: skip

    def value(term):
        kind = type(term).__name__
        parts = [] if kind in ("Ref", "Act") else [value(arg) for arg in term.args]
        if kind == "Ref":
            layer = None if term.layer is None else int(term.layer)
            return numbers[term.name, layer][tuple(int(n) - 1 for n in term.indices)]
        if kind == "Act":
            u = value(term.arg)
            return sigma(u) * (1 - sigma(u)) if term.order else sigma(u)
        if not parts:
            return float(term)
        return {"Plus": sum, "Times": np.prod, "Quotient": lambda p: p[0] / p[1],
                "Power": lambda p: p[0] ** p[1]}[kind](parts)  # fmt: skip

    seen = 0
    for step in derive(CONCRETE[0], "scalar", full=True).steps:
        left = step.statement.left
        if not isinstance(left, Partial):
            continue
        seen += 1
        place = tuple(int(n) - 1 for n in left.by.indices)
        expected = (gw if left.by.name == "w" else gb)[int(left.by.layer) - 1][place]
        assert value(step.statement.right) == pytest.approx(expected, rel=1e-12)
    assert seen == 17


# -- what is refused ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("network", "form", "error", "says"),
    [
        (OPEN, "vector", InputError, "form"),
        (OPEN, "scalar", InputError, "concrete"),
        (Network([2, 2], batch="rows"), "scalar", InputError, "one sample"),
        (Network([2, 2], batch="rows"), "path", InputError, "one sample"),
        (Network([2, 2], l2=True), "path", InputError, "penalty"),
        (Network([300, 300]), "scalar", LimitError, "verify"),
        (Network([2, 2, 2], ("softmax", "sigmoid")), "delta", InputError, "softmax"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_what_cannot_be_derived_is_refused_with_advice(network, form, error, says):
    with pytest.raises(error) as refused:
        derive(network, form)
    assert says in str(refused.value)


def test_every_step_stands_on_a_rule_and_has_a_reason():
    for form in FORMS:
        derivation = derive(CONCRETE[0], form)
        for number, step in enumerate(derivation.steps):
            assert step.rule in RULES
            assert step.reason
            assert all(used < number for used in step.uses)
        assert derivation.about == CONCRETE[0]


def test_chains_go_on_where_they_stopped():
    """Within a chain each line starts from the left side of the one before, and uses it."""
    derivation = derive(OPEN, "matrix")
    for number, (before, step) in enumerate(pairwise(derivation.steps), start=1):
        continues = before.section == step.section and before.statement.left == step.statement.left
        assert not continues or number - 1 in step.uses
