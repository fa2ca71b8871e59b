"""Gradients ──▶ one Python file that imports only NumPy and can check itself."""

from __future__ import annotations

import inspect
import re
import textwrap

from symbackprop.networks.network import Network
from symbackprop.numeric import functions
from symbackprop.numeric.lower import Gradients
from symbackprop.numeric.readable import cost_source, gradients_source

HEAD = '''"""The gradients of the cost of a network with layers {layers}, by backpropagation.

Activations: {activations}.  Cost: {cost}, {reduction}.
{shapes}

``gradients(X, Y, W, b, lam)`` gives the lists of ∂{objective}/∂W^l and of ∂{objective}/∂b^l;
W[l-1] has the shape (n_l, n_(l-1)), b[l-1] the shape (n_l,).  Run as a program, this file compares
its gradients with central differences of its own cost, prints the largest relative gap of each
parameter, and exits with 1 if one is above TOLERANCE.
"""

import sys

import numpy as np

LAYERS = {layers}
TOLERANCE = 1e-6
'''

CHECK = '''
def example(seed=1):
    """Random data and parameters."""
    draw = np.random.default_rng(seed)
    X = draw.standard_normal((3, LAYERS[0]))
    Y = draw.uniform(0.05, 0.95, (3, LAYERS[-1]))
{targets}    W = [draw.standard_normal((n, k)) / np.sqrt(k) for k, n in zip(LAYERS, LAYERS[1:])]
    b = [draw.standard_normal(n) / 2 for n in LAYERS[1:]]
    return {given}, W, b, 0.1


def gap(parameter, gradient, value, step=1e-5, entries=50):
    """The largest relative gap of a gradient to central differences, at some of its entries."""
    flat, size = parameter.reshape(-1), np.max(np.abs(gradient))
    worst = 0.0
    for at in np.random.default_rng(0).permutation(flat.size)[:entries]:
        middle, costs = flat[at], []
        for shifted in (middle + step, middle - step):
            flat[at] = shifted
            costs.append(value())
        flat[at] = middle
        difference = (costs[0] - costs[1]) / (2 * step)
        worst = max(worst, abs(difference - gradient.reshape(-1)[at]))
    return worst / size if size else worst


def self_check():
    """Print the gaps; 0 if all are within TOLERANCE, else 1."""
    X, Y, W, b, lam = example()
    dW, db = gradients(X, Y, W, b, lam)
    failed = False
    for name, parameters, slopes in (("W", W, dW), ("b", b, db)):
        for layer, (parameter, slope) in enumerate(zip(parameters, slopes), start=1):
            found = gap(parameter, slope, lambda: cost(X, Y, W, b, lam))
            wrong = not found <= TOLERANCE
            failed |= wrong
            print(f"{{name}}{{layer}}  {{found:.1e}}{{'  WRONG' if wrong else ''}}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(self_check())
'''

SHAPES = {
    None: "One sample: x of shape (n_0,), y of shape (n_L,).",
    "rows": "A batch of m samples as rows: X of shape (m, n_0), Y of shape (m, n_L).",
    "columns": "A batch of m samples as columns: X of shape (n_0, m), Y of shape (n_L, m).",
}
REDUCTIONS = {"mean": "the mean over the samples", "sum": "the sum over the samples"}
GIVEN = {None: "X[0], Y[0]", "rows": "X, Y", "columns": "X.T, Y.T"}
SUM_TO_ONE = "    Y /= Y.sum(axis=1, keepdims=True)  # the targets of a sample add up to 1\n"


def standalone(gradients: Gradients) -> str:
    """The whole file: gradients, cost and self-check of one network."""
    network = gradients.network
    code = [
        gradients_source(gradients.listing, network),
        cost_source(gradients.cost_listing, network),
    ]
    check = CHECK.format(
        given=GIVEN[network.batch], targets=SUM_TO_ONE if network.cost_row.sums_to_one else ""
    )
    return "\n\n".join([_head(network), *_helpers("\n".join(code)), *code]) + "\n" + check


def _head(network: Network) -> str:
    return HEAD.format(
        layers=network.layers,
        activations=", ".join(_word(row.name) for row in network.activations),
        cost=_word(network.cost),
        reduction=REDUCTIONS[network.reduction] if network.batch else "one sample",
        shapes=SHAPES[network.batch],
        objective=network.objective,
    )


def _word(name: str) -> str:
    """A name that cannot end the docstring that it stands in."""
    return re.sub(r"[^\w-]", "?", name)


def _helpers(code: str) -> list[str]:
    """The functions of ours that the code calls, in plain Python."""
    found = []
    if "erf(" in code:
        tables = {"ERF_NEAR": functions.ERF_NEAR, "ERF_FAR": functions.ERF_FAR}
        found += [f"{name} = (\n{_wrapped(table)}\n)" for name, table in tables.items()]
        found.append(_plain(inspect.getsource(functions.erf)))
    if "nonzero(" in code:
        found.append(_plain(inspect.getsource(functions.nonzero)))
    return found


def _wrapped(numbers: tuple[float, ...]) -> str:
    text = ", ".join(map(repr, numbers)) + ","
    return textwrap.fill(text, 96, initial_indent="    ", subsequent_indent="    ")


def _plain(source: str) -> str:
    """Without type hints, and with NumPy's long names."""
    bare = source.replace(": Any", "").replace(" -> Any", "")
    return bare.replace("chebval", "np.polynomial.chebyshev.chebval")
