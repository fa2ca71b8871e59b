"""Rules and strategies that find derivations; the judge decides whether they are right."""

from __future__ import annotations

from symbackprop.derive.proof import Proof
from symbackprop.derive.setting import Setting
from symbackprop.errors import InputError, nearest
from symbackprop.language.derivation import Derivation
from symbackprop.networks.network import Network

FORMS = ("delta", "path", "matrix", "scalar", "whole")


def derive(network: Network, form: str = "delta", *, full: bool = False) -> Derivation:
    """The gradients of a network, step by step.

    ``form``: "delta" (indices), "matrix" (indices, then arrays), "path" (the product ①②③④),
    "scalar" (every partial of a concrete network; ``full``: with everything substituted),
    "whole" (indices, then the path and why it is the same, then arrays: one long derivation).
    """
    if form not in FORMS:
        raise InputError(f"unknown form {form!r}", expected=nearest(form, FORMS))
    _element_wise_below(network)
    from symbackprop.derive import delta, matrix, path, scalar

    given = Setting.of(network)
    proof = Proof(given.program)
    if form == "path":
        path.path_form(proof, given)
    elif form == "scalar":
        scalar.scalar_form(proof, given, full=full)
    else:
        delta.delta_form(proof, given)
        if form == "whole" and network.batch is None:
            path.path_steps(proof, given)
        if form in ("matrix", "whole"):
            matrix.matrix_form(proof, given)
    return proof.done(TITLES[form], network)


TITLES = {
    "delta": "Backpropagation in index form",
    "matrix": "Backpropagation in matrix form",
    "path": "Backpropagation along paths",
    "scalar": "Every partial derivative, written out",
    "whole": "Backpropagation",
}


def _element_wise_below(network: Network) -> None:
    hidden = network.activations[:-1]
    at = next((n for n, row in enumerate(hidden, start=1) if row.vector), None)
    if at is not None:
        raise InputError(
            f"layer {at} is a hidden softmax, but these derivations need a σ that acts entry "
            "by entry in every hidden layer",
            todo="put softmax last, or verify the network with `symbackprop verify --oracle`",
        )


__all__ = ["FORMS", "derive"]
