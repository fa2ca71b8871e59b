"""Edits of lines: the rules applied to every expression, and the changed source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from symbackprop.diagnose.person import Person
from symbackprop.diagnose.rules import ACTIVATIONS, ATOMS, Rule, Scope, Write

MOST_OF_A_RULE = 150
COMPOUND = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp)


@dataclass(frozen=True)
class Edit:
    """Characters ``start`` to ``end`` of the source replaced by ``text``."""

    start: int
    end: int
    text: str

    def made(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


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
