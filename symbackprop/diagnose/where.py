"""The guilty line: recorded values compared with what they should be, and with what they became."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symbackprop.diagnose.adapt import Candidate
from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.fingerprint import Explanation, Found
from symbackprop.diagnose.lines import put_down
from symbackprop.diagnose.problems import Flow, Point, Setting
from symbackprop.diagnose.report import Place
from symbackprop.diagnose.settings import sums

Record = Mapping[str, Any]
SAME = 1e-7
# the mistake is in what a helper is given, so its caller is shown
BY_ARGUMENT = {
    "slope-at-activation", "slope-of-next-layer", "slope-of-previous-layer", "slope-formula-at-z",
}  # fmt: skip


def proportional(wanted: Array, value: Array) -> bool:
    """Whether value is a number times wanted or its transpose; constants do not count."""
    value = sums(value, wanted.size)
    if wanted.size != value.size or wanted.size < 2 or value.ndim > 2:
        return False
    if float(np.ptp(wanted)) <= SAME * float(np.abs(wanted).max(initial=0.0)):
        return False
    flat = value.reshape(-1)
    for form in (wanted, wanted.T):
        if form.shape != value.shape and min(*form.shape, *value.shape, 99) > 1 and value.ndim > 1:
            continue
        other = form.reshape(-1)
        bottom = float(other @ other)
        if not bottom or not np.isfinite(flat).all():
            continue
        factor = float(flat @ other) / bottom
        if factor and np.abs(flat - factor * other).max() <= SAME * np.abs(flat).max(initial=0.0):
            return True
    return False


def true_quantities(flow: Flow) -> Iterator[tuple[str, Array]]:
    """Everything that a right backward pass may compute, from the output down."""
    L = flow.depth
    with np.errstate(all="ignore"):
        for l in range(1, L + 1):
            yield f"z^{l}", flow.z(l)
            yield f"a^{l}", flow.a(l)
        yield "a^L - y", flow.residual
        yield f"σ'(z^{L})", flow.slope(L)
        yield f"δ^{L}", flow.true_error()
        for l in range(L - 1, 0, -1):
            yield f"(W^{l + 1})^T δ^{l + 1}", flow.true_back(l)
            yield f"σ'(z^{l})", flow.slope(l)
            yield f"δ^{l}", flow.true_back(l) * flow.slope(l)
        for l in range(L, 0, -1):
            yield f"∂C/∂W^{l}", flow.true_weights(l)
            yield f"∂C/∂b^{l}", flow.true_biases(l)
            if flow.rate:
                yield f"∂J/∂W^{l}", flow.true_weights(l) + flow.true_decay(l)


def spoiled_quantities(bad: Flow, found: Found) -> Iterator[tuple[int, Array]]:
    """What the mistake's own stages give, the most telling first, from its highest layer down."""
    depth = bad.depth
    if found.mistake.shows is not None:
        yield depth, found.mistake.shows(bad)
    for l in sorted(found.layers, reverse=True):
        for stage in found.mistake.places(depth).get(l, ()):
            with np.errstate(all="ignore"):
                for value in STAGES[stage](bad, l):
                    if np.isfinite(value).all():
                        yield l, value


def _error(bad: Flow, l: int) -> list[Array]:
    from symbackprop.diagnose.mistake import up

    above = up(bad)
    return [_over(bad.delta(l), above), _over(bad.delta(l), bad.slope(l)), bad.delta(l)]


def _over(one: Array, other: Array) -> Array:
    return np.divide(one, other, out=np.full_like(other, np.nan), where=other != 0)


def _back(bad: Flow, l: int) -> list[Array]:
    """Where all units get the same, one column is enough."""
    return [bad.back(l), bad.back(l)[:, :1], bad.delta(l)]


STAGES: dict[str, Any] = {
    "outputs": lambda f, l: [f.a(l)],
    "error": _error,
    "slope": lambda f, l: [f.factor(l), f.delta(l)],
    "back": _back,
    "delta": lambda f, l: [f.delta(l)],
    "samples": lambda f, l: [_data(f, l), f.gradients()[f"b{l}"]],
    "below": lambda f, l: [_data(f, l), f.gradients()[f"W{l}"]],
    "weights": lambda f, l: [_data(f, l), f.gradients()[f"W{l}"]],
    "biases": lambda f, l: [f.gradients()[f"b{l}"], np.atleast_2d(f.gradients()[f"b{l}"])],
    "decay": lambda f, l: [f.gradients()[f"W{l}"]],
    "bias_decay": lambda f, l: [f.gradients()[f"b{l}"]],
}


