"""The list of all partials says what the proved statements say."""

from __future__ import annotations

import pytest

from symbackprop.derive import derive
from symbackprop.errors import InputError
from symbackprop.networks.network import Network
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.partials import all_partials_latex


@pytest.mark.parametrize("layers", [(2, 3, 2), (4, 1), (1, 2, 3, 2)])
def test_the_lines_are_those_of_the_proved_statements(layers: tuple[int, ...]) -> None:
    network = Network(layers, "sigmoid", "mse")
    derivation = derive(network, "scalar")
    printer = LatexPrinter(program=derivation.program)
    stated = {
        " = ".join(map(printer.text, step.statement.sides))
        for step in derivation.steps
        if printer.text(step.statement.left).startswith(r"\frac{\partial C}")
    }
    listed = list(all_partials_latex(network))
    assert len(listed) == network.parameters
    for line in listed:
        left, right = line.split(" = ")
        swapped = " ".join(reversed(right.split(" ")))
        assert f"{left} = {right}" in stated or f"{left} = {swapped}" in stated


def test_the_large_network() -> None:
    lines = list(all_partials_latex(Network([784, 30, 10])))
    assert len(lines) == len(set(lines)) == 23_860
    assert lines[0] == r"\frac{\partial C}{\partial w^{1}_{1,1}} = \delta^{1}_{1} a^{0}_{1}"
    assert lines[-1] == r"\frac{\partial C}{\partial b^{2}_{10}} = \delta^{2}_{10}"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"batch": "columns"}, r"= \sum_{s=1}^{m} \delta^{1}_{1,s} a^{0}_{2,s}"),
        ({"batch": "rows"}, r"= \sum_{s=1}^{m} \delta^{1}_{s,1} a^{0}_{s,2}"),
        ({"l2": True}, r"= \delta^{1}_{1} a^{0}_{2} + \lambda w^{1}_{1,2}"),
        ({"notation": "from-to"}, r"{\partial w^{1}_{2,1}} = \delta^{1}_{1} a^{0}_{2}"),
        ({"notation": "brackets", "batch": "rows"}, r"\delta^{[1](s)}_{1} a^{[0](s)}_{2}"),
    ],
)
def test_batches_penalties_and_notations(changes: dict[str, object], line: str) -> None:
    lines = list(all_partials_latex(Network([2, 1], **changes)))  # type: ignore[arg-type]
    assert line in lines[1]


def test_without_biases() -> None:
    assert len(list(all_partials_latex(Network([3, 2], biases=False)))) == 6


def test_a_general_network_is_refused() -> None:
    with pytest.raises(InputError, match="give concrete layers"):
        list(all_partials_latex(Network(None)))
