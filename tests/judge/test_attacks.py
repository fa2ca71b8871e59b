"""Attacks: false statements that look true where a judge is likely to look, and true ones that do not.

A false statement must never be proved and a true one never refuted; whatever is odd gets a verdict,
never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from sympy import Basic, Integer, Rational, Symbol, Tuple

from symbackprop.judge import Status, judge
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Declaration, Definition, L, Program, l
from symbackprop.language.terms import (
    NO_LAYER,
    SAMPLES,
    Act,
    Chain,
    Column,
    Diag,
    Fn,
    Identity,
    Kron,
    LayerSum,
    MatMul,
    Partial,
    Plus,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Transpose,
    as_term,
    plus,
    times,
)
from symbackprop.networks.forward import LAMBDA, C, J, a, b, delta, forward, i, j, k, s, w, y, z
from symbackprop.networks.network import Network

ONE, TWO = Integer(1), Integer(2)
r, q = Symbol("r"), Symbol("q")

OPEN = forward(Network(None, "unspecified", "unspecified"))
LIN = forward(Network(None, "identity", "quadratic"))
SIG = forward(Network(None, "sigmoid", "quadratic"))
RELU = forward(Network(None, "relu", "quadratic"))
PENALTY = forward(Network(None, "sigmoid", "mse", l2=True))
SMALL = forward(Network([2, 3, 2]))
SQUARE = forward(Network([4, 4, 4], "identity"))
MEAN4 = forward(Network([4, 4], "identity", "mse"))
WIDE_RELU = forward(Network([20, 20], "relu", "mse"))
BATCH = forward(Network([2, 4, 2], batch="columns"))
BATCH_MEAN = forward(Network([4, 4, 4], cost="mse", batch="columns"))


@dataclass(frozen=True)
class Attack:
    id: str
    program: Program
    statement: Statement


def attack(name: str, program: Program, left, right, **more) -> Attack:
    return Attack(name, program, Statement((as_term(left), as_term(right)), **more))


def squares(layer: Basic) -> Basic:
    return Sum(Sum(Power(w(layer, j, k), TWO), k, Size(layer - 1)), j, Size(layer))


def biases(layer: Basic) -> Basic:
    return Sum(b(layer, j), j, Size(layer))


def jacobians(body: Basic) -> Basic:
    return Chain(body, r, L, l + 2)


def newton(program: Program, n: int) -> Program:
    """``p_t = Σ_k y_k^t`` and the elementary symmetric ``e_1 … e_n`` of y, by Newton's identities."""
    declare = [Declaration(f"{name}{t}") for t in range(1, n + 1) for name in "pe"]
    define = [
        Definition(Ref(f"p{t}"), Sum(Power(y(k), Integer(t)), k, Size(L))) for t in range(1, n + 1)
    ]
    for t in range(1, n + 1):
        parts = [
            times((-1) ** (u - 1), Integer(1) if u == t else Ref(f"e{t - u}"), Ref(f"p{u}"))
            for u in range(1, t + 1)
        ]
        define.append(Definition(Ref(f"e{t}"), times(Rational(1, t), plus(*parts))))
    return program.with_definitions(*define, declare=tuple(declare))


def power_sum(n: int) -> Basic:
    """``Σ_s y_{1s}^n`` over the samples."""
    return Sum(Power(Ref("y", NO_LAYER, ONE, s), Integer(n)), s, Size(SAMPLES))


def vanishes_at(*widths: int) -> Basic:
    return times(*(plus(Size(L), -n) for n in widths))


def mixed() -> Program:
    """Hidden layers with tanh, the last one with a sigmoid, for every width and depth."""
    tanh, sigmoid = (forward(Network(None, name, "quadratic")) for name in ("tanh", "sigmoid"))
    return replace(tanh, activations={None: tanh.activations[None], L: sigmoid.activations[L]})


def activity(layer: Basic) -> Basic:
    return Sum(Power(a(layer, j), TWO), j, Size(layer))


def with_definition(program: Program, name: str, value: Basic, *axes: Size) -> Program:
    target = Ref(name, NO_LAYER, *(j,)[: len(axes)])
    return program.with_definitions(Definition(target, value), declare=(Declaration(name, axes),))


