"""Class labels as indices: ``-log p_{y_i}`` and ``[y_i = k]`` instead of a target with one 1.

The label y is the target vector in disguise: ``E(y) = Σ_y t_y E(y)`` where t is 1 for the class of
the example, else 0.  So a side that contains a label is read as that sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Basic, Symbol

from symbackprop.language.binding import free_letters
from symbackprop.language.terms import Ref, Size, Sum, Times, times
from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM
from symbackprop.review.spelling import bare, items, key_of, walk
from symbackprop.review.vocabulary import Quantity, Vocabulary


def name_labels(letters: Vocabulary, rows: Sequence[t.Chain | None]) -> None:
    """Target letters that stand below others, and nowhere as a quantity."""
    chains = [row for row in rows if row is not None]
    below = {key_of(n) for chain in chains for n in _indices(chain)}
    for key in below & set(CUSTOM["target"]):
        if not any(_is_value(chain, key) for chain in chains):
            letters.labels.add(key)
            letters.table[key] = Quantity(key, (Size(Symbol(f"#{key}.0")),), role="target")
            letters.facts[key] = 0


def _indices(chain: t.Chain) -> Iterator[t.Name]:
    for node in walk(chain):
        scripts = getattr(node, "scripts", t.BARE)
        if isinstance(node, t.Name):
            yield from (n for n in map(bare, items(scripts.sub)) if isinstance(n, t.Name))


def _is_value(chain: t.Chain, key: str) -> bool:
    """Whether the letter stands in a row outside of scripts and of ``[y = k]``."""
    inside = [n for n in walk(chain, scripts=False) if isinstance(n, t.Chain) and n is not chain]
    conditions = {id(side) for n in inside for side in map(bare, n.sides)}
    return any(
        isinstance(n, t.Name) and key_of(n) == key and id(n) not in conditions
        for n in walk(chain, scripts=False)
    )


def with_labels(letters: Vocabulary, term: Basic) -> Basic:
    """``Σ_y t_y E(y)`` as ``E(y)`` again, as the author writes it."""
    if isinstance(term, Sum) and str(term.index) in letters.labels and isinstance(term.body, Times):
        first, *rest = term.body.args
        if isinstance(first, Ref) and first.name == str(term.index):
            return times(*rest)
    return term.func(*(with_labels(letters, a) for a in term.args)) if term.args else term


def over_labels(letters: Vocabulary, term: Basic) -> Basic:
    """``E(y)`` as ``Σ_y t_y E(y)``."""
    for key in sorted(letters.labels):
        label = Symbol(key)
        if label in free_letters(term):
            size = letters.table[key].axes[0]
            term = Sum(times(Ref(key, Ref("").args[1], label), term), label, size)
    return term
