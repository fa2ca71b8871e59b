"""What finite-difference checks miss: the usual tolerances, in eight regimes of weights.

The same planted mistakes as in ``check_my_check``; a mistake counts if its gradients are wrong at a
generic network, since it is the code that is wrong, wherever it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from symbackprop.diagnose.checkers import SETTINGS
from symbackprop.diagnose.fingerprint import spoiled, variants
from symbackprop.diagnose.probes import probe
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting, truth
from symbackprop.diagnose.scales import gap

LAYERS, SAMPLES, NETWORKS = (3, 5, 4, 3), 4, 4
STEPS = 300  # of training, in the last regime
Draw = np.random.Generator
Vector = np.ndarray


def _with(
    point: Point, draw: Draw, weights: Callable[[int, int], Vector], bias: float | None
) -> Point:
    b = tuple(
        draw.standard_normal(w.shape[0]) if bias is None else np.full(w.shape[0], bias)
        for w in point.W
    )
    return replace(point, W=tuple(weights(*w.shape) for w in point.W), b=b)


def normal(point: Point, draw: Draw, size: float = 1.0) -> Point:
    return _with(point, draw, lambda n, k: size * draw.standard_normal((n, k)), None)


def xavier(point: Point, draw: Draw) -> Point:
    return _with(point, draw, lambda n, k: draw.standard_normal((n, k)) / np.sqrt(k), 0.1)


def pixels(point: Point, draw: Draw) -> Point:
    return replace(xavier(point, draw), X=draw.integers(0, 256, point.X.shape).astype(float))


def constant(point: Point, draw: Draw, value: float) -> Point:
    return _with(point, draw, lambda n, k: np.full((n, k), value), value)


def dead(point: Point, draw: Draw) -> Point:
    changed = xavier(point, draw)
    return replace(changed, b=tuple(np.full(b.shape, -6.0) for b in changed.b))


def trained(point: Point, draw: Draw, setting: Setting) -> Point:
    now = xavier(point, draw)
    for _ in range(STEPS):
        g = truth(now, setting)
        W = tuple(w - 0.5 * g[f"W{l}"] for l, w in enumerate(now.W, start=1))
        b = tuple(v - 0.5 * g[f"b{l}"] for l, v in enumerate(now.b, start=1))
        now = replace(now, W=W, b=b)
    return now


REGIMES: dict[str, Callable[[Point, Draw, Setting], Point]] = {
    "N(0,1)": lambda p, draw, s: normal(p, draw),
    "Xavier": lambda p, draw, s: xavier(p, draw),
    "pixels 0–255": lambda p, draw, s: pixels(p, draw),
    "N(0,25)": lambda p, draw, s: normal(p, draw, 5.0),
    "all zero": lambda p, draw, s: constant(p, draw, 0.0),
    "all ½": lambda p, draw, s: constant(p, draw, 0.5),
    "b = -6": lambda p, draw, s: dead(p, draw),
    "trained": trained,
}


@dataclass(frozen=True)
class Here:
    """A network and the differences of its cost, by step."""

    point: Point
    setting: Setting
    draw: Draw

    @cache  # noqa: B019
    def differences(self, h: float) -> Vector:
        theta = flat(parameters(self.point))
        found = np.empty_like(theta)
        for n in range(theta.size):
            e = np.zeros_like(theta)
            e[n] = h
            found[n] = (self.cost(theta + e) - self.cost(theta - e)) / (2 * h)
        return found

    def cost(self, theta: Vector) -> float:
        return Flow(at(self.point, theta), self.setting).cost()

    @cache  # noqa: B019
    def along(self, h: float) -> tuple[Vector, float]:
        """A random direction, and the difference along it."""
        theta = flat(parameters(self.point))
        v = self.draw.standard_normal(theta.size)
        v /= np.linalg.norm(v)
        return v, (self.cost(theta + h * v) - self.cost(theta - h * v)) / (2 * h)

    def __hash__(self) -> int:
        return id(self)


def parameters(point: Point) -> Gradients:
    pairs = enumerate(zip(point.W, point.b, strict=True), start=1)
    return {f"{name}{l}": x for l, both in pairs for name, x in zip("Wb", both, strict=True)}


def flat(values: Gradients) -> Vector:
    return np.concatenate([values[name].ravel() for name in sorted(values)])


def at(point: Point, theta: Vector) -> Point:
    found, place = {}, 0
    here = parameters(point)
    for name in sorted(here):
        size = here[name].size
        found[name] = theta[place : place + size].reshape(here[name].shape)
        place += size
    layers = range(1, point.depth + 1)
    return replace(
        point, W=tuple(found[f"W{l}"] for l in layers), b=tuple(found[f"b{l}"] for l in layers)
    )


def pytorch(g: Vector, here: Here) -> bool:
    """gradcheck: |a - n| ≤ 1e-5 + 1e-3 |n| for each entry, steps of 1e-6."""
    n = here.differences(1e-6)
    return bool(np.all(np.abs(g - n) <= 1e-5 + 1e-3 * np.abs(n)))


def jax(g: Vector, here: Here) -> bool:
    """check_grads: along one random direction, steps of 1e-4, tolerance 1e-5."""
    v, n = here.along(1e-4)
    return bool(abs(g @ v - n) <= 1e-5 + 1e-5 * abs(n))


def _relative(g: Vector, n: Vector) -> float:
    size = np.maximum(np.abs(g), np.abs(n))
    return float(np.max(np.abs(g - n) / np.where(size > 0, size, 1)))


def cs231n(g: Vector, here: Here) -> bool:
    """The notes: relative error of each entry below 1e-2, steps of 1e-5."""
    return _relative(g, here.differences(1e-5)) < 1e-2


def cs231n_strict(g: Vector, here: Here) -> bool:
    """The notes, for a network without kinks: below 1e-7."""
    return _relative(g, here.differences(1e-5)) < 1e-7


def ng(g: Vector, here: Here) -> bool:
    """The course: ‖a - n‖ / (‖a‖ + ‖n‖) below 1e-7, steps of 1e-7."""
    n = here.differences(1e-7)
    size = float(np.linalg.norm(g) + np.linalg.norm(n))
    return size == 0 or float(np.linalg.norm(g - n)) / size < 1e-7


CHECKS = {
    "PyTorch, defaults": pytorch,
    "JAX, defaults": jax,
    "CS231n, 1e-2": cs231n,
    "CS231n, 1e-7": cs231n_strict,
    "Ng, 1e-7": ng,
}


def _wrong(setting: Setting) -> Iterator[object]:
    """Mistakes that are wrong at a generic network."""
    generic = probe(LAYERS, SAMPLES, 5, positive=True)
    right = truth(generic, setting)
    for variant in variants(Flow(generic, setting)):
        g = spoiled(generic, setting, variant.spoils)
        fits = g is not None and all(g[name].shape == right[name].shape for name in right)
        if fits and np.all(np.isfinite(flat(g))) and gap(g, right) > 1e-6:
            yield variant.spoils


def measured(seed: int = 1) -> dict[str, dict[str, tuple[int, int, int, int]]]:
    """Check → regime → wrong ones, those that pass, right ones, those that are refused."""
    found: dict[str, dict[str, tuple[int, int, int, int]]] = {}
    np.seterr(all="ignore")  # saturated networks have logarithms of 0
    for regime, change in REGIMES.items():
        counts = {name: [0, 0, 0, 0] for name in CHECKS}
        for number in range(NETWORKS):
            for place, setting in enumerate(SETTINGS):
                draw = np.random.default_rng([seed, number, place])
                point = change(probe(LAYERS, SAMPLES, 10 + number), draw, setting)
                here = Here(point, setting, draw)
                spoils = [None, *_wrong(setting)]
                for spoil in spoils:
                    g = truth(point, setting) if spoil is None else spoiled(point, setting, spoil)
                    if g is None:
                        continue
                    for name, check in CHECKS.items():
                        passes = check(flat(g), here)
                        counts[name][2 if spoil is None else 0] += 1
                        counts[name][3 if spoil is None else 1] += passes != (spoil is None)
        for name, (wrong, passed, right, refused) in counts.items():
            found.setdefault(name, {})[regime] = (wrong, passed, right, refused)
    return found


def table() -> list[str]:
    """The share of wrong gradients that pass, as a table in Markdown."""
    found = measured()
    total = sum(row[0] for row in next(iter(found.values())).values())
    lines = [
        "## Beside it: finite differences", "",
        f"{total} wrong gradients, {NETWORKS} networks in each regime: the share that passes the check,",
        "and the share of right gradients that it refuses.", "",
        "| check | all | " + " | ".join(REGIMES) + " | false alarms |",
        "|:---|" + "---:|" * (len(REGIMES) + 2),
    ]  # fmt: skip
    for name, by in found.items():
        wrong, passed, right, refused = (sum(row[n] for row in by.values()) for n in range(4))
        cells = [f"{passed / wrong:.1%}", *(f"{p / w:.1%}" for w, p, _, _ in by.values())]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {refused / right:.1%} |")
    return lines
