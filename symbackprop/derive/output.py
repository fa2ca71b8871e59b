"""The output error: why the sum over k appears, and when it collapses."""

from __future__ import annotations

import sympy as sp
from sympy import Basic, Integer, Rational

from symbackprop.derive.proof import Proof
from symbackprop.derive.rules import chain_through
from symbackprop.derive.setting import ONE, Setting
from symbackprop.derive.slope import slopes
from symbackprop.language.terms import (
    Act,
    Kron,
    Partial,
    Power,
    Quotient,
    Size,
    Sum,
    negative,
    plus,
    times,
)
from symbackprop.networks import forward as f
from symbackprop.networks.activations import a as a_symbol
from symbackprop.networks.costs import y as y_symbol
from symbackprop.networks.forward import i, j, k
from symbackprop.networks.tidy import written

WHY_SUM = "C depends on z_j through every output a_k, so each of them contributes: a sum over k"
WHY_COLLAPSE = "a_k depends on z_j only if k = j: the other terms of the sum are zero"
WHY_NO_COLLAPSE = (
    "with softmax every a_k contains every z_j (they share one denominator): "
    "the sum does not collapse"
)


def output_error(proof: Proof, given: Setting) -> None:
    """``δ^L_j = ∂C/∂z^L_j = Σ_k ∂C/∂a^L_k ∂a^L_k/∂z^L_j = …``."""
    top = given.top
    cost_slope(proof, given)
    slopes(proof, given)
    activation_slope(proof, given, top)
    proof.start(given.delta(top, j), section="The error of the output layer")
    proof.by("definition", "this is what we call the error of neuron j")
    proof.by("chain", WHY_SUM, move=chain_through(given.a(top, k), k))
    if given.softmax_output:
        _softmax(proof, given)
    else:
        _element_wise(proof, given)
    proof.call("BP1")


def _element_wise(proof: Proof, given: Setting) -> None:
    top, network = given.top, given.network
    slope_at = proof.results["activation-slope"]
    cost_at = Partial(f.C, given.a(top, k))
    proof.to(
        Sum(times(cost_at, Kron(k, j), Act(top, given.z(top, k), 1)), k, Size(top)),
        "local", "∂a_k/∂z_j = σ'(z_k) if k = j, else 0", uses=(slope_at,),
    )  # fmt: skip
    proof.by("collapse", WHY_COLLAPSE)
    proof.call("BP1-general")
    if network.cost_row.entry is None:
        return
    formula = proof.steps[proof.results["cost-slope"]].statement.right
    slope = Act(top, given.z(top, j), 1)
    proof.to(times(formula, slope), "local", "put in ∂C/∂a", uses=(proof.results["cost-slope"],))
    short = short_output_error(given)
    if short is not None:
        by_a = network.output_activation.slope_by_a
        assert by_a is not None
        slope_of_a = written(by_a, {a_symbol: given.a(top, j)})
        proof.to(times(formula, slope_of_a), "slope", "put in σ'", uses=(proof.results["slope"],))
        proof.to(short, "algebra", "the slope cancels against the denominator")


def short_output_error(given: Setting) -> Basic | None:
    """``∂C/∂a · σ'`` where the slope cancels a denominator: ``a - y`` for sigmoid and BCE."""
    row, cost = given.network.output_activation, given.network.cost_row
    if row.slope_by_a is None or cost.slope is None or row.name == "identity":
        return None
    slope = sp.cancel(cost.slope)
    product = sp.cancel(slope * row.slope_by_a)
    if not slope.as_numer_denom()[1].has(a_symbol) or product.as_numer_denom()[1].has(a_symbol):
        return None
    at = {a_symbol: given.a(given.top, j), y_symbol: given.y(j)}
    return _with_scale(given, product, at)


def _ordered(expr: sp.Expr) -> list[sp.Expr]:
    """``a - y`` rather than ``-y + a``: positive terms first."""
    return sorted(
        sp.Add.make_args(expr), key=lambda part: (part.could_extract_minus_sign(), str(part))
    )


def scaled(given: Setting, entry: Basic, number: Rational = ONE) -> Basic:
    """``number/(n_L m) · entry``: with the scales of the cost and of the batch, one fraction."""
    below = [Size(given.top)] if given.network.cost_row.averaged else []
    if given.network.batch and given.network.reduction == "mean":
        below.append(given.samples)
    return times(Quotient(number, times(*below)) if below else number, entry)


def cost_slope(proof: Proof, given: Setting) -> None:
    """``∂C/∂a^L_j`` written out, where the cost is not left open."""
    cost = given.network.cost_row
    if cost.entry is None:
        return
    proof.start(Partial(f.C, given.a(given.top, j)), section="The slope of the cost")
    if given.network.batch is None:
        proof.by("open", "put in the cost")
        proof.by(
            "differentiate", "differentiate each term of the sum; ∂a_k/∂a_j is 1 if k = j, else 0"
        )
    at = {a_symbol: given.a(given.top, j), y_symbol: given.y(j)}
    slope = cost.slope
    target = _with_scale(given, slope, at)
    if target != proof.right:
        said = (
            "only the term k = j is left"
            if given.network.batch is None
            else ("only neuron j of sample s contains a_js; differentiate its term of the cost")
        )
        proof.to(target, "collapse", said)
    proof.call("cost-slope")


