"""The scalar form: Python numbers, our names, and the array code where ``math`` overflows."""

from __future__ import annotations

import re

import numpy as np
import pytest
import sympy as sp

from symbackprop.networks import activations
from symbackprop.networks.activations import Activation, z
from symbackprop.networks.network import Network
from symbackprop.numeric import scalar
from symbackprop.numeric.compare import random_point
from symbackprop.numeric.lower import Gradients

OURS = re.compile(r"(x|y|[zaWbt]\d+|delta\d+|d[Wb]\d+)(_\d+)+|lam|t\d+(_\d+)+")


def both(network, seed=0):
    one, other = Gradients(network, "scalar"), Gradients(network, "matrix")
    assert (one.form, other.form) == ("scalar", "matrix")
    p = random_point(one, np.random.default_rng(seed), 1)
    given = (p.X, p.Y, p.W, p.b, p.lam)
    return one(*given).flat, other(*given).flat


@pytest.mark.parametrize(
    "network",
    [
        Network([2, 3, 2]),
        Network([1, 1]),
        Network([2, 3, 4, 2], ("tanh", "gelu", "identity"), "mse", l2=True),
        Network([3, 4, 2], ("relu", "softmax"), "cross-entropy"),
        Network([3, 4, 3], ("silu", "softmax"), "binary-cross-entropy", biases=False),
        Network([2, 3, 2], ("leaky-relu", "softplus"), "mse", biases=False, l2=True),
        Network([4, 12, 3], "sigmoid", "binary-cross-entropy"),
    ],
    ids=lambda n: f"{n.layers} {n.activation} {n.cost}",
)
def test_scalar_equals_matrix(network):
    for seed in range(5):
        numbers, arrays = both(network, seed)
        assert numbers == pytest.approx(arrays, rel=1e-12, abs=1e-15)


def test_the_scalar_function_is_the_one_that_runs(monkeypatch):
    gradients = Gradients(Network([2, 3, 2]))
    monkeypatch.setattr(gradients, "_arrays", None)
    p = random_point(gradients, np.random.default_rng(0), 1)
    assert np.all(np.isfinite(gradients(p.X, p.Y, p.W, p.b).flat))


def test_where_math_overflows_the_arrays_take_over():
    """``math.exp(1000)`` raises; the answer is the one of the array code all the same."""
    gradients = Gradients(Network([2, 2], "sigmoid"))
    x, y = np.array([1000.0, -1000.0]), np.array([1.0, 0.5])
    arrays = Gradients(Network([2, 2], "sigmoid"), "matrix")
    given = (x, y, [np.eye(2)], [np.array([0.0, 999.5])])
    assert gradients._fill(*given, 0.0, gradients.buffers()) is False
    assert np.array_equal(gradients(*given).flat, arrays(*given).flat)


def test_each_quantity_stands_once_under_its_name():
    lines = Gradients(Network([2, 3, 2])).source.splitlines()
    names = [line.split(" = ")[0] for line in lines]
    assert len(names) == len(set(names))
    for expected in ("z1_1", "z1_3", "a1_2", "delta2_2", "delta1_3", "dW1_3_2", "db2_1"):
        assert expected in names
    assert max(len(line) for line in lines) < 80


def test_no_swelling():
    """The code grows with the parameters, not with the paths through the network."""
    sizes = [len(Gradients(Network([2] * n)).source) for n in (3, 6, 9)]
    assert sizes[2] - sizes[1] < 1.2 * (sizes[1] - sizes[0])


HOSTILE = '__import__("pathlib").Path("HACKED").touch()'


@pytest.fixture
def hostile_row():
    """A row with a name that would run, put into the table behind the back of its guard."""
    activations.ACTIVATIONS[HOSTILE] = Activation(HOSTILE, z**2 / 3, says=HOSTILE)
    yield
    del activations.ACTIVATIONS[HOSTILE]


@pytest.mark.usefixtures("hostile_row")
def test_only_names_of_ours_reach_lambdify(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    seen = []
    lambdify = sp.lambdify

    def spy(letters, results, **options):
        stages, _ = options["cse"](results)
        for expression in [*sp.flatten(letters), *results, *(e for pair in stages for e in pair)]:
            seen.extend(map(str, expression.free_symbols))
        return lambdify(letters, results, **options)

    monkeypatch.setattr(scalar.sp, "lambdify", spy)
    gradients = Gradients(Network([2, 3, 2], HOSTILE, l2=True))
    p = random_point(gradients, np.random.default_rng(0), 1)
    gradients(p.X, p.Y, p.W, p.b, p.lam)
    assert len(set(seen)) > 30
    assert all(OURS.fullmatch(name) for name in seen), sorted(set(seen))
    assert not list(tmp_path.iterdir())