def layered(name: str, *values: tuple[Basic, Basic, Basic, Basic]) -> Program:
    """A quantity without indices in every layer: rows of (layer, value, first, last)."""
    rows = (Definition(Ref(name, layer), as_term(v), f, t) for layer, v, f, t in values)
    return OPEN.with_definitions(*rows, declare=(Declaration(name, layered=True, lowest=1),))


def linked(old: str, value: Basic) -> Program:
    """The open network with another definition of z or a."""
    change = {d: replace(d, value=value) for d in OPEN.definitions if d.target.name == old}
    return replace(OPEN, definitions=tuple(change.get(d, d) for d in OPEN.definitions))


def skipping() -> Program:
    """From layer 2 on the weighted input also sees the biases of the layer below."""
    first = next(d for d in OPEN.definitions if d.target.name == "z")
    more = plus(first.value, Sum(b(l - 1, k), k, Size(l - 1)))
    both = (replace(first, last=ONE), replace(first, value=more, first=TWO))
    rest = (d for d in OPEN.definitions if d is not first)
    return replace(OPEN, definitions=(*both, *rest))


def defined_from(layer: int) -> Program:
    """The weighted input defined from a layer on; below it is free."""
    rows = (
        replace(d, first=Integer(layer)) if d.target.name == "z" else d for d in OPEN.definitions
    )
    return replace(OPEN, definitions=tuple(rows))


