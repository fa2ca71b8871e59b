"""docs/mistakes.md is what the tool does: every row of the page, run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from symbackprop.read.documents import read_text
from symbackprop.review.document import check_document
from symbackprop.review.mistakes import MISTAKES
from symbackprop.review.report import Line

PAGE = (Path(__file__).parents[2] / "docs/mistakes.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"\| `(?P<id>[^`]+)` \| (?P<says>[^|]+) \| \$`(?P<wrong>.+?)`\$ \| \$`(?P<right>.+?)`\$ \|"
)


class Slip(NamedTuple):
    section: str
    id: str
    says: str
    wrong: str
    right: str


def slips() -> list[Slip]:
    return [
        Slip(section, row["id"], row["says"], row["wrong"], row["right"])
        for section in PAGE.split("\n## ")[1:]
        for row in ROW.finditer(section)
    ]


@cache
def reviewed(section: str) -> dict[str, Line]:
    """Every line of a section, checked as one document: definitions, then right and wrong ones."""
    definitions = re.findall(r"\$`(.+?)`\$", section.split("\n|", 1)[0])
    rows = [row for row in slips() if row.section == section]
    lines = [*definitions, *(tex for row in rows for tex in (row.right, row.wrong))]
    text = "\n\n".join(f"$$\n{tex}\n$$" for tex in dict.fromkeys(lines))
    return {line.tex.strip(): line for line in check_document(read_text(text), seed=5).lines}


@pytest.mark.parametrize("slip", slips(), ids=lambda slip: slip.id)
def test_a_row_of_the_page(slip: Slip) -> None:
    lines = reviewed(slip.section)
    right, wrong = lines[slip.right], lines[slip.wrong]
    assert right.verdict == "proved", right.message
    assert wrong.verdict in ("refuted", "ill-typed"), wrong.message
    assert wrong.mistake == slip.id


def test_every_mistake_has_a_row_with_its_sentence() -> None:
    rows = {slip.id: slip.says for slip in slips()}
    assert rows == {row.id: row.says for row in MISTAKES.values()}
