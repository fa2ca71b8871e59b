"""The heads of the language: SymPy trees that never evaluate themselves.

SymPy's own ``Add``, ``Sum``, ``Derivative`` and ``MatMul`` rewrite what they are given (a
derivative of one symbol by another is 0 at once, a sum captures a free letter); these heads keep
what was written, in the order in which it was written.  Numbers are SymPy rationals, indices and
layers are SymPy symbols and their sums (``l + 1``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from sympy import Basic, Expr, Integer, Rational, Symbol, Tuple, sympify
from sympy.core.symbol import Str

NO_LAYER = Str("")
SAMPLES = Str("m")  # the size of a mini-batch: Size(SAMPLES)


def as_term(value: Any) -> Basic:
    """A Python number as an exact rational; a term as itself.  Text and floats are refused."""
    if isinstance(value, Basic):
        return value
    if isinstance(value, int | Fraction):
        return Rational(value)
    raise TypeError(f"{value!r} is not a term: write an exact number or a term")


class Term(Basic):
    """Base of every head; the operators build inert nodes."""

    __slots__ = ()

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(printer._print(arg) for arg in self.args)})"

    def __add__(self, other: Any) -> Basic:
        return plus(self, other)

    def __radd__(self, other: Any) -> Basic:
        return plus(other, self)

    def __sub__(self, other: Any) -> Basic:
        return plus(self, negative(as_term(other)))

    def __rsub__(self, other: Any) -> Basic:
        return plus(other, negative(self))

    def __mul__(self, other: Any) -> Basic:
        return times(self, other)

    def __rmul__(self, other: Any) -> Basic:
        return times(other, self)

    def __truediv__(self, other: Any) -> Basic:
        return Quotient(self, as_term(other))

    def __rtruediv__(self, other: Any) -> Basic:
        return Quotient(as_term(other), self)

    def __neg__(self) -> Basic:
        return negative(self)

    def __pow__(self, n: int) -> Basic:
        return Power(self, Integer(n))

    def __matmul__(self, other: Any) -> Basic:
        return MatMul(self, as_term(other))

    @property
    def T(self) -> Basic:
        return Transpose(self)


class Ref(Term):
    """A quantity: ``z^l_j``, ``w^l_{jk}``, ``y_k``, or without indices the whole array ``W^l``."""

    def __new__(cls, name: str | Str, layer: Any = NO_LAYER, *indices: Any) -> Ref:
        label = name if isinstance(name, Str) else Str(name)
        return Basic.__new__(cls, label, as_term(layer), *map(as_term, indices))

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def layer(self) -> Basic | None:
        return None if self.args[1] == NO_LAYER else self.args[1]

    @property
    def indices(self) -> tuple[Basic, ...]:
        return self.args[2:]

    def at(self, *indices: Any) -> Ref:
        """The entry of this array at ``indices``."""
        return Ref(self.args[0], self.args[1], *indices)

    @property
    def whole(self) -> Ref:
        """The array that this entry belongs to."""
        return Ref(self.args[0], self.args[1])


class Size(Term):
    """How many values an index takes: ``Size(l)`` is n_l, ``Size(SAMPLES)`` the batch size m."""

    def __new__(cls, of: Any) -> Size:
        return Basic.__new__(cls, as_term(of))

    @property
    def of(self) -> Basic:
        return self.args[0]


class Plus(Term):
    """A sum in the order written."""


class Times(Term):
    """A product of scalars in the order written."""


class Power(Term):
    """``base^n`` for an integer n."""


class Quotient(Term):
    """``numerator / denominator``, unreduced; entry by entry for two arrays of one shape."""


class Fn(Term):
    """A known scalar function: ``Fn("exp", u)``; entry by entry when u is an array."""

    NAMES: ClassVar = ("exp", "log", "erf", "sqrt", "step", "abs", "max0")

    def __new__(cls, name: str | Str, arg: Any) -> Fn:
        label = name if isinstance(name, Str) else Str(name)
        return Basic.__new__(cls, label, as_term(arg))

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def arg(self) -> Basic:
        return self.args[1]


class Act(Term):
    """The activation of a layer, entry by entry: ``σ_l(u)``, its slope ``σ'_l(u)`` (order 1), …"""

    def __new__(cls, layer: Any, arg: Any, order: Any = 0) -> Act:
        return Basic.__new__(cls, as_term(layer), as_term(arg), as_term(order))

    @property
    def layer(self) -> Basic:
        return self.args[0]

    @property
    def arg(self) -> Basic:
        return self.args[1]

    @property
    def order(self) -> int:
        return int(self.args[2])


