"""Listing ──▶ Program: compiled code is read back as definitions and judged again.

Each instruction ``out := op(args)`` becomes a definition of one array by index terms, so that the
judge can compare the outputs dW and db with forward mode, like any other claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.judge.verify import Verification, verify_statements
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Declaration, Definition
from symbackprop.language.terms import (
    SAMPLES,
    Fn,
    Opaque,
    Partial,
    Power,
    Quotient,
    Ref,
    Size,
    Sum,
    Vec,
    negative,
    plus,
    times,
)
from symbackprop.networks import forward as f
from symbackprop.networks.network import Network
from symbackprop.numeric.emit import gradient_listing
from symbackprop.numeric.layout import executed_as
from symbackprop.numeric.listing import Instruction, Listing, Shape

ROW, COLUMN, INNER = (Symbol(name) for name in ("r_", "c_", "k_"))
LETTERS = (ROW, COLUMN)
Entry = Callable[..., Basic]


WIDE = 8  # wider layers are proved at a smaller width: the instructions do not depend on it
NARROW = (2, 3, 4, 5)


def prove_executed(network: Network, *, seed: int | None = None) -> Verification:
    """Prove the code that is executed for a batch of the network and for one sample of it."""
    found = []
    for batch in dict.fromkeys((network.batch, None)):
        layout = executed_as(network, batch)  # of the network itself, also for its narrow twin
        emit = partial(gradient_listing, batch=layout)
        found.append(prove_code(replace(network, batch=batch), emit, seed=seed))
    return min(found, key=lambda verification: verification.complete)


def prove_code(
    network: Network, emit: Callable[[Network], Listing], *, seed: int | None = None
) -> Verification:
    """Prove the listing of a network; a wide one by a narrow twin with the same instructions."""
    listing = emit(network)
    twin = replace(network, layers=_narrow(network))
    copy = emit(twin)
    if _without_numbers(copy) != _without_numbers(listing):
        return prove_listing(listing, network, seed=seed)
    found = prove_listing(copy, twin, seed=seed)
    total = network.parameters
    return replace(found, proved=total if found.complete else 0, total=total)


def _narrow(network: Network) -> tuple[int, ...]:
    """The widths, the wide ones replaced by numbers that differ from their neighbours'."""
    assert network.layers is not None
    return tuple(
        n if n <= WIDE else NARROW[layer % len(NARROW)] for layer, n in enumerate(network.layers)
    )


def _without_numbers(listing: Listing) -> list[tuple[object, ...]]:
    """The instructions without the numbers in them (1/n_L changes with the width)."""
    return [
        (i.op, i.out, *(arg if isinstance(arg, str) else None for arg in i.args))
        for i in listing.instructions
    ]


def prove_listing(listing: Listing, network: Network, *, seed: int | None = None) -> Verification:
    """Compare what a listing computes with ``∂C/∂w`` and ``∂C/∂b`` by forward mode, every entry."""
    program = f.forward(network)
    reader = _Reader(listing, network)
    for instruction in listing.instructions:
        reader.read(instruction)
    top = f.J if network.l2 else f.C
    claims = []
    for label, name in listing.outputs.items():
        kind, layer = label.rstrip("0123456789"), Integer(int(label.lstrip("dWb")))
        parameter = f.w(layer, *LETTERS) if kind == "dW" else f.b(layer, ROW)
        computed = reader.entry(name, LETTERS if kind == "dW" else (ROW,))
        claims.append(Statement((Partial(top, parameter), computed)))
    declared = tuple(reader.declarations)
    whole = program.with_definitions(*reader.definitions, declare=declared)
    return verify_statements(claims, whole, seed=seed, formal=False)


