"""Costs: one row each; a cost is ``scale · Σ_k entry(a_k, y_k)`` of one sample."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy import Expr

from symbackprop.errors import InputError, nearest
from symbackprop.networks import formulas
from symbackprop.networks.activations import UNSPECIFIED, a

y = sp.Symbol("y", real=True)


@dataclass(frozen=True)
class Cost:
    """``entry`` None: any differentiable C(a, y).  ``averaged``: divided by the output width n_L.

    ``needs`` is the interval that the outputs must lie in; ``sums_to_one`` the fact about the
    target that the classic short form rests on.
    """

    name: str
    entry: Expr | None
    says: str = ""
    averaged: bool = False
    needs: tuple[float, float] | None = None
    sums_to_one: bool = False
    source: str = ""

    @cached_property
    def slope(self) -> Expr | None:
        """``∂entry/∂a``, derived from the entry."""
        return None if self.entry is None else formulas.plain_slope(self.entry, a)


_ROWS = (
    Cost("quadratic", (a - y) ** 2 / 2, "half the squared distance", source="Nielsen ch. 2"),
    Cost("sum-of-squares", (a - y) ** 2, "the squared distance, no ½", source="3Blue1Brown ch. 4"),
    Cost("mse", (a - y) ** 2, "the mean over the outputs, no ½", averaged=True),
    Cost(
        "binary-cross-entropy",
        -(y * sp.log(a) + (1 - y) * sp.log(1 - a)),
        "each output a probability of its own",
        needs=(0, 1),
    ),
    Cost(
        "cross-entropy",
        -y * sp.log(a),
        "the outputs one probability distribution",
        needs=(0, 1),
        sums_to_one=True,
    ),
    Cost(UNSPECIFIED, None, "any differentiable C(a, y)"),
)

COSTS: dict[str, Cost] = {row.name: row for row in _ROWS}
ALIASES = {
    "bce": "binary-cross-entropy",
    "ce": "cross-entropy",
    "cce": "cross-entropy",
    "categorical-cross-entropy": "cross-entropy",
    "any": UNSPECIFIED,
}


def cost_named(name: str) -> Cost:
    """The row of a name; an unknown one is refused with the near ones."""
    if not isinstance(name, str):
        raise InputError(f"a cost is a name, not {name!r}", expected=nearest("", COSTS))
    key = ALIASES.get(name, name)
    if key not in COSTS:
        raise InputError(f"unknown cost {name!r}", expected=nearest(name, COSTS))
    return COSTS[key]


def add_cost(name: str, entry: Expr, *, averaged: bool = False, says: str = "") -> None:
    """Make a cost known by one SymPy expression in ``activations.a`` and ``costs.y``.

    >>> add_cost("quartic", (a - y) ** 4 / 4)
    """
    formulas.check_name(name, COSTS, "the cost")
    formulas.check_formula(entry, (a, y), a, f"the cost {name!r}")
    COSTS[name] = Cost(name, entry, says or "added by the user", averaged=averaged)
