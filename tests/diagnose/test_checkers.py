"""A gradient check is itself checked; networks with their gradients for property tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from symbackprop.diagnose.checkers import check_my_check, parameters_of
from symbackprop.diagnose.probes import probe
from symbackprop.diagnose.strategies import networks


def central(cost, gradients, parameters, tolerance=1e-6, h=1e-6) -> bool:
    """Central differences of every parameter, relative to the largest entry of all."""
    given_ = gradients(parameters)
    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            costs = []
            for sign in (1, -1):
                moved = {**parameters, name: value.copy()}
                moved[name][place] += sign * h
                costs.append(cost(moved))
            if abs((costs[0] - costs[1]) / (2 * h) - given_[name][place]) > tolerance:
                return False
    return True


def test_a_sound_check_misses_nothing() -> None:
    told = check_my_check(central)
    assert told.planted > 300
    assert told.missed == ()
    assert told.refused == ()


def test_a_check_that_skips_the_biases_is_found_out() -> None:
    def weights_only(cost, gradients, parameters) -> bool:
        def kept(p):
            return {n: g for n, g in gradients({**parameters, **p}).items() if n[0] == "W"}

        return central(
            lambda p: cost({**parameters, **p}),
            kept,
            {n: v for n, v in parameters.items() if n[0] == "W"},
        )

    missed = {row.mistake for row in check_my_check(weights_only).missed}
    assert "bias-gradient-zero" in missed
    assert "penalty-on-biases" in missed
    assert "hidden-slope-missing" not in missed


def test_one_sample_hides_what_a_batch_shows() -> None:
    point = probe((4, 4, 4), 5, 2, positive=True)
    ids = {row.mistake for row in check_my_check(lambda *_: True, points=[point]).missed}
    alone = {
        row.mistake for row in check_my_check(lambda *_: True, points=[point.sample(0)]).missed
    }
    assert "weights-not-averaged" in ids - alone
    assert "last-sample-only" in ids - alone


def test_a_check_that_refuses_right_gradients_is_told() -> None:
    told = check_my_check(lambda *_: False)
    assert told.missed == ()
    assert len(told.refused) == 4
    assert "4 right ones were refused" in str(told)


@settings(max_examples=40, deadline=None)
@given(networks(deepest=2, widest=3, most_samples=3))
def test_networks_come_with_their_true_gradients(example) -> None:
    point = example.point
    shapes = {name: value.shape for name, value in parameters_of(point).items()}
    assert {name: value.shape for name, value in example.gradients.items()} == shapes
    # along W^L the quadratic model of the cost has the gradient as its slope
    from symbackprop.diagnose.problems import Flow

    last = f"W{point.depth}"
    step = 1e-6 * np.ones_like(point.W[-1])
    costs = [
        Flow(replace(point, W=(*point.W[:-1], point.W[-1] + sign * step)), example.setting).cost()
        for sign in (1, -1)
    ]
    slope = (costs[0] - costs[1]) / 2
    z = Flow(point, example.setting).z(point.depth)
    if np.abs(z).min() > 1e-4:  # away from the kinks
        assert abs(slope - float((example.gradients[last] * step).sum())) < 1e-10
