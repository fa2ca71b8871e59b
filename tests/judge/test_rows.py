"""Every activation row and cost row; what holds for one activation holds for no other."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy import Integer

from symbackprop.judge import Status, judge
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, l
from symbackprop.language.terms import (
    Act,
    Fn,
    Partial,
    Power,
    Quotient,
    Rational,
    Size,
    Sum,
    from_sympy,
    negative,
    plus,
    times,
)
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.activations import a as a_symbol
from symbackprop.networks.activations import z as z_symbol
from symbackprop.networks.costs import COSTS
from symbackprop.networks.costs import y as y_symbol
from symbackprop.networks.forward import C, a, delta, forward, j, k, w, y, z
from symbackprop.networks.network import Network

ENTRYWISE = [name for name, row in ACTIVATIONS.items() if row.value is not None]
EVERY_SIGMA = "every element-wise activation"
slope = Act(l, z(l, j), 1)


def judged(name: str, left, right, cost: str = "quadratic"):
    program = forward(Network(None, name, cost))
    return judge(Statement((left, right)), program, seed=3)


@pytest.mark.parametrize("name", ENTRYWISE)
def test_the_slope_of_every_row_is_proved_and_is_the_slope_in_numbers(name):
    row = ACTIVATIONS[name]
    found = judged(name, slope, from_sympy(row.slope, {z_symbol: z(l, j)}))
    assert found.status is Status.PROVED, found.why
    assert EVERY_SIGMA not in found.scope
    assert bool(row.kinks) == any("kink" in fact for fact in found.conditions)
    value, derivative = (sp.lambdify(z_symbol, e, "mpmath") for e in (row.value, row.slope))
    for at in (-2.3, -0.4, 0.7, 1.9):
        h = 1e-6
        assert float(derivative(at)) == pytest.approx(
            float(value(at + h) - value(at - h)) / (2 * h), abs=1e-6
        )


@pytest.mark.parametrize("name", [n for n in ENTRYWISE if n != "identity"])
def test_a_slope_with_a_fault_is_not_proved(name):
    row = ACTIVATIONS[name]
    true = from_sympy(row.slope, {z_symbol: z(l, j)})
    for wrong in (true * true, times(2, true), negative(true), plus(true, Rational(1, 10**6))):
        found = judged(name, slope, wrong)
        if found.status is Status.PROVED:  # [z>0]² = [z>0]
            assert name == "relu"
            assert wrong == true * true
        else:
            assert found.status is Status.REFUTED


def test_second_slopes():
    by_a = {
        "sigmoid": a(l, j) * (1 - a(l, j)) * (1 - 2 * a(l, j)),
        "tanh": times(-2, a(l, j), plus(1, negative(Power(a(l, j), Integer(2))))),
        "identity": Integer(0),
    }
    for name, right in by_a.items():
        assert judged(name, Act(l, z(l, j), 2), right).status is Status.PROVED
    assert judged("tanh", Act(l, z(l, j), 2), by_a["sigmoid"]).status is Status.REFUTED


SPECIAL = {
    "identity": (slope, Integer(1)),
    "sigmoid": (slope, a(l, j) * (1 - a(l, j))),
    "tanh": (slope, 1 - Power(a(l, j), Integer(2))),
    "relu": (a(l, j) * slope, a(l, j)),
    "leaky-relu": (a(l, j), z(l, j) * slope),
    "softplus": (slope, Quotient(Integer(1), 1 + Fn("exp", negative(z(l, j))))),
    "silu": (z(l, j) * slope, plus(a(l, j), a(l, j) * (z(l, j) - a(l, j)))),
}
# pairs in which the equation of the first holds for the second as well: z σ' = z where σ is linear …
ALSO = {
    ("leaky-relu", "relu"), ("leaky-relu", "identity"), ("relu", "identity"),
    ("silu", "relu"), ("silu", "identity"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
def test_what_holds_for_one_activation_says_so(name):
    found = judged(name, *SPECIAL[name])
    assert found.status is Status.PROVED, found.why
    assert EVERY_SIGMA not in found.scope
    assert "every width" in found.scope


@pytest.mark.parametrize(
    ("name", "other"),
    [(n, o) for n in SPECIAL for o in ("sigmoid", "tanh", "relu", "identity") if n != o],
)
def test_what_holds_for_one_activation_is_refuted_for_another(name, other, numbers):
    found = judged(other, *SPECIAL[name])
    little = numbers.drawn(Network(None, other, "quadratic"), (2, 3), seed=1, layer=1)
    left, right = (little.value(side, {j: 1}) for side in SPECIAL[name])
    holds = all(
        np.isclose(*(numbers.drawn(Network(None, other, "quadratic"), (2, 3), seed=seed, layer=1)
                     .value(side, {j: at}) for side in SPECIAL[name]))
        for seed in range(4) for at in (1, 2, 3)
    )  # fmt: skip
    assert holds == (found.status is Status.PROVED), (left, right)
    assert holds or found.status is Status.REFUTED
    assert not holds or (name, other) in ALSO


def test_an_open_activation_refutes_all_of_them():
    for left, right in SPECIAL.values():
        found = judge(Statement((left, right)), forward(Network(None, "unspecified")), seed=3)
        assert found.status is Status.REFUTED


FITTING = {"binary-cross-entropy": "sigmoid", "cross-entropy": "softmax"}


@pytest.mark.parametrize("name", [n for n, row in COSTS.items() if row.entry is not None])
def test_the_slope_of_every_cost_is_proved(name):
    row = COSTS[name]
    network = Network(None, FITTING.get(name, "tanh"), name)
    at = {a_symbol: a(L, j), y_symbol: y(j)}
    derivative = from_sympy(row.entry.diff(a_symbol), at)
    scale = Quotient(Integer(1), Size(L)) if row.averaged else Integer(1)
    found = judge(
        Statement((Partial(C, a(L, j)), times(scale, derivative))), forward(network), seed=3
    )
    assert found.status is Status.PROVED, found.why
    assert "every differentiable cost" not in found.scope
    assert {"every width", "every depth"} <= set(found.scope)
    for wrong in (times(scale, derivative, 2), times(scale, negative(derivative))):
        refuted = judge(Statement((Partial(C, a(L, j)), wrong)), forward(network), seed=3)
        assert refuted.status is Status.REFUTED


def test_every_cost_sees_its_targets_too():
    """``∂C/∂y`` of the quadratic cost is ``-(a - y)``."""
    found = judged("sigmoid", Partial(C, y(k)), negative(a(L, k) - y(k)))
    assert found.status is Status.PROVED


def test_scopes_name_what_was_needed():
    BP2 = times(Sum(times(w(l + 1, k, j), delta(l + 1, k)), k, Size(l + 1)), slope)
    hidden = Statement((delta(l, j), BP2), (), Integer(1), L - 1)
    found = judge(hidden, forward(Network(None, "tanh", "mse")), seed=3)
    assert {"every width", "every depth", EVERY_SIGMA, "every differentiable cost"} <= set(
        found.scope
    )
    concrete = judge(hidden, forward(Network([2, 3, 4, 2], "tanh", "mse")), seed=3)
    assert "this network" in concrete.scope
    assert not {"every width", "every depth"} & set(concrete.scope)
    output = times(Quotient(Integer(2), Size(L)), a(L, j) - y(j), Act(L, z(L, j), 1))
    found = judge(Statement((delta(L, j), output)), forward(Network(None, "tanh", "mse")), seed=3)
    assert EVERY_SIGMA in found.scope
    assert "every differentiable cost" not in found.scope


def test_a_declared_fact_is_named_only_where_it_is_needed():
    soft = forward(Network(None, "softmax", "cross-entropy"))
    needs = judge(Statement((delta(L, j), a(L, j) - y(j))), soft, seed=3)
    total = Sum(y(k), k, Size(L))
    free = judge(Statement((delta(L, j), a(L, j) * total - y(j))), soft, seed=3)
    assert needs.status is free.status is Status.PROVED
    assert any("Σ y = 1" in fact for fact in needs.conditions)
    assert not free.conditions
    squares = forward(Network(None, "softmax", "quadratic"))
    assert judge(Statement((total, Integer(1))), squares, seed=3).status is Status.REFUTED
