"""Sensible factors between a gradient and the truth: sign, ½, 2, m, 1/m, n_L, 1/n_L, η, ln 2."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from symbackprop.diagnose.problems import Gradients, Point

CLOSE = 1e-6
TINY = 1e-9
SMALLEST = 1e-100  # whose squares are numbers


@dataclass(frozen=True)
class Scale:
    """A factor as people write it; ``plain`` counts its parts (0: the truth itself)."""

    says: str
    value: Callable[[Point], float]
    plain: int

    def __str__(self) -> str:
        return self.says


_PARTS: tuple[tuple[tuple[str, Callable[[Point], float]], ...], ...] = (
    (("", lambda p: 1.0), ("-", lambda p: -1.0)),
    (("", lambda p: 1.0), ("2", lambda p: 2.0), ("1/2", lambda p: 0.5)),
    (("", lambda p: 1.0), ("m", lambda p: p.samples), ("1/m", lambda p: 1 / p.samples)),
    (("", lambda p: 1.0), ("n_L", lambda p: p.layers[-1]), ("1/n_L", lambda p: 1 / p.layers[-1])),
    (("", lambda p: 1.0), ("η", lambda p: p.eta), ("1/η", lambda p: 1 / p.eta)),
)
_LOGARITHMS = (
    ("ln 2", math.log(2)), ("1/ln 2", 1 / math.log(2)),
    ("ln 10", math.log(10)), ("1/ln 10", 1 / math.log(10)),
)  # fmt: skip


def _made() -> list[Scale]:
    scales = []
    for parts in product(*_PARTS):
        words = [word for word, _ in parts if word not in ("", "-")]
        sign = "-" if parts[0][0] else ""
        values = [value for _, value in parts]

        def value(point: Point, values: Sequence[Callable[[Point], float]] = values) -> float:
            return math.prod(v(point) for v in values)

        scales.append(Scale(sign + ("·".join(words) or "1"), value, len(words) + bool(sign)))
    for word, number in _LOGARITHMS:
        scales.append(Scale(word, lambda p, number=number: number, 1))  # type: ignore[misc]
    return sorted(scales, key=lambda scale: scale.plain)


SCALES = tuple(_made())
ONE = SCALES[0]


def constant(number: float, plain: Scale = ONE) -> Scale:
    """A sensible factor times one that is the same at every probe: a rate inside the code."""
    says = f"{number:.6g}" + ("" if plain is ONE else f"·{plain}")
    return Scale(says, lambda point: number * plain.value(point), 5 + plain.plain)


def factor_of(observed: Gradients, expected: Gradients, close: float = CLOSE) -> float | None:
    """The one number f with ``observed = f · expected`` for all parameters, or None."""
    if any(observed[name].shape != expected[name].shape for name in observed):
        return None
    if not all(np.isfinite(value).all() for value in observed.values()):
        return None
    top = bottom = 0.0
    sizes = {name: float(np.abs(expected[name]).max(initial=0.0)) for name in observed}
    most = max(sizes.values(), default=0.0)
    if not SMALLEST < most < math.inf:
        return None
    for name, value in observed.items():
        size = max(sizes[name], TINY * most)  # what is rounding beside the rest has no say
        top += float((value * expected[name]).sum()) / size**2
        bottom += float((expected[name] ** 2).sum()) / size**2
    if not bottom or not math.isfinite(top) or top == 0.0:
        return None
    factor = top / bottom
    return factor if gap(observed, expected, factor) <= close else None


def gap(observed: Gradients, expected: Gradients, factor: float = 1.0) -> float:
    """The largest difference in an array over its largest entry, the worst of all arrays."""
    whole = max((float(np.abs(e).max(initial=0.0)) for e in expected.values()), default=0.0)
    return max(
        gap_of(value, factor * expected[name], abs(factor) * whole)
        for name, value in observed.items()
    )


def gap_of(one: np.ndarray, other: np.ndarray, whole: float = 0.0) -> float:
    """``max|p - q| / max|q|``; what is tiny beside ``whole`` counts as zero."""
    if one.shape != other.shape or not np.isfinite(one).all():
        return math.inf
    size = max(float(np.abs(other).max(initial=0.0)), TINY * whole, 1e-300)
    return float(np.abs(one - other).max(initial=0.0)) / size


def scale_of(
    observed: Sequence[Gradients],
    expected: Sequence[Gradients],
    points: Sequence[Point],
    *,
    any_constant: bool = False,
    close: float = CLOSE,
) -> Scale | None:
    """The plainest factor that fits at every probe."""
    factors: list[float] = []
    for one, other in zip(observed, expected, strict=True):
        factor = factor_of(one, other, close)
        if factor is None:
            return None
        factors.append(factor)
    found = named(factors, points, close)
    return _steady(factors, points) if found is None and any_constant else found


def named(factors: Sequence[float], points: Sequence[Point], close: float = CLOSE) -> Scale | None:
    """The plainest factor that has these values."""
    for scale in SCALES:
        values = [scale.value(point) for point in points]
        if all(abs(f - v) <= 2 * close * abs(v) for f, v in zip(factors, values, strict=True)):
            return scale
    return None


def _steady(factors: Sequence[float], points: Sequence[Point]) -> Scale | None:
    """The plainest factor that, times one positive number, gives these."""
    for scale in SCALES:
        ratios = [f / scale.value(point) for f, point in zip(factors, points, strict=True)]
        near = max(ratios) - min(ratios) <= 1e-5 * abs(ratios[0])
        if scale.plain <= 2 and near and ratios[0] > 0:
            return constant(ratios[0], scale)
    return None
