"""Names in words, and labels below them: ``net_{h1}``, ``out_{o2}``, ``E_{total}``.

Worked examples name every neuron.  A word is one letter written long; a label, and in a document
with labels also a number, makes a letter of its own instead of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

from symbackprop.read import layout as t
from symbackprop.review.spelling import bare, items, walk

WORDS = frozenset({
    "net", "out", "in", "target", "input", "output", "error", "err", "loss", "cost", "total",
    "ideal", "actual", "pred", "hidden", "act", "sum", "true", "bias",
})  # fmt: skip


def with_words(node: t.Chain) -> t.Chain:
    """``net``, written without spaces, as one name instead of a product of three."""
    return _rewritten(node, _words)  # type: ignore[return-value]


def labelled(rows: Sequence[t.Chain | None]) -> list[t.Chain | None]:
    """Letters of their own where neurons have labels; else the rows as they are."""
    every = [node for row in rows if row is not None for node in walk(row)]
    if not _all_numbered(every) and not any(
        isinstance(n, t.Name) and len(n.base) > 1 and _is_label(n.scripts.sub) for n in every
    ):
        return list(rows)
    return [None if row is None else _rewritten(row, _own) for row in rows]  # type: ignore[misc]


def _all_numbered(nodes: Sequence[t.Node]) -> bool:
    """``w_{11} h_1 + w_{12} h_2``: every index is a number, and some letter has two of them."""
    below = [
        list(map(bare, items(n.scripts.sub)))
        for n in nodes if isinstance(n, t.Name) and n.scripts.sub is not None
    ]  # fmt: skip
    numbers = all(isinstance(part, t.Number) for parts in below for part in parts)
    two = any(
        len("".join(p.text for p in parts if isinstance(p, t.Number))) == 2 for parts in below
    )
    arrays = any(
        isinstance(n, t.Big) or (isinstance(n, t.Name) and n.scripts.transposed) for n in nodes
    )
    return numbers and two and not arrays


def _rewritten(node: t.Node, change: Callable[[t.Node], t.Node]) -> t.Node:
    """Every node changed, innermost first, also in scripts."""
    return change(_inside(node, lambda part: _rewritten(part, change)))


def _inside(node: t.Node, of: Callable[[t.Node], t.Node]) -> t.Node:
    def part(value: object) -> object:
        if isinstance(value, t.Node):
            return of(value)
        if isinstance(value, t.Scripts):
            return replace(value, sub=part(value.sub), sup=part(value.sup))  # type: ignore[arg-type]
        return tuple(map(part, value)) if isinstance(value, tuple) else value

    changes = {f.name: part(getattr(node, f.name)) for f in fields(node) if f.name != "span"}
    return replace(node, **changes)  # type: ignore[arg-type]


def _words(node: t.Node) -> t.Node:
    if not isinstance(node, t.Juxtaposition):
        return node
    found: list[t.Node] = []
    rest = list(node.items)
    while rest:
        length = _word_length(rest)
        if length > 1:
            first, last = rest[0], rest[length - 1]
            assert isinstance(last, t.Name)
            base = "".join(n.base for n in rest[:length] if isinstance(n, t.Name))
            found.append(replace(last, base=base, span=(first.span[0], last.span[1])))
        else:
            found.append(rest[0])
        rest = rest[max(length, 1) :]
    return found[0] if len(found) == 1 else replace(node, items=tuple(found))


def _word_length(nodes: Sequence[t.Node]) -> int:
    """How many letters at the beginning are a word of the list: adjacent, only the last dressed."""
    run = ""
    best = 0
    for n, node in enumerate(nodes, start=1):
        if not isinstance(node, t.Name) or node.marks or len(node.base) != 1:
            break
        if n > 1 and nodes[n - 2].span[1] != node.span[0]:
            break
        run += node.base
        best = n if run in WORDS else best
        if node.scripts != t.BARE:
            break
    return best


def _is_label(node: t.Node | None) -> bool:
    """``h1``: a letter with a number close behind it, or a word."""
    inner = bare(node)
    if isinstance(inner, t.Name):
        return inner.base in WORDS
    if not isinstance(inner, t.Juxtaposition) or len(inner.items) != 2:
        return False
    letter, number = inner.items
    return isinstance(letter, t.Name) and letter.scripts == t.BARE and isinstance(number, t.Number)


def _own(node: t.Node) -> t.Node:
    """The letter with its label or numbers as one name."""
    if not isinstance(node, t.Name) or node.scripts.sub is None:
        return node
    below = items(node.scripts.sub)
    if not _is_label(node.scripts.sub) and not all(isinstance(bare(n), t.Number) for n in below):
        return node
    parts = (bare(n) for n in below)
    label = "".join(n.base if isinstance(n, t.Name) else n.text for n in parts
                    if isinstance(n, t.Name | t.Number))  # fmt: skip
    return replace(node, base=f"{node.base}_{label}", scripts=replace(node.scripts, sub=None))
