"""The trainer's own code as mathematics: σ, σ', the cost, one layer forward and its errors.

Read from the trainer's source and not from what we know of it, so that it stands as an independent
witness beside the derivation.  The trainer keeps samples as rows; the derivation may not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from sympy import Expr, Heaviside, latex

from symbackprop.language.terms import Ref, from_sympy
from symbackprop.networks.activations import Activation
from symbackprop.networks.activations import z as z_symbol
from symbackprop.networks.network import Network
from symbackprop.render.code_math import Code, shown
from symbackprop.render.latex import LatexPrinter

AXES = {0: ("s", "m"), 1: ("k", "n_{L}")}  # rows are samples, columns neurons
LETTERS = {
    "normal": r"\Phi", "slope": r"\frac{\partial C}{\partial A^{l}}",
    "delta": r"\Delta^{l}", "w": "W^{l}", "c": r"(b^{l})^{\top}", "activations[-1]": "A^{l-1}",
    "activations[l]": "A^{l-1}", "W[l]": "W^{l}", "lam": r"\lambda",
    "ACTIVATIONS[name][1]": r"\sigma'_{l}",
}  # fmt: skip


def trainer_code(about: Any) -> list[dict[str, str]]:
    """The parts of the trainer that a network runs through, one formula each; else nothing."""
    if not isinstance(about, Network):
        return []
    return shown(
        [
            *(code for row in _rows(about) for code in _activation(row)),
            *_softmax(about),
            *_cost(about),
            *_layer(about),
        ]
    )


def _rows(network: Network) -> list[Activation]:
    """The activations that the trainer knows, each once."""
    rows = {row.name: row for row in network.activations}
    known = _entries("ACTIVATIONS")
    return [row for name, row in rows.items() if name in known]


@cache
def _trainer() -> ast.Module:
    source = resources.files("symbackprop.numeric").joinpath("trainer.py")
    return ast.parse(source.read_text(encoding="utf-8"))


def _entries(table: str) -> dict[str, tuple[ast.expr, ...]]:
    """``name → (first, second)`` of one of the trainer's tables of functions."""
    for node in _trainer().body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == table:
            assert isinstance(node.value, ast.Dict)
            pairs = zip(node.value.keys, node.value.values, strict=True)
            return {
                str(key.value): tuple(value.elts)
                for key, value in pairs
                if isinstance(key, ast.Constant) and isinstance(value, ast.Tuple)
            }
    raise LookupError(f"the trainer has no table {table}")


def _function(name: str) -> ast.FunctionDef:
    for node in _trainer().body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise LookupError(f"the trainer has no function {name}")


def _returned(name: str) -> list[ast.expr]:
    """What a function returns, in the order of its lines."""
    returns = [node for node in ast.walk(_function(name)) if isinstance(node, ast.Return)]
    return [node.value for node in sorted(returns, key=lambda r: r.lineno) if node.value]


def _body(function: ast.expr) -> ast.expr:
    """What a lambda or a named function of one line gives; ``np.tanh`` is applied to z."""
    if isinstance(function, ast.Lambda):
        return function.body
    if isinstance(function, ast.Name):
        return _returned(function.id)[-1]
    return ast.Call(function, [ast.Name("z", ast.Load())], [])


def _activation(row: Activation) -> Iterator[Code]:
    value, slope = map(_body, _entries("ACTIVATIONS")[row.name])
    yield Code(row.name, r"\sigma(z)", value, letters=LETTERS, axes=AXES, twin=_twin(row.value))
    name = f"{row.name}, slope"
    yield Code(name, r"\sigma'(z)", slope, letters=LETTERS, axes=AXES, twin=_twin(row.slope))


def _softmax(network: Network) -> Iterator[Code]:
    """Softmax and its error; both mix the neurons of a sample, so indices are needed."""
    if not network.output_activation.vector:
        return
    twin = r"\frac{e^{z_{k}}}{\sum_{i} e^{z_{i}}}"
    yield Code("softmax", "a_{k}", _returned("softmax")[-1], axes=AXES, twin=twin)
    slope = r"\frac{\partial C}{\partial a_{%s}}"
    twin = rf"a_{{k}} \left( {slope % 'k'} - \sum_{{i}} {slope % 'i'} a_{{i}} \right)"
    yield Code("softmax, error", r"\delta_{k}", _returned("through")[0], axes=AXES, twin=twin)


def _twin(formula: Expr | None) -> str:
    if formula is None:
        return ""
    if formula.has(Heaviside):  # [z > 0], which SymPy prints as θ(z, 0)
        return LatexPrinter().text(from_sympy(formula, {z_symbol: Ref("z")}))
    return str(latex(formula))


def _cost(network: Network) -> Iterator[Code]:
    table, row = _entries("COSTS"), network.cost_row
    if network.cost not in table or row.entry is None:
        return
    value, slope = map(_body, table[network.cost])
    letters = {**LETTERS, "a.shape[1]": "n_{L}"}
    one = r"\frac{1}{n_{L}} " if row.averaged else ""
    whole = rf"{one}\sum_{{k}} \left({latex(row.entry)}\right)"
    part = rf"{one}\left({latex(row.slope)}\right)"
    left = r"\frac{\partial C}{\partial a}"
    for name, head, code, twin in (
        ("one sample", "C(a, y)", value, whole),
        ("slope", left, slope, part),
    ):
        yield Code(
            f"{network.cost}, {name}", head, code, letters=letters, axes=AXES,
            twin=twin,
        )  # fmt: skip


def _layer(network: Network) -> Iterator[Code]:
    """One layer forward, its error, and the slopes of its parameters."""
    appended = [
        node.args[0]
        for node in ast.walk(_function("forward"))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "zs.append"
    ]
    back = {
        ast.unparse(node.targets[0]): node.value
        for node in ast.walk(_function("backprop"))
        if isinstance(node, ast.Assign)
    }
    parts = (
        ("one layer forward", "Z^{l}", appended[0], r"A^{l-1} (W^{l})^{\top} + (b^{l})^{\top}"),
        (
            "the error, element-wise", r"\Delta^{l}", _returned("through")[-1],
            r"\frac{\partial C}{\partial A^{l}} \odot \sigma'_{l}(Z^{l})",
        ),
        (
            "the layer below", r"\frac{\partial C}{\partial A^{l-1}}", back["slope"],
            r"\Delta^{l} W^{l}",
        ),
        (
            "weights", r"\frac{\partial C}{\partial W^{l}}",
            _branch(back["dW[l]"], network.l2),
            r"(\Delta^{l})^{\top} A^{l-1}" + r" + \lambda W^{l}" * network.l2,
        ),
        ("biases", r"\frac{\partial C}{\partial b^{l}}", back["db[l]"], r"\sum_{s} \Delta^{l}"),
    )  # fmt: skip
    letters = {**LETTERS, "z": "Z^{l}", "a": "A^{l}"}
    for name, left, expression, twin in parts:
        yield Code(
            name, left, expression, letters=letters, numbers={"lam"}, axes=AXES, twin=twin
        )  # fmt: skip


def _branch(expression: ast.expr, penalised: bool) -> ast.expr:
    """``with if lam else without``: the branch of a network with or without penalty."""
    if not isinstance(expression, ast.IfExp):
        return expression
    return expression.body if penalised else expression.orelse
