"""The layout of a formula: what stands where, before anyone asks what it means.

Every node knows its ``span``: the offsets of its first and behind its last character in the row
that was read, so that a message can point at it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Span = tuple[int, int]


@dataclass(frozen=True)
class Node:
    """Anything with a place in a row; equality ignores the place."""

    span: Span = field(default=(0, 0), compare=False, kw_only=True)


@dataclass(frozen=True)
class Scripts:
    """What hangs at a base: ``a^{(l)\\top}_{jk}'``.

    ``sub`` and ``sup`` are what stands there as one expression (``jk`` a Juxtaposition, ``i,j`` a
    Listing, ``(l)`` a Group); ``transposed``: the upper script is or ends with T, ⊤, \\intercal, or
    ``\\mathsf T`` (which is then not in ``sup``); ``star``: it is a star.
    """

    sub: Node | None = None
    sup: Node | None = None
    primes: int = 0
    transposed: bool = False
    star: bool = False


BARE = Scripts()


@dataclass(frozen=True)
class Number(Node):
    """``0.25`` as written."""

    text: str = ""


@dataclass(frozen=True)
class Name(Node):
    """A letter or a name with its dress: ``\\hat{\\mathbf{y}}_k`` is y, ("hat", "mathbf").

    Greek letters and symbols by their command without the backslash (``delta``, ``ell``,
    ``infty``, ``Delta``); ``\\mathrm{softmax}`` and ``\\operatorname{diag}`` by their text, with
    the mark "upright"; ``\\exp``, ``\\log``, ``\\tanh``, ``\\max`` … too; ``\\textcircled{1}``
    is "1" with the mark "circled".  A number as a bold digit (``\\mathbf 1``) is "1" with its mark.
    """

    base: str = ""
    marks: tuple[str, ...] = ()
    scripts: Scripts = BARE


@dataclass(frozen=True)
class Sign(Node):
    """An operator between factors.

    ``kind``: "dot" (\\cdot), "cross" (\\times), "hadamard" (\\odot, \\circ, \\bullet, ⊙, .*),
    "star" (*, \\ast), "slash" (/), "dots" (\\dots, \\cdots), "bar" (an evaluation bar with its
    ``scripts``), "in" (\\in).
    """

    kind: str = ""
    scripts: Scripts = BARE


@dataclass(frozen=True)
class Differential(Node):
    """A ``\\partial``, or an upright or italic d that begins a fraction; ``\\partial^2``."""

    kind: str = "partial"  # or "d"
    scripts: Scripts = BARE


@dataclass(frozen=True)
class Nabla(Node):
    """``\\nabla_{a^L}``."""

    scripts: Scripts = BARE


@dataclass(frozen=True)
class Big(Node):
    """``\\sum_{k=1}^{n}`` or ``\\prod``, without its body."""

    kind: str = "sum"
    scripts: Scripts = BARE


@dataclass(frozen=True)
class Juxtaposition(Node):
    """Things side by side, operators between factors included, as written: at least two."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Addition(Node):
    """``a - b + c``: the terms and the sign before each (+1 or -1); one negative term: ``-a``."""

    terms: tuple[Node, ...] = ()
    signs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Listing(Node):
    """``a, b, c``."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Group(Node):
    """Something in brackets: ``kind`` is "(", "[", "{" (a TeX group), "\\{", "|", "‖"."""

    kind: str = "("
    body: Node = Number()
    scripts: Scripts = BARE


@dataclass(frozen=True)
class Fraction(Node):
    """``\\frac{…}{…}``, also \\dfrac, \\tfrac, \\cfrac and ``{… \\over …}``."""

    numerator: Node = Number()
    denominator: Node = Number()
    scripts: Scripts = BARE


@dataclass(frozen=True)
class Root(Node):
    """``\\sqrt{…}``."""

    body: Node = Number()


@dataclass(frozen=True)
class Braced(Node):
    """``\\underbrace{body}_{note}``: the note is text and changes nothing."""

    body: Node = Number()
    note: str = ""


@dataclass(frozen=True)
class Text(Node):
    """``\\text{if } k = j``: words; a lone ``\\quad`` between parts is no node."""

    words: str = ""


@dataclass(frozen=True)
class Table(Node):
    """cases, matrix, pmatrix, bmatrix, array: ``rows`` of cells; ``kind`` the environment."""

    kind: str = "cases"
    rows: tuple[tuple[Node, ...], ...] = ()
    scripts: Scripts = BARE


@dataclass(frozen=True)
class Chain(Node):
    """A whole row: ``A = B ≡ C``.

    ``relations`` between ``sides``: "=", ":=", "equiv", "approx", "neq", "leq", "geq", "<", ">",
    "to" (\\to, \\leftarrow, \\gets, \\rightarrow, \\Rightarrow), "in", "propto".  ``leading``: the
    relation the row begins with (``= B``), or "".  ``notes``: the words and side conditions behind
    the formula (``\\text{for } k \\ne j``, ``\\forall l``, ``(1 \\le l < L)`` behind a \\quad or a
    comma), as Text or Chain or other nodes, in order.  One side and no relation: a bare expression.
    """

    sides: tuple[Node, ...] = ()
    relations: tuple[str, ...] = ()
    leading: str = ""
    notes: tuple[Node, ...] = ()
