"""Gradients that are clipped, entry by entry or to a norm: a convention, not a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from symbackprop.diagnose.cases import Case
from symbackprop.diagnose.drafting import drafted
from symbackprop.diagnose.problems import Gradients
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.scales import CLOSE, SCALES, factor_of

FEWEST = 0.2  # of the entries of each parameter that must not be clipped: only they say anything
SIMPLE = [scale for scale in SCALES if scale.plain <= 1]


def right_but_clipped(case: Case) -> Diagnosis | None:
    """Correct for the first setting whose true gradients, clipped, were seen at every probe.

    Undecided where hardly an entry is left that was not clipped.
    """
    given = [o.gradients for o in case.seen]
    for setting, scale in product(case.settings, SIMPLE):
        true = [
            {name: scale.value(o.point) * value for name, value in e.items()}
            for o, e in zip(case.seen, case.expected(setting), strict=True)
        ]
        if not all(map(_alike, given, true)):
            continue
        says = _entries(given, true)
        if says and not _enough(given, true):
            note = f"{says}: too few entries are left to be checked; switch it off"
            return drafted(case, "undecided", setting, scale, notes=(note,))
        says = says or _norm(given, true)
        if says:
            draft = drafted(case, "correct", setting, scale)
            rows = tuple(
                replace(row, verdict="correct", factor=str(scale), error=0.0)
                for row in draft.parameters
            )
            return replace(draft, message=f"{draft.message}, {says}", parameters=rows, gap=CLOSE)
    return None


def _alike(one: Gradients, other: Gradients) -> bool:
    return all(value.shape == other[name].shape for name, value in one.items())


def _entries(given: Sequence[Gradients], true: Sequence[Gradients]) -> str:
    """``np.clip(g, -c, c)``."""
    limit = max(_largest(one) for one in given)
    if limit <= 0 or not any(_largest(one) > (1 + CLOSE) * limit for one in true):
        return ""
    for name in given[0]:
        seen = np.concatenate([one[name].ravel() for one in given])
        right = np.concatenate([one[name].ravel() for one in true])
        if np.abs(seen - np.clip(right, -limit, limit)).max() > CLOSE * limit:
            return ""
    return f"clipped at ±{limit:.6g}"


def _enough(given: Sequence[Gradients], true: Sequence[Gradients]) -> bool:
    """Whether of each parameter some entries are not clipped."""
    limit = max(_largest(one) for one in given)
    free = {name: np.mean([(np.abs(e[name]) < limit).mean() for e in true]) for name in given[0]}
    return all(share >= FEWEST for share in free.values())


def _norm(given: Sequence[Gradients], true: Sequence[Gradients]) -> str:
    """``g * c / ‖g‖`` where ‖g‖, of all parameters together, is larger than c."""
    factors = [factor_of(one, other) for one, other in zip(given, true, strict=True)]
    if any(factor is None or not 0 < factor <= 1 + CLOSE for factor in factors):
        return ""
    norms = [float(np.sqrt(sum((g**2).sum() for g in one.values()))) for one in given]
    cut = [norm for norm, f in zip(norms, factors, strict=True) if f is not None and f < 1 - CLOSE]
    if len(cut) < 2 or max(cut) - min(cut) > CLOSE * max(cut) or max(norms) > (1 + CLOSE) * cut[0]:
        return ""
    return f"clipped to the norm {cut[0]:.6g}"


def _largest(gradients: Gradients) -> float:
    return max(float(np.abs(value).max(initial=0.0)) for value in gradients.values())
