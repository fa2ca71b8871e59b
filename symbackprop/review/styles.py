"""Where a document writes layers and samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM
from symbackprop.review.spelling import (
    Style,
    bare,
    is_layer,
    is_sample,
    items,
    marked,
    taken_apart,
    walk,
)


def input_layer_of(rows: list[t.Chain], style: Style) -> int:
    """1 where ``a^{(1)} = x`` is said, or where the lowest z is that of layer 2; 0 beside n_0."""
    lowest: dict[str, int] = {}
    for row in rows:
        if _from_one(row, style):
            return 0
        for name in names(row):
            if name.base == "n" and _is_zero(name.scripts.sub):
                return 0
            layer = _number(name, style)
            if layer is not None:
                lowest[name.base] = min(layer, lowest.get(name.base, layer))
        left, right = bare(row.sides[0]), bare(row.sides[-1])
        if not isinstance(left, t.Name) or not isinstance(right, t.Name):
            continue
        if right.base in CUSTOM["input"] and _number(left, style) == 1:
            return 1
    return int(lowest.get("z") == 2 and lowest.get("a") == 1)


def _from_one(row: t.Chain, style: Style) -> bool:
    """``z^l = … a^{l-1} …`` beside ``1 ≤ l``: there is a layer 0."""
    ranges = [note for note in row.notes if isinstance(note, t.Chain) and note.relations]
    low = [bare(note.sides[0]) for note in ranges if is_layer(note.sides[1], style)]
    if not any(isinstance(n, t.Number) and n.text == "1" for n in low):
        return False
    layers = (taken_apart(name, style, layered=True, numeric=True).layer for name in names(row))
    return any(_less(bare(layer)) for layer in layers)


def _less(layer: t.Node | None) -> bool:
    return isinstance(layer, t.Addition) and layer.signs[-1] < 0


def _is_zero(node: t.Node | None) -> bool:
    inner = bare(node)
    return isinstance(inner, t.Number) and inner.text == "0"


def _number(name: t.Name, style: Style) -> int | None:
    found = bare(taken_apart(name, style, layered=True, numeric=True).layer)
    if isinstance(found, t.Group):
        found = bare(found.body)
    return int(found.text) if isinstance(found, t.Number) and found.text.isdigit() else None


def names(node: t.Node) -> Iterator[t.Name]:
    """The names in a formula, those in scripts left out."""
    return (n for n in walk(node, scripts=False) if isinstance(n, t.Name))


def style_of(rows: list[t.Chain], declared: tuple[str, ...]) -> Style:
    """Which letters are layers, and whether they stand above or below."""
    letters = set(declared) | {"l", "ell"}
    style = Style(letters=frozenset(letters))
    above: Counter[str] = Counter()
    bracketed: Counter[str] = Counter()
    shifted: set[str] = set()
    lifted: set[str] = set()
    stepped: set[str] = set()
    wide: set[str] = set()  # q of n_q
    below: Counter[str] = Counter()
    summed: dict[str, set[str]] = {}
    for row in rows:
        for node in walk(row):
            end = bare(node.scripts.sup) if isinstance(node, t.Big) else None
            if isinstance(end, t.Name | t.Number) and isinstance(node, t.Big):
                running = {n.base for part in items(node.scripts.sub) for n in names(part)}
                last = end.base if isinstance(end, t.Name) else ""
                summed.setdefault(last, set()).update(running)
            if isinstance(node, t.Name) and node.base == "n" and node.scripts.sub is not None:
                wide |= {n.base for n in names(node.scripts.sub)}
        for name in names(row):
            mark, inside, _ = marked(name.scripts.sup)
            inner = bare(inside)
            single = inner.base if isinstance(inner, t.Name) and not inner.scripts.sub else ""
            if single:
                (bracketed if mark else above)[single] += 1
            if mark and isinstance(inner, t.Addition):
                shifted |= {n.base for n in names(inner)}
                lifted |= {n.base for n in names(inner) if inner.signs[-1] > 0}
            if inside is not None and is_layer(inside, style):
                above["*"] += 1
            first = items(name.scripts.sub)[:1]
            stepped |= _stepped(items(name.scripts.sub))
            if first and is_layer(first[0], style) and name.base != "n":
                below["*"] += 1
    extra = {letter for letter in shifted if bracketed[letter]} - {"L"}
    top = "L"
    if "k" in extra and "l" not in lifted and bracketed["l"]:
        extra, top, letters = {"k"}, "l", {"k"}  # Goodfellow: k = 1 … l
    letters |= extra | summed.get(top, set()) | (summed.get("", set()) & wide)
    style = replace(style, letters=frozenset(letters - {top}), top=top)
    symbolic = bool(above["*"] or extra)
    style = replace(style, samples=samples_of(rows) - style.marks)
    if symbolic:
        return replace(style, place="sup", symbolic=True)
    if below["*"] or stepped:
        style = replace(style, letters=style.letters | stepped)
        return replace(style, place="sub", symbolic=True)
    return replace(style, place="sup" if bracket_of(rows, style) else "sub")


def _stepped(below: tuple[t.Node, ...]) -> set[str]:
    """The j of ``a_{j-1}``: a letter that counts layers."""
    only = bare(below[0]) if len(below) == 1 else None
    if not isinstance(only, t.Addition) or not isinstance(bare(only.terms[-1]), t.Number):
        return set()
    return {n.base for n in names(only) if n.scripts == t.BARE and n.base != "L"}


def samples_of(rows: list[t.Chain]) -> frozenset[str]:
    """Letters that stand alone in round brackets above another, and are summed over."""
    above: set[str] = set()
    for name in (name for row in rows for name in names(row)):
        mark, inside, sample = marked(name.scripts.sup)
        inner = bare(sample if mark == "[" else inside if mark == "(" else None)
        if isinstance(inner, t.Name) and inner.scripts == t.BARE:
            above.add(inner.base)
    return frozenset(letter for letter in above for row in rows if any(bigs_over(row, {letter})))


def bigs_over(row: t.Chain, letters: Collection[str]) -> Iterator[t.Big]:
    """The sums of a row over one of these letters."""
    for big in (node for node in walk(row) if isinstance(node, t.Big)):
        below = (bare(part) for part in items(big.scripts.sub))
        firsts = (bare(p.sides[0]) if isinstance(p, t.Chain) else p for p in below)
        if any(isinstance(n, t.Name) and n.base in letters for n in firsts):
            yield big


def bracket_of(rows: list[t.Chain], style: Style) -> str:
    """The bracket around layers; where both occur, the round one holds samples."""
    found = {
        marked(name.scripts.sup)[0] for row in rows for name in names(row)
        if not is_sample(marked(name.scripts.sup)[1], style)
    }  # fmt: skip
    return "[" if "[" in found else "(" if "(" in found else ""
