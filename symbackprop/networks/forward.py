"""Network ──forward──▶ Program: the definitions that give every statement its meaning."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from sympy import Basic, Integer

from symbackprop.language.program import Declaration, Definition, L, Program, U, l
from symbackprop.language.terms import (
    SAMPLES,
    Act,
    Fn,
    LayerSum,
    Opaque,
    Partial,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Times,
    Vec,
    plus,
    symbols_of,
    times,
)
from symbackprop.networks.activations import Activation
from symbackprop.networks.activations import a as a_symbol
from symbackprop.networks.activations import z as z_symbol
from symbackprop.networks.costs import y as y_symbol
from symbackprop.networks.network import Network
from symbackprop.networks.tidy import written

j, k, i, s, t, p, q = symbols_of("j k i s t p q")


def w(layer: Basic, *at: Basic) -> Ref:
    """``w^l_{jk}``: from neuron k of layer l-1 to neuron j of layer l; whole: W (n_l × n_{l-1})."""
    return Ref("w", layer, *at)


def b(layer: Basic, *at: Basic) -> Ref:
    """The bias ``b^l_j``."""
    return Ref("b", layer, *at)


def z(layer: Basic, *at: Basic) -> Ref:
    """The weighted input ``z^l_j``."""
    return Ref("z", layer, *at)


def a(layer: Basic, *at: Basic) -> Ref:
    """The activation ``a^l_j``; a^0 is the input."""
    return Ref("a", layer, *at)


def y(*at: Basic) -> Ref:
    """The target ``y_k``."""
    return Ref("y", Ref("").args[1], *at)


def delta(layer: Basic, *at: Basic) -> Ref:
    """The error ``δ^l_j = ∂C/∂z^l_j``."""
    return Ref("delta", layer, *at)


C = Ref("C")
J = Ref("J")
LAMBDA = Ref("lambda")


def entry(network: Network, neuron: Basic) -> tuple[Basic, ...]:
    """The indices of neuron ``neuron`` of sample s in the network's layout."""
    return {None: (neuron,), "columns": (neuron, s), "rows": (s, neuron)}[network.batch]


def forward(network: Network) -> Program:
    """The forward definitions of a network, then C (and J), then δ."""
    depth = None if network.general else network.depth
    top: Basic = L if depth is None else Integer(depth)
    sample = {None: (), "columns": (Size(SAMPLES),), "rows": (Size(SAMPLES),)}[network.batch]

    def axes(width: Size) -> tuple[Size, ...]:
        return (*sample, width) if network.batch == "rows" else (width, *sample)

    own, before = Size(l), Size(l - 1)
    target_fact = network.cost_row.sums_to_one
    declarations = (
        Declaration("w", (own, before), layered=True, lowest=1, meaning="weight"),
        Declaration("b", (own,), layered=True, lowest=1, meaning="bias"),
        Declaration("z", axes(own), layered=True, lowest=1, meaning="weighted input"),
        Declaration("a", axes(own), layered=True, meaning="activation"),
        Declaration("y", axes(Size(top)), sums_to_one=target_fact, meaning="target"),
        Declaration("C", meaning="cost"),
        Declaration("lambda", meaning="penalty"),
        Declaration("J", meaning="cost with penalty"),
        Declaration("delta", axes(own), layered=True, lowest=1, meaning="error"),
    )
    definitions = [_weighted_input(network, top), *_activations(network, top)]
    definitions.append(Definition(C, cost_of_all(network, top)))
    if network.l2:
        squares = Sum(Sum(Power(w(q, j, k), Integer(2)), k, Size(q - 1)), j, Size(q))
        penalty = times(LAMBDA / 2, LayerSum(squares, q, Integer(1), top))
        definitions.append(Definition(J, plus(C, penalty)))
    error = Partial(C, z(l, *entry(network, j)))
    definitions.append(Definition(delta(l, *entry(network, j)), error, Integer(1), top))
    return Program(
        declarations,
        tuple(definitions),
        depth=depth,
        widths=network.layers,
        activations=_formulas(network),
        general_cost=_general_cost(network, top),
    )


