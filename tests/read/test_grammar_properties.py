"""Whatever is typed, the reader reads it or says why not; what it can print it reads back."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.errors import LimitError
from symbackprop.read.grammar import Unreadable, parse_row
from symbackprop.read.layout import (
    BARE,
    Addition,
    Big,
    Chain,
    Differential,
    Fraction,
    Group,
    Juxtaposition,
    Listing,
    Name,
    Node,
    Number,
    Root,
    Scripts,
    Sign,
)
from symbackprop.read.lexicon import CHARACTERS, COMMANDS, GREEK, UNICODE

# --- nothing but our own errors -------------------------------------------------------------------

PARTS = (
    *(f"\\{name}" for name in COMMANDS),
    *CHARACTERS,
    *UNICODE,
    *"adTlCWxz0129 ",
    *("{a}", "_{ij}", "^{(l)}", "^T", r"\left(", r"\right)", r"\left.", r"\right|", "{}", "[2]"),
    *(r"\text{if }", r"\text{$k=j$}", r"\text{out}", r"\mathbf{W}", r"\frac{a}{b}", r"\pdv{C}"),
    *(r"\begin{cases}", r"\end{cases}", r"\begin{aligned}", r"\end{aligned}", r"\underbrace{a}"),
    *('"', "#", "$", "\x00", "\ud800", "é", "𝜕", r"\nosuchcommand"),
)


def read(tex: str) -> None:
    """Read it, or be refused at a place inside the row."""
    refused = refusal(tex)
    if refused is not None:
        assert 0 <= refused.offset <= len(tex)
        assert refused.what
        assert str(refused).startswith(f"column {refused.offset + 1}: ")


def refusal(tex: str) -> Unreadable | None:
    """Why the row cannot be read; any other exception but a limit's is let through."""
    with contextlib.suppress(LimitError):
        try:
            parse_row(tex)
        except Unreadable as error:
            return error
    return None


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=30))
def test_any_words_are_read_or_refused(parts: list[str]) -> None:
    read(" ".join(parts))
    read("".join(parts))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(tex: str) -> None:
    read(tex)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read(data.decode("utf-8", errors="surrogateescape"))


# --- printed and read back ------------------------------------------------------------------------

LETTERS = "abcghijklmnpqrsuvwxyzABCDEFGHIJKLMNOPQRSUVWXYZ"  # d and T have meanings of their own
FONTS = ("mathbf", "boldsymbol", "mathcal", "hat", "bar", "tilde")
SIGNS = {"dot": r"\cdot", "cross": r"\times", "hadamard": r"\odot", "star": "*", "slash": "/"}
RELATIONS = {"=": "=", ":=": ":=", "neq": r"\ne", "leq": r"\le", "<": "<", "approx": r"\approx"}
BRACKETS = {"(": "()", "[": "[]", "\\{": (r"\{", r"\}"), "|": (r"\left|", r"\right|")}
BRACKETS |= {"‖": (r"\left\|", r"\right\|")}


def printed(node: Node) -> str:
    """The row as TeX: plain, every argument in braces."""
    match node:
        case Number():
            return node.text
        case Name():
            word = node.base if len(node.base) == 1 else f"\\{node.base} "
            for mark in reversed(node.marks):
                word = f"\\{mark}{{{word}}}"
            return word + hung(node.scripts)
        case Sign():
            return SIGNS[node.kind]
        case Differential():
            return r"\partial " + hung(node.scripts)
        case Big():
            return f"\\{node.kind}" + hung(node.scripts)
        case Juxtaposition():
            return " ".join(map(printed, node.items))
        case Addition():
            pairs = zip(node.signs, node.terms, strict=True)
            return " ".join(("+" if sign > 0 else "-") + printed(term) for sign, term in pairs)
        case Listing():
            return ", ".join(map(printed, node.items))
        case Group():
            opening, closing = BRACKETS[node.kind]
            return opening + printed(node.body) + closing + hung(node.scripts)
        case Fraction():
            above, below = printed(node.numerator), printed(node.denominator)
            return f"\\frac{{{above}}}{{{below}}}" + hung(node.scripts)
        case Root():
            return f"\\sqrt{{{printed(node.body)}}}"
        case Chain():
            words = [printed(node.sides[0])]
            for relation, side in zip(node.relations, node.sides[1:], strict=True):
                words += [RELATIONS[relation], printed(side)]
            return " ".join(words)
    raise AssertionError(node)


