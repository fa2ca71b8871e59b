"""Whether what a function gave has the shapes of gradients, in the most general case it runs in."""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.diagnose.adapt import known_truth
from symbackprop.diagnose.arrange import SHARED, Convention
from symbackprop.diagnose.problems import Flow, Gradients, Setting
from symbackprop.diagnose.scales import scale_of


def generalises(one: Convention, other: Convention) -> bool:
    """Whether ``other`` asks for less than ``one``: one sample, one output or fewer layers.

    Class numbers are no general case of targets that are values, ``y.reshape(-1, 1)``.
    """
    if one.targets == "labels" != other.targets:
        return False
    less = (
        other.one_by_one and not one.one_by_one,
        other.outputs < one.outputs,
        other.depth < one.depth,
        other.bias == "none" != one.bias,
        other.bias == SHARED != one.bias,
    )
    more = (
        one.one_by_one and not other.one_by_one,
        one.outputs < other.outputs,
        one.depth < other.depth,
        one.bias == "none" != other.bias,
        one.bias == SHARED != other.bias,
    )
    return any(less) and not any(more)


def fits(seen: Gradients, flow: Flow, biases: bool) -> int:
    """How many gradients have the right shape, less those that should be there (0: all)."""
    right = known_truth(flow.point, flow.setting)
    names = [name for name in right if biases or name[0] == "W"]
    return sum(name in seen and seen[name].shape == right[name].shape for name in names) - len(
        names
    )


def some_biases(seen: Gradients, flow: Flow) -> bool:
    """Whether a bias gradient has its shape: it is summed over the samples, so there are some."""
    return any(
        name[0] == "b" and value.shape == (flow.point.layers[int(name[1:])],)
        for name, value in seen.items()
    )


def meant_for_batches(seen: Gradients, flow: Flow, settings: Sequence[Setting]) -> bool:
    """Whether the weights have their mean over the samples, and the biases are not even summed."""
    m, layers = flow.point.samples, flow.point.layers
    if not any(n[0] == "b" and g.shape == (m, layers[int(n[1:])]) for n, g in seen.items()):
        return False
    weights = {name: value for name, value in seen.items() if name[0] == "W"}
    for setting in settings:
        right = known_truth(flow.point, setting)
        scale = scale_of([weights], [{name: right[name] for name in weights}], [flow.point])
        if scale is not None:
            return scale.value(flow.point) == scale.value(flow.point.sample(0))
    return False


def complete(seen: Gradients, flow: Flow, names: set[str]) -> bool:
    """Whether all gradients are there, with no axis that only samples can have."""
    widths = {*flow.point.layers, 1}
    return names <= set(seen) and all(
        set(value.shape) <= widths and (name[0] == "W" or value.ndim == 1)
        for name, value in seen.items()
    )
