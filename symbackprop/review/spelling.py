"""How a quantity is written: its letter, its layer mark, its index letters, powers and primes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from sympy import Basic, Integer, Symbol

from symbackprop.errors import SymbackpropError
from symbackprop.language.program import L, l
from symbackprop.read import layout as t

# dress that does not make another letter: a bold z is the z
SAME = {"mathbf", "bm", "boldsymbol", "mathrm", "mathit", "mathsf", "upright", "vec", "bold", "it"}


NO_LAYER_SAID = Symbol("?l")  # a layered letter stands without its layer


class Misread(SymbackpropError):  # noqa: N818
    """A part of a formula that has no meaning here: where it stands, and what was expected."""

    def __init__(self, node: t.Node, what: str, expected: str = "") -> None:
        self.node, self.what, self.expected = node, what, expected
        super().__init__("; ".join(part for part in (what, expected) if part))


class Malformed(Misread):
    """A part of a formula that is wrong whatever the letters mean."""


@dataclass(frozen=True)
class Style:
    """Where layers stand and which letters mean them.

    ``place``: "sup" (z^l), "sub" (z_l), or "none" (no layers, or only in names).  ``letters`` run
    over layers, ``top`` is the last one; ``symbolic``: such a letter occurs at all.
    """

    place: str = "none"
    bracket: str = ""  # the bracket around layers where one is used: "(" or "["
    letters: frozenset[str] = frozenset({"l", "ell"})
    top: str = "L"
    symbolic: bool = False
    input_layer: int = 0  # the number that the input has where layers are numbered
    samples: frozenset[str] = frozenset()  # letters that count samples: x^{(i)}

    @property
    def marks(self) -> frozenset[str]:
        """Every letter that means a layer."""
        return self.letters | {self.top}


@dataclass(frozen=True)
class Written:
    """One occurrence of a quantity, taken apart."""

    key: str
    node: t.Name
    layer: t.Node | None = None
    indices: tuple[t.Node, ...] = ()
    power: t.Node | None = None
    sample: t.Node | None = None

    @property
    def primes(self) -> int:
        return self.node.scripts.primes

    @property
    def transposed(self) -> bool:
        return self.node.scripts.transposed


def key_of(name: t.Name) -> str:
    """The letter with the dress that makes another one of it: ``hat y``, ``mathcal L``."""
    return " ".join((*(mark for mark in name.marks if mark not in SAME), name.base))


def walk(node: t.Node, scripts: bool = True) -> Iterator[t.Node]:
    """Every node of a layout tree, outermost first; on request without what stands in scripts."""
    stack: list[t.Node] = [node]
    while stack:
        node = stack.pop()
        yield node
        inner = [
            part for field in fields(node) for part in _parts(getattr(node, field.name), scripts)
        ]
        stack.extend(reversed(inner))


def _parts(value: object, scripts: bool) -> Iterator[t.Node]:
    if isinstance(value, t.Node):
        yield value
    elif isinstance(value, t.Scripts) and scripts:
        yield from (part for part in (value.sub, value.sup) if part is not None)
    elif isinstance(value, tuple):
        for part in value:
            yield from _parts(part, scripts)


def bare(node: t.Node | None) -> t.Node | None:
    """Without invisible braces."""
    while isinstance(node, t.Group) and node.kind == "{" and node.scripts == t.BARE:
        node = node.body
    return node


def items(node: t.Node | None) -> tuple[t.Node, ...]:
    """What stands in a script, one by one: ``jk``, ``j,k`` and ``j\\,k`` are two indices."""
    node = bare(node)
    if node is None:
        return ()
    if isinstance(node, t.Listing):
        return tuple(inner for item in node.items for inner in items(item))
    if isinstance(node, t.Juxtaposition) and all(
        isinstance(bare(i), t.Name | t.Number) or (isinstance(i, t.Sign) and i.kind == "dot")
        for i in node.items
    ):
        return tuple(node.items)
    return (node,)


def is_layer(node: t.Node | None, style: Style) -> bool:
    """Whether something is a layer: a layer letter, maybe plus or minus a number."""
    node = bare(node)
    if isinstance(node, t.Addition):
        return any(is_layer(term, style) for term in node.terms) and all(
            isinstance(bare(term), t.Number) or is_layer(term, style) for term in node.terms
        )
    if isinstance(node, t.Name):
        depth = node.base == "n" and is_layer(node.scripts.sub, style)
        return depth or (node.base in style.marks and node.scripts == t.BARE)
    return False


def layer_of(node: t.Node, style: Style) -> Basic:
    """A layer as an expression in ``l`` and ``L``."""
    inner = bare(node)
    if isinstance(inner, t.Group) and inner.kind in "([":
        return layer_of(inner.body, style)
    if isinstance(inner, t.Number) and inner.text.isdigit():
        return Integer(inner.text) - style.input_layer
    if isinstance(inner, t.Addition):
        total: Basic = Integer(0)
        for term, sign in zip(inner.terms, inner.signs, strict=True):
            is_step = isinstance(bare(term), t.Number)
            total = total + sign * (layer_of(term, style) + style.input_layer * is_step)
        return total
    if isinstance(inner, t.Name):
        if inner.base == style.top or (inner.base == "n" and inner.scripts.sub is not None):
            return L
        if inner.base in style.letters:
            return l
        if inner.scripts == t.BARE:
            return Symbol(inner.base)
    raise Misread(node, "this is not a layer", "a letter such as l or L, or a whole number")


def marked(node: t.Node | None) -> tuple[str, t.Node | None, t.Node | None]:
    """The mark of a layer above, what is in it, and a sample behind it: ``[l](i)``."""
    node = bare(node)
    if isinstance(node, t.Group) and node.kind in "([" and node.scripts == t.BARE:
        return node.kind, node.body, None
    if isinstance(node, t.Juxtaposition) and len(node.items) == 2:
        first, second = node.items
        if isinstance(first, t.Group) and first.kind == "[" and isinstance(second, t.Group):
            return "[", first.body, second.body
    return "", node, None


def taken_apart(name: t.Name, style: Style, layered: bool, numeric: bool) -> Written:
    """One occurrence: ``layered`` if its letter carries layers, ``numeric`` if also numbers do."""
    above, below = name.scripts.sup, items(name.scripts.sub)
    squared: t.Node | None = None
    if isinstance(bare(above), t.Juxtaposition):  # a^{[1](i)2}
        *rest, last = bare(above).items  # type: ignore[union-attr]
        if isinstance(last, t.Number) and isinstance(rest[0], t.Group):
            squared, above = last, rest[0] if len(rest) == 1 else t.Juxtaposition(tuple(rest))
    mark, inside, sample = marked(above)
    layer: t.Node | None = None
    power = squared
    if above is not None:
        is_number = isinstance(bare(inside), t.Number)
        if mark == "(" and (style.bracket == "[" or is_sample(inside, style)):
            return Written(key_of(name), name, None, below, power, inside)
        if (
            (style.place == "sup" and (is_layer(inside, style) or (mark and not is_number)))
            or mark
            or (is_number and layered and numeric)
        ):
            layer = inside
        else:
            power = above
    elif layered and style.place == "sub" and below and _stands_for_layer(below, style):
        layer, below = below[0], below[1:]
    return Written(key_of(name), name, layer, below, power, sample)


def is_sample(node: t.Node | None, style: Style) -> bool:
    """Whether something is a letter that counts samples."""
    node = bare(node)
    return isinstance(node, t.Name) and node.base in style.samples


def _stands_for_layer(below: tuple[t.Node, ...], style: Style) -> bool:
    first = bare(below[0])
    return is_layer(first, style) or (isinstance(first, t.Number) and len(below) == 1)


TRAINED = ("w", "W", "b", "theta", "Theta")  # Δw is the step of a weight


def with_differentials(node: t.Chain) -> t.Chain:
    """``dZ`` and ``Δw``: one name, where d or Δ is no letter of its own."""
    return _joined(node)  # type: ignore[return-value]


def _joined(node: t.Node) -> t.Node:
    changes: dict[str, object] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, t.Node):
            changes[field.name] = _joined(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], t.Node):
            changes[field.name] = tuple(_joined(part) for part in value)
    made = replace(node, **changes) if changes else node  # type: ignore[arg-type]
    if not isinstance(made, t.Juxtaposition):
        return made
    items_: list[t.Node] = []
    for item in made.items:
        last = items_[-1] if items_ else None
        sign = last.base if isinstance(last, t.Name) and last == t.Name(last.base) else ""
        if sign == "d" and isinstance(item, t.Name) and last is not None and item.base.isalpha():
            items_[-1] = replace(item, base=f"d{item.base}", span=(last.span[0], item.span[1]))
        elif sign == "Delta" and isinstance(item, t.Name) and item.base in TRAINED:
            items_[-1] = replace(item, marks=("Delta", *item.marks))
        else:
            items_.append(item)
    return items_[0] if len(items_) == 1 else replace(made, items=tuple(items_))
