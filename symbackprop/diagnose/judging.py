"""The verdict: innocence first, then which mistake, then where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symbackprop.diagnose.adapt import GIVEN, Candidate, Runner, observe, probes_for, traced
from symbackprop.diagnose.cases import Case, settings_of
from symbackprop.diagnose.clipping import right_but_clipped
from symbackprop.diagnose.drafting import all_layers, drafted
from symbackprop.diagnose.faults import error_text, not_callable
from symbackprop.diagnose.fingerprint import Explanation, Found, Observation
from symbackprop.diagnose.lines import put_down
from symbackprop.diagnose.mistake import Mistake
from symbackprop.diagnose.own_loss import OWN_LOSS, by_its_own_loss, unlike_its_loss
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Point, Setting
from symbackprop.diagnose.proving import proof_of
from symbackprop.diagnose.ranking import best_explanation, likeliest, neighbours_of
from symbackprop.diagnose.report import Diagnosis, NamedMistake, Place
from symbackprop.diagnose.scales import ONE, Scale
from symbackprop.diagnose.searching import Search, adapt
from symbackprop.diagnose.settings import neighbours
from symbackprop.diagnose.spec import Spec
from symbackprop.diagnose.where import first_unlike, places_of

# candidates whose forward pass was recognised, was not, was given with activations to be guessed
TRIED, TRIED_BLIND, TRIED_GIVEN = 4, 2, 8
ALSO_PENALTY = {"alpha", "decay", "epsilon", "rate"}
ONE_LAYER = {"weights": "W1", "params": "W1", "biases": "b1"}  # for what may be a list of layers
SINGLE = 5e-4  # how far float32 code may be off
ONE_NEURON = "read as one neuron: w is a vector; if not, state outputs = 3 in a spec"
ONE_OUTPUT = "state outputs = 1 or outputs = 3 in the [convention] of a spec"
ONE_BIAS = 'right if all units of a layer share one bias: then state bias = "shared" in a spec'
ROUNDING = "the gaps look like rounding: float32, or a small constant in a denominator?"
UNRECOGNISED = (
    "the forward pass could not be recognised, and no known mistake gives these numbers: "
    "state the network in a spec"
)


def judged(person: Person, runner: Runner, spec: Spec) -> tuple[Diagnosis, Case | None]:
    """The diagnosis of a person's function (without repair and proof), and what it rests on."""
    search = searched(person, runner, spec)
    if not search.candidates:
        return not_callable(person, search, spec), None
    if "outputs" not in spec.axes and _one_neuron(search.candidates[0]):
        right_for_several = search.candidates[0].setting is not None
        alone, case = judged(person, runner, replace(spec, axes={**spec.axes, "outputs": 1}))
        if case and (right_for_several or case.confirmed or alone.verdict == "correct"):
            said = () if right_for_several else (ONE_NEURON,)
            return replace(alone, notes=(*said, *alone.notes)), case
    unsure: list[tuple[Diagnosis, Case | None]] = []
    for candidate in _different(search.candidates):
        case, problem = _case(candidate, runner, spec)
        if case is None:
            unsure.append((problem, None))
            continue
        diagnosis = _verdict(case, runner, spec, pairs=False)
        if diagnosis.verdict == "correct":
            return diagnosis, case
        if diagnosis.mistakes or diagnosis.setting == OWN_LOSS:
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
    one_layer = {s.name: ONE_LAYER[s.role] for s in first.plan.all if s.role in ONE_LAYER}
    if one_layer and not any(first.seen(c).layers for c in first.candidates[:TRIED]):
        second = with_roles(one_layer)
        if second.candidates and (not first.candidates or second.seen(second.candidates[0]).layers):
            return second
    return first


