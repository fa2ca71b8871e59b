"""SymPy's own road for growing networks: write C out, ``diff`` it, ``simplify`` against the δ form.

Each step of SymPy's road runs in a process of its own that is ended after a limit, so that the
reader sees where it stops.
"""

from __future__ import annotations

import multiprocessing as mp
import time
from typing import Any

import sympy as sp

from symbackprop.derive.verification import verify_partials
from symbackprop.networks.network import Network

NETWORKS = ((1, 1, 1), (2, 2, 1), (2, 3, 2), (3, 4, 4, 2))
LIMIT = 20.0  # seconds of wall time for each cell of the table


def written_out(layers: tuple[int, ...]) -> tuple[sp.Expr, list[sp.Symbol], list[sp.Expr]]:
    """C, the parameters, and the δ form of each partial, everything substituted."""
    sigma = lambda u: 1 / (1 + sp.exp(-u))  # noqa: E731
    a = [[sp.Symbol(f"x{k}") for k in range(layers[0])]]
    w: list[sp.Matrix] = []
    b: list[sp.Matrix] = []
    for l, (n, m) in enumerate(zip(layers[1:], layers, strict=False), start=1):
        w.append(sp.Matrix(n, m, lambda j, k, l=l: sp.Symbol(f"w{l}_{j}_{k}")))
        b.append(sp.Matrix(n, 1, lambda j, _, l=l: sp.Symbol(f"b{l}_{j}")))
        a.append([sigma(z) for z in w[-1] * sp.Matrix(a[-1]) + b[-1]])
    y = [sp.Symbol(f"y{k}") for k in range(layers[-1])]
    cost = sum((o - t) ** 2 for o, t in zip(a[-1], y, strict=True)) / 2
    delta = [(o - t) * o * (1 - o) for o, t in zip(a[-1], y, strict=True)]
    parameters: list[sp.Symbol] = []
    gradients: list[sp.Expr] = []
    for l in range(len(w) - 1, -1, -1):
        for j in range(w[l].rows):
            parameters += [*w[l].row(j), b[l][j]]
            gradients += [*(delta[j] * a[l][k] for k in range(w[l].cols)), delta[j]]
        back = w[l].T * sp.Matrix(delta)
        delta = [back[k] * a[l][k] * (1 - a[l][k]) for k in range(w[l].cols)]
    return cost, parameters, gradients


def differentiate(layers: tuple[int, ...], answer: Any) -> None:
    cost, parameters, _ = written_out(layers)
    start = time.process_time()
    for parameter in parameters:
        cost.diff(parameter)
    answer.put(time.process_time() - start)


def simplify(layers: tuple[int, ...], answer: Any) -> None:
    cost, parameters, gradients = written_out(layers)
    start = time.process_time()
    for parameter, gradient in zip(parameters, gradients, strict=True):
        assert sp.simplify(cost.diff(parameter) - gradient) == 0
    answer.put(time.process_time() - start)


def limited(work: Any, layers: tuple[int, ...]) -> str:
    """CPU seconds of the work, or that it did not end in time."""
    context = mp.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=work, args=(layers, answer))
    process.start()
    try:
        return f"{answer.get(timeout=LIMIT):.3f}"
    except Exception:  # noqa: BLE001  (queue.Empty, or the child died)
        return f"> {LIMIT:.0f}"
    finally:
        process.terminate()
        process.join()


def main() -> None:
    print("\nSymPy's own road beside ours, CPU s")
    print(f"{'layers':>12} {'partials':>9} {'diff':>9} {'diff+simplify':>14} {'ours, proved':>13}")
    for layers in NETWORKS:
        start = time.process_time()
        found = verify_partials(Network(layers), seed=1)
        ours = time.process_time() - start
        assert found.complete
        name = "-".join(map(str, layers))
        cells = f"{limited(differentiate, layers):>9} {limited(simplify, layers):>14}"
        print(f"{name:>12} {found.total:>9} {cells} {ours:>13.3f}")


if __name__ == "__main__":
    main()
