"""Lines that say something about quantities already defined, as statements to be judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Basic

from symbackprop.errors import IllTyped
from symbackprop.language.binding import same, substitute
from symbackprop.read import layout as t
from symbackprop.review.conditions import Conditions, conditions_of, relations_in
from symbackprop.review.customary import ELEMENTARY, KNOWN_FUNCTIONS
from symbackprop.review.meanings import Meaning
from symbackprop.review.spelling import (
    Misread,
    bare,
    key_of,
    walk,
)
from symbackprop.review.statements import Reading, all_readings
from symbackprop.review.styles import names
from symbackprop.review.sums import indices_in
from symbackprop.review.vocabulary import DUMMY, Quantity


@dataclass(frozen=True)
class Claim:
    """An equation of a row: the readings, as written first; or the fault that keeps it unread."""

    row: int
    readings: tuple[Reading, ...] = ()
    fault: Misread | IllTyped | None = None
    side: t.Node | None = None  # the right side, where a caret can point
    trivial: bool = False
    whole: Claim | None = None  # in a chain A = B = C: that A = C


@dataclass
class Previous:
    """The terms that a line beginning with ``=`` goes on from."""

    block: int = -1
    first: Basic | None = None
    last: Basic | None = None
    dummy: str = ""  # the variable of a statement about a function


def claims_of(made: Meaning, row: int, chain: t.Chain, previous: Previous) -> list[Claim]:
    """The equations of a row that are claims; definitions are left out."""
    made = _with_dummy(made, chain, previous)
    conditions, unclear = Conditions(), None
    try:
        conditions = conditions_of(made.reader(), chain.notes)
    except (Misread, IllTyped) as fault:
        unclear = fault
    terms: list[Basic | None] = []
    notes: list[list[str]] = []
    faults: list[Misread | IllTyped | None] = []
    outer = _letters_left(made, chain, previous)
    unrolled: dict[Basic, Basic] = {}
    for side in chain.sides:
        reader = made.reader()
        reader.outer = outer
        try:
            terms.append(None if _cases(side, made) else reader.side(side))
            faults.append(None)
        except (Misread, IllTyped) as fault:
            terms.append(None)
            faults.append(fault)
        except ValueError:  # an array where a number belongs
            terms.append(None)
            faults.append(Misread(side, "arrays and numbers are mixed here"))
        notes.append(reader.notes)
        unrolled.update(reader.unrolled)
    found: list[Claim] = []
    relations = ((chain.leading,) if chain.leading else ()) + chain.relations
    lefts: list[Basic | None] = [previous.last, *terms] if chain.leading else [*terms]
    offset = 0 if chain.leading else 1
    for number, relation in enumerate(relations):
        at = number + offset
        side = chain.sides[at]
        if relation not in ("=", ":=", "equiv"):
            continue
        if row in made.defining and number == 0 and not chain.leading:
            continue
        if row in made.functions and number == 0:
            continue
        wrong = unclear or faults[at] or (faults[at - 1] if at else None)
        left = lefts[number]
        if wrong is None and left is None:
            wrong = Misread(side, "there is nothing to the left of =", "an equation")
        if wrong is not None:
            found.append(Claim(row, fault=wrong, side=side))
            continue
        assert left is not None
        own = tuple(dict.fromkeys((*notes[at], *(notes[at - 1] if at else []))))
        by = unrolled if any("dots" in note for note in own) else {}
        left, right = substitute(left, by), terms[at]
        right = None if right is None else substitute(right, by)
        if right is not None and number == 0 and _two_names(chain) and same(left, right):
            made.stating.add(row)  # a^0 = x says which letter is which
            continue
        claim = _claim(made, row, left, side, right, conditions, own)
        start = previous.first if chain.leading else terms[0]
        if start is not None and (number or chain.leading) and not same(start, left):
            start = substitute(start, by)
            claim = replace(claim, whole=_claim(made, row, start, side, right, conditions, own))
        found.append(claim)
    done = [term for term in terms if term is not None]
    if done:
        previous.last = done[-1]
        if not chain.leading:
            previous.first = done[0]
    return found


def term_of(made: Meaning, side: t.Node) -> Basic | None:
    """What a side alone means, if it means anything."""
    try:
        return made.reader().side(side)
    except (Misread, IllTyped):
        return None


def _two_names(chain: t.Chain) -> bool:
    left, right = bare(chain.sides[0]), bare(chain.sides[-1])
    if not isinstance(left, t.Name) or not isinstance(right, t.Name) or chain.leading:
        return False
    return len(chain.sides) == 2 and key_of(left) != key_of(right)


def _cases(node: t.Node, made: Meaning) -> t.Table | None:
    """A case distinction by indices: ``{σ'(z_j) if k = j; 0 if k ≠ j}``; not one by a label."""
    inner = bare(node)
    if not isinstance(inner, t.Table) or inner.kind not in ("cases", "array", "dcases", "rcases"):
        return None
    if any(key_of(n) in made.letters.labels for n in walk(inner) if isinstance(n, t.Name)):
        return None
    return inner if len(inner.rows[0]) >= 2 and not _sign_condition(inner) else None


def _sign_condition(table: t.Table) -> bool:
    for row in table.rows[:1]:
        for node in relations_in(row[1:]):
            if any(r in (">", "<", "geq", "leq") for r in node.relations):
                return True
    return False


def _claim(
    made: Meaning, row: int, left: Basic, side: t.Node, right: Basic | None,
    conditions: Conditions, notes: tuple[str, ...],
) -> Claim:  # fmt: skip
    table = _cases(side, made)
    pairs: list[tuple[Basic, Basic, Conditions]] = []
    try:
        if table is not None:
            pairs = list(_branches(made, left, table, conditions))
        else:
            assert right is not None
            pairs = [(left, right, conditions)]
        readings = tuple(all_readings(made, pairs, notes))
    except (Misread, IllTyped) as fault:
        return Claim(row, fault=fault, side=side)
    trivial = right is not None and same(left, right)
    return Claim(row, readings, side=side, trivial=trivial)


def _branches(
    made: Meaning, left: Basic, table: t.Table, conditions: Conditions
) -> Iterator[tuple[Basic, Basic, Conditions]]:
    """Each row of a case distinction with its condition; "otherwise": none of those before."""
    before: list[tuple[Basic, Basic]] = []
    for row in table.rows:
        value = made.reader().term(row[0])
        own = conditions_of(made.reader(), row[1:])
        if not own.equal and not own.unequal:
            own = Conditions(unequal=tuple(before))
        if len(own.equal) > 1 and len(table.rows) > 1:
            raise Misread(row[0], "a case with two conditions", "one condition for each case")
        before.extend(own.equal)
        yield (
            left,
            value,
            replace(
                own,
                unequal=(*conditions.unequal, *own.unequal),
                first=conditions.first,
                last=conditions.last,
                signs=(*conditions.signs, *own.signs),
            ),
        )


# -- readings --------------------------------------------------------------------------------------


# -- small things ----------------------------------------------------------------------------------


def _with_dummy(made: Meaning, chain: t.Chain, previous: Previous) -> Meaning:
    """``σ'(z) = σ(z)(1 - σ(z))``: z is any number, not the quantity of that letter."""
    letters = made.letters
    functions = letters.survey.functions | set(ELEMENTARY) | set(KNOWN_FUNCTIONS)
    found = [n for side in chain.sides for n in names(side)]
    variables = {key_of(n) for n in found if key_of(n) not in functions and n.base != "e"}
    calls = any(key_of(n) in functions for n in found)
    goes_on = bool(chain.leading and previous.dummy and variables <= {previous.dummy})
    if goes_on:
        variables = {previous.dummy}
    if not chain.leading:
        previous.dummy = ""
    if (not calls and not goes_on) or len(variables) != 1:
        return made
    (key,) = variables
    if any(n.scripts.sub is not None for n in found if key_of(n) == key) or (
        key in letters.table and any(n.scripts.sup is not None for n in found if key_of(n) == key)
    ):
        return made
    previous.dummy = key
    table = {**letters.table, key: Quantity(DUMMY)}
    changed = replace(letters, table=table)
    return replace(made, letters=changed)


def _letters_left(made: Meaning, chain: t.Chain, previous: Previous) -> frozenset[str]:
    """The index letters of the left side: what a sum without an index does not run over."""
    if chain.leading and previous.first is not None:
        return frozenset(i.name for i in indices_in(previous.first))
    try:
        return frozenset(i.name for i in indices_in(made.reader().term(chain.sides[0])))
    except (Misread, IllTyped, IndexError):
        return frozenset()