class Vec(Term):
    """The vector with entries ``body`` for ``index`` over ``size``; the index is bound here."""

    @property
    def body(self) -> Basic:
        return self.args[0]

    @property
    def index(self) -> Symbol:
        return self.args[1]

    @property
    def size(self) -> Size:
        return self.args[2]


class Opaque(Term):
    """An unspecified differentiable function of whole vectors: ``C(a^L, y)``, ``S_k(z^L)``.

    ``outputs`` are the indices of the result, ``vectors`` the arguments, each a ``Vec``.
    """

    def __new__(cls, name: str | Str, outputs: Any, vectors: Any) -> Opaque:
        label = name if isinstance(name, Str) else Str(name)
        return Basic.__new__(cls, label, Tuple(*outputs), Tuple(*vectors))

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def outputs(self) -> tuple[Basic, ...]:
        return tuple(self.args[1])

    @property
    def vectors(self) -> tuple[Vec, ...]:
        return tuple(self.args[2])


class Partial(Term):
    """``∂E/∂v``: v is cut loose from its definition, everything that depends on v moves with it.

    For arrays: the gradient in the shape of v when E is a scalar, the Jacobian (rows E, columns v)
    when both are vectors.
    """

    @property
    def of(self) -> Basic:
        return self.args[0]

    @property
    def by(self) -> Ref:
        return self.args[1]


class Sum(Term):
    """``Σ_index body``, the index running over ``size``; the index is bound here and only here."""

    def __new__(cls, body: Any, index: Symbol, size: Size) -> Sum:
        return Basic.__new__(cls, as_term(body), index, size)

    @property
    def body(self) -> Basic:
        return self.args[0]

    @property
    def index(self) -> Symbol:
        return self.args[1]

    @property
    def size(self) -> Size:
        return self.args[2]


class Kron(Term):
    """Kronecker's δ_ij: 1 if i = j, else 0."""


class MatMul(Term):
    """A matrix product; a vector is a column."""


class Transpose(Term):
    """``Aᵀ``."""


class Hadamard(Term):
    """``A ⊙ B``: entry by entry."""


class Diag(Term):
    """The diagonal matrix of a vector."""


class Ones(Term):
    """The column of ones of a size."""


class Identity(Term):
    """The identity matrix of a size."""


class Column(Term):
    """Column ``index`` of a matrix: ``Column(A, j)`` is ``A e_j``; of a row, its entry."""


class Chain(Term):
    """A matrix product over layers, highest first: ``body(hi) body(hi-1) … body(lo)``; empty: I.

    The layer letter is bound here; ``Chain(body, k, hi, lo)``.
    """

    @property
    def body(self) -> Basic:
        return self.args[0]

    @property
    def letter(self) -> Symbol:
        return self.args[1]

    @property
    def hi(self) -> Basic:
        return self.args[2]

    @property
    def lo(self) -> Basic:
        return self.args[3]


class LayerSum(Term):
    """``Σ`` of a scalar over layers: ``LayerSum(body, k, lo, hi)``; the letter is bound here."""

    @property
    def body(self) -> Basic:
        return self.args[0]

    @property
    def letter(self) -> Symbol:
        return self.args[1]

    @property
    def lo(self) -> Basic:
        return self.args[2]

    @property
    def hi(self) -> Basic:
        return self.args[3]


BINDERS = (Sum, Vec, Chain, LayerSum)


def plus(*terms: Any) -> Basic:
    """A sum: flat, without zeros, otherwise as written."""
    flat: list[Basic] = []
    for term in map(as_term, terms):
        flat.extend(term.args if isinstance(term, Plus) else () if term == 0 else (term,))
    return Plus(*flat) if len(flat) > 1 else flat[0] if flat else Integer(0)


