"""Roles of letters and conventions, read off ``a = σ(z)`` and ``z = W a + b``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM, ELEMENTARY, EQUAL
from symbackprop.review.spelling import (
    Style,
    Written,
    bare,
    key_of,
    layer_of,
    taken_apart,
)
from symbackprop.review.styles import names


@dataclass
class Usage:
    """How one letter is used: index counts, whether with layers, whether it is applied."""

    layered: int = 0
    numeric: set[int] = field(default_factory=set)
    indices: Counter[int] = field(default_factory=Counter)
    letters: list[tuple[str, ...]] = field(default_factory=list)
    applied: int = 0
    primed: int = 0
    bold: int = 0
    sampled: int = 0
    transposed: int = 0
    alone: int = 0  # with an index, on the left of an equation: it is no function


def applied_to(node: t.Node, functions: frozenset[str]) -> tuple[t.Name, t.Node] | None:
    """``(f, u)`` if a node is ``f(u)`` and nothing else."""
    node = bare(node) or node
    if isinstance(node, t.Juxtaposition) and len(node.items) == 2:
        head, body = node.items
        if isinstance(head, t.Name) and isinstance(body, t.Group) and key_of(head) in functions:
            return head, body.body
    return None


@dataclass
class Findings:
    """Roles and conventions, read off the lines that say ``a = σ(z)`` and ``z = W a + b``."""

    style: Style
    functions: frozenset[str]
    usages: dict[str, Usage]
    roles: dict[str, str] = field(default_factory=dict)
    weight_order: str = "to-from"
    weight_layer: str = "destination"
    batch: str | None = None
    sample: str = ""
    learned: bool = False

    def look_at(self, row: t.Chain) -> None:
        """Learn from a line whose left side is one letter."""
        left = bare(row.sides[0]) if row.sides else None
        call = applied_to(left, self.functions) if left is not None else None
        if call is not None and call[0].scripts.sub is not None and not self.style.symbolic:
            left = call[0]  # h_θ(x) = g(θᵀ x)
        if len(row.sides) < 2 or not isinstance(left, t.Name) or row.relations[0] not in EQUAL:
            return
        if left.scripts.primes or (key_of(left) in self.functions and left.scripts == t.BARE):
            return
        if _is_error(left):
            return
        for right in row.sides[1:]:
            self._learn(left, right)

    def _learn(self, left: t.Name, right: t.Node) -> None:
        call = applied_to(right, self.functions - set(ELEMENTARY))
        if call is not None and call[0].scripts.sub is not None and self.style.symbolic:
            return  # h_Θ(x)
        if call is not None:
            inner = bare(call[1])
            if isinstance(inner, t.Name) and (self.style.symbolic or inner.scripts != t.BARE):
                if key_of(inner) == key_of(left):
                    return
                self.roles.setdefault(key_of(left), "activation")
                self.roles.setdefault(key_of(inner), "weighted input")
            elif inner is not None and self._linear(left, inner):
                self.roles.setdefault(key_of(left), "activation")
            return
        if self._linear(left, right):
            self.roles.setdefault(key_of(left), "weighted input")
        elif key_of(left) in CUSTOM["cost"] and isinstance(bare(right), t.Addition):
            costs = {key_of(n) for n in names(right)} & set(CUSTOM["cost"]) - {key_of(left)}
            if costs:
                self.roles[key_of(left)] = "objective"

    def _linear(self, left: t.Name, node: t.Node) -> bool:
        """Whether this is ``Σ w a + b``, ``W a + b`` or ``a W + b``; names their roles."""
        terms = node.terms if isinstance(node, t.Addition) else (node,)
        products = [p for p in map(bare, terms) if isinstance(p, t.Juxtaposition)]
        products = [p for p in products if not _of_ones(p)]
        if len(products) != 1:
            return False
        factors = [_single(f) for f in products[0].items if not isinstance(f, t.Big | t.Sign)]
        if len(factors) != 2 or not all(isinstance(f, t.Name) for f in factors):
            return False
        one, other = (f for f in factors if isinstance(f, t.Name))
        weight = next((f for f in (one, other) if key_of(f) in CUSTOM["weight"]), None)
        if weight is None:
            weight = next((f for f in (one, other) if _two(f, self.style)), None)
        if weight is None:
            return False
        carried = other if weight is one else one
        if _is_error(carried):
            return False
        self.roles.setdefault(key_of(weight), "weight")
        if not self.style.symbolic and not self.learned:
            self._order(left, weight)
            if carried.base[:1].isupper() and not carried.scripts.sub:
                self.batch = self.batch or ("columns" if weight is one else "rows")
        if self.style.symbolic:
            plain = _plain(carried, self.style)
            self.roles.setdefault(key_of(carried), "input" if plain else "activation")
            if not self.learned:
                self._conventions(left, weight, carried, weight is one)
            self.learned = True
        for term in terms:
            alone = bare(term)
            if isinstance(alone, t.Name):
                self.roles.setdefault(key_of(alone), "bias")
        return True

    def _conventions(self, left: t.Name, weight: t.Name, carried: t.Name, first: bool) -> None:
        """Index order, layer of the weights, samples in columns or rows."""
        above, beside, into = (
            taken_apart(n, self.style, layered=True, numeric=True) for n in (left, weight, carried)
        )
        if len(beside.indices) == 2:
            self._order(left, weight)
            self.find_samples(above, beside, into)
        elif not beside.indices:
            if first == weight.scripts.transposed:
                self.weight_order = "from-to"
            capital = carried.base[:1].isupper() and not into.indices
            if capital or not first:
                self.batch = "columns" if first else "rows"
        if above.layer is not None and beside.layer is not None:
            step = layer_of(above.layer, self.style) - layer_of(beside.layer, self.style)
            if step == 1:
                self.weight_layer = "source"

    def _order(self, left: t.Name, weight: t.Name) -> None:
        above, beside = (
            taken_apart(n, self.style, layered=True, numeric=True) for n in (left, weight)
        )
        own = [bare(i) for i in beside.indices]
        mine = [i for i in map(bare, above.indices) if i in own]
        if len(own) == 2 and mine[:1] == own[1:]:
            self.weight_order = "from-to"

    def find_samples(self, above: Written, beside: Written, into: Written) -> None:
        """``z_{js} = Σ_k w_{jk} a_{ks}``: the index that both carry and the weight does not."""
        places = [bare(i) for i in into.indices]
        summed = [i for i in places if i in list(map(bare, beside.indices))]
        others = [i for i in places if i not in summed]
        if len(places) != 2 or len(others) != 1 or others[0] not in map(bare, above.indices):
            return
        if isinstance(others[0], t.Name):
            self.sample = others[0].base
            self.batch = "columns" if places[1] == others[0] else "rows"


def _is_error(name: t.Name) -> bool:
    """δ, Δ, dZ: what is sent back is no part of the forward pass."""
    return name.base in ("delta", "Delta", "nabla") or (
        name.base[:1] == "d" and len(name.base) == 2
    )


def _single(node: t.Node) -> t.Node:
    inner = bare(node) or node
    if isinstance(inner, t.Group) and inner.kind in "({" and isinstance(bare(inner.body), t.Name):
        return bare(inner.body) or inner
    return inner


def _of_ones(product: t.Juxtaposition) -> bool:
    """``1 bᵀ``: the bias of every sample."""
    return any(isinstance(n, t.Name) and n.base == "1" for n in map(bare, product.items))


def _two(name: t.Name, style: Style) -> bool:
    return len(taken_apart(name, style, layered=True, numeric=True).indices) == 2


def _plain(name: t.Name, style: Style) -> bool:
    return taken_apart(name, style, layered=True, numeric=True).layer is None
