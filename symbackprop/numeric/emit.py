"""Network ──▶ Listing: the gradient in delta form, and the cost, as straight-line array code."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symbackprop.networks.activations import Activation
from symbackprop.networks.network import Network
from symbackprop.numeric.forms import OUTPUTS, activation_form, cost_form, softmax, softmax_error
from symbackprop.numeric.layout import LAYOUTS, Layout
from symbackprop.numeric.listing import Listing
from symbackprop.numeric.writer import Number, Value, Writer


def gradient_listing(network: Network, batch: str | None = None) -> Listing:
    """``∂C/∂W^l`` and ``∂C/∂b^l`` of a concrete network as outputs dW1, db1, …, dWL, dbL.

    ``batch`` is the layout: None (one sample x, y), "rows" or "columns" (X, Y).  With ``l2`` the
    penalty's ``λ W^l`` is added; λ is the input ``lam``.
    """
    forward = _forward(network, batch)
    delta = _output_error(forward)
    outputs: dict[str, Value] = {}
    for l in range(network.depth, 0, -1):
        outputs[f"dW{l}"] = _by_weights(forward, delta, l)
        if network.biases:
            outputs[f"db{l}"] = _by_biases(forward, delta, l)
        if l > 1:
            delta = _hidden_error(forward, delta, l - 1)
    return forward.writer.listing(outputs)


def cost_listing(network: Network, batch: str | None = None) -> Listing:
    """The cost (with ``l2``: and its penalty ``λ/2 Σ_l ‖W^l‖²``) as the output C."""
    forward = _forward(network, batch)
    entry = _entry(forward)
    cost = entry.then("sum") * _per_neuron(network) / _samples(forward)
    cost = cost.called("C", "C, from its entries")
    if network.l2:
        squares = [(W * W).then("sum") for W in forward.weights]
        penalty = sum(squares[1:], squares[0]) * Fraction(1, 2)
        cost = (cost + forward.writer.input("lam") * penalty).called("J", "J = C + λ/2 Σ_l ‖W^l‖²")
    return forward.writer.listing({"C": cost})


@dataclass(frozen=True)
class _Forward:
    """The forward pass: ``z[l]`` and ``a[l]`` (a[0] the input), and what the formulas need."""

    network: Network
    layout: Layout
    writer: Writer
    weights: list[Value]
    z: list[Value]
    a: list[Value]
    y: Value


def _forward(network: Network, batch: str | None) -> _Forward:
    layers = network.layers
    assert layers is not None
    layout, depth = LAYOUTS[batch], network.depth
    x, y = ("x", "y") if batch is None else ("X", "Y")
    inputs: dict[str, tuple[int | str, ...]] = {}
    inputs |= {x: layout.axes(layers[0]), y: layout.axes(layers[-1])}
    inputs |= {f"W{l}": (layers[l], layers[l - 1]) for l in range(1, depth + 1)}
    if network.biases:
        inputs |= {f"b{l}": (layers[l],) for l in range(1, depth + 1)}
    if network.l2:
        inputs["lam"] = ()
    writer = Writer(inputs)
    zs = [layout.enter(writer.input(x))]
    activations = list(zs)
    for l, row in enumerate(network.activations, start=1):
        z = layout.product(writer.input(f"W{l}"), activations[-1])
        if network.biases:
            z = layout.shifted(z, writer.input(f"b{l}"))
        zs.append(z.called(f"z{l}", _says_z(layout, l, network.biases)))
        activations.append(_activated(row, zs[-1], layout).called(f"a{l}", _says_a(row, layout, l)))
    weights = [writer.input(f"W{l}") for l in range(1, depth + 1)]
    target = layout.enter(writer.input(y))
    return _Forward(network, layout, writer, weights, zs, activations, target)


def _activated(row: Activation, z: Value, layout: Layout) -> Value:
    if row.vector:
        return softmax(z, layout.over)
    return activation_form(row).value(z)


def _hidden_error(f: _Forward, above: Value, l: int) -> Value:
    """``δ^l = (W^{l+1}ᵀ δ^{l+1}) ⊙ σ'(z^l)``."""
    error = _through(f, f.layout.back(f.weights[l], above), l)
    return error.called(f"delta{l}", _says_back(f.network.activations[l - 1], f.layout, l))


