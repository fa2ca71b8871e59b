"""Matrix form: the same four equations as arrays, each fold a step of its own."""

from __future__ import annotations

from sympy import Basic, Integer

from symbackprop.derive.proof import Proof
from symbackprop.derive.setting import ONE, Setting
from symbackprop.language.program import l
from symbackprop.language.terms import (
    Act,
    Diag,
    Hadamard,
    MatMul,
    Ones,
    Partial,
    Quotient,
    Size,
    Transpose,
    negative,
    plus,
    times,
)
from symbackprop.networks import forward as f


def matrix_form(proof: Proof, given: Setting) -> None:
    """BP1 to BP4 as arrays; BP names of the index form get the suffix ``-matrix``."""
    top = given.top
    proof.section = "Matrix form"
    index = proof.results
    lines = _output_error(given)
    proof.start(f.delta(top), section="Matrix form")
    for right, said in lines:
        proof.to(right, "fold", said, uses=_known(index, "BP1-general", "BP1"))
    proof.call("BP1-matrix")
    if given.hidden_layers:
        proof.start(f.delta(l), first=ONE, last=given.last_hidden)
        proof.to(
            _hidden_error(given),
            "fold",
            "Σ_k w_kj δ_k is row j of the transposed matrix times δ",
            uses=_known(index, "BP2"),
        )
        proof.call("BP2-matrix")
    proof.start(Partial(f.C, f.w(l)), first=ONE, last=given.top)
    proof.to(
        _weights(given),
        "fold",
        "every product of an error and an activation: an outer product",
        uses=_known(index, "BP4"),
    )
    proof.call("BP4-matrix")
    if given.network.biases:
        proof.start(Partial(f.C, f.b(l)), first=ONE, last=given.top)
        proof.to(
            _biases(given),
            "fold",
            "the errors themselves"
            if not given.network.batch
            else "the errors, summed over the samples",
            uses=_known(index, "BP3"),
        )
        proof.call("BP3-matrix")
    if given.network.l2:
        proof.start(Partial(f.J, f.w(l)), first=ONE, last=given.top)
        proof.to(
            plus(_weights(given), times(f.LAMBDA, f.w(l))),
            "fold",
            "the penalty adds λ times the matrix",
            uses=_known(index, "BP4-penalty"),
        )
        proof.call("BP4-penalty-matrix")


def _known(results: dict[str, int], *names: str) -> tuple[int, ...]:
    return tuple(results[name] for name in names if name in results)


def _output_error(given: Setting) -> list[tuple[Basic, str]]:
    """The right sides of δ^L in array form, with reasons."""
    top = given.top
    lines: list[tuple[Basic, str]] = []
    gradient, slope = Partial(f.C, f.a(top)), Act(top, f.z(top), 1)
    if not given.softmax_output:
        lines.append((Hadamard(gradient, slope), "entry by entry: the Jacobian is diagonal"))
    elif given.network.batch is None:
        a = f.a(top)
        jacobian = plus(Diag(a), negative(MatMul(a, Transpose(a))))
        lines.append(
            (MatMul(jacobian, gradient), "the full Jacobian diag(a) - a aᵀ (it is symmetric)")
        )
    else:
        lines.append(
            (
                _softmax_batch(given, gradient),
                "in every sample the full Jacobian of softmax times the gradient",
            )
        )
    difference = _difference(given)
    if difference is not None:
        lines.append(difference)
    return lines


def _softmax_batch(given: Setting, gradient: Basic) -> Basic:
    """``A ⊙ (G - 1 1ᵀ (A ⊙ G))``, samples in columns: ``1ᵀ`` adds over the outputs."""
    a, ones = f.a(given.top), Ones(Size(given.top))
    both = Hadamard(a, gradient)
    if given.network.batch == "rows":
        sums = MatMul(both, ones, Transpose(ones))
    else:
        sums = MatMul(ones, Transpose(ones), both)
    return Hadamard(a, plus(gradient, negative(sums)))


def _difference(given: Setting) -> tuple[Basic, str] | None:
    """``a - y`` with its factors and the slope, for the costs whose gradient is a difference."""
    cost, top = given.network.cost_row, given.top
    number = {"quadratic": 1, "sum-of-squares": 2, "mse": 2}.get(cost.name)
    slope = Act(top, f.z(top), 1)
    apart = plus(f.a(top), negative(f.y()))
    if given.softmax_output:
        if cost.name != "cross-entropy":
            return None
        return _scaled(given, 1, apart), "as in the index form: Σ_k y_k = 1"
    if number is not None:
        return Hadamard(_scaled(given, number, apart), slope), "put in ∂C/∂a"
    if (cost.name, given.network.output_activation.name) == ("binary-cross-entropy", "sigmoid"):
        return _scaled(given, 1, apart), "the slope cancels, as in the index form"
    return None


def _scaled(given: Setting, number: int, array: Basic) -> Basic:
    below: list[Basic] = [Size(given.top)] if given.network.cost_row.averaged else []
    if given.network.batch and given.network.reduction == "mean":
        below.append(given.samples)
    if not below:
        return times(number, array) if number != 1 else array
    return times(Quotient(Integer(number), times(*below)), array)


def _hidden_error(given: Setting) -> Basic:
    slope = Act(l, f.z(l), 1)
    if given.network.batch == "rows":
        return Hadamard(MatMul(f.delta(l + 1), f.w(l + 1)), slope)
    return Hadamard(MatMul(Transpose(f.w(l + 1)), f.delta(l + 1)), slope)


def _weights(given: Setting) -> Basic:
    if given.network.batch == "rows":
        return MatMul(Transpose(f.delta(l)), f.a(l - 1))
    return MatMul(f.delta(l), Transpose(f.a(l - 1)))


def _biases(given: Setting) -> Basic:
    if given.network.batch is None:
        return f.delta(l)
    ones = Ones(given.samples)
    if given.network.batch == "rows":
        return MatMul(Transpose(f.delta(l)), ones)
    return MatMul(f.delta(l), ones)