def times(*factors: Any) -> Basic:
    """A product: flat, without ones, otherwise as written; a zero factor makes it zero."""
    flat: list[Basic] = []
    for factor in map(as_term, factors):
        flat.extend(factor.args if isinstance(factor, Times) else () if factor == 1 else (factor,))
    if any(factor == 0 for factor in flat):
        return Integer(0)
    return Times(*flat) if len(flat) > 1 else flat[0] if flat else Integer(1)


def negative(term: Basic) -> Basic:
    """``-term``, with a leading number folded."""
    if isinstance(term, Rational):
        return -term
    if isinstance(term, Times) and isinstance(term.args[0], Rational):
        return times(-term.args[0], *term.args[1:])
    return times(-1, term)


def symbols_of(text: str) -> tuple[Symbol, ...]:
    """Index letters: ``j, k = symbols_of("j k")``."""
    return tuple(Symbol(word) for word in text.split())


def from_sympy(expr: Expr, variables: dict[Any, Basic]) -> Basic:
    """A SymPy expression of a table row as a term: ``1/(1+exp(-z))`` with z := ``z^l_j``.

    White list: numbers, the given symbols, +, *, integer powers, exp, log, erf, sqrt of a constant,
    tanh, Max(0, u), Abs and Heaviside (0 at 0, as stated).
    """
    import sympy as sp

    def walk(e: Any) -> Basic:
        if e in variables:
            return variables[e]
        if e.is_Rational:
            return sympify(e)
        if e is sp.pi:
            return Fn("sqrt", Ref("pi")) ** 2
        if e.is_Add:
            return plus(*(walk(a) for a in e.as_ordered_terms()))
        if e.is_Mul:
            return times(*(walk(a) for a in e.args))
        if isinstance(e, sp.exp):
            return Fn("exp", walk(e.args[0]))
        if e.is_Pow and e.exp.is_Integer:
            power = walk(e.base)
            n = int(e.exp)
            raised = Power(power, Integer(abs(n))) if abs(n) != 1 else power
            return raised if n > 0 else Quotient(Integer(1), raised)
        if (
            e.is_Pow
            and e.exp in (sp.S.Half, -sp.S.Half)
            and (e.base.is_Rational or e.base is sp.pi)
        ):
            root = Fn("sqrt", Ref("pi") if e.base is sp.pi else e.base)
            return root if e.exp == sp.S.Half else Quotient(Integer(1), root)
        if isinstance(e, sp.log | sp.erf):
            return Fn(type(e).__name__, walk(e.args[0]))
        if isinstance(e, sp.Abs):
            return Fn("abs", walk(e.args[0]))
        if isinstance(e, sp.Heaviside):
            return Fn("step", walk(e.args[0]))
        if isinstance(e, sp.tanh):
            return walk(1 - 2 / (1 + sp.exp(2 * e.args[0])))
        if isinstance(e, sp.Max) and 0 in e.args and len(e.args) == 2:
            (other,) = (a for a in e.args if a != 0)
            return Fn("max0", walk(other))
        if isinstance(e, sp.Min) and 0 in e.args and len(e.args) == 2:
            (other,) = (a for a in e.args if a != 0)
            return negative(Fn("max0", negative(walk(other))))
        if isinstance(e, sp.Piecewise):
            return _piecewise(e, walk)
        raise ValueError(f"{type(e).__name__} is not among the functions that the judge knows")

    return walk(expr)


def _piecewise(e: Any, walk: Any) -> Basic:
    """``f if u > 0 else g`` as ``[u>0] f + (1 - [u>0]) g``; at u = 0 the second branch is taken."""
    import sympy as sp

    (first, condition), (second, otherwise) = e.args[0], e.args[-1]
    ordered = isinstance(condition, sp.StrictGreaterThan | sp.GreaterThan)
    if len(e.args) != 2 or otherwise != True or not ordered:  # noqa: E712  (a SymPy truth value)
        raise ValueError("a Piecewise must read ((f, u > v), (g, True))")
    step = Fn("step", walk(condition.lhs - condition.rhs))
    return plus(times(step, walk(first)), times(plus(1, negative(step)), walk(second)))
