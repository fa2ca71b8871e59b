"""Which mistakes give exactly these wrong gradients: single, at one layer or all, and pairs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from symbackprop.diagnose.mistakes import TABLE, Mistake
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting, Spoils
from symbackprop.diagnose.scales import CLOSE, Scale, factor_of, gap, scale_of

PAIR_SECONDS = 3.0
NO_EFFECT = 1e-7


@dataclass(frozen=True)
class Observation:
    """What a person's function gave at a probe, in our layout; only what it gave."""

    point: Point
    gradients: Gradients


@dataclass(frozen=True)
class Found:
    """A mistake at some layers; ``also`` are other mistakes that give the very same numbers."""

    mistake: Mistake
    layers: tuple[int, ...]
    also: tuple[str, ...] = ()

    @property
    def spoils(self) -> Spoils:
        return self.mistake.planted(self.layers, max(self.layers))


@dataclass(frozen=True)
class Explanation:
    """Mistakes and a factor that together give the observed gradients in a setting."""

    setting: Setting
    found: tuple[Found, ...]
    scale: Scale

    def spoils(self, depth: int) -> Spoils:
        together: dict[tuple[str, int], object] = {}
        for one in self.found:
            together |= one.mistake.planted(one.layers, depth)
        return together  # type: ignore[return-value]


@dataclass(frozen=True)
class Variant:
    mistake: Mistake
    layers: tuple[int, ...]
    spoils: Spoils
    everywhere: bool


def variants(flow: Flow) -> list[Variant]:
    """Every row that can be made in this setting, at all its layers or at some of them."""
    made = []
    for mistake in TABLE:
        if mistake.needs(flow):
            for place, layers in enumerate(mistake.variants(flow.depth)):
                spoils = mistake.planted(layers, flow.depth)
                made.append(Variant(mistake, layers, spoils, place == 0))
    return made


def spoiled(point: Point, setting: Setting, spoils: Spoils) -> Gradients | None:
    """The gradients with these mistakes; None where they do not fit the shapes."""
    try:
        return Flow(point, setting, spoils).gradients()
    except ValueError:
        return None


def explain(
    seen: Sequence[Observation], setting: Setting, *, pairs: bool = True, strict: bool = False
) -> Explanation | None:
    """The fewest mistakes that give what was seen, at every probe, up to one sensible factor."""
    search = _Search(tuple(seen), setting, strict)
    single = search.best(search.singles())
    if single or not pairs:
        return single
    return search.first_pair()


class _Search:
    def __init__(self, seen: tuple[Observation, ...], setting: Setting, strict: bool) -> None:
        # the all-equal probe lets every row be made; the others rule out accidents
        square = [len(set(o.point.layers)) == 1 for o in seen]
        self.seen = tuple(o for _, o in sorted(zip(square, seen, strict=True), key=_square_first))
        self.setting, self.strict = setting, strict
        self.first = self.seen[0]
        names = self.first.gradients
        true = Flow(self.first.point, setting)
        self.true = _only(true.gradients(), names)
        self.variants = variants(true)

    def singles(self) -> Iterator[tuple[Variant, Scale]]:
        for variant in self.variants:
            scale = self.fits(variant.spoils)
            if scale is not None:
                yield variant, scale

    def best(self, fitting: Iterator[tuple[Variant, Scale]]) -> Explanation | None:
        """The plainest row; the others that give the same numbers are named beside it."""
        rows = sorted(fitting, key=lambda f: (f[1].plain, f[0].mistake.rank, not f[0].everywhere))
        if not rows:
            return None
        variant, scale = rows[0]
        also = {v.mistake.id for v, s in rows if s.plain == scale.plain} - {variant.mistake.id}
        found = Found(variant.mistake, self._effective(variant), tuple(sorted(also)))
        return Explanation(self.setting, (found,), scale)

    def _effective(self, variant: Variant) -> tuple[int, ...]:
        """The layers at which the row changes anything (a linear output has no slope to lose)."""
        kept = [
            l
            for l in variant.layers
            if (one := self._spoiled(variant.mistake.planted((l,), self.first.point.depth))) is None
            or gap(one, self.true) > NO_EFFECT
        ]
        return tuple(kept) or variant.layers

    def first_pair(self) -> Explanation | None:
        """Pairs: first of rows that stand at all their layers, then of any; for a few seconds."""
        until = time.monotonic() + PAIR_SECONDS
        whole = [v for v in self.variants if v.everywhere]
        rest = [v for v in self.variants if not v.everywhere]
        for one, two in _pairs(whole, rest):
            if time.monotonic() > until:
                return None
            if one.spoils.keys() & two.spoils.keys():
                continue
            scale = self.fits({**one.spoils, **two.spoils})
            if scale is not None:
                found = tuple(Found(v.mistake, self._effective(v)) for v in (one, two))
                return Explanation(self.setting, found, scale)
        return None

    def fits(self, spoils: Spoils) -> Scale | None:
        """The factor with which the spoiled pass gives what was seen, at every probe."""
        here = self._spoiled(spoils)
        if here is None or factor_of(self.first.gradients, here) is None:
            return None
        if _same(here, self.true):
            return None
        expected = [here]
        for other in self.seen[1:]:
            there = spoiled(other.point, self.setting, spoils)
            if there is None:
                return None
            expected.append(_only(there, other.gradients))
        scale = scale_of([o.gradients for o in self.seen], expected, [o.point for o in self.seen])
        return scale if scale is None or not self.strict or scale.plain == 0 else None

    def _spoiled(self, spoils: Spoils) -> Gradients | None:
        found = spoiled(self.first.point, self.setting, spoils)
        return None if found is None else _only(found, self.first.gradients)


def _square_first(pair: tuple[bool, Observation]) -> bool:
    return not pair[0]


def _pairs(whole: list[Variant], rest: list[Variant]) -> Iterator[tuple[Variant, Variant]]:
    yield from combinations(whole, 2)
    for one in whole:
        for two in rest:
            yield one, two
    yield from combinations(rest, 2)


def _same(one: Gradients, other: Gradients) -> bool:
    if any(one[name].shape != other[name].shape for name in one):
        return False
    return gap(one, other) <= CLOSE


def _only(gradients: Gradients, names: Gradients) -> Gradients:
    return {name: gradients[name] for name in names}
