"""Which quantities a mistake confuses: z and a, one layer and the next, letters of one range."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Basic, Symbol

from symbackprop.language.binding import free_letters, subterms
from symbackprop.language.program import Definition, L, Program
from symbackprop.language.terms import SAMPLES, Act, Fn, Kron, Partial, Ref, Size, Sum

_NUMBERED = re.compile(r"(.*)\((\d+)\)\Z")
WEIGHTS = ("w", "W", "Theta", "theta", "U", "V")


@dataclass(frozen=True)
class Kin:
    """The quantities of a program and how they hang together."""

    program: Program

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        return {d.target.name: d for d in self.program.definitions}

    @cached_property
    def input_of(self) -> Mapping[str, str]:
        """a to z: the activation and the weighted input that it is made of."""
        found = {}
        for definition in self.program.definitions:
            inner = [n for n in subterms(definition.value) if isinstance(n, Ref)]
            names = {n.name for n in inner}
            if len(names) == 1 and not any(
                isinstance(n, Partial) for n in subterms(definition.value)
            ):
                (name,) = names
                if name != definition.target.name:
                    found[definition.target.name] = name
        return found

    @cached_property
    def output_of(self) -> Mapping[str, str]:
        return {z: a for a, z in self.input_of.items()}

    def renamed(self, ref: Ref, name: str) -> Ref:
        return Ref(name, ref.args[1], *ref.indices)

    def is_weight(self, ref: Ref) -> bool:
        """Two axes of its own, and no definition."""
        axes = self.program.axes_of(ref)
        neurons = [size for size in axes if size != Size(SAMPLES)]
        named = not neurons and ref.name.partition("(")[0] in WEIGHTS
        return (len(neurons) == 2 or named) and ref.name not in self.definitions

    def is_error(self, name: str) -> bool:
        definition = self.definitions.get(name)
        return definition is not None and any(
            isinstance(n, Partial) for n in subterms(definition.value)
        )

    def is_penalty(self, term: Basic) -> bool:
        return any(
            isinstance(n, Ref) and n.name.startswith(("lambda", "lam")) for n in subterms(term)
        )

    def shifted(self, ref: Ref, step: int) -> Ref | None:
        """The same quantity one layer up or down."""
        if ref.layer is not None:
            return Ref(ref.args[0], ref.layer + step, *ref.indices)
        match = _NUMBERED.match(ref.name)
        if match is None:
            return None
        name = f"{match[1]}({int(match[2]) + step})"
        declared = any(d.name == name for d in self.program.declarations)
        return self.renamed(ref, name) if declared else None

    def all_shifted(self, term: Basic, step: int) -> Basic | None:
        """Everything in a term one layer up or down."""
        if isinstance(term, Ref):
            return self.shifted(term, step)
        if isinstance(term, Act):
            arg = self.all_shifted(term.arg, step)
            layer = (
                term.layer + step
                if isinstance(term.arg, Ref) and term.arg.layer is not None
                else term.layer
            )
            return None if arg is None else Act(layer, arg, term.order)
        if not term.args:
            return term
        parts = [self.all_shifted(arg, step) for arg in term.args]
        return None if None in parts else term.func(*parts)

    def sized(self, term: Basic) -> Basic:
        """Every sum over the range that its letter has in the body."""
        if not term.args or isinstance(term, Ref):
            return term
        if isinstance(term, Sum):
            body = self.sized(term.body)
            size = self.range_in(body, term.index)
            return Sum(body, term.index, size or term.size)
        return term.func(*(self.sized(arg) for arg in term.args))

    def range_in(self, body: Basic, letter: Symbol) -> Size | None:
        for node in subterms(body):
            if isinstance(node, Ref) and letter in node.indices:
                axes = self.program.axes_of(node)
                place = node.indices.index(letter)
                return axes[place] if place < len(axes) else None
        return None

    def letters(self, *sides: Basic) -> list[Symbol]:
        """The index letters of some terms, free and bound."""
        found: dict[Symbol, None] = {}
        for side in sides:
            for node in subterms(side):
                if isinstance(node, Ref | Kron):
                    where = node.indices if isinstance(node, Ref) else node.args
                    found.update(dict.fromkeys(i for i in where if isinstance(i, Symbol)))
        return list(found)

    def slopes(self, *sides: Basic) -> Iterator[Act | Fn]:
        """σ'(z) for every z, a and δ that a statement mentions, entry by entry or whole."""
        seen = set()
        for side in sides:
            for node in subterms(side):
                if not isinstance(node, Ref):
                    continue
                z = self._weighted(node)
                if z is None or z in seen:
                    continue
                seen.add(z)
                definition = self.definitions.get(self.output_of.get(z.name, ""))
                calls = [] if definition is None else [
                    n for n in subterms(definition.value) if isinstance(n, Act)
                ]  # fmt: skip
                if definition is not None and any(
                    isinstance(n, Fn) and n.name == "max0" for n in subterms(definition.value)
                ):
                    yield Fn("step", z)
                    continue
                yield Act(z.layer if z.layer is not None else calls[0].layer if calls else L, z, 1)

    def _weighted(self, ref: Ref) -> Ref | None:
        if ref.name in self.output_of:
            return ref
        if ref.name in self.input_of:
            return self.renamed(ref, self.input_of[ref.name])
        definition = self.definitions.get(ref.name)
        if definition is None:
            return self._of_bias(ref)
        if not isinstance(definition.value, Partial):
            return None
        by = definition.value.by
        return self.renamed(ref, by.name) if by.name in self.output_of else None

    def _of_bias(self, ref: Ref) -> Ref | None:
        """The z^l_j to which b^l_j is added."""
        for z in self.output_of:
            definition = self.definitions.get(z)
            if definition is not None and any(
                isinstance(n, Ref) and n.name == ref.name
                and (n.layer, n.indices) == (definition.target.layer, definition.target.indices)
                for n in subterms(definition.value)
            ):  # fmt: skip
                return self.renamed(ref, z)
        return None

    def unused(self, *sides: Basic) -> Iterator[Symbol]:
        taken = {s for side in sides for s in free_letters(side)} | set(self.letters(*sides))
        yield from (s for s in map(Symbol, "kipqrtu") if s not in taken)
