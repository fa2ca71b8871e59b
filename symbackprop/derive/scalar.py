"""Every partial derivative of a concrete network, one equation each."""

from __future__ import annotations

from sympy import Basic, Integer

from symbackprop.derive.proof import Proof
from symbackprop.derive.setting import Setting
from symbackprop.derive.slope import slopes
from symbackprop.errors import InputError, LimitError
from symbackprop.language.binding import substitute
from symbackprop.language.terms import Act, Partial, Ref, plus, times
from symbackprop.networks import forward as f
from symbackprop.networks.tidy import tidy

LIMIT = 2_000
LIMIT_FULL = 60


def scalar_form(proof: Proof, given: Setting, *, full: bool) -> None:
    """``∂C/∂w^l_{jk} = δ^l_j a^{l-1}_k`` for each weight; the errors are written out before."""
    network = given.network
    if network.general:
        raise InputError("the scalar form needs a concrete network", todo="give --layers 2,3,2")
    if network.batch:
        raise InputError(
            "the scalar form is written for one sample", todo="use --form matrix for a batch"
        )
    _refuse_absurd(given, full)
    slopes(proof, given)
    errors = _errors(proof, given)
    for layer in range(given.network.depth, 0, -1):
        _layer(proof, given, layer, errors if full else {})


def _refuse_absurd(given: Setting, full: bool) -> None:
    count = given.network.parameters
    limit = LIMIT_FULL if full else LIMIT
    if count > limit:
        shape = "fully substituted" if full else "written out"
        raise LimitError(
            f"{count} partial derivatives are too many to be {shape} one by one (limit {limit})",
            todo="`symbackprop verify` proves them all; --form delta writes them as one equation",
        )


def _errors(proof: Proof, given: Setting) -> dict[Basic, Basic]:
    """``δ^l_j`` for every neuron, the highest layer first; returns their right sides."""
    from symbackprop.derive.output import output_error

    network, values = given.network, dict[Basic, Basic]()
    general = Proof(given.program)
    output_error(general, given)
    short = general.steps[general.results["BP1"]].statement.right
    widths = network.layers
    assert widths is not None
    for layer in range(network.depth, 0, -1):
        proof.section = f"Errors of layer {layer}"
        for neuron in range(1, widths[layer] + 1):
            at = f.delta(Integer(layer), Integer(neuron))
            if layer == network.depth:
                right = tidy(written_out(substitute(short, {f.j: Integer(neuron)}), widths))
                rule = "local"
            else:
                up = Integer(layer + 1)
                terms = [
                    times(f.w(up, Integer(m), Integer(neuron)), f.delta(up, Integer(m)))
                    for m in range(1, widths[layer + 1] + 1)
                ]
                slope = Act(Integer(layer), f.z(Integer(layer), Integer(neuron)), 1)
                right, rule = times(plus(*terms), slope), "chain"
            proof.start(at).to(
                right,
                rule,
                "the error of the output"
                if rule == "local"
                else "through every neuron of the next layer",
            )
            values[at] = substitute(right, values)
    return values


def written_out(term: Basic, widths: tuple[int, ...]) -> Basic:
    """Sums over a known width term by term."""
    from symbackprop.derive.rules import _made
    from symbackprop.language.terms import Kron, Size, Sum

    if isinstance(term, Size):
        return Integer(widths[int(term.of)])
    if isinstance(term, Sum):
        n = widths[int(term.size.of)]
        return plus(
            *(
                written_out(substitute(term.body, {term.index: Integer(m)}), widths)
                for m in range(1, n + 1)
            )
        )
    if isinstance(term, Kron):
        return Integer(1) if term.args[0] == term.args[1] else Integer(0)
    if not term.args or isinstance(term, Ref):
        return term
    return _made(term, [written_out(arg, widths) for arg in term.args])


def _layer(proof: Proof, given: Setting, layer: int, errors: dict[Basic, Basic]) -> None:
    widths = given.network.layers
    assert widths is not None
    at = Integer(layer)
    proof.section = f"Weights and biases of layer {layer}"
    for neuron in range(1, widths[layer] + 1):
        n = Integer(neuron)
        error = f.delta(at, n)
        told = errors.get(error, error)
        for source in range(1, widths[layer - 1] + 1):
            weight = f.w(at, n, Integer(source))
            value: Basic = times(told, f.a(at - 1, Integer(source)))
            if given.network.l2:
                value = plus(value, times(f.LAMBDA, weight))
            proof.start(Partial(given.objective, weight)).to(
                value, "combine", "error times activation"
            )
        if given.network.biases:
            proof.start(Partial(given.objective, f.b(at, n))).to(
                told, "combine", "the error itself"
            )
