"""Listings: the same instructions over floats, exact fractions, symbols, and as printed Python."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest

from symbackprop.networks.network import Network
from symbackprop.numeric.compare import random_point, relative_gap
from symbackprop.numeric.emit import cost_listing, gradient_listing
from symbackprop.numeric.fast import FUNCTIONS, compiled
from symbackprop.numeric.functions import NUMPY, erf
from symbackprop.numeric.listing import OPS, Instruction, Listing, needed, run
from symbackprop.numeric.lower import Gradients, named
from symbackprop.numeric.readable import gradients_source
from symbackprop.numeric.scalar import SYMBOLIC

EXACT = NUMPY | {
    "rows": lambda p: Fraction(p.shape[0]),
    "columns": lambda p: Fraction(p.shape[1]),
}


def exact_point(layers, batch, samples=3):
    """Small fractions as data and parameters."""
    draw = np.random.default_rng(4)

    def some(*shape):
        return np.vectorize(lambda n: Fraction(int(n), 7), otypes=[object])(
            draw.integers(-9, 10, shape)
        )

    ends = {None: lambda n: (n,), "rows": lambda n: (samples, n), "columns": lambda n: (n, samples)}
    W = [some(n, k) for k, n in pairwise(layers)]
    b = [some(n) for n in layers[1:]]
    return some(*ends[batch](layers[0])), some(*ends[batch](layers[-1])), W, b, Fraction(2, 5)


@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize("cost", ["quadratic", "mse"])
def test_exact_gradients_of_a_polynomial_network(batch, cost):
    """Over fractions this is the derivative itself: the cost is a parabola in each weight."""
    layers = (2, 3, 2)
    network = Network(layers, "identity", cost, batch=batch, l2=True)
    X, Y, W, b, lam = exact_point(layers, batch)
    listing, value = gradient_listing(network, batch), cost_listing(network, batch)
    found = run(listing, EXACT, named(listing, X, Y, W, b, lam), Fraction)

    def cost_at():
        return run(value, EXACT, named(value, X, Y, W, b, lam), Fraction)["C"]

    for label, parameter in zip(("dW1", "dW2", "db1", "db2"), [*W, *b], strict=True):
        for at in np.ndindex(*parameter.shape):
            middle, costs = parameter[at], []
            for step in (1, -1):
                parameter[at] = middle + step
                costs.append(cost_at())
            parameter[at] = middle
            assert found[label][at] == (costs[0] - costs[1]) / 2


def test_operations_have_a_meaning_everywhere():
    assert set(OPS) == set(NUMPY) == set(SYMBOLIC)


FORMULAS = {
    "outer": lambda p, q: [[x * y for y in q] for x in p],
    "column": lambda p: [[x] for x in p],
    "add": lambda p, q: [x + y for x, y in zip(p, q, strict=True)],
    "subtract": lambda p, q: [x - y for x, y in zip(p, q, strict=True)],
    "multiply": lambda p, q: [x * y for x, y in zip(p, q, strict=True)],
    "divide": lambda p, q: [x / y for x, y in zip(p, q, strict=True)],
    "negative": lambda p: [-x for x in p],
    "reciprocal": lambda p: [1 / x for x in p],
    "exp": lambda p: [math.exp(x) for x in p],
    "log": lambda p: [math.log(x) for x in p],
    "sqrt": lambda p: [math.sqrt(x) for x in p],
    "tanh": lambda p: [1 - 2 / (1 + math.exp(2 * x)) for x in p],
    "erf": lambda p: [math.erf(x) for x in p],
    "logaddexp": lambda p, q: [
        math.log(math.exp(x) + math.exp(y)) for x, y in zip(p, q, strict=True)
    ],
    "absolute": lambda p: [abs(x) for x in p],
    "maximum": lambda p, q: [max(x, y) for x, y in zip(p, q, strict=True)],
    "step": lambda p: [1.0 if x > 0 else 0.0 for x in p],
    "where": lambda p, q, r: [y if x else z for x, y, z in zip(p, q, r, strict=True)],
    "nonzero": lambda p: p,
    "capped": lambda p: p,
    "same": lambda p: p,
    "copy": lambda p: p,
    "sum": lambda p: sum(p),
    "sum_down": lambda p: [sum(p)],
    "max_down": lambda p: [max(p)],
    "pi": lambda: math.pi,
}
MATRICES = {
    "transpose": lambda P: [list(row) for row in zip(*P, strict=True)],
    "dot": lambda P, Q: [
        [sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*Q, strict=True)]
        for row in P
    ],
    "sum_across": lambda P: [[sum(row)] for row in P],
    "max_across": lambda P: [[max(row)] for row in P],
    "add_rows": lambda P: [sum(column) for column in zip(*P, strict=True)],
    "add_columns": lambda P: [sum(row) for row in P],
    "rows": lambda P: len(P),
    "columns": lambda P: len(P[0]),
}


def test_every_operation_is_tested():
    assert {*FORMULAS, *MATRICES} == set(OPS)


@pytest.mark.parametrize("op", OPS)
def test_meaning_shape_python_and_fast_form_of_each_operation(op):
    """Spelled out in plain Python, four ways must agree with it."""
    draw = np.random.default_rng(8)
    plain = FORMULAS.get(op) or MATRICES[op]
    count = plain.__code__.co_argcount
    if op in FORMULAS:
        given = [draw.uniform(0.2, 2.0, 4) for _ in range(count)]
    else:
        given = [draw.uniform(-2, 2, shape) for shape in ((3, 4), (4, 3))[:count]]
    if op == "where":
        given[0] = np.array([1.0, 0.0, 0.0, 1.0])
    if op == "step":
        given[0] = np.array([1.0, 0.0, -2.0, 1e-300])
    expected = np.array(plain(*(v.tolist() for v in given)))
    assert NUMPY[op](*given) == pytest.approx(expected, rel=1e-14)
    assert OPS[op].shape(*(v.shape for v in given)) == expected.shape
    space = {
        "np": np,
        "erf": erf,
        "nonzero": FUNCTIONS["nonzero"],
        **dict(zip("pqr", given, strict=False)),
    }
    assert eval(OPS[op].python, space) == pytest.approx(expected, rel=1e-14)
    if op in FORMULAS and expected.ndim == 1:
        _fast_form(op, given, expected)


def _fast_form(op, given, expected):
    names = ["x", "y", "b1"][: len(given)]
    inputs = {"x": (4,), "y": (4,), "b1": (4,)}
    body = (Instruction(op, "t", tuple(names)), Instruction("copy", "u", ("t",)))
    function = compiled(Listing(inputs, body, {"db1": "u"}), 1)
    values = [*given, *[np.zeros(4)] * 3][:3]
    out = [np.full(expected.shape, np.nan)]
    assert function(values[0], values[1], [], [values[2]], 0.0, ([], out))
    assert out[0] == pytest.approx(expected, rel=1e-14)


def test_erf_to_the_last_digits():
    x = np.concatenate([np.linspace(-7, 7, 2001), [0.0, 1e-300, -1e-9, 2.0, 6.0, 50.0, np.inf]])
    exact = np.array([math.erf(v) for v in x])
    assert np.max(np.abs(erf(x) - exact) / np.maximum(np.abs(exact), 1e-300)) < 1e-15
    assert np.isnan(erf(np.nan))


@pytest.mark.parametrize(
    "instructions",
    [
        [Instruction("add", "z", ("x", "nobody"))],
        [Instruction("conjure", "z", ("x",))],
        [Instruction("exp", "x", ("x",))],
        [Instruction("exp", "z", ("x",)), Instruction("log", "z", ("x",))],
    ],
    ids=["unknown name", "unknown operation", "input assigned", "assigned twice"],
)
def test_listings_that_make_no_sense_are_refused(instructions):
    with pytest.raises(ValueError, match=r"operation|assigns|reads"):
        Listing({"x": (2,)}, tuple(instructions))


def test_outputs_must_exist():
    with pytest.raises(ValueError, match="no instruction gives"):
        Listing({"x": (2,)}, (), {"C": "z"})


def test_what_nothing_needs_is_left_out():
    chain = [Instruction("exp", "p", ("x",)), Instruction("log", "q", ("x",))]
    assert needed(chain, ["q"]) == (chain[1],)


@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize("activation", ["sigmoid", "gelu", "softmax"])
def test_the_printed_source_computes_the_same(activation, batch):
    cost = "cross-entropy" if activation == "softmax" else "mse"
    network = Network([3, 4, 2], activation, cost, batch=batch, l2=True)
    gradients = Gradients(network, "matrix")
    space = {"np": np, "erf": erf}
    exec(gradients_source(gradients.listing, network), space)
    p = random_point(gradients, np.random.default_rng(5), 4)
    given = (p.X, p.Y, p.W, p.b, p.lam)
    printed, called = space["gradients"](*given), gradients(*given)
    for one, other in product((0, 1), (0, 1)):
        assert relative_gap(np.array(printed[one][other]), called[one][other]) < 1e-13


def test_the_source_names_the_quantities_of_the_derivation():
    source = Gradients(Network([3, 4, 2], batch="rows")).source
    order = ["z1 =", "a1 =", "z2 =", "a2 =", "delta2 =", "dW2 =", "db2 =", "delta1 =", "dW1 ="]
    places = [source.index(name) for name in order]
    assert places == sorted(places)
    assert "# δ^1_sj = Σ_k w^2_kj δ^2_sk σ'(z^1_sj) with σ' = a (1 - a)" in source


def test_a_longer_batch_does_not_spoil_a_shorter_one():
    """Buffers of one size are never read by the function of another."""
    gradients = Gradients(Network([3, 4, 2], "gelu", batch="rows"))
    small = random_point(gradients, np.random.default_rng(1), 2)
    large = random_point(gradients, np.random.default_rng(2), 9)
    first = gradients(small.X, small.Y, small.W, small.b)
    gradients(large.X, large.Y, large.W, large.b)
    again = gradients(small.X, small.Y, small.W, small.b)
    assert np.array_equal(first.flat, again.flat)
