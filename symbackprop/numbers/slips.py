"""The slips of worked examples, one row each: what was done instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import combinations

from symbackprop.numbers.run import Slip

SLIPS = (
    Slip("updated-weights", "weights that were updated already are used for the errors below",
         updated_weights=True),
    Slip("biases-kept", "the biases are not updated", keep_biases=True),
    Slip("biases-updated", "the biases are updated, too", keep_biases=False),
    Slip("shared-bias-not-summed", "a bias that a layer shares has one error as its slope, not "
         "their sum", own_bias=True),
    Slip("transposed-weights", "the errors go back through weights that are not transposed",
         turned_back=True),
    Slip("weights-swapped", "the weights are wired the other way round", turned_forward=True),
    Slip("wrong-sign", "the step goes uphill: slopes are added", uphill=True),
    Slip("slope-dropped", "the slope of the output activation is missing", no_slope_at="output"),
    Slip("hidden-slope-dropped", "the slope of a hidden activation is missing",
         no_slope_at="hidden"),
    Slip("slopes-dropped", "the slopes of all activations are missing", no_slope_at="all"),
    Slip("slope-at-activation", "the slope is taken at a instead of z", slope_at_a=True),
    Slip("slope-of-another-layer", "a hidden layer takes the slope of the last layer's function",
         slope_of="output"),
    Slip("cost-halved", "the cost has a factor ½ more", factor="½"),
    Slip("cost-doubled", "the cost lacks a factor ½", factor="2"),
    Slip("cost-averaged", "the cost is divided by the number of outputs", factor="1/n"),
    Slip("bias-left-out", "the biases are left out", no_bias=True),
    Slip("rate-left-out", "the step is taken without the learning rate", no_eta=True),
    Slip("target-minus-output", "target minus output is taken for the slope of the cost",
         raw_error=True),
    Slip("target-and-output-swapped", "target and output are swapped in the cost", swapped=True),
)  # fmt: skip


def slips() -> Iterator[Slip]:
    """Each alone, then in pairs."""
    yield from SLIPS
    usual = Slip()
    for one, other in combinations(SLIPS, 2):
        changed = {
            f.name: getattr(other, f.name)
            for f in fields(Slip)
            if f.name not in ("id", "says") and getattr(other, f.name) != getattr(usual, f.name)
        }
        if all(getattr(one, name) == getattr(usual, name) for name in changed):
            says = f"{one.says}, and {other.says}"
            yield replace(one, id=f"{one.id}+{other.id}", says=says, **changed)
