"""Training twice from one seed: with the trainer's gradients and with the compiled ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbackprop.errors import InputError, nearest
from symbackprop.judge.verdict import Checked
from symbackprop.networks.network import Network
from symbackprop.numeric import trainer
from symbackprop.numeric.boundary import Array
from symbackprop.numeric.compare import relative_gap
from symbackprop.numeric.data import DATASETS, Split
from symbackprop.numeric.lower import Gradients, compile_gradients
from symbackprop.numeric.witness import ByHand, known

AGREE = 1e-10
DEFAULT_RATE = 0.1

# learning rates that suit a pair of output activation and cost; others take DEFAULT_RATE
RATES: dict[tuple[str, str], float] = {
    ("sigmoid", "quadratic"): 3.0,
    ("sigmoid", "mse"): 15.0,
    ("sigmoid", "binary-cross-entropy"): 0.5,
    ("softmax", "cross-entropy"): 0.5,
}


@dataclass(frozen=True)
class Course:
    """How a data set is trained by default: epochs, samples in a batch, a factor on the rate."""

    epochs: int
    size: int
    pace: float = 1.0


COURSES = {"digits": Course(30, 10), "xor": Course(1_000, 4, pace=2.0)}


@dataclass(frozen=True)
class Epoch:
    """After one pass over the data: cost on it, accuracy on the test data, and the gap.

    ``gap`` is the largest relative gap of the two sets of weights and biases.
    """

    number: int
    cost_trainer: float
    cost_compiled: float
    accuracy_trainer: float
    accuracy_compiled: float
    gap: float


@dataclass(frozen=True)
class TrainingReport:
    """Both courses, epoch by epoch, and what is needed to repeat them."""

    network: Network
    dataset: str
    seed: int
    rate: float
    size: int
    epochs: tuple[Epoch, ...]

    @property
    def accuracy(self) -> float:
        """Test accuracy of the compiled gradients at the end."""
        return self.epochs[-1].accuracy_compiled

    @property
    def worst_gap(self) -> float:
        """The largest gap of all epochs."""
        return max(epoch.gap for epoch in self.epochs)

    @property
    def agrees(self) -> bool:
        """Whether the two trajectories stay together within 1e-10 at every epoch."""
        return self.worst_gap <= AGREE


def train_both(
    checked: Checked,
    *,
    epochs: int | None = None,
    seed: int = 1,
    dataset: str = "digits",
    rate: float | None = None,
    size: int | None = None,
    lam: float = 0.0,
    progress: Callable[[Epoch], None] | None = None,
) -> TrainingReport:
    """Train the network of a proved derivation twice, on the same batches from the same weights.

    ``progress`` is called after each epoch.  Raises ``InputError`` if the network does not fit the
    data, is made for one sample, or has an activation or cost that the trainer does not know.
    """
    if dataset not in DATASETS:
        raise InputError(f"unknown data set {dataset!r}", expected=nearest(dataset, DATASETS))
    gradients = compile_gradients(checked)
    network, course, split = gradients.network, COURSES[dataset], DATASETS[dataset](seed)
    _refuse_misfit(network, dataset, split)
    epochs, size = epochs or course.epochs, size or course.size
    rate = rate or usual_rate(network, size) * course.pace
    if lam and not network.l2:
        raise InputError("lam is given, but the network has no penalty", todo="set l2=True")
    W, b = trainer.initial(network.layers, seed)
    b = b if network.biases else []
    ways = [_by_hand(network, lam), _compiled(gradients, lam)]
    runs = [
        trainer.sgd(way, split.X, split.Y, W, b, rate=rate, epochs=epochs, size=size, seed=seed)
        for way in ways
    ]
    done = []
    for number, (one, other) in enumerate(zip(*runs, strict=True), start=1):
        done.append(_epoch(number, gradients, split, one, other, lam))
        if progress is not None:
            progress(done[-1])
    return TrainingReport(network, dataset, seed, rate, size, tuple(done))


def usual_rate(network: Network, size: int) -> float:
    """The learning rate for a network's output activation and cost, and for batches of a size."""
    rate = RATES.get((network.output_activation.name, network.cost), DEFAULT_RATE)
    return rate / size if network.reduction == "sum" else rate


def _refuse_misfit(network: Network, dataset: str, split: Split) -> None:
    layers = network.layers
    assert layers is not None
    if (layers[0], layers[-1]) != split.ends:
        n, k = split.ends
        raise InputError(
            f"layers {list(layers)} do not fit {dataset}", expected=f"{n} inputs and {k} outputs"
        )
    if network.batch is None:
        raise InputError("training takes mini-batches", todo='make the network with batch="rows"')
    if not known(network):
        raise InputError("the trainer does not know this network's activations or cost")


def _by_hand(network: Network, lam: float) -> Callable[..., Any]:
    witness = ByHand(network)
    lay = _laid(network)
    return lambda X, Y, W, b: witness.gradients(lay(X), lay(Y), W, b, lam)


def _compiled(gradients: Gradients, lam: float) -> Callable[..., Any]:
    """The compiled gradients; each step is taken before the next overwrites the buffers."""
    out, lay = gradients.buffers(), _laid(gradients.network)
    return lambda X, Y, W, b: gradients(lay(X), lay(Y), W, b, lam, out=out)


def _laid(network: Network) -> Callable[[Array], Array]:
    """Rows as the network's layout wants them."""
    return np.transpose if network.batch == "columns" else lambda X: X


def _epoch(
    number: int, gradients: Gradients, split: Split, one: Any, other: Any, lam: float
) -> Epoch:
    network = gradients.network
    lay = _laid(network)
    X, Y = lay(split.X), lay(split.Y)
    gap = max(map(relative_gap, [*other[0], *other[1]], [*one[0], *one[1]]))
    return Epoch(
        number,
        ByHand(network).cost(X, Y, one[0], one[1], lam),
        gradients.cost(X, Y, other[0], other[1], lam),
        accuracy(network, split, *one),
        accuracy(network, split, *other),
        gap,
    )


def accuracy(network: Network, split: Split, W: Any, b: Any) -> float:
    """The share of test samples whose largest output (of one output: its rounding) is right."""
    biases = b or [np.zeros(len(w)) for w in W]
    names = [row.name for row in network.activations]
    outputs = trainer.forward(split.X_test, W, biases, names)[1][-1]
    if outputs.shape[1] == 1:
        return float(np.mean((outputs > 0.5) == (split.Y_test > 0.5)))
    return float(np.mean(outputs.argmax(axis=1) == split.Y_test.argmax(axis=1)))