def slope_at(given: Setting, neuron: Basic) -> Basic:
    """``∂C/∂a^L_j`` written out for one neuron."""
    slope = given.network.cost_row.slope
    assert slope is not None
    at = {a_symbol: given.a(given.top, neuron), y_symbol: given.y(neuron)}
    return _with_scale(given, slope, at)


def _with_scale(given: Setting, slope: sp.Expr, at: dict[sp.Symbol, Basic]) -> Basic:
    """``number/(n_L m) · body``: the number over what the cost is divided by, then the rest."""
    number, body = _in_factors(slope, at)
    return scaled(given, body, number)


def _in_factors(slope: sp.Expr, at: dict[sp.Symbol, Basic]) -> tuple[sp.Rational, Basic]:
    """A number and a fraction of factors that read ``a - y`` and ``1 - a``, not the other way."""
    top, bottom = sp.fraction(sp.together(slope))
    if not (top.is_polynomial(a_symbol, y_symbol) and bottom.is_polynomial(a_symbol, y_symbol)):
        number, rest = slope.as_coeff_Mul()
        return sp.Rational(number), written(rest, at)
    upper, above = _factors(top, at)
    lower, below = _factors(bottom, at)
    number = upper / lower
    if not below:
        return number, times(*above)
    return sp.sign(number) * abs(number), Quotient(times(*above), times(*below))


def _factors(expr: sp.Expr, at: dict[sp.Symbol, Basic]) -> tuple[sp.Rational, list[Basic]]:
    number, parts = sp.factor_list(expr, a_symbol, y_symbol)
    terms: list[Basic] = []
    for part, power in parts:
        turned = _faces_away(part)
        number = number * (-1) ** power if turned else number
        ordered = _ordered(-part if turned else part)
        term = plus(*(written(piece, at) for piece in ordered))
        terms.append(term if power == 1 else Power(term, Integer(power)))
    return sp.Rational(number), terms


def _faces_away(part: sp.Expr) -> bool:
    """Whether a factor reads -(a - y) or -(1 - a)."""
    if not part.is_Add:
        return False
    lead = (
        part.coeff(a_symbol, 1).subs(y_symbol, 0) if part.has(y_symbol) else part.subs(a_symbol, 0)
    )
    return bool(lead.is_negative)


def activation_slope(proof: Proof, given: Setting, top: Basic) -> None:
    """``∂a_k/∂z_j``: diagonal for an element-wise σ, full for softmax."""
    left = Partial(given.a(top, k), given.z(top, j))
    proof.start(left, section="How an output depends on a weighted input")
    if not given.softmax_output:
        proof.by("open", "put in what a_k is")
        proof.by("differentiate", "σ acts on one z alone: the slope if k = j, else 0")
        proof.to(
            times(Kron(k, j), Act(top, given.z(top, k), 1)), "algebra", "the same, Kronecker first"
        )
    else:
        _softmax_slope(proof, given, top)
    proof.call("activation-slope")


def _softmax_slope(proof: Proof, given: Setting, top: Basic) -> None:
    a_k, a_j = given.a(top, k), given.a(top, j)
    proof.by("open", "put in what a_k is")
    e = f.softmax(given.network, top, k)
    e_k, total = e.args
    e_j = f.softmax(given.network, top, j).args[0]
    proof.to(
        plus(
            Quotient(times(e_k, Kron(k, j)), total), negative(Quotient(times(e_k, e_j), total**2))
        ),
        "differentiate",
        "quotient rule; in the denominator only exp(z_j) depends on z_j",
    )
    proof.to(
        plus(times(a_k, Kron(k, j)), negative(times(a_k, a_j))),
        "name",
        "each fraction is an activation",
    )
    proof.to(
        times(a_k, plus(Kron(k, j), negative(a_j))), "algebra",
        "not zero for k ≠ j: the Jacobian of softmax is full",
    )  # fmt: skip


def _softmax(proof: Proof, given: Setting) -> None:
    top, network = given.top, given.network
    a_k, a_j = given.a(top, k), given.a(top, j)
    jacobian = times(a_k, plus(Kron(k, j), negative(a_j)))
    general = Sum(times(Partial(f.C, a_k), jacobian), k, Size(top))
    proof.to(general, "local", WHY_NO_COLLAPSE, uses=(proof.results["activation-slope"],))
    proof.call("BP1-general")
    if network.cost_row.entry is None:
        return
    cost_at = proof.results["cost-slope"]
    formula = proof.steps[cost_at].statement.right
    from symbackprop.language.binding import substitute

    at_k = substitute(formula, {j: k})
    proof.to(Sum(times(at_k, jacobian), k, Size(top)), "local", "put in ∂C/∂a", uses=(cost_at,))
    if network.cost_row.name != "cross-entropy":
        return
    y_k, y_j = given.y(k), given.y(j)
    inner = plus(Kron(k, j), negative(a_j))
    proof.to(
        scaled(given, Sum(times(y_k, inner), k, Size(top)), Integer(-1)), "algebra", "a_k cancels"
    )
    proof.to(
        scaled(given, plus(times(a_j, Sum(y_k, k, Size(top))), negative(y_j))),
        "collapse", "the Kronecker part collapses to y_j; a_j does not contain k",
    )  # fmt: skip
    proof.to(
        scaled(given, plus(a_j, negative(y_j))), "fact", "the target adds up to one: Σ_k y_k = 1"
    )


__all__ = ["WHY_COLLAPSE", "WHY_SUM", "i", "output_error", "scaled", "short_output_error"]
