"""Worked examples: exact, nice, different for each seed, and true."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy as sp
from sympy import Float, Rational

from symbackprop.errors import InputError
from symbackprop.language.terms import Fn, Plus, Times
from symbackprop.networks.network import Network
from symbackprop.numbers import read_problem
from symbackprop.numbers.example import WorkedExample, example_of, fits, worked_example
from symbackprop.numbers.problem import for_example

MAZUR = Path(__file__).parents[2] / "derivations" / "numbers" / "mazur_2_2_2.toml"

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
    if isinstance(term, Rational | Float):
        return term
    if isinstance(term, Fn):
        assert term.name == "log"
        return sp.log(_expr(term.arg))
    parts = [_expr(arg) for arg in term.args]
    assert isinstance(term, Plus | Times)
    return sum(parts, sp.Integer(0)) if isinstance(term, Plus) else sp.prod(parts)


def test_without_fractions_there_are_decimals_unless_they_must_be_nice() -> None:
    network = Network((2, 2), "tanh", biases=False)
    made = worked_example(network, seed=3)
    assert not made.exact
    assert any(isinstance(line.result, Float) for line in made.lines)
    with pytest.raises(InputError, match="no nice numbers"):
        worked_example(network, seed=3, nice=True)


def test_weights_alone_are_exact_where_nothing_bends() -> None:
    assert worked_example(Network((2, 2, 1), "identity", biases=False), seed=3).exact


@pytest.mark.parametrize("name", NETWORKS)
def test_one_step_moves_every_parameter_against_its_slope(name: str) -> None:
    made = worked_example(NETWORKS[name], seed=4)
    start = dict(made.given)
    slopes = {x.quantity.args[1]: x.result for x in made.lines if x.part == "slopes"}
    steps = {x.quantity: x.result for x in made.lines if x.part == "step"}
    assert len(steps) == NETWORKS[name].parameters
    for quantity, result in steps.items():
        expected = _expr(start[quantity]) - made.eta * _expr(slopes[quantity])
        assert abs(float(_expr(result)) - float(expected)) < 1e-5


@pytest.mark.parametrize("name", NETWORKS)
def test_the_cost_falls(name: str) -> None:
    costs = worked_example(NETWORKS[name], seed=4).costs
    assert len(costs) > 20
    assert costs[-1] < costs[1] < costs[0]


def test_numbers_of_a_file_are_those_of_the_page() -> None:
    """Mazur prints 0.298371109 and, with biases that stay, 0.291027924 after updating early."""
    problem = for_example(read_problem(MAZUR))
    made = example_of(problem, Network((2, 2, 2)))
    shown = {str(x.quantity): str(x.result) for x in made.lines if x.part != "step"}
    assert shown["Ref(z, 1, 1)"].startswith("0.3775")
    assert round(made.costs[0], 9) == 0.298371109
    assert round(made.costs[1], 9) == 0.291027774
    assert not made.moves
    assert not [x for x in made.lines if x.part == "step" and str(x.quantity).startswith("Ref(b")]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("x = [0.05, 0.10]", "x = [[0.05, 0.10], [1, 2]]", "2 samples in x, but 1 in y"),
        ("keep_biases = true", "", "biases shared by a layer"),
        ("b = [0.35, 0.60]", 'b = [0.35, "?"]', "not stated"),
        ('cost = "quadratic"', 'cost = "output"', "no target"),
        ("[[0.15, 0.20], [0.25, 0.30]]", "[[0.15, 0.20, 1], [0.25, 0.30]]", "W1, row 1: 3 numbers"),
    ],
)
def test_numbers_that_cannot_be_told(old: str, new: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(MAZUR.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=says):
        for_example(read_problem(file, bare=True))


def test_printed_numbers_may_be_missing_in_a_handout(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(MAZUR.read_text(encoding="utf-8").partition("[[printed]]")[0], encoding="utf-8")
    assert read_problem(file, bare=True).printed == ()
    with pytest.raises(InputError, match=r"no .*printed"):
        read_problem(file)


def test_what_is_too_large_or_unknown_is_refused() -> None:
    assert not fits(Network((784, 30, 10)))
    assert not fits(Network((2, 2, 1), "gelu"))
    with pytest.raises(InputError, match="at most 24"):
        worked_example(Network((9, 9, 9)))
