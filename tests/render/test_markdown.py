"""Markdown for GitHub: whole tables, fenced formulas, escaped text."""

from __future__ import annotations

import re

import pytest

from symbackprop.judge.verdict import Checked
from symbackprop.render.markdown import to_markdown

from .conftest import EVERY_STATUS, HOSTILE, four_steps, real


def tables(text: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [table for table in found if table]


def cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row)) - 1


def test_every_line_is_a_row_with_its_verdict(checked: Checked) -> None:
    text = to_markdown(checked)
    rows = re.findall(r"\| \((\d+)\) \| (.*) \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(checked.verdicts) + 1))
    assert {verdict for _, verdict in rows} == {"✓ proved"}


def test_tables_are_whole_and_formulas_closed(checked: Checked) -> None:
    text = to_markdown(checked)
    for table in tables(text):
        assert len({cells(row) for row in table}) == 1
    for line in text.splitlines():
        assert line.count("$`") == line.count("`$")
    assert text.count("```") == 2


def test_macros_that_github_refuses_are_not_used(checked: Checked) -> None:
    assert not re.search(r"\\(operatorname|def|newcommand|require)\b", to_markdown(checked))


def test_only_what_is_proved_is_printed_as_proved() -> None:
    text = to_markdown(four_steps(*EVERY_STATUS))
    verdicts = re.findall(r"\| \(\d\) \| (.*) \|$", text, re.MULTILINE)
    assert verdicts[0] == "✓ proved"
    assert verdicts[1].startswith("**✗ refuted: widths")
    assert verdicts[2] == "**? undecided: the time was up**"
    assert "1 of 4 lines proved." in text


def test_it_is_the_same_each_time() -> None:
    assert to_markdown(real("general")) == to_markdown(real("general"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_escaped(hostile: str) -> None:
    text = to_markdown(four_steps(title=hostile, reason=hostile))
    assert "<script" not in text
    assert "<img" not in text
    assert "](javascript" not in text.replace(r"\]", "")
    assert text.splitlines()[0].startswith("# ")
    assert sum(line.startswith("# ") for line in text.splitlines()) == 1
    for table in tables(text):
        assert len({cells(row) for row in table}) == 1
