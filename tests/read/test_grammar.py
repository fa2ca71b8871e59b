"""Rows of mathematics are laid out as TeX would set them; the table stands in layouts.txt."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from symbackprop.read.grammar import parse_row
from symbackprop.read.layout import (
    BARE,
    Addition,
    Big,
    Braced,
    Chain,
    Differential,
    Fraction,
    Group,
    Juxtaposition,
    Listing,
    Nabla,
    Name,
    Node,
    Number,
    Root,
    Scripts,
    Sign,
    Table,
    Text,
)
from symbackprop.read.lexicon import CHARACTERS, COMMANDS, UNICODE
from symbackprop.read.scan import Scanner

CLOSERS = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "|": "|", "‖": "‖", "⟨": "⟩"}


def outline(node: Node) -> str:
    """``\\hat y_k`` as ``hat:y{_k}``, ``a b`` as ``<a b>``, ``a + b`` as ``<+a +b>``."""
    match node:
        case Number():
            return node.text
        case Name():
            return ":".join((*node.marks, node.base)) + scripts(node.scripts)
        case Sign():
            return f"·{node.kind}" + scripts(node.scripts)
        case Differential():
            return f"D{node.kind[0]}" + scripts(node.scripts)
        case Nabla():
            return "nabla" + scripts(node.scripts)
        case Big():
            return node.kind.upper() + scripts(node.scripts)
        case Juxtaposition():
            return "<" + " ".join(map(outline, node.items)) + ">"
        case Addition():
            terms = zip(node.signs, node.terms, strict=True)
            return (
                "<"
                + " ".join(f"{'+' if sign > 0 else '-'}{outline(term)}" for sign, term in terms)
                + ">"
            )
        case Listing():
            return ", ".join(map(outline, node.items))
        case Group():
            return node.kind + outline(node.body) + CLOSERS[node.kind] + scripts(node.scripts)
        case Fraction():
            return f"({outline(node.numerator)} / {outline(node.denominator)})" + scripts(
                node.scripts
            )
        case Root():
            return f"sqrt({outline(node.body)})"
        case Braced():
            return f"braced({outline(node.body)}; {node.note})"
        case Text():
            return repr(node.words)
        case Table():
            rows = " // ".join(" & ".join(map(outline, row)) for row in node.rows)
            return f"{node.kind}[{rows}]" + scripts(node.scripts)
        case Chain():
            return chain(node)
    raise AssertionError(node)


def scripts(found: Scripts) -> str:
    if found == BARE:
        return ""
    parts = ["'" * found.primes]
    parts += [f"_{outline(found.sub)}"] if found.sub is not None else []
    parts += [f"^{outline(found.sup)}"] if found.sup is not None else []
    parts += ["^T"] if found.transposed else []
    parts += ["^*"] if found.star else []
    return "{" + " ".join(part for part in parts if part) + "}"


def chain(row: Chain) -> str:
    words = [row.leading] if row.leading else []
    for position, side in enumerate(row.sides):
        words += [row.relations[position - 1]] if position else []
        words.append(outline(side))
    notes = "".join(f" ! {outline(note)}" for note in row.notes)
    return " ".join(words) + notes


def table() -> Iterator[tuple[str, str]]:
    """Pairs of a formula and, indented below it, its outline."""
    lines = Path(__file__).with_name("layouts.txt").read_text(encoding="utf-8").splitlines()
    for tex, expected in pairwise(lines):
        if expected.startswith("    "):
            yield tex, expected.strip()


LAYOUTS = list(table())


def test_the_table_is_read_whole() -> None:
    assert len(LAYOUTS) > 250
    assert len({tex for tex, _ in LAYOUTS}) == len(LAYOUTS)


@pytest.mark.parametrize(("tex", "expected"), LAYOUTS, ids=[tex for tex, _ in LAYOUTS])
def test_layout(tex: str, expected: str) -> None:
    assert outline(parse_row(tex)) == expected


SAME = [
    (r"a^l_j", r"a_j^l", r"{a^l}_j", r"{a_j}^l", r"a^{l}_{j}", r"{{a}^l}_j", "a ^ l _ j"),
    (r"W^T", r"W^\top", r"W^{\top}", r"W^\intercal", r"W^{\mathsf T}", r"W^\mathrm{T}", "W^⊤"),
    (r"W^{(l)T}", r"{W^{(l)}}^T", r"W^{(l)\top}", r"W^{(l),T}", r"W^{(l)\mathsf{T}}", r"W^{T(l)}"),
    (r"\sigma'", r"\sigma^\prime", r"\sigma^{\prime}", "σ'", "σ′", r"{\sigma}'"),
    (r"f'^{(l)}", r"f^{(l)}'", r"f^{(l)\prime}", r"{f'}^{(l)}", r"{f^{(l)}}'"),
    (r"\frac{a}{b}", r"\dfrac{a}{b}", r"\tfrac ab", r"\cfrac{a}b", r"{a \over b}"),
    (r"\frac{\partial C}{\partial w}", r"\pdv{C}{w}", r"\dfrac{∂C}{∂w}"),
    (
        r"\frac{dC}{dw}",
        r"\dv{C}{w}",
        r"\frac{\mathrm{d}C}{\mathrm{d}w}",
        r"\frac{{\rm d} C}{{\rm d} w}",
    ),
    (r"a \odot b", r"a \circ b", "a ⊙ b", "a ∘ b", "a .* b"),
    (r"a \cdot b", "a · b", r"a \quad \cdot b"),
    (
        r"\|x\|^2",
        r"\lVert x \rVert^2",
        r"\left\|x\right\|^2",
        "||x||^2",
        r"\Vert x \Vert^2",
        "‖x‖^2",
    ),
    (r"|x|", r"\lvert x \rvert", r"\left|x\right|", r"\bigl|x\bigr|"),
    (r"(a + b)", r"\left(a + b\right)", r"\Big( a + b \Big)"),
    (r"a \ne b", r"a \neq b", r"a \not= b", "a ≠ b", r"a \quad \neq \quad b"),
    (r"a \le b", r"a \leq b", r"a \leqslant b", "a ≤ b"),
    (r"a := b", r"a \coloneqq b", r"a \triangleq b", r"a \stackrel{\text{def}}{=} b", "a ≔ b"),
    (r"\mathbf{z}_j", r"\mathbf z_j", r"\mathbf{z_j}", r"{\bf z}_j", r"{\mathbf{z}}_j"),
    (
        r"\mathrm{softmax}(z)",
        r"\operatorname{softmax}(z)",
        r"\text{softmax}(z)",
        r"{\rm softmax}(z)",
    ),
    (r"\hat{\mathbf{y}}", r"\mathbf{\hat{y}}", r"\hat\mathbf{y}", r"\hat{\mathbf y}"),
    (r"w_ij", r"w_{i}j", r"w_i j"),
    (
        r"a = b",
        r"a = b.",
        r"a = b,",
        r"a = b \quad",
        r"\boxed{a = b}",
        r"\begin{aligned} a &= b \\ \end{aligned}",
    ),
    (r"\sum_{k} a", r"\sum\limits_{k} a", r"\displaystyle\sum_k a", r"\sum_k \quad a", "∑_k a"),
]


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_other_spellings_have_the_same_layout(spellings: tuple[str, ...]) -> None:
    first = parse_row(spellings[0])
    assert {tex: outline(parse_row(tex)) for tex in spellings} == dict.fromkeys(
        spellings, outline(first)
    )
    assert all(parse_row(tex) == first for tex in spellings)


DIFFERENT = [
    (r"w_ij", r"w_{ij}"),
    (r"{x^2}^3", r"x^{23}"),
    (r"W^T", r"W'"),
    (r"W^T", r"W^t"),
    (r"\sigma'(z)", r"\sigma(z)'"),
    (r"a (b + c)", r"a b + c"),
    (r"\left. a + b \right|_{x=0}", r"a + b |_{x=0}"),
    (r"\mathbf{x}", "x"),
    (r"|a| b |c|", r"\left|a \left|b\right| c\right|"),
    ("2 3", "23"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_on_paper_differs_in_layout(one: str, other: str) -> None:
    assert parse_row(one) != parse_row(other)


def nodes(node: object) -> Iterator[Node]:
    """The node and all below it."""
    if isinstance(node, Node):
        yield node
    if isinstance(node, (Node, Scripts)):
        for entry in dataclasses.fields(node):
            yield from nodes(getattr(node, entry.name))
    elif isinstance(node, tuple):
        for part in node:
            yield from nodes(part)


@pytest.mark.parametrize("tex", [tex for tex, _ in LAYOUTS])
def test_a_span_holds_the_text_of_its_node(tex: str) -> None:
    """What stands at the span of a fraction, a bracket or a name reads as that node again."""
    row = parse_row(tex)
    for node in nodes(row):
        begin, end = node.span
        assert 0 <= begin <= end <= len(tex)
        if isinstance(node, (Fraction, Group)) and r"\left." not in tex and "dv{" not in tex:
            assert parse_row(tex[begin:end]).sides == (node,), tex[begin:end]


def test_spans_point_at_the_source() -> None:
    tex = r"\delta^l_j = \sum_k w^{l+1}_{kj} \sigma'(z^l_j)"
    shown = {outline(node): tex[slice(*node.span)] for node in nodes(parse_row(tex))}
    assert shown["delta{_j ^l}"] == r"\delta^l_j"
    assert shown["w{_<k j> ^<+l +1>}"] == r"w^{l+1}_{kj}"
    assert shown["(z{_j ^l})"] == r"(z^l_j)"
    assert shown["sigma{'}"] == r"\sigma'"
    assert shown["SUM{_k}"] == r"\sum_k"


def test_every_kind_of_the_lexicon_is_taken() -> None:
    kinds = {kind for table in (COMMANDS, CHARACTERS, UNICODE) for kind, _ in table.values()}
    assert {kind for kind in kinds if not callable(getattr(Scanner, f"take_{kind}", None))} == set()


def test_a_row_of_words_has_no_sides() -> None:
    row = parse_row(r"\text{as before}")
    assert row.sides == ()
    assert [outline(note) for note in row.notes] == ["'as before'"]
