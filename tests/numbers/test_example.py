"""Worked examples: exact, nice, different for each seed, and true."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Rational

from symbackprop.errors import InputError
from symbackprop.language.terms import Fn, Plus, Times
from symbackprop.networks.network import Network
from symbackprop.numbers.example import WorkedExample, fits, worked_example

NETWORKS = {
    "sigmoid": Network((2, 2, 1)),
    "wider": Network((2, 3, 2), "sigmoid", "mse"),
    "tanh": Network((2, 2, 2), "tanh", "sum-of-squares"),
    "relu, softmax": Network((2, 3, 2), ("relu", "softmax"), "cross-entropy"),
    "logistic": Network((3, 1), "sigmoid", "binary-cross-entropy"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_slope_is_a_fraction(name: str) -> None:
    made = worked_example(NETWORKS[name], seed=4)
    slopes = [line.result for line in made.lines if line.part in ("errors", "slopes")]
    assert slopes
    assert all(isinstance(value, Rational) for value in slopes)
    assert any(value != 0 for value in slopes)
    assert max(int(value.q) for value in slopes) <= 2000


@pytest.mark.parametrize("name", NETWORKS)
def test_weighted_inputs_are_nice(name: str) -> None:
    made = worked_example(NETWORKS[name], seed=4)
    shown = {str(x.result) for x in made.lines if str(x.quantity).startswith("Ref(z")}
    assert len(shown) >= 1
    assert all(len(text) < 40 for text in shown)


def test_relu_has_a_dead_and_a_living_neuron() -> None:
    made = worked_example(Network((2, 3, 2), ("relu", "softmax"), "cross-entropy"), seed=9)
    outputs = [x.result for x in made.lines if str(x.quantity).startswith("Ref(a, 1")]
    assert 0 in outputs
    assert any(value != 0 for value in outputs)


def test_seeds_differ_and_repeat() -> None:
    network = Network((2, 2, 1))
    first, again, other = (worked_example(network, seed=s) for s in (1, 1, 2))
    assert first.given == again.given
    assert first.given != other.given


def test_slopes_are_those_of_sympy() -> None:
    """The cost written out with the example's numbers, differentiated by SymPy alone."""
    made = worked_example(Network((2, 2, 1)), seed=4)
    for line in made.lines:
        if line.part == "slopes":
            assert sp.simplify(_slope(made, line.quantity) - line.result) == 0


def _slope(made: WorkedExample, quantity: sp.Basic) -> sp.Expr:
    of = quantity.args[1]
    variable = sp.Symbol("v")
    values = {str(ref): _expr(value) for ref, value in made.given}
    values[str(of)] = variable

    def ref(name: str, layer: int, *at: int) -> sp.Expr:
        return values[f"Ref({', '.join(map(str, (name, layer, *at)))})"]

    below = [ref("a", 0, k) for k in (1, 2)]
    for layer, width in ((1, 2), (2, 1)):
        zs = [
            sum(ref("w", layer, j, k) * v for k, v in enumerate(below, start=1))
            + ref("b", layer, j)
            for j in range(1, width + 1)
        ]
        below = [1 / (1 + sp.exp(-z)) for z in zs]
    y = next(_expr(value) for r, value in made.given if str(r).startswith("Ref(y"))
    cost = (below[0] - y) ** 2 / 2
    original = _expr({str(r): v for r, v in made.given}[str(of)])
    return sp.diff(cost, variable).subs(variable, original)


def _expr(term: sp.Basic) -> sp.Expr:
    """A number of the example as SymPy has it."""
    if isinstance(term, Rational):
        return term
    if isinstance(term, Fn):
        assert term.name == "log"
        return sp.log(_expr(term.arg))
    parts = [_expr(arg) for arg in term.args]
    assert isinstance(term, Plus | Times)
    return sum(parts, sp.Integer(0)) if isinstance(term, Plus) else sp.prod(parts)


def test_what_is_too_large_or_unknown_is_refused() -> None:
    assert not fits(Network((784, 30, 10)))
    assert not fits(Network((2, 2, 1), "gelu"))
    with pytest.raises(InputError, match="at most 24"):
        worked_example(Network((9, 9, 9)))