def _different(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """The best few, one for each convention and source; with a right one, only that."""
    if candidates[0].setting is not None:
        yield candidates[0]
        return
    best = candidates[0].seen.layers
    most = TRIED if best else TRIED_BLIND
    if candidates[0].plan.has(*GIVEN):
        most = TRIED_GIVEN
    known: set[Any] = set()
    for candidate in candidates:
        read = (candidate.reading.source, frozenset(candidate.reading.paths))
        key = (candidate.convention, candidate.assumed, *read)
        if key in known or candidate.seen.layers < best:
            continue
        known.add(key)
        yield candidate
        if len(known) == most:
            return


def _case(candidate: Candidate, runner: Runner, spec: Spec) -> tuple[Case | None, Diagnosis]:
    """Observations at all probes; the settings that come into question."""
    penalised = candidate.plan.has("lam")
    points = probes_for(candidate.convention, penalised=penalised)
    seen, errors = observe(candidate, runner, points)
    again, _ = observe(candidate, runner, points[:1])
    person = candidate.person
    blank = Diagnosis(person.full_name, "undecided", "", file=person.file, cells=person.cells)
    if not seen:
        return None, replace(blank, message=error_text(errors, person))
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
    settings, loss = settings_of(candidate, runner, seen, spec, penalised)
    return Case(candidate, tuple(seen), tuple(settings), spec.setting, loss), blank


def _verdict(case: Case, runner: Runner, spec: Spec, *, pairs: bool) -> Diagnosis:
    """Correct for one of the settings, or what is wrong."""
    for setting in case.settings:
        scale = case.scale(setting)
        if scale is not None:
            return _right_or_scaled(case, runner, setting, scale, spec)
    if case.stated is None and not pairs:
        own = by_its_own_loss(case, runner)
        if own is not None:
            return own
    wrong = _wrong(case, runner, best_explanation(case, spec, pairs))
    if not wrong.mistakes and (found := right_but_clipped(case)) is not None:
        return found
    if not wrong.mistakes and (close := _single_precision(case)) is not None:
        setting, scale = close
        return drafted(
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


def _one_neuron(found: Candidate) -> bool:
    """Logistic or linear regression: one layer whose weights are a small letter, no softmax."""
    weights = [slot.name for slot in found.plan.all if slot.role == "weight"]
    outputs = {found.setting.output} if found.setting else found.seen.outputs
    if found.convention.outputs == 1 or "softmax" in outputs:
        return False
    return found.convention.depth == 1 == len(weights) and weights[0].islower()


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
            "update-sign", "the update adds the gradient: it climbs", "W - η ∂C/∂W",
            all_layers(case), place=_last_written(case, update=True),
        )  # fmt: skip
        return drafted(case, "wrong", setting, scale, mistakes=(row,), place=row.place)
    if spec.strict and scale.plain:
        row = NamedMistake(
            f"factor {scale}", f"all gradients are {scale} times those of the cost",
            "a factor of 1", all_layers(case), place=_last_written(case),
        )  # fmt: skip
        return drafted(case, "wrong", setting, ONE, mistakes=(row,), place=row.place)
    if case.another_output(setting):
        text = f"all gradients are right if the network is {setting}: state it in a spec"
        return drafted(case, "undecided", setting, scale, notes=(text,))
    if case.missing:
        return drafted(case, "undecided", setting, scale, notes=(case.others_right,))
    if case.candidate.reading.crossed:
        text = f"all gradients are right, but {case.candidate.reading.crossed}"
        return drafted(case, "undecided", setting, scale, notes=(text,))
    if case.loss is None and case.stated is None and (text := unlike_its_loss(case, runner)):
        said = setting.at_depth(case.points[0].depth)
        text = f"the gradients are those of the cost ({said}), but {text}"
        return drafted(case, "undecided", setting, scale, notes=(text,))
    proof = proof_of(case.candidate, runner, case.points[0], setting, scale)
    notes = case.beside_its_loss(scale)
    return replace(drafted(case, "correct", setting, scale, notes=notes), proof=proof)


def _last_written(case: Case, *, update: bool = False) -> Place | None:
    """Where a gradient (or an update) is put down: a common factor can be mended there."""
    everywhere = Mistake("", "", "", {"weights": lambda f, l: f.true_weights(l)})
    return put_down(case.candidate.person, Found(everywhere, all_layers(case)), update=update)


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
        places = places_of(best, records, point, case.candidate)
        rows = tuple(
            NamedMistake(f.mistake.id, f.mistake.says, f.mistake.should, f.layers, f.also, place)
            for f, place in zip(best.found, places, strict=True)
        )
        rest = neighbours_of(case, best.setting)
        if {row.id for row in rows} == {"bias-summed-over-units"}:
            rest = (*rest, ONE_BIAS)
        return drafted(
            case, "wrong", best.setting, best.scale, mistakes=rows,
            place=next((p for p in places if p), None), notes=rest,
        )  # fmt: skip
    setting, scale = likeliest(case)
    confirmed = case.confirmed
    some_right = scale is not None
    if not confirmed and not some_right:
        return drafted(
            case, "undecided", setting, ONE,
            notes=(UNRECOGNISED,),
        )  # fmt: skip
    other = case.other_network
    if other:
        return replace(drafted(case, "wrong", setting, ONE), message=other)
    place = first_unlike(setting, records, point, source) if confirmed else None
    return drafted(case, "wrong", setting, scale or ONE, place=place)


def _records(case: Case, runner: Runner) -> tuple[Sequence[Mapping[str, Any]], Point]:
    """A traced call at the first probe that ran (all-equal widths show every mistake)."""
    return traced(case.candidate, runner, case.points[0])


def _finite(seen: Sequence[Observation]) -> bool:
    return all(np.isfinite(v).all() for o in seen for v in o.gradients.values())


def _same(one: Observation, other: Observation) -> bool:
    return all(
        name in other.gradients
        and value.shape == other.gradients[name].shape
        and np.allclose(value, other.gradients[name], rtol=1e-9, atol=1e-12)
        for name, value in one.gradients.items()
    )
