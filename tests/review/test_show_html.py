"""The annotated page: the author's words, every formula and its mark, and nothing that can act."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
import pytest

from symbackprop.read.documents import kind_of, read_text
from symbackprop.review.report import FileReport, Line
from symbackprop.review.show import html
from symbackprop.review.show.manuscript import Drawn, manuscript

VOID = {"meta", "br", "hr", "wbr", "img", "link", "input"}
ENDED = {"p", "li"}  # HTML may leave these open; our page does not
PHRASING = {"a", "b", "br", "code", "em", "i", "mark", "math", "span", "strong"}
NOTEBOOK = r"""{"cells": [
{"cell_type": "markdown", "source": ["# One\n", "$$\\alpha = b$$"]},
{"cell_type": "code", "source": ["secret = 1"]},
{"cell_type": "markdown", "source": "so $c = d$"}]}"""


class Page(HTMLParser):
    """The elements of a page, checked to be well nested, and the text of each class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, str]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.elements.append((tag, told))
        inside = [name for name, _ in self.stack]
        if "p" in inside and "math" not in inside:
            assert tag in PHRASING, f"<{tag}> would end the paragraph"
        if tag not in VOID:
            self.stack.append((tag, told.get("class") or ""))
            for name in (told.get("class") or "").split():
                self.texts.setdefault(name, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self.stack.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        for _, classes in self.stack:
            for name in classes.split():
                self.texts[name][-1] += data

    def of(self, name: str) -> list[str]:
        return [" ".join(text.split()) for text in self.texts.get(name, [])]


def page(*files: FileReport) -> Page:
    return Page(html.report(files))


def about(source: str, path: str = "a.md", *lines: Line) -> FileReport:
    return FileReport(path, "undecided", None, (), lines, source=source)


def test_every_verdict_has_its_mark_beside_its_formula(report: FileReport) -> None:
    shown = page(report)
    assert [mark for mark in shown.of("mark") if mark] == [*"✗✗✗!?", *"✓✗✗✓✗!?"]
    assert len([tag for tag, _ in shown.elements if tag == "math"]) == 8  # seven, and one repair


def test_the_words_of_the_author_stand_around_them(report: FileReport) -> None:
    (paper,) = page(report).of("paper")
    for words in ("Backpropagation, week 3", "We write", "for the weighted input.", "Hence",
                  "A <b>quotation</b> with", "W -= eta * delta # $not = mathematics$"):  # fmt: skip
        assert words in paper
    assert "a remark that nobody sees" not in paper
    assert "$$" not in paper
    assert "\\begin{align}" not in paper


def test_a_note_says_what_the_terminal_says(report: FileReport) -> None:
    note = page(report).of("note")[0]
    line = report.lines[2]
    for words in ("refuted transposed-weight", "The two sides differ.", "The indices of w",
                  "the left side is 3/8, the right side -5/12", str(line.repair)):  # fmt: skip
        assert words in note
    assert page(report).of("fault")[0].startswith(r"\delta^l_j &= \sum_k w^{l+1}_{jk}")
    marked = re.findall(r"<mark>(.*?)</mark>", html.report([report]))
    assert marked == ["w^{l+1}_{jk}", r"\delta^{l+1}_k \sigma&#39;(z^l_j)", r"\foo"]


def test_the_summary_leads_to_the_wrong_lines(report: FileReport) -> None:
    shown = page(report, msgspec.structs.replace(report, path="other.md"))
    ids = [told["id"] for _, told in shown.elements if "id" in told]
    assert len(ids) == len(set(ids))
    targets = {str(told["href"])[1:] for _, told in shown.elements if "href" in told}
    assert targets <= set(ids)
    line = report.lines[2]
    assert f"f1-{line.line}-{line.column}" in targets
    first = "(2) refuted [transposed-weight], the first wrong step"
    assert first in shown.of("troubles")[0]
    assert shown.of("assumed")[0].startswith("w^l_{jk} goes from k")


def test_nothing_in_it_acts_or_loads(report: FileReport) -> None:
    shown = page(report)
    assert not {"script", "img", "iframe", "object", "link", "form"} & {
        t for t, _ in shown.elements
    }
    for _, told in shown.elements:
        assert not any(name.startswith("on") for name in told)
        assert not re.match(r"(?:https?:)?//|javascript:|data:", str(told.get("href") or "#"))
        assert "src" not in told
    policy = next(told["content"] for tag, told in shown.elements if "http-equiv" in told)
    assert str(policy).startswith("default-src 'none'")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>\n\n$a = b$",
        "<img src=x onerror=alert(1)> $a = b$",
        "[$a = b$](javascript:alert(1)) and [x](data:text/html,y)",
        "![$a = b$](https://example.org/x.png \"t\")",
        "<div title='$a = b$' onclick=x>",
        "$\\text{<script>x</script>} = \"b\"$",
        "$a = \\href{javascript:x}{b}$",
        "<https://example.org/$a=b$>, $c = d$",
        "# <svg onload=x> $a = b$",
        "`<script>` $a = b$",
        "$a = b$ \ue0000\ue001 \ue0009\ue001",
        "```<script>\n</script>\n```\n$a = b$",
        "&lt;script&gt; $a = b$ &#60;script>",
    ],
)  # fmt: skip
def test_what_an_author_writes_stays_text(text: str) -> None:
    shown = page(about(text))
    names = {tag for tag, _ in shown.elements}
    assert not names & {"script", "svg", "img", "div onclick", "iframe"}
    for _, told in shown.elements:
        assert not any(name.startswith("on") for name in told)
        assert not str(told.get("href", "")).startswith(("javascript", "data"))


