"""Which mistakes give exactly these wrong gradients: single, at one layer or all, and pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.mistake import Mistake
from symbackprop.diagnose.mistakes import TABLE
from symbackprop.diagnose.problems import Flow, Gradients, Point, Setting, Spoils, truth
from symbackprop.diagnose.scales import CLOSE, Scale, factor_of, gap, gap_of, scale_of

MOST_PAIRS = 1_500
NO_EFFECT = 1e-7


@dataclass(frozen=True)
class Observation:
    """What a person's function gave at a probe, in our layout; only what it gave."""

    point: Point
    gradients: Gradients

    def only(self, kind: str) -> Observation:
        """The gradients of the weights ("W") or of the biases ("b")."""
        return Observation(self.point, {n: g for n, g in self.gradients.items() if n[0] == kind})


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


Fingerprint = tuple[Variant, Gradients | None]
_KNOWN: dict[tuple[int, Setting], tuple[Point, list[Fingerprint]]] = {}
MOST_KNOWN = 200


def fingerprints(point: Point, setting: Setting) -> list[Fingerprint]:
    """Every variant and its gradients at a probe, kept for the probes that come again."""
    key = (id(point), setting)
    if key not in _KNOWN or _KNOWN[key][0] is not point:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        made = [(v, spoiled(point, setting, v.spoils)) for v in variants(Flow(point, setting))]
        _KNOWN[key] = (point, made)
    return _KNOWN[key][1]


def explain(
    seen: Sequence[Observation],
    setting: Setting,
    *,
    pairs: bool = True,
    strict: bool = False,
    own_rate: bool = False,
) -> Explanation | None:
    """The fewest mistakes that give what was seen, at every probe, up to one sensible factor.

    ``own_rate``: the code multiplies with a rate of its own, any number.
    """
    search = _Search(tuple(seen), setting, strict, own_rate)
    single = search.best(search.singles())
    if single or not pairs:
        return single
    return search.first_pair()


def may_explain(seen: Sequence[Observation], setting: Setting) -> bool:
    """Whether a single mistake gives something like what was seen at the first probe."""
    return bool(_Search(tuple(seen), setting, strict=False).likely())


