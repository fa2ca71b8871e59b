"""The trainer's code beside the derivation: every activation and cost, nothing shown wrongly."""

from __future__ import annotations

import sys

import pytest

from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.costs import COSTS
from symbackprop.networks.network import Network
from symbackprop.numeric import trainer
from symbackprop.render.html import to_html
from symbackprop.render.mathml import displayed
from symbackprop.render.trainer_math import trainer_code

from .conftest import four_steps

NETWORKS = [
    *(Network([2, 3, 2], name, "quadratic") for name in trainer.ACTIVATIONS),
    *(Network([2, 3, 2], "sigmoid", name) for name in COSTS),
    Network([2, 3, 2], "softmax", "cross-entropy"),
    Network([2, 3, 2], ("tanh", "relu")),
    Network(None),
    Network([2, 3, 2], "tanh", "mse", l2=True),
]
needs_latexify = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="latexify-py refuses Python 3.14"
)


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_every_kind_of_network_has_its_code_shown(network: Network) -> None:
    parts = trainer_code(network)
    names = {part["name"] for part in parts}
    assert names >= {"one layer forward", "the error, element-wise", "weights", "biases"}
    for row in network.activations:
        if row.name in trainer.ACTIVATIONS:
            assert {row.name, f"{row.name}, slope"} <= names
    for part in parts:
        assert " = " in part["tex"]
        assert displayed(part["tex"]).startswith("<math"), part["tex"]
        assert ".T" not in part["tex"]
        assert "axis" not in part["tex"]


def test_every_activation_of_the_package_is_covered() -> None:
    known = {row.name for row in ACTIVATIONS.values() if row.value is not None}
    assert known <= set(trainer.ACTIVATIONS)


@needs_latexify
def test_the_formulas_are_those_of_the_code() -> None:
    shown = {
        part["name"]: part["tex"] for part in trainer_code(Network([2, 3, 2], "sigmoid", "mse"))
    }
    assert shown["sigmoid"] == r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    assert shown["sigmoid, slope"] == r"\sigma'(z) = a \odot \left( 1 - a \right)"
    assert shown["mse, one sample"].endswith(
        r"\frac{1}{n_{L}} \sum_{k} \left( \left( a - y \right)^{2} \right)_{k}"
    )
    assert shown["weights"].endswith(r"= \left( \Delta^{l} \right)^{\top} A^{l-1}")
    assert shown["biases"].endswith(r"= \sum_{s} \left( \Delta^{l} \right)_{s}")


@needs_latexify
def test_the_penalty_is_shown_where_there_is_one() -> None:
    for l2, more in ((False, ""), (True, r" + \lambda W^{l}")):
        shown = {part["name"]: part["tex"] for part in trainer_code(Network([2, 2], l2=l2))}
        assert shown["weights"].endswith(r"\left( \Delta^{l} \right)^{\top} A^{l-1}" + more)


@needs_latexify
def test_what_latexify_cannot_show_is_shown_from_its_twin() -> None:
    shown = {part["name"]: part for part in trainer_code(Network([2, 2], "relu"))}
    assert shown["relu"]["note"] == ""
    assert "symbolic twin" in shown["relu, slope"]["note"]
    assert shown["relu, slope"]["tex"] == r"\sigma'(z) = [z > 0]"


def test_without_latexify_the_twins_fill_the_same_places(monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = [part["name"] for part in trainer_code(Network([2, 3, 2]))]
    monkeypatch.setitem(sys.modules, "latexify", None)
    without = trainer_code(Network([2, 3, 2]))
    assert [part["name"] for part in without] == with_it
    assert all("latexify-py cannot be installed" in part["note"] for part in without)


def test_it_stands_in_the_documents() -> None:
    assert "The code, as mathematics" in to_html(four_steps())


def test_nothing_is_shown_for_what_is_no_network() -> None:
    assert trainer_code(None) == []
