"""Activations: one row each, the value only; slopes are derived and proved, never typed in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy import Expr

from symbackprop.errors import InputError, nearest
from symbackprop.networks import formulas

z = sp.Symbol("z", real=True)
a = sp.Symbol("a", real=True)

UNSPECIFIED = "unspecified"


@dataclass(frozen=True)
class Activation:
    """``a = value(z)`` entry by entry; ``value`` None: any differentiable function.

    ``slope_by_a`` is the slope written in the activation (proved from ``value``); ``range`` the
    open interval of values; ``kinks`` where the slope is a convention (0 from the left branch).
    """

    name: str
    value: Expr | None
    says: str = ""
    vector: bool = False
    slope_by_a: Expr | None = None
    range: tuple[float, float] = (float("-inf"), float("inf"))
    kinks: tuple[float, ...] = ()
    source: str = ""

    @cached_property
    def slope(self) -> Expr | None:
        """``dσ/dz``, derived from the value; at a kink the value of ``[z>0]`` is 0, never ½."""
        if self.value is None or self.vector:
            return None
        return plain_slope(self.value)


def plain_slope(value: Expr) -> Expr:
    """The derivative of an expression in z, with the kink convention made explicit."""
    return formulas.plain_slope(value, z)


_sigmoid = 1 / (1 + sp.exp(-z))
_INF = float("inf")

_ROWS = (
    Activation("identity", z, "passes z on", slope_by_a=sp.Integer(1)),
    Activation(
        "sigmoid", _sigmoid, "squeezes z into (0, 1)", slope_by_a=a * (1 - a), range=(0, 1)
    ),
    Activation("tanh", sp.tanh(z), "squeezes z into (-1, 1)", slope_by_a=1 - a**2, range=(-1, 1)),
    Activation("relu", sp.Max(0, z), "cuts off below 0", range=(0, _INF), kinks=(0,)),
    Activation(
        "leaky-relu", sp.Max(0, z) + sp.Min(0, z) / 100, "lets 1/100 through below 0", kinks=(0,)
    ),
    Activation(
        "softplus", sp.log(1 + sp.exp(z)), "a smooth ReLU", slope_by_a=1 - sp.exp(-a),
        range=(0, _INF),
    ),
    Activation(
        "gelu", z * (1 + sp.erf(z / sp.sqrt(2))) / 2, "z times the normal distribution function",
        source="Hendrycks and Gimpel 2016, equation 2, exact form",
    ),
    Activation("silu", z * _sigmoid, "z times its sigmoid"),
    Activation("softmax", None, "exp(z_k) over the sum of all exp(z_i)", vector=True, range=(0, 1)),
    Activation(UNSPECIFIED, None, "any differentiable function, entry by entry"),
)  # fmt: skip

ACTIVATIONS: dict[str, Activation] = {row.name: row for row in _ROWS}
ALIASES = {
    "linear": "identity",
    "logistic": "sigmoid",
    "leaky_relu": "leaky-relu",
    "any": UNSPECIFIED,
}


def activation_named(name: str) -> Activation:
    """The row of a name; an unknown one is refused with the near ones."""
    if not isinstance(name, str):
        raise InputError(
            f"an activation is a name, not {name!r}", expected=nearest("", ACTIVATIONS)
        )
    key = ALIASES.get(name, name)
    if key not in ACTIVATIONS:
        raise InputError(f"unknown activation {name!r}", expected=nearest(name, ACTIVATIONS))
    return ACTIVATIONS[key]


def add_activation(
    name: str, value: Expr, *, says: str = "", kinks: tuple[float, ...] = ()
) -> None:
    """Make an element-wise activation known by one SymPy expression in ``activations.z``.

    >>> add_activation("softsign-ish", z / (1 + z**2))
    """
    formulas.check_name(name, ACTIVATIONS, "the activation")
    formulas.check_formula(value, (z,), z, f"the activation {name!r}")
    ACTIVATIONS[name] = Activation(name, value, says or "added by the user", kinks=kinks)
