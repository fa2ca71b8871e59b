"""The smallest change that makes the gradients right: one or two edits of guilty lines, tried."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from symbackprop.diagnose.adapt import Candidate, Runner, observe
from symbackprop.diagnose.fingerprint import Observation
from symbackprop.diagnose.mistakes import TABLE
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Point, Setting, truth
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.roles import role_of
from symbackprop.diagnose.scales import ONE, SCALES, Scale, gap, gap_of, scale_of

MOST_EDITS = 600
MOST_OF_A_RULE = 150
MOST_STARTS = 2
MOST_ALTOGETHER = 1_000
CLOSE = 1e-6
ACTIVATIONS = ("sig", "tanh", "relu", "logistic", "expit", "act", "nonlin")
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
    found: Diagnosis,
    candidate: Candidate,
    points: list[Point],
    setting: Setting,
    loader: Loader,
    again: Callable[[Person], Diagnosis],
) -> Diagnosis:
    """The diagnosis with a unified diff, if one or two edits make all gradients right everywhere.

    A second edit is looked for where one edit made more gradients right: ``again`` judges that
    code, and what is then still wrong is edited.
    """
    exact = any(row.id.startswith("factor") for row in found.mistakes)
    work = _Work(candidate, points, setting, loader, _scale(found), exact)
    source = work.mended(candidate.person, found)
    if source is None:
        source = _second(found, candidate.person, work, again)
    return found if source is None else replace(found, repair=_diff(candidate.person, source))


def _second(
    found: Diagnosis, person: Person, work: _Work, again: Callable[[Person], Diagnosis]
) -> str | None:
    """The source after an edit that helps and an edit that mends the rest."""
    for source in work.better[:MOST_STARTS]:
        started = replace(person, source=source)
        loaded = work.loader.load(source, person.file)
        if not isinstance(loaded, dict) or "error" in loaded:
            continue
        rest = again(started)
        if rest.verdict == "wrong":
            mended = work.mended(started, rest)
            if mended is not None:
                return mended
    return None


def _scale(found: Diagnosis) -> Scale:
    return next((scale for scale in SCALES if str(scale) == found.factor), ONE)


@dataclass
class _Work:
    """Trying edits; ``better`` are sources with more right gradients than the wrong code has."""

    candidate: Candidate
    points: list[Point]
    setting: Setting
    loader: Loader
    scale: Scale
    exact: bool  # a factor was the mistake: none is left
    better: list[str] = field(default_factory=list)
    left: int = MOST_ALTOGETHER

    def mended(self, person: Person, found: Diagnosis) -> str | None:
        """The source after the first single edit of the guilty lines that mends everything."""
        lines = list(dict.fromkeys(_lines(found)))
        before = sum(row.verdict == "correct" for row in found.parameters)
        helped: list[tuple[int, str]] = []
        for edit in islice(edits(person, lines, _rules(found)), min(MOST_EDITS, self.left)):
            self.left -= 1
            source = edit.made(person.source)
            right = self.right_after(replace(person, source=source))
            if right is None:
                return source
            if right > before:
                helped.append((-right, source))
        self.better = [source for _, source in sorted(helped, key=lambda pair: pair[0])]
        return None

    def right_after(self, person: Person) -> int | None:
        """None if all gradients are right at all probes; else how many are at the first."""
        candidate = replace(self.candidate, person=person)
        answer = self.loader.load(person.source, person.file)
        if not isinstance(answer, dict) or "error" in answer:
            return 0
        quick = self.points[0]
        if candidate.convention.one_by_one:
            quick = quick.sample(0)
        first, _ = observe(candidate, self.loader, [quick], self.setting)
        if not self._right(first):
            return self._count(first)
        every, errors = observe(candidate, self.loader, self.points, self.setting)
        if errors or len(every) < len(self.points) or not self._right(every):
            return 0
        return None

    def _right(self, seen: list[Observation]) -> bool:
        if not seen:
            return False
        expected = [{n: truth(o.point, self.setting)[n] for n in o.gradients} for o in seen]
        given = [o.gradients for o in seen]
        if all(gap(one, other) <= CLOSE for one, other in zip(given, expected, strict=True)):
            return True
        updates = self.candidate.reading.updates
        own_rate = updates and not self.candidate.plan.has("eta")
        points = [o.point for o in seen]
        scale = scale_of(given, expected, points, any_constant=own_rate)
        if scale is None or self.exact:
            return False
        return not updates or scale.value(points[0]) > 0

    def _count(self, seen: list[Observation]) -> int:
        if not seen:
            return 0
        expected = truth(seen[0].point, self.setting)
        factor = self.scale.value(seen[0].point)
        return sum(
            gap_of(value, factor * expected[name]) <= CLOSE
            for name, value in seen[0].gradients.items()
        )


def _lines(found: Diagnosis) -> Iterator[int]:
    """The guilty lines."""
    for row in found.mistakes:
        if row.place:
            yield row.place.line
    if found.place:
        yield found.place.line


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
    """The whole value → the sum of an error over the samples."""
    if isinstance(node, (ast.Call, ast.BinOp)):
        for atom in scope.arrays:
            for given in ("axis=0", "axis=1, keepdims=True", "axis=1", "axis=0, keepdims=True"):
                yield f"{atom}.sum({given})"


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
    known: set[Edit] = set()
    for rule in rules:
        made = in_turn([_edits(rule, node, write, scope, starts, source) for node in nodes])
        fresh = (edit for edit in made if edit not in known)
        for edit in islice(fresh, MOST_OF_A_RULE):
            known.add(edit)
            yield edit


def _edits(
    rule: Rule, node: ast.expr, write: Write, scope: Scope, starts: list[int], source: str
) -> Iterator[Edit]:
    start, end = _span(node, starts, source)
    for text in rule(node, write, scope):
        yield Edit(start, end, text)


def in_turn(groups: Sequence[Iterator[Edit]]) -> Iterator[Edit]:
    """One of each group, then the next of each, so that no group keeps the others waiting."""
    left = list(groups)
    while left:
        for group in list(left):
            found = next(group, None)
            if found is None:
                left.remove(group)
            else:
                yield found


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
    called = [
        ast.unparse(node.func)
        for node in ast.walk(person.tree)
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords
    ]
    usual = [name for name in called if any(word in name.lower() for word in ACTIVATIONS)]
    return Scope(
        tuple(dict.fromkeys(names)), tuple(dict.fromkeys(atoms)), tuple(helpers),
        tuple(dict.fromkeys(usual)),
    )  # fmt: skip


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
