"""Numbers of an example as decimals: drawn at random, or those of a file."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise
from typing import Any

from mpmath import mp

from symbackprop.networks.network import Network
from symbackprop.numbers.problem import Problem
from symbackprop.numbers.run import DIGITS, Run


def drawn_problem(network: Network, seed: int) -> Problem:
    """Weights and biases of one decimal, small enough that nothing saturates."""
    assert network.layers is not None
    draw = random.Random(seed)
    layers = network.layers

    def tenths(count: int, low: int, high: int) -> tuple[Decimal, ...]:
        chosen = [n for n in range(low, high + 1) if n]
        return tuple(Decimal(draw.choice(chosen)) / 10 for _ in range(count))

    right = draw.randrange(layers[-1])
    one_hot = network.cost == "cross-entropy"
    y = [int(n == right) if one_hot else draw.choice((0, 1)) for n in range(layers[-1])]
    pairs = list(pairwise(layers))
    return Problem(
        path="",
        title="",
        source="",
        layers=layers,
        activations=tuple(row.name for row in network.activations),
        cost=network.cost,
        x=(tenths(layers[0], -10, 10),),
        y=(tuple(map(Decimal, y)),),
        W=tuple(tuple(tenths(before, -9, 9) for _ in range(own)) for before, own in pairs),
        b=tuple(tenths(own, -5, 5) if network.biases else (Decimal(0),) * own for _, own in pairs),
        eta=Decimal(0),
        biases="own" if network.biases else "none",
    )


def state_of(problem: Problem) -> dict[str, Any]:
    """x, y, W, b, eta, z, a, da, delta, dW of all layers and C, with 40 digits."""
    depth = len(problem.layers) - 1
    with mp.workdps(DIGITS):
        run = Run(problem)
        found = run.final(0)
        return {
            "z": [found[f"z{n}"][0] for n in range(1, depth + 1)],
            "a": [found[f"a{n}"][0] for n in range(depth + 1)],
            "da": [found[f"da{n}"][0] for n in range(1, depth + 1)],
            "delta": [found[f"delta{n}"][0] for n in range(1, depth + 1)],
            "dW": [found[f"dW{n}"] for n in range(1, depth + 1)],
            "x": run.x[0], "y": run.y[0], "W": run.W, "b": run.b, "eta": run.eta,
            "C": found["C"][0][0],
        }  # fmt: skip
