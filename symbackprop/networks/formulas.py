"""What a formula of a user's own may contain: checked once, when it is added, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy import Expr, Symbol

from symbackprop.errors import InputError, LimitError
from symbackprop.language.terms import Ref, from_sympy

KNOWN = (
    "numbers, {letters}, + - * /, whole powers, exp, log, erf, tanh, sqrt of a number, Abs, "
    "Max(0, u), Min(0, u) and Piecewise((f, u > v), (g, True))"
)
LIMIT_PARTS = 500  # of the tree of a formula
LIMIT_NUMBER = 10**50  # above and below the line of a fraction
LIMIT_POWER = 50


def plain_slope(value: Expr, by: Symbol) -> Expr:
    """``d value / d by`` with SymPy; at a kink the value of ``[u>0]`` is 0, never ½."""
    derivative = value.diff(by)
    at_zero = {h: sp.Heaviside(h.args[0], 0) for h in derivative.atoms(sp.Heaviside)}
    signs = {s: 2 * sp.Heaviside(s.args[0], 0) - 1 for s in derivative.atoms(sp.sign)}
    return derivative.xreplace({**at_zero, **signs})


def check_name(name: str, table: Mapping[str, object], kind: str) -> None:
    """A new name of plain letters; ``kind`` reads "the activation" or "the cost"."""
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise InputError(
            f"{kind} cannot be called {name!r}", expected="letters, digits, '-' and '_' only"
        )
    if name in table:
        raise InputError(f"{kind} {name!r} exists already", todo="choose another name")


def check_formula(value: Expr, letters: tuple[Symbol, ...], by: Symbol, what: str) -> None:
    """Refuse a formula that cannot be judged, or whose slope by ``by`` cannot."""
    if not isinstance(value, Expr):
        raise InputError(f"{what} is not a SymPy expression", expected="such as z / (1 + exp(-z))")
    _check_size(value, what)
    _check_letters(value, letters, what)
    _check_parts(value, letters, what)
    todo = "" if letters == (by,) else f"its slope is taken by {by}"
    _check_parts(plain_slope(value, by), letters, f"the slope of {what}", todo=todo)


def _check_size(value: Expr, what: str) -> None:
    if sum(1 for _ in sp.preorder_traversal(value)) > LIMIT_PARTS:
        raise LimitError(f"{what} is too long", expected=f"at most {LIMIT_PARTS} parts")
    if any(abs(n.p) > LIMIT_NUMBER or n.q > LIMIT_NUMBER for n in value.atoms(sp.Rational)):
        raise LimitError(f"{what} contains a number of more than 50 digits")
    powers = [power.exp for power in value.atoms(sp.Pow) if power.exp.is_Integer]
    if any(abs(n) > LIMIT_POWER for n in powers):
        raise LimitError(f"{what} contains a high power", expected=f"at most {LIMIT_POWER}")
    floats = value.atoms(sp.Float)
    if floats:
        raise InputError(
            f"{what} contains the float {min(map(float, floats)):g}",
            todo="write it as a fraction, such as sympy.Rational(1, 10)",
        )


def _check_letters(value: Expr, letters: tuple[Symbol, ...], what: str) -> None:
    names = " and ".join(symbol.name for symbol in letters)
    for symbol in sorted(value.free_symbols - set(letters), key=str):
        if symbol.name in {own.name for own in letters}:
            raise InputError(
                f"{what} uses another symbol {symbol.name!r}",
                todo="import it: `from symbackprop.networks.activations import a, z`, "
                "`from symbackprop.networks.costs import y`",
            )
        raise InputError(f"{what} uses {_short(symbol)!r}", expected=f"only {names}")


def _check_parts(value: Expr, letters: tuple[Symbol, ...], what: str, todo: str = "") -> None:
    """Name the innermost part that the judge has no meaning for."""
    refs = {symbol: Ref(symbol.name) for symbol in letters}
    if _readable(value, refs):
        return
    parts = (part for part in sp.postorder_traversal(value) if isinstance(part, Expr))
    strange = next((part for part in parts if not _readable(part, refs)), value)
    names = " and ".join(symbol.name for symbol in letters)
    raise InputError(
        f"{what} contains {_short(strange)}, which the judge does not know",
        expected=f"known: {KNOWN.format(letters=names)}",
        todo=todo,
    )


def _readable(part: Expr, refs: Mapping[Symbol, Ref]) -> bool:
    try:
        from_sympy(part, dict(refs))
    except ValueError:
        return False
    return True


def _short(part: Expr) -> str:
    text = " ".join(str(part).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
