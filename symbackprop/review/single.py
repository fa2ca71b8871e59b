"""Networks with one output and no sum in the cost: ``L = -[y log ŷ + (1-y) log(1-ŷ)]``.

Then y and ŷ are numbers, and so is what ŷ is made of: in ``z_2 = W_2 h + b_2`` the weights are one
row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.read import layout as t
from symbackprop.review.defining import bare_call, target_of
from symbackprop.review.spelling import bare, key_of, taken_apart, walk
from symbackprop.review.survey import CUSTOM, names
from symbackprop.review.vocabulary import Vocabulary


def one_output(letters: Vocabulary, rows: Sequence[t.Chain | None]) -> None:
    """Make numbers of the letters of such a cost, and of what they are computed from."""
    chains = [row for row in rows if row is not None]
    numbers = {key for chain in chains for key in _in_a_bare_cost(letters, chain)}
    for key in numbers:
        letters.table[key] = replace(letters.table[key], axes=())
    for _ in chains:
        for chain in chains:
            _pass_on(letters, chain, numbers)


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
    if any(isinstance(n, t.Big | t.Table) for n in whole):
        return []
    if any(isinstance(n, t.Sign) and n.kind == "hadamard" for n in whole):
        return []
    found = list(names(right))
    if not any(n.base in ("log", "ln") for n in found) or any(
        n.scripts.transposed or "mathbf" in n.marks or "boldsymbol" in n.marks for n in found
    ):
        return []
    keys = [_key(letters, n) for n in found if n.base not in ("log", "ln")]
    return [k for k in keys if k in letters.table and len(letters.table[k].axes) == 1]


def _pass_on(letters: Vocabulary, chain: t.Chain, numbers: set[str]) -> None:
    left = target_of(chain)
    if left is None or _key(letters, left) not in numbers:
        return
    call = bare_call(chain.sides[1], letters)
    inner = bare(call[1]) if call is not None else chain.sides[1]
    terms = inner.terms if isinstance(inner, t.Addition) else (inner,)
    for term in map(bare, terms):
        if isinstance(term, t.Name):
            _number(letters, _key(letters, term), numbers)
        elif isinstance(term, t.Juxtaposition):
            factors = [f for f in map(bare, term.items) if isinstance(f, t.Name)]
            if len(factors) == 2 and len(term.items) == 2:
                weights = _key(letters, factors[0])
                if weights in letters.table and len(letters.table[weights].axes) == 2:
                    was = letters.table[weights]
                    letters.table[weights] = replace(was, axes=was.axes[1:], row=True)


def _number(letters: Vocabulary, key: str, numbers: set[str]) -> None:
    if key in letters.table and key not in numbers and len(letters.table[key].axes) == 1:
        letters.table[key] = replace(letters.table[key], axes=())
        numbers.add(key)
