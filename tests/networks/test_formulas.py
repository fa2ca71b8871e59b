"""Formulas of a user's own: what the judge knows is taken and proved, the rest is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sympy as sp

from symbackprop import Network, add_activation, add_cost, check, derive
from symbackprop.errors import InputError, LimitError
from symbackprop.networks.activations import ACTIVATIONS, a, z
from symbackprop.networks.costs import COSTS, y
from symbackprop.networks.formulas import plain_slope

UNKNOWN_ACTIVATIONS = {
    "sin(z)": 1 + 2 * sp.sin(z),
    "sqrt(z**2 + 1)": z + sp.sqrt(z**2 + 1),
    "z**(1/3)": sp.exp(z ** sp.Rational(1, 3)),
    "2**z": 1 / (1 + 2**z),
    "f(z)": sp.Function("f")(z),
    "Max(z, z**2)": sp.Max(z, z**2) / 3,
    "Min(1, Max(0, z))": sp.Min(1, sp.Max(0, z)),
    "Piecewise((z, z < 0), (0, True))": sp.Piecewise((z, z < 0), (0, True)),
    "Integral(exp(-z**2), z)": z * sp.Integral(sp.exp(-(z**2)), z),
    "I": sp.I * z,
    "oo": sp.oo,
}
UNKNOWN_COSTS = {
    "sin(a)": sp.sin(a) - y,
    "a**y": a**y,
    "sqrt((a - y)**2 + 1)": sp.sqrt((a - y) ** 2 + 1),
}


@pytest.fixture
def tables() -> Iterator[None]:
    """What a test adds is gone after it."""
    kept = [(table, dict(table)) for table in (ACTIVATIONS, COSTS)]
    yield
    for table, before in kept:
        table.clear()
        table.update(before)  # type: ignore[arg-type]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("part", UNKNOWN_ACTIVATIONS)
def test_an_unknown_function_is_named_with_what_is_known(part: str) -> None:
    with pytest.raises(InputError) as caught:
        add_activation("wave", UNKNOWN_ACTIVATIONS[part])
    says = str(caught.value)
    assert says.startswith(f"the activation 'wave' contains {part}, which the judge does not know;")
    assert "exp, log, erf, tanh" in says
    assert "\n" not in says
    assert "wave" not in ACTIVATIONS


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("part", UNKNOWN_COSTS)
def test_an_unknown_function_in_a_cost_is_named(part: str) -> None:
    with pytest.raises(InputError) as caught:
        add_cost("wave", UNKNOWN_COSTS[part])
    assert str(caught.value).startswith(f"the cost 'wave' contains {part}, ")
    assert "a and y" in str(caught.value)
    assert "wave" not in COSTS


@pytest.mark.usefixtures("tables")
def test_a_function_that_jumps_has_no_slope() -> None:
    for jump in (sp.Heaviside(z, 0), z * sp.Heaviside(z, 0)):
        with pytest.raises(InputError, match=r"the slope of the activation 'jump' contains Dirac"):
            add_activation("jump", jump)
    with pytest.raises(InputError, match=r"the slope of the cost 'jump' contains Dirac"):
        add_cost("jump", sp.Heaviside(a - y, 0))


@pytest.mark.usefixtures("tables")
def test_a_letter_that_is_not_ours_is_named() -> None:
    with pytest.raises(InputError, match=r"uses 'x'; only z$"):
        add_activation("own", z * sp.Symbol("x"))
    with pytest.raises(InputError, match=r"uses another symbol 'z'; import it"):
        add_activation("own", sp.Symbol("z") ** 2)
    with pytest.raises(InputError, match=r"uses 'z'; only a and y$"):
        add_cost("own", a * z)
    with pytest.raises(InputError, match=r"uses another symbol 'y'; import it"):
        add_cost("own", (a - sp.Symbol("y")) ** 2)


@pytest.mark.usefixtures("tables")
def test_a_formula_has_a_size() -> None:
    for long in (sum(sp.exp(n * z) for n in range(200)), 10**51 * z, z / 10**51, z**51, z**-51):
        with pytest.raises(LimitError):
            add_activation("long", long)
    add_activation("long", z**50 / 10**50 + 1 / (1 + z**50))
    assert "long" in ACTIVATIONS


@pytest.mark.usefixtures("tables")
def test_a_float_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"contains the float 0\.1; .*Rational\(1, 10\)"):
        add_activation("leak", sp.Max(0, z) + 0.1 * sp.Min(0, z))


@pytest.mark.usefixtures("tables")
def test_names_are_new() -> None:
    with pytest.raises(InputError, match="the cost 'mse' exists already"):
        add_cost("mse", a)
    with pytest.raises(InputError, match="the activation 'relu' exists already"):
        add_activation("relu", z)


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    "value",
    [
        sp.Abs(z),
        sp.tanh(z) ** 3 / 7,
        z * sp.erf(z / sp.sqrt(2)) / sp.sqrt(sp.pi),
        sp.log(2 + z**2),
        sp.Max(0, z - 1) - sp.Min(0, z),
        sp.Piecewise((z, z > 1), (z / 2, True)),
    ],
    ids=str,
)
def test_all_that_is_known_is_proved(value: sp.Expr) -> None:
    add_activation("own", value)
    checked = check(derive(Network([2, 3], activation="own", cost="mse")), seed=1)
    assert checked.proved
    assert "every element-wise activation" in checked.verdicts[-1].scope


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("batch", [None, "rows"])
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize(
    "entry", [sp.Abs(a - y), y * sp.log(y / a), sp.Max(0, 1 - a * y), a], ids=str
)
def test_the_slope_of_a_cost_is_derived_and_proved(
    entry: sp.Expr, activation: str, batch: str | None
) -> None:
    add_cost("own", entry)
    network = Network([2, 3, 2], activation=activation, cost="own", batch=batch)
    assert check(derive(network), seed=1).proved


def test_a_slope_at_a_kink_is_zero_or_that_of_the_left() -> None:
    """SymPy's own convention is ½ there."""
    assert plain_slope(sp.Max(0, z), z).subs(z, 0) == 0
    assert plain_slope(sp.Abs(z), z).subs(z, 0) == -1
    assert plain_slope(sp.Abs(a - y), a).subs({a: 3, y: 3}) == -1