MIXED = mixed()
NEAR_TOP = with_definition(OPEN, "K", plus(C, activity(L - 1)))
NEARER_TOP = with_definition(OPEN, "K", plus(C, activity(L - 2)))
COUNTS_LAYERS = layered("u", (l, Ref("u", l + 1) + 1, ONE, L - 1), (L, Integer(0), L, L))
COUNTS_UP = layered("u", (l, Ref("u", l - 1) + 1, TWO, L), (ONE, ONE, ONE, ONE))
SKIPPING = skipping()
BIASED = linked("a", plus(Act(l, z(l, j)), b(l, j)))
FROM_2 = defined_from(2)
INPUT = OPEN.with_definitions(
    Definition(a(Integer(0), j), Ref("x", NO_LAYER, j)),
    declare=(Declaration("x", (Size(Integer(0)),)),),
)
ACTIVITY = OPEN.with_definitions(
    Definition(Ref("K"), plus(C, LayerSum(activity(q), q, ONE, L))), declare=(Declaration("K"),)
)
NOTHING, MINUS = Plus(ONE, Integer(-1)), Plus(ONE, Integer(-2))  # 0 and -1 in disguise
FOURTH_SYMMETRIC = plus(
    Power(power_sum(1), Integer(4)), -6 * (Power(power_sum(1), TWO) * power_sum(2)),
    3 * Power(power_sum(2), TWO), 8 * (power_sum(1) * power_sum(3)), -6 * power_sum(4),
)  # fmt: skip
SHIFTED = plus(Kron(j, k), y(j)) * plus(Kron(j, k), y(k))
TOTAL, SQUARES_OF_Y = Sum(y(k), k, Size(L)), Sum(Power(y(k), TWO), k, Size(L))
MEAN = Quotient(Sum(y(i), i, Size(L)), Size(L))
WITH_L_IN_IT = MatMul(times(Quotient(biases(l + 1), biases(r)), Diag(Act(r, z(r), 1))), w(r))
FALSE = [
    # a derivative of a derivative
    attack("error-by-weight-is-0", LIN, Partial(delta(L, j), w(L, j, k)), 0),
    attack("second-derivative-is-0", LIN, Partial(Partial(C, z(L, j)), z(L, k)), 0),
    attack("hessian-of-any-cost-is-0", OPEN, Partial(Partial(C, a(L, j)), a(L, k)), 0),
    attack("third-derivative-is-0", OPEN,
           Partial(Partial(Partial(C, a(L, j)), a(L, k)), a(L, i)), 0),
    attack("curvature-of-sigma-is-0", OPEN, Partial(Partial(a(l, j), z(l, j)), z(l, j)), 0),
    attack("curvature-is-slope", SIG, Act(L, z(L, j), 2), Act(L, z(L, j), 1)),
    # the same array twice in a product
    attack("factor-lost", OPEN, y(i) * y(j) * y(k) + y(i) * y(j) * y(k), 2 * y(i) * y(k)),
    attack("factor-lost-a", OPEN, a(l, i) * a(l, j) * a(l, k) + a(l, i) * a(l, k) * a(l, j),
           2 * a(l, i) * a(l, j)),
    attack("square-is-product", OPEN, Power(Sum(y(k), k, Size(L)), TWO),
           Sum(Power(y(k), TWO), k, Size(L))),
    # true only in one layer, or at one depth
    attack("errors-add-up-alike", OPEN, Sum(delta(ONE, j), j, Size(ONE)), Sum(delta(L, j), j, Size(L))),
    attack("first-layer-is-last", OPEN, delta(ONE, ONE), Partial(C, a(L, ONE)) * Act(L, z(L, ONE), 1)),
    attack("true-at-layer-1", OPEN, Partial(z(l, ONE), a(Integer(0), ONE)), w(l, ONE, ONE)),
    attack("kronecker-at-layer-1", OPEN, Partial(z(l, j), b(ONE, ONE)), Kron(j, ONE)),
    attack("false-at-L-2", OPEN, Partial(a(l, ONE), b(L - 2, ONE)), 0, first=ONE, last=L - 2),
    attack("false-at-L-3", OPEN, Partial(a(l, ONE), b(L - 3, ONE)), 0, first=ONE, last=L - 3),
    attack("weights-above-the-cut", OPEN, a(l, j) * Partial(C, w(L, i, k)), 0, first=ONE, last=L - 2),
    attack("errors-above-the-cut", OPEN, a(l, j) * Partial(C, z(L, i)), 0, first=ONE, last=L - 2),
    attack("errors-below-the-top", OPEN, a(l, j) * Partial(C, z(L - 1, i)), 0, first=ONE, last=L - 4),
    attack("biases-above-the-cut", OPEN, a(l, j) * Partial(C, b(L, i)), 0, first=ONE, last=L - 3),
    attack("penalty-of-the-last-layer", PENALTY, Partial(J, LAMBDA), Rational(1, 2) * squares(L)),
    attack("penalty-of-two-layers", PENALTY, Partial(J, LAMBDA),
           Rational(1, 2) * (squares(L) + squares(L - 1))),
    attack("penalty-near-l", PENALTY, b(l, i) * Partial(J, LAMBDA),
           b(l, i) * Rational(1, 2) * plus(squares(l), squares(l + 1), squares(L - 1), squares(L)),
           first=ONE, last=L - 2),
    attack("layers-below-are-none", OPEN, plus(b(l, i), LayerSum(biases(q), q, ONE, l - 1)), b(l, i),
           first=L, last=L),
    attack("chain-that-knows-l", OPEN, Partial(a(L), a(l + 1)), jacobians(WITH_L_IN_IT),
           first=ONE, last=L - 1),
    attack("chain-without-slopes", OPEN, Partial(a(L), a(l + 1)), jacobians(w(r)),
           first=ONE, last=L - 1),
    attack("cost-ignores-layer", OPEN, Partial(C, a(l, j)), 0, first=ONE, last=L - 5),
    # true only for some widths
    attack("newton-8", newton(OPEN, 8), Ref("e8"), 0),
    attack("newton-5", newton(OPEN, 5), Ref("e5"), 0),
    attack("samples-newton", BATCH, FOURTH_SYMMETRIC, 0),
    attack("widths-tried", OPEN, vanishes_at(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41), 0),
    attack("square-width", SQUARE, Size(ONE) * Size(ONE), Size(ONE) * 5),
    *(attack(f"{n}-for-m", BATCH_MEAN, delta(TWO, j, s),
             times(Quotient(TWO, times(4, n)), a(TWO, j, s) - y(j, s), Act(TWO, z(TWO, j, s), 1)))
      for n in (1, 2, 3, 5, 7)),
    *(attack(f"terms-counted-{name}-{n}", OPEN, Sum(body, k, Size(L)), n * once)
      for name, body, once in (
          ("exp", Fn("exp", times(y(k), NOTHING)), ONE),
          ("exp-by-exp", Fn("exp", y(k)) * Fn("exp", times(y(k), MINUS)), ONE),
          ("sigma", Act(L, times(y(k), NOTHING)), Act(L, Integer(0))),
          ("quotient", Quotient(y(k), y(k)), ONE),
          ("log", Fn("log", plus(ONE, times(y(k), NOTHING))), Fn("log", ONE)),
          ("cost", Power(plus(y(k), times(y(k), MINUS), 1), TWO), ONE),
      )
      for n in (3, 5, 7, 11)),
    *(attack(f"kronecker-on-its-diagonal-{n}", OPEN,
             Sum(Sum(Kron(j, k) * plus(Kron(j, k), y(j) * y(k)), k, Size(L)), j, Size(L)),
             plus(n, Sum(Power(y(j), TWO), j, Size(L)))) for n in (3, 5, 7, 11, 13)),
    *(attack(f"sigma-of-a-difference-{n}", OPEN,
             Sum(Sum(Kron(j, k) * Act(L, y(j) - y(k) + 1), k, Size(L)), j, Size(L)),
             n * Act(L, ONE)) for n in (3, 5, 7, 11, 13)),
    attack("terms-twice-are-n", OPEN, Sum(Sum(ONE, j, Size(L)), k, Size(L)), Size(L)),
    attack("kronecker-is-n-twice", OPEN, Sum(Sum(Kron(j, k), j, Size(L)), k, Size(L)),
           Size(L) * Size(L)),
    attack("terms-of-the-layer-below", OPEN, Sum(ONE, k, Size(L)), Size(L - 1)),
    attack("terms-are-samples", BATCH, Sum(ONE, k, Size(L)), Size(SAMPLES)),
    attack("mean-of-a-mean", OPEN, Sum(Quotient(ONE, Size(L) * Size(L)), k, Size(L)), 1),
    attack("counted-widths-tried", OPEN,
           times(*(Sum(ONE, k, Size(L)) + (-n) for n in (3, 5, 7, 11, 13, 17, 19, 23))), 0),
    *(attack(f"kroneckers-multiplied-{n}", OPEN, Sum(Sum(SHIFTED, j, Size(L)), k, Size(L)),
             plus(n, 2 * TOTAL, Power(TOTAL, TWO))) for n in (3, 5, 7, 11, 13)),
    *(attack(f"samples-counted-{n}", BATCH, Sum(times(y(j, s), Quotient(ONE, y(j, s))), s, Size(SAMPLES)), n)
      for n in (2, 3, 5, 7, 11)),
    # definitions that know their distance from L, or from the input
    attack("activity-of-the-layer-below-L", NEAR_TOP, Partial(Ref("K"), b(l, i)),
           plus(Partial(C, b(l, i)), 2 * a(l, i) * Act(l, z(l, i), 1)), first=ONE, last=L - 1),
    attack("activity-of-two-below-L", NEARER_TOP, Partial(Ref("K"), b(l, i)),
           plus(Partial(C, b(l, i)), 2 * a(l, i) * Act(l, z(l, i), 1)), first=ONE, last=L - 2),
    attack("counts-0-or-1-layers", COUNTS_LAYERS, Ref("u", l) * (Ref("u", l) - 1), 0),
    attack("counts-1-layer-up", COUNTS_UP, Ref("u", l), 1),
    attack("bias-of-the-layer-below-skips", SKIPPING, Partial(C, b(l, i)),
           delta(l, i), first=ONE, last=L - 1),
    attack("bias-beside-sigma", BIASED, Partial(C, b(l, i)), delta(l, i), first=ONE, last=L),
    attack("free-in-layer-1", FROM_2, Partial(z(l, j), b(l, j)), 0),
    attack("input-of-every-layer", INPUT, MatMul(Transpose(Ref("x")), Ref("x")),
           MatMul(Transpose(a(l - 1)), a(l - 1))),
    attack("input-moves-nothing", INPUT, Partial(C, Ref("x", NO_LAYER, j)), 0),
    attack("absolute-value-of-the-input", RELU, b(L - 2, ONE) * Fn("abs", a(l - 1, k)),
           b(L - 2, ONE) * a(l - 1, k), first=ONE, last=L - 1),
    attack("sum-from-3-above", OPEN, b(l, k) * Partial(LayerSum(biases(q), q, l + 3, L), b(L, i)), 0,
           first=ONE, last=L - 2),
    attack("sum-from-2", OPEN, Partial(LayerSum(biases(q), q, TWO, L), b(l, i)), 0),
    attack("sum-above-l-is-something", OPEN,
           b(l, k) * Partial(LayerSum(biases(q), q, l + 1, L), b(L, i)), b(l, k)),
    # sums over layers
    attack("cost-of-every-layer", OPEN, Partial(LayerSum(C, q, ONE, L), b(L, j)), Partial(C, b(L, j))),
    attack("activity-penalty", ACTIVITY, Partial(Ref("K"), b(l, i)),
           plus(Partial(C, b(l, i)), *(Partial(activity(n), b(l, i)) for n in (l, l + 1, L))),
           first=ONE, last=L - 2),
    attack("one-layer-in-all", OPEN, LayerSum(ONE, q, ONE, L), 1),
    # the activation of the last layer
    attack("last-layer-like-hidden", MIXED, Act(L, z(L, j), 1), 1 - Power(a(L, j), TWO)),
    attack("all-layers-like-hidden", MIXED, Act(l, z(l, j), 1), 1 - Power(a(l, j), TWO)),
    # arrays inside a sum
    attack("transposed-in-a-sum", SQUARE, Sum(times(y(k), w(TWO)), k, Size(TWO)),
           Sum(times(y(k), Transpose(w(TWO))), k, Size(TWO))),
    # numbers out of place
    attack("kronecker-with-0", SMALL, Sum(Kron(j, Integer(0)) * y(j), j, Size(TWO)), y(TWO)),
    attack("index-0", SMALL, delta(TWO, Integer(0)), delta(TWO, TWO)),
    attack("half-power", OPEN, Power(y(j), Rational(1, 2)), 1),
    attack("only-one-side", OPEN, Fn("log", y(j) * y(k)), Fn("log", y(j))),
    attack("0-over-0", OPEN, Quotient(Integer(0), Integer(0)), 1),
    attack("x-over-0", OPEN, Quotient(y(j), y(j) - y(j)), 0),
    # signs
    attack("relu-is-linear", RELU, a(l, j), z(l, j)),
    attack("relu-slope-1", RELU, Act(l, z(l, j), 1), 1),
    attack("relu-all-cells-but-one", RELU,
           times(Act(L, z(L, ONE), 1), Act(L, z(L, TWO), 1), Act(L, z(L, Integer(3)), 1)), 0),
    attack("step-of-sum", RELU, Fn("step", z(l, j) + b(l, j)), Fn("step", z(l, j))),
]  # fmt: skip

