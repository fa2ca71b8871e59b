"""The oracle: SymPy's own derivatives of C written out, and a comparison that can say no."""

from __future__ import annotations

import itertools

import pytest
import sympy as sp

from symbackprop import oracle
from symbackprop.commands.as_sympy import gradients
from symbackprop.derive import derive
from symbackprop.errors import InputError, LimitError
from symbackprop.judge import check
from symbackprop.networks.activations import ACTIVATIONS, activation_named
from symbackprop.networks.costs import COSTS, cost_named
from symbackprop.networks.network import Network
from symbackprop.oracle.fractions import Fractions


def fits(activation: str, cost: str) -> bool:
    needs, row = cost_named(cost).needs, activation_named(activation)
    return needs is None or row.name == "unspecified" or row.range == needs


PAIRS = [pair for pair in itertools.product(ACTIVATIONS, COSTS) if fits(*pair)]


@pytest.mark.parametrize(("activation", "cost"), PAIRS)
def test_every_activation_and_cost_is_decided(activation: str, cost: str) -> None:
    report = oracle.check(Network([2, 3, 2], activation=activation, cost=cost))
    assert (len(report.equal), report.different, report.undecided) == (17, (), ())


@pytest.mark.parametrize(("activation", "cost"), PAIRS)
def test_the_proved_derivation_is_what_sympy_finds(activation: str, cost: str) -> None:
    network = Network([2, 2, 2], activation=activation, cost=cost)
    checked = check(derive(network, "scalar", full=True), seed=1)
    ours = gradients(checked, oracle.written_out(network))
    report = oracle.compare_with(network, ours)
    assert checked.proved
    assert (len(report.equal), report.different, report.undecided) == (12, (), ())


@pytest.mark.parametrize(
    "options",
    [
        {"l2": True},
        {"biases": False},
        {"batch": "columns"},
        {"batch": "rows", "reduction": "sum", "l2": True},
        {"activation": ("softmax", "tanh"), "cost": "mse"},
        {"activation": ("relu", "softmax"), "cost": "cross-entropy"},
    ],
)
def test_every_option_is_decided(options: dict[str, object]) -> None:
    network = Network([2, 3, 2], **options)  # type: ignore[arg-type]
    report = oracle.check(network)
    assert len(report.equal) == report.total == network.parameters


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
def test_three_layers(activation: str) -> None:
    report = oracle.check(Network([3, 4, 4, 2], activation=activation, cost="mse"))
    assert len(report.equal) == report.total == 46


def spoiled(network: Network, **changes: object) -> oracle.OracleReport:
    written = oracle.written_out(network)
    right = oracle.backpropagated(written)
    wrong = {name: change(right, written) for name, change in changes.items()}  # type: ignore[operator]
    return oracle.compare_with(network, {**right, **wrong})


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "unspecified"])
def test_a_spoiled_gradient_is_different(activation: str) -> None:
    cost = "quadratic"
    tiny = sp.Rational(1, 10**6)
    report = spoiled(
        Network([2, 2, 2], activation=activation, cost=cost),
        w1_1_1=lambda right, written: -right["w1_1_1"],
        w2_1_2=lambda right, written: right["w2_1_1"],
        b1_2=lambda right, written: right["b1_2"] * (1 + tiny),
        b2_1=lambda right, written: right["b2_1"] + tiny,
    )
    assert set(report.different) == {"w1_1_1", "w2_1_2", "b1_2", "b2_1"}
    assert len(report.equal) == 8


def test_an_unspecified_function_is_never_called_different() -> None:
    network = Network([2, 2, 2], activation="unspecified", cost="unspecified")
    report = spoiled(network, b2_1=lambda right, written: 2 * right["b2_1"])
    assert report.undecided == ("b2_1",)
    assert report.different == ()


def test_the_short_form_of_cross_entropy_needs_its_fact() -> None:
    network = Network([2, 2, 2], activation="softmax", cost="cross-entropy")
    written = oracle.written_out(network)
    short = written.a[0][-1][0] - written.y[0][0]
    assert oracle.compare_with(network, {"b2_1": short}).equal == ("b2_1",)
    mse = Network([2, 2, 2], activation="softmax", cost="mse")
    assert oracle.compare_with(mse, {"b2_1": short}).different == ("b2_1",)


def test_a_relu_kink_does_not_confuse_max_and_its_mirror() -> None:
    network = Network([1, 1, 1], activation="relu")
    written = oracle.written_out(network)
    fractions = Fractions(written, short=False)
    u = written.z[0][1][0]
    assert fractions.same(sp.Max(0, u) + sp.Min(0, u), u)
    assert fractions.same(sp.Heaviside(u) * sp.Max(0, u), sp.Max(0, u))
    assert fractions.same(sp.Heaviside(-u), 1 - sp.Heaviside(u))
    assert not fractions.same(sp.Heaviside(-u), sp.Heaviside(u))


def test_normal_forms_know_the_definitions_and_nothing_more() -> None:
    fractions = Fractions(oracle.written_out(Network([1, 1], activation="sigmoid")), short=False)
    x = sp.Symbol("x1_1", real=True)
    s = 1 / (1 + sp.exp(-x))
    assert fractions.same(s.diff(x), s * (1 - s))
    assert fractions.same(sp.exp(2 * x), 1 / sp.exp(-x) ** 2)
    assert fractions.same(1 / sp.sqrt(2), sp.sqrt(2) / 2)
    assert fractions.same(sp.erf(-x) / sp.sqrt(sp.pi), -sp.erf(x) * sp.pi ** sp.Rational(-1, 2))
    assert not fractions.same(s, s**2)
    assert not fractions.same(sp.sqrt(2), sp.sqrt(3))


def test_c_is_written_out_to_the_inputs() -> None:
    written = oracle.written_out(Network([2, 3, 2], activation="tanh"))
    names = {str(letter) for letter in written.objective.free_symbols}
    assert names == {*written.parameters, "x1_1", "x1_2", "y1_1", "y1_2"}
    assert len(written.parameters) == 17


def test_numbers_agree_with_a_forward_pass_by_hand() -> None:
    written = oracle.written_out(Network([1, 1, 1], activation="sigmoid", cost="mse"))
    values = dict.fromkeys(written.objective.free_symbols, sp.Integer(1))
    hidden = 1 / (1 + sp.exp(-2))
    output = 1 / (1 + sp.exp(-hidden - 1))
    expected = (output - 1) ** 2
    assert abs(written.objective.subs(values).evalf(20) - expected.evalf(20)) < 1e-18


@pytest.mark.parametrize("layers", [[784, 30, 10], [2, 3, 3, 3, 3, 2]])
def test_what_would_never_end_is_refused(layers: list[int]) -> None:
    with pytest.raises(LimitError, match="2,3,2"):
        oracle.check(Network(layers))


def test_every_width_at_once_is_not_the_oracles_business() -> None:
    with pytest.raises(InputError, match="concrete"):
        oracle.check(Network(None))


def test_a_strange_parameter_is_named() -> None:
    with pytest.raises(InputError, match="w9_1_1"):
        oracle.compare_with(Network([1, 1]), {"w9_1_1": sp.Integer(0)})
