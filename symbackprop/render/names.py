"""How quantities, indices, layers and conditions are written in a notation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sympy import Basic, Expr, Symbol

from symbackprop.errors import IllTyped
from symbackprop.language import terms as t
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, Program, l
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.notations import Notation, notation_named
from symbackprop.render.dialect import Dialect
from symbackprop.render.rows import Level, Row

WEIGHTS = "w"


class Names(Dialect):
    """A dialect with the letters of a notation; ``program`` tells axes and activations apart."""

    between: ClassVar[str] = ""  # stands between two index letters
    partial: ClassVar[str] = "∂"
    slash: ClassVar[str] = "/"
    every: ClassVar[str] = "·"  # stands in place of an index that takes every value

    def __init__(self, notation: Notation | None = None, program: Program | None = None) -> None:
        self.notation = notation or notation_named("nielsen")
        self.program = program

    def index(self, term: Basic) -> str:
        """An index, a layer or a width as plain text: ``j``, ``l+1``, ``3``."""
        if isinstance(term, Symbol):
            return self.name(self.notation.indices.get(term.name, term.name))
        renamed = {
            letter: Symbol(self.notation.indices[letter.name])
            for letter in term.free_symbols
            if letter.name in self.notation.indices
        }
        return linear(term.xreplace(renamed))

    def indices(self, terms: Sequence[Basic]) -> str:
        """``jk``, but ``1,3`` as soon as one of them is not a letter."""
        plain = all(isinstance(term, Symbol) for term in terms)
        return (self.between if plain else ",").join(self.index(term) for term in terms)

    def axes(self, ref: t.Ref) -> tuple[t.Size, ...] | None:
        """The declared axes; None without a program."""
        if self.program is None:
            return None
        try:
            return self.program.declared(ref.name).axes
        except IllTyped:
            return None

    def letter_of(self, ref: t.Ref) -> str:
        """The letter of an entry, a vector or a whole matrix."""
        axes = self.axes(ref)
        two = ref.name == WEIGHTS if axes is None else len(axes) == 2
        whole = two and not ref.indices and ref.name in self.notation.matrices
        letters = self.notation.matrices if whole else self.notation.letters
        return self.letter(letters[ref.name]) if ref.name in letters else self.name(ref.name)

    def _ref(self, ref: t.Ref) -> Row:
        below, samples = self._split(ref)
        turned = self.is_turned(ref)
        if turned:
            below = below[::-1]
        row = self.scripted(self.letter_of(ref), self.above(ref, samples), self.indices(below))
        return self.turned(row) if turned and not ref.indices else row

    def turned(self, row: Row) -> Row:
        """The transpose."""
        base = row if row.level is Level.ATOM else self.group(row)
        return self.raised(base, self.letter(self.notation.transpose))

    def is_turned(self, ref: t.Ref) -> bool:
        """Whether what is called W here is the transpose of our W."""
        return ref.name == WEIGHTS and self.notation.weight_order == "from-to"

    def _split(self, ref: t.Ref) -> tuple[list[Basic], list[Basic]]:
        """The indices that stand below, and those that stand above beside the layer (samples)."""
        marked = [axis.of == t.SAMPLES for axis in self.axes(ref) or ()]
        if self.notation.sample == "index" or len(marked) != len(ref.indices):
            return list(ref.indices), []
        pairs = list(zip(ref.indices, marked, strict=True))
        return [i for i, above in pairs if not above], [i for i, above in pairs if above]

    def above(self, ref: t.Ref, samples: Sequence[Basic] = ()) -> str:
        """What stands above: the layer in its mark, and samples where the notation wants it."""
        layer = "" if ref.layer is None else self.notation.layer % self.index(ref.layer)
        sample = ",".join(self.index(s) for s in samples)
        if self.notation.sample == "superscript" and sample:
            return f"{layer}({sample})"
        return ",".join(part for part in (sample, layer) if part)

    def _size(self, size: t.Size) -> Row:
        if size.of == t.SAMPLES:
            return self.scripted("m")
        return self.scripted("n", "", self.index(size.of))

    def sigma(self, layer: Basic | None, order: int = 0) -> Row:
        """The letter of an activation or its slope, with its layer where there are several."""
        letters = self.notation.letters
        name, below = letters["sigma"], ""
        if "sigma_L" in letters:  # the last layer has a letter of its own
            name = letters["sigma_L"] if layer == L else name
        elif layer is not None and self._many_activations():
            below = self.index(layer)
        primes = "'" * order if order < 4 else ""
        above = f"({order})" if order and not primes else ""
        return self.scripted(self.letter(name) + primes, above, below)

    def _many_activations(self) -> bool:
        if self.program is None:
            return False
        names = {name for name, _ in self.program.activations.values()}
        return sum(not (name in ACTIVATIONS and ACTIVATIONS[name].vector) for name in names) > 1

    def conditions(self, statement: Statement) -> tuple[str, ...]:
        """``k ≠ j`` and ``1 ≤ l < L``, each as a formula."""
        said = [
            f"{self.index(one)}{self.relation('!=')}{self.index(other)}"
            for one, other in statement.unequal
        ]
        layers = self.layers(statement.first, statement.last)
        return (*said, layers) if layers else tuple(said)

    def layers(self, first: Basic | None, last: Basic | None) -> str:
        """``1 ≤ l < L``, or nothing."""
        if first is None and last is None:
            return ""
        layer = self.index(l)
        text = layer if first is None else self.index(first) + self.relation("<=") + layer
        if first is not None and first == last:
            return f"{layer}{self.relation('=')}{self.index(first)}"
        if last == L - 1:
            return text + self.relation("<") + self.index(L)
        return text if last is None else text + self.relation("<=") + self.index(last)


def linear(term: Basic) -> str:
    """``l+1``, ``L-l-1``, ``2``: letters first, as people write layers."""
    addends = term.as_ordered_terms() if isinstance(term, Expr) else [term]
    ordered = sorted(addends, key=lambda a: (bool(a.is_number), str(a).startswith("-")))
    text = "".join(a if a.startswith("-") else "+" + a for a in map(str, ordered))
    return text.removeprefix("+").replace("*", "")
