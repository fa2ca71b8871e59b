"""Which formulas of a document claim something, found out without judging any of them."""

from __future__ import annotations

from symbackprop.read.documents import Document
from symbackprop.read.formulas import Formula
from symbackprop.review import readings
from symbackprop.review.abbreviations import spelled_out
from symbackprop.review.claims import Previous, claims_of
from symbackprop.review.document import plain_letters, rows_of
from symbackprop.review.meanings import Pinned
from symbackprop.review.program import meaning_of
from symbackprop.review.session import says_something
from symbackprop.review.survey import survey


def claiming(document: Document) -> tuple[Formula, ...]:
    """The claims in the usual reading, what cannot be read, and what is marked as wrong.

    A review may settle on another reading, in which a claim is a definition or the other way
    round: this list names things, it does not replace a report.
    """
    rows = [row for n, formula in enumerate(document.formulas) for row in rows_of(n, formula)]
    chains = spelled_out([row.chain for row in rows])
    declared = document.assumptions
    found = survey(
        [chain for chain in chains if chain is not None],
        plain_letters(declared.letters),
        declared.layer_letters,
    )
    way = readings.usual(found, declared, Pinned())
    meaning = meaning_of(chains, found, way.choices, way.pinned)
    claiming = {n for n, formula in enumerate(document.formulas) if formula.marked}
    previous = Previous()
    for number, (row, chain) in enumerate(zip(rows, chains, strict=True)):
        formula = document.formulas[row.formula]
        if chain is None:
            if formula.display or "=" in formula.text:
                claiming.add(row.formula)
            continue
        if not says_something(chain, meaning):
            continue
        if row.block != previous.block and not chain.leading:
            previous.first = previous.last = None
        previous.block = row.block
        if claims_of(meaning, number, chain, previous):
            claiming.add(row.formula)
    return tuple(document.formulas[number] for number in sorted(claiming))
