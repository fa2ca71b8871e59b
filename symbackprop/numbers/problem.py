"""A published worked example as data: the network, what is given, and what is printed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from symbackprop.errors import InputError, nearest

MAX_BYTES = 200_000
MAX_WIDTH = 200
MAX_UPDATES = 100_000
ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "softmax")
COSTS = ("quadratic", "sum-of-squares", "mse", "cross-entropy", "binary-cross-entropy", "output")
QUANTITIES = {
    "z": True, "a": True, "slope": True, "delta": True, "da": True, "paths": True, "dW": True,
    "db": True, "step_W": True, "step_b": True, "W": True, "b": True, "C": False, "costs": False,
    "dx": False, "dy": False,
}  # fmt: skip
"""Quantity → whether a layer number follows its name: ``z1``, ``dW2``, but ``C``."""
KEYS = {
    "layers", "activation", "cost", "biases", "keep_biases", "weights", "reduction", "minus",
    "x", "y", "W", "b", "eta", "title", "source", "note", "printed",
}  # fmt: skip
PRINTED_KEYS = {"name", "is", "of", "values", "at", "after", "minus", "formula"}
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?")

Table = tuple[tuple[Decimal, ...], ...]


@dataclass(frozen=True)
class Printed:
    """Numbers as printed: of a quantity (``z1``) after ``after`` updates, or of a formula.

    ``at`` picks entries by their indices, from 1; without it all of them, row by row.
    """

    name: str
    values: tuple[str, ...]
    quantity: str = ""
    after: int = 0
    at: tuple[tuple[int, ...], ...] = ()
    minus: bool = False
    formula: str = ""


@dataclass(frozen=True)
class Problem:
    """``x`` and ``y`` are samples × entries; W[l] is (n_l × n_{l-1}) whatever the page's order.

    ``biases`` "own" (one a neuron), "shared" (one a layer), "none"; ``keep_biases``: not updated.
    ``b[l]`` None: not stated; it is found from the first z that is printed.
    ``turned``: the page writes W (n_{l-1} × n_l).  ``minus``: it prints slopes with a minus.
    """

    path: str
    title: str
    source: str
    layers: tuple[int, ...]
    activations: tuple[str, ...]
    cost: str
    x: Table
    y: Table
    W: tuple[Table, ...]
    b: tuple[tuple[Decimal, ...] | None, ...]
    eta: Decimal
    biases: str = "own"
    keep_biases: bool = False
    turned: bool = False
    mean: bool = True
    printed: tuple[Printed, ...] = field(default=())


def read_problem(path: Path, *, bare: bool = False) -> Problem:
    """The example in a file; ``InputError`` names the key, the row, and what was expected.

    ``bare``: it need not hold printed numbers.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("too long for a worked example", file=str(path))
        said = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as fault:
        raise InputError(f"cannot be read: {fault.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=str(path)) from None
    except tomllib.TOMLDecodeError as fault:
        raise InputError(f"is not TOML: {fault}", file=str(path)) from None
    except InvalidOperation:
        raise InputError("holds a number that is not finite", file=str(path)) from None
    try:
        return problem_from(str(path), {"printed": None, **said} if bare else said)
    except InputError as fault:
        raise InputError(str(fault), file=str(path)) from None


def for_example(problem: Problem) -> Problem:
    """The same, to be told as a worked example: one sample, a target, a bias a neuron."""
    where = problem.path
    if len(problem.x) > 1:
        raise InputError(f"{len(problem.x)} samples", file=where, expected="one to work through")
    if problem.cost == "output":
        raise InputError('cost: "output" has no target', file=where, expected=", ".join(COSTS[:-1]))
    if None in problem.b:
        raise InputError("a bias is not stated", file=where, todo="write its number")
    if problem.biases == "shared" and not problem.keep_biases:
        raise InputError(
            "biases shared by a layer are no biases of neurons",
            file=where, todo='biases = "own" with one for each neuron, or keep_biases = true',
        )  # fmt: skip
    eta = problem.eta or Decimal("0.5")
    return replace(problem, biases="none" if problem.biases == "none" else "own", eta=eta)


def problem_from(path: str, said: Mapping[str, Any]) -> Problem:
    """The example that a table of keys and values describes."""
    _known(said, KEYS, "")
    layers = _layers(said.get("layers"))
    depth = len(layers) - 1
    activations = _activations(said.get("activation", "sigmoid"), depth)
    cost = _one_of("cost", said.get("cost", "quadratic"), COSTS)
    biases = _one_of("biases", said.get("biases", "own"), ("own", "shared", "none"))
    turned = _one_of("weights", said.get("weights", "to-from"), ("to-from", "from-to")) == "from-to"
    x = _samples("x", said.get("x"), layers[0])
    y = _samples("y", said.get("y", [0] * layers[-1]), layers[-1])
    if len(x) != len(y):
        raise InputError(f"{len(x)} samples in x, but {len(y)} in y")
    return Problem(
        path=path,
        title=str(said.get("title", path)),
        source=str(said.get("source", "")),
        layers=layers,
        activations=activations,
        cost=cost,
        x=x,
        y=y,
        W=_weights(said.get("W"), layers, turned),
        b=_biases(said.get("b"), layers, biases),
        eta=_number("eta", said.get("eta", 0)),
        biases=biases,
        keep_biases=bool(said.get("keep_biases", False)),
        turned=turned,
        mean=_one_of("reduction", said.get("reduction", "mean"), ("mean", "sum")) == "mean",
        printed=_all_printed(said.get("printed", ()), depth, bool(said.get("minus", False))),
    )


def _known(said: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in said:
        if key not in keys:
            raise InputError(f"{where}unknown key {key!r}", expected=nearest(key, sorted(keys)))


def _one_of(key: str, value: Any, known: Sequence[str]) -> str:
    if value not in known:
        raise InputError(f"{key}: unknown {value!r}", expected=nearest(str(value), known))
    return str(value)


def _layers(value: Any) -> tuple[int, ...]:
    widths = isinstance(value, list) and all(type(n) is int and n > 0 for n in value)
    if not widths or len(value) < 2:
        raise InputError(f"layers: {value!r}", expected="widths such as [2, 3, 2]")
    if max(value) > MAX_WIDTH:
        raise InputError(f"layers: a width of {max(value)}", expected=f"at most {MAX_WIDTH}")
    return tuple(value)


def _activations(value: Any, depth: int) -> tuple[str, ...]:
    names = [value] * depth if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) != depth:
        raise InputError(f"activation: {value!r}", expected=f"one name, or a list of {depth}")
    return tuple(_one_of("activation", name, ACTIVATIONS) for name in names)


def _number(key: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise InputError(f"{key}: {value!r} is no number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise InputError(f"{key}: {value!r} is no number", expected='such as 0.25 or "0.25"')
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > 300:
        raise InputError(f"{key}: {value!r} is out of range")
    return number


def _row(key: str, value: Any, width: int) -> tuple[Decimal, ...]:
    if not isinstance(value, list) or len(value) != width:
        count = len(value) if isinstance(value, list) else "no"
        raise InputError(f"{key}: {count} numbers, but {width} are needed")
    return tuple(_number(key, item) for item in value)


def _samples(key: str, value: Any, width: int) -> Table:
    if value is None:
        raise InputError(f"no {key}", todo=f"add {key} = [...] with {width} numbers")
    rows = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    return tuple(_row(f"{key}, row {n}", row, width) for n, row in enumerate(rows, start=1))


def _weights(value: Any, layers: tuple[int, ...], turned: bool) -> tuple[Table, ...]:
    depth = len(layers) - 1
    if not isinstance(value, list) or len(value) != depth:
        raise InputError(f"W: {depth} tables of weights are needed", todo="W = [[[…], …], …]")
    found = []
    for n, (table, before, own) in enumerate(zip(value, layers, layers[1:], strict=False), start=1):
        rows, columns = (before, own) if turned else (own, before)
        if not isinstance(table, list) or len(table) != rows:
            count = len(table) if isinstance(table, list) else "no"
            raise InputError(f"W{n}: {count} rows, but {rows} are needed ({rows} × {columns})")
        read = tuple(_row(f"W{n}, row {r}", row, columns) for r, row in enumerate(table, start=1))
        found.append(tuple(zip(*read, strict=True)) if turned else read)
    return tuple(found)


def _biases(
    value: Any, layers: tuple[int, ...], kind: str
) -> tuple[tuple[Decimal, ...] | None, ...]:
    widths = layers[1:]
    if kind == "none":
        return tuple((Decimal(0),) * width for width in widths)
    if not isinstance(value, list) or len(value) != len(widths):
        raise InputError(f"b: biases of {len(widths)} layers are needed", todo='or biases = "none"')
    found: list[tuple[Decimal, ...] | None] = []
    for n, (item, width) in enumerate(zip(value, widths, strict=True), start=1):
        if item == "?":
            found.append(None)
        elif kind == "shared":
            found.append((_number(f"b{n}", item),) * width)
        else:
            found.append(_row(f"b{n}", item, width))
    return tuple(found)


def _all_printed(value: Any, depth: int, minus: bool) -> tuple[Printed, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not value:
        raise InputError("no [[printed]] numbers", todo='[[printed]] is = "z1" values = ["0.3775"]')
    return tuple(_printed(n, item, depth, minus) for n, item in enumerate(value, start=1))


def _printed(number: int, said: Any, depth: int, minus: bool) -> Printed:
    where = f"[[printed]] {number}: "
    if not isinstance(said, Mapping):
        raise InputError(f"{where}no table")
    _known(said, PRINTED_KEYS, where)
    values = said.get("values")
    values = values if isinstance(values, list) else [values]
    if not all(isinstance(v, str) and _NUMBER.fullmatch(v.strip()) for v in values):
        raise InputError(
            f"{where}values: {values!r}", expected='strings, digit for digit as printed: "0.3775"'
        )
    after = said.get("after", 0)
    if type(after) is not int or not 0 <= after <= MAX_UPDATES:
        raise InputError(f"{where}after: {after!r}", expected=f"0 to {MAX_UPDATES} updates")
    formula, quantity = said.get("formula", ""), said.get("is", "")
    if bool(formula) == bool(quantity):
        raise InputError(f'{where}is = "z1" or formula = "0.5*0.2" is needed, and only one')
    if quantity:
        _quantity(where, quantity, depth)
    turned = bool(said.get("minus", minus and quantity.startswith(("delta", "d", "step"))))
    return Printed(
        name=str(said.get("name") or quantity or formula),
        values=tuple(v.strip() for v in values),
        quantity=quantity,
        after=after,
        at=_places(where, said.get("at", [])),
        minus=turned,
        formula=formula,
    )


def _quantity(where: str, name: Any, depth: int) -> None:
    match = re.fullmatch(r"([A-Za-z_]+?)(\d*)", str(name))
    family = match[1] if match else ""
    if family not in QUANTITIES or bool(match and match[2]) != QUANTITIES[family]:
        names = [f + "1" * layered for f, layered in QUANTITIES.items()]
        raise InputError(f"{where}unknown quantity {name!r}", expected=", ".join(names))
    layer = int(match[2]) if match and match[2] else 1
    lowest = 0 if family == "a" else 1
    if not lowest <= layer <= depth:
        raise InputError(f"{where}{name}: layers are {lowest} to {depth}")


def _places(where: str, value: Any) -> tuple[tuple[int, ...], ...]:
    places = [[p] if isinstance(p, int) else p for p in value] if isinstance(value, list) else None
    if places is None or not all(
        isinstance(p, list) and p and all(type(i) is int and i > 0 for i in p) for p in places
    ):
        raise InputError(f"{where}at: {value!r}", expected="indices from 1: [1, 2] or [[1, 2]]")
    return tuple(tuple(p) for p in places)
