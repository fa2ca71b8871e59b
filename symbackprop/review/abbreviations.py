"""Abbreviations that a document makes, put into one form before anything is read.

``Σ'(z^l) = diag(σ'(z^l))`` names an array of each layer by a letter with the letter of another
in brackets: it is written ``Σ'^l`` from here on.  ``C = C_0 + λ/2 Σ w²`` uses one letter for two
costs: ``C_0`` becomes a letter of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import pairwise

from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM, EQUAL, FUNCTIONS, KNOWN_FUNCTIONS
from symbackprop.review.in_force import LAYERS
from symbackprop.review.labels import labelled
from symbackprop.review.sample_marks import SampleBelow, moves_below
from symbackprop.review.spelling import bare, items, key_of, walk
from symbackprop.review.styles import names

SIGMAS = ("sigma", "phi", "varphi", "psi")  # never the name of a quantity
Change = Callable[[t.Node], t.Node]


def spelled_out(rows: Sequence[t.Chain | None]) -> list[t.Chain | None]:
    """Every row with the document's abbreviations in one form."""
    rows = labelled(rows)
    chains = [row for row in rows if row is not None]
    changes = [*map(_costs_apart, _double_costs(chains)), *map(_array_of, _arrays_of(chains))]
    changes += [_function_apart(_functions_of_layers(chains)), _slope_of]
    changes += [SampleBelow(chains)] if moves_below(chains) else []
    found = list(rows)
    for change in changes:
        found = [None if row is None else _everywhere(row, change) for row in found]
    return found


def _everywhere(node: t.Chain, change: Change) -> t.Chain:
    made = rewritten(node, change)
    assert isinstance(made, t.Chain)
    return made


def rewritten(node: t.Node, change: Change) -> t.Node:
    """Every node changed, innermost first; scripts are left as they are."""
    changes: dict[str, object] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, t.Node):
            changes[field.name] = rewritten(value, change)
        elif isinstance(value, tuple) and value and isinstance(value[0], t.Node):
            changes[field.name] = tuple(rewritten(part, change) for part in value)
        elif isinstance(value, tuple) and value and isinstance(value[0], tuple):
            changes[field.name] = tuple(
                tuple(rewritten(part, change) for part in row) for row in value
            )
    return change(replace(node, **changes) if changes else node)  # type: ignore[arg-type]


# -- one letter for two costs ----------------------------------------------------------------------


def _double_costs(chains: Iterable[t.Chain]) -> set[str]:
    """Letters with a line ``C = C_0 + …``."""
    found = set()
    for chain in chains:
        left = bare(chain.sides[0])
        if not isinstance(left, t.Name) or left.scripts != t.BARE or len(chain.sides) < 2:
            continue
        right = chain.sides[1]
        if key_of(left) in CUSTOM["cost"] and isinstance(right, t.Addition):
            found |= {key_of(n) for n in names(right) if key_of(n) == key_of(left) and _below(n)}
    return found


def _below(name: t.Name) -> str:
    """What stands below a letter if that is a 0 and nothing else."""
    below = items(name.scripts.sub)
    is_zero = len(below) == 1 and isinstance(below[0], t.Number) and below[0].text == "0"
    return "0" if is_zero else ""


def _costs_apart(key: str) -> Change:
    def change(node: t.Node) -> t.Node:
        if isinstance(node, t.Name) and key_of(node) == key and _below(node):
            scripts = replace(node.scripts, sub=None)
            return replace(node, base=f"{node.base}_0", scripts=scripts)
        return node

    return change


def _heads(node: t.Node) -> Iterator[tuple[int, t.Name]]:
    """The function letters of a product that stand before a bracket, with their places."""
    for n, (head, group) in enumerate(pairwise(getattr(node, "items", ()))):
        called = isinstance(group, t.Group) and group.kind == "("
        if isinstance(head, t.Name) and called and head.base in FUNCTIONS:
            yield n, head