class _Search:
    def __init__(
        self, seen: tuple[Observation, ...], setting: Setting, strict: bool, own_rate: bool = False
    ) -> None:
        # the all-equal probe lets every row be made; the others rule out accidents
        square = [len(set(o.point.layers)) == 1 for o in seen]
        self.seen = tuple(o for _, o in sorted(zip(square, seen, strict=True), key=_square_first))
        self.setting, self.strict, self.own_rate = setting, strict, own_rate
        self.first = self.seen[0]
        names = self.first.gradients
        self.true = _only(truth(self.first.point, setting), names)
        self.known = fingerprints(self.first.point, setting)

    def singles(self) -> Iterator[tuple[Variant, Scale]]:
        for variant in self.likely():
            scale = self.fits(variant.spoils)
            if scale is not None:
                yield variant, scale

    def likely(self) -> list[Variant]:
        """The variants whose every gradient is a number times what was seen; all in one product."""
        left = [(v, g) for v, g in self.known if g is not None]
        for name, seen in self.first.gradients.items():
            left = [(v, g) for v, g in left if g[name].shape == seen.shape]
            if not left:
                break
            fits = _proportional(np.array([g[name].ravel() for _, g in left]), seen.ravel())
            left = [one for one, fit in zip(left, fits, strict=True) if fit]
        return [variant for variant, _ in left]

    def best(self, fitting: Iterator[tuple[Variant, Scale]]) -> Explanation | None:
        """The plainest row; the others that give the same numbers are named beside it."""
        zeros = self._zeros(self.first.gradients)

        def plainness(fit: tuple[Variant, Scale]) -> tuple[int, bool, int, bool]:
            variant, scale = fit
            made = self._spoiled(variant.spoils)
            other = made is None or self._zeros(made) != zeros
            return scale.plain, other, variant.mistake.rank, not variant.everywhere

        rows = sorted(fitting, key=plainness)
        if not rows:
            return None
        variant, scale = rows[0]
        also = {v.mistake.id for v, s in rows if s.plain == scale.plain} - {variant.mistake.id}
        found = Found(variant.mistake, self._effective(variant), tuple(sorted(also)))
        return Explanation(self.setting, (found,), scale)

    def _zeros(self, gradients: Gradients) -> list[bool]:
        """Which of them are exactly zero: forgotten, not added up to nothing."""
        return [not gradients[name].any() for name in self.true]

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
        """The plainest pair that fits, among those that each parameter allows."""
        for one, two in islice(self._possible(), MOST_PAIRS):
            scale = self.fits({**one.spoils, **two.spoils})
            if scale is not None:
                found = tuple(Found(v.mistake, self._effective(v)) for v in (one, two))
                return Explanation(self.setting, found, scale)
        return None

    def _possible(self) -> Iterator[tuple[Variant, Variant]]:
        """Pairs not ruled out: a parameter that only one of them touches must show that one."""
        names = list(self.true)
        here = [(v, g) for v, g in self.known if g is not None]
        touched = np.array([[not _alike(g[n], self.true[n]) for n in names] for _, g in here])
        shown = np.array([[self._shows(n, g[n]) for n in names] for _, g in here])
        right = np.array([self._shows(n, self.true[n]) for n in names])
        one, two = touched[:, None], touched[None]
        allowed = np.where(
            one,
            np.where(two, True, shown[:, None]),
            np.where(two, shown[None], right),
        ).all(axis=2)
        pairs = [(here[i][0], here[j][0]) for i, j in np.argwhere(np.triu(allowed, 1)).tolist()]
        pairs = [(a, b) for a, b in pairs if not a.spoils.keys() & b.spoils.keys()]
        yield from sorted(pairs, key=_plainness)

    def _shows(self, name: str, expected: Array) -> bool:
        """Whether what was seen of a parameter is a number times this."""
        seen = self.first.gradients[name]
        if not expected.any() or not seen.any():
            return seen.shape == expected.shape and not expected.any() and not seen.any()
        return factor_of({name: seen}, {name: expected}) is not None

    def fits(self, spoils: Spoils) -> Scale | None:
        """The factor with which the spoiled pass gives what was seen, at every probe."""
        here = self._spoiled(spoils)
        if here is None or factor_of(self.first.gradients, here) is None:
            return None
        compared = [(self.first, here)]
        for other in self.seen[1:]:  # where a row does not fit the shapes, it says nothing
            there = spoiled(other.point, self.setting, spoils)
            if there is not None:
                compared.append((other, _only(there, other.gradients)))
        seen, expected = zip(*compared, strict=True)
        if all(map(self._right, seen, expected)):  # it changes nothing anywhere
            return None
        scale = scale_of(
            [o.gradients for o in seen], expected, [o.point for o in seen],
            any_constant=self.own_rate,
        )  # fmt: skip
        return scale if scale is None or not self.strict or scale.plain == 0 else None

    def _right(self, seen: Observation, expected: Gradients) -> bool:
        return _same(expected, _only(truth(seen.point, self.setting), expected))

    def _spoiled(self, spoils: Spoils) -> Gradients | None:
        found = spoiled(self.first.point, self.setting, spoils)
        return None if found is None else _only(found, self.first.gradients)


def _proportional(rows: Array, seen: Array) -> Array:
    """Which rows are a number times ``seen``, with room for rounding."""
    with np.errstate(all="ignore"):
        factors = rows @ seen / (rows**2).sum(axis=1)
        far = np.abs(seen - factors[:, None] * rows).max(axis=1, initial=0.0)
        close = far <= 1e3 * CLOSE * np.abs(seen).max(initial=0.0)
        nothing = np.abs(rows).max(axis=1, initial=0.0) <= NO_EFFECT
        unseen = np.abs(seen).max(initial=0.0) <= NO_EFFECT
    return close | (nothing & unseen)


def _square_first(pair: tuple[bool, Observation]) -> bool:
    return not pair[0]


def _plainness(pair: tuple[Variant, Variant]) -> tuple[int, int]:
    """Rows that stand at all their layers first, then the usual ones."""
    return (
        sum(not v.everywhere for v in pair),
        sum(v.mistake.rank for v in pair),
    )


def _alike(one: Array, other: Array) -> bool:
    return one.shape == other.shape and gap_of(one, other) <= NO_EFFECT


def _same(one: Gradients, other: Gradients) -> bool:
    if any(one[name].shape != other[name].shape for name in one):
        return False
    return gap(one, other) <= CLOSE


def _only(gradients: Gradients, names: Gradients) -> Gradients:
    return {name: gradients[name] for name in names}
