"""Listing ──▶ Python that people read: a statement for each named quantity, its equation above."""

from __future__ import annotations

import ast
from collections import Counter
from fractions import Fraction

from symbackprop.networks.network import Network
from symbackprop.numeric.listing import OPS, Argument, Instruction, Listing

INDENT = " " * 4


def statements(listing: Listing) -> list[str]:
    """``# equation`` and ``name = formula`` for each named result, in order.

    A nameless result that is used once is put into the formula that uses it.
    """
    uses = Counter(name for i in listing.instructions for name in i.names)
    uses.update(listing.outputs.values())
    inlined: dict[str, ast.expr] = {}
    lines: list[str] = []
    nameless = 0
    for i in listing.instructions:
        formula = _formula(i, inlined)
        if not i.says and (uses[i.out] == 1 or not i.names):
            inlined[i.out] = formula
            continue
        name = i.out
        if i.says:
            lines.append(f"# {' '.join(i.says.split())}")
        else:
            nameless += 1
            name = f"t{nameless}"
            inlined[i.out] = ast.Name(name)
        lines.append(f"{name} = {ast.unparse(formula)}")
    return lines


def function(listing: Listing, name: str, returns: str, says: str) -> str:
    """The listing as a Python function of ``(X, Y, W, b, lam=0.0)``."""
    given = list(listing.inputs)
    body = [f'"""{says}"""']
    for family in ("W", "b"):
        own = [n for n in given if n[0] == family]
        body += [f"{', '.join(own)}{',' * (len(own) == 1)} = {family}"] * bool(own)
    body += [*statements(listing), f"return {returns}"]
    inner = "\n".join(INDENT + line for line in body)
    return f"def {name}({given[0]}, {given[1]}, W, b=(), lam=0.0):\n{inner}\n"


def gradients_source(listing: Listing, network: Network) -> str:
    """The gradients as a function that returns the lists of ∂C/∂W^l and of ∂C/∂b^l."""
    layers = range(1, network.depth + 1)
    biases = ", ".join(f"db{l}" for l in layers) if network.biases else ""
    returns = f"[{', '.join(f'dW{l}' for l in layers)}], [{biases}]"
    objective = network.objective
    says = f"∂{objective}/∂W^l and ∂{objective}/∂b^l for l = 1, …, {network.depth}."
    return function(listing, "gradients", returns, says)


def cost_source(listing: Listing, network: Network) -> str:
    """The cost as a function that returns a number."""
    return function(listing, "cost", network.objective, f"The cost {network.objective}.")


def _formula(i: Instruction, inlined: dict[str, ast.expr]) -> ast.expr:
    pattern = ast.parse(OPS[i.op].python, mode="eval").body
    given = dict(zip("pqr", (_argument(arg, inlined) for arg in i.args), strict=False))
    filled = _Fill(given).visit(pattern)
    assert isinstance(filled, ast.expr)
    return filled


def _argument(arg: Argument, inlined: dict[str, ast.expr]) -> ast.expr:
    if isinstance(arg, Fraction):
        above, below = arg.numerator, arg.denominator
        return ast.parse(str(above) if below == 1 else f"{above} / {below}", mode="eval").body
    return inlined.get(arg, ast.Name(arg))


class _Fill(ast.NodeTransformer):
    """Puts formulas in for the letters p, q, r of an operation's Python."""

    def __init__(self, given: dict[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._given.get(node.id, node)