TRUE = [
    attack("error-by-weight", LIN, Partial(delta(L, j), w(L, j, k)), a(L - 1, k)),
    attack("second-derivative", LIN, Partial(Partial(C, z(L, j)), z(L, k)), Kron(j, k)),
    attack("curvature", OPEN, Partial(Partial(a(l, j), z(l, j)), z(l, j)), Act(l, z(l, j), 2)),
    attack("schwarz", OPEN, Partial(Partial(C, a(L, j)), a(L, k)), Partial(Partial(C, a(L, k)), a(L, j))),
    attack("schwarz-weights", OPEN, Partial(Partial(C, w(L, j, k)), b(L, i)),
           Partial(Partial(C, b(L, i)), w(L, j, k))),
    attack("no-factor-lost", OPEN, y(i) * y(j) * y(k) + y(i) * y(j) * y(k), 2 * y(i) * y(j) * y(k)),
    attack("k-is-not-1", LIN, Partial(a(L, k), z(L, ONE)), 0, unequal=((k, ONE),)),
    attack("k-is-not-j", SMALL, Partial(a(TWO, k), z(TWO, j)), 0, unequal=((k, j),)),
    attack("zero-on-the-left", LIN, 0, Partial(a(L, k), z(L, j)), unequal=((k, j),)),
    attack("one-on-the-left", LIN, 1, Partial(z(L, j), b(L, j))),
    attack("4-is-n", MEAN4, Partial(C, a(ONE, j)) * Fn("log", Fn("exp", y(j))),
           Quotient(TWO, Integer(4)) * (a(ONE, j) - y(j)) * y(j)),
    attack("20-is-n", WIDE_RELU, times(Act(ONE, z(ONE, j), 1), Partial(C, z(ONE, j))),
           Quotient(TWO, Integer(20)) * (a(ONE, j) - y(j)) * Act(ONE, z(ONE, j), 1)),
    attack("array-in-a-sum", OPEN, Sum(times(a(L, k), w(L)), k, Size(L)),
           times(Sum(a(L, k), k, Size(L)), w(L))),
    attack("outer-products", OPEN, MatMul(w(l), Transpose(w(l))),
           Sum(MatMul(Column(w(l), j), Transpose(Column(w(l), j))), j, Size(l - 1))),
    attack("identity-of-a-size", SMALL, MatMul(Identity(Size(TWO)), y()), y()),
    attack("terms-are-n", OPEN, Sum(ONE, k, Size(L)), Size(L)),
    attack("terms-twice-are-n-squared", OPEN, Sum(Sum(ONE, j, Size(L)), k, Size(L)),
           Power(Size(L), TWO)),
    attack("trace", OPEN, Sum(Kron(k, k), k, Size(L)), Size(L)),
    attack("kronecker-squared", OPEN, Sum(Sum(Kron(j, k) * Kron(j, k), j, Size(L)), k, Size(L)), Size(L)),
    attack("mean-of-one", OPEN, Sum(Quotient(ONE, Size(L)), k, Size(L)), 1),
    attack("kroneckers-multiplied", OPEN, Sum(Sum(SHIFTED, j, Size(L)), k, Size(L)),
           plus(Size(L), 2 * TOTAL, Power(TOTAL, TWO))),
    attack("variance", OPEN, Sum(Power(plus(y(k), times(-1, MEAN)), TWO), k, Size(L)),
           plus(SQUARES_OF_Y, times(-1, Quotient(Power(TOTAL, TWO), Size(L))))),
    attack("softmax-adds-up", OPEN, Sum(Quotient(Fn("exp", y(k)), Sum(Fn("exp", y(i)), i, Size(L))), k, Size(L)), 1),
    attack("samples-divided", BATCH, Sum(times(y(j, s), Quotient(ONE, y(j, s))), s, Size(SAMPLES)),
           Size(SAMPLES)),
    attack("error-below", OPEN, Partial(C, b(l - 1, j)), delta(l - 1, j), first=TWO),
    attack("error-below-small", SMALL, Partial(C, b(l - 1, j)), delta(l - 1, j), first=TWO),
    attack("chain-of-two", OPEN, Chain(w(r), r, l + 1, l), MatMul(w(l + 1), w(l)), first=ONE, last=L - 1),
    attack("penalty-by-lambda", PENALTY, Partial(J, LAMBDA),
           Rational(1, 2) * LayerSum(squares(q), q, ONE, L)),
    attack("objective-written-out", PENALTY, J, C + LAMBDA / 2 * LayerSum(squares(q), q, ONE, L)),
    attack("last-layer-as-declared", MIXED, Act(L, z(L, j), 1), a(L, j) * (1 - a(L, j))),
    attack("hidden-as-declared", MIXED, Act(l, z(l, j), 1), 1 - Power(a(l, j), TWO), first=ONE, last=L - 1),
    attack("sum-above-l", OPEN, b(l, k) * Partial(LayerSum(biases(q), q, l + 1, L), b(L, i)), b(l, k),
           first=ONE, last=L - 1),
    attack("one-layer", OPEN, LayerSum(biases(q), q, l, l), biases(l)),
    attack("relu-slope-is-idempotent", RELU, Power(Act(l, z(l, j), 1), TWO), Act(l, z(l, j), 1)),
]  # fmt: skip

