"""Networks with one output and no sum in the cost: ``L = -[y log ŷ + (1-y) log(1-ŷ)]``.

Then y and ŷ are numbers, and so is what ŷ is made of: in ``z_2 = W_2 h + b_2`` the weights are one
row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM
from symbackprop.review.samples import MANY
from symbackprop.review.spelling import bare, key_of, taken_apart, walk
from symbackprop.review.styles import bigs_over, names
from symbackprop.review.targets import bare_call, target_of
from symbackprop.review.vocabulary import Vocabulary, holds_all


def one_output(letters: Vocabulary, rows: Sequence[t.Chain | None]) -> None:
    """Make numbers of the letters of such a cost, and of what they are computed from."""
    chains = [row for row in rows if row is not None]
    numbers = {key for chain in chains for key in _in_a_bare_cost(letters, chain)}
    for key in numbers:
        _make_number(letters, key)
    for _ in chains:
        for chain in chains:
            _pass_on(letters, chain, numbers)
    for key, quantity in list(letters.table.items()):
        base = letters.table.get(key[1:]) if quantity.role == "differential" else None
        if base is not None:
            letters.table[key] = replace(quantity, axes=base.axes, row=base.row)


def _make_number(letters: Vocabulary, key: str) -> None:
    """One number, or one for each sample: then a row if the samples stand in columns."""
    axes = letters.table[key].axes
    row = len(axes) == 2 and axes[1] == MANY and holds_all(key)
    own = tuple(size for size in axes if size == MANY)
    letters.table[key] = replace(letters.table[key], axes=own, row=row)


def _is_square(node: t.Node) -> bool:
    """``(ŷ - y)^2``: of a vector it would be no number."""
    above = bare(node.scripts.sup) if isinstance(node, t.Group) and node.kind == "(" else None
    return isinstance(above, t.Number) and above.text == "2"


def _is_vector(letters: Vocabulary, key: str) -> bool:
    """Whether a letter has one axis beside that of the samples."""
    quantity = letters.table.get(key)
    return quantity is not None and len([s for s in quantity.axes if s != MANY]) == 1


def _key(letters: Vocabulary, name: t.Name) -> str:
    numeric = letters.survey.numbered(key_of(name))
    return letters.key(taken_apart(name, letters.style, layered=True, numeric=numeric))


def _in_a_bare_cost(letters: Vocabulary, chain: t.Chain) -> list[str]:
    """The vectors in a logarithmic cost without a sum, an index, a bold letter, or ⊙."""
    left = target_of(chain)
    if left is None or key_of(left) not in CUSTOM["cost"]:
        return []
    right = chain.sides[1]
    whole = list(walk(right))
    over_samples = list(bigs_over(chain, letters.style.samples))
    if any(isinstance(n, t.Big | t.Table) and n not in over_samples for n in whole):
        return []
    if any(isinstance(n, t.Sign) and n.kind == "hadamard" for n in whole):
        return []
    found = list(names(right))
    entrywise = any(n.base in ("log", "ln") for n in found) or any(map(_is_square, whole))
    if not entrywise or any(
        n.scripts.transposed or "mathbf" in n.marks or "boldsymbol" in n.marks for n in found
    ):
        return []
    plain = [n for n in found if not any(letters.survey.usages[key_of(n)].letters)]  # no x_j
    keys = [_key(letters, n) for n in plain if n.base not in ("log", "ln")]
    return [key for key in keys if _is_vector(letters, key)]


def _pass_on(letters: Vocabulary, chain: t.Chain, numbers: set[str]) -> None:
    if target_of(chain) is None:
        return
    sides = [bare(side) for side in chain.sides]
    named = [side for side in sides if isinstance(side, t.Name)]
    if not any(_key(letters, name) in numbers for name in named):
        return
    for name in named:
        _number(letters, _key(letters, name), numbers)
    for side in sides:
        if side is not None and not isinstance(side, t.Name):
            _into(letters, side, numbers)


def _into(letters: Vocabulary, side: t.Node, numbers: set[str]) -> None:
    """What a number is computed from: ``σ(z)``, ``W h + b``."""
    call = bare_call(side, letters)
    inner = bare(call[1]) if call is not None else side
    terms = inner.terms if isinstance(inner, t.Addition) else (inner,)
    for term in map(bare, terms):
        if isinstance(term, t.Name):
            _number(letters, _key(letters, term), numbers)
        elif isinstance(term, t.Juxtaposition):
            factors = [f for f in map(bare, term.items) if isinstance(f, t.Name)]
            if len(factors) == 2 and len(term.items) == 2:
                _one_line(letters, factors)


def _one_line(letters: Vocabulary, factors: list[t.Name]) -> None:
    """The weights of one neuron: a row in ``W h``, a column in ``h W``."""
    first = _key(letters, factors[0]) not in letters.sampled
    weights = _key(letters, factors[0 if first else 1])
    was = letters.table.get(weights)
    if was is not None and len(was.axes) == 2 and weights not in letters.sampled:
        own = was.axes[1:] if first else was.axes[:1]
        letters.table[weights] = replace(was, axes=own, row=first)


def _number(letters: Vocabulary, key: str, numbers: set[str]) -> None:
    if key not in numbers and _is_vector(letters, key):
        _make_number(letters, key)
        numbers.add(key)
