"""Documents without layer letters: each letter is a quantity of its own, its sizes are found out.

Definitions say which sizes are equal (``z = W x``: the columns of W are the rows of x); everything
that they leave apart is a size of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Integer, Symbol

from symbackprop.language.binding import substitute
from symbackprop.language.terms import Size
from symbackprop.read import layout as t
from symbackprop.review.classes import name_labels
from symbackprop.review.customary import CUSTOM, KNOWN_FUNCTIONS, NUMBERS
from symbackprop.review.findings import Usage
from symbackprop.review.samples import NEVER, name_samples, with_axis
from symbackprop.review.settling import in_order, settle
from symbackprop.review.spelling import Written, bare, items, key_of, taken_apart, walk
from symbackprop.review.styles import names
from symbackprop.review.vocabulary import Quantity, Vocabulary

if TYPE_CHECKING:
    pass


def register(letters: Vocabulary, rows: Sequence[t.Chain | None]) -> None:
    """Every letter with its number of axes; the sizes are open yet."""
    declared = dict(_declared(letters, rows))
    name_samples(letters, rows)
    name_labels(letters, rows)
    matrices = _has_matrices(letters)
    found = [name for row in rows if row is not None for name in names(row)]
    differentials = [name for name in found if _base(letters, name)]
    for name in [*(n for n in found if n not in differentials), *differentials]:
        _register(letters, name, declared, matrices)


def _register(
    letters: Vocabulary, name: t.Name, declared: dict[str, Quantity], matrices: bool
) -> None:
    found = taken_apart(
        name, letters.style, layered=True, numeric=letters.survey.numbered(key_of(name))
    )
    if _is_constant(found) or found.key in letters.survey.functions or found.key in letters.counts:
        return
    if name.base in ("delta", "Delta") and len(found.indices) == 2:
        return
    key = letters.key(found)
    use = _use(letters, name)
    if use.applied and use.applied == sum(use.indices.values()):
        return  # C(a, y): a function wherever it stands
    if (
        key in letters.table
        or name.base in KNOWN_FUNCTIONS
        or name.base in ("max", "diag", "mathbb")
    ):
        return
    if letters.survey.by_index:
        cost = letters.is_cost(found)
        own = (
            ()
            if cost
            else tuple(Size(Symbol(f"#{i.base}")) for i in found.indices if isinstance(i, t.Name))
        )
        letters.table[key] = Quantity(key, own, role=letters.survey.roles.get(found.key, ""))
        return
    base = key[1:] if _base(letters, name) else ""
    if key in declared:
        axes = declared[key].axes
    elif base in letters.table:
        letters.table[key] = replace(letters.table[base], name=key, role="differential")
        return
    else:
        cost = letters.is_cost(found)  # E_n, of one example
        count = 0 if cost else _axes(letters, found.key, name, matrices)
        axes = tuple(Size(Symbol(f"#{key}.{n}")) for n in range(count))
        axes = with_axis(letters, key, axes)
    row = key in declared and declared[key].row
    letters.table[key] = Quantity(key, axes, role=_role(letters, found.key), row=row)


def _is_constant(found: Written) -> bool:
    """e, π, a bold 1; but ``e_k`` and ``d_k`` are quantities."""
    return found.key in NEVER and not (found.key in ("e", "d") and found.indices)


def _base(letters: Vocabulary, name: t.Name) -> str:
    """The Z of ``dZ``, or nothing."""
    usages = letters.survey.usages
    base = name.base[1:] if name.base[:1] == "d" else ""
    if any(f"d{cost}" in usages for cost in CUSTOM["cost"]):
        return ""  # dL = … dW: infinitesimals, not derivatives
    return base if base in usages else ""


def _use(letters: Vocabulary, name: t.Name) -> Usage:
    return letters.survey.usages.get(key_of(name), Usage())


def _role(letters: Vocabulary, key: str) -> str:
    """Only what can never be defined by a line keeps a role here."""
    role = letters.survey.roles.get(key, "")
    return role if role in ("weight", "bias") else ""


def _axes(letters: Vocabulary, key: str, name: t.Name, matrices: bool) -> int:
    """How many axes: from its indices; else a capital is a matrix, a letter beside it a vector."""
    use = letters.survey.usages[key]
    counted = max((n for n in use.indices if n), default=0)
    if counted == 1 and matrices and use.indices[0] and name.base[:1].isupper():
        return 2  # Z_n is a row of Z
    if counted:
        return counted
    number = key in NUMBERS or key in CUSTOM["cost"] or key in ("s", "m", "n", "N", "K")
    if number and not use.bold:
        return 0 if key != "s" or not matrices else _scalar_s(letters)
    role = letters.survey.roles.get(key)
    if role == "weight" or key in CUSTOM["weight"]:
        capital = name.base[:1].isupper()
        return 2 if use.bold or capital else int(use.transposed > 0)
    if not matrices:
        return 1 if use.bold else 0
    return 2 if name.base[:1].isupper() and name.base[:1] != "D" else 1


def _scalar_s(letters: Vocabulary) -> int:
    """``s`` is a penalty beside J and L, and scores beside W x."""
    return 0 if "J" in letters.survey.usages else 1


def _has_matrices(letters: Vocabulary) -> bool:
    for key, use in letters.survey.usages.items():
        weight = letters.survey.roles.get(key) == "weight" or key in CUSTOM["weight"]
        whole = use.indices and not any(n for n in use.indices if n)
        if weight and whole and (use.bold or use.transposed or key[:1].isupper()):
            return True
    return any(
        use.bold and not any(n for n in use.indices if n) for use in letters.survey.usages.values()
    )


def _declared(
    letters: Vocabulary, rows: Sequence[t.Chain | None]
) -> Iterator[tuple[str, Quantity]]:
    r"""``W \in \mathbb R^{h \times d}``."""
    for row in rows:
        if row is None:
            continue
        for chain in (n for n in walk(row) if isinstance(n, t.Chain) and "in" in n.relations):
            left, right = bare(chain.sides[0]), bare(chain.sides[-1])
            if not isinstance(right, t.Name) or right.base != "R" or right.scripts.sup is None:
                continue
            above = bare(right.scripts.sup)
            parts = above.items if isinstance(above, t.Juxtaposition) else (above,)
            flat = len(parts) > 1 and isinstance(bare(parts[0]), t.Number)
            sizes = tuple(
                Size(Symbol(f"#:{n.base}")) for n in map(bare, parts) if isinstance(n, t.Name)
            )
            for name in items(left):
                if isinstance(name, t.Name):
                    numeric = letters.survey.numbered(key_of(name))
                    found = taken_apart(name, letters.style, layered=True, numeric=numeric)
                    key = letters.key(found)
                    yield key, Quantity(key, sizes, row=flat)


# -- the program -----------------------------------------------------------------------------------


__all__ = ["Integer", "in_order", "register", "settle", "substitute"]
