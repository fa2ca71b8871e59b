"""Compiled gradients against the trainer's backpropagation and the bare matrix products.

Run with ``python benchmarks/gradients.py``; with PEERS=1 in the environment also JAX, PyTorch,
PyTensor, autograd and CasADi, as far as they are installed.  Sigmoid layers, quadratic cost,
float64.  The limit is what no gradient can do without: the products forward, for ``∂C/∂W`` and
back, each into an array made before, samples as rows or as columns, whichever is faster in the run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from _timing import interleaved, one_blas_thread, ratio

one_blas_thread()

import numpy as np
from _peers import PEERS

from symbackprop import Network
from symbackprop.numeric import trainer
from symbackprop.numeric.lower import Gradients

Call = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """A network, a batch, and the demands: at most so many times the limit or the trainer."""

    layers: tuple[int, ...]
    samples: int
    of_limit: float | None
    of_trainer: float


CASES = (
    Case((2, 3, 2), 1, None, 0.25),
    Case((784, 30, 10), 1, 1.45, 1.0),
    Case((784, 30, 10), 128, 1.20, 1.0),
    Case((784, 30, 10), 1024, 1.12, 1.0),
    Case((784, 256, 128, 10), 128, 1.20, 1.0),
)


def example(layers: tuple[int, ...], samples: int) -> tuple[list, list, np.ndarray, np.ndarray]:
    """W, b, X and Y, samples as rows."""
    draw = np.random.default_rng(1)
    W, b = trainer.initial(layers, 1)
    b = [c + 0.1 * draw.standard_normal(c.shape) for c in b]
    return W, b, draw.random((samples, layers[0])), draw.random((samples, layers[-1]))


def products(layers: tuple[int, ...], samples: int, rows: bool) -> Call:
    """The unavoidable products alone."""
    W, _, X, _ = example(layers, samples)
    A = [X, *(np.ones((samples, n)) for n in layers[1:])]
    D = [np.ones((samples, n)) for n in layers]
    if not rows:
        A, D = ([np.ascontiguousarray(M.T) for M in block] for block in (A, D))
    steps = []
    for l, w in enumerate(W, start=1):
        out = np.empty_like(A[l])
        steps.append((np.dot, A[l - 1], w.T, out) if rows else (np.dot, w, A[l - 1], out))
    for l in range(len(W), 0, -1):
        out = np.empty_like(W[l - 1])
        if samples == 1:
            steps.append((np.multiply, D[l].reshape(-1, 1), A[l - 1].reshape(1, -1), out))
        else:
            pair = (D[l].T, A[l - 1]) if rows else (D[l], A[l - 1].T)
            steps.append((np.dot, *pair, out))
        if l > 1:
            out = np.empty_like(D[l - 1])
            steps.append((np.dot, D[l], W[l - 1], out) if rows else (np.dot, W[l - 1].T, D[l], out))

    def run() -> None:
        for function, p, q, out in steps:
            function(p, q, out)

    return run


def competitors(case: Case) -> dict[str, Call]:
    """All that is timed on one case."""
    W, b, X, Y = example(case.layers, case.samples)
    single = case.samples == 1
    network = Network(case.layers, batch=None if single else "rows")
    gradients = Gradients(network)  # without the proof, which other benchmarks time
    given = (X[0], Y[0], W, b) if single else (X, Y, W, b)
    out = gradients.buffers()
    names = ["sigmoid"] * len(W)
    found: dict[str, Call] = {
        "products, rows": products(case.layers, case.samples, True),
        "products, columns": products(case.layers, case.samples, False),
        "trainer": lambda: trainer.backprop(X, Y, W, b, names, "quadratic"),
        "compiled, out=": lambda: gradients(*given, out=out),
        "compiled, fresh": lambda: gradients(*given),
    }
    _same(gradients(*given), trainer.backprop(X, Y, W, b, names, "quadratic"), "compiled")
    if os.environ.get("PEERS"):
        for name, make in PEERS.items():
            call = make(W, b, X, Y)
            if call is None:
                print(f"  {name}: not installed, left out")
                continue
            _same(call(), trainer.backprop(X, Y, W, b, names, "quadratic"), name)
            found[name] = call
    return found


def _same(ours: object, theirs: object, name: str) -> None:
    """Only what gives the same gradients is timed."""
    pairs = zip([*ours[0], *ours[1]], [*theirs[0], *theirs[1]], strict=True)  # type: ignore[index]
    worst = max(np.max(np.abs(np.asarray(p) - q)) / np.max(np.abs(q)) for p, q in pairs)
    if not worst < 1e-9:
        sys.exit(f"{name} differs by {worst:.1e}")


def table(case: Case, rounds: int) -> bool:
    """Print one case; whether its demands are met."""
    times = interleaved(competitors(case), rounds=rounds)
    limit = min(("products, rows", "products, columns"), key=lambda name: median(times[name]))
    print(f"\n{list(case.layers)}, {case.samples} sample{'s' * (case.samples > 1)}")
    print(f"  {'':20}{'CPU µs':>10}{'x products':>12}{'x trainer':>12}")
    for name, seconds in times.items():
        numbers = ratio(times, name, limit), ratio(times, name, "trainer")
        print(f"  {name:20}{median(seconds) * 1e6:10.1f}{numbers[0]:12.2f}{numbers[1]:12.2f}")
    name = "compiled, out="
    met = ratio(times, name, "trainer") <= case.of_trainer
    demands = f"at most {case.of_trainer:.2f} x trainer"
    if case.of_limit is not None:
        met = met and ratio(times, name, limit) <= case.of_limit
        demands += f" and {case.of_limit:.2f} x products"
    print(f"  demanded of {name}: {demands}: {'met' if met else 'MISSED'}")
    return met


def main() -> int:
    """All cases; 0 if every demand is met."""
    rounds = int(os.environ.get("ROUNDS", "31"))
    met = [table(case, rounds) for case in CASES]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
