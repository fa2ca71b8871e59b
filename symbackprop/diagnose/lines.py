"""Where a gradient is put down in a person's source, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from symbackprop.diagnose.assigning import Path
from symbackprop.diagnose.fingerprint import Found
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.report import Place
from symbackprop.diagnose.roles import Slot, counted, looks_like_gradient, parameter_named

KINDS = {
    "weights": "weight", "decay": "weight", "below": "weight", "samples": "weight",
    "biases": "bias", "bias_decay": "bias",
}  # fmt: skip
ADDING = {"append", "insert", "appendleft"}


def put_down(
    person: Person,
    found: Found,
    *,
    update: bool = False,
    paths: Mapping[str, Path] | None = None,
) -> Place | None:
    """The last expression that goes into the gradient that the mistake spoils.

    ``update``: rather into the parameter itself; else only where no gradient has a name.
    ``paths``: where the gradients stand in what is returned, if none has a name.
    """
    kinds = {KINDS[stage] for stage in found.mistake.spoils if stage in KINDS}
    if not kinds:
        return None
    stored = list(_stored(person))
    some = [row for row in stored if looks_like_gradient(row[0].name) != update]
    named = _numbered(some or stored)
    for slot, value in reversed(named):
        if not slot.role.startswith(tuple(kinds)):
            continue
        if slot.role in ("weight", "bias") and slot.number not in found.layers:
            continue
        if _empty(value):
            continue
        return _place(value, person.source)
    for l in sorted(found.layers, reverse=True):
        for kind in sorted(kinds):
            returned = _returned(
                person, (paths or {}).get(f"{'W' if kind == 'weight' else 'b'}{l}")
            )
            if returned is not None:
                return _place(returned, person.source)
    return None


def _returned(person: Person, path: Path | None) -> ast.expr | None:
    """The expression at this path of what the last line returns; the last that made its name."""
    returns = [n for n in ast.walk(person.function) if isinstance(n, ast.Return) and n.value]
    if not returns or not path:
        return None
    node = max(returns, key=lambda n: n.lineno).value
    for part in path:
        if isinstance(node, (ast.Tuple, ast.List)) and isinstance(part, int):
            node = node.elts[part] if part < len(node.elts) else None
        elif isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            node = node.values[keys.index(part)] if part in keys else None
        else:
            return None
    return _only_for(person, node) if isinstance(node, ast.Name) else node


def _only_for(person: Person, name: ast.Name) -> ast.expr:
    """What a name was given that stands nowhere else; a name that has other uses itself."""
    uses = [n for n in ast.walk(person.function) if isinstance(n, ast.Name) and n.id == name.id]
    made = [
        n.value
        for n in ast.walk(person.function)
        if isinstance(n, ast.Assign) and any(target in uses for target in n.targets)
    ]
    return made[0] if len(uses) == 2 and len(made) == 1 else name


def _stored(person: Person) -> Iterator[tuple[Slot, ast.expr]]:
    """``dW1 = …``, ``grads["db2"] = …``, ``self.dW1 = …``, ``dbs.append(…)``, in order of lines."""
    found = []
    for node in ast.walk(person.function):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AugAssign):
            targets, value = [node.target], node.value
        elif _adds(node):
            assert isinstance(node, ast.Call)
            assert isinstance(node.func, ast.Attribute)
            targets, value = [node.func.value], node.args[-1]
        else:
            continue
        for target in targets:
            name = _name(target)
            slot = parameter_named(name)
            if slot is not None:
                found.append((replace(slot, name=name), value))
    yield from sorted(found, key=lambda pair: (pair[1].lineno, pair[1].col_offset))


def _adds(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ADDING
        and bool(node.args)
    )


def _name(target: ast.expr) -> str:
    """The telling part: a text key, an attribute, a name."""
    if isinstance(target, ast.Subscript):
        key = target.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return key.value
        return _name(target.value)
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def _numbered(stored: list[tuple[Slot, ast.expr]]) -> list[tuple[Slot, ast.expr]]:
    slots = counted([slot for slot, _ in stored])
    return [(slot, value) for slot, (_, value) in zip(slots, stored, strict=True)]


def _empty(value: ast.expr) -> bool:
    """``[]``, ``{}`` and lists of zeros to be filled later."""
    if isinstance(value, (ast.List, ast.Dict)) and not any(ast.iter_child_nodes(value)):
        return True
    return isinstance(value, ast.ListComp) and "zeros" in ast.unparse(value)


def _place(value: ast.expr, source: str) -> Place:
    code = source.splitlines()[value.lineno - 1]
    end = value.end_col_offset if value.end_lineno == value.lineno else None
    if not code.isascii():
        return Place(value.lineno, None, None, code)
    return Place(value.lineno, value.col_offset, end, code)
