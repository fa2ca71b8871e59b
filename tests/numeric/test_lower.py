"""Compiled gradients: right, stable, and strict about what comes in."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import sympy as sp

from symbackprop.errors import InputError, LimitError
from symbackprop.judge.verdict import Checked, Status
from symbackprop.networks import activations, costs
from symbackprop.networks.network import Network
from symbackprop.numeric import trainer
from symbackprop.numeric.compare import compare, random_point, relative_gap
from symbackprop.numeric.functions import NUMPY
from symbackprop.numeric.listing import run
from symbackprop.numeric.lower import Gradients, compile_gradients, named
from symbackprop.numeric.witness import ByHand

CONCRETE = [name for name in activations.ACTIVATIONS if name != "unspecified"]


def networks(**more):
    """One network for each row of activations with each row of costs that fits it."""
    for activation, cost in product(CONCRETE, [c for c in costs.COSTS if c != "unspecified"]):
        hidden = "tanh" if activation == "softmax" else activation
        try:
            yield Network([4, 5, 3], activation=(hidden, activation), cost=cost, **more)
        except InputError:
            continue  # a cost that does not fit the range of the activation


def name(network):
    return f"{network.activation[-1]} {network.cost} {network.batch} {network.reduction}"


def gap(one, other):
    return max(map(relative_gap, [*one[0], *one[1]], [*other[0], *other[1]]))


def point(gradients, samples=4, seed=3):
    p = random_point(gradients, np.random.default_rng(seed), samples)
    return p.X, p.Y, p.W, p.b, p.lam


ALL_ROWS = [
    *networks(),
    *networks(batch="rows"),
    *networks(batch="columns", reduction="sum"),
]


def test_every_row_takes_part():
    assert {row.name for n in ALL_ROWS for row in n.activations} == set(CONCRETE)
    assert {n.cost for n in ALL_ROWS} == set(costs.COSTS) - {"unspecified"}


@pytest.mark.parametrize("network", ALL_ROWS, ids=name)
def test_every_row_agrees_with_three_witnesses(network):
    found = compare(Gradients(network), seed=2)
    assert found.trainer is not None
    assert found.trainer < 1e-13
    assert found.central < 1e-8
    if network.activations[0].kinks or network.activations[1].kinks:
        assert found.complex_step is None
    else:
        assert found.complex_step is not None
        assert found.complex_step < 1e-12


@pytest.mark.parametrize("l2", [False, True])
@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize("layers", [(3, 2), (3, 5, 2), (2, 3, 4, 2), (3, 120, 2)])
def test_layouts_penalty_reduction_biases_depth(layers, batch, reduction, biases, l2):
    network = Network(layers, "tanh", "mse", biases, batch, reduction, l2)
    gradients = Gradients(network)
    for samples in (1, 5):
        given = point(gradients, samples)
        witness = ByHand(network)
        assert gap(gradients(*given), witness.gradients(*given)) < 1e-13
        assert gradients.cost(*given) == pytest.approx(witness.cost(*given), rel=1e-13)


def test_hidden_softmax():
    network = Network([4, 3, 5, 2], activation=("tanh", "softmax", "sigmoid"), batch="rows")
    assert compare(Gradients(network)).worst < 1e-9


def test_columns_are_the_transpose_of_rows():
    rows, columns = (Gradients(Network([4, 5, 3], batch=batch)) for batch in ("rows", "columns"))
    X, Y, W, b, lam = point(rows)
    assert gap(rows(X, Y, W, b, lam), columns(X.T, Y.T, W, b, lam)) < 1e-14


def test_what_is_executed_equals_the_readable_listing():
    for network in (Network([4, 5, 3], batch="rows"), Network([4, 120, 3], batch="rows")):
        gradients = Gradients(network)
        given = point(gradients, samples=6)
        found = run(gradients.listing, NUMPY, named(gradients.listing, *given))
        dW, db = gradients(*given)
        both = [found["dW1"], found["dW2"]], [found["db1"], found["db2"]]
        assert gap((dW, db), both) < 1e-14
        executed = gradients.executed["rows"]
        again = run(executed, NUMPY, named(executed, *given))
        assert gap((dW, db), ([again["dW1"], again["dW2"]], [again["db1"], again["db2"]])) < 1e-14


# a user's own activations and costs, each with kinks and pieces of another kind
OWN_ACTIVATIONS = {
    "bent": activations.z / (1 + activations.z**2),
    "cubic": activations.z**3 / 7 - activations.z,
    "constant-slope": 3 * activations.z,
    "flat": sp.Integer(2),
    "absolute": sp.Abs(activations.z),
    "clipped": (sp.Max(0, activations.z) - sp.Max(0, activations.z - 2)) / 2,
    "pieces": sp.Piecewise((activations.z**2, activations.z > 1), (2 * activations.z - 1, True)),
    "bell": sp.exp(-(activations.z**2)) * sp.sqrt(sp.pi),
    "rooted": sp.log(2 + activations.z**2) / sp.sqrt(3),
    "gauss": sp.erf(activations.z) + sp.tanh(activations.z) ** 2,
}
OWN_COSTS = {
    "quartic": (activations.a - costs.y) ** 4 / 4,
    "plain": activations.a,
    "product": activations.a * costs.y,
    "bregman": sp.exp(activations.a) - activations.a * costs.y,
}


@pytest.fixture
def own_rows():
    """The rows above, known for the length of one test."""
    for key, value in OWN_ACTIVATIONS.items():
        clipping = (0.0, 2.0) if key == "clipped" else (0.0,) if key == "absolute" else ()
        activations.add_activation(f"own-{key}", value, kinks=clipping)
    for key, entry in OWN_COSTS.items():
        costs.add_cost(f"own-{key}", entry, averaged=key == "quartic")
    yield
    for key in OWN_ACTIVATIONS:
        del activations.ACTIVATIONS[f"own-{key}"]
    for key in OWN_COSTS:
        del costs.COSTS[f"own-{key}"]


@pytest.mark.usefixtures("own_rows")
@pytest.mark.parametrize("batch", [None, "rows"])
def test_rows_that_a_user_adds(batch):
    for activation, cost in [
        *((f"own-{key}", "quadratic") for key in OWN_ACTIVATIONS),
        *((name, f"own-{key}") for key in OWN_COSTS for name in ("sigmoid", "identity")),
    ]:
        network = Network([3, 4, 2], activation, cost, batch=batch, l2=True)
        for form in ("matrix", "auto"):
            found = compare(Gradients(network, form), seed=5)
            assert found.trainer is None
            assert found.central < 1e-7, (activation, cost, form)


@pytest.mark.usefixtures("own_rows")
def test_a_users_slope_against_sympy():
    """The value and the slope that are computed are those of SymPy, digit by digit."""
    at = np.linspace(-3, 3, 13) + 0.01
    for key, value in OWN_ACTIVATIONS.items():
        row = activations.ACTIVATIONS[f"own-{key}"]
        network = Network([1, 1], f"own-{key}", "own-plain", biases=False)
        gradients = Gradients(network, "matrix")
        for z in at:
            given = np.array([z]), np.array([0.0]), [np.array([[1.0]])]
            slope = float(row.slope.subs(activations.z, sp.Float(z, 30)).evalf(30))
            assert gradients(*given)[0][0][0, 0] == pytest.approx(z * slope, rel=1e-12, abs=1e-14)
            exact = float(value.subs(activations.z, sp.Float(z, 30)).evalf(30))
            assert gradients.cost(*given) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("activation", ["relu", "leaky-relu"])
@pytest.mark.parametrize("form", ["matrix", "scalar"])
def test_the_slope_at_a_kink_is_zero(activation, form):
    gradients = Gradients(Network([2, 2], activation), form)
    dW, db = gradients(np.ones(2), np.ones(2), [np.zeros((2, 2))], [np.zeros(2)])
    assert not np.any(dW[0])
    assert not np.any(db[0])


EXTREME = [
    ("sigmoid", "quadratic"),
    ("sigmoid", "binary-cross-entropy"),
    ("sigmoid", "cross-entropy"),
    ("softplus", "quadratic"),
    ("silu", "mse"),
    ("gelu", "mse"),
    ("tanh", "quadratic"),
    ("softmax", "cross-entropy"),
    ("softmax", "binary-cross-entropy"),
    ("softmax", "quadratic"),
]


@pytest.mark.parametrize(("activation", "cost"), EXTREME)
@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize("form", ["auto", "matrix"])
def test_nothing_breaks_at_a_thousand(activation, cost, batch, form):
    """``|z| = 1000`` in the output, and in a hidden layer: no inf, no nan, no warning."""
    hidden = "sigmoid" if activation == "softmax" else activation
    for layers, names in (((2, 2), (activation,)), ((2, 2, 2), (hidden, activation))):
        gradients = Gradients(Network(layers, names, cost, batch=batch), form)
        lay = {None: lambda v: v[0], "rows": lambda v: v, "columns": lambda v: v.T}[batch]
        W = [np.eye(2)] * (len(layers) - 1)
        b = [np.zeros(2)] * (len(layers) - 1)
        for target in ([1.0, 0.0], [0.0, 1.0]):
            X, Y = np.array([[1000.0, -1000.0]] * 2), np.array([target] * 2)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                dW, db = gradients(lay(X), lay(Y), W, b)
                value = gradients.cost(lay(X), lay(Y), W, b)
            assert all(np.all(np.isfinite(d)) for d in [*dW, *db])
            assert np.isfinite(value)


@pytest.mark.parametrize(
    ("activation", "cost", "expected"),
    [
        ("softmax", "cross-entropy", (0.0, 2000.0)),
        ("sigmoid", "binary-cross-entropy", (0.0, 2000.0)),
        ("sigmoid", "cross-entropy", (0.0, 1000.0)),
        ("softplus", "quadratic", (999.0**2 / 2, (1000.0**2 + 1) / 2)),
    ],
)
def test_costs_at_a_thousand_are_the_true_ones(activation, cost, expected):
    gradients = Gradients(Network([2, 2], activation, cost, biases=False))
    x = np.array([1000.0, -1000.0])
    for target, value in zip(([1.0, 0.0], [0.0, 1.0]), expected, strict=True):
        found = gradients.cost(x, np.array(target), [np.eye(2)])
        assert found == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_the_error_of_a_saturated_output():
    """a - y, also where a is 1 to the last digit."""
    gradients = Gradients(Network([2, 2], "softmax", "cross-entropy"))
    _, db = gradients(np.array([1000.0, -1000.0]), np.array([0.0, 1.0]), [np.eye(2)], [np.zeros(2)])
    assert db[0] == pytest.approx([1.0, -1.0])


@pytest.mark.parametrize("form", ["scalar", "matrix"])
@pytest.mark.parametrize("batch", [None, "rows"])
def test_results_are_fresh_unless_buffers_are_given(form, batch):
    if batch and form == "scalar":
        form = "auto"
    gradients = Gradients(Network([3, 4, 2], batch=batch), form)
    one, other = point(gradients, seed=1), point(gradients, seed=2)
    first = gradients(*one)
    kept = [array.copy() for array in (*first[0], *first[1])]
    second = gradients(*other)
    assert all(np.array_equal(p, q) for p, q in zip((*first[0], *first[1]), kept, strict=True))
    pairs = product((*first[0], *first[1]), (*second[0], *second[1]))
    assert not any(np.shares_memory(p, q) for p, q in pairs)


@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize("layers", [(3, 4, 2), (9, 9, 2)])
def test_buffers_are_filled(layers, batch):
    gradients = Gradients(Network(layers, batch=batch))
    given = point(gradients)
    out = gradients.buffers()
    assert gradients(*given, out=out) is out
    assert gap(out, ByHand(gradients.network).gradients(*given)) < 1e-13
    for array in (*out[0], *out[1]):
        array[...] = np.nan
    assert np.all(np.isfinite(np.concatenate([v.ravel() for v in gradients(*given, out=out)[0]])))


def test_foreign_buffers_are_refused():
    gradients, other = Gradients(Network([3, 4, 2])), Gradients(Network([3, 5, 2]))
    given = point(gradients)
    for out in (other.buffers(), tuple(gradients.buffers()), ([], [])):
        with pytest.raises(InputError, match="out"):
            gradients(*given, out=out)


@pytest.mark.parametrize("layers", [(3, 4, 2), (3, 30, 2)])
def test_arguments_are_never_changed(layers):
    gradients = Gradients(Network(layers, batch="rows", l2=True))
    X, Y, W, b, lam = point(gradients)
    before = [v.copy() for v in (X, Y, *W, *b)]
    gradients(X, Y, W, b, lam)
    assert all(np.array_equal(p, q) for p, q in zip((X, Y, *W, *b), before, strict=True))


@pytest.mark.parametrize("layers", [(3, 4, 2), (3, 30, 2)])
@pytest.mark.parametrize("batch", [None, "rows"])
def test_other_kinds_of_numbers_are_converted(layers, batch):
    gradients = Gradients(Network(layers, batch=batch))
    X, Y, W, b, _ = point(gradients)
    expected = gradients(X, Y, W, b)
    as_lists = [w.tolist() for w in W], [c.tolist() for c in b]
    assert gap(gradients(X.tolist(), Y.tolist(), *as_lists), expected) < 1e-15
    strided = [np.asfortranarray(w) for w in W]
    assert gap(gradients(X, Y, strided, b), expected) < 1e-14
    halves = [w.astype(np.float32) for w in W]
    assert gap(gradients(X.astype(np.float32), Y, halves, b), expected) < 1e-5
    assert gradients(X, Y, halves, b)[0][0].dtype == np.float64


WRONG = {
    "X of another width": (lambda X, Y, W, b: (X[..., :2], Y, W, b), "X has shape"),
    "X with one axis more": (lambda X, Y, W, b: (X[None], Y, W, b), "X has shape"),
    "Y of another width": (lambda X, Y, W, b: (X, Y[..., :1], W, b), "Y has shape"),
    "weights turned round": (lambda X, Y, W, b: (X, Y, [W[0].T, W[1]], b), r"W\[0\] has shape"),
    "a layer of weights missing": (lambda X, Y, W, b: (X, Y, W[:1], b), "W has 1 arrays"),
    "biases missing": (lambda X, Y, W, b: (X, Y, W, []), "b has 0 arrays"),
    "biases None": (lambda X, Y, W, b: (X, Y, W, None), "b has 0 arrays"),
    "biases as columns": (
        lambda X, Y, W, b: (X, Y, W, [c[:, None] for c in b]),
        r"b\[0\] has shape",
    ),
    "one bias for all": (lambda X, Y, W, b: (X, Y, W, [c[:1] for c in b]), r"b\[0\] has shape"),
    "words": (lambda X, Y, W, b: (np.full(X.shape, "a"), Y, W, b), "X holds"),
    "complex": (lambda X, Y, W, b: (X + 1j, Y, W, b), "X holds complex128"),
    "ragged": (lambda X, Y, W, b: ([[1.0], [1.0, 2.0]], Y, W, b), "X is no array"),
    "None": (lambda X, Y, W, b: (X, None, W, b), "Y holds object"),
    "a number": (lambda X, Y, W, b: (X, Y, 3.0, b), "W is no list"),
    "a penalty": (lambda X, Y, W, b: (X, Y, W, b, 0.1), "lam"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("layers", [(3, 4, 2), (3, 30, 2)])
@pytest.mark.parametrize("batch", [None, "rows"])
def test_wrong_arguments_are_refused_in_one_line(case, layers, batch):
    gradients = Gradients(Network(layers, batch=batch))
    X, Y, W, b, _ = point(gradients)
    spoil, says = WRONG[case]
    for function in (gradients, gradients.cost):
        with pytest.raises(InputError, match=says) as caught:
            function(*spoil(X, Y, W, b))
        assert "\n" not in str(caught.value)


def test_no_samples():
    gradients = Gradients(Network([3, 4, 2], batch="rows"))
    _, _, W, b, _ = point(gradients)
    with pytest.raises(InputError, match="no samples"):
        gradients(np.empty((0, 3)), np.empty((0, 2)), W, b)


def test_a_changed_batch_size_is_another_function():
    gradients = Gradients(Network([3, 4, 2], batch="rows"))
    for samples in (7, 1, 2, 7, 30):
        given = point(gradients, samples, seed=samples)
        assert gap(gradients(*given), ByHand(gradients.network).gradients(*given)) < 1e-13


def test_only_what_is_proved_is_compiled(proved):
    checked = proved(Network([2, 3, 2]))
    assert isinstance(compile_gradients(checked), Gradients)
    undecided = replace(checked.verdicts[0], status=Status.UNDECIDED)
    spoiled = Checked(checked.derivation, (undecided, *checked.verdicts[1:]), checked.seed)
    with pytest.raises(InputError, match=r"1 of .* steps are not proved"):
        compile_gradients(spoiled)


def test_only_concrete_networks_are_compiled(proved):
    with pytest.raises(InputError, match="no concrete network"):
        compile_gradients(proved(Network(None)))
    checked = proved(Network([2, 3, 2]))
    nameless = Checked(replace(checked.derivation, about=None), checked.verdicts, checked.seed)
    with pytest.raises(InputError, match="no concrete network"):
        compile_gradients(nameless)


def test_what_has_no_formula_is_not_compiled(proved):
    for network in (Network([2, 3, 2], "unspecified"), Network([2, 3, 2], cost="unspecified")):
        with pytest.raises(InputError, match="no formula to compute with"):
            compile_gradients(proved(network))


def test_forms(proved):
    tiny, wide = proved(Network([2, 3, 2])), proved(Network([3, 90, 40, 2]))
    assert compile_gradients(tiny).form == "scalar"
    assert compile_gradients(tiny, form="matrix").form == "matrix"
    assert compile_gradients(wide).form == "matrix"
    with pytest.raises(InputError, match=r"unknown form 'metric'.*did you mean 'matrix'"):
        compile_gradients(tiny, form="metric")
    with pytest.raises(LimitError, match=r"too many for the scalar form.*use the matrix form"):
        compile_gradients(wide, form="scalar")
    with pytest.raises(InputError, match="one sample"):
        compile_gradients(proved(Network([2, 3, 2], batch="rows")), form="scalar")


def test_the_trainer_is_not_asked_by_the_compiled_function(monkeypatch):
    gradients = Gradients(Network([3, 4, 2], batch="rows"))
    monkeypatch.setattr(trainer, "backprop", None)
    assert gradients(*point(gradients))[0][0].shape == (4, 3)


def test_callers_in_several_threads_do_not_disturb_each_other():
    gradients = Gradients(Network([40, 30, 10], batch="rows"))
    points = [point(gradients, samples=64, seed=seed) for seed in range(4)]
    expected = [gradients(*given).flat.copy() for given in points]

    def repeat(n):
        return all(np.array_equal(gradients(*points[n]).flat, expected[n]) for _ in range(150))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(repeat, range(4)))
