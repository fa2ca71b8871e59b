"""Index form: the hidden error, weights and biases, the penalty."""

from __future__ import annotations

from sympy import Basic

from symbackprop.derive.output import output_error
from symbackprop.derive.proof import Proof
from symbackprop.derive.rules import chain_through
from symbackprop.derive.setting import ONE, Setting
from symbackprop.language.program import l
from symbackprop.language.terms import Act, Kron, Partial, Size, Sum, plus, times
from symbackprop.networks import forward as f
from symbackprop.networks.forward import i, j, k, s


def delta_form(proof: Proof, given: Setting) -> None:
    """BP1 to BP4 in indices, with the penalty where there is one."""
    output_error(proof, given)
    if given.hidden_layers:
        hidden_error(proof, given)
    weights(proof, given)
    if given.network.biases:
        biases(proof, given)
    if given.network.l2:
        penalty(proof, given)


def hidden_error(proof: Proof, given: Setting) -> None:
    """``δ^l_j = Σ_k w^{l+1}_{kj} δ^{l+1}_k σ'(z^l_j)`` for 1 ≤ l < L."""
    last = given.last_hidden
    a_j = given.a(l, j)
    next_z = given.z(l + 1, k)
    proof.start(
        Partial(next_z, a_j), section="How the next layer depends on this one", first=ONE, last=last
    )
    proof.by("open", "put in what z is")
    proof.by("differentiate", "only a_i with i = j depends on a_j")
    proof.by("collapse", "the sum over i collapses to i = j")
    to_weight = proof.call("next-layer")

    proof.start(Partial(a_j, given.z(l, i)), first=ONE, last=last)
    proof.by("open", "put in what a is")
    proof.by("differentiate", "σ acts on one z alone")
    local = proof.call("hidden-slope")

    proof.start(Partial(f.C, a_j), section="The error of a hidden layer", first=ONE, last=last)
    proof.by(
        "chain", "C sees a_j through every neuron k of the next layer",
        move=chain_through(next_z, k),
    )  # fmt: skip
    proof.to(
        Sum(times(Partial(f.C, next_z), f.w(l + 1, k, j)), k, Size(l + 1)),
        "local", "put in ∂z/∂a", uses=(to_weight,),
    )  # fmt: skip
    weighted = Sum(times(f.w(l + 1, k, j), given.delta(l + 1, k)), k, Size(l + 1))
    proof.to(weighted, "name", "∂C/∂z of the next layer is its error")
    back = proof.call("cost-by-activation")

    proof.start(given.delta(l, j), first=ONE, last=last)
    proof.by("definition", "the error again")
    proof.by(
        "chain",
        "C sees z_j through the activations of its layer",
        move=chain_through(given.a(l, i), i),
    )
    proof.to(
        Sum(times(Partial(f.C, given.a(l, i)), Kron(i, j), Act(l, given.z(l, i), 1)), i, Size(l)),
        "local", "a_i depends on z_j only if i = j", uses=(local,),
    )  # fmt: skip
    proof.by("collapse", "the sum over i collapses, as in the output layer")
    proof.to(times(weighted, Act(l, given.z(l, j), 1)), "local", "put in ∂C/∂a", uses=(back,))
    proof.call("BP2")


def _summed(given: Setting, body: Basic) -> Basic:
    """Over the samples of a batch; as it is for one sample."""
    return Sum(body, s, given.samples) if given.network.batch else body


def weights(proof: Proof, given: Setting) -> None:
    """``∂C/∂w^l_{jk} = a^{l-1}_k δ^l_j``."""
    z_i = given.z(l, i)
    proof.start(Partial(z_i, f.w(l, j, k)), section="Weights", first=ONE, last=given.top)
    proof.to(
        times(Kron(i, j), given.a(l - 1, k)),
        "differentiate",
        "z_i contains w_jk only if i = j, with the factor a_k",
    )
    local = proof.call("z-by-weight")
    proof.start(Partial(f.C, f.w(l, j, k)), first=ONE, last=given.top)
    proof.to(
        _summed(given, Sum(times(Partial(f.C, z_i), Partial(z_i, f.w(l, j, k))), i, Size(l))),
        "chain", "C sees the weight through the weighted inputs of its layer",
    )  # fmt: skip
    proof.to(
        _summed(given, Sum(times(given.delta(l, i), Kron(i, j), given.a(l - 1, k)), i, Size(l))),
        "local", "∂C/∂z is the error; put in ∂z/∂w", uses=(local,),
    )  # fmt: skip
    proof.to(
        _summed(given, times(given.a(l - 1, k), given.delta(l, j))),
        "collapse",
        "only i = j is left",
    )
    proof.call("BP4")


def biases(proof: Proof, given: Setting) -> None:
    """``∂C/∂b^l_j = δ^l_j``."""
    z_i = given.z(l, i)
    proof.start(Partial(z_i, f.b(l, j)), section="Biases", first=ONE, last=given.top)
    proof.to(Kron(i, j), "differentiate", "z_i contains b_j only if i = j, with the factor 1")
    local = proof.call("z-by-bias")
    proof.start(Partial(f.C, f.b(l, j)), first=ONE, last=given.top)
    proof.to(
        _summed(given, Sum(times(Partial(f.C, z_i), Partial(z_i, f.b(l, j))), i, Size(l))),
        "chain", "C sees the bias through the weighted inputs of its layer",
    )  # fmt: skip
    proof.to(
        _summed(given, Sum(times(given.delta(l, i), Kron(i, j)), i, Size(l))),
        "local", "∂C/∂z is the error; put in ∂z/∂b", uses=(local,),
    )  # fmt: skip
    proof.to(_summed(given, given.delta(l, j)), "collapse", "only i = j is left")
    proof.call("BP3")


def penalty(proof: Proof, given: Setting) -> None:
    """``∂J/∂w = ∂C/∂w + λ w``; biases are not penalised."""
    weight = f.w(l, j, k)
    proof.start(Partial(f.J, weight), section="The penalty", first=ONE, last=given.top)
    proof.to(
        plus(Partial(f.C, weight), times(f.LAMBDA, weight)), "differentiate",
        "λ/2 w² contributes λ w; the other squares do not contain this weight",
    )  # fmt: skip
    data = proof.steps[proof.results["BP4"]].statement.right
    proof.to(
        plus(data, times(f.LAMBDA, weight)), "local", "put in ∂C/∂w", uses=(proof.results["BP4"],)
    )
    proof.call("BP4-penalty")
    if given.network.biases:
        proof.start(Partial(f.J, f.b(l, j)), first=ONE, last=given.top)
        proof.to(Partial(f.C, f.b(l, j)), "differentiate", "the penalty contains no bias")
        proof.call("BP3-penalty")
