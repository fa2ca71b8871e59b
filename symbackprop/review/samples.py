"""Samples where layers have no letter: ``x^{(i)}``, and ``a^{[2](i)}`` beside ``A^{[2]}``.

A letter that carries a sample has one value for each of them: an axis of its own.  Where a capital
stands for all samples together, the small letter is one column (or row) of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.language.terms import SAMPLES, Size
from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM, EQUAL, KNOWN_FUNCTIONS
from symbackprop.review.spelling import Written, bare, key_of, taken_apart, walk
from symbackprop.review.styles import bigs_over, names
from symbackprop.review.vocabulary import CONSTANTS, Vocabulary, holds_all

MANY = Size(SAMPLES)
NEVER = {"e", "pi", "d", "1"}  # no quantities


def name_samples(letters: Vocabulary, rows: Sequence[t.Chain | None]) -> None:
    """Which letters carry samples, which of them are parts of a capital, and how many there are."""
    marks = letters.style.samples
    if not marks:
        return
    chains = [row for row in rows if row is not None]
    for chain in chains:
        for big in bigs_over(chain, marks):
            above = bare(big.scripts.sup)
            if isinstance(above, t.Name) and above.scripts == t.BARE:
                letters.counts[key_of(above)] = MANY
    written = [_apart(letters, name) for chain in chains for name in names(chain)]
    whole = {letters.key(found) for found in written if found.sample is None}
    for found in written:
        if found.sample is not None:
            key = letters.key(found)
            capital = key[:1].upper() + key[1:]
            if capital != key and capital in whole:
                letters.wholes[key] = capital
            letters.sampled.add(letters.wholes.get(key, key))
    costs = {_key(letters, n) for chain in chains for n in _summed(letters, chain)}
    letters.sampled |= costs
    for _ in chains:
        for chain in chains:
            _passed_on(letters, chain)


def _summed(letters: Vocabulary, chain: t.Chain) -> list[t.Name]:
    """The L of ``J = 1/m Σ_i L(ŷ^{(i)}, y^{(i)})``."""
    if not any(bigs_over(chain, letters.style.samples)):
        return []
    left = chain.sides[0]
    own = {key_of(n) for n in names(left)}
    found = [n for side in chain.sides[1:] for n in names(side)]
    return [n for n in found if key_of(n) in CUSTOM["cost"] and key_of(n) not in own]


def _key(letters: Vocabulary, name: t.Name) -> str:
    return letters.key(_apart(letters, name))


def _apart(letters: Vocabulary, name: t.Name) -> Written:
    numeric = letters.survey.numbered(key_of(name))
    return taken_apart(name, letters.style, layered=True, numeric=numeric)


def _passed_on(letters: Vocabulary, chain: t.Chain) -> None:
    """``Z = W X + b``: samples in Z and in X, and none in what is trained."""
    left = bare(chain.sides[0])
    if not isinstance(left, t.Name) or len(chain.sides) < 2 or chain.relations[0] not in EQUAL:
        return
    summed = any(bigs_over(chain, letters.style.samples))
    derivative = any(isinstance(n, t.Differential) for n in walk(chain))
    if key_of(left) in CUSTOM["cost"] or summed or derivative or _differential(letters, left):
        return
    carried = {_key(letters, n) for n in names(chain.sides[1]) if _varies(letters, n)}
    linked = carried | {_key(letters, left)}
    if linked & letters.sampled:
        letters.sampled |= linked


def _varies(letters: Vocabulary, name: t.Name) -> bool:
    """Whether a letter may differ from sample to sample: it is not trained, and no function."""
    key = key_of(name)
    if key in letters.survey.functions or key in CONSTANTS or key in CUSTOM["penalty"]:
        return False
    if key in KNOWN_FUNCTIONS or key in NEVER:
        return False
    role = letters.survey.roles.get(key)
    return role not in ("weight", "bias") and key not in (*CUSTOM["weight"], *CUSTOM["bias"])


def _differential(letters: Vocabulary, name: t.Name) -> bool:
    return name.base[:1] == "d" and name.base[1:] in letters.survey.usages


def with_axis(letters: Vocabulary, key: str, axes: tuple[Size, ...]) -> tuple[Size, ...]:
    """The axes of a letter with that of the samples."""
    if key not in letters.sampled:
        return axes
    if key in CUSTOM["cost"]:
        return (MANY,)
    if holds_all(key) and len(axes) == 2:
        return (MANY, axes[1]) if letters.choices.batch == "rows" else (axes[0], MANY)
    return (*axes, MANY)
