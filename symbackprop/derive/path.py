"""The path form: ∂C/∂w^l_{AB} as the product ①②③④, and why it is the δ form."""

from __future__ import annotations

from sympy import Basic, symbols

from symbackprop.derive.output import activation_slope, cost_slope
from symbackprop.derive.proof import Proof
from symbackprop.derive.rules import chain_through
from symbackprop.derive.setting import ONE, Setting
from symbackprop.derive.slope import slopes
from symbackprop.errors import InputError
from symbackprop.language.program import l
from symbackprop.language.terms import (
    Act,
    Chain,
    Column,
    Diag,
    MatMul,
    Partial,
    Size,
    Sum,
    Transpose,
    times,
)
from symbackprop.networks import forward as f
from symbackprop.networks.forward import i, j, k

A, B, r = symbols("A B r")


def path_form(proof: Proof, given: Setting) -> None:
    """①②③④ for 1 ≤ l < L, the bias twin, the case l = L, and the δ form from it."""
    if given.network.batch or given.network.l2:
        raise InputError(
            "the path form is written for one sample without penalty",
            todo="use --form delta for a batch or a penalty",
        )
    first(proof, given)
    path_steps(proof, given)
    slopes(proof, given)


def path_steps(proof: Proof, given: Setting) -> None:
    """②, ③ and ④, their product, and the δ form from it; ① is the slope of the cost."""
    if given.hidden_layers:
        second(proof, given)
        third_and_fourth(proof, given)
        together(proof, given, f.w(l, A, B), "path")
        if given.network.biases:
            together(proof, given, f.b(l, A), "path-bias")
        same_as_delta(proof, given)
    last_layer(proof, given, given.top)


def first(proof: Proof, given: Setting) -> None:
    """① ``∂C/∂a^L_i``: the sum over k collapses by the same argument as in the output error."""
    cost_slope(proof, given)
    if "cost-slope" in proof.results:
        number = proof.results["cost-slope"]
        _retitle(proof, "① The cost by the outputs")
        proof.results["①"] = number


def _retitle(proof: Proof, title: str) -> None:
    from dataclasses import replace

    proof.steps[:] = [
        replace(step, section=title) if step.section == "The slope of the cost" else step
        for step in proof.steps
    ]
    proof.section = title


def factor(given: Setting, layer: Basic) -> Basic:
    """``∂a^l/∂a^{l-1}``: diag(σ'(z^l)) W^l, or with softmax in it the full Jacobian times W^l."""
    if given.softmax_output:
        return MatMul(Partial(f.a(layer), f.z(layer)), f.w(layer))
    return MatMul(Diag(Act(layer, f.z(layer), 1)), f.w(layer))


def second(proof: Proof, given: Setting) -> None:
    """② ``∂a^L/∂a^{l+1}``: a product of one Jacobian per layer."""
    top = given.top
    proof.start(
        Partial(f.a(l + 1), f.a(l)),
        section="② From a layer to the outputs",
        first=ONE,
        last=given.last_hidden,
    )
    proof.to(
        factor(given, l + 1),
        "differentiate",
        "one step: row k has the slope of neuron k times its weights",
    )
    proof.call("②-step")
    proof.start(Partial(f.a(top), f.a(l + 1)), first=ONE, last=given.last_hidden)
    chain = Chain(factor(given, r), r, top, l + 2)
    proof.to(
        chain,
        "induction",
        "one Jacobian per layer, the highest first; for l + 1 = L it is the identity",
        uses=(proof.results["②-step"],),
    )
    proof.call("②")