def _through(f: _Forward, slope: Value, l: int) -> Value:
    """From ``∂C/∂a^l`` to ``∂C/∂z^l``."""
    row, z, a = f.network.activations[l - 1], f.z[l], f.a[l]
    if row.vector:
        return softmax_error(slope, a, f.layout.over)
    return slope * activation_form(row).slope(z, a)


def _output_error(f: _Forward) -> Value:
    """``δ^L = ∂C/∂z^L``, with the short form of the pair of output and cost if there is one."""
    top, row = f.network.depth, f.network.output_activation
    at, scale = f.layout.at("j"), _per_neuron(f.network) / _samples(f)
    short = OUTPUTS.get((row.name, f.network.cost_row.name))
    if short is not None:
        error = short.error(f.z[top], f.a[top], f.y, f.layout.over) * scale
        says = f"δ^{top}_{at} = ∂C/∂z^{top}_{at}, in short {short.says}"
        return error.called(f"delta{top}", says)
    slope = cost_form(f.network.cost_row).slope(f.a[top], f.y) * scale
    sum_, factor = ("Σ_k ", f"∂a^{top}_k/∂z^{top}_j") if row.vector else ("", f"σ'(z^{top}_{at})")
    which = f.layout.at("k") if row.vector else at
    says = f"δ^{top}_{at} = {sum_}∂C/∂a^{top}_{which} {factor}{_says_slope(row)}"
    return _through(f, slope, top).called(f"delta{top}", says)


def _entry(f: _Forward) -> Value:
    """What the cost adds up over the output neurons (and the samples)."""
    top, row = f.network.depth, f.network.output_activation
    short = OUTPUTS.get((row.name, f.network.cost_row.name))
    if short is not None:
        return short.entry(f.z[top], f.a[top], f.y, f.layout.over)
    return cost_form(f.network.cost_row).entry(f.a[top], f.y)


def _per_neuron(network: Network) -> Fraction:
    """1, or ``1/n_L`` for a cost that is a mean over the outputs."""
    assert network.layers is not None
    return Fraction(1, network.layers[-1]) if network.cost_row.averaged else Fraction(1)


def _samples(f: _Forward) -> Value | Number:
    """m for the mean over a batch, 1 for one sample or a sum."""
    return f.layout.samples(f.a[0]) if f.network.reduction == "mean" else 1


def _by_weights(f: _Forward, delta: Value, l: int) -> Value:
    at, before, name = f.layout.at("j"), f.layout.at("k"), "C"
    gradient, told = f.layout.by_weights(delta, f.a[l - 1]), ""
    if f.network.l2:
        gradient = gradient + f.weights[l - 1] * f.writer.input("lam")
        told, name = f" + λ w^{l}_jk", "J"
    says = f"∂{name}/∂w^{l}_jk = {f.layout.all_samples}δ^{l}_{at} a^{l - 1}_{before}{told}"
    return gradient.called(f"dW{l}", says)


def _by_biases(f: _Forward, delta: Value, l: int) -> Value:
    says = f"∂C/∂b^{l}_j = {f.layout.all_samples}δ^{l}_{f.layout.at('j')}"
    return f.layout.by_biases(delta).called(f"db{l}", says)


def _says_z(layout: Layout, l: int, biases: bool) -> str:
    shift = f" + b^{l}_j" if biases else ""
    return f"z^{l}_{layout.at('j')} = Σ_k w^{l}_jk a^{l - 1}_{layout.at('k')}{shift}"


def _says_a(row: Activation, layout: Layout, l: int) -> str:
    return f"a^{l}_{layout.at('j')} = {row.name}(z^{l}_{layout.at('j')})"


def _says_back(row: Activation, layout: Layout, l: int) -> str:
    at, above = layout.at("j"), layout.at("k")
    if row.vector:
        return f"δ^{l}_{at} = Σ_i (Σ_k w^{l + 1}_ki δ^{l + 1}_{above}) ∂a^{l}_i/∂z^{l}_j"
    return f"δ^{l}_{at} = Σ_k w^{l + 1}_kj δ^{l + 1}_{above} σ'(z^{l}_{at}){_says_slope(row)}"


def _says_slope(row: Activation) -> str:
    """How the slope is computed, where it has a short form."""
    says = "" if row.vector else activation_form(row).says
    return f" with σ' = {says}" if says else ""
