"""Random probe networks at which every two mistakes of the table give different numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from symbackprop.diagnose.curves import CURVES
from symbackprop.diagnose.problems import Flow, Point, Setting

# widths pairwise different (no missing transpose can hide), then all alike (a transposed array
# still fits); batches unlike every width, no output of two (½ and 1/n_L would look alike)
SHAPES: dict[int, tuple[tuple[tuple[int, ...], int], ...]] = {
    1: (((5, 3), 7), ((4, 4), 5), ((6, 5), 11)),
    2: (((2, 5, 3), 7), ((4, 4, 4), 5), ((3, 6, 5), 11)),
    3: (((2, 5, 4, 3), 7), ((4, 4, 4, 4), 5), ((3, 6, 4, 5), 11)),
}
MARGIN = 0.02
TRIES = 400


def shapes(depth: int, outputs: int | None = None) -> list[tuple[tuple[int, ...], int]]:
    """Widths and batch sizes of the probes of a depth; ``outputs`` fixes n_L."""
    if depth in SHAPES:
        rows = list(SHAPES[depth])
    else:
        wide = (2, 5, 4, *range(6, depth + 3))
        rows = [((*wide, 3), depth + 8), ((4,) * (depth + 1), 5), ((*wide[::-1], 5), depth + 9)]
    if outputs is None:
        return rows
    return [((*widths[:-1], outputs), m) for widths, m in rows]


@cache
def probe(
    layers: tuple[int, ...],
    samples: int,
    seed: int,
    *,
    labels: bool = False,
    biases: bool = True,
    shared: bool = False,
    positive: bool = False,
) -> Point:
    """A random point: non-zero biases, unsaturated weights, targets in (0, 1) that add up to 1.

    ``labels``: one-hot targets, every class at least once where the batch allows it.
    ``shared``: one bias for all units of a layer.
    ``positive``: no kink is near for any of the activations that have one (tried on ReLU).
    """
    draw = np.random.default_rng([seed, *layers, samples])
    best, clear = None, -1.0
    for _ in range(TRIES if positive else 1):
        point = _drawn(draw, layers, samples, labels, biases, shared)
        distance = _distance(point) if positive and _mixed(point) else 0.0
        if distance > clear:
            best, clear = point, distance
        if clear > MARGIN:
            break
    assert best is not None
    return best


def _drawn(
    draw: np.random.Generator,
    layers: tuple[int, ...],
    samples: int,
    labels: bool,
    biases: bool,
    shared: bool,
) -> Point:
    X = draw.uniform(-1.5, 1.5, (samples, layers[0]))
    W = tuple(draw.standard_normal((n, k)) / np.sqrt(k) for k, n in pairwise(layers))
    b = [draw.uniform(0.15, 0.6, n) * draw.choice([-1, 1], n) for n in layers[1:]]
    if not biases:
        b = [np.zeros(n) for n in layers[1:]]
    elif shared:
        b = [one[:1] for one in b]
    elif len(b) > 1 and layers[1] > 3:
        b[0][-1] = -6.0  # one unit that is dead under ReLU
    return Point(X, _targets(draw, samples, layers[-1], labels), W, tuple(b))


def _targets(draw: np.random.Generator, samples: int, n: int, labels: bool) -> np.ndarray:
    if n == 1:
        shape = (samples, 1)
        return draw.integers(0, 2, shape) * 1.0 if labels else draw.uniform(0.1, 0.9, shape)
    if labels:
        return np.eye(n)[draw.permutation(np.arange(samples) % n)]
    # one large target in each sample, so that a - y has both signs whatever the output is
    Y = (
        draw.uniform(0.1, 0.3, (samples, n))
        + 1.5 * np.eye(n)[draw.permutation(np.arange(samples) % n)]
    )
    return Y / Y.sum(axis=1, keepdims=True)


def _mixed(point: Point) -> bool:
    """Whether a - y has both signs, whatever the activations are: |a - y| cannot hide."""
    residuals = [
        Flow(point, Setting(hidden, output)).residual
        for hidden in ("sigmoid", "tanh", "relu")
        for output in ("sigmoid", "tanh", "identity", "softmax")
        if point.layers[-1] > 1 or output != "softmax"
    ]
    return all((r > 0).any() and (r < 0).any() for r in residuals)


def _distance(point: Point) -> float:
    """How far the weighted inputs of the hidden layers keep from 0, with ReLU and with a leak."""
    flows = [
        Flow(point, Setting(hidden, output))
        for hidden in ("relu", "leaky-relu")
        for output in ("relu",)
    ]
    return min(float(np.abs(flow.z(l)).min()) for flow in flows for l in range(1, point.depth + 1))


def single(points: Iterable[Point]) -> list[Point]:
    """The same networks with the first sample of each."""
    return [point.sample(0) for point in points]


def without_penalty(point: Point) -> Point:
    return replace(point, lam=0.0)


def kinked(setting: Setting) -> bool:
    """Whether an activation of this setting has a slope by convention somewhere."""
    return any(name in CURVES and CURVES[name].kinked for name in (setting.hidden, setting.output))
