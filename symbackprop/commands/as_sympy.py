"""Proved partial derivatives as plain SymPy, in the letters of the oracle, to compare them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import Basic, Expr

from symbackprop.judge.verdict import Checked
from symbackprop.language import terms as t
from symbackprop.networks.activations import z as z_letter
from symbackprop.oracle.written import AnyCost, AnySlope, Written, bias, weight

_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": sp.exp, "log": sp.log, "erf": sp.erf, "sqrt": sp.sqrt, "abs": sp.Abs,
    "step": lambda u: sp.Heaviside(u, 0), "max0": lambda u: sp.Max(0, u),
}  # fmt: skip


def gradients(checked: Checked, written: Written) -> dict[str, Expr]:
    """``∂C/∂w^l_{jk}`` and ``∂C/∂b^l_j`` of a derivation in scalar form, everything substituted."""
    found = {}
    for step in checked.derivation.steps:
        left = step.statement.left
        if isinstance(left, t.Partial) and left.by.name in ("w", "b"):
            found[_name(left.by)] = as_sympy(step.statement.right, written)
    return found


def _name(ref: t.Ref) -> str:
    layer, *at = (_number(part) for part in (ref.layer, *ref.indices))
    return weight(layer, *at) if ref.name == "w" else bias(layer, *at)


def _number(index: Basic | None) -> int:
    """A layer or an index of a concrete network."""
    return int(index)  # type: ignore[arg-type,call-overload,unused-ignore]


def as_sympy(term: Basic, written: Written) -> Expr:
    """A term of one sample with numbers for layers and indices as an expression of the weights."""
    if isinstance(term, t.Ref):
        return _quantity(term, written)
    if isinstance(term, t.Partial):
        return _cost_slope(term, written)
    if not isinstance(term, t.Term):
        return term
    if isinstance(term, t.Fn):
        return _FUNCTIONS[term.name](as_sympy(term.arg, written))
    if isinstance(term, t.Act):
        return _activation(term, written)
    first, *rest = (as_sympy(arg, written) for arg in term.args)
    return _OPERATIONS[type(term)](first, *rest)


_OPERATIONS: dict[type, Callable[..., Expr]] = {
    t.Plus: sp.Add,
    t.Times: sp.Mul,
    t.Power: sp.Pow,
    t.Quotient: lambda above, below: above / below,
}


def _quantity(ref: t.Ref, written: Written) -> Expr:
    if ref.name in ("w", "b"):
        return written.parameters[_name(ref)]
    if ref.name in ("lambda", "pi"):
        return {"lambda": sp.Symbol("lambda", real=True), "pi": sp.pi}[ref.name]
    place = _number(ref.indices[0]) - 1
    if ref.name == "y":
        return written.y[0][place]
    table = {"a": written.a, "z": written.z}[ref.name]
    return table[0][_number(ref.layer)][place]


def _activation(act: t.Act, written: Written) -> Expr:
    u, layer = as_sympy(act.arg, written), _number(act.layer)
    row = written.network.activations[layer - 1]
    if row.value is None or row.slope is None:
        return AnySlope(layer, act.order, u)
    return (row.slope if act.order else row.value).xreplace({z_letter: u})


def _cost_slope(partial: t.Partial, written: Written) -> Expr:
    """``∂C/∂a^L_k`` of an unspecified cost."""
    k = _number(partial.by.indices[0])
    return AnyCost(k, *written.a[0][-1], *written.y[0])