def _functions_of_layers(chains: Iterable[t.Chain]) -> set[str]:
    """The σ of ``a^l = σ_l(z^l)``: its number is that of a layer."""
    found = set()
    for node in (n for chain in chains for n in walk(chain) if isinstance(n, t.Juxtaposition)):
        for _, head in _heads(node):
            below = bare(head.scripts.sub)
            if isinstance(below, t.Name) and below.base in LAYERS:
                found.add(head.base)
    return found


def _function_apart(of_layers: set[str]) -> Change:
    """``f_1(u)`` and ``f_2(u)`` are two functions, unless ``f_l`` is that of a layer."""

    def change(node: t.Node) -> t.Node:
        if not isinstance(node, t.Juxtaposition):
            return node
        found = list(node.items)
        for n, head in _heads(node):
            below = bare(head.scripts.sub)
            if isinstance(below, t.Number) and head.base not in of_layers:
                scripts = replace(head.scripts, sub=None)
                found[n] = replace(head, base=f"{head.base}_{below.text}", scripts=scripts)
        return replace(node, items=tuple(found))

    return change


def _slope_of(node: t.Node) -> t.Node:
    """``dσ/dz`` is ``σ'(z)``."""
    if not isinstance(node, t.Fraction):
        return node
    above, below = bare(node.numerator), bare(node.denominator)
    if not isinstance(above, t.Juxtaposition) or not isinstance(below, t.Juxtaposition):
        return node
    parts = [*above.items, *below.items]
    if len(parts) != 4 or not all(isinstance(n, t.Differential) for n in parts[::2]):
        return node
    function, variable = parts[1::2]
    if not isinstance(function, t.Name) or not isinstance(variable, t.Name):
        return node
    if function.scripts != t.BARE or function.marks or function.base not in SIGMAS:
        return node
    primed = replace(function, scripts=t.Scripts(primes=1))
    return t.Juxtaposition((primed, t.Group("(", variable, span=variable.span)), span=node.span)


# -- an array for each layer -----------------------------------------------------------------------


def _arrays_of(chains: Iterable[t.Chain]) -> set[tuple[str, int]]:
    """Letter and primes of ``Σ'`` where a line says ``Σ'(z^l) = …`` about all of z^l."""
    found = set()
    for chain in chains:
        pair = _call(chain.sides[0]) if len(chain.sides) > 1 else None
        if pair is None or chain.relations[0] not in EQUAL or chain.leading:
            continue
        head, argument = pair
        known = head.base in (*FUNCTIONS, *KNOWN_FUNCTIONS) or key_of(head) in CUSTOM["cost"]
        if not known and head.base[:1].isupper() and argument.scripts.sup is not None:
            found.add((head.base, head.scripts.primes))
    return found


def _call(node: t.Node) -> tuple[t.Name, t.Name] | None:
    """``F(z^l)``: the letter and its argument, one letter with scripts."""
    inner = bare(node)
    if not isinstance(inner, t.Juxtaposition) or len(inner.items) != 2:
        return None
    head, group = inner.items
    if not isinstance(head, t.Name) or not isinstance(group, t.Group) or group.kind != "(":
        return None
    argument = bare(group.body)
    return (head, argument) if isinstance(argument, t.Name) else None


def _array_of(known: tuple[str, int]) -> Change:
    def change(node: t.Node) -> t.Node:
        if not isinstance(node, t.Juxtaposition):
            return node
        found: list[t.Node] = []
        rest = list(node.items)
        while rest:
            pair = _call(t.Juxtaposition(tuple(rest[:2])))
            if pair is not None and (pair[0].base, pair[0].scripts.primes) == known:
                found.append(_joined(*pair, rest[1]))
                rest = rest[2:]
            else:
                found.append(rest.pop(0))
        return found[0] if len(found) == 1 else replace(node, items=tuple(found))

    return change


def _joined(head: t.Name, argument: t.Name, group: t.Node) -> t.Name:
    """``Σ'`` with the layer of its argument, and what hangs at the bracket or the letter."""
    assert isinstance(group, t.Group)
    scripts = replace(
        argument.scripts, transposed=group.scripts.transposed or head.scripts.transposed
    )
    primes = "'" * head.scripts.primes
    return replace(
        head, base=f"{head.base}{primes}", scripts=scripts, span=(head.span[0], group.span[1])
    )
