"""The smallest change that makes the gradients right: one edit of the guilty line, and tried."""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from symbackprop.diagnose.adapt import Candidate, Runner, observe
from symbackprop.diagnose.fingerprint import Observation
from symbackprop.diagnose.mistakes import TABLE
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Point, Setting, truth
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.scales import gap, scale_of

MOST_EDITS = 400
CLOSE = 1e-6
ATOMS = (ast.Name, ast.Subscript, ast.Attribute)
COMPOUND = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp)


class Loader(Runner, Protocol):
    """A runner that can be given another source."""

    def load(self, source: str, file: str) -> object: ...


@dataclass(frozen=True)
class Edit:
    """Characters ``start`` to ``end`` of the source replaced by ``text``."""

    start: int
    end: int
    text: str

    def made(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


def repaired(
    found: Diagnosis, candidate: Candidate, points: list[Point], setting: Setting, loader: Loader
) -> Diagnosis:
    """The diagnosis with a unified diff, if one edit makes all gradients right at all probes."""
    person = candidate.person
    lines = list(dict.fromkeys(_lines(found)))
    for edit in _first(edits(person, lines, _rules(found)), MOST_EDITS):
        source = edit.made(person.source)
        if _mends(
            replace(candidate, person=replace(person, source=source)), points, setting, loader
        ):
            return replace(found, repair=_diff(person, source))
    return found


def _lines(found: Diagnosis) -> Iterator[int]:
    """The guilty lines."""
    for row in found.mistakes:
        if row.place:
            yield row.place.line
    if found.place:
        yield found.place.line


def _mends(candidate: Candidate, points: list[Point], setting: Setting, loader: Loader) -> bool:
    """Right at the first probe, then at all of them, up to one factor that makes sense."""
    person = candidate.person
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(person.source, person.file, "exec")
    except (SyntaxError, ValueError):
        return False
    answer = loader.load(person.source, person.file)
    if not isinstance(answer, dict) or "error" in answer:
        return False
    first, _ = observe(candidate, loader, points[:1], setting)
    if not _right(first, setting):
        return False
    every, errors = observe(candidate, loader, points, setting)
    return not errors and len(every) == len(points) and _right(every, setting)


def _right(seen: list[Observation], setting: Setting) -> bool:
    if not seen:
        return False
    expected = [{n: truth(o.point, setting)[n] for n in o.gradients} for o in seen]
    given = [o.gradients for o in seen]
    if all(gap(one, other) <= CLOSE for one, other in zip(given, expected, strict=True)):
        return True
    return scale_of(given, expected, [o.point for o in seen]) is not None


def _diff(person: Person, source: str) -> str:
    name = Path(person.file).name
    lines = difflib.unified_diff(
        person.source.splitlines(), source.splitlines(), name, name, lineterm="", n=1
    )
    return "\n".join(lines) + "\n"


# ---- edits: every row takes a node and gives texts that may stand in its place ----

Write = Callable[[ast.expr], str]
Rule = Callable[[ast.expr, Write, "Scope"], Iterator[str]]


@dataclass(frozen=True)
class Scope:
    """The names that a function knows, and the slopes that the file speaks of."""

    names: tuple[str, ...]
    atoms: tuple[str, ...]
    helpers: tuple[str, ...]


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


def _averaged(node: ast.expr, write: Write, scope: Scope) -> Iterator[str]:
    """a → a / m, a * m; sum() → sum(axis=0) and the like."""
    if isinstance(node, (ast.BinOp, ast.Call)):
        counts = [name for name in scope.names if name in ("m", "n", "N", "batch_size")]
        for count in [*counts, *(f"len({x})" for x in ("X", "x") if x in scope.names), "2"]:
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
    if not isinstance(node, (ast.BinOp, ast.Call, ast.Name)):
        return
    for atom in scope.atoms:
        yield from (f"{write(node)} * {slope}" for slope in _slopes(atom))
        yield from (f"{write(node)} * {helper}({atom})" for helper in scope.helpers)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


PLAIN: tuple[Rule, ...] = (_other_sign, _without_factor, _transposed)
SLOPES: tuple[Rule, ...] = (_chained_slope, _other_slope, _with_slope)
PLACES: tuple[Rule, ...] = (_other_name, _other_place, _averaged)
# the stage that the mistake spoils → what is tried first
ORDER: dict[str, tuple[Rule, ...]] = {
    "error": (*PLAIN, *SLOPES, *PLACES),
    "slope": (*PLAIN, *SLOPES, *PLACES),
    "delta": (*PLAIN, *SLOPES, *PLACES),
    "back": (*PLAIN, *PLACES, *SLOPES),
    "below": (*PLACES, *PLAIN, *SLOPES),
    "weights": (_averaged, *PLAIN, _other_name, _other_place, *SLOPES),
    "biases": (_averaged, *PLAIN, _other_name, _other_place, *SLOPES),
}


def _rules(found: Diagnosis) -> tuple[Rule, ...]:
    told = {row.id for row in found.mistakes}
    stages = [stage for row in TABLE if row.id in told for stage in row.spoils]
    return next((ORDER[stage] for stage in stages if stage in ORDER), ORDER["slope"])


def edits(person: Person, lines: list[int], rules: tuple[Rule, ...]) -> Iterator[Edit]:
    """All single edits of these lines, in the order of the rules."""
    source = person.source
    starts = _starts(source)
    scope = _scope(person)

    def write(node: ast.expr) -> str:
        text = ast.get_source_segment(source, node) or ast.unparse(node)
        return f"({text})" if isinstance(node, COMPOUND) else text

    nodes = [
        node
        for line in lines
        for node in ast.walk(person.tree)
        if isinstance(node, ast.expr)
        and node.lineno == line
        and not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))
    ]
    known: set[tuple[int, int, str]] = set()
    for rule in rules:
        for node in nodes:
            start, end = _span(node, starts, source)
            for text in rule(node, write, scope):
                key = (start, end, text)
                if key not in known:
                    known.add(key)
                    yield Edit(start, end, text)


def _scope(person: Person) -> Scope:
    """Names, and what may stand for arrays: a, A[i], cache["Z1"], self.W1."""
    names = [p.name for p in person.parameters]
    atoms = list(names)
    for node in ast.walk(person.function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        if isinstance(node, ATOMS) and not isinstance(getattr(node, "value", None), ast.Call):
            text = ast.get_source_segment(person.source, node) or ""
            if not text.endswith((".T", ".shape")) and not text.startswith("np."):
                atoms.append(text)
    helpers = [
        node.name
        for node in person.tree.body
        if isinstance(node, ast.FunctionDef)
        and any(word in node.name.lower() for word in ("prime", "deriv", "slope", "grad", "delta"))
        and node.name != person.name
    ]
    return Scope(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(atoms)), tuple(helpers))


def _starts(source: str) -> list[int]:
    """Where each line begins, in bytes."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _span(node: ast.expr, starts: list[int], source: str) -> tuple[int, int]:
    data = source.encode()
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
    return len(data[:start].decode()), len(data[:end].decode())


def _first(items: Iterator[Edit], most: int) -> Iterator[Edit]:
    for _, item in zip(range(most), items, strict=False):
        yield item
