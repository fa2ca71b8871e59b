"""The verdict: innocence first, then which mistake, then where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbackprop.diagnose.adapt import (
    Candidate,
    Runner,
    Search,
    adapt,
    known_truth,
    observe,
    probes_for,
    traced,
)
from symbackprop.diagnose.arrange import calls
from symbackprop.diagnose.fingerprint import Explanation, Found, Observation, explain, may_explain
from symbackprop.diagnose.lines import put_down
from symbackprop.diagnose.mistakes import Mistake
from symbackprop.diagnose.own_loss import agreement
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting, truth
from symbackprop.diagnose.proving import proof_of
from symbackprop.diagnose.reading import leaves
from symbackprop.diagnose.report import (
    Diagnosis,
    NamedMistake,
    ParameterVerdict,
    Place,
)
from symbackprop.diagnose.scales import ONE, SCALES, Scale, factor_of, gap_of, scale_of
from symbackprop.diagnose.settings import cost_of_losses, guesses, neighbours
from symbackprop.diagnose.spec import Spec, spec_to_fill
from symbackprop.diagnose.telling import message_of
from symbackprop.diagnose.where import first_unlike, places_of

TRIED, TRIED_BLIND = 4, 2  # candidates whose forward pass was recognised, or was not
MOST_SETTINGS = 16
MOST_BASES = 24  # without their penalties
ALSO_PENALTY = {"alpha", "decay", "epsilon", "rate"}
OWN_LOSS = "the loss that it gives"
SINGLE = 5e-4  # how far float32 code may be off
CLOSE = 1e-6
DIFFERENCES = "its cost is in no table; compared with differences of the loss that it gives"
ONE_OUTPUT = "state outputs = 1 or outputs = 3 in the [convention] of a spec"
ROUNDING = "the gaps look like rounding: float32, or a small constant in a denominator?"
UNRECOGNISED = (
    "the forward pass could not be recognised, and no known mistake gives these numbers: "
    "state the network in a spec"
)


@dataclass(frozen=True)
class Case:
    """All that is known about a function before the verdict."""

    candidate: Candidate
    seen: tuple[Observation, ...]
    settings: tuple[Setting, ...]
    stated: Setting | None
    loss: str = ""

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


def judged(person: Person, runner: Runner, spec: Spec) -> tuple[Diagnosis, Case | None]:
    """The diagnosis of a person's function (without repair and proof), and what it rests on."""
    search = searched(person, runner, spec)
    if not search.candidates:
        return _not_callable(person, search), None
    unsure: list[tuple[Diagnosis, Case | None]] = []
    for candidate in _different(search.candidates):
        case, problem = _case(candidate, runner, spec)
        if case is None:
            unsure.append((problem, None))
            continue
        diagnosis = _verdict(case, runner, spec, pairs=False)
        if diagnosis.verdict == "correct":
            return diagnosis, case
        if diagnosis.mistakes:
            return _unless_for_one_output(diagnosis, case, runner, spec), case
        unsure.append((diagnosis, case))
    unsure.sort(key=lambda pair: pair[0].verdict != "wrong")
    found, first = unsure[0]
    if first is not None:
        found = _verdict(first, runner, spec, pairs=True)
    if search.special is not None and not found.mistakes:
        return _in_a_special_case(found, search.special), first
    return found, first


def searched(person: Person, runner: Runner, spec: Spec) -> Search:
    """The search with roles by name; then with the other meaning that a name may have."""
    stated = [spec.setting] if spec.setting else []
    around = [s for one in stated for s in neighbours(one, True)]

    def with_roles(more: Mapping[str, str]) -> Search:
        roles = {**more, **spec.roles}
        return adapt(person, runner, stated=[*stated, *around], fixed=spec.axes, roles=roles)

    first = with_roles({})
    if first.candidates and first.candidates[0].setting is not None:
        return first
    rates = [s.name for s in first.plan.slots if s.role == "eta" and s.name in ALSO_PENALTY]
    if rates and first.candidates and not first.candidates[0].reading.updates:
        return with_roles(dict.fromkeys(rates, "lam"))
    if not first.candidates:
        single = {"weights": "W1", "biases": "b1"}
        one_layer = {s.name: single[s.role] for s in first.plan.slots if s.role in single}
        if one_layer:
            second = with_roles(one_layer)
            return second if second.candidates else first
    return first


