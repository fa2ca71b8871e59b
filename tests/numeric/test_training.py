"""The trainer, the data, and training twice."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import numpy as np
import pytest

from symbackprop.errors import InputError
from symbackprop.networks.network import Network
from symbackprop.numeric import trainer, training
from symbackprop.numeric.compare import compare, relative_gap
from symbackprop.numeric.data import digits, xor
from symbackprop.numeric.lower import Gradients
from symbackprop.numeric.training import train_both
from symbackprop.numeric.witness import ByHand


def test_the_trainer_imports_nothing_of_ours():
    tree = ast.parse(inspect.getsource(trainer))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module.split(".")[0])
    assert names <= {"__future__", "collections", "itertools", "math", "typing", "numpy"}
    code = (
        "import sys, symbackprop.numeric.trainer;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('symbackprop', 'sympy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == [
        "symbackprop",
        "symbackprop.numeric",
        "symbackprop.numeric.trainer",
    ]


def test_one_step_by_hand():
    """[1, 1], σ = identity, quadratic cost: W := W - η (W x + b - y) x."""
    identity = ["identity"]
    W, b = [np.array([[2.0]])], [np.array([0.5])]
    X, Y = np.array([[3.0]]), np.array([[1.0]])
    dW, db = trainer.backprop(X, Y, W, b, identity, "quadratic")
    assert (dW[0].item(), db[0].item()) == (5.5 * 3, 5.5)

    def gradient(*given):
        return trainer.backprop(*given, identity, "quadratic")

    steps = trainer.sgd(gradient, X, Y, W, b, rate=0.1, epochs=1, size=1, seed=0)
    ((after, shift),) = list(steps)
    assert after[0].item() == pytest.approx(2 - 0.1 * 16.5)
    assert shift[0].item() == pytest.approx(0.5 - 0.1 * 5.5)
    assert W[0].item() == 2.0


def test_batches_take_every_sample_once():
    lots = list(trainer.batches(23, 5, np.random.default_rng(0)))
    assert [len(lot) for lot in lots] == [5, 5, 5, 5, 3]
    assert sorted(np.concatenate(lots)) == list(range(23))


def test_digits():
    split = digits(seed=3)
    assert split.X.shape == (1437, 64)
    assert split.Y_test.shape == (360, 10)
    assert (split.X.min(), split.X.max()) == (0.0, 1.0)
    assert np.array_equal(split.Y.sum(axis=1), np.ones(1437))
    labels = np.concatenate([split.Y, split.Y_test]).sum(axis=0)
    assert labels.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.concatenate([split.X, split.X_test]).sum() * 16 == 561718.0
    again, other = digits(seed=3), digits(seed=4)
    assert np.array_equal(split.X, again.X)
    assert not np.array_equal(split.X, other.X)


def test_xor():
    split = xor()
    assert [(int(p) ^ int(q)) for p, q in split.X] == split.Y[:, 0].astype(int).tolist()


@pytest.mark.parametrize(
    "more",
    [{}, {"activation": "softmax", "cost": "cross-entropy"}, {"batch": "columns", "cost": "mse"}],
    ids=["quadratic", "softmax", "columns"],
)
def test_digits_are_learnt_and_the_trajectories_agree(more, proved):
    network = Network(**{"layers": [64, 30, 10], "batch": "rows", **more})
    seen = []
    report = train_both(proved(network), progress=seen.append)
    assert report.accuracy >= 0.95
    assert tuple(seen) == report.epochs
    assert [epoch.number for epoch in report.epochs] == list(range(1, 31))
    assert all(epoch.gap <= 1e-10 for epoch in report.epochs)
    assert report.agrees
    first, last = report.epochs[0], report.epochs[-1]
    assert last.cost_compiled < first.cost_compiled / 2
    assert last.cost_trainer == pytest.approx(last.cost_compiled, rel=1e-9)
    assert last.accuracy_trainer == last.accuracy_compiled


def test_xor_is_solved(proved):
    report = train_both(proved(Network([2, 3, 1], batch="rows")), dataset="xor")
    assert report.accuracy == 1.0
    assert report.epochs[-1].cost_compiled < 0.01
    assert report.agrees


def test_a_run_can_be_repeated(proved):
    checked = proved(Network([64, 30, 10], batch="rows"))
    one, two, other = (train_both(checked, epochs=2, seed=seed) for seed in (5, 5, 6))
    assert one == two
    assert one.epochs != other.epochs


@pytest.mark.parametrize("more", [{"reduction": "sum"}, {"l2": True}, {"biases": False}])
def test_sum_penalty_and_no_biases(more, proved):
    network = Network([64, 30, 10], batch="rows", **more)
    report = train_both(proved(network), epochs=3, lam=1e-4 if network.l2 else 0.0)
    assert report.accuracy > 0.85
    assert report.agrees


def test_wrong_gradients_do_not_agree(monkeypatch, proved):
    """A gradient that is wrong in the ninth digit leaves the trajectory."""

    class Spoiled(Gradients):
        def __call__(self, *given, **more):
            found = super().__call__(*given, **more)
            found[0][0][...] *= 1 + 1e-8
            return found

    monkeypatch.setattr(
        training, "compile_gradients", lambda checked: Spoiled(checked.derivation.about)
    )
    report = train_both(proved(Network([64, 30, 10], batch="rows")), epochs=2)
    assert not report.agrees
    assert report.worst_gap > 1e-10


@pytest.mark.parametrize("factor", [1.001, -1.0, 0.0])
def test_the_comparison_sees_a_wrong_factor(factor):
    class Spoiled(Gradients):
        def __call__(self, *given, **more):
            found = super().__call__(*given, **more)
            found[1][0][...] *= factor
            return found

    found = compare(Spoiled(Network([3, 4, 2], batch="rows")))
    assert min(found.trainer, found.central, found.complex_step) > 0.9 * abs(factor - 1)
    assert not found.agrees


def test_the_comparison_of_a_right_one():
    network = Network([3, 4, 2], "silu", batch="columns", l2=True)
    found = compare(Gradients(network))
    assert found.agrees
    assert found == compare(Gradients(network))


def test_the_witness_sums():
    """The sum over the samples is m times the mean; the penalty counts once in both."""
    W, b = trainer.initial((3, 4, 2), 1)
    X, Y = np.random.default_rng(0).random((5, 3)), np.random.default_rng(1).random((5, 2))
    mean, total = (
        ByHand(Network([3, 4, 2], batch="rows", reduction=how, l2=True)) for how in ("mean", "sum")
    )
    bare = mean.gradients(X, Y, W, b, 0.0)[0][0]
    penalty = mean.gradients(X, Y, W, b, 0.3)[0][0] - bare
    assert relative_gap(penalty, 0.3 * W[0]) < 1e-12
    assert relative_gap(total.gradients(X, Y, W, b, 0.3)[0][0], 5 * bare + penalty) < 1e-12


MISFITS = [
    (Network([2, 3, 2], batch="rows"), {}, "do not fit digits"),
    (Network([64, 30, 10]), {}, "mini-batches"),
    (Network([64, 5, 10], batch="rows"), {"dataset": "digit"}, "did you mean 'digits'"),
    (Network([64, 5, 10], batch="rows"), {"lam": 0.1}, "no penalty"),
]


@pytest.mark.parametrize(("network", "more", "says"), MISFITS, ids=[m[2] for m in MISFITS])
def test_what_cannot_be_trained(network, more, says, proved):
    with pytest.raises(InputError, match=says):
        train_both(proved(network), **more)


def test_gaps_of_zeros():
    zeros, ones = np.zeros(3), np.ones(3)
    assert relative_gap(zeros, zeros) == 0.0
    assert relative_gap(ones, zeros) == 1.0
    assert relative_gap(zeros, ones) == 1.0
    assert relative_gap(1.5 * ones, ones) == 0.5