def _general_cost(network: Network, top: Basic) -> Definition | None:
    if network.cost_row.entry is None:
        return None
    return Definition(C, cost_of_all(replace(network, cost="unspecified"), top))


def _formulas(network: Network) -> dict[Basic | None, tuple[str, Basic | None]]:
    """Name and formula of the activation of each layer, one entry where all are alike."""

    def of(row: Activation) -> tuple[str, Basic | None]:
        return (row.name, None if row.value is None else written(row.value, {z_symbol: U}))

    if network.general:
        hidden, output = network.activations
        return {None: of(hidden), L: of(output)}
    if len(set(network.activations)) == 1:
        return {None: of(network.activations[0])}
    return {Integer(n): of(row) for n, row in enumerate(network.activations, start=1)}


def _weighted_input(network: Network, top: Basic) -> Definition:
    """``z^l_j = Σ_k w^l_{jk} a^{l-1}_k + b^l_j``."""
    total = Sum(times(w(l, j, k), a(l - 1, *entry(network, k))), k, Size(l - 1))
    value = plus(total, b(l, j)) if network.biases else total
    return Definition(z(l, *entry(network, j)), value, Integer(1), top)


def _activations(network: Network, top: Basic) -> list[Definition]:
    """``a^l_j = σ_l(z^l_j)``: one schema for a run of element-wise layers, one for each softmax."""
    if network.general:
        hidden, output = network.activations
        if not output.vector:
            return [_activation(network, output, l, Integer(1), top)]
        return [
            _activation(network, hidden, l, Integer(1), top - 1),
            _activation(network, output, top, top, top),
        ]
    runs: list[Definition] = []
    for vector, run in groupby(enumerate(network.activations, start=1), lambda n: n[1].vector):
        layers = [(Integer(number), row) for number, row in run]
        if vector:
            runs += [_activation(network, row, number, number, number) for number, row in layers]
        else:
            runs.append(_activation(network, layers[0][1], l, layers[0][0], layers[-1][0]))
    return runs


def _activation(
    network: Network, row: Activation, layer: Basic, first: Basic, last: Basic
) -> Definition:
    target = a(layer, *entry(network, j))
    if not row.vector:
        return Definition(target, Act(layer, z(layer, *entry(network, j))), first, last)
    return Definition(target, softmax(network, layer, j), first, last)


def softmax(network: Network, layer: Basic, neuron: Basic) -> Basic:
    """``exp(z_k) / Σ_i exp(z_i)``."""
    total = Sum(Fn("exp", z(layer, *entry(network, i))), i, Size(layer))
    return Quotient(Fn("exp", z(layer, *entry(network, neuron))), total)


def cost_of_sample(network: Network, top: Basic) -> Basic:
    """The cost of one sample (of sample s in a batch)."""
    row = network.cost_row
    if row.entry is None:
        return Opaque("C", (), (_vector(network, a(top), top), _vector(network, y(), top)))
    ys, outputs = y(*entry(network, k)), a(top, *entry(network, k))
    total = Sum(written(row.entry, {a_symbol: outputs, y_symbol: ys}), k, Size(top))
    return times(Quotient(Integer(1), Size(top)), total) if row.averaged else _pulled(total)


def _pulled(total: Sum) -> Basic:
    """A number in front of the whole body stands before the sum: ``½ Σ (a-y)²``, ``-Σ y ln a``."""
    body = total.body
    if isinstance(body, Times) and body.args[0].is_Rational:
        return times(body.args[0], Sum(times(*body.args[1:]), total.index, total.size))
    return total


def _vector(network: Network, whole: Ref, top: Basic) -> Vec:
    """The vector of all neurons (of sample s in a batch)."""
    return Vec(whole.at(*entry(network, i)), i, Size(top))


def cost_of_all(network: Network, top: Basic) -> Basic:
    """C: of the one sample, or the mean or sum over the batch."""
    one = cost_of_sample(network, top)
    if network.batch is None:
        return one
    total = Sum(one, s, Size(SAMPLES))
    return (
        times(Quotient(Integer(1), Size(SAMPLES)), total) if network.reduction == "mean" else total
    )
