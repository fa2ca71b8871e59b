"""Compiled gradients against three others: the trainer's, central differences, a complex step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.numeric.boundary import Array
from symbackprop.numeric.functions import NUMPY
from symbackprop.numeric.listing import Listing, run
from symbackprop.numeric.lower import Gradients, named
from symbackprop.numeric.witness import ByHand, known

Places = NDArray[np.int64]

AGREE = 1e-7
TINY_STEP = 1e-30
NOT_ANALYTIC = {"absolute", "maximum", "step", "where"}
TRIES = 20


def _logaddexp(p: Any, q: Any) -> Any:
    top = np.maximum(p, q)
    return top + np.log(np.exp(p - top) + np.exp(q - top))


COMPLEX: dict[str, Callable[..., Any]] = NUMPY | {"logaddexp": _logaddexp}


@dataclass(frozen=True)
class Comparison:
    """Largest relative gaps of the gradients to each witness; None where it has no say.

    A gap is the largest difference in an array over its largest entry, the worst of all arrays.
    """

    trainer: float | None
    central: float
    complex_step: float | None
    seed: int

    @property
    def worst(self) -> float:
        """The largest of the gaps."""
        gaps = (self.trainer, self.central, self.complex_step)
        return max(gap for gap in gaps if gap is not None)

    @property
    def agrees(self) -> bool:
        """Whether every gap is within what central differences can see."""
        return self.worst <= AGREE


@dataclass(frozen=True)
class Point:
    """Data and parameters at which gradients are compared."""

    X: Array
    Y: Array
    W: list[Array]
    b: list[Array]
    lam: float


def compare(
    gradients: Gradients, *, seed: int = 0, samples: int = 3, entries: int = 40
) -> Comparison:
    """Compare at a random point; differences are taken at up to ``entries`` places of an array."""
    network = gradients.network
    draw = np.random.default_rng(seed)
    point = _away_from_kinks(gradients, draw, samples)
    given = (point.X, point.Y, point.W, point.b, point.lam)
    dW, db = gradients(*given)
    ours = [*dW, *db]
    trainer = None
    if known(network):
        theirs = ByHand(network).gradients(*given)
        trainer = max(map(relative_gap, ours, [*theirs[0], *theirs[1]]))
    places = [_some_places(array, draw, entries) for array in ours]
    cost = ByHand(network).cost if known(network) else gradients.cost
    smooth = not any(row.kinks for row in network.activations)
    slope = _fourth_order if smooth else _second_order
    central = _gap(ours, places, _shifted(point, lambda p: cost(p.X, p.Y, p.W, p.b, p.lam)), slope)
    analytic = not NOT_ANALYTIC & {i.op for i in gradients.cost_listing.instructions}
    value = _shifted(point, lambda p: _complex_cost(gradients.cost_listing, p))
    complex_step = _gap(ours, places, value, _imaginary) if analytic else None
    return Comparison(trainer, central, complex_step, seed)


def relative_gap(one: Array, other: Array) -> float:
    """``max|p - q| / max|q|``; two arrays of zeros agree."""
    size = float(np.max(np.abs(other), initial=0.0))
    return float(np.max(np.abs(one - other), initial=0.0)) / size if size else float(np.any(one))


def random_point(gradients: Gradients, draw: np.random.Generator, samples: int) -> Point:
    """Normal data and parameters; targets in (0, 1), adding up to 1 where the cost rests on it."""
    network = gradients.network
    layers = network.layers
    assert layers is not None
    X = draw.standard_normal((samples, layers[0]))
    Y = draw.uniform(0.05, 0.95, (samples, layers[-1]))
    if network.cost_row.sums_to_one:
        Y /= Y.sum(axis=1, keepdims=True)
    turned: dict[str | None, Callable[[Array], Array]] = {
        None: lambda A: A[0],
        "rows": lambda A: A,
        "columns": lambda A: np.ascontiguousarray(A.T),
    }
    W = [draw.standard_normal((n, k)) / np.sqrt(k) for k, n in pairwise(layers)]
    b = [draw.standard_normal(n) / 2 for n in layers[1:]] if network.biases else []
    lay = turned[network.batch]
    return Point(lay(X), lay(Y), W, b, 0.1 if network.l2 else 0.0)


def _away_from_kinks(gradients: Gradients, draw: np.random.Generator, samples: int) -> Point:
    """Of some points the one whose weighted inputs keep farthest from a kink."""
    rows = enumerate(gradients.network.activations, start=1)
    kinks = [(f"z{l}", kink) for l, row in rows for kink in row.kinks]
    tries = TRIES if kinks else 1
    points = [random_point(gradients, draw, samples) for _ in range(tries)]
    zs = {name: name for name, _ in kinks}
    listing = replace(gradients.listing, outputs=zs)

    def distance(point: Point) -> float:
        found = run(listing, NUMPY, named(listing, point.X, point.Y, point.W, point.b, point.lam))
        return min((float(np.min(np.abs(found[name] - kink))) for name, kink in kinks), default=0.0)

    return max(points, key=distance)


def _some_places(array: Array, draw: np.random.Generator, entries: int) -> Places:
    return draw.permutation(array.size)[:entries]


def _shifted(point: Point, cost: Callable[[Point], Any]) -> Callable[[int, int, complex], Any]:
    """The cost with one entry of one parameter moved by a step."""

    def value(array: int, place: int, by: complex) -> Any:
        parameters = [*point.W, *point.b]
        parameters[array] = parameters[array].astype(type(by))
        parameters[array].reshape(-1)[place] += by
        depth = len(point.W)
        return cost(replace(point, W=parameters[:depth], b=parameters[depth:]))

    return value


def _gap(
    ours: list[Array],
    places: list[Places],
    value: Callable[[int, int, complex], Any],
    slope: Callable[[Callable[[complex], Any]], float],
) -> float:
    return max(_gaps(ours, places, value, slope))


def _gaps(
    ours: list[Array],
    places: list[Places],
    value: Callable[[int, int, complex], Any],
    slope: Callable[[Callable[[complex], Any]], float],
) -> Iterator[float]:
    for k, (array, some) in enumerate(zip(ours, places, strict=True)):
        found = [slope(lambda by, k=k, at=at: value(k, at, by)) for at in some]  # type: ignore[misc]
        yield relative_gap(array.reshape(-1)[some], np.array(found))


def _second_order(f: Callable[[complex], Any]) -> float:
    h = 1e-5
    return float((f(h) - f(-h)) / (2 * h))


def _fourth_order(f: Callable[[complex], Any]) -> float:
    h = 1e-3
    return float((8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h))


def _imaginary(f: Callable[[complex], Any]) -> float:
    """``Im f(x + ih) / h``: no difference is taken, so no digits are lost."""
    return float(np.imag(f(1j * TINY_STEP)) / TINY_STEP)


def _complex_cost(listing: Listing, p: Point) -> Any:
    return run(listing, COMPLEX, named(listing, p.X, p.Y, p.W, p.b, p.lam))["C"]
