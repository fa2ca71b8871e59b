"""Numbers that a person can do by hand: exact fractions from the inputs to the slopes.

Every weighted input is 0, ±ln 2 or ±ln 3 (for tanh half of that, for ReLU and the identity a small
whole number), so that every activation is a fraction: σ(ln 3) = 3/4, tanh(½ ln 3) = 1/2.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sympy as sp
from mpmath import mp, mpf
from sympy import Expr, Integer, Rational

from symbackprop.networks.activations import a as a_symbol
from symbackprop.networks.costs import y as y_symbol
from symbackprop.networks.network import Network
from symbackprop.numbers.problem import Problem
from symbackprop.numbers.run import DIGITS, Run

TRIES = 80
Z = {
    "sigmoid": tuple(sp.log(n) for n in (2, 3)) + tuple(-sp.log(n) for n in (2, 3)) + (Integer(0),),
    "softmax": (Integer(0), sp.log(2), sp.log(3)),
    "tanh": tuple(s * sp.log(n) / 2 for n in (2, 3) for s in (1, -1)),
    "relu": (Integer(1), Integer(2), Integer(-1)),
    "identity": (Integer(1), Integer(2), Integer(-1)),
}  # fmt: skip
WEIGHTS = (Rational(1), Rational(-1), Rational(2), Rational(1, 2), Rational(-1, 2), Rational(-2))
EXACT_BY_ITSELF = ("relu", "identity")  # any fraction gives a fraction


@dataclass
class Numbers:
    """What an exact example is made from; ``state`` has z, a, da, delta, dW, db and C."""

    network: Network
    x: list[Expr]
    y: list[Expr]
    W: list[list[list[Expr]]]
    b: list[list[Expr]]
    state: dict[str, Any]


def nice_numbers(network: Network, seed: int) -> Numbers | None:
    """The numbers with the smallest denominators among many tries; None if no try is exact."""
    draw = random.Random(seed)
    tries = [found for _ in range(TRIES) if (found := _try(network, draw)) is not None]
    if not tries:
        return None
    best = min(tries, key=lambda pair: pair[0])[1]
    best.state["C"] = _cost(best)
    return best


def _targets(network: Network, draw: random.Random) -> list[Expr]:
    assert network.layers is not None
    width = network.layers[-1]
    if network.cost == "cross-entropy":
        right = draw.randrange(width)
        return [Integer(int(n == right)) for n in range(width)]
    return [Integer(draw.choice((0, 1))) for _ in range(width)]


def _try(network: Network, draw: random.Random) -> tuple[int, Numbers] | None:
    """Weights and inputs at random, biases that make each z nice; how bad its fractions are."""
    assert network.layers is not None
    x = [Integer(draw.choice((1, 2, -1))) for _ in range(network.layers[0])]
    before: list[Expr] = x
    W: list[list[list[Expr]]] = []
    b: list[list[Expr]] = []
    worst = 1
    for width, row in zip(network.layers[1:], network.activations, strict=True):
        targets = [draw.choice(Z[row.name]) for _ in range(width)]
        if row.name == "relu" and width > 1:
            targets[:2] = [Integer(2), Integer(-1)]
            draw.shuffle(targets)
        own = [[draw.choice(WEIGHTS) for _ in before] for _ in range(width)]
        sums = [sum((w * a for w, a in zip(ws, before, strict=True)), Integer(0)) for ws in own]
        if not network.biases:
            if row.name not in EXACT_BY_ITSELF and any(s not in Z[row.name] for s in sums):
                return None
            targets = sums
        W.append(own)
        b.append([z - s for z, s in zip(targets, sums, strict=True)])
        before = _activated(row.name, targets)
        worst = max(worst, *(sp.Rational(v).q for v in before))
    made = Numbers(network, x, _targets(network, draw), W, b, {})
    made.state = state = _exact(made)
    slopes = [v for layer in state["dW"] for r in layer for v in r]
    if all(v == 0 for v in slopes) or not all(v.is_Rational for v in slopes):
        return None
    same = sum(a == o for o, a in zip(before, made.y, strict=True))
    return max(worst, *(int(v.q) for v in slopes)) + 1000 * same, made


def _activated(name: str, zs: list[Expr]) -> list[Expr]:
    if name == "softmax":
        powers = [sp.exp(z) for z in zs]
        return [p / sum(powers) for p in powers]
    table = {
        "sigmoid": lambda z: 1 / (1 + sp.exp(-z)),
        "tanh": lambda z: (sp.exp(2 * z) - 1) / (sp.exp(2 * z) + 1),
        "relu": lambda z: sp.Max(0, z),
        "identity": lambda z: z,
    }
    return [table[name](z) for z in zs]


def _exact(n: Numbers) -> dict[str, Any]:
    """z, a, da, δ, dW and db of all layers, exactly, by the rules of the derivation."""
    net = n.network
    zs: list[list[Expr]] = []
    activations: list[list[Expr]] = [n.x]
    for w, b, row in zip(n.W, n.b, net.activations, strict=True):
        zs.append([sp.expand(_dot(ws, activations[-1]) + c) for ws, c in zip(w, b, strict=True)])
        activations.append(_activated(row.name, zs[-1]))
    slope = net.cost_row.slope
    assert slope is not None
    scale = Rational(1, len(n.y)) if net.cost_row.averaged else Integer(1)
    outputs = zip(activations[-1], n.y, strict=True)
    da = [[scale * slope.subs({a_symbol: a, y_symbol: y}) for a, y in outputs]]
    deltas: list[list[Expr]] = []
    for layer in range(len(n.W), 0, -1):
        name, a = net.activations[layer - 1].name, activations[layer]
        if name == "softmax":
            delta = [u * (g - _dot(da[0], a)) for u, g in zip(a, da[0], strict=True)]
        else:
            delta = [g * s for g, s in zip(da[0], _slopes(name, zs[layer - 1], a), strict=True)]
        deltas.insert(0, delta)
        if layer > 1:
            columns = zip(*n.W[layer - 1], strict=True)
            da.insert(0, [_dot(list(column), delta) for column in columns])
    dW = [
        [[d * v for v in a] for d in delta] for delta, a in zip(deltas, activations, strict=False)
    ]
    return {"z": zs, "a": activations, "da": da, "delta": deltas, "dW": dW, "db": deltas}


def _cost(n: Numbers) -> Expr:
    row = n.network.cost_row
    assert row.entry is not None
    entries = [
        row.entry.subs({a_symbol: a, y_symbol: y}, simultaneous=True)
        for a, y in zip(n.state["a"][-1], n.y, strict=True)
    ]
    scale = Rational(1, len(entries)) if row.averaged else Integer(1)
    return sp.simplify(scale * sum(entries, Integer(0)))


def _slopes(name: str, zs: list[Expr], values: list[Expr]) -> list[Expr]:
    table = {
        "sigmoid": lambda z, a: a * (1 - a),
        "tanh": lambda z, a: 1 - a**2,
        "relu": lambda z, a: Integer(int(bool(z > 0))),
        "identity": lambda z, a: Integer(1),
    }
    return [table[name](z, a) for z, a in zip(zs, values, strict=True)]


def _dot(one: list[Expr], other: list[Expr]) -> Expr:
    return sum((u * v for u, v in zip(one, other, strict=True)), Integer(0))


def problem_of(n: Numbers) -> Problem:
    """The same numbers with 45 digits, for the program that recomputes published examples."""

    def digits(v: Expr) -> Decimal:
        return Decimal(str(sp.N(v, 45)))

    net = n.network
    assert net.layers is not None
    return Problem(
        path="",
        title="",
        source="",
        layers=net.layers,
        activations=tuple(row.name for row in net.activations),
        cost=net.cost,
        x=(tuple(map(digits, n.x)),),
        y=(tuple(map(digits, n.y)),),
        W=tuple(tuple(tuple(map(digits, row)) for row in w) for w in n.W),
        b=tuple(tuple(map(digits, row)) for row in n.b),
        eta=Decimal(0),
        biases="own" if net.biases else "none",
    )


def verified(state: dict[str, Any], problem: Problem) -> None:
    """Every exact number against the recomputed one; a difference is a fault of this program."""
    with mp.workdps(DIGITS):
        other = Run(problem).final(0)
        for at, layer in enumerate(state["delta"], start=1):
            pairs = [*zip(layer, other[f"delta{at}"][0], strict=True)]
            pairs += zip(state["z"][at - 1], other[f"z{at}"][0], strict=True)
            for row, shown in zip(state["dW"][at - 1], other[f"dW{at}"], strict=True):
                pairs += zip(row, shown, strict=True)
            for exact, number in pairs:
                if abs(mpf(str(sp.N(exact, DIGITS))) - number) > mpf(10) ** -30:
                    raise AssertionError(f"the example does not add up in layer {at}")
