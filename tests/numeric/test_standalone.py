"""The standalone file: nothing but NumPy, right by its own check, and not blind."""

from __future__ import annotations

import ast
import subprocess
import sys

import numpy as np
import pytest

from symbackprop.networks import activations
from symbackprop.networks.activations import Activation, z
from symbackprop.networks.network import Network
from symbackprop.numeric.compare import random_point
from symbackprop.numeric.lower import Gradients
from symbackprop.numeric.standalone import standalone

NETWORKS = [
    Network([2, 3, 2]),
    Network([3, 4, 2], ("relu", "softmax"), "cross-entropy", batch="rows", l2=True),
    Network([3, 4, 2], ("gelu", "softmax"), "binary-cross-entropy", batch="columns"),
    Network([3, 4, 5, 1], ("silu", "softplus", "identity"), "mse", biases=False, batch="rows"),
]


def started(text, folder):
    path = folder / "gradients.py"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.layers} {n.cost}")
def test_the_file_checks_itself(network, tmp_path):
    text = standalone(Gradients(network))
    tree = ast.parse(text)
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert {alias.name for node in imports for alias in node.names} == {"sys", "numpy"}
    assert str(network.layers) in ast.get_docstring(tree)
    done = started(text, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    gaps = dict(line.split() for line in done.stdout.splitlines())
    families = "Wb" if network.biases else "W"
    assert set(gaps) == {f"{f}{l}" for f in families for l in range(1, network.depth + 1)}
    assert all(float(gap) < 1e-8 for gap in gaps.values())


ERRORS = [
    ("delta2 = (a2 - y)", "delta2 = (a2 + y)", {"W1", "W2", "b1", "b2"}),
    ("dW1 = np.outer(delta1, x)", "dW1 = 1.00001 * np.outer(delta1, x)", {"W1"}),
    ("W2.T @ delta2 *", "W2.T @ delta2 +", {"W1", "b1"}),
    ("db2 = delta2", "db2 = np.nan * delta2", {"b2"}),
]


@pytest.mark.parametrize(("right", "wrong", "blamed"), ERRORS, ids=[e[1] for e in ERRORS])
def test_a_planted_error_is_detected(right, wrong, blamed, tmp_path):
    text = standalone(Gradients(Network([2, 3, 2])))
    assert text.count(right) == 1
    done = started(text.replace(right, wrong), tmp_path)
    assert done.returncode == 1
    assert {line.split()[0] for line in done.stdout.splitlines() if "WRONG" in line} == blamed


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.layers} {n.cost}")
def test_its_functions_are_ours(network):
    gradients = Gradients(network)
    space = {"__name__": "standalone"}
    exec(standalone(gradients), space)
    p = random_point(gradients, np.random.default_rng(6), 4)
    given = (p.X, p.Y, p.W, p.b, p.lam)
    dW, db = space["gradients"](*given)
    found = np.concatenate([v.ravel() for v in (*dW, *db)])
    assert found == pytest.approx(gradients(*given).flat, rel=1e-12, abs=1e-15)
    assert space["cost"](*given) == pytest.approx(gradients.cost(*given), rel=1e-13)


def test_a_hostile_name_stays_in_its_place(tmp_path):
    name = 'evil"""\nraise SystemExit(7)\n'
    activations.ACTIVATIONS[name] = Activation(name, z**2 / 3)
    try:
        text = standalone(Gradients(Network([2, 3, 2], name)))
    finally:
        del activations.ACTIVATIONS[name]
    assert started(text, tmp_path).returncode == 0
