"""The slope σ'(z) of each activation written out, and in the activation where that can be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sympy import Basic, Integer

from symbackprop.derive.proof import Proof
from symbackprop.derive.setting import ONE, Setting
from symbackprop.language.program import l
from symbackprop.language.terms import Act
from symbackprop.networks.activations import Activation
from symbackprop.networks.activations import a as a_symbol
from symbackprop.networks.activations import z as z_symbol
from symbackprop.networks.forward import j
from symbackprop.networks.tidy import written

Range = tuple[Basic | None, Basic | None]


def slopes(proof: Proof, given: Setting) -> None:
    """``σ'(z^l_j) = …`` for each run of layers with one known element-wise activation."""
    runs = [run for run in _runs(given) if run[0].slope is not None]
    title = "The slope of the activation" if len(runs) < 2 else "The slopes of the activations"
    for row, layer, (first, last) in runs:
        assert row.slope is not None
        z_j, a_j = given.z(layer, j), given.a(layer, j)
        proof.start(Act(layer, z_j, 1), section=title, first=first, last=last)
        proof.to(
            written(row.slope, {z_symbol: z_j}),
            "differentiate",
            "differentiate on both sides of the kink; there, the slope on the left is taken"
            if row.kinks
            else f"differentiate {row.name}",
        )
        short = row.slope_by_a
        if short is not None and short.has(a_symbol) and short.is_polynomial(a_symbol):
            by_a = written(short, {a_symbol: a_j})
            proof.to(by_a, "slope", f"the slope written in a alone, for {row.name}")
        proof.call("slope" if layer in (l, given.top) else f"slope-{layer}")


def _runs(given: Setting) -> Iterator[tuple[Activation, Basic, Range]]:
    """Activation, layer (a number, or l) and the range of l."""
    if given.network.general:
        if not given.softmax_output:
            yield given.network.output_activation, l, (ONE, given.top)
        return
    numbered = enumerate(given.network.activations, start=1)
    for row, run in groupby(numbered, lambda pair: pair[1]):
        layers = [Integer(number) for number, _ in run]
        if len(layers) == 1:
            yield row, layers[0], (None, None)
        else:
            yield row, l, (layers[0], layers[-1])
