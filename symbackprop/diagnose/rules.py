"""What may stand in the place of an expression: every rule takes a node and gives texts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symbackprop.diagnose.mistakes import TABLE
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.roles import role_of
from symbackprop.diagnose.where import BY_ARGUMENT

ACTIVATIONS = ("sig", "tanh", "relu", "logistic", "expit", "act", "nonlin")
ATOMS = (ast.Name, ast.Subscript, ast.Attribute)
Write = Callable[[ast.expr], str]
Rule = Callable[[ast.expr, Write, "Scope"], Iterator[str]]


@dataclass(frozen=True)
class Scope:
    """The names that a function knows, and the slopes that the file speaks of."""

    names: tuple[str, ...]
    atoms: tuple[str, ...]
    helpers: tuple[str, ...]
    functions: tuple[str, ...] = ()

    @property
    def counts(self) -> list[str]:
        """What may be the number of samples."""
        named = [name for name in self.names if name in ("m", "n", "N", "batch_size")]
        return [*named, *(f"len({x})" for x in ("X", "x") if x in self.names)]

    @property
    def rates(self) -> list[str]:
        """What may be the λ of the penalty."""
        return [n for n in self.atoms if (slot := role_of(n.strip("_"))) and slot.role == "lam"]

    @property
    def arrays(self) -> list[str]:
        """What is no number by its role."""
        numbers = {"lam", "eta", "samples", "iterations", "sizes", "params", "cache"}
        roles = {name: role_of(name.strip("_")) for name in self.atoms}
        return [n for n, slot in roles.items() if slot is None or slot.role not in numbers]


def _without_factor(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a * b * c without one or two of them; a + b → a, b; a ** 2 → a; -a → a; f(a) → a."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield write(node.left)
        yield write(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield write(node.left)
    if isinstance(node, ast.UnaryOp):
        yield write(node.operand)
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        yield write(node.args[0])
    factors = _factors(node)
    for count in (1, 2):
        for start in range(len(factors) - count + 1):
            rest = [*factors[:start], *factors[start + count :]]
            if rest:
                first, *others = rest
                head = "" if first[0] == "*" else "1 / "
                tail = "".join(f" {sign} {write(part)}" for sign, part in others)
                yield f"({head}{write(first[1])}{tail})" if tail or head else write(first[1])


def _factors(node: ast.expr) -> list[tuple[str, ast.expr]]:
    """``a * b / c`` as ``[("*", a), ("*", b), ("/", c)]``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        sign = "*" if isinstance(node.op, ast.Mult) else "/"
        return [*_factors(node.left), (sign, node.right)]
    return [("*", node)]


