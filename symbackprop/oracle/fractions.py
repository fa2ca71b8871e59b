"""Expressions as fractions of polynomials: two are equal if their difference has numerator 0.

Every exp, erf, tanh, log, step and root becomes a letter; the only facts used are the definitions
of these functions, so that "same" is right whether or not the letters are independent.

Where 1 + exp(u) occurs, exp(u) is stored as s/(1-s) with s = 1/(1 + exp(-u)): a sigmoid is then one
letter, and a network of sigmoids has no denominators at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction as Ratio

import sympy as sp
from sympy import Expr
from sympy.polys.rings import PolyElement, ring

from symbackprop.oracle.written import Written

SPARE_LETTERS = 12
LETTERS_PER_NEURON = 5
MULTIPLES = (1, -1, 2, -2, 3, -3)
REFLECTED = {"erf": 0, "tanh": 0, "step": 1}  # f(u) + f(-u)


class OutOfLettersError(Exception):
    """More functions than letters: the comparison stays undecided."""


@dataclass(frozen=True)
class Fraction:
    """``top / Π factor^power``; never reduced, since only ``top == 0`` is ever asked."""

    top: PolyElement
    below: Mapping[PolyElement, int] = field(default_factory=dict)

    def __add__(self, other: Fraction) -> Fraction:
        below = _common(self, other)
        return Fraction(self.over(below) + other.over(below), below)

    def over(self, below: Mapping[PolyElement, int]) -> PolyElement:
        """The numerator over a denominator that holds this one's."""
        top = self.top
        for factor, power in below.items():
            missing = power - self.below.get(factor, 0)
            if missing:
                top = top * factor**missing
        return top

    def __mul__(self, other: Fraction) -> Fraction:
        if not self.top or not other.top:
            return Fraction(self.top * 0)
        keys = {*self.below, *other.below}
        below = {f: self.below.get(f, 0) + other.below.get(f, 0) for f in keys}
        return _cancelled(self.top * other.top, below)

    def __neg__(self) -> Fraction:
        return Fraction(-self.top, self.below)

    def inverse(self) -> Fraction:
        """``1 / self``; the numerator becomes a factor below, monic so that equals meet."""
        top = self.top.ring.one
        for factor, power in self.below.items():
            top = top * factor**power
        if self.top.is_ground:
            return Fraction(top / self.top.LC)
        return _cancelled(top / self.top.LC, {self.top.monic(): 1})

    def __pow__(self, n: int) -> Fraction:
        base = self if n >= 0 else self.inverse()
        return Fraction(base.top ** abs(n), {f: power * abs(n) for f, power in base.below.items()})


def _common(u: Fraction, v: Fraction) -> dict[PolyElement, int]:
    """The least denominator that holds both."""
    factors = {*u.below, *v.below}
    return {f: max(u.below.get(f, 0), v.below.get(f, 0)) for f in factors}


def _cancelled(top: PolyElement, below: Mapping[PolyElement, int]) -> Fraction:
    """Short factors below are divided out as often as they go."""
    left = dict(below)
    for factor in below:
        while left.get(factor) and len(factor) <= 2:
            quotient, rest = divmod(top, factor)
            if rest:
                break
            top = quotient
            left[factor] -= 1
    return Fraction(top, {f: power for f, power in left.items() if power})


def _arguments_of_sigmoids(e: Expr) -> Iterator[Expr]:
    """Every u that stands in ``1 + exp(u)``."""
    for total in e.atoms(sp.Add):
        if sp.S.One in total.args:
            yield from (arg.args[0] for arg in total.args if isinstance(arg, sp.exp))


