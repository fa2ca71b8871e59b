"""Handouts: what is told, in which letters, and that `check` proves every line of the Markdown."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from symbackprop.derive import derive
from symbackprop.errors import InputError
from symbackprop.handout import PARTS, Handout, handout
from symbackprop.handout.catalogue import LANGUAGES, LEVELS, catalogue
from symbackprop.handout.html import to_html
from symbackprop.handout.markdown import to_markdown
from symbackprop.handout.pdf import to_typst
from symbackprop.handout.practice import asked
from symbackprop.handout.tex import to_tex
from symbackprop.networks.network import Network
from symbackprop.networks.notations import notation_named
from symbackprop.read.documents import read_text
from symbackprop.review.document import check_document
from symbackprop.review.report import FileReport

SOURCES = ("nielsen", "notes", "bishop", "goodfellow", "ng", "d2l", "cs231n", "3b1b")
EVIL = "a \\write18{ls} <script>alert(1)</script> 100% $x$ \N{GRINNING FACE} \u202eolleh"
NETWORKS = {
    "equal widths": {"layers": (2, 2, 2)},
    "softmax": {"layers": (3, 4, 3), "activation": ("relu", "softmax"), "cost": "cross-entropy"},
    "any": {"layers": None, "activation": "unspecified", "cost": "unspecified"},
    "three functions": {"layers": (4, 5, 3, 2), "activation": ("relu", "tanh", "sigmoid")},
    "penalty": {"layers": None, "activation": "tanh", "l2": True},
    "one layer, no biases": {"layers": (2, 1), "activation": "identity", "biases": False},
    "samples above": {"layers": (2, 2, 2), "notation": "brackets", "batch": "rows"},
    "penalty of two layers": {"layers": (2, 3, 2), "l2": True, "notation": "parentheses"},
    "one layer of a batch": {"layers": (5, 1), "cost": "sum-of-squares", "notation": "bishop"},
    "the same function twice": {
        "layers": (2, 2, 3, 2),
        "activation": ("relu", "gelu", "gelu"),
        "cost": "unspecified",
    },
    "wide": {"layers": (784, 30, 10), "activation": "softmax", "cost": "cross-entropy"},
}


@cache
def made(name: str = "equal widths", level: str = "undergraduate", notation: str = "nielsen",
         language: str = "en", parts: tuple[str, ...] = ()) -> Handout:  # fmt: skip
    network = Network(**{"notation": notation, **NETWORKS[name]})  # type: ignore[arg-type]
    return handout(network, words=catalogue(language, level), parts=parts, seed=11)


def checked(text: str) -> tuple[FileReport, Counter[str]]:
    report = check_document(read_text(text), seed=1)
    return report, Counter(line.verdict for line in report.lines if line.verdict)


class TestRoundTrip:
    @pytest.mark.parametrize("notation", SOURCES)
    def test_every_notation_is_proved_to_the_last_line(self, notation: str) -> None:
        cost = notation_named(notation).cost
        network = Network((2, 3, 2), cost=cost, notation=notation)
        written = to_markdown(handout(network, words=catalogue(), seed=11))
        report, verdicts = checked(written)
        assert set(verdicts) == {"proved"}, [x for x in report.lines if x.verdict != "proved"][:3]
        assert verdicts["proved"] >= 65

    @pytest.mark.parametrize("name", NETWORKS)
    def test_every_network(self, name: str) -> None:
        _, verdicts = checked(to_markdown(made(name)))
        assert set(verdicts) == {"proved"}
        assert verdicts["proved"] >= 25

    @pytest.mark.parametrize("level", LEVELS)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_level_and_language(self, level: str, language: str) -> None:
        _, verdicts = checked(to_markdown(made(level=level, language=language)))
        assert set(verdicts) == {"proved"}

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [
            (r"w^{l+1}_{kj} \delta^{l+1}_{k} \right) \sigma'(z^{l}_{j})",
             r"w^{l+1}_{jk} \delta^{l+1}_{k} \right) \sigma'(z^{l}_{j})"),
            (r"= a^{l-1}_{k} \delta^{l}_{j}", r"= a^{l}_{k} \delta^{l}_{j}"),
            (r"(A^{l-1})^{T}", r"A^{l-1}"),
        ],
    )  # fmt: skip
    def test_a_line_that_somebody_spoils_is_found(self, right: str, wrong: str) -> None:
        written = to_markdown(made())
        assert right in written
        _, verdicts = checked(written.replace(right, wrong))
        assert verdicts["refuted"] + verdicts["ill-typed"] >= 1


class TestContents:
    def test_all_parts_in_an_order_that_teaches(self) -> None:
        assert [part.key for part in made().parts] == list(PARTS)

    def test_parts_are_chosen_and_nothing_refers_to_what_is_not_there(self) -> None:
        chosen = made(parts=("forward", "cost", "output", "matrix"))
        assert [part.key for part in chosen.parts] == ["forward", "cost", "output", "matrix"]
        tex = to_tex(chosen)
        assert set(re.findall(r"\\eqref\{(eq:\d+)\}", tex)) <= set(
            re.findall(r"\\label\{(eq:\d+)\}", tex)
        )

    def test_lines_are_numbered_through(self) -> None:
        numbers = [int(n) for n in re.findall(r"\\label\{eq:(\d+)\}", to_tex(made()))]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_levels_tell_more_or_less(self) -> None:
        lengths = {level: to_tex(made(level=level)).count(r"\label{eq:") for level in LEVELS}
        words = {level: len(to_markdown(made(level=level))) for level in LEVELS}
        assert lengths["research"] < lengths["undergraduate"] == lengths["school"]
        assert words["research"] < words["undergraduate"] < words["school"]

    def test_the_sum_collapses_only_where_it_may(self) -> None:
        assert "the sum collapses" in to_markdown(made())
        softmax = to_markdown(made("softmax"))
        assert "the sum does not collapse" in softmax
        assert "the sum collapses." not in softmax

    def test_questions_are_those_of_the_network(self) -> None:
        plain, softmax = to_markdown(made()), to_markdown(made("softmax"))
        assert "slope of ReLU" not in plain
        assert "slope of ReLU" in softmax
        assert "Why may the sum not be dropped" not in plain
        assert "Why may the sum not be dropped" in softmax

    def test_shapes_stand_below_the_factors(self) -> None:
        tex = to_tex(made())
        assert r"\underset{n_{l} \times n_{l+1}}{(w^{l+1})^{T}}" in tex
        assert r"\underset{n_{2} \times 1}" in tex, "its own width, not that of an equal layer"

    def test_the_command_repeats_it(self) -> None:
        assert made().command.endswith("--seed 11")
        assert to_html(made()).count("data-") == 0
        again = handout(Network((2, 2, 2)), words=catalogue(), seed=11)
        assert to_markdown(again) == to_markdown(made())


class TestWords:
    def test_every_catalogue_has_the_same_keys(self) -> None:
        english, german = (catalogue(language).table for language in ("en", "de"))
        for section in ("words", "text"):
            assert set(english[section]) == set(german[section])
        for key, entry in english["text"].items():
            assert isinstance(entry, str) == isinstance(german["text"][key], str), key
        assert english["words"]["parts"].keys() == german["words"]["parts"].keys() >= PARTS.keys()

    def test_places_are_the_same_in_every_language(self) -> None:
        english, german = (catalogue(language).table["text"] for language in ("en", "de"))
        for key, entry in english.items():
            for one, other in zip(_sentences(entry), _sentences(german[key]), strict=True):
                assert set(re.findall(r"\{\w+\}", one)) == set(re.findall(r"\{\w+\}", other)), key

    @pytest.mark.parametrize("name", NETWORKS)
    def test_every_reason_is_translated(self, name: str) -> None:
        words = catalogue("de")
        derivation = derive(Network(**NETWORKS[name]), "whole")  # type: ignore[arg-type]
        said = {step.reason for step in derivation.steps} | set(derivation.sections)
        untold = [s for s in said if words.translated(s) == s and s != "Biases"]
        assert not untold

    @pytest.mark.parametrize("name", NETWORKS)
    def test_a_german_handout_is_german_throughout(self, name: str) -> None:
        network = Network(**NETWORKS[name])  # type: ignore[arg-type]
        text = to_markdown(handout(network, words=catalogue("de"), seed=11))
        text = text.replace(notation_named(network.notation).source, "")
        text = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
        english = r"\b(the|this|every|and|with|why|by|for|proved|given|exact|is|one)\b"
        assert not re.findall(english, text, flags=re.IGNORECASE)

    def test_every_remark_on_a_notation_is_translated(self) -> None:
        words = catalogue("de")
        for name in SOURCES:
            remark = notation_named(name).remark
            assert not remark or words.translated(remark) != remark

    def test_the_trainer_stands_in_markdown_as_its_code(self) -> None:
        assert "| relu, slope | `(z > 0).astype(float)` |" in to_markdown(
            handout(Network((2, 2, 2), activation="relu"), words=catalogue(), seed=11)
        )

    def test_questions_have_every_language(self) -> None:
        assert len(asked()) >= 15
        for question in asked():
            assert set(question["asks"]) == set(question["answer"]) == set(LANGUAGES)

    def test_unknown_words_are_refused(self) -> None:
        with pytest.raises(InputError, match="known: de, en"):
            catalogue("fr")
        with pytest.raises(InputError, match="unknown level"):
            catalogue("en", "expert")


def _sentences(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else [entry.get(level, "") for level in LEVELS]


class TestPage:
    def test_nothing_leaves_the_page_and_nothing_runs(self) -> None:
        page = to_html(made())
        assert "<script" not in page
        assert "default-src 'none'" in page
        outside = re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]*", page)
        assert not outside

    def test_every_marked_term_has_its_light(self) -> None:
        page = to_html(made())
        tokens = set(re.findall(r'class="lit (t-[\w-]+)"', page))
        assert {"t-w-l", "t-w-lp1", "t-delta-lp1", "t-sum-lp1", "t-C"} <= tokens
        for token in tokens:
            assert f".lit.{token}:is(:hover,:focus)" in page
        assert page.count('tabindex="0" class="lit') > 30

    def test_a_term_lights_edges_and_nodes(self) -> None:
        page = to_html(made())
        assert re.search(r'<line class="edge [^"]*t-w-l[ "]', page)
        assert re.search(r'<circle class="neuron [^"]*t-delta-2[ "]', page)
        assert re.search(r'<line class="edge live t-sum-lp1', page)

    def test_it_is_well_formed(self) -> None:
        page = to_html(made("softmax"))
        for tag in ("section", "figure", "math", "svg", "table", "details", "fieldset"):
            assert page.count(f"<{tag}") == page.count(f"</{tag}>"), tag
        assert 'class="tex"' not in page, "a formula that no converter understood"

    def test_pictures_are_described(self) -> None:
        page = to_html(made())
        assert all("aria-label=" in svg for svg in re.findall(r"<svg[^>]*>", page))


class TestStrangeTexts:
    def test_titles_and_authors_are_harmless_everywhere(self) -> None:
        evil = handout(Network((2, 2, 1)), words=catalogue(), title=EVIL, author=EVIL,
                       parts=("forward",), seed=1)  # fmt: skip
        page, tex, written, typst = to_html(evil), to_tex(evil), to_markdown(evil), to_typst(evil)
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert r"\write18" not in tex
        assert r"\textbackslash{}write18" in tex
        assert "<script>" not in written
        assert "$x$" not in written
        assert '"a \\\\write18{ls}' in typst
        for text in (page, tex, written, typst):
            assert "\u202e" not in text
            assert "U+202E" in text
