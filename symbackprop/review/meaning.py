"""From the layout of a formula to a term of the language, with the letters of the document."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.errors import IllTyped
from symbackprop.language.binding import free_letters, substitute, subterms, text_of
from symbackprop.language.program import L, Program
from symbackprop.language.shapes import shape
from symbackprop.language.terms import (
    SAMPLES,
    Column,
    Fn,
    Kron,
    LayerSum,
    MatMul,
    Ones,
    Partial,
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
from symbackprop.review.sizes import Sizes
from symbackprop.review.spelling import (
    Malformed,
    Misread,
    Written,
    bare,
    is_layer,
    items,
    key_of,
    layer_of,
    taken_apart,
    walk,
)
from symbackprop.review.vocabulary import Vocabulary

UNKNOWN_SIZE = Size(Symbol("?"))


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

    def number(self, node: t.Number) -> Basic:
        return arrays.number(node.text)

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
        return Fn("sqrt", self.term(node.body))

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
        if isinstance(inner, t.Name) and inner.scripts.sub is None and inner.scripts.sup is None:
            return self.letter(inner)
        raise Misread(node, "this is not an index", "a letter or a whole number")

    def apart(self, node: t.Name) -> Written:
        numeric = self.letters.survey.numbered(key_of(node))
        return taken_apart(node, self.letters.style, layered=True, numeric=numeric)

    def name(self, node: t.Name) -> Basic:
        """A quantity, a count, a constant."""
        found = self.apart(node)
        if node.scripts.star:
            raise Misread(
                node, f"{found.key} with a star is another quantity, which is not defined"
            )
        count = self.count(node, found)
        if count is not None:
            above = found.power
            if found.key in self.letters.counts:
                above = above or found.layer
            return count if above is None else self.power(count, above)
        indices = tuple(map(self.index, found.indices))
        if found.key in self.bound and found.sample is None:
            given = self.bound[found.key]
            if indices:
                given = arrays.entry(given, indices, self.axes)
            return self.dressed(given, node, found)
        if self.letters.is_cost(found):
            indices = ()
            loss = self.loss(found)
            if loss is not None:
                return loss
        if node.base in ("delta", "Delta") and len(indices) == 2 and found.layer is None:
            return Kron(*indices)
        term: Basic | None = self.letters.ref(found, self.with_sample(found, indices))
        if isinstance(term, Ref) and not term.indices:
            term = self.of_sample(term, found)
        if isinstance(term, Ref) and len(term.indices) == 1 and len(self.axes(term)) == 2:
            term = Column(Transpose(term.whole), term.indices[0])  # the row i of a matrix
        if isinstance(term, Ref) and not term.indices and self.letters.is_row(found):
            term = Transpose(term)
        if term is None and node.base == "e" and node.scripts.sup is not None:
            return Fn("exp", self.term(node.scripts.sup))
        if term is None:
            term = self.constant(node, found)
        return self.dressed(term, node, found)

    def loss(self, found: Written) -> Basic | None:
        """``ℒ^{(i)}`` of one example; ``ℒ`` alone is the sum, of which ∂/∂z^{(i)} sees one."""
        quantity = self.letters.table.get(self.letters.key(found))
        if quantity is None or quantity.role != "loss":
            return None
        if found.sample is not None:
            return Ref(quantity.name, Ref("").args[1], self.index(found.sample))
        self.notes.append(f"{found.key} without a sample is the sum over all of them")
        s = self.fresh("s")
        return Sum(Ref(quantity.name, Ref("").args[1], s), s, Size(SAMPLES))

    def with_sample(self, found: Written, indices: tuple[Basic, ...]) -> tuple[Basic, ...]:
        """The indices with that of the sample, which may stand above the letter or be left out."""
        quantity = self.letters.table.get(self.letters.key(found))
        if quantity is None or Size(SAMPLES) not in quantity.axes:
            return indices
        sample = self.sample(found)
        if sample is None or len(indices) != len(quantity.axes) - 1:
            return indices
        at = quantity.axes.index(Size(SAMPLES))
        return (*indices[:at], sample, *indices[at:])

    def of_sample(self, whole: Ref, found: Written) -> Basic:
        """``x^{(i)}``: one column, or row, of what holds all samples."""
        axes = self.axes(whole)
        sample = self.sample(found) if len(axes) == 2 and Size(SAMPLES) in axes else None
        if sample is None:
            return whole
        return Column(whole if axes[1] == Size(SAMPLES) else Transpose(whole), sample)

    def sample(self, found: Written) -> Basic | None:
        """The sample of an occurrence; where it is left out, that of all the others."""
        if found.sample is not None:
            return self.index(found.sample)
        letter = self.letters.survey.sample
        if not letter or not self.letters.of_one_sample(found):
            return None
        self.notes.append(f"{found.key} is read as that of the sample {letter}")
        return Symbol(letter)

    def dressed(self, term: Basic, node: t.Name, found: Written) -> Basic:
        """Powers, primes and transposes at a letter."""
        if found.power is not None:
            term = self.power(term, found.power)
        if node.scripts.primes:
            if self.form(term) == arrays.SCALAR:
                raise Misread(node, f"{found.key}′: a prime at a number", "σ′(z), or a transpose")
            self.notes.append("a prime at an array is read as a transpose")
            term = Transpose(term)
        if not node.scripts.transposed:
            return term
        return term.args[0] if isinstance(term, Transpose) else Transpose(term)

    def count(self, node: t.Name, found: Written) -> Basic | None:
        """``n_l``, ``n^{[l]}``, ``m``: how many of something there are."""
        below = items(node.scripts.sub)
        one = bare(below[0]) if len(below) == 1 else None
        numbered = isinstance(one, t.Number) and self.letters.depth is not None
        layer = found.layer or (one if numbered or is_layer(one, self.letters.style) else None)
        plain = node.base in ("n", "N", "d", "m") and not node.marks
        if plain and layer is not None and found.key not in self.letters.table:
            return Size(self.letters.at_top(layer_of(layer, self.letters.style)))
        return self.letters.counts.get(found.key)

    def constant(self, node: t.Name, found: Written) -> Basic:
        if node.base == "pi" and node.scripts == t.BARE:
            return Power(Fn("sqrt", Ref("pi")), Integer(2))
        if node.base == "1" and node.marks:
            if node.scripts.sub is not None and isinstance(bare(node.scripts.sub), t.Chain):
                return self.iverson(bare(node.scripts.sub))  # type: ignore[arg-type]
            return Integer(1) if "bb" in node.marks else Ones(UNKNOWN_SIZE)
        if found.key in self.letters.survey.functions:
            raise Misread(node, f"{node.base} stands without its argument", f"{node.base}(z)")
        raise Misread(
            node, f"{found.key} is not defined in this document",
            "a definition, or a role for it: [letters] in the front matter",
        )  # fmt: skip

    def apply(self, name: t.Name, arguments: Sequence[t.Node]) -> Basic:
        return apply(self, name, arguments)

    # -- sums ----------------------------------------------------------------------------------

    def fresh(self, base: str) -> Symbol:
        return Symbol(f"{base}{next(self.counter) or ''}")

    def summed(self, big: t.Big, body: Basic) -> Basic:
        """``Σ_{k=1}^{n} body``; several letters; none: those that the other side has not."""
        letters, last, unequal = self.limits(big)
        if not letters:
            letters = self.implied(big, body)
        for one, other in unequal:
            body = times(
                arrays.added([Integer(1), negative(Kron(one, other))], self.axes, self.shape), body
            )
        for letter in reversed(letters):
            body = self.over(letter, body, last, big)
        return body

    def check_limits(self, big: t.Big, letter: Symbol, size: Size | None) -> None:
        """From 1 to n, or from 0 to n - 1, and n of the right layer."""
        start = self.start(big, letter)
        above = bare(big.scripts.sup)
        if isinstance(above, t.Addition):  # 0 … n - 1
            *count, one = above.terms
            less = isinstance(one, t.Number) and one.text == "1" and above.signs[-1] < 0
            if start != "0" or not less or len(count) != 1:
                raise Misread(big, "this range of a sum is not understood", "from 1 to n")
            above = bare(count[0])
        elif start not in ("1", ""):
            raise Misread(big, f"the sum over {letter} begins with {start}", "from 1 to n")
        if above is None:
            return
        if not isinstance(above, t.Name):
            raise Misread(big, "this range of a sum is not understood", "from 1 to n")
        last = self.last(above)
        if last is None or size is None or not self.letters.symbolic:
            return
        tops = [Size(self.letters.at_top(end.of)) for end in (last, size)]
        if tops[0] != tops[1] and SAMPLES not in (last.of, size.of):
            what = f"{letter} runs to {text_of(size)}, its sum to {text_of(last)}"
            raise Malformed(big, what)

    def start(self, big: t.Big, letter: Symbol) -> str:
        """The number with which a sum begins; "" if none is said."""
        for part in items(big.scripts.sub):
            inner = bare(part)
            if not isinstance(inner, t.Chain) or inner.relations != ("=",):
                continue
            if letter in [self.letter(n) for n in walk(inner.sides[0]) if isinstance(n, t.Name)]:
                right = bare(inner.sides[1])
                return right.text if isinstance(right, t.Number) else "something else"
        return ""

    def limits(self, big: t.Big) -> tuple[list[Symbol], Size | None, list[tuple[Basic, Basic]]]:
        """The letters of a sum, its upper limit, and pairs that must differ (``k ≠ j``)."""
        last = self.last(big.scripts.sup)
        found: list[Symbol] = []
        unequal: list[tuple[Basic, Basic]] = []
        for part in items(big.scripts.sub):
            inner = bare(part)
            if isinstance(inner, t.Chain):
                if inner.relations == ("neq",):
                    unequal.append((self.index(inner.sides[0]), self.index(inner.sides[1])))
                elif inner.relations and inner.relations[0] not in ("=", "in", "equiv", "leq"):
                    raise Misread(part, "this range of a sum is not understood", "k, or k = 1")
                inner = bare(inner.sides[0])
                found.extend(self.letter(n) for n in items(inner) if isinstance(n, t.Name))
            elif isinstance(inner, t.Name):
                found.append(self.letter(inner))
        return found, last, unequal

    def letter(self, node: t.Name) -> Symbol:
        return Symbol(node.base + "'" * node.scripts.primes)

    def last(self, above: t.Node | None) -> Size | None:
        if above is None:
            return None
        inner = bare(above)
        if isinstance(inner, t.Name):
            found = self.count(inner, self.apart(inner))
            return found if isinstance(found, Size) else None
        return None

    def implied(self, big: t.Big, body: Basic) -> list[Symbol]:
        inside = index_letters(body)
        free = [s for s in inside if s.name not in self.outer]
        if not inside:
            raise Misread(big, "this sum has no index", "write Σ_k")
        chosen = free or inside
        self.notes.append("the sum without an index runs over " + ", ".join(map(str, chosen)))
        return chosen

    def over(self, letter: Symbol, body: Basic, last: Size | None, big: t.Big) -> Basic:
        style = self.letters.style
        layers = letter.name in style.letters or any(
            isinstance(n, Ref) and n.layer is not None and letter in n.layer.free_symbols
            for n in subterms(body)
        )
        if layers and style.symbolic:
            q = Symbol("q")
            place = Symbol("l") if letter.name in style.letters else letter
            return LayerSum(substitute(body, {place: q}), q, Integer(1), L)
        known = self.range_of(letter, body)
        self.check_limits(big, letter, known)
        size = known or last
        if size is None:
            raise Misread(big, f"{letter} does not occur in this sum", "an index of the body")
        return Sum(body, letter, size)

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


def index_letters(term: Basic) -> list[Symbol]:
    """The free index letters, in the order of appearance."""
    free = free_letters(term)
    found: dict[Symbol, None] = {}
    for node in subterms(term):
        if isinstance(node, Ref | Kron):
            where = node.indices if isinstance(node, Ref) else node.args
            found.update(dict.fromkeys(i for i in where if isinstance(i, Symbol) and i in free))
    return list(found)


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
    t.Juxtaposition: Reader.juxtaposition, t.Table: Reader.table, t.Name: Reader.name,
}  # fmt: skip

__all__ = ["Partial", "Reader", "index_letters"]
