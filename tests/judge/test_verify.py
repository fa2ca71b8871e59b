"""Every partial derivative of a network: counted, proved, and wrong programs found out."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from sympy import Integer, Rational

from symbackprop.derive.backward import backward_program
from symbackprop.derive.verification import verify_partials
from symbackprop.judge.verify import verify_statements
from symbackprop.language.binding import subterms
from symbackprop.language.program import Definition, Program
from symbackprop.language.terms import SAMPLES, Act, Kron, Ref, Size, negative, times
from symbackprop.networks.forward import j, k
from symbackprop.networks.network import Network

NETWORKS = [
    Network([2, 3, 2], "sigmoid", "mse"),
    Network([4, 4, 4, 4], "tanh", "quadratic"),
    Network([3, 2], "softmax", "cross-entropy"),
    Network([2, 5, 3], ("relu", "softmax"), "cross-entropy", l2=True),
    Network([5, 4, 3], "relu", "mse", batch="columns"),
    Network([5, 4, 3], "gelu", "unspecified", batch="rows", reduction="sum"),
    Network([1, 1, 2], "leaky-relu", "quadratic", biases=False),
    Network([3, 3, 1], "sigmoid", "binary-cross-entropy"),
    Network([2, 4, 3], "softmax", "mse"),
]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.layers}-{n.activation}-{n.cost}")
def test_every_entry_is_proved_and_counted(network):
    found = verify_partials(network, seed=4)
    widths = network.layers
    count = sum(n * (k + network.biases) for k, n in itertools.pairwise(widths))
    assert found.complete
    assert found.total == found.proved == count
    assert found.bound is not None
    assert found.bound <= -100
    assert not found.failures


def spoil(program: Program, name: str, layer: int, wrong) -> Program:
    """The program with the value of one definition changed."""

    def changed(d: Definition) -> Definition:
        mine = d.target.name == name and d.target.layer == Integer(layer)
        return replace(d, value=wrong(d.value)) if mine else d

    return replace(program, definitions=tuple(map(changed, program.definitions)))


FAULTS = {
    "doubled": lambda v: times(2, v),
    "sign": negative,
    "nearly right": lambda v: times(1 + Rational(1, 10**8), v),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("name", "layer", "wrong_entries"), [
    ("gw", 1, 4 * 4), ("gw", 2, 4 * 4), ("gb", 2, 4), ("d", 3, 3 * (4 * 4 + 4)),
    ("d", 1, 4 * 4 + 4),
])  # fmt: skip
def test_a_wrong_definition_fails_exactly_the_entries_that_rest_on_it(
    fault, name, layer, wrong_entries
):
    program, claims = backward_program(Network([4, 4, 4, 4], "tanh", "quadratic"))
    assert verify_statements(claims, program, seed=4).complete
    found = verify_statements(claims, spoil(program, name, layer, FAULTS[fault]), seed=4)
    assert not found.complete
    assert found.total - found.proved == wrong_entries
    assert len(found.failures) == min(10, wrong_entries)


def test_transposed_weights_on_equal_widths_fail():
    program, claims = backward_program(Network([3, 3, 3], "tanh", "quadratic"))
    values = {(d.target.name, d.target.layer): d.value for d in program.definitions}
    ref = next(n for n in subterms(values["d", 1]) if isinstance(n, Ref) and n.name == "w")
    wrong = spoil(program, "d", 1, lambda v: v.xreplace({ref: ref.at(*reversed(ref.indices))}))
    found = verify_statements(claims, wrong, seed=4)
    assert found.total - found.proved == 3 * 3 + 3


def test_the_slope_of_another_layer_fails():
    program, claims = backward_program(Network([3, 3, 3], ("tanh", "sigmoid"), "quadratic"))
    act = next(
        n for d in program.definitions if d.target.name == "d" and d.target.layer == 1
        for n in subterms(d.value) if isinstance(n, Act)
    )  # fmt: skip
    other = Act(Integer(2), act.arg, act.order)
    wrong = spoil(program, "d", 1, lambda v: v.xreplace({act: other}))
    found = verify_statements(claims, wrong, seed=4)
    assert found.total - found.proved == 12


def test_nothing_is_complete_without_claims():
    program, _ = backward_program(Network([2, 2]))
    found = verify_statements([], program, seed=1)
    assert not found.complete
    assert found.total == 0


@pytest.mark.parametrize("layers", [(5, 4, 3), (2, 4, 3), (4, 4)])
@pytest.mark.parametrize("batch", [None, "columns"])
def test_the_entry_that_fails_is_named(layers, batch):
    program, claims = backward_program(Network(layers, "tanh", "quadratic", batch=batch))
    one_off = Kron(j, Integer(1)) * Kron(k, Integer(2))
    found = verify_statements(claims, spoil(program, "gw", 1, lambda v: v + one_off), seed=4)
    assert found.failures == ("w^1_{1,2}",)


def test_a_number_does_not_stand_for_the_batch_size():
    program, claims = backward_program(Network([4, 4], "tanh", "mse", batch="columns"))
    for n in (2, 3, 5, 7, 11):
        for formal in (True, False):
            wrong = spoil(program, "d", 1, lambda v, n=n: v.xreplace({Size(SAMPLES): Integer(n)}))
            assert not verify_statements(claims, wrong, seed=4, formal=formal).complete