PROVED = {
    "error-by-weight", "second-derivative", "curvature", "schwarz", "no-factor-lost", "k-is-not-1",
    "k-is-not-j", "zero-on-the-left", "one-on-the-left", "error-below", "error-below-small",
    "array-in-a-sum", "outer-products", "identity-of-a-size", "chain-of-two",
    "relu-slope-is-idempotent", "last-layer-as-declared", "hidden-as-declared",
    "sum-above-l", "objective-written-out", "penalty-by-lambda", "terms-are-n",
    "terms-twice-are-n-squared", "trace", "kronecker-squared", "mean-of-one", "variance",
    "kroneckers-multiplied", "softmax-adds-up", "samples-divided",
}  # fmt: skip

ODD = [
    attack("layer-2l", OPEN, a(2 * l, j), a(2 * l, j)),
    attack("layer-L-l", OPEN, a(L - l, j), a(L - l, j)),
    attack("unknown-layer-letter", OPEN, a(q, j), a(q, j)),
    attack("layer-minus-1", OPEN, a(Integer(-1), j), a(Integer(-1), j)),
    attack("by-a-sum", OPEN, Partial(C, z(L, j) + b(L, j)), 0),
    attack("by-a-number", OPEN, Partial(C, TWO), 0),
    attack("by-a-derivative", OPEN, Partial(C, Partial(C, z(L, j))), 0),
    attack("by-an-undeclared", OPEN, Partial(C, Ref("nothing")), 0),
    attack("kronecker-of-two-ranges", OPEN, Kron(i, j) * b(l, i) * b(l + 1, j), 0, last=L - 1),
    attack("index-9", OPEN, delta(L, Integer(9)), Partial(C, z(L, Integer(9)))),
    attack("index-3-of-2", SMALL, delta(TWO, Integer(3)), Partial(C, z(TWO, Integer(3)))),
    attack("big-number", OPEN, Rational(10**400, 3) * y(j), Rational(10**400, 3) * y(j)),
    attack("power-of-a-letter", OPEN, Power(y(j), Symbol("n")), y(j)),
    attack("condition-on-nobody", OPEN, Sum(y(k), k, Size(L)), Sum(y(k), k, Size(L)), unequal=((k, j),)),
    attack("layers-that-are-not-there", OPEN, Transpose(Chain(w(r), r, l + 1, l)),
           Transpose(Chain(w(r), r, l + 1, l))),
    attack("a-tuple", OPEN, Tuple(y(j)), Tuple(y(j))),
    attack("a-letter", OPEN, Symbol("q"), Symbol("q")),
    attack("whole-by-matrix", OPEN, Partial(z(l), w(l)), 0),
    attack("sum-over-another-range", OPEN, Sum(y(j), j, Size(l)), Sum(y(j), j, Size(L))),
    attack("unknown-function", OPEN, Fn("sine", y(j)), Fn("sine", y(j))),
    attack("root-of-a-variable", OPEN, Fn("sqrt", y(j)), Fn("sqrt", y(j))),
    attack("pi", OPEN, Fn("sqrt", Ref("pi")) * Fn("sqrt", Ref("pi")), Ref("pi")),
    attack("first-after-last", OPEN, delta(l, j), delta(l, j), first=L, last=ONE),
    attack("last-far-below", OPEN, delta(l, j), delta(l, j), last=L - 40),
    attack("array-in-scalar-product", OPEN, times(a(L), y()), 0),
    attack("deep-nest", OPEN, Partial(Partial(Partial(Partial(C, b(L, j)), b(L, j)), b(L, j)), b(L, j)), 0),
    Attack("three-sides", SIG, Statement((delta(L, j), Partial(C, z(L, j)), delta(L, j)))),
]  # fmt: skip


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.id)
def test_a_false_statement_is_never_proved(case):
    verdict = judge(case.statement, case.program, seed=5)
    assert verdict.status is not Status.PROVED, verdict.scope
    refuted = verdict.status is Status.REFUTED
    assert refuted == (case.id not in WITHOUT_WITNESS), verdict.why