def hung(scripts: Scripts) -> str:
    above = "" if scripts.sup is None else printed(scripts.sup)
    if scripts.transposed:
        above += ", T" if scripts.sup is not None else "T"
    text = "'" * scripts.primes
    text += f"_{{{printed(scripts.sub)}}}" if scripts.sub is not None else ""
    return text + (f"^{{{above}}}" if above else "")


def side_by_side(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Factors, with a sign between some of them."""

    def joined(first: Node, rest: list[tuple[str, Node]]) -> Node:
        items = [first]
        for sign, factor in rest:
            items += [Sign(sign), factor] if sign else [factor]
        return Juxtaposition(tuple(items))

    between = st.tuples(st.sampled_from(("", *SIGNS)), parts)
    return st.builds(joined, parts, st.lists(between, min_size=1, max_size=3))


def added(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def joined(pairs: list[tuple[int, Node]]) -> Node:
        signs, terms = zip(*pairs, strict=True)
        return Addition(terms, signs)

    return st.builds(
        joined, st.lists(st.tuples(st.sampled_from((1, -1)), parts), min_size=1, max_size=3)
    )


def listed(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.builds(lambda items: Listing(tuple(items)), st.lists(parts, min_size=2, max_size=3))


def related(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Chain]:
    def joined(first: Node, rest: list[tuple[str, Node]]) -> Chain:
        relations = tuple(relation for relation, _ in rest)
        return Chain((first, *(side for _, side in rest)), relations)

    further = st.tuples(st.sampled_from(tuple(RELATIONS)), parts)
    return st.builds(joined, parts, st.lists(further, min_size=1, max_size=2))


BASES = st.sampled_from((*LETTERS, *GREEK))
MARKS = st.lists(st.sampled_from(FONTS), max_size=1).map(tuple)
PLAIN = st.builds(Name, BASES)
NUMBERS = st.builds(Number, st.sampled_from(("0", "1", "2", "12", "0.5", "3.25")))
INDICES = st.one_of(
    PLAIN, NUMBERS, side_by_side(PLAIN), added(PLAIN), listed(PLAIN), related(PLAIN)
)
LAYERS = st.one_of(PLAIN, added(PLAIN), st.builds(Group, st.sampled_from("(["), PLAIN))
SCRIPTS = st.one_of(
    st.just(BARE),
    st.builds(
        Scripts,
        st.none() | INDICES,
        st.none() | LAYERS,
        st.integers(0, 2),
        transposed=st.booleans(),
    ),
)
LIMITS = st.builds(Scripts, st.none() | PLAIN | related(PLAIN), st.none() | PLAIN)
ATOMS = st.one_of(st.builds(Name, BASES, MARKS, SCRIPTS), NUMBERS)


def larger(factors: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    terms = factors | side_by_side(factors)
    bodies = terms | added(terms)
    brackets = st.sampled_from(tuple(BRACKETS))
    return st.one_of(
        st.builds(Group, brackets, bodies | listed(bodies) | related(bodies), SCRIPTS),
        st.builds(Fraction, bodies, bodies),
        st.builds(Root, bodies),
        st.builds(lambda scripts, body: Juxtaposition((Big("sum", scripts), body)), LIMITS, factors)
        .filter(lambda node: not isinstance(node.items[1], Juxtaposition))
        .map(lambda node: Group("(", node)),
        st.builds(
            lambda above, below: Fraction(
                Juxtaposition((Differential(), above)), Juxtaposition((Differential(), below))
            ),
            ATOMS,
            ATOMS,
        ),
    )


FACTORS = st.recursive(ATOMS, larger, max_leaves=8)
SIDES = st.one_of(FACTORS, side_by_side(FACTORS), added(FACTORS))


@settings(max_examples=300, deadline=None)
@given(related(SIDES))
def test_what_is_printed_reads_back(row: Chain) -> None:
    assert parse_row(printed(row)) == row