def _other_sign(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a - b → (b - a), a + b; a + b → a - b; a → -a."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield f"({write(node.right)} - {write(node.left)})"
        yield f"{write(node.left)} + {write(node.right)}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield f"{write(node.left)} - {write(node.right)}"
    if isinstance(node, (ast.BinOp, ast.Call)):
        yield f"(-{write(node)})"


def _transposed(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a.T ↔ a; a @ b → b.T @ a.T."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield write(node.value)
    elif isinstance(node, (ast.Name, ast.Subscript, ast.Attribute)):
        yield f"{write(node)}.T"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield f"{write(node)}.T"
    if isinstance(node, ast.Call) and len(node.args) == 2:
        yield f"{write(node)}.T"


def _other_slope(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a (1 - a), 1 - a², [a > 0] or a² in the place of an expression that holds a."""
    atoms = {write(n) for n in ast.walk(node) if isinstance(n, ATOMS)}
    for atom in sorted(atoms & {*scope.atoms, write(node)}):
        yield from _slopes(atom)
        yield f"{atom} ** 2"


def _slopes(atom: str) -> Iterator[str]:
    yield from (f"({atom} * (1 - {atom}))", f"(1 - {atom} ** 2)", f"({atom} > 0)")


def _chained_slope(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a * b * (1 - b) → a * (1 - b²): the last one or two factors become a slope."""
    factors = _factors(node)
    for count in (1, 2):
        if len(factors) <= count:
            continue
        kept = factors[:-count]
        head = write(kept[0][1]) + "".join(f" {sign} {write(part)}" for sign, part in kept[1:])
        inside = {
            write(n) for _, f in factors[-count:] for n in ast.walk(f) if isinstance(n, ATOMS)
        }
        for atom in [a for a in scope.atoms if a in inside]:
            yield from (f"({head} * {slope})" for slope in _slopes(atom))


def _other_name(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """Another array of the function in its place."""
    if isinstance(node, ATOMS):
        yield from (atom for atom in scope.atoms if atom != write(node))


def _other_place(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a[i + 1] ↔ a[i] ↔ a[i - 1]."""
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Slice, ast.Tuple)):
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return
        base, key = write(node.value), write(node.slice)
        yield from (f"{base}[{key} {step}]" for step in ("- 1", "+ 1"))
        yield from (a for a in scope.atoms if a.startswith(f"{base}[") and a != write(node))


def _averaged(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a → a / m, a * m; sum() → sum(axis=0) and the like."""
    if isinstance(node, (ast.BinOp, ast.Call)):
        for count in [*scope.counts, "2"]:
            yield f"{write(node)} / {count}"
            yield f"{write(node)} * {count}"
    if isinstance(node, ast.Call) and _called(node) in ("sum", "mean"):
        inner = ", ".join(write(argument) for argument in node.args)
        other = "mean" if _called(node) == "sum" else "sum"
        head = write(node.func)
        for name in (_called(node), other):
            called = head[: -len(_called(node))] + name
            for axis in (0, 1):
                for keep in ("", ", keepdims=True"):
                    yield f"{called}({inner}{', ' if inner else ''}axis={axis}{keep})"


def _with_slope(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """The whole expression times a slope that is missing."""
    if not isinstance(node, (ast.BinOp, ast.Call)):
        return
    for atom in scope.arrays:
        yield from (f"{write(node)} * {slope}" for slope in _slopes(atom))
        yield from (f"{write(node)} * {helper}({atom})" for helper in scope.helpers)


def _activated(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """z → σ(z), with the functions that the file calls on one thing."""
    if isinstance(node, (ast.Name, ast.Subscript)):
        yield from (f"{name}({write(node)})" for name in scope.functions)


def _slope_of_another(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a * z * (1 - z) → a * (h * (1 - h)): the last factors become the slope of any array."""
    factors = _factors(node)
    for count in (2, 1):
        if len(factors) > count:
            kept = factors[:-count]
            head = write(kept[0][1]) + "".join(f" {sign} {write(part)}" for sign, part in kept[1:])
            for atom in scope.arrays:
                yield from (f"{head} * {slope}" for slope in _slopes(atom))


def _summed(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a → its sum over the samples, or that of another array."""
    sums = ("axis=0", "axis=1, keepdims=True", "axis=1", "axis=0, keepdims=True")
    if isinstance(node, (*ATOMS, ast.BinOp)):
        yield from (f"{write(node)}.sum({given})" for given in sums)
    if isinstance(node, (ast.Call, ast.BinOp)):
        yield from (f"{atom}.sum({given})" for atom in scope.arrays for given in sums)


def _penalised(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a → a + λ W, with the factors that occur."""
    if isinstance(node, (ast.Call, ast.BinOp)):
        for rate in scope.rates:
            for atom in scope.arrays:
                yield f"{write(node)} + {rate} * {atom}"
                yield f"{write(node)} + 2 * {rate} * {atom}"
                yield from (f"{write(node)} + {rate} / {m} * {atom}" for m in scope.counts)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


PLAIN: tuple[Rule, ...] = (_other_sign, _without_factor, _transposed, _activated)
SLOPES: tuple[Rule, ...] = (_chained_slope, _other_slope, _with_slope)
PLACES: tuple[Rule, ...] = (_other_place, _other_name, _averaged)
LATE: tuple[Rule, ...] = (_slope_of_another,)
# the stage that the mistake spoils → what is tried first
ORDER: dict[str, tuple[Rule, ...]] = {
    "error": (*PLAIN, *SLOPES, *LATE, *PLACES),
    "slope": (*PLAIN, *SLOPES, *LATE, *PLACES),
    "delta": (*PLAIN, *SLOPES, *LATE, *PLACES),
    "back": (*PLAIN, *PLACES, *SLOPES),
    "below": (*PLACES, *PLAIN, *SLOPES),
    "weights": (_averaged, *PLAIN, _other_name, _other_place, *SLOPES),
    "biases": (_averaged, *PLAIN, _summed, _other_name, _other_place, *SLOPES),
    "decay": (*PLAIN, _averaged, _penalised, _other_name),
    "bias_decay": (*PLAIN, _averaged, _other_name),
}


def rules_for(found: Diagnosis) -> tuple[Rule, ...]:
    told = {row.id for row in found.mistakes}
    stages = [stage for row in TABLE if row.id in told for stage in row.spoils]
    if told & BY_ARGUMENT:  # a helper is given the wrong thing
        return (_other_name, _other_place, *ORDER["slope"])
    return next((ORDER[stage] for stage in stages if stage in ORDER), ORDER["slope"])
