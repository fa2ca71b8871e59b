"""From the layout of a formula to a term of the language, with the letters of the document."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.errors import IllTyped
from symbackprop.language.binding import subterms
from symbackprop.language.program import Program
from symbackprop.language.shapes import shape
from symbackprop.language.terms import (
    Column,
    Fn,
    Kron,
    MatMul,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Transpose,
    negative,
    times,
)
from symbackprop.read import layout as t
from symbackprop.review import arrays
from symbackprop.review.applying import apply
from symbackprop.review.classes import over_labels
from symbackprop.review.lettering import ROOT_OF_PI, UNKNOWN_SIZE, named
from symbackprop.review.sizes import Sizes
from symbackprop.review.spelling import (
    Misread,
    Written,
    bare,
    items,
    key_of,
    taken_apart,
)
from symbackprop.review.vocabulary import Vocabulary


@dataclass
class Reader:
    """Reads formulas with one vocabulary; ``notes`` collects what was read with good will.

    ``sides`` are the index letters of the other side of the equation: a sum without an index runs
    over the letters that are not among them.
    """

    letters: Vocabulary
    program: Program
    notes: list[str] = field(default_factory=list)
    outer: frozenset[str] = frozenset()
    counter: itertools.count[int] = field(default_factory=itertools.count)
    sizes: Sizes | None = None  # where sizes are still being found out
    bound: dict[str, Basic] = field(default_factory=dict)  # the variable of h_θ(x), as it is given
    unrolled: dict[Basic, Basic] = field(default_factory=dict)  # a value of l, where dots vanish

    # -- shapes --------------------------------------------------------------------------------

    def axes(self, ref: Ref) -> tuple[Size, ...]:
        return self.program.axes_of(ref)

    def form(self, term: Basic) -> arrays.Form:
        return arrays.form(term, self.axes)

    def shape(self, term: Basic) -> tuple[Basic, Basic]:
        if self.sizes is not None:
            term = self.sizes.relate(None, term)
            self.program = self.letters.shapes()
        found = shape(term, self.program)
        if found is None:
            raise IllTyped("a number stands where an array is needed")
        return found

    def fits(self, term: Basic) -> bool:
        """Whether the sizes of a term fit; while they are still looked for, they do."""
        if self.sizes is not None:
            return True
        try:
            shape(term, self.program)
        except IllTyped:
            return False
        return True

    def sized(self, product: Basic) -> Basic:
        """``1ᵀ X``: as many ones as X has rows."""
        if not isinstance(product, MatMul) or not product.has(UNKNOWN_SIZE):
            return product
        factors = list(product.args)
        for n, factor in enumerate(factors):
            if not factor.has(UNKNOWN_SIZE):
                continue
            row = isinstance(factor, Transpose)
            beside = factors[n + 1 : n + 2] if row else factors[n - 1 : n] if n else []
            if beside and not beside[0].has(UNKNOWN_SIZE):
                size = self.shape(beside[0])[0 if row else 1]
                if not isinstance(size, Size):
                    return product
                factors[n] = factor.xreplace({UNKNOWN_SIZE: size})
        return MatMul(*factors)

    # -- terms ---------------------------------------------------------------------------------

    def term(self, node: t.Node) -> Basic:
        """The meaning of a node; ``Misread`` says where there is none."""
        inner = bare(node) or node
        read = _READ.get(type(inner))
        if read is None:
            raise Misread(inner, "this has no meaning here", "a quantity, a number or an operation")
        return read(self, inner)

    def side(self, node: t.Node) -> Basic:
        """A whole side of an equation."""
        return over_labels(self.letters, self.term(node))

    def number(self, node: t.Number) -> Basic:
        value = arrays.number(node.text)
        near = value.limit_denominator(12)
        if len(node.text) > 4 and near != value and abs(near - value) < Rational(1, 1000):
            self.notes.append(f"{node.text} is read as {value}, which is not {near}")
        return value

    def addition(self, node: t.Addition) -> Basic:
        terms = [
            self.term(part) if sign > 0 else negative(self.term(part))
            for part, sign in zip(node.terms, node.signs, strict=True)
        ]
        try:
            return arrays.added(terms, self.axes, self.shape)
        except IllTyped as fault:
            raise Misread(node, str(fault)) from None

    def group(self, node: t.Group) -> Basic:
        if node.kind == "‖":
            return self.norm(node)
        if node.kind == "|":
            return self.scripted(Fn("abs", self.term(node.body)), node)
        if node.kind == "[" and isinstance(node.body, t.Chain):
            return self.iverson(node.body)
        return self.scripted(self.term(node.body), node)

    def scripted(self, term: Basic, node: t.Group | t.Fraction | t.Table) -> Basic:
        """Indices, powers and transposes at a bracket."""
        below = items(node.scripts.sub)
        if len(below) == 2 and any(isinstance(bare(part), t.Sign) for part in below):
            term = self.line(term, below)
        elif below:
            term = arrays.entry(term, tuple(map(self.index, below)), self.axes)
        if node.scripts.sup is not None:
            term = self.power(term, node.scripts.sup)
        if node.scripts.primes and self.form(term) != arrays.SCALAR:
            self.notes.append("a prime at an array is read as a transpose")
            term = Transpose(term)
        return Transpose(term) if node.scripts.transposed else term

    def line(self, array: Basic, below: tuple[t.Node, ...]) -> Basic:
        """``(…)_{· A}``, a column, or ``(…)_{A ·}``, a row."""
        first, second = map(bare, below)
        if isinstance(first, t.Sign) and first.kind == "dot" and second is not None:
            return Column(array, self.index(second))
        if isinstance(second, t.Sign) and second.kind == "dot" and first is not None:
            return Column(Transpose(array), self.index(first))
        raise Misread(below[0], "this is not an index", "a letter or a whole number")

    def power(self, base: Basic, above: t.Node) -> Basic:
        exponent = self.term(above)
        if not isinstance(exponent, Integer):
            if exponent == Rational(1, 2):
                return Fn("sqrt", base)
            raise Misread(above, "this is neither a layer nor a whole power")
        if self.form(base) != arrays.SCALAR:
            if exponent != 2:
                raise Misread(above, "a power of an array", "write ⊙ or a product")
            self.notes.append("the square of an array is read entry by entry")
            return arrays.hadamard(base, base)
        if exponent < 0:
            raised = base if exponent == -1 else Power(base, -exponent)
            return Quotient(Integer(1), raised)
        return Power(base, exponent)

    def norm(self, node: t.Group) -> Basic:
        """``‖v‖²`` or ``‖W‖_F²``: the sum of the squares of all entries."""
        if node.scripts.sup is None or self.term(node.scripts.sup) != 2:
            raise Misread(node, "a norm without its square is not in the language", "‖…‖^2")
        inner = self.term(node.body)
        rows, columns = self.form(inner)
        if not rows and not columns:
            return Power(inner, Integer(2))
        if not columns:
            return MatMul(Transpose(inner), inner)
        own = self.shape(inner)
        row, column = self.fresh("p"), self.fresh("q")
        square = Power(arrays.entry(inner, (row, column), self.axes), Integer(2))
        return Sum(Sum(square, column, own[1]), row, own[0])

    def iverson(self, chain: t.Chain) -> Basic:
        """``[i = j]`` and ``[z > 0]``, also behind a bold 1."""
        if len(chain.sides) == 2 and chain.relations[0] in ("=", "equiv"):
            return Kron(*(self.index(side) for side in chain.sides))
        if len(chain.sides) == 2 and chain.relations[0] in (">", "<"):
            left, right = (self.term(side) for side in chain.sides)
            low, high = (right, left) if chain.relations[0] == ">" else (left, right)
            return Fn(
                "step",
                high if low == 0 else arrays.added([high, negative(low)], self.axes, self.shape),
            )
        raise Misread(chain, "this condition is not understood", "[i = j] or [z > 0]")

    def fraction(self, node: t.Fraction) -> Basic:
        from symbackprop.review.products import derivative

        found = derivative(self, node)
        if found is not None:
            return self.scripted(found, node)
        above, below = self.term(node.numerator), self.term(node.denominator)
        if self.form(below) != arrays.SCALAR:
            self.notes.append("a division by an array is read entry by entry")
            if self.form(above) == arrays.SCALAR:
                above = times(above, arrays.ones_like(self.shape(below)))
        return self.scripted(Quotient(above, below), node)

    def root(self, node: t.Root) -> Basic:
        body = self.term(node.body)
        if isinstance(body, Power) and body.args[1] == 2 and body.args[0] == ROOT_OF_PI:
            return ROOT_OF_PI
        return Fn("sqrt", body)

    def braced(self, node: t.Braced) -> Basic:
        return self.term(node.body)

    def juxtaposition(self, node: t.Juxtaposition) -> Basic:
        from symbackprop.review.products import side_by_side

        return side_by_side(self, node.items)

    def table(self, node: t.Table) -> Basic:
        """cases with a sign condition: ``1`` if ``z > 0``, else ``0``."""
        if node.kind != "cases" or len(node.rows) != 2 or len(node.rows[0]) < 2:
            raise Misread(node, "a table is not understood inside a formula")
        condition = self.condition(node.rows[0][1])
        first, second = (self.term(row[0]) for row in node.rows)
        otherwise = arrays.added([Integer(1), negative(condition)], self.axes, self.shape)
        return arrays.added(
            [times(condition, first), times(otherwise, second)], self.axes, self.shape
        )

    def condition(self, node: t.Node) -> Basic:
        for inner in _inside(node):
            if isinstance(inner, t.Chain) and inner.relations:
                if inner.relations[0] in ("geq", "leq"):
                    relation = {"geq": ">", "leq": "<"}[inner.relations[0]]
                    inner = t.Chain(inner.sides, (relation,), span=inner.span)
                return self.iverson(inner)
        raise Misread(node, "this condition is not understood", "z > 0, or k = j")

    # -- letters -------------------------------------------------------------------------------

    def index(self, node: t.Node) -> Basic:
        """An index: a letter or a number."""
        inner = bare(node)
        if isinstance(inner, t.Number) and inner.text.isdigit():
            return Integer(inner.text)
        if isinstance(inner, t.Name) and key_of(inner) in self.letters.labels:
            return Symbol(key_of(inner))
        if isinstance(inner, t.Name) and inner.scripts.sub is None and inner.scripts.sup is None:
            return self.letter(inner)
        raise Misread(node, "this is not an index", "a letter or a whole number")

    def apart(self, node: t.Name) -> Written:
        numeric = self.letters.survey.numbered(key_of(node))
        return taken_apart(node, self.letters.style, layered=True, numeric=numeric)

    def apply(self, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
        return apply(self, name, arguments)

    # -- sums ----------------------------------------------------------------------------------

    def fresh(self, base: str) -> Symbol:
        return Symbol(f"{base}{next(self.counter) or ''}")

    def letter(self, node: t.Name) -> Symbol:
        return Symbol(node.base + "'" * node.scripts.primes)

    def range_of(self, letter: Symbol, body: Basic) -> Size | None:
        """The range of a letter from where it stands."""
        for node in subterms(body):
            if isinstance(node, Ref):
                for index, size in zip(node.indices, self.axes(node), strict=False):
                    if index == letter:
                        return size
            elif isinstance(node, Column) and node.args[1] == letter:
                columns = self.shape(node.args[0])[1]
                return columns if isinstance(columns, Size) else None
        return None


def _inside(node: t.Node) -> list[t.Node]:
    inner = bare(node)
    if isinstance(inner, t.Juxtaposition):
        return [part for item in inner.items for part in _inside(item)]
    if isinstance(inner, t.Listing):
        return [part for item in inner.items for part in _inside(item)]
    if isinstance(inner, t.Group):
        return _inside(inner.body)
    return [] if inner is None else [inner]


_READ: dict[type[t.Node], Callable[[Reader, Any], Basic]] = {
    t.Number: Reader.number, t.Addition: Reader.addition, t.Group: Reader.group,
    t.Fraction: Reader.fraction, t.Root: Reader.root, t.Braced: Reader.braced,
    t.Juxtaposition: Reader.juxtaposition, t.Table: Reader.table, t.Name: named,
}  # fmt: skip
