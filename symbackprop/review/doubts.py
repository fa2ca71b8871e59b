"""Definitions that could not be read: what rests on them is neither proved nor refuted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Basic

from symbackprop.language.binding import subterms
from symbackprop.language.program import Program
from symbackprop.language.terms import Act, Ref
from symbackprop.read import layout as t
from symbackprop.review.meanings import Meaning
from symbackprop.review.spelling import Misread
from symbackprop.review.targets import function_of, is_derivative, target_of

FUNCTION = "()"  # stands for every activation


def doubtful(made: Meaning, rows: Sequence[t.Chain | None]) -> dict[str, int]:
    """Names of quantities that only a row that was not understood defines, with that row.

    ``rows``: of a row that cannot be read at all, what stands left of its first equality sign.
    """
    known = {definition.target.name for definition in made.stated()}
    found: dict[str, int] = {}
    for number, row in enumerate(rows):
        if row is None or number in made.functions or number in made.defining:
            continue
        stated = function_of(row, made.letters)
        if stated is not None and number in made.faults:
            found.setdefault(_function(made, stated[0]), number)
        name = _target(made, row) if number in made.faults else None
        if name in ("delta", "Delta") and not is_derivative(row.sides[-1]):
            continue  # a formula for δ is a claim
        if name is not None and name not in known:
            found.setdefault(name, number)
    return found


def _function(made: Meaning, key: str) -> str:
    """A name for every activation, or, without layers, for the functions of one letter."""
    return FUNCTION if made.letters.symbolic else f"({made.letters.function_number(key)})"


def _target(made: Meaning, row: t.Chain) -> str | None:
    left = target_of(row)
    if left is None:
        return None
    try:
        written = made.reader().apart(left)
        quantity = made.letters.table.get(made.letters.key(written))
    except Misread:
        return None
    return None if quantity is None else quantity.name


def resting_on(sides: Iterable[Basic], program: Program, doubts: dict[str, int]) -> int | None:
    """The row with the definition that was not understood and on which these terms rest."""
    if not doubts:
        return None
    uses: dict[str, set[str]] = {}
    for definition in program.definitions:
        uses.setdefault(definition.target.name, set()).update(_names(definition.value))
    waiting = [name for side in sides for name in _names(side)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in doubts:
            return doubts[name]
        if name not in seen:
            seen.add(name)
            waiting.extend(uses.get(name, ()))
    return None


def names_in(*terms: Basic) -> set[str]:
    """The names of all quantities in some terms."""
    found = {n.name for term in terms for n in subterms(term) if isinstance(n, Ref)}
    return {name for name in found if not name.startswith("#")} - {"pi"}


def _names(term: Basic) -> set[str]:
    nodes = list(subterms(term))
    found = {node.name for node in nodes if isinstance(node, Ref)}
    calls = [node for node in nodes if isinstance(node, Act)]
    return found | {FUNCTION for _ in calls} | {f"({node.layer})" for node in calls}
