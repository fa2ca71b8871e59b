"""Writing a listing as formulas: ``a * (1 - a)`` of two values becomes instructions.

The same operation on the same arguments is written once, so a formula may mention what another one
computed already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from symbackprop.numeric.listing import Instruction, Listing, needed

Number = int | Fraction


@dataclass(frozen=True)
class Value:
    """One value of a listing that is being written; arithmetic on it writes instructions."""

    writer: Writer = field(compare=False, repr=False)
    place: int

    def __add__(self, other: Value | Number) -> Value:
        return self if other == 0 else self.writer.put("add", self, other)

    def __radd__(self, other: Number) -> Value:
        return self if other == 0 else self.writer.put("add", other, self)

    def __sub__(self, other: Value | Number) -> Value:
        return self if other == 0 else self.writer.put("subtract", self, other)

    def __rsub__(self, other: Number) -> Value:
        return -self if other == 0 else self.writer.put("subtract", other, self)

    def __mul__(self, other: Value | Number) -> Value:
        if other == -1:
            return -self
        return self if other == 1 else self.writer.put("multiply", self, other)

    def __rmul__(self, other: Number) -> Value:
        if other == -1:
            return -self
        return self if other == 1 else self.writer.put("multiply", other, self)

    def __truediv__(self, other: Value | Number) -> Value:
        return self if other == 1 else self.writer.put("divide", self, other)

    def __rtruediv__(self, other: Number) -> Value:
        if other == 1:
            return self.writer.put("reciprocal", self)
        return self.writer.put("divide", other, self)

    def __neg__(self) -> Value:
        return self.writer.put("negative", self)

    def called(self, name: str, says: str = "") -> Value:
        """The same value under a name in the listing; one that has a name gets another."""
        return self.writer.name(self, name, says)

    def then(self, op: str, *others: Value | Number) -> Value:
        """``op(self, *others)``."""
        return self.writer.put(op, self, *others)


def _operation(op: str) -> Callable[..., Value]:
    return partial(lambda op, first, *rest: first.then(op, *rest), op)


exp, log, tanh, erf, step = map(_operation, ("exp", "log", "tanh", "erf", "step"))
maximum, logaddexp, capped, nonzero = map(_operation, ("maximum", "logaddexp", "capped", "nonzero"))


class Writer:
    """Collects instructions; ``listing`` hands them out, the nameless results as t1, t2, …"""

    def __init__(self, inputs: Mapping[str, tuple[int | str, ...]]) -> None:
        self._inputs = dict(inputs)
        self._names: dict[int, str] = dict(enumerate(inputs))
        self._says: dict[int, str] = {}
        self._known: dict[tuple[object, ...], int] = {}
        self._written: list[tuple[int, str, tuple[Value | Number, ...]]] = []
        self._next = len(self._names)
        self._turned: dict[Value | Number, Value] = {}

    def input(self, name: str) -> Value:
        """The value of an input."""
        return Value(self, list(self._inputs).index(name))

    def put(self, op: str, *args: Value | Number) -> Value:
        """Write one instruction, unless it stands there already."""
        key = (op, *args)
        if op == "transpose" and args[0] in self._turned:
            return self._turned[args[0]]
        if key not in self._known:
            self._known[key] = self._append(op, args)
        value = Value(self, self._known[key])
        if op == "transpose":
            self._turned[value] = args[0]  # type: ignore[assignment]
        return value

    def _append(self, op: str, args: tuple[Value | Number, ...]) -> int:
        place, self._next = self._next, self._next + 1
        self._written.append((place, op, args))
        return place

    def name(self, value: Value, name: str, says: str) -> Value:
        """Name a value; an input, or a value with a name already, is passed on by ``same``."""
        if value.place in self._names:
            value = Value(self, self._append("same", (value,)))
        self._names[value.place] = name
        self._says[value.place] = says
        return value

    def listing(self, outputs: Mapping[str, Value]) -> Listing:
        """The instructions that the outputs depend on."""
        nameless = (place for place, _, _ in self._written if place not in self._names)
        names = self._names | {place: f"t{n}" for n, place in enumerate(nameless, start=1)}

        def argument(arg: Value | Number) -> str | Fraction:
            return names[arg.place] if isinstance(arg, Value) else Fraction(arg)

        instructions = [
            Instruction(op, names[place], tuple(map(argument, args)), self._says.get(place, ""))
            for place, op, args in self._written
        ]
        labels = {label: names[value.place] for label, value in outputs.items()}
        return Listing(self._inputs, needed(instructions, labels.values()), labels)
