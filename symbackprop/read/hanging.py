"""Scripts: what hangs at a base, and what an upper script says of it."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.read.layout import (
    BARE,
    Addition,
    Group,
    Juxtaposition,
    Listing,
    Name,
    Node,
    Number,
    Scripts,
    Sign,
    Span,
    Text,
)
from symbackprop.read.unreadable import MAX_EXPONENT, Unreadable, over_limit

Part = tuple[
    str, Node, Span
]  # "sub" or "sup" and what stands there, or "primes" and the signs as Text

MARKS = {"T": "transposed", "top": "transposed", "prime": "prime", "star": "star"}


def hang(base: Node, parts: tuple[Part, ...]) -> Node:
    """``base`` with its scripts; a second script in one place is refused, as TeX does."""
    scripts = _scripts(parts)
    span = (base.span[0], max(base.span[1], parts[-1][2][1]))
    own = getattr(base, "scripts", None)
    if own is None:  # 2^3, \sqrt{x}^2
        return Group("{", base, scripts, span=span)
    merged = scripts if own == BARE else _merged(own, scripts)
    if merged is None:
        return Group("{", base, scripts, span=span)
    return replace(base, scripts=merged, span=span)  # type: ignore[call-arg]


def _merged(inner: Scripts, outer: Scripts) -> Scripts | None:
    """``{a^l}_j`` is a^l_j, but ``{a^2}^3`` keeps its group."""
    above = inner.sup or inner.transposed or inner.star
    if (inner.sub and outer.sub) or (above and (outer.sup or outer.star)):
        return None
    if inner.transposed and outer.transposed:
        return None
    return Scripts(
        inner.sub or outer.sub,
        inner.sup or outer.sup,
        inner.primes + outer.primes,
        inner.transposed or outer.transposed,
        inner.star or outer.star,
    )


def _scripts(parts: tuple[Part, ...]) -> Scripts:
    sub: Node | None = None
    above: Scripts | None = None
    primes = 0
    for kind, node, span in parts:
        if isinstance(node, Text) and kind == "primes":
            primes += len(node.words)
        elif kind == "sub" and sub is None:
            sub = node
        elif kind == "sup" and above is None:
            above = _above(node)
        else:
            word = "subscript" if kind == "sub" else "superscript"
            expected = f"one {word}, or braces around the base with the first"
            raise Unreadable(span[0], f"a second {word} hangs at one base", expected)
    above = above or BARE
    return replace(above, sub=sub, primes=above.primes + primes)


def _above(node: Node) -> Scripts:
    """What an upper script says: a layer or power, transposed, primed, starred."""
    value = integer(node)
    if value is not None and abs(value) > MAX_EXPONENT:
        what = f"an exponent is larger than {MAX_EXPONENT}"
        raise over_limit(node.span[0], what, "use a letter for the power")
    rest, marks = _without_marks(node)
    return Scripts(None, rest, marks.count("prime"), "transposed" in marks, "star" in marks)


def _without_marks(node: Node) -> tuple[Node | None, list[str]]:
    """Take the marks off the end of a script: ``l+1,T`` gives ``l+1`` and "transposed"."""
    if mark := _mark(node):
        return None, [mark]
    if isinstance(node, Addition) and isinstance(node.terms[-1], Juxtaposition):
        last, marks = _without_marks(node.terms[-1])
        if marks and last is not None:
            return replace(node, terms=(*node.terms[:-1], last)), marks
    if not isinstance(node, (Juxtaposition, Listing)):
        return node, []
    items = node.items
    end = len(items)
    while end and _mark(items[end - 1]):
        end -= 1
    marks = [_mark(item) for item in items[end:]]
    begin = int(not marks and _mark(items[0]) == "transposed" and isinstance(items[1], Group))
    if begin:  # W^{T(l)}
        marks = ["transposed"]
    rest = items[begin:end]
    if not marks:
        return node, []
    if not rest:
        return None, marks
    return rest[0] if len(rest) == 1 else replace(node, items=rest), marks


def _mark(node: Node) -> str:
    """What a sign in an upper script does to its base, if it does anything."""
    if isinstance(node, Sign):
        return "star" if node.kind == "star" else ""
    if not isinstance(node, Name) or node.scripts != BARE:
        return ""
    return MARKS.get(node.base, "")


def integer(node: Node) -> int | None:
    """The number that stands in an exponent; 9^9 counts as its power."""
    if isinstance(node, Number) and node.text.isdigit():
        return int(node.text)
    if isinstance(node, Addition) and len(node.terms) == 1:
        inner = integer(node.terms[0])
        return None if inner is None else node.signs[0] * inner
    if isinstance(node, Group) and node.kind in ("{", "("):
        below = integer(node.body)
        above = 1 if node.scripts.sup is None else integer(node.scripts.sup)
        if below is not None and above is not None:
            return int(below ** max(min(above, MAX_EXPONENT), 0))
    return None
