"""The page: well formed, nothing that runs, nothing from the network, every text escaped."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from symbackprop.judge.verdict import Checked
from symbackprop.render.html import to_html

from .conftest import EVERY_STATUS, HOSTILE, four_steps, real

VOID = {"meta", "br", "wbr", "img", "link", "hr", "mspace"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "section", "figure", "div",
    "h1", "h2", "p", "span", "b", "a", "code", "table", "thead", "tbody", "tr", "th", "td", "sup",
    "wbr", "svg", "line", "circle", "text", "tspan",
    "math", "mrow", "mi", "mo", "mn", "mfrac", "msub", "msup", "msubsup", "munder", "mover",
    "munderover", "msqrt", "mtext", "mspace", "mpadded", "mstyle",
}  # fmt: skip


class Reader(HTMLParser):
    """Refuses unclosed tags, unknown elements and everything that could run or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.attribute(tag, name, value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def attribute(self, tag: str, name: str, value: str) -> None:
        assert not name.startswith("on")
        assert name not in ("src", "srcdoc", "action", "formaction", "xlink:href", "background")
        assert "javascript:" not in value.lower()
        if name == "href":
            assert value.startswith("#")
            self.links.add(value[1:])
        elif name == "id":
            assert value not in self.ids
            self.ids.add(value)
        elif name != "xmlns":
            assert not re.search(r"https?:|//", value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_is_well_formed_and_cannot_run_anything(checked: Checked) -> None:
    page = to_html(checked)
    reader = read(page)
    assert reader.links <= reader.ids
    assert {f"eq{n}" for n in range(1, len(checked.verdicts) + 1)} <= reader.ids
    assert "default-src 'none'" in page
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert "@import" not in styles
    assert re.findall(r"url\((?!data:)", styles) == []


def test_every_formula_became_mathml(checked: Checked) -> None:
    page = to_html(checked)
    assert 'class="tex"' not in page
    shown = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert "\\" not in shown
    assert page.count("<math") > 2 * len(checked.verdicts)


def test_the_famous_line_as_mathml() -> None:
    page = to_html(four_steps())
    fraction = (
        r"<mfrac><mrow><mi>∂</mi><mi>C</mi></mrow>"
        r"<mrow><mi>∂</mi><msubsup><mi>z</mi><mi>j</mi><mi>L</mi></msubsup></mrow></mfrac>"
    )
    assert fraction in re.sub(r"<mo[^>]*>∂</mo>|<mi[^>]*>∂</mi>", "<mi>∂</mi>", page)


def test_the_font_is_in_the_page() -> None:
    page = to_html(four_steps())
    font = re.search(r"data:font/woff2;base64,([A-Za-z0-9+/=]+)", page)
    assert font
    assert base64.b64decode(font[1]).startswith(b"wOF2")
    assert len(page.encode()) < 400_000


def test_it_has_dark_print_and_narrow_styles() -> None:
    page = to_html(four_steps())
    for media in ("prefers-color-scheme:dark", "@media print", "@media (max-width"):
        assert media in page


def test_only_what_is_proved_is_printed_as_proved() -> None:
    page = to_html(four_steps(*EVERY_STATUS))
    marks = re.findall(r'id="eq\d">\(\d\) <span class="(\w+)" title="([\w ]+)">(.)<', page)
    assert marks == [
        ("good", "proved", "✓"), ("bad", "refuted", "✗"), ("bad", "undecided", "?"),
        ("bad", "not understood", "–"),
    ]  # fmt: skip
    text = " ".join(read(page).text)
    assert "refuted: widths [2, 3], l=1: 1/3 ≠ 2/3 at j=1" in text
    assert "1 of 4 lines proved" in text


def test_long_formulas_may_end_a_line_on_a_telephone() -> None:
    assert "<wbr>" in to_html(real("path"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_escaped(hostile: str) -> None:
    code = [{"name": hostile, "note": hostile, "tex": "x"}]
    page = to_html(four_steps(title=hostile, reason=hostile), code=code)
    reader = read(page)
    assert reader.ids == {"eq1", "eq2", "eq3", "eq4"}
    if hostile.isascii() and hostile.isprintable() and hostile.strip():
        assert hostile in "".join(reader.text), "the words themselves are shown"
    assert not re.search("[\x00-\x08\u202a-\u202e\u2066-\u2069]", page)