@dataclass
class _Reader:
    """Definitions so far; ``shapes`` tells which axes each name has."""

    listing: Listing
    network: Network
    declarations: list[Declaration] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    largest: set[str] = field(default_factory=set)
    shifted: dict[str, Callable[[tuple[Basic, ...]], Basic]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        layers = self.network.layers
        assert layers is not None
        self.samples = next(n for n in range(2, 10_000) if n not in layers)
        self.shapes = self.listing.shapes(self.samples)
        self.sizes: Mapping[int, Size] = {
            **{n: Size(layer) for layer, n in reversed(list(enumerate(layers)))},
            self.samples: Size(SAMPLES),
        }

    def read(self, i: Instruction) -> None:
        """``out := op(args)`` as a definition with one letter for each axis longer than 1."""
        shape = self.shapes[i.out]
        letters = LETTERS[: len(shape)]
        kept = tuple(letter for letter, n in zip(letters, shape, strict=True) if n != 1)
        value = MEANING[i.op](self, i, letters)
        axes = tuple(self.sizes[n] for n in shape if n != 1)
        self.declarations.append(Declaration(_name(i.out), axes, meaning="compiled"))
        self.definitions.append(Definition(Ref(_name(i.out), *_no_layer(), *kept), value))
        if i.op in ("max_down", "max_across"):
            self.largest.add(i.out)
        if i.op == "subtract" and i.args[1] in self.largest:
            self.shifted[i.out] = lambda at: MEANING[i.op](self, i, at)

    def entry(self, name: str, at: tuple[Basic, ...]) -> Basic:
        """The entry of a name at indices; an axis of length 1 takes none."""
        shape = self.shapes[name]
        own = at[len(at) - len(shape) :] if shape else ()
        kept = tuple(index for index, n in zip(own, shape, strict=True) if n != 1)
        if name in self.listing.inputs:
            return self._input(name, kept)
        return Ref(_name(name), *_no_layer(), *kept)

    def _input(self, name: str, kept: tuple[Basic, ...]) -> Basic:
        if name == "lam":
            return f.LAMBDA
        if self.shapes[name].count(1):
            kept = tuple(self._whole(name, kept))
        if name.lower() == "x":
            return f.a(Integer(0), *kept)
        if name.lower() == "y":
            return f.y(*kept)
        layer = Integer(int(name[1:]))
        return f.w(layer, *kept) if name[0] == "W" else f.b(layer, *kept)

    def _whole(self, name: str, kept: tuple[Basic, ...]) -> list[Basic]:
        """An input keeps its axes of length 1: their only index is 1."""
        given = iter(kept)
        return [Integer(1) if n == 1 else next(given) for n in self.shapes[name]]

    def arg(self, i: Instruction, number: int, at: tuple[Basic, ...]) -> Basic:
        """An argument at indices: a number, or an entry."""
        arg = i.args[number]
        if isinstance(arg, Fraction):
            return Rational(arg.numerator, arg.denominator)
        return self.entry(arg, at)

    def expanded(self, i: Instruction, at: tuple[Basic, ...]) -> Basic:
        """The argument of exp; written as a difference if that is what it is: exp(z) exp(-t)."""
        arg = i.args[0]
        if isinstance(arg, str) and arg in self.shifted:
            return self.shifted[arg](at)
        return self.arg(i, 0, at)

    def size(self, name: str, axis: int) -> Size:
        return self.sizes[self.shapes[name][axis]]


def _name(name: str) -> str:
    return f"code {name}"  # a name of ours that no quantity of a network has


def _no_layer() -> tuple[Basic, ...]:
    return (Ref("").args[1],)


def _each(of: Callable[..., Basic]) -> Entry:
    """An operation entry by entry."""

    def meaning(r: _Reader, i: Instruction, at: tuple[Basic, ...]) -> Basic:
        return of(*(r.arg(i, n, at) for n in range(len(i.args))))

    return meaning


def _dot(r: _Reader, i: Instruction, at: tuple[Basic, ...]) -> Basic:
    """``Σ_k p_{…k} q_{k…}``."""
    p, q = i.names
    rows = len(r.shapes[p]) - 1
    n = r.shapes[p][-1]
    index: Basic = Integer(1) if n == 1 else INNER
    left, right = r.entry(p, (*at[:rows], index)), r.entry(q, (index, *at[rows:]))
    body = times(left, right)
    return body if n == 1 else Sum(body, INNER, r.size(p, -1))


def _outer(r: _Reader, i: Instruction, at: tuple[Basic, ...]) -> Basic:
    p, q = i.names
    return times(r.entry(p, at[:1]), r.entry(q, at[1:]))


def _summed(axis: int, keep: bool) -> Entry:
    """The sum over one axis of a matrix, or over the only axis of a vector."""

    def meaning(r: _Reader, i: Instruction, at: tuple[Basic, ...]) -> Basic:
        inside, n = _along(r, i, at, axis, keep)
        return Sum(inside, INNER, r.sizes[n]) if n != 1 else inside

    return meaning


def _along(
    r: _Reader, i: Instruction, at: tuple[Basic, ...], axis: int, keep: bool
) -> tuple[Basic, int]:
    p = i.names[0]
    shape: Shape = r.shapes[p]
    axis = min(axis, len(shape) - 1)
    others = list(at) if keep else [*at[:axis], ROW, *at[axis:]]
    others[axis] = INNER
    return r.entry(p, tuple(others[: len(shape)])), shape[axis]


def _largest(axis: int) -> Entry:
    """A maximum over an axis: some function of the vector; which one does not matter."""

    def meaning(r: _Reader, i: Instruction, at: tuple[Basic, ...]) -> Basic:
        inside, n = _along(r, i, at, axis, True)
        return Opaque("max", (), (Vec(inside, INNER, r.sizes[n]),)) if n != 1 else inside

    return meaning


def _total(r: _Reader, i: Instruction, at: tuple[Basic, ...]) -> Basic:
    p = i.names[0]
    body: Basic = r.entry(p, LETTERS[: len(r.shapes[p])])
    for letter, n in zip(LETTERS, r.shapes[p], strict=False):
        body = Sum(body, letter, r.sizes[n]) if n != 1 else body
    return body


def _exp(r: _Reader, i: Instruction, at: tuple[Basic, ...]) -> Basic:
    return Fn("exp", r.expanded(i, at))


def _count(axis: int) -> Entry:
    return lambda r, i, at: r.size(i.names[0], axis)


def _root(r: _Reader, arg: str | Fraction) -> Basic:
    """The root of a positive constant: a number, π, or a product of such."""
    if isinstance(arg, Fraction):
        return Fn("sqrt", Rational(arg.numerator, arg.denominator))
    made = next(i for i in r.listing.instructions if i.out == arg)
    if made.op == "pi":
        return Fn("sqrt", Ref("pi"))
    if made.op != "multiply":
        raise ValueError(f"the root of {made.op}")
    return times(*(_root(r, factor) for factor in made.args))


def _tanh(p: Basic) -> Basic:
    return plus(1, negative(Quotient(Integer(2), plus(1, Fn("exp", times(2, p))))))


def _maximum(p: Basic, q: Basic) -> Basic:
    return Fn("max0", p) if q == 0 else plus(q, Fn("max0", plus(p, negative(q))))


MEANING: dict[str, Entry] = {
    "same": _each(lambda p: p),
    "copy": _each(lambda p: p),
    "nonzero": _each(lambda p: p),
    "capped": _each(lambda p: p),
    "transpose": lambda r, i, at: r.entry(i.names[0], at[::-1]),
    "column": lambda r, i, at: r.entry(i.names[0], at[:1]),
    "dot": _dot,
    "outer": _outer,
    "add": _each(plus),
    "subtract": _each(lambda p, q: plus(p, negative(q))),
    "multiply": _each(times),
    "divide": _each(Quotient),
    "negative": _each(negative),
    "reciprocal": _each(lambda p: Quotient(Integer(1), p)),
    "exp": _exp,
    "log": _each(lambda p: Fn("log", p)),
    "sqrt": lambda r, i, at: _root(r, i.args[0]),
    "tanh": _each(_tanh),
    "erf": _each(lambda p: Fn("erf", p)),
    "logaddexp": _each(lambda p, q: Fn("log", plus(Fn("exp", p), Fn("exp", q)))),
    "absolute": _each(lambda p: Fn("abs", p)),
    "maximum": _each(_maximum),
    "step": _each(lambda p: Fn("step", p)),
    "where": _each(lambda p, q, r: plus(times(p, q), times(plus(1, negative(p)), r))),
    "sum": _total,
    "sum_down": _summed(0, True),
    "sum_across": _summed(1, True),
    "add_rows": _summed(0, False),
    "add_columns": _summed(1, False),
    "max_down": _largest(0),
    "max_across": _largest(1),
    "rows": _count(0),
    "columns": _count(1),
    "pi": lambda r, i, at: Power(Fn("sqrt", Ref("pi")), Integer(2)),
}
