"""Words with formulas in them: what is set as mathematics and what is escaped."""

from __future__ import annotations

import pytest

from symbackprop.networks.notations import notation_named
from symbackprop.render import prose
from symbackprop.render.escape import escape_markdown, escape_tex, visible
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.typst_math import TypstPrinter
from symbackprop.render.unicode_math import TextPrinter

from .conftest import HOSTILE

LATEX, TYPST, TEXT = LatexPrinter(), TypstPrinter(), TextPrinter()
REASONS = [
    ("only k = j is left", "only $k = j$ is left"),
    ("∂a_k/∂z_j = σ'(z_k) if k ≠ j", r"$\partial a_{k}/\partial z_{j} = \sigma'(z_{k})$ if $k \neq j$"),
    ("a sum over k", "a sum over $k$"),
    ("w^{l+1}_{kj} and w_kj", "$w^{l+1}_{kj}$ and $w_{kj}$"),
    ("Σ_k w_kj δ_k is row j", r"$\sum_{k} w_{kj} \delta_{k}$ is row $j$"),
    ("for l + 1 = L it is I", "for $l + 1 = L$ it is I"),
    ("i.e. a neuron's z", "i.e. a neuron's $z$"),
    ("diag(a)", "diag($a$)"),
    ("100 % of $x$", r"100 \% of \$$x$\$"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "tex"), REASONS)
def test_reasons_in_tex(said: str, tex: str) -> None:
    assert prose.tex(said, LATEX) == tex


def test_one_reason_in_every_dialect() -> None:
    said = "C sees z_j if k ≠ j"
    assert prose.text(said, TEXT) == said
    assert prose.markdown(said, LATEX) == r"$`C`$ sees $`z_{j}`$ if $`k \neq j`$"
    assert prose.typst(said, TYPST) == '$C$ #"sees"; $z_(j)$ #"if"; $k != j$'
    assert prose.html(said, LATEX, "<{}>".format) == r"<C> sees <z_{j}> if <k \neq j>"


def test_indices_follow_the_notation() -> None:
    notes = LatexPrinter(notation_named("notes"))
    assert prose.tex("∂a_k/∂z_j if k = j", notes) == r"$\partial a_{j}/\partial z_{i}$ if $j = i$"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(hostile: str) -> None:
    tex = escape_tex(hostile)
    assert "\\input" not in tex
    assert "\\write" not in tex
    assert "<" not in escape_markdown(hostile)
    assert visible(hostile) == visible(visible(hostile))
    assert visible(hostile).isprintable()


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("50% & $5 #1", r"50\% \& \$5 \#1"),
        ("a_b^c~d", r"a\_b\textasciicircum{}c\textasciitilde{}d"),
        ("\\end{document}", r"\textbackslash{}end\{document\}"),
        ("Gödel, naïve", "Gödel, naïve"),
        ("δ ≤ ½", r"\ensuremath{\delta} \ensuremath{\leq} \ensuremath{\frac{1}{2}}"),
        ("😀 日", "[U+1F600] [U+65E5]"),
        ("\u202eabc", "[U+202E]abc"),
    ],
)
def test_escaping_for_tex(text: str, tex: str) -> None:
    assert escape_tex(text) == tex
