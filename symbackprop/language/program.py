"""Declarations, definitions and the one Program that everything else works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from sympy import Basic, Integer, Symbol

from symbackprop.errors import IllTyped
from symbackprop.language.binding import Ranges, free_letters, index_ranges, substitute, subterms
from symbackprop.language.circles import refuse_circles
from symbackprop.language.terms import Act, Chain, Opaque, Partial, Ref, Size, Sum

l = Symbol("l")
L = Symbol("L")  # the last layer
U = Symbol("u")  # the argument in an activation's formula


@dataclass(frozen=True)
class Declaration:
    """A quantity: its axes as sizes in terms of the layer letter ``l``; no axes: a scalar.

    ``layered`` quantities carry a layer; ``sums_to_one`` is the declared fact that the entries of
    the first axis add up to one (a one-hot or probability target); ``lowest`` the
    first layer that has one.
    """

    name: str
    axes: tuple[Size, ...] = ()
    layered: bool = False
    sums_to_one: bool = False
    lowest: int = 0
    meaning: str = ""

    def sizes(self, ref: Ref) -> tuple[Size, ...]:
        """The sizes of the axes of ``ref``, with its layer put in."""
        if not self.layered:
            return self.axes
        assert ref.layer is not None
        return _sizes(self.axes, ref.layer)


@lru_cache(maxsize=4096)
def at_depth(layer: Basic, depth: int) -> Basic:
    """A layer expression with L put in."""
    return layer.xreplace({L: Integer(depth)})


@lru_cache(maxsize=4096)
def _sizes(axes: tuple[Size, ...], layer: Basic) -> tuple[Size, ...]:
    return tuple(Size(size.of.xreplace({l: layer})) for size in axes)


@dataclass(frozen=True)
class Definition:
    """``target := value`` for all its free indices, and for ``first <= l <= last`` if layered."""

    target: Ref
    value: Basic
    first: Basic | None = None
    last: Basic | None = None

    def covers(self, layer: Basic | None, depth: int) -> bool:
        """Whether this schema defines its quantity in a layer of a network of that depth."""
        if layer is None or self.target.layer is None:
            return layer is None and self.target.layer is None
        own = at_depth(self.target.layer, depth)
        if own.is_Integer:
            return own == layer
        bounds = [Integer(0) if b is None else at_depth(b, depth) for b in (self.first, self.last)]
        return bounds[0] <= layer <= bounds[1]

    def at(self, layer: Basic | None) -> tuple[tuple[Symbol, ...], Basic]:
        """Index letters and value of this definition in one layer."""
        letters = tuple(i for i in self.target.indices if isinstance(i, Symbol))
        own = self.target.layer
        value = self.value if own is None else substitute(self.value, {own: layer})
        return letters, value


@dataclass(frozen=True)
class Program:
    """Declarations and definitions; the meaning of every statement comes from here.

    ``depth`` and ``widths`` are None for general statements (every L, every n_l); a depth without
    widths stands for every width of so many layers.  ``activations``
    gives name and formula (a term in the letter ``U``, or None: unspecified) of ``σ_l``; the key
    None stands for every layer that is not named itself.
    """

    declarations: tuple[Declaration, ...]
    definitions: tuple[Definition, ...]
    depth: int | None = None
    widths: tuple[int, ...] | None = None
    activations: Mapping[Basic | None, tuple[str, Basic | None]] = field(default_factory=dict)
    general_cost: Definition | None = None

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for declaration in self.declarations:
            if declaration.name in seen:
                raise IllTyped(f"{declaration.name} is declared twice")
            seen.add(declaration.name)
        for definition in self.definitions:
            self._check(definition)
        refuse_circles(frozenset(self._table), self.definitions)

    @cached_property
    def _table(self) -> dict[str, Declaration]:
        return {declaration.name: declaration for declaration in self.declarations}

    def declared(self, name: str) -> Declaration:
        """The declaration of a name; IllTyped if there is none."""
        if name not in self._table:
            raise IllTyped(f"{name} is used, but never declared")
        return self._table[name]

    def axes_of(self, ref: Ref) -> tuple[Size, ...]:
        """The sizes of the axes of a quantity."""
        if ref.name == "pi":
            return ()
        declaration = self.declared(ref.name)
        if declaration.layered and ref.layer is None:
            raise IllTyped(f"{ref.name} needs a layer")
        if not declaration.layered and ref.layer is not None:
            raise IllTyped(f"{ref.name} carries no layer, but stands with layer {ref.layer}")
        return tuple(self.known_size(size) for size in declaration.sizes(ref))

    def known_size(self, size: Size) -> Size:
        """In a concrete network layers of one width have one size: the first of these layers'."""
        if self.depth is not None and size.of.has(L):
            size = Size(at_depth(size.of, self.depth))
        if self.widths is None or not size.of.is_Integer or int(size.of) >= len(self.widths):
            return size
        return Size(self.widths.index(self.widths[int(size.of)]))

    def ranges(self, term: Basic) -> Ranges:
        """The ranges of the free index letters of a term."""
        return index_ranges(term, self.axes_of, self.known_size, self.width)

    def lowest_layer(self, name: str) -> int:
        """The first layer in which a quantity exists: 0 for the activations, else 1."""
        return 0 if name == "pi" else self.declared(name).lowest

    def width(self, size: Size) -> int | None:
        """How many values an index of this size takes, where that is known."""
        if self.widths is None or not size.of.is_Integer:
            return None
        return self.widths[int(size.of)] if int(size.of) < len(self.widths) else None

    def definition_of(self, name: str, layer: Basic | None, depth: int) -> Definition | None:
        """What defines a quantity in a concrete layer, or None if it is free there."""
        for definition in self.definitions:
            if definition.target.name == name and definition.covers(layer, depth):
                return definition
        return None

    def activation_at(self, layer: Basic, depth: int | None = None) -> tuple[str, Basic | None]:
        """Name and formula of the activation of a layer; the formula None: unspecified.

        ``depth`` is that of a case of this program, in which the last layer has a number.
        """
        depth = self.depth if depth is None else depth
        top: Basic = L if depth is None else Integer(depth)
        for key in (layer, L if layer == top else layer, None):
            if key in self.activations:
                return self.activations[key]
        return ("unspecified", None)

    def grounded(self, depth: int, widths: tuple[int, ...]) -> Program:
        """The declarations alone, with L put in: the shapes of a concrete case."""
        return _grounded(self.declarations, depth, widths)

    def with_cost(self, cost: Definition) -> Program:
        """The same program with another definition of C."""
        return replace(
            self,
            general_cost=None,
            definitions=tuple(
                cost if d.target.name == cost.target.name else d for d in self.definitions
            ),
        )

    def with_definitions(self, *new: Definition, declare: tuple[Declaration, ...] = ()) -> Program:
        """This program with more definitions at its end."""
        return replace(
            self,
            declarations=self.declarations + declare,
            definitions=self.definitions + new,
        )

    def _check(self, definition: Definition) -> None:
        target = definition.target
        sizes = self.axes_of(target)
        if len(sizes) != len(target.indices):
            raise IllTyped(f"the definition of {target.name} must name all its indices")
        ranges = self.ranges(definition.value)
        own = {i: s for i, s in zip(target.indices, sizes, strict=True) if isinstance(i, Symbol)}
        for letter, size in ranges.items():
            if letter not in own:
                raise IllTyped(
                    f"index {letter} is free in the value of {target.name}, but not in its name"
                )
            if own[letter] != self.known_size(size):
                raise IllTyped(f"index {letter} of {target.name} runs over two ranges")


@lru_cache(maxsize=256)
def _grounded(
    declarations: tuple[Declaration, ...], depth: int, widths: tuple[int, ...]
) -> Program:
    at_top = (
        replace(d, axes=tuple(Size(at_depth(size.of, depth)) for size in d.axes))
        for d in declarations
    )
    return Program(tuple(at_top), (), depth=depth, widths=widths)


def layers_in(term: Basic) -> set[Basic]:
    """Every layer expression that a term mentions: ``{l, l+1, L}``."""
    found: set[Basic] = set()
    for node in subterms(term):
        if (isinstance(node, Ref) and node.layer is not None) or isinstance(node, Act):
            found.add(node.layer)
        elif isinstance(node, Size) and (node.of.free_symbols or node.of.is_Integer):
            found.add(node.of)
    return found


__all__ = [
    "Act", "Chain", "Declaration", "Definition", "L", "Opaque", "Partial", "Program", "Sum",
    "free_letters", "l", "layers_in",
]  # fmt: skip
