"""The truth against the compiled gradients, the trainer and differences; every row of the table."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.derive import derive
from symbackprop.diagnose.curves import CURVES
from symbackprop.diagnose.mistakes import MISTAKES, TABLE
from symbackprop.diagnose.probes import probe, shapes
from symbackprop.diagnose.problems import Flow, Setting, truth
from symbackprop.diagnose.scales import SCALES, gap
from symbackprop.judge import check
from symbackprop.networks.network import Network
from symbackprop.numeric.lower import compile_gradients

SETTINGS = [
    Setting("sigmoid", "sigmoid", "quadratic"),
    Setting("tanh", "identity", "mse"),
    Setting("tanh", "sigmoid", "binary-cross-entropy"),
    Setting("relu", "softmax", "cross-entropy"),
    Setting("sigmoid", "softmax", "quadratic"),
    Setting("softplus", "tanh", "quadratic"),
    Setting("gelu", "identity", "quadratic", "lambda/(2m)"),
    Setting("silu", "sigmoid", "quadratic", "lambda/2"),
    Setting("leaky-relu", "identity", "quadratic"),
]


def differences(point, setting, h=1e-6):
    """Central differences of the cost for every parameter."""
    from dataclasses import replace

    found = {}
    for kind in "Wb":
        arrays = getattr(point, kind)
        for l, array in enumerate(arrays):
            slope = np.zeros_like(array)
            for place in np.ndindex(array.shape):
                costs = []
                for sign in (1, -1):
                    moved = array.copy()
                    moved[place] += sign * h
                    changed = (*arrays[:l], moved, *arrays[l + 1 :])
                    costs.append(Flow(replace(point, **{kind: changed}), setting).cost())
                slope[place] = (costs[0] - costs[1]) / (2 * h)
            found[f"{kind}{l + 1}"] = slope
    return found


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_truth_is_the_slope_of_the_cost(setting, depth) -> None:
    layers, samples = shapes(depth)[0]
    point = probe(layers, samples, 1, positive=True)
    assert gap(truth(point, setting), differences(point, setting)) < 1e-5


@pytest.mark.parametrize(
    ("setting", "activation", "cost"),
    [
        (Setting("sigmoid", "sigmoid", "quadratic"), "sigmoid", "quadratic"),
        (Setting("relu", "softmax", "cross-entropy"), ("relu", "softmax"), "cross-entropy"),
        (Setting("tanh", "identity", "mse"), ("tanh", "identity"), "mse"),
    ],
)
def test_the_truth_agrees_with_the_proved_and_compiled_gradients(setting, activation, cost) -> None:
    network = Network((2, 5, 3), activation=activation, cost=cost)
    gradients = compile_gradients(check(derive(network, "delta")))
    point = probe((2, 5, 3), 7, 1, positive=True)
    one = point.sample(0)
    ours = truth(one, setting)
    theirs = gradients(one.X[0], one.Y[0], list(one.W), list(one.b))
    dW, db = theirs
    for l in (1, 2):
        assert np.allclose(ours[f"W{l}"], np.asarray(dW[l - 1]).reshape(ours[f"W{l}"].shape))
        assert np.allclose(ours[f"b{l}"], np.asarray(db[l - 1]).reshape(-1))


def planted_at(mistake, setting, point):
    """The wrong gradients, or None where the row does not apply."""
    flow = Flow(point, setting)
    if not mistake.needs(flow):
        return None
    layers = tuple(sorted(mistake.places(point.depth)))
    return Flow(point, setting, mistake.planted(layers, point.depth)).gradients()


PENALISED = Setting("tanh", "identity", "quadratic", "lambda/(2m)")


@pytest.mark.parametrize("mistake", TABLE, ids=lambda m: m.id)
def test_every_mistake_changes_the_gradients_somewhere(mistake) -> None:
    gaps = []
    point = probe((4, 4, 4, 4), 5, 2, positive=True, shared="shared" in mistake.id)
    for setting in [*SETTINGS, PENALISED]:
        wrong = planted_at(mistake, setting, point)
        if wrong is not None:
            gaps.append(gap(wrong, truth(point, setting)))
    assert max(gaps) > 1e-3


def test_the_factors_are_pairwise_different_at_the_probes() -> None:
    points = [probe(layers, m, s) for s, (layers, m) in enumerate(shapes(3), start=1)]
    seen = {}
    for scale in SCALES:
        if scale.plain <= 2:
            values = tuple(round(scale.value(p), 9) for p in points)
            assert values not in seen, f"{scale} looks like {seen.get(values)}"
            seen[values] = scale


def test_residuals_have_both_signs_at_every_probe() -> None:
    for depth in (1, 2, 3):
        for outputs in (None, 1):
            for seed, (layers, m) in zip((1, 2, 3), shapes(depth, outputs), strict=True):
                point = probe(layers, m, seed, positive=True)
                for output in ("sigmoid", "tanh", "identity"):
                    residual = Flow(point, Setting("sigmoid", output)).residual
                    assert residual.min() < 0 < residual.max()


def test_kinks_are_kept_away() -> None:
    for depth in (1, 2, 3):
        for seed, (layers, m) in zip((1, 2, 3), shapes(depth), strict=True):
            flow = Flow(probe(layers, m, seed, positive=True), Setting("relu", "identity"))
            assert all(np.abs(flow.z(l)).min() > 1e-3 for l in range(1, depth + 1))


def test_every_curve_has_its_slope() -> None:
    z = np.linspace(-2, 2, 9)[None, :] + 0.013
    for curve in CURVES.values():
        slope = (curve.value(z + 1e-6) - curve.value(z - 1e-6)) / 2e-6
        assert np.allclose(curve.slope(z), slope, atol=1e-8)
        if curve.by_a is not None:
            assert np.allclose(curve.by_a(curve.value(z)), curve.slope(z))


def test_mistakes_have_sentences() -> None:
    for mistake in MISTAKES:
        assert len(mistake.says) > 10
        assert mistake.id == mistake.id.lower()
