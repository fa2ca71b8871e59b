"""Definitions that could not be read: what rests on them is neither proved nor refuted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sympy import Basic

from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.language.terms import Act, Partial, Ref
from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM
from symbackprop.review.meanings import Meaning
from symbackprop.review.spelling import Misread
from symbackprop.review.targets import function_of, is_derivative, target_of

FREE = ("weight", "bias", "input", "target", "penalty")
REGULARISERS = ("R", "Omega", "Reg", "P")
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


def undefined_ends(statements: Iterable[Statement], program: Program) -> set[str]:
    """Quantities that are differentiated somewhere, but that nothing defines.

    Parameters, inputs and targets are what they are; anything else depends on something.
    """
    defined = {d.target.name for d in program.definitions}
    free = {key for role in FREE for key in CUSTOM[role]}
    sides = [side for statement in statements for side in statement.sides]
    sides += [d.value for d in program.definitions]
    terms = {  # the R of J = C + λ R
        n.name for d in program.definitions if not d.target.indices and d.target.layer is None
        for n in subterms(d.value)
        if isinstance(n, Ref) and not n.indices and n.layer is None and n.name not in defined
        and n.name in REGULARISERS
    }  # fmt: skip
    return terms | {
        n.of.name for side in sides for n in subterms(side)
        if isinstance(n, Partial) and isinstance(n.of, Ref) and n.of.name not in defined
        and not n.of.name.startswith("#") and re.split(r"[(@_]", n.of.name)[0] not in free
    }  # fmt: skip


def differentiated_in(statement: Statement, program: Program) -> set[str]:
    """Every quantity without a definition that a derivative in a statement leads to."""
    uses: dict[str, set[str]] = {}
    for definition in program.definitions:
        uses.setdefault(definition.target.name, set()).update(_names(definition.value))
    waiting = [n.of for side in statement.sides for n in _partials(side, program)]
    names = {name for term in waiting for name in _names(term)}
    seen: set[str] = set()
    while names - seen:
        name = (names - seen).pop()
        seen.add(name)
        names |= uses.get(name, set())
    return seen - set(uses)


def _partials(side: Basic, program: Program) -> list[Partial]:
    """The derivatives in a term, and those in what it is defined by."""
    found = [n for n in subterms(side) if isinstance(n, Partial)]
    named = {n.name for n in subterms(side) if isinstance(n, Ref)}
    for definition in program.definitions:
        if definition.target.name in named:
            found += [n for n in subterms(definition.value) if isinstance(n, Partial)]
    return found


def names_in(*terms: Basic) -> set[str]:
    """The names of all quantities in some terms."""
    found = {n.name for term in terms for n in subterms(term) if isinstance(n, Ref)}
    return {name for name in found if not name.startswith("#")} - {"pi"}


def _names(term: Basic) -> set[str]:
    nodes = list(subterms(term))
    found = {node.name for node in nodes if isinstance(node, Ref)}
    calls = [node for node in nodes if isinstance(node, Act)]
    return found | {FUNCTION for _ in calls} | {f"({node.layer})" for node in calls}