def third_and_fourth(proof: Proof, given: Setting) -> None:
    """③ a column of that Jacobian; ④ one slope and one activation."""
    last = given.last_hidden
    proof.start(
        Partial(f.a(l + 1, j), f.a(l, A)), section="③ Into the next layer", first=ONE, last=last
    )
    if given.softmax_output:
        inner = Sum(times(Partial(f.a(l + 1, j), f.z(l + 1, k)), f.w(l + 1, k, A)), k, Size(l + 1))
        proof.to(inner, "chain", "through every weighted input of the next layer")
    else:
        proof.to(
            times(Act(l + 1, f.z(l + 1, j), 1), f.w(l + 1, j, A)),
            "differentiate",
            "of the sum inside σ only the term with a_A depends on a_A",
        )
    proof.call("③")
    proof.start(
        Partial(f.a(l, A), f.w(l, A, B)), section="④ The weight itself", first=ONE, last=last
    )
    proof.to(
        times(Act(l, f.z(l, A), 1), f.a(l - 1, B)),
        "differentiate",
        "of the sum inside σ only the term with w_AB depends on w_AB",
    )
    proof.call("④")
    if given.network.biases:
        proof.start(Partial(f.a(l, A), f.b(l, A)), first=ONE, last=last)
        proof.to(Act(l, f.z(l, A), 1), "differentiate", "the bias stands alone, with the factor 1")
        proof.call("④-bias")


def together(proof: Proof, given: Setting, parameter: Basic, name: str) -> None:
    """``∂C/∂w^l_{AB} = ① ② ③ ④`` as a row times matrices times a column, times a number."""
    top, a_A = given.top, f.a(l, A)
    row = Transpose(Partial(f.C, f.a(top)))
    title = "The path of one weight" if name == "path" else "The path of one bias"
    proof.start(Partial(f.C, parameter), section=title, first=ONE, last=given.last_hidden)
    local = Partial(a_A, parameter)
    proof.to(times(Partial(f.C, a_A), local), "chain", "this parameter reaches C through a_A alone")
    outputs = Sum(times(Partial(f.C, f.a(top, i)), Partial(f.a(top, i), a_A)), i, Size(top))
    proof.to(times(outputs, local), "chain", "a_A reaches C through every output: a sum over i")
    product = MatMul(row, Partial(f.a(top), f.a(l + 1)), Partial(f.a(l + 1), a_A))
    proof.to(times(product, local), "fold", "① row · ② matrix · ③ column · ④ number")
    chain = Chain(factor(given, r), r, top, l + 2)
    written = MatMul(row, chain, factor(given, l + 1))
    end = (Act(l, f.z(l, A), 1), f.a(l - 1, B)) if name == "path" else (Act(l, f.z(l, A), 1),)
    uses = tuple(proof.results[n] for n in ("②", "③", "④") if n in proof.results)
    proof.to(times(Column(written, A), *end), "combine", "every factor written out", uses=uses)
    proof.call(name)


def same_as_delta(proof: Proof, given: Setting) -> None:
    """``①②③`` is ``∂C/∂a^l_A``, and with σ' of ④ it is the error: ``δ^l_A a^{l-1}_B``."""
    a_A = f.a(l, A)
    proof.start(
        Partial(f.C, f.w(l, A, B)),
        section="Why this is the δ form",
        first=ONE,
        last=given.last_hidden,
    )
    slope = Act(l, f.z(l, A), 1)
    proof.to(
        times(Partial(f.C, a_A), slope, f.a(l - 1, B)),
        "combine",
        "①②③ together are ∂C/∂a_A, ④ is σ' times a_B",
        uses=(proof.results["path"],),
    )
    proof.to(
        times(f.delta(l, A), f.a(l - 1, B)), "name", "∂C/∂a_A σ'(z_A) is the error of neuron A"
    )
    proof.call("path-is-delta")


def last_layer(proof: Proof, given: Setting, top: Basic) -> None:
    """l = L: there is no ② and no ③."""
    if "activation-slope" not in proof.results:
        activation_slope(proof, given, top)
    proof.start(Partial(f.C, f.w(top, A, B)), section="The last layer, l = L")
    if given.softmax_output:
        move = chain_through(f.a(top, k), k)
        proof.by("chain", "with softmax every output contains every weight of the layer", move=move)
    else:
        proof.to(
            times(Partial(f.C, f.a(top, A)), Act(top, f.z(top, A), 1), f.a(top - 1, B)),
            "chain",
            "no ② and no ③: the weight is in the last layer already",
        )
    proof.to(times(f.delta(top, A), f.a(top - 1, B)), "name", "the error of the output layer")
    proof.call("path-last")