class Fractions:
    """The ring of one network: its symbols, and a letter for every function met so far.

    ``short``: every weighted input is a letter too.  What is the same then is the same whatever
    these stand for, and it takes milliseconds; what is not may still be, with all written out.
    """

    def __init__(self, written: Written, short: bool) -> None:
        symbols = sorted(written.objective.free_symbols, key=str)
        cells = sum(len(layer) for sample in written.z for layer in sample)
        spare = [f"g{n}" for n in range(LETTERS_PER_NEURON * cells + SPARE_LETTERS)]
        self.ring, *letters = ring([*map(str, symbols), *spare], sp.QQ)
        self._known: dict[sp.Basic, Fraction] = {
            symbol: Fraction(letter) for symbol, letter in zip(symbols, letters, strict=False)
        }
        self._spare = iter(letters[len(symbols) :])
        self._exps: list[tuple[Fraction, Fraction]] = []
        self._calls: list[tuple[str, tuple[Fraction, ...], Fraction]] = []
        self._rules: dict[int, tuple[int, PolyElement]] = {}
        if short:
            self._shorten(written)
        self._in_sigmoids = set(_arguments_of_sigmoids(written.objective))

    def _shorten(self, written: Written) -> None:
        """A letter for each weighted input and, as SymPy writes these out, its multiples."""
        for u in (u for sample in written.z for layer in sample for u in layer):
            letter = self._letter().top
            self._known.update({n * u: Fraction(letter * n) for n in MULTIPLES})

    def same(self, one: Expr, other: Expr) -> bool:
        """Whether the two are the same function, by the definitions of what stands in them."""
        return self._zero(self.of(one) + -self.of(other))

    def of(self, e: Expr) -> Fraction:
        """An expression as a fraction; met before, it is looked up."""
        if e not in self._known:
            self._known[e] = self._tidy(self._read(e))
        return self._known[e]

    def _read(self, e: Expr) -> Fraction:
        if e.is_Rational:
            return Fraction(self.ring.ground_new(sp.QQ(e.p, e.q)))
        if e is sp.pi:
            return self._root(sp.pi, 2) ** 2
        if e.is_Add:
            return self._fold(e.args, Fraction.__add__)
        if e.is_Mul:
            return self._fold(e.args, Fraction.__mul__)
        if isinstance(e, sp.exp):
            return self._exp(e.args[0])
        if e.is_Pow and e.exp.is_Integer:
            return self.of(e.base) ** int(e.exp)
        if e.is_Pow and e.exp.is_Rational:
            whole, part = divmod(int(e.exp.p), e.exp.q)  # 1/√2 as √2/2, so that nothing is below
            return self.of(e.base) ** whole * self._root(e.base, e.exp.q) ** part
        return self._function(e)

    def _fold(self, args: tuple[Expr, ...], operation: object) -> Fraction:
        total, *rest = (self.of(arg) for arg in args)
        for part in rest:
            total = self._tidy(operation(total, part))  # type: ignore[operator]
        return total

    def _letter(self) -> Fraction:
        letter = next(self._spare, None)
        if letter is None:
            raise OutOfLettersError
        return Fraction(letter)

    def _exp(self, argument: Expr) -> Fraction:
        u = self.of(argument)
        for known, value in self._exps:
            n = self._multiple(u, known)
            if n is not None and n.denominator == 1:
                return value ** int(n)
        value = self._letter()
        if argument in self._in_sigmoids or -argument in self._in_sigmoids:
            s = value.top
            value = Fraction(-s, {s - 1: 1})
        self._exps.append((u, value))
        return value

    def _multiple(self, u: Fraction, known: Fraction) -> Ratio | None:
        """The rational n with u = n · known, if there is one."""
        one, other = self._side_by_side(u, known)
        if not one or not other or one.LM != other.LM:
            return None
        n = one.LC / other.LC
        return Ratio(int(n.numerator), int(n.denominator)) if one == other * n else None

    def _side_by_side(self, u: Fraction, v: Fraction) -> tuple[PolyElement, PolyElement]:
        """The two numerators over one denominator."""
        below = _common(u, v)
        return self._reduced(u.over(below)), self._reduced(v.over(below))

    def _function(self, e: Expr) -> Fraction:
        one = Fraction(self.ring.one)
        if isinstance(e, sp.Max | sp.Min) and len(e.args) == 2 and 0 in e.args:
            (u,) = (self.of(arg) for arg in e.args if arg != 0)
            step = self._call("step", u)
            return u * step if isinstance(e, sp.Max) else u * (one + -step)
        if isinstance(e, sp.Heaviside):
            return self._call("step", self.of(e.args[0]))
        if isinstance(e, sp.sign | sp.Abs):
            u = self.of(e.args[0])
            sign = self._call("step", u) * Fraction(self.ring.one * 2) + -one
            return sign if isinstance(e, sp.sign) else sign * u
        return self._call(type(e).__name__, *(self.of(arg) for arg in e.args))

    def _call(self, name: str, *args: Fraction) -> Fraction:
        """The letter of a function's value; off its kink [u>0] + [-u>0] = 1, and [u>0]² = [u>0]."""
        for known_name, known, value in self._calls:
            if known_name != name or len(known) != len(args):
                continue
            if all(self._zero(u + -v) for u, v in zip(args, known, strict=True)):
                return value
            if name in REFLECTED and self._zero(args[0] + known[0]):
                return Fraction(self.ring.ground_new(REFLECTED[name])) + -value
        value = self._letter()
        self._calls.append((name, args, value))
        if name == "step":
            self._rules[self._place(value.top)] = (2, value.top)
        return value

    def _root(self, base: Expr, q: int) -> Fraction:
        """The q-th root r of a base: r^q is the base again.  π is known by t = 1/√π alone."""
        key = sp.Tuple(base, q)
        if key not in self._known:
            self._known[key] = self._letter()
            if base is sp.pi:
                self._known[key] = self._known[key].inverse()
                return self._known[key]
            value = self.of(base)
            if value.below:
                raise OutOfLettersError
            root = self._known[key].top
            self._rules[self._place(root)] = (q, value.top)
        return self._known[key]

    def _place(self, letter: PolyElement) -> int:
        return int(next(iter(letter)).index(1))

    def _zero(self, u: Fraction) -> bool:
        return not self._reduced(u.top)

    def _tidy(self, u: Fraction) -> Fraction:
        return Fraction(self._reduced(u.top), u.below) if self._rules else u

    def _reduced(self, top: PolyElement) -> PolyElement:
        """Powers rewritten by what is known of a letter: h² = h of a step, r² = 2 of a root."""
        for place, (q, value) in self._rules.items():
            while any(powers[place] >= q for powers in top):
                low, high = {}, {}
                for powers, coefficient in top.terms():
                    if powers[place] < q:
                        low[powers] = coefficient
                    else:
                        less = (*powers[:place], powers[place] - q, *powers[place + 1 :])
                        high[less] = coefficient
                top = self.ring.from_dict(low) + self.ring.from_dict(high) * value
        return top
