"""Documents as people write them: what is right is proved, what is wrong is refuted and named."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from symbackprop.read.documents import Document, read_file
from symbackprop.review.document import check_document
from symbackprop.review.report import FileReport, Line

ROOT = Path(__file__).parents[2]
WRITTEN = sorted((ROOT / "derivations").glob("*.md"))
GOOD = sorted((ROOT / "tests/corpus/good").iterdir())
WRONG = sorted((ROOT / "tests/corpus/wrong").iterdir())
REFUTED = ("refuted", "ill-typed")


@cache
def reviewed(path: Path) -> tuple[Document, FileReport]:
    document = read_file(path)
    return document, check_document(document, seed=7)


def claims(path: Path) -> list[tuple[bool, Line]]:
    """Each claim of a document, and whether the document marks it as wrong."""
    document, report = reviewed(path)
    marked = {(f.line, f.column): f.marked for f in document.formulas}
    return [(marked[line.line, line.column], line) for line in report.lines if line.role == "claim"]


def ids(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=path.name) for path in paths]


@pytest.mark.parametrize("path", ids([*WRITTEN, *GOOD, *WRONG]))
def test_no_correct_line_is_called_wrong(path: Path) -> None:
    called = [line for marked, line in claims(path) if not marked and line.verdict in REFUTED]
    assert [(line.line, line.tex, line.message) for line in called if not line.inherits_from] == []


@pytest.mark.parametrize("path", ids([*WRITTEN, *GOOD]))
def test_a_correct_document_is_proved_to_the_last_line(path: Path) -> None:
    found = claims(path)
    assert found
    left = [(line.line, line.verdict, line.message) for marked, line in found if not marked
            and line.verdict != "proved"]  # fmt: skip
    assert left == []


@pytest.mark.parametrize("path", ids([*WRITTEN, *WRONG]))
def test_a_marked_line_is_refuted(path: Path) -> None:
    missed = [(line.line, line.tex, line.verdict) for marked, line in claims(path) if marked
              and line.verdict not in REFUTED]  # fmt: skip
    assert missed == []


@pytest.mark.parametrize("path", ids([*WRITTEN, *WRONG]))
def test_the_mistake_is_named(path: Path) -> None:
    named = [(line.line, line.expected, line.mistake) for marked, line in claims(path) if marked
             and line.expected]  # fmt: skip
    assert [row for row in named if row[2] not in row[1]] == []


def test_the_question_that_started_it() -> None:
    """The sum collapses for an element-wise σ, and does not for softmax."""
    path = ROOT / "derivations/why_the_sum_softmax.md"
    wrong = [line for marked, line in claims(path) if marked]
    assert wrong
    assert all(line.witness is not None for line in wrong)
    assert all(not marked for marked, _ in claims(ROOT / "derivations/why_the_sum.md"))


def test_an_error_that_is_carried_on_is_told_from_a_new_one() -> None:
    _, report = reviewed(ROOT / "tests/corpus/wrong/inherited.md")
    said = {line.tag: (line.follows, line.inherits_from) for line in report.lines if line.tag}
    assert said["4"] == said["5"] == ("inherits", "2")
    assert said["2"][0] != "inherits"
