"""A person's own gradient check put to the test: which of the planted mistakes does it miss?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.fingerprint import variants
from symbackprop.diagnose.mistake import Mistake
from symbackprop.diagnose.probes import probe, shapes
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting, truth
from symbackprop.diagnose.scales import gap

Parameters = Mapping[str, Array]
Cost = Callable[[Parameters], float]
Slope = Callable[[Parameters], Gradients]
Checker = Callable[[Cost, Slope, Parameters], bool]

SETTINGS = (
    Setting("sigmoid", "sigmoid", "quadratic"),
    Setting("tanh", "sigmoid", "binary-cross-entropy"),
    Setting("relu", "softmax", "cross-entropy"),
    Setting("tanh", "identity", "quadratic", "lambda/(2m)"),
)
VISIBLE = 1e-6


@dataclass(frozen=True)
class Missed:
    """A wrong gradient that the check let through."""

    mistake: str
    says: str
    layers: tuple[int, ...]
    setting: str


@dataclass(frozen=True)
class CheckOfCheck:
    """What a gradient check is worth: ``missed`` wrong gradients, right ones that it refused."""

    planted: int
    missed: tuple[Missed, ...]
    refused: tuple[str, ...]

    def __str__(self) -> str:
        passed = f"{len(self.missed)} of {self.planted} wrong gradients passed"
        lines = [f"{passed}, {len(self.refused)} right ones were refused"]
        lines += [f"  passed: [{m.mistake}] {m.says} ({m.setting})" for m in self.missed]
        lines += [f"  refused: right gradients of {setting}" for setting in self.refused]
        return "\n".join(lines)


def check_my_check(
    checker: Checker,
    *,
    points: Sequence[Point] | None = None,
    settings: Sequence[Setting] = SETTINGS,
) -> CheckOfCheck:
    """Plant every mistake of the table and ask ``checker(cost, gradients, parameters) -> bool``.

    ``parameters`` maps ``W1, b1, W2, …`` to arrays, W (n_l, n_{l-1}) and b (n_l,); ``cost`` and
    ``gradients`` are functions of them.  ``points``: other networks, such as the one that the
    check is used with; zero or equal weights hide much.

    >>> check_my_check(lambda cost, gradients, parameters: False).missed
    ()
    """
    chosen = points or [probe(*shapes(2)[1], 2, positive=True)]
    missed: list[Missed] = []
    refused: list[str] = []
    planted = 0
    for point in chosen:
        for setting in settings:
            right = truth(point, setting)
            cost = _cost(point, setting)
            here = parameters_of(point)
            if not checker(cost, lambda p, o=point, s=setting: truth(_at(o, p), s), here):  # type: ignore[misc]
                refused.append(str(setting))
            for mistake, layers, slope in _planted(point, setting):
                wrong = slope(here)
                if gap(wrong, right) < VISIBLE:
                    continue
                planted += 1
                if checker(cost, slope, here):
                    missed.append(Missed(mistake.id, mistake.says, layers, str(setting)))
    return CheckOfCheck(planted, tuple(missed), tuple(refused))


def parameters_of(point: Point) -> Gradients:
    """``{"W1": …, "b1": …, …}`` as copies."""
    found: Gradients = {}
    for l, (w, b) in enumerate(zip(point.W, point.b, strict=True), start=1):
        found[f"W{l}"], found[f"b{l}"] = w.copy(), b.copy()
    return found


def _at(point: Point, parameters: Parameters) -> Point:
    layers = range(1, point.depth + 1)
    return replace(
        point,
        W=tuple(parameters[f"W{l}"] for l in layers),
        b=tuple(parameters[f"b{l}"] for l in layers),
    )


def _cost(point: Point, setting: Setting) -> Cost:
    return lambda parameters: Flow(_at(point, parameters), setting).cost()


def _planted(point: Point, setting: Setting) -> Iterator[tuple[Mistake, tuple[int, ...], Slope]]:
    """Every row that gives gradients of the right shapes, as a function of the parameters."""
    right = truth(point, setting)
    for variant in variants(Flow(point, setting)):

        def slope(parameters: Parameters, spoils: object = variant.spoils) -> Gradients:
            return Flow(_at(point, parameters), setting, spoils).gradients()  # type: ignore[arg-type]

        try:
            wrong = slope(parameters_of(point))
        except ValueError:
            continue
        if all(wrong[name].shape == right[name].shape for name in right):
            yield variant.mistake, variant.layers, slope