def _data(f: Flow, l: int) -> Array:
    """The data part of ∂C/∂W^l with the mistake in it."""
    return f.stage("weights", l, lambda: f.true_weights(l))


def places_of(
    explanation: Explanation, records: Sequence[Record], point: Point, candidate: Candidate
) -> list[Place | None]:
    """For each mistake of an explanation the expression that gave its first wrong value."""
    true = list(true_quantities(Flow(point, explanation.setting)))
    bad = Flow(point, explanation.setting, explanation.spoils(point.depth))
    found = []
    for one in explanation.found:
        try:
            found.append(_place(one, bad, true, records, candidate))
        except ValueError:  # the mistake does not fit the shapes of this probe
            found.append(None)
    return found


def _place(
    found: Found,
    bad: Flow,
    true: Sequence[tuple[str, Array]],
    records: Sequence[Record],
    candidate: Candidate,
) -> Place | None:
    """A value that only the mistake gives; else where the gradient is put down; else a hint."""
    hint: Record | None = None
    source = candidate.person.source
    for _, wanted in spoiled_quantities(bad, found):
        hits = [r for r in records if proportional(wanted, np.asarray(r["value"]))]
        if not hits:
            continue
        hit = _product(hits) if "slope" in found.mistake.spoils else hits[0]
        if not any(proportional(quantity, wanted) for _, quantity in true):
            return place_at(hit, source, caller=_partial(found, bad.depth))
        hint = hint or hit
    written = put_down(candidate.person, found, paths=candidate.reading.paths)
    if written is not None or hint is None:
        return written
    return place_at(hint, source)


def _product(hits: Sequence[Record]) -> Record:
    """Where nothing changes in a product, its factor is at fault and not what went in."""
    first = hits[0]
    if first["operation"] in ("matmul", "dot", "add"):
        return next((r for r in hits[1:] if r["operation"] == "multiply"), first)
    return first


def _partial(found: Found, depth: int) -> bool:
    """A wrong argument at some layers is its caller's fault; at all layers the helper's own."""
    everywhere = tuple(sorted(found.mistake.places(depth)))
    return found.mistake.id in BY_ARGUMENT and found.layers != everywhere


def first_unlike(
    setting: Setting, records: Sequence[Record], point: Point, source: str
) -> Place | None:
    """Where a mistake has no name: the first value in the place of a missing true quantity.

    Walks the true quantities from the output down; the first that no record shows is missing; the
    guilty expression is the first one after the last that was right which has its shape.
    """
    flow = Flow(point, setting)
    after = 0
    for name, wanted in true_quantities(flow):
        places = [n for n, r in enumerate(records) if proportional(wanted, np.asarray(r["value"]))]
        if places:
            after = max(after, places[0])
            continue
        if not name.startswith(("δ", "∂")) or wanted.size < 2:
            continue
        known = [quantity for _, quantity in true_quantities(flow)]
        for record in records[after + 1 :]:
            value = np.asarray(record["value"])
            if value.shape not in (wanted.shape, wanted.shape[::-1], (wanted.size,)):
                continue
            if not any(proportional(quantity, value) for quantity in known):
                place = place_at(record, source)
                return None if place is None else _with_note(place, f"should be {name}")
        return None
    return None


def _with_note(place: Place, note: str) -> Place:
    return Place(place.line, place.column, place.end, place.code, note)


def place_at(record: Record, source: str, *, caller: bool = False) -> Place | None:
    """Line and columns of a record; of the caller where a helper was given the wrong thing."""
    stack = record.get("stack") or []
    if not stack:
        return None
    step = stack[0]
    if caller and len(stack) > 1 and stack[0]["function"] != stack[1]["function"]:
        step = stack[1]
    lines = source.splitlines()
    line = int(step["line"])
    code = lines[line - 1] if 0 < line <= len(lines) else ""
    column, end = step.get("column"), step.get("end")
    if isinstance(column, int) and isinstance(end, int) and code.isascii():
        return Place(line, column, end, code)
    return Place(line, None, None, code)