def _different(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """The best few, one for each convention and source; with a right one, only that."""
    if candidates[0].setting is not None:
        yield candidates[0]
        return
    best = candidates[0].seen.layers
    known: set[Any] = set()
    for candidate in candidates:
        key = (candidate.convention, candidate.reading.source, frozenset(candidate.reading.paths))
        if key in known or candidate.seen.layers < best:
            continue
        known.add(key)
        yield candidate
        if len(known) == (TRIED if best else TRIED_BLIND):
            return


def _case(candidate: Candidate, runner: Runner, spec: Spec) -> tuple[Case | None, Diagnosis]:
    """Observations at all probes; the settings that come into question."""
    penalised = candidate.plan.has("lam")
    points = probes_for(candidate.convention, penalised=penalised)
    seen, errors = observe(candidate, runner, points)
    again, _ = observe(candidate, runner, points[:1])
    blank = Diagnosis(_name(candidate.person), "undecided", "")
    if not seen:
        return None, replace(blank, message=_error_text(errors, candidate.person))
    if not _finite(seen):
        return None, replace(
            blank, message="the gradients hold NaN or infinity at unsaturated probes"
        )
    if again and again[0].point is seen[0].point and not _same(again[0], seen[0]):
        return None, replace(
            blank,
            message="two calls with the same arguments give different gradients: "
            "switch off dropout, shuffling and momentum, or seed them",
        )
    settings, loss = _settings(candidate, runner, seen, spec, penalised)
    return Case(candidate, tuple(seen), tuple(settings), spec.setting, loss), blank


def _settings(
    candidate: Candidate,
    runner: Runner,
    seen: Sequence[Observation],
    spec: Spec,
    penalised: bool,
) -> tuple[list[Setting], str]:
    """The stated one; else that of the loss which comes back; else all that the code may mean."""
    if spec.setting:
        return [spec.setting], ""
    if candidate.setting is not None:
        base = neighbours(candidate.setting, penalised)
    else:
        base = guesses(candidate.person.words, penalised, candidate.seen)
        if candidate.assumed and candidate.plan.has("z", "a", "zs", "as", "cache"):
            base = neighbours(candidate.assumed, penalised)
    found = _by_loss(candidate, runner, [o.point for o in seen], base)
    if found is not None:
        setting, scale = found
        times = "" if scale.plain == 0 else f" times {scale}"
        return [setting], f"the loss that it gives is the {setting.cost} cost{times}"
    return base, ""


def _by_loss(
    candidate: Candidate, runner: Runner, points: Sequence[Point], settings: Sequence[Setting]
) -> tuple[Setting, Scale] | None:
    """A number that comes back beside the gradients and is the cost of one of the settings."""
    c = candidate.convention
    if c.one_by_one or candidate.reading.source == "attributes":
        return None
    numbers: list[dict[Any, float]] = []
    for point in points[:2]:
        flow = Flow(point, candidate.assumed or settings[0])
        answer = runner.perform(calls(candidate.person, candidate.plan, c, flow))[0]
        found = leaves(answer.get("returned"))
        numbers.append({leaf.path: float(leaf.array) for leaf in found if leaf.array.ndim == 0})
    for path in numbers[0]:
        if len(numbers) == 2 and path in numbers[1]:
            losses = [numbers[0][path], numbers[1][path]]
            match = cost_of_losses(losses, points[:2], settings)
            if match is not None:
                return match
    return None


def _verdict(case: Case, runner: Runner, spec: Spec, *, pairs: bool) -> Diagnosis:
    """Correct for one of the settings, or what is wrong."""
    for setting in case.settings:
        scale = case.scale(setting)
        if scale is not None:
            return _right_or_scaled(case, runner, setting, scale, spec)
    if case.stated is None and not pairs:
        own = agreement(case.candidate, runner, case.seen, case.settings[0])
        if own is not None:
            return _for_its_own_loss(case, *own)
    wrong = _wrong(case, runner, best_explanation(case, spec, pairs))
    if not wrong.mistakes and (close := _single_precision(case)) is not None:
        setting, scale = close
        return _diagnosis(
            case, "undecided", setting, scale,
            notes=(ROUNDING,),
        )  # fmt: skip
    return wrong


def _unless_for_one_output(found: Diagnosis, case: Case, runner: Runner, spec: Spec) -> Diagnosis:
    """Code for one output unit may sum where there is but one; then its author must say so."""
    c = case.candidate.convention
    last = str(c.depth)
    wrong = {row.name for row in found.parameters if row.verdict == "wrong"}
    stated = "outputs" in spec.axes or any(s.output == "softmax" for s in case.settings[:1])
    if stated or not wrong or c.outputs == 1 or any(name[1:] != last for name in wrong):
        return found
    one = replace(case.candidate, convention=replace(c, outputs=1))
    points = probes_for(one.convention, penalised=one.plan.has("lam"))
    seen, errors = observe(one, runner, points)
    alone = Case(one, tuple(seen), case.settings, case.stated)
    if errors or len(seen) < len(points) or not any(map(alone.scale, case.settings)):
        return found
    message = f"right for one output unit only; for several: {found.message}"
    return replace(found, verdict="undecided", message=message, notes=(*found.notes, ONE_OUTPUT))


def _in_a_special_case(found: Diagnosis, special: Candidate) -> Diagnosis:
    """Wrong in general and right in a case that hides mistakes: its author must say which."""
    c = special.convention
    words = [f"{c.depth} layers", f"{c.outputs} output{'s' * (c.outputs > 1)}", *c.in_words()]
    message = (
        f"right only in a special case ({', '.join(words)}); in general: {found.message}; "
        "if nothing else is meant, state the case in the [convention] of a spec"
    )
    return replace(found, verdict="undecided", message=message)


def _right_or_scaled(
    case: Case, runner: Runner, setting: Setting, scale: Scale, spec: Spec
) -> Diagnosis:
    uphill = case.candidate.reading.updates and scale.value(case.points[0]) < 0
    if uphill:
        row = NamedMistake(
            "update-sign", "the update adds the gradient: it climbs", "W - η ∂C/∂W", _all(case),
            place=_last_written(case, update=True),
        )  # fmt: skip
        return _diagnosis(case, "wrong", setting, scale, mistakes=(row,), place=row.place)
    if spec.strict and scale.plain:
        row = NamedMistake(
            f"factor {scale}", f"all gradients are {scale} times those of the cost",
            "a factor of 1", _all(case), place=_last_written(case),
        )  # fmt: skip
        return _diagnosis(case, "wrong", setting, ONE, mistakes=(row,), place=row.place)
    proof = proof_of(case.candidate, runner, case.points[0], setting, scale)
    return replace(_diagnosis(case, "correct", setting, scale), proof=proof)


def _last_written(case: Case, *, update: bool = False) -> Place | None:
    """Where a gradient (or an update) is put down: a common factor can be mended there."""
    everywhere = Mistake("", "", "", {"weights": lambda f, l: f.true_weights(l)})
    return put_down(case.candidate.person, Found(everywhere, _all(case)), update=update)


def _for_its_own_loss(case: Case, scale: Scale, gap: float) -> Diagnosis:
    """Right for a cost that no table holds: by differences of the loss that comes back."""
    draft = _diagnosis(case, "correct", case.settings[0], scale)
    rows = tuple(
        replace(row, verdict="correct", factor=str(scale), error=gap) for row in draft.parameters
    )
    told = replace(draft, setting=OWN_LOSS, parameters=rows, gap=gap, notes=(DIFFERENCES,))
    return replace(told, message=message_of(told))


def _single_precision(case: Case) -> tuple[Setting, Scale] | None:
    for setting in case.settings:
        scale = case.scale(setting, SINGLE)
        if scale is not None:
            return setting, scale
    return None


def _wrong(case: Case, runner: Runner, best: Explanation | None) -> Diagnosis:
    """Name the mistake and find its line."""
    records, point = _records(case, runner)
    source = case.candidate.person.source
    if best is not None:
        if case.own_rate:
            point = replace(point, eta=abs(best.scale.value(point)))
        places = places_of(best, records, point, case.candidate.person)
        rows = tuple(
            NamedMistake(f.mistake.id, f.mistake.says, f.mistake.should, f.layers, f.also, place)
            for f, place in zip(best.found, places, strict=True)
        )
        rest = neighbours_of(case, best.setting)
        return _diagnosis(
            case, "wrong", best.setting, best.scale, mistakes=rows,
            place=next((p for p in places if p), None), notes=rest,
        )  # fmt: skip
    setting, scale = likeliest(case)
    confirmed = case.candidate.seen.layers == point.depth
    some_right = scale is not None
    if not confirmed and not some_right:
        return _diagnosis(
            case, "undecided", setting, ONE,
            notes=(UNRECOGNISED,),
        )  # fmt: skip
    place = first_unlike(setting, records, point, source) if confirmed else None
    return _diagnosis(case, "wrong", setting, scale or ONE, place=place)


def best_explanation(case: Case, spec: Spec, pairs: bool) -> Explanation | None:
    """The plainest row in any of the settings, or pair of rows in the likeliest."""
    settings = by_votes(case)[: 3 if pairs else MOST_SETTINGS]
    explained = [
        explain(case.seen, s, pairs=pairs, strict=spec.strict, own_rate=case.own_rate)
        for s in settings
    ]
    found = [e for e in explained if e]
    if not found and case.own_rate:
        found = list(_at_its_rate(case, settings))
    if case.candidate.reading.updates:
        found = [e for e in found if e.scale.value(case.points[0]) > 0] or found
    return min(found, key=_plainness, default=None)


def _at_its_rate(case: Case, settings: Sequence[Setting]) -> Iterator[Explanation]:
    """Mistakes that depend on the size of the step, such as weights that are updated too early."""
    for setting in settings:
        known = case.at_its_rate(setting)
        found = explain(known[0], setting, pairs=False) if known else None
        if known and found and found.scale.plain == 0:
            yield replace(found, scale=known[1])


def by_votes(case: Case) -> list[Setting]:
    """The settings for which most gradients have the right direction; then those, too many to try
    all with every penalty, in which some mistake gives the bias gradients, where no penalty is."""
    if len(case.settings) <= 3:
        return list(case.settings)
    first = case.seen[0]

    def votes(setting: Setting) -> int:
        right = known_truth(first.point, setting)
        pairs = ((value, right[name]) for name, value in first.gradients.items() if name in right)
        return sum(factor_of({"": one}, {"": other}) is not None for one, other in pairs)

    likely: dict[Setting, bool] = {}
    biases = [o.only("b") for o in case.seen]
    bases = dict.fromkeys(replace(s, penalty="none") for s in case.settings)
    if len(case.settings) > MOST_SETTINGS and biases[0].gradients:
        likely = {base: may_explain(biases, base) for base in list(bases)[:MOST_BASES]}

    def key(setting: Setting) -> tuple[int, bool]:
        return -votes(setting), not likely.get(replace(setting, penalty="none"), False)

    return sorted(case.settings, key=key)


def _plainness(e: Explanation) -> tuple[int, int, int]:
    return (len(e.found), e.scale.plain, sum(f.mistake.rank for f in e.found))


def neighbours_of(case: Case, setting: Setting) -> tuple[str, ...]:
    """Whether the gradients are right for another cost than the stated one."""
    for other in neighbours(setting, case.candidate.plan.has("lam"))[1:]:
        if case.scale(other) is not None:
            return (f"these are the gradients of another cost: {other}",)
    return ()


def likeliest(case: Case) -> tuple[Setting, Scale | None]:
    """The setting for which most parameters are right, with the factor that they share."""
    first, best, most = case.settings[0], None, 0
    for setting in case.settings:
        votes = _votes(case, setting)
        scale = max(votes, key=lambda s: (votes[s], -s.plain), default=None)
        if scale is not None and votes[scale] > most:
            first, best, most = setting, scale, votes[scale]
    return first, best


def _votes(case: Case, setting: Setting) -> dict[Scale, int]:
    """How many parameters are right but for each of the plainer factors."""
    expected = case.expected(setting)
    votes: dict[Scale, int] = {}
    plain = [scale for scale in SCALES if scale.plain <= 2]
    for name in case.seen[0].gradients:
        for scale in plain:
            if all(
                name in o.gradients
                and gap_of(o.gradients[name], scale.value(o.point) * e[name]) <= CLOSE
                for o, e in zip(case.seen, expected, strict=True)
            ):
                votes[scale] = votes.get(scale, 0) + 1
                break
    return votes


def _records(case: Case, runner: Runner) -> tuple[Sequence[Mapping[str, Any]], Point]:
    """A traced call at the first probe that ran (all-equal widths show every mistake)."""
    return traced(case.candidate, runner, case.points[0])


def _diagnosis(
    case: Case,
    verdict: str,
    setting: Setting,
    scale: Scale,
    *,
    mistakes: tuple[NamedMistake, ...] = (),
    place: Place | None = None,
    notes: tuple[str, ...] = (),
) -> Diagnosis:
    person = case.candidate.person
    rows = _parameters(case, setting, scale)
    whole = tuple(note for note in (case.loss, *notes) if note)
    draft = Diagnosis(
        function=_name(person),
        file=person.file,
        verdict=verdict,
        message="",
        convention=_convention(case),
        setting=str(setting),
        factor=str(scale),
        parameters=rows,
        mistakes=mistakes,
        place=place,
        notes=whole,
        points=len(case.seen),
        gap=max((row.error for row in rows), default=None),
    )
    return replace(draft, message=message_of(draft))


def _parameters(case: Case, setting: Setting, scale: Scale) -> tuple[ParameterVerdict, ...]:
    expected = case.expected(setting)
    rows = []
    for name in case.seen[0].gradients:
        errors = []
        for o, e in zip(case.seen, expected, strict=True):
            if name in o.gradients:
                whole = max(float(np.abs(v).max(initial=0.0)) for v in e.values())
                factor = scale.value(o.point)
                errors.append(gap_of(o.gradients[name], factor * e[name], abs(factor) * whole))
        worst = max(errors)
        verdict = "correct" if worst <= CLOSE else "wrong"
        rows.append(ParameterVerdict(name, verdict, str(scale), worst))
    return tuple(sorted(rows, key=lambda row: (int(row.name[1:]), row.name[0])))


def _convention(case: Case) -> tuple[str, ...]:
    from symbackprop.diagnose.reading import SOURCES

    c = case.candidate.convention
    return (*c.in_words(), SOURCES[case.candidate.reading.source])


def _all(case: Case) -> tuple[int, ...]:
    return tuple(range(1, case.points[0].depth + 1))


def _name(person: Person) -> str:
    return f"{person.owner}.{person.name}" if person.owner else person.name


def _finite(seen: Sequence[Observation]) -> bool:
    return all(np.isfinite(v).all() for o in seen for v in o.gradients.values())


def _same(one: Observation, other: Observation) -> bool:
    return all(
        name in other.gradients
        and value.shape == other.gradients[name].shape
        and np.allclose(value, other.gradients[name], rtol=1e-9, atol=1e-12)
        for name, value in one.gradients.items()
    )


def _not_callable(person: Person, search: Search) -> Diagnosis:
    """No convention worked: the commonest error, and a spec to fill in."""
    spec = spec_to_fill(person, search.plan)
    unknown = search.plan.unknown
    if unknown:
        text = f"what is {', '.join(map(repr, unknown))}? the signature could not be guessed"
    elif search.errors:
        text = _error_text(search.errors, person)
    else:
        text = "no gradients were found in what it returns, keeps or changes"
    return Diagnosis(_name(person), "undecided", text, spec=spec, file=person.file)


def _error_text(errors: Sequence[Mapping[str, Any]], person: Person) -> str:
    if not errors:
        return "no gradients came back"
    counts: dict[tuple[Any, Any, str], int] = {}
    for error in errors:
        key = (error.get("line"), error.get("kind"), str(error.get("text"))[:160])
        counts[key] = counts.get(key, 0) + 1
    line, kind, text = max(counts, key=lambda key: (counts[key], key[0] is not None))
    place = f"{person.file}:{line}: " if line else ""
    words = {"TooSlow": "", "Died": "", "Missing": "", "Spec": ""}.get(str(kind), f"{kind}: ")
    return f"{place}the function does not run: {words}{text}"
