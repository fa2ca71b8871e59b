"""A small network as plain SymPy: C in full, and the four equations of backpropagation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Symbol

from symbackprop.errors import InputError, LimitError
from symbackprop.networks.activations import a as a_letter
from symbackprop.networks.activations import z as z_letter
from symbackprop.networks.costs import y as y_letter
from symbackprop.networks.network import Network

MAX_WORK = 1_000  # about ten seconds of SymPy's time
PER_LAYER = 3  # how much longer a derivative gets with each layer between
SAMPLES = 2  # of a mini-batch


class AnySlope(sp.Function):
    """An unspecified activation: ``AnySlope(l, n, u)`` is the n-th derivative of σ_l at u."""

    nargs = 3

    def fdiff(self, argindex: int = 3) -> Expr:
        layer, order, u = self.args
        return AnySlope(layer, order + 1, u)


class AnyCost(sp.Function):
    """An unspecified cost: ``AnyCost(0, a_1, …, y_1, …)``; with n > 0: its derivative by a_n."""

    def fdiff(self, argindex: int = 2) -> Expr:
        return AnyCost(argindex - 1, *self.args[1:])


@dataclass(frozen=True)
class Written:
    """A network written out: ``z[s][l][j]`` and ``a[s][l][j]`` for sample s, and the objective.

    ``parameters`` maps ``"w1_2_3"`` (to neuron 2 of layer 1, from neuron 3 below) and ``"b1_2"`` to
    their symbols; all counts start at 1, but for layer 0, the input.
    """

    network: Network
    parameters: dict[str, Symbol]
    z: list[list[list[Expr]]]
    a: list[list[list[Expr]]]
    y: list[list[Symbol]]
    objective: Expr


def weight(l: int, j: int, k: int) -> str:
    """The name of ``w^l_{jk}``."""
    return f"w{l}_{j}_{k}"


def bias(l: int, j: int) -> str:
    """The name of ``b^l_j``."""
    return f"b{l}_{j}"


def neurons(network: Network, l: int) -> range:
    """1 … n_l."""
    assert network.layers is not None
    return range(1, network.layers[l] + 1)


def written_out(network: Network) -> Written:
    """C (with a penalty: J) of a small network as one SymPy expression of all that it rests on."""
    refuse_large(network)
    depth = network.depth
    parameters: dict[str, Symbol] = {}
    for l in range(1, depth + 1):
        for j in neurons(network, l):
            names = [weight(l, j, k) for k in neurons(network, l - 1)]
            names += [bias(l, j)] * network.biases
            parameters.update({name: Symbol(name, real=True) for name in names})
    z, a, y = [], [], []
    for s in range(1, _samples(network) + 1):
        inputs = [Symbol(f"x{s}_{k}", real=True) for k in neurons(network, 0)]
        targets = [Symbol(f"y{s}_{k}", real=True) for k in neurons(network, depth)]
        layers_z, layers_a = _forward(network, parameters, inputs)
        z.append(layers_z)
        a.append(layers_a)
        y.append(targets)
    costs = [_cost(network, outs[-1], targets) for outs, targets in zip(a, y, strict=True)]
    objective = sp.Add(*costs) * _share(network)
    if network.l2:
        squares = sp.Add(*(p**2 for name, p in parameters.items() if name.startswith("w")))
        objective += _LAMBDA / 2 * squares
    return Written(network, parameters, z, a, y, objective)


_LAMBDA = Symbol("lambda", real=True)


def refuse_large(network: Network) -> None:
    """C grows with the product of the widths; what would never end is refused before it starts."""
    if network.layers is None:
        raise InputError("the oracle needs concrete layers", todo="give widths such as 2,3,2")
    terms = math.prod(network.layers) * _samples(network)
    if terms * PER_LAYER ** max(0, network.depth - 2) > MAX_WORK:
        raise LimitError(
            f"C written out for layers {list(network.layers)} has about {terms:,} terms",
            expected="far fewer for the oracle",
            todo="take a smaller network, such as 2,3,2 or 3,4,4,2",
        )


def _samples(network: Network) -> int:
    return SAMPLES if network.batch else 1


def _share(network: Network) -> Expr:
    """What one sample counts: 1/m of a mean, else 1."""
    mean = network.batch and network.reduction == "mean"
    return sp.Rational(1, SAMPLES) if mean else sp.Integer(1)


def _forward(
    network: Network, parameters: Mapping[str, Symbol], inputs: list[Symbol]
) -> tuple[list[list[Expr]], list[list[Expr]]]:
    """``z^l_j = Σ_k w^l_{jk} a^{l-1}_k + b^l_j`` and ``a^l = σ_l(z^l)``, substituted in full."""
    zs: list[list[Expr]] = [[]]
    as_: list[list[Expr]] = [list(inputs)]
    for l in range(1, network.depth + 1):
        z = []
        for j in neurons(network, l):
            products = [parameters[weight(l, j, k)] * u for k, u in enumerate(as_[-1], start=1)]
            shift = parameters[bias(l, j)] if network.biases else 0
            z.append(sp.Add(*products, shift))
        zs.append(z)
        as_.append(_activated(network, l, z))
    return zs, as_


def _activated(network: Network, l: int, z: list[Expr]) -> list[Expr]:
    row = network.activations[l - 1]
    if row.vector:
        total = sp.Add(*(sp.exp(u) for u in z))
        return [sp.exp(u) / total for u in z]
    if row.value is None:
        return [AnySlope(l, 0, u) for u in z]
    return [row.value.xreplace({z_letter: u}) for u in z]


def _cost(network: Network, outputs: list[Expr], targets: list[Symbol]) -> Expr:
    row = network.cost_row
    if row.entry is None:
        return AnyCost(0, *outputs, *targets)
    pairs = zip(outputs, targets, strict=True)
    total = sp.Add(*(row.entry.xreplace({a_letter: a, y_letter: y}) for a, y in pairs))
    return total / len(outputs) if row.averaged else total


def backpropagated(written: Written) -> dict[str, Expr]:
    """The four equations of backpropagation, written out with plain SymPy.

    δ^l_j = Σ_k ∂C/∂a^l_k ∂a^l_k/∂z^l_j, ∂C/∂a^{l-1}_k = Σ_j w^l_{jk} δ^l_j, ∂C/∂b^l_j = δ^l_j and
    ∂C/∂w^l_{jk} = δ^l_j a^{l-1}_k, added over the samples.
    """
    network, p = written.network, written.parameters
    total = {name: [_penalty_slope(network, name, p[name])] for name in p}
    for z, a, y in zip(written.z, written.a, written.y, strict=True):
        by_a = [_share(network) * slope for slope in _cost_slopes(network, a[-1], y)]
        for l in range(network.depth, 0, -1):
            delta = _through(network, l, by_a, z[l], a[l])
            for j, d in enumerate(delta, start=1):
                if network.biases:
                    total[bias(l, j)].append(d)
                for k, below in enumerate(a[l - 1], start=1):
                    total[weight(l, j, k)].append(d * below)
            by_a = [
                sp.Add(*(p[weight(l, j, k)] * d for j, d in enumerate(delta, start=1)))
                for k in neurons(network, l - 1)
            ]
    return {name: sp.Add(*parts) for name, parts in total.items()}


def _through(
    network: Network, l: int, by_a: list[Expr], z: list[Expr], a: list[Expr]
) -> list[Expr]:
    """``δ^l_j = Σ_k ∂C/∂a^l_k ∂a^l_k/∂z^l_j``; entry by entry only k = j is left."""
    if not network.activations[l - 1].vector:
        return [by * _slope(network, l, u) for by, u in zip(by_a, z, strict=True)]
    return [
        sp.Add(*(by * a[k] * (int(k == j) - a[j]) for k, by in enumerate(by_a)))
        for j in range(len(a))
    ]


def _penalty_slope(network: Network, name: str, parameter: Symbol) -> Expr:
    return _LAMBDA * parameter if network.l2 and name.startswith("w") else sp.Integer(0)


def _cost_slopes(network: Network, outputs: list[Expr], targets: list[Symbol]) -> list[Expr]:
    """``∂C/∂a_k`` for each output of one sample."""
    row = network.cost_row
    if row.slope is None:
        return [AnyCost(k, *outputs, *targets) for k in range(1, len(outputs) + 1)]
    slope = row.slope / (len(outputs) if row.averaged else 1)
    pairs = zip(outputs, targets, strict=True)
    return [slope.xreplace({a_letter: a, y_letter: y}) for a, y in pairs]


def _slope(network: Network, l: int, u: Expr) -> Expr:
    row = network.activations[l - 1]
    if row.slope is None:
        return AnySlope(l, 1, u)
    return row.slope.xreplace({z_letter: u})