# what no network searched shows, or what has no meaning
WITHOUT_WITNESS = {
    "third-derivative-is-0", "newton-8", "kronecker-with-0", "index-0", "half-power", "0-over-0",
    "x-over-0", "terms-counted-log-3", "terms-counted-log-5", "terms-counted-log-7",
    "terms-counted-log-11",
}  # fmt: skip


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.id)
def test_a_true_statement_is_never_refuted(case):
    verdict = judge(case.statement, case.program, seed=5)
    assert verdict.status is not Status.REFUTED, verdict.witness


@pytest.mark.parametrize("case", [c for c in TRUE if c.id in PROVED], ids=lambda case: case.id)
def test_what_is_within_reach_is_proved(case):
    verdict = judge(case.statement, case.program, seed=5)
    assert verdict.status is Status.PROVED, verdict.why


@pytest.mark.parametrize("case", ODD, ids=lambda case: case.id)
def test_whatever_is_odd_gets_a_verdict(case):
    verdict = judge(case.statement, case.program, seed=5)
    assert verdict.status in set(Status)
    assert verdict.proved or verdict.why or verdict.witness


def test_one_side_or_none_states_nothing():
    for sides in ((), (y(j),)):
        verdict = judge(Statement(sides), OPEN, seed=5)
        assert verdict.status is Status.NOT_UNDERSTOOD


def test_a_large_power_comes_to_an_end():
    huge = Power(y(ONE), Integer(10**12))
    verdict = judge(Statement((huge, huge)), SMALL, seed=5)
    assert verdict.status is not Status.REFUTED
