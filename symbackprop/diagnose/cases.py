"""All that is known about a person's function before the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symbackprop.diagnose.adapt import GIVEN, Candidate, Runner, probes_for
from symbackprop.diagnose.assigning import leaves
from symbackprop.diagnose.calling import calls
from symbackprop.diagnose.curves import CURVES
from symbackprop.diagnose.expecting import wanted_shapes
from symbackprop.diagnose.fingerprint import Observation
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting, truth
from symbackprop.diagnose.scales import CLOSE, Scale, named, scale_of
from symbackprop.diagnose.settings import cost_of_losses, guesses, named_in, neighbours
from symbackprop.diagnose.spec import Spec


@dataclass(frozen=True)
class Loss:
    """The number that comes back beside the gradients: the cost of a setting, times a factor."""

    setting: Setting
    scale: Scale

    def __str__(self) -> str:
        times = "" if self.scale.plain == 0 else f" times {self.scale}"
        return f"the loss that it gives is the {self.setting.cost} cost{times}"


@dataclass(frozen=True)
class Case:
    """All that is known about a function before the verdict."""

    candidate: Candidate
    seen: tuple[Observation, ...]
    settings: tuple[Setting, ...]
    stated: Setting | None
    loss: Loss | None = None

    @property
    def probes(self) -> list[Point]:
        """All probes of the convention, also those at which the wrong code does not run."""
        return probes_for(self.candidate.convention, penalised=self.candidate.plan.has("lam"))

    @property
    def points(self) -> list[Point]:
        return [o.point for o in self.seen]

    def expected(self, setting: Setting) -> list[Gradients]:
        return [{name: truth(o.point, setting)[name] for name in o.gradients} for o in self.seen]

    @property
    def confirmed(self) -> bool:
        """Whether the forward pass is known to be right: it was seen, or its loss is a cost."""
        return self.loss is not None or self.candidate.seen.layers == self.points[0].depth

    @property
    def missing(self) -> list[str]:
        """The parameters of which no gradient came back."""
        wanted = wanted_shapes(self.candidate.convention, Flow(self.points[0], self.settings[0]))
        return [name for name in wanted if name not in self.seen[0].gradients]

    @property
    def others_right(self) -> str:
        return f"no gradient of {', '.join(self.missing)} was found; the others are right"

    @property
    def other_network(self) -> str:
        """What the forward pass computes, if it is not what was stated."""
        stated, seen = self.stated, self.candidate.seen
        if stated is None or not seen.hidden:
            return ""
        if seen.hidden != stated.hidden:
            return f"the hidden layers of the code are {seen.hidden}, those stated {stated.hidden}"
        if seen.outputs and stated.output not in seen.outputs:
            return f"the output of the code is {seen.outputs[0]}, the one stated {stated.output}"
        return ""

    def another_output(self, setting: Setting) -> bool:
        """Whether a linear output was assumed, where the code is given it and speaks of another.

        The hidden layers' own activation is no other; ``np.exp`` and masks may be theirs.
        """
        if self.stated is not None or setting.output != "identity":
            return False
        spoken = set(named_in(self.candidate.person.words)) - {setting.hidden}
        return self.candidate.plan.has(*GIVEN) and bool(spoken & {"sigmoid", "softmax"})

    def beside_its_loss(self, scale: Scale) -> tuple[str, ...]:
        """A common factor is a convention, but the loss beside it should have it, too."""
        if self.loss is None:
            return ()
        factors = [scale.value(p) / self.loss.scale.value(p) for p in self.points]
        times = named(factors, self.points)
        if times is None or times.plain == 0:
            return ()
        return (f"the gradients are {times} times the slope of that loss",)

    @property
    def own_rate(self) -> bool:
        """Whether the parameters are updated with a rate that stands in the code."""
        return self.candidate.reading.updates and not self.candidate.plan.has("eta")

    def at_its_rate(self, setting: Setting) -> tuple[tuple[Observation, ...], Scale] | None:
        """The steps over the rate that the last layer's show, at points that have this rate."""
        last = f"W{self.points[0].depth}"
        if any(last not in o.gradients for o in self.seen):
            return None
        steps = [{last: o.gradients[last]} for o in self.seen]
        right = [{last: e[last]} for e in self.expected(setting)]
        scale = scale_of(steps, right, self.points, any_constant=True)
        if scale is None or scale.value(self.points[0]) <= 0:
            return None
        rates = [scale.value(point) for point in self.points]
        return tuple(
            Observation(replace(o.point, eta=rate), {n: g / rate for n, g in o.gradients.items()})
            for o, rate in zip(self.seen, rates, strict=True)
        ), scale

    def scale(self, setting: Setting, close: float = CLOSE) -> Scale | None:
        """The sensible factor between what was seen and the truth of a setting."""
        return scale_of(
            [o.gradients for o in self.seen],
            self.expected(setting),
            self.points,
            any_constant=self.own_rate,
            close=close,
        )


def settings_of(
    candidate: Candidate,
    runner: Runner,
    seen: Sequence[Observation],
    spec: Spec,
    penalised: bool,
) -> tuple[list[Setting], Loss | None]:
    """The stated one; else that of the loss which comes back; else all that the code may mean."""
    if spec.setting:
        return [spec.setting], None
    meant = guesses(candidate.person.words, penalised, candidate.seen)
    base = meant
    if candidate.setting is not None:
        base = neighbours(candidate.setting, penalised)
        if candidate.setting.output in CURVES and CURVES[candidate.setting.output].kinked:
            linear = replace(candidate.setting, output="identity")  # alike where z^L > 0
            base += neighbours(linear, penalised)
    elif candidate.assumed and candidate.plan.has(*GIVEN):
        base = neighbours(candidate.assumed, penalised)
    loss = _by_loss(candidate, runner, [o.point for o in seen], [*base, *meant])
    return ([loss.setting], loss) if loss else (base, None)


def _by_loss(
    candidate: Candidate, runner: Runner, points: Sequence[Point], settings: Sequence[Setting]
) -> Loss | None:
    """A number that comes back beside the gradients and is the cost of one of the settings."""
    c = candidate.convention
    if c.one_by_one or candidate.reading.source == "attributes" or len(points) < 2:
        return None
    numbers: list[dict[Any, float]] = []
    for point in points[:2]:
        flow = Flow(point, candidate.assumed or settings[0])
        answer = runner.perform(calls(candidate.person, candidate.plan, c, flow))[0]
        found = leaves(answer.get("returned"))
        numbers.append({leaf.path: float(leaf.array) for leaf in found if leaf.array.ndim == 0})
    for path in numbers[0]:
        if path not in candidate.reading.paths.values() and path in numbers[1]:
            losses = [numbers[0][path], numbers[1][path]]
            match = cost_of_losses(losses, points[:2], settings)
            if match is not None:
                return Loss(*match)
    return None
