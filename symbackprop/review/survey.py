"""A first look over a whole document: where layers stand, which letter is what.

Nothing is proved here.  What is found is a guess from how letters are used, and every guess that
matters is said in the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from symbackprop.read import layout as t
from symbackprop.review.spelling import (
    Style,
    Written,
    bare,
    is_layer,
    is_sample,
    items,
    key_of,
    layer_of,
    marked,
    taken_apart,
    walk,
)

# what a letter means if nothing in the document says otherwise
CUSTOM = {
    "weight": ("w", "W", "Theta", "theta", "mathbf W"),
    "bias": ("b", "B", "beta"),
    "weighted input": ("z", "Z", "u", "s"),
    "activation": ("a", "A", "h", "H", "o", "x_"),
    "input": ("x", "X"),
    "target": ("y", "t", "Y", "T"),
    "output": ("hat y", "hat Y", "o", "p"),
    "cost": (
        "C",
        "E",
        "J",
        "L",
        "mathcal L",
        "mathcal C",
        "mathcal E",
        "mathcal J",
        "ell",
        "mathscr L",
        "C_0",
        "E_0",
        "J_0",
        "L_0",
        "mathcal L_0",
    ),
    "error": ("delta", "Delta"),
    "penalty": ("lambda",),
}
FUNCTIONS = ("sigma", "phi", "varphi", "f", "g", "h", "psi", "rho", "theta")
KNOWN_FUNCTIONS = {
    "tanh": "tanh", "softmax": "softmax", "relu": "relu", "ReLU": "relu", "sigmoid": "sigmoid",
    "sigm": "sigmoid", "logistic": "sigmoid", "softplus": "softplus", "gelu": "gelu",
    "GELU": "gelu",
    "silu": "silu", "SiLU": "silu", "swish": "silu", "identity": "identity", "Softmax": "softmax",
    "Sigmoid": "sigmoid", "sig": "sigmoid", "smax": "softmax", "LeakyReLU": "leaky-relu",
}  # fmt: skip
ELEMENTARY = {"exp": "exp", "log": "log", "ln": "log", "erf": "erf", "sqrt": "sqrt"}


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
        return bool(use.numeric) and (use.numeric != {2} or use.layered > 0)


def survey(chains: Iterable[t.Chain], declared: dict[str, str], letters: tuple[str, ...]) -> Survey:
    """Look over all formulas; ``declared`` roles and layer ``letters`` come first."""
    rows = list(chains)
    style = _style(rows, letters)
    style = replace(style, bracket=_bracket(rows, style))
    usages: dict[str, Usage] = {}
    for row in rows:
        _count(row, style, usages)
    functions = frozenset(key for key, use in usages.items() if _is_function(key, use))
    found = Findings(style, functions, usages)
    for row in rows:
        found.look_at(row)
    roles = found.roles
    style = replace(style, input_layer=_input_layer(rows, style))
    sample = found.sample or ("" if style.symbolic else next(iter(style.samples), ""))
    return Survey(
        style, usages, {**roles, **declared}, functions, _by_index(style, usages, roles),
        found.weight_order, found.weight_layer, found.batch, _scalar(rows, style, usages, roles),
        sample,
    )  # fmt: skip


def _input_layer(rows: list[t.Chain], style: Style) -> int:
    """1 where ``a^{(1)} = x`` is said, or where the lowest z is that of layer 2."""
    lowest: dict[str, int] = {}
    for row in rows:
        for name in names(row):
            layer = _number(name, style)
            if layer is not None:
                lowest[name.base] = min(layer, lowest.get(name.base, layer))
        left, right = bare(row.sides[0]), bare(row.sides[-1])
        if not isinstance(left, t.Name) or not isinstance(right, t.Name):
            continue
        if right.base in CUSTOM["input"] and _number(left, style) == 1:
            return 1
    return int(lowest.get("z") == 2 and lowest.get("a") == 1)


def _number(name: t.Name, style: Style) -> int | None:
    found = bare(taken_apart(name, style, layered=True, numeric=True).layer)
    if isinstance(found, t.Group):
        found = bare(found.body)
    return int(found.text) if isinstance(found, t.Number) and found.text.isdigit() else None


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


def names(node: t.Node) -> Iterator[t.Name]:
    """The names in a formula, those in scripts left out."""
    return (n for n in walk(node, scripts=False) if isinstance(n, t.Name))


def _style(rows: list[t.Chain], declared: tuple[str, ...]) -> Style:
    letters = set(declared) | {"l", "ell"}
    style = Style(letters=frozenset(letters))
    above: Counter[str] = Counter()
    bracketed: Counter[str] = Counter()
    shifted: set[str] = set()
    below: Counter[str] = Counter()
    for row in rows:
        for node in walk(row):
            end = bare(node.scripts.sup) if isinstance(node, t.Big) else None
            if isinstance(end, t.Name) and end.base == "L" and isinstance(node, t.Big):
                letters |= {n.base for part in items(node.scripts.sub) for n in names(part)} - {"L"}
        for name in names(row):
            mark, inside, _ = marked(name.scripts.sup)
            inner = bare(inside)
            single = inner.base if isinstance(inner, t.Name) and not inner.scripts.sub else ""
            if single:
                (bracketed if mark else above)[single] += 1
            if mark and isinstance(inner, t.Addition):
                shifted |= {n.base for n in names(inner)}
            if inside is not None and is_layer(inside, style):
                above["*"] += 1
            first = items(name.scripts.sub)[:1]
            if first and is_layer(first[0], style) and name.base != "n":
                below["*"] += 1
    extra = {letter for letter in shifted if bracketed[letter]} - {"L"}
    top = "L"
    if "k" in extra and "l" not in shifted and bracketed["l"]:
        extra, top, letters = {"k"}, "l", {"k"}  # Goodfellow: k = 1 … l
    letters |= extra
    style = replace(style, letters=frozenset(letters - {top}), top=top)
    symbolic = bool(above["*"] or extra)
    style = replace(style, samples=_samples(rows) - style.marks)
    if symbolic:
        return replace(style, place="sup", symbolic=True)
    if below["*"]:
        return replace(style, place="sub", symbolic=True)
    return replace(style, place="sup" if _bracket(rows, style) else "sub")


def _samples(rows: list[t.Chain]) -> frozenset[str]:
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


def _bracket(rows: list[t.Chain], style: Style) -> str:
    """The bracket around layers; where both occur, the round one holds samples."""
    found = {
        marked(name.scripts.sup)[0] for row in rows for name in names(row)
        if not is_sample(marked(name.scripts.sup)[1], style)
    }  # fmt: skip
    return "[" if "[" in found else "(" if "(" in found else ""


def _count(row: t.Chain, style: Style, usages: dict[str, Usage]) -> None:
    for node in walk(row, scripts=False):
        if isinstance(node, t.Juxtaposition):
            for one, other in zip(node.items, node.items[1:], strict=False):
                if isinstance(one, t.Name) and isinstance(other, t.Group) and other.kind == "(":
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


def _is_function(key: str, use: Usage) -> bool:
    if key in KNOWN_FUNCTIONS or key in ELEMENTARY:
        return True
    return key.split("_")[0] in FUNCTIONS and use.applied > 0


def applied_to(node: t.Node, functions: frozenset[str]) -> tuple[t.Name, t.Node] | None:
    """``(f, u)`` if a node is ``f(u)`` and nothing else."""
    node = bare(node) or node
    if isinstance(node, t.Juxtaposition) and len(node.items) == 2:
        head, body = node.items
        if isinstance(head, t.Name) and isinstance(body, t.Group) and key_of(head) in functions:
            return head, body.body
    return None


EQUAL = ("=", ":=", "equiv")


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
            if self.style.samples and carried.base[:1].isupper():
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
            self._samples(above, beside, into)
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

    def _samples(self, above: Written, beside: Written, into: Written) -> None:
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


def _two(name: t.Name, style: Style) -> bool:
    return len(taken_apart(name, style, layered=True, numeric=True).indices) == 2


def _plain(name: t.Name, style: Style) -> bool:
    return taken_apart(name, style, layered=True, numeric=True).layer is None


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
    return False


def is_quantity(found: Written, style: Style) -> bool:
    return found.layer is not None or bool(found.indices) or not style.symbolic
