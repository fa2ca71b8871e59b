"""A first look over a whole document: where layers stand, which letter is what.

Nothing is proved here.  What is found is a guess from how letters are used, and every guess that
matters is said in the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM, ELEMENTARY, FUNCTIONS, KNOWN_FUNCTIONS
from symbackprop.review.findings import Findings, Usage
from symbackprop.review.spelling import (
    Style,
    Written,
    bare,
    key_of,
    taken_apart,
    walk,
)
from symbackprop.review.styles import bracket_of, input_layer_of, names, style_of

# what a letter means if nothing in the document says otherwise


@dataclass(frozen=True)
class Survey:
    """The style of a document, how each letter is used, and which roles the definitions give."""

    style: Style
    usages: dict[str, Usage]
    roles: dict[str, str]
    functions: frozenset[str]
    by_index: bool = False  # the index letter says the layer: w_{ji}, w_{kj} (Bishop)
    weight_order: str = "to-from"
    weight_layer: str = "destination"
    batch: str | None = None
    scalar: bool = False  # one neuron in each layer: w^{(L)} is a number
    sample: str = ""  # the index letter of the samples: a_{js}

    def numbered(self, key: str) -> bool:
        """Whether a plain number above a letter is a layer: z_j^2 is a square if no z^1 is."""
        use = self.usages.get(key)
        if use is None or self.by_index:
            return use is None
        return use.layered > 0 or bool(use.numeric - {2})


def survey(chains: Iterable[t.Chain], declared: dict[str, str], letters: tuple[str, ...]) -> Survey:
    """Look over all formulas; ``declared`` roles and layer ``letters`` come first."""
    rows = list(chains)
    style = style_of(rows, letters)
    style = replace(style, bracket=bracket_of(rows, style))
    usages: dict[str, Usage] = {}
    for row in rows:
        _count(row, style, usages)
    functions = frozenset(key for key, use in usages.items() if _is_function(key, use))
    found = Findings(style, functions, usages)
    for row in rows:
        found.look_at(row)
    roles = found.roles
    style = replace(style, input_layer=input_layer_of(rows, style))
    sample = found.sample or ("" if style.symbolic else next(iter(style.samples), ""))
    return Survey(
        style, usages, {**roles, **declared}, functions, _by_index(style, usages, roles),
        found.weight_order, found.weight_layer, found.batch, _scalar(rows, style, usages, roles),
        sample,
    )  # fmt: skip


def _scalar(
    rows: list[t.Chain], style: Style, usages: dict[str, Usage], roles: dict[str, str]
) -> bool:
    """Small weights that never have an index, are never bold, transposed or multiplied by ⊙."""
    weights = [key for key, role in roles.items() if role == "weight"]
    if not style.symbolic or not weights:
        return False
    for key in weights:
        use = usages[key]
        if key != key.lower() or use.bold or any(n for n in use.indices if n):
            return False
    for row in rows:
        for node in walk(row):
            if isinstance(node, t.Sign) and node.kind == "hadamard":
                return False
            if isinstance(node, t.Nabla | t.Big):
                return False
            if isinstance(node, t.Name | t.Group) and node.scripts.transposed:
                return False
    return True


def _count(row: t.Chain, style: Style, usages: dict[str, Usage]) -> None:
    left = bare(row.sides[0])
    if isinstance(left, t.Name) and len(row.sides) > 1 and left.scripts.sub is not None:
        usages.setdefault(key_of(left), Usage()).alone += 1
    for node in walk(row, scripts=False):
        if isinstance(node, t.Juxtaposition):
            for one, other in zip(node.items, node.items[1:], strict=False):
                if _applied(one, other):
                    assert isinstance(one, t.Name)
                    usages.setdefault(key_of(one), Usage()).applied += 1
        if not isinstance(node, t.Name):
            continue
        use = usages.setdefault(key_of(node), Usage())
        found = taken_apart(node, style, layered=True, numeric=True)
        use.primed += node.scripts.primes > 0
        use.bold += any(mark in ("mathbf", "bm", "boldsymbol") for mark in node.marks)
        use.transposed += node.scripts.transposed
        use.sampled += found.sample is not None
        if found.layer is not None:
            layer = bare(found.layer)
            if isinstance(layer, t.Number):
                use.numeric.add(int(layer.text) if layer.text.isdigit() else 0)
            else:
                use.layered += 1
        use.indices[len(found.indices)] += 1
        inner = tuple(i.base for i in map(bare, found.indices) if isinstance(i, t.Name))
        if inner:
            use.letters.append(inner)


def _applied(one: t.Node, other: t.Node) -> bool:
    """``f(x)``; ``h (1 - h)`` is a product."""
    if not isinstance(one, t.Name) or not isinstance(other, t.Group) or other.kind != "(":
        return False
    return all(key_of(n) != key_of(one) for n in names(other.body))


def _is_function(key: str, use: Usage) -> bool:
    if key in KNOWN_FUNCTIONS or key in ELEMENTARY:
        return True
    return key.split("_")[0] in FUNCTIONS and use.applied > 0 and not use.alone


def _by_index(style: Style, usages: dict[str, Usage], roles: dict[str, str]) -> bool:
    """No layers, and a weight letter whose index letters go on: ``w_{ji}`` and ``w_{kj}``."""
    if style.symbolic:
        return False
    for key, use in usages.items():
        pairs = {p for p in use.letters if len(p) == 2}
        if (roles.get(key) == "weight" or key in CUSTOM["weight"]) and not use.numeric:
            firsts, seconds = {p[0] for p in pairs}, {p[1] for p in pairs}
            if firsts & seconds and any(p[0] != p[1] for p in pairs):
                return True
            if any(_both_ends(pair, key, usages, roles) for pair in pairs):
                return True
    return False


def _both_ends(
    pair: tuple[str, ...], weight: str, usages: dict[str, Usage], roles: dict[str, str]
) -> bool:
    """``net_j = Σ_i w_ji o_i`` and ``o_j = f(net_j)``: o is at both ends of the weight."""
    ends = {(letter,) for letter in pair}
    return len(ends) == 2 and any(
        roles.get(key) == "activation" and ends <= set(use.letters)
        for key, use in usages.items() if key != weight
    )  # fmt: skip


def is_quantity(found: Written, style: Style) -> bool:
    return found.layer is not None or bool(found.indices) or not style.symbolic
