"""Small changes of a formula, each the undoing of one classic mistake, as a table.

A row of ``AT_NODES`` looks at one node of the term and offers what might stand there instead; a row
of ``AT_SIDE`` looks at a whole side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Basic

from symbackprop.review.edits.context import Context, Edit, Offer, is_negative, places, put
from symbackprop.review.edits.letters import (
    all_of_a_kind,
    other_layer,
    other_quantity,
    reindexed,
    turned,
)
from symbackprop.review.edits.missing import more, sum_missing
from symbackprop.review.edits.products import fewer, product_kind, scaled_terms, signs, whole_scaled
from symbackprop.review.edits.slopes import known_slopes, power, slope, softmax, upside_down
from symbackprop.review.kin import Kin


def edits_of(side: Basic, other: Basic, kin: Kin) -> Iterator[Edit]:
    """Every change of the table, everywhere in one side."""
    context = Context(kin, side, other)
    for change in AT_SIDE:
        for mistake, term in change(side, context):
            yield Edit(mistake, term, plain=mistake == "sign" and is_negative(side))
    for path, node in places(side):
        for change in AT_NODES:
            for mistake, new in change(node, context):
                yield Edit(mistake, put(side, path, new))


AT_NODES: tuple[Callable[[Basic, Context], Offer], ...] = (
    slope, known_slopes, softmax, upside_down, signs, other_quantity, turned, other_layer,
    product_kind, power, scaled_terms, fewer, reindexed, sum_missing,
)  # fmt: skip
AT_SIDE: tuple[Callable[[Basic, Context], Offer], ...] = (whole_scaled, all_of_a_kind, more)
