"""The backward program of a network: what is compiled, as definitions that the judge can verify."""

from __future__ import annotations

from sympy import Basic, Integer

from symbackprop.derive.output import cost_slope, short_output_error
from symbackprop.derive.proof import Proof
from symbackprop.derive.setting import Setting
from symbackprop.language.binding import substitute
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Declaration, Definition, Program
from symbackprop.language.terms import Act, Kron, Partial, Ref, Size, Sum, negative, plus, times
from symbackprop.networks import forward as f
from symbackprop.networks.forward import i, j, k, s
from symbackprop.networks.network import Network


def backward_program(network: Network) -> tuple[Program, list[Statement]]:
    """The forward program with ``d``, ``gw``, ``gb`` defined by BP1–BP4, and one claim per layer.

    ``d^l_j := Σ_k w^{l+1}_{kj} d^{l+1}_k σ'(z^l_j)``, ``gw^l_{jk} := a^{l-1}_k d^l_j`` and
    ``gb^l_j := d^l_j`` (summed over a batch); the claims read ``∂C/∂w^l_{jk} = gw^l_{jk}``.
    """
    given = Setting.of(network)
    depth = network.depth
    program = given.program
    error = program.declared("delta")
    declare = (
        Declaration("d", error.axes, layered=True, meaning="computed error"),
        Declaration("gw", program.declared("w").axes, layered=True, meaning="computed gradient"),
        Declaration("gb", program.declared("b").axes, layered=True, meaning="computed gradient"),
    )
    new: list[Definition] = []
    claims: list[Statement] = []
    for number in range(depth, 0, -1):
        layer = Integer(number)
        value = _output(given) if number == depth else _hidden(given, layer)
        new.append(Definition(_d(given, layer, j), value, layer, layer))
    for number in range(1, depth + 1):
        layer = Integer(number)
        for name, value in _gradients(given, layer):
            new.append(Definition(_entry(name, layer), value, layer, layer))
            parameter = f.w(layer, j, k) if name == "gw" else f.b(layer, j)
            claims.append(Statement((Partial(given.objective, parameter), _entry(name, layer))))
    return program.with_definitions(*new, declare=declare), claims


def _d(given: Setting, layer: Basic, neuron: Basic) -> Ref:
    return Ref("d", layer, *given.at(neuron))


def _entry(name: str, layer: Basic) -> Ref:
    return Ref(name, layer, j, k) if name == "gw" else Ref(name, layer, j)


def _output(given: Setting) -> Basic:
    """``∂C/∂a σ'``, its short form, or with softmax ``Σ_k ∂C/∂a_k a_k (δ_kj - a_j)``."""
    short = short_output_error(given)
    if short is not None:
        return short
    top = given.top
    if given.network.cost_row.entry is None:
        slope: Basic = Partial(f.C, given.a(top, j))
    else:
        proof = Proof(given.program)
        cost_slope(proof, given)
        slope = proof.right
    if not given.softmax_output:
        return times(slope, Act(top, given.z(top, j), 1))
    if given.network.cost == "cross-entropy":
        from symbackprop.derive.output import scaled

        return scaled(given, plus(given.a(top, j), negative(given.y(j))))
    at_k = substitute(slope, {j: k})
    return Sum(times(at_k, *_softmax_entry(given, top)), k, Size(top))


def _softmax_entry(given: Setting, layer: Basic) -> tuple[Basic, Basic]:
    return given.a(layer, k), plus(Kron(k, j), negative(given.a(layer, j)))


def _hidden(given: Setting, layer: Basic) -> Basic:
    """The error pulled back through W and through the activation of the layer."""

    def pulled(neuron: Basic) -> Basic:
        return Sum(times(f.w(layer + 1, i, neuron), _d(given, layer + 1, i)), i, Size(layer + 1))

    row = given.network.activations[int(layer) - 1]
    if not row.vector:
        return times(pulled(j), Act(layer, given.z(layer, j), 1))
    return Sum(times(pulled(k), *_softmax_entry(given, layer)), k, Size(layer))


def _gradients(given: Setting, layer: Basic) -> list[tuple[str, Basic]]:
    batch = given.network.batch
    weight: Basic = times(given.a(layer - 1, k), _d(given, layer, j))
    bias: Basic = _d(given, layer, j)
    if batch:
        weight, bias = Sum(weight, s, given.samples), Sum(bias, s, given.samples)
    if given.network.l2:
        weight = plus(weight, times(f.LAMBDA, f.w(layer, j, k)))
    return [("gw", weight), *([("gb", bias)] if given.network.biases else [])]
