"""What is printed is read back by a small reader of its own, and must have the same value."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Basic, Integer, Rational

from symbackprop.language.terms import Plus, Power, Quotient, Ref, Times, negative
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.typst_math import TypstPrinter
from symbackprop.render.unicode_math import TextPrinter

VALUES = {"a": Fraction(3, 7), "b": Fraction(-5, 3), "c": Fraction(11, 2), "y": Fraction(2, 9)}
VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅛": "1/8"}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def value(term: Basic) -> Fraction:
    """The value of a term, straight from its tree."""
    match term:
        case Ref():
            return VALUES[term.name]
        case Rational():
            return Fraction(int(term.p), int(term.q))
        case Plus(args=args):
            return sum(map(value, args), Fraction(0))
        case Times(args=args):
            product = Fraction(1)
            for arg in args:
                product *= value(arg)
            return product
        case Power(args=(base, exponent)):
            return value(base) ** int(exponent)
        case Quotient(args=(top, bottom)):
            return value(top) / value(bottom)
    raise TypeError(term)


def computed(python: str) -> Fraction:
    """The value of a formula, with ``*`` put between whatever stands side by side."""
    tokens = re.findall(r"\*\*|\d+|[a-z]+|[-+*/(),]", python)
    out: list[str] = []
    for token in tokens:
        before = out[-1] if out else ""
        touches = re.fullmatch(r"\d+\)?|[a-z]|\)|F\(\d+\)", before)
        if touches and (token == "(" or token.isalnum()):
            out.append("*")
        out.append(f"F({token})" if token.isdigit() and before != "**" else token)
    functions = {"frac": lambda top, bottom: top / bottom, "F": Fraction}
    return Fraction(eval("".join(out), {"__builtins__": {}}, {**VALUES, **functions}))


def from_text(text: str) -> str:
    for sign, plain in VULGAR.items():
        text = text.replace(sign, f"({plain})")
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + m[0].translate(RAISED), text)
    return text.replace("·", "*")


def latex_fractions(tex: str) -> str:
    """``\\frac{A}{B}`` → ``frac((A),(B))``, from the inside out."""
    tex = re.sub(r"\\(left|right|bigl|bigr)(?![a-z])", "", tex).replace(r"\cdot", "*")
    tex = re.sub(r"\^\{(\d+)\}", r"**\1", tex)
    while r"\frac" in tex:
        tex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"frac((\1),(\2))", tex)
    return tex


def from_typst(text: str) -> str:
    return re.sub(r"\^\((\d+)\)", r"**\1", text).replace("dot.op", "*")


DIALECTS = {
    "text": (TextPrinter, from_text),
    "latex": (LatexPrinter, latex_fractions),
    "typst": (TypstPrinter, from_typst),
}
atoms = st.one_of(
    st.sampled_from([Ref(name) for name in VALUES]),
    st.integers(-4, 4).map(Integer),
    st.sampled_from([Rational(1, 2), Rational(-1, 3), Rational(5, 7)]),
)
positive = st.sampled_from([Ref("a"), Ref("c"), Integer(3)])
terms = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Plus(*parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Times(*parts)),
        st.tuples(inner, st.integers(2, 3)).map(lambda p: Power(p[0], Integer(p[1]))),
        st.tuples(inner, positive).map(lambda p: Quotient(*p)),
        st.tuples(positive, st.tuples(positive, positive).map(lambda p: Plus(*p))).map(
            lambda p: Quotient(*p)
        ),
        inner.map(negative),
    ),
    max_leaves=9,
)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(term=terms)
def test_brackets_and_signs_keep_the_value(dialect: str, term: Basic) -> None:
    printer, reader = DIALECTS[dialect]
    printed = printer().text(term)
    assert computed(reader(printed)) == value(term), printed


@given(term=terms, width=st.integers(8, 40))
def test_breaking_a_line_keeps_the_value(term: Basic, width: int) -> None:
    printer = TextPrinter()
    lines = printer.lines(printer.row(term), width)
    assert computed(from_text(" ".join(line.text for line in lines))) == value(term)


@given(term=terms)
def test_the_order_is_kept(term: Basic) -> None:
    """The letters stand in the order of the tree."""

    def letters(node: Basic) -> str:
        return node.name if isinstance(node, Ref) else "".join(letters(arg) for arg in node.args)

    assert re.sub("[^abcy]", "", TextPrinter().text(term)) == letters(term)
