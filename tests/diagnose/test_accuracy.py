"""A sample of what ``accuracy.py`` measures: right code in every style, each mistake in one style."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accuracy import RIGHT, Case, cases, guilty, outcome, sources
from catalogue import ROWS
from writing import STYLES


def sample() -> Iterator[Case]:
    """For each row the first style, from a place that goes round, in which it can be written."""
    for row in range(len(ROWS)):
        styles = [(row + step) % len(STYLES) for step in range(len(STYLES))]
        yield next(case for style in styles for case in cases(row, style, 1))


SAMPLE = list(sample())
FEW = SAMPLE[::4]
REST = [pytest.param(case, marks=pytest.mark.slow) for case in SAMPLE if case not in FEW]


def name(case: Case) -> str:
    return f"{case.what.id}-{case.how.name}"


@pytest.mark.parametrize("style", range(len(STYLES)), ids=[style.name for style in STYLES])
def test_right_code_is_never_called_wrong(style: int) -> None:
    for case in cases(RIGHT, style, 3):
        assert outcome(case).verdict == "correct", sources(case)


@pytest.mark.parametrize("case", [*FEW, *REST], ids=name)
def test_a_mistake_gets_its_name(case: Case) -> None:
    found = outcome(case)
    assert found.verdict == "wrong", sources(case)
    assert found.named, (found.told, sources(case))


def test_all_mistakes_and_styles_are_in_the_sample() -> None:
    assert {case.row for case in SAMPLE} == set(range(len(ROWS)))
    assert {case.style for case in SAMPLE} == set(range(len(STYLES)))


@pytest.mark.parametrize(
    ("right", "wrong", "lines"),
    [
        ("a\nb\nc", "a\nx\nc", {2}),
        ("a\nb\nc", "a\nc", {1, 2}),
        ("a\nb\nc", "a\nb\nx\nc", {3, 4}),
        ("a\nb", "a\nb", set()),
    ],
)
def test_guilty_lines(right: str, wrong: str, lines: set[int]) -> None:
    assert guilty(right, wrong) == lines