def test_paths_messages_and_faults_are_escaped() -> None:
    line = Line("<b>", 1, 2, "a = b", "claim", "refuted", message="<i>\u202e", repair="<u>")
    file = FileReport("<s>.md", "refuted", "<b>", ("<q>",), (line,), source="$a = b$")
    text = html.report([file], ["<em>.md: no"])
    assert not {"s", "u", "q", "em"} & {tag for tag, _ in Page(text).elements}
    assert "\u202e" not in text
    assert "&lt;em&gt;.md: no" in text


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("a.tex", "\\section{One}\nLet % a remark\n\\[a = b\\]\nso $c = d$.", "\\section{One}"),
        ("<stdin>", "a = b\nc = d", ""),
        ("a.md", "| x | y |\n|---|---|\n| $a = b$ | $c = d$ |", "x"),
        ("a.md", "> $$\n> a = b\n> $$\n\n1. $c = d$", ""),
        ("a.md", "```math\na = b\n```\n*so* $c = d$", "so"),
        (
            "a.ipynb",
            NOTEBOOK,
            "One",
        ),
    ],
)
def test_every_kind_of_document_is_shown(path: str, source: str, words: str) -> None:
    document = read_text(source, path, kind_of(path, source))
    first, second = document.formulas
    lines = [
        Line("", formula.line, formula.column, formula.tex, "claim", verdict)
        for formula, verdict in ((first, "proved"), (second, "refuted"))
    ]
    shown = page(about(source, path, *lines))
    assert shown.of("mark")[-2:] == ["✓", "✗"]
    assert words in shown.of("paper")[0]
    assert "secret" not in shown.of("paper")[0]
    assert shown.of("math")[0].endswith("=b")


def test_formulas_that_nobody_judged_are_drawn_without_a_mark() -> None:
    shown = page(about("for $k = j$ and $l$"))
    assert len(shown.of("math")) == 2
    assert shown.of("mark") == []


@pytest.mark.parametrize("tex", ["{" * 20_000 + "x" + "}" * 20_000, "a = " + "b" * 30_000])
def test_what_the_converter_cannot_bear_is_shown_as_it_is(tex: str) -> None:
    assert "tex" in page(about(f"$${tex}$$\n\n$c = d$")).texts


def test_tex_that_the_converter_does_not_know_is_shown_as_it_is() -> None:
    assert page(about(r"$a = \unknown b$")).of("tex") == [r"a = \unknown b"]


def test_the_writer_of_formulas_gets_them_by_blocks() -> None:
    document = read_text("$a = b$\n\\begin{align}c &= d\\\\ &= e\\end{align}")
    seen = []
    text = manuscript(
        document, lambda rows: seen.append(len(rows)) or Drawn(f"<b>{len(rows)}</b>", "<i>n</i>")
    )
    assert seen == [1, 2]
    assert re.sub(r"\s", "", text) == "<p><b>1</b><b>2</b><i>n</i><i>n</i></p>"


def test_one_file_has_all_that_it_needs(report: FileReport) -> None:
    text = html.report([report])
    assert text.count("@font-face") == 1
    assert "url(data:font/woff2" in text
    assert "@media print" in text
    assert "prefers-color-scheme:dark" in text
