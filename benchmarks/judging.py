"""How long it takes to prove: every partial of a network, and the general derivations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from symbackprop.derive import derive
from symbackprop.derive.verification import verify_partials
from symbackprop.judge import check
from symbackprop.networks.network import Network

NETWORKS = (
    (2, 3, 2),
    (16, 32, 10),
    (784, 30, 10),
    (784, 60, 10),
    (784, 120, 10),
    (784, 256, 128, 10),
)
GENERAL: dict[str, tuple[str, dict[str, Any]]] = {
    "BP1–BP4, any σ and C": ("delta", {"activation": "unspecified", "cost": "unspecified"}),
    "matrix form, sigmoid, mse": ("matrix", {"activation": "sigmoid", "cost": "mse"}),
    "path form ①②③④": ("path", {"activation": "sigmoid", "cost": "mse"}),
    "softmax, cross-entropy": ("delta", {"activation": "softmax", "cost": "cross-entropy"}),
    "sigmoid, binary cross-entropy": (
        "delta",
        {"activation": "sigmoid", "cost": "binary-cross-entropy"},
    ),
    "mini-batch, columns": (
        "matrix",
        {"activation": "unspecified", "cost": "unspecified", "batch": "columns"},
    ),
    "penalty": ("delta", {"activation": "tanh", "cost": "quadratic", "l2": True}),
}


def best(work: Callable[[], Any], rounds: int = 3) -> tuple[float, Any]:
    """The smallest CPU time of a few rounds, and a result."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return min(times), result


def main() -> None:
    print("\nEvery partial derivative, proved one by one against forward mode")
    print(
        f"{'layers':>20} {'partials':>9} {'proved':>9} {'bound':>8} {'CPU s':>7} {'µs/partial':>11}"
    )
    best(lambda: verify_partials(Network((2, 3, 2)), seed=1))
    for layers in NETWORKS:
        seconds, found = best(lambda layers=layers: verify_partials(Network(layers), seed=1))
        name = "-".join(map(str, layers))
        print(
            f"{name:>20} {found.total:>9} {found.proved:>9} {'2^' + str(int(found.bound)):>8}"
            f" {seconds:>7.2f} {seconds / found.total * 1e6:>11.2f}"
        )
    print("\nGeneral derivations: every width, every depth (derive and prove)")
    print(f"{'':>30} {'lines':>6} {'CPU s':>7}")
    total = 0.0
    for name, (form, options) in GENERAL.items():
        network = Network(layers=None, **options)
        seconds, checked = best(lambda n=network, f=form: check(derive(n, f), seed=1))
        assert checked.proved
        total += seconds
        print(f"{name:>30} {len(checked.verdicts):>6} {seconds:>7.2f}")
    print(f"{'all of them':>30} {'':>6} {total:>7.2f}")


if __name__ == "__main__":
    main()
