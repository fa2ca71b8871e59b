"""Which mistakes, in which setting, explain what was seen in the plainest way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbackprop.diagnose.adapt import known_truth
from symbackprop.diagnose.cases import Case
from symbackprop.diagnose.fingerprint import Explanation, explain, may_explain
from symbackprop.diagnose.problems import Setting
from symbackprop.diagnose.scales import CLOSE, SCALES, Scale, factor_of, gap_of
from symbackprop.diagnose.settings import neighbours
from symbackprop.diagnose.spec import Spec

MOST_SETTINGS = 16
MOST_BASES = 24  # without their penalties


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
