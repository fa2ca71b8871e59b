"""Reports for programs: GitHub's annotations and SARIF say the same at the same place."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from symbackprop.review.report import FileReport, Line
from symbackprop.review.show import github, sarif

COMMAND = re.compile(r"::(error|warning) ([^:]*)::(.*)")


def decoded(text: str) -> str:
    for code, sign in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def annotations(*files: FileReport) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message of each command, as GitHub reads them."""
    found = []
    for row in github.report(files).splitlines():
        if match := COMMAND.fullmatch(row):
            pairs = (part.split("=", 1) for part in match[2].split(","))
            properties = {name: decoded(value) for name, value in pairs}
            found.append((match[1], properties, decoded(match[3])))
    return found


def results(*files: FileReport) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(sarif.report(files))["runs"][0]["results"]
    return found


def stretch(file: FileReport, region: dict[str, int]) -> str:
    """What SARIF points at."""
    assert region["startLine"] == region["endLine"]
    row = file.source.split("\n")[region["startLine"] - 1]
    return row[region["startColumn"] - 1 : region["endColumn"] - 1]


class TestGitHub:
    def test_every_line_that_is_not_proved_has_its_annotation(self, report: FileReport) -> None:
        said = annotations(report)
        assert [level for level, _, _ in said] == ["error", "error", "error", "warning", "warning"]
        _, properties, message = said[0]
        line = report.lines[2]
        assert properties == {
            "file": "notes/week 3.md",
            "line": str(line.line),
            "col": str(line.caret),
            "endColumn": str(line.caret_end - 1),
            "title": "(2): refuted [transposed-weight]",
        }
        assert "The two sides differ." in message
        assert f"would be right: {line.repair}" in message

    def test_nothing_that_is_said_ends_a_command_or_begins_one(self) -> None:
        line = Line(
            "a,b:c",
            1,
            1,
            "a\n= %0A b",
            "claim",
            "refuted",
            message="x\r\n::error::y, %",
            mistake="m",
        )
        file = FileReport("odd,name:%.md", "refuted", None, (), (line,))
        rows = github.report([file]).splitlines()
        assert [row[:8] for row in rows] == ["::error ", "symbackp"]
        (_, properties, message) = annotations(file)[0]
        assert properties["file"] == "odd,name:%.md"
        assert properties["title"] == "(a,b:c): refuted [m]"
        assert "::error::y, %" in message

    def test_files_that_cannot_be_read_are_errors(self) -> None:
        assert github.report([], ["a.md:3: no\ntext"]) == "::error::a.md:3: no%0Atext\n"

    def test_a_document_without_a_claim_is_a_warning(self) -> None:
        file = FileReport("a.md", "undecided", None, (), ())
        assert "::warning file=a.md::nothing is claimed here" in github.report([file])

    def test_what_is_proved_is_not_annotated(self, proved: FileReport) -> None:
        assert annotations(proved) == []


class TestSarif:
    def test_results_and_rules(self, report: FileReport) -> None:
        log = json.loads(sarif.report([report]))
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert len(rules) == len(set(rules))
        found = [(each["ruleId"], each["level"]) for each in run["results"]]
        assert found == [
            ("transposed-weight", "error"), ("refuted", "error"), ("ill-typed", "error"),
            ("not-understood", "warning"), ("undecided", "note"),
        ]  # fmt: skip
        for each in run["results"]:
            assert rules[each["ruleIndex"]] == each["ruleId"]
        assert run["columnKind"] == "unicodeCodePoints"
        assert run["invocations"][0]["executionSuccessful"] is True

    def test_regions_hold_the_fault(self, report: FileReport) -> None:
        regions = [each["locations"][0]["physicalLocation"]["region"] for each in results(report)]
        assert stretch(report, regions[0]) == "w^{l+1}_{jk}"
        assert stretch(report, regions[3]) == r"\foo"
        assert stretch(report, regions[4]) == r"C = \tfrac12 \sum_j (a^L_j - y_j)^2"

    def test_a_fix_replaces_the_formula_and_nothing_else(self, report: FileReport) -> None:
        first, *others = results(report)
        (change,) = first["fixes"][0]["artifactChanges"]
        (replacement,) = change["replacements"]
        assert stretch(report, replacement["deletedRegion"]) == report.lines[2].tex
        assert replacement["insertedContent"]["text"] == report.lines[2].repair
        assert not any("fixes" in each for each in others)

    def test_no_fix_where_the_file_has_other_characters(self, report: FileReport) -> None:
        """A notebook writes the TeX in another way."""
        other = replace(report, source=report.source.replace("\\", "\\\\"))
        assert "fixes" not in results(other)[0]

    @pytest.mark.parametrize(
        ("path", "uri"),
        [
            ("notes/week 3.md", "notes/week%203.md"),
            ("<stdin>", "stdin"),
            ("/a b.md", "file:///a%20b.md"),
        ],
    )
    def test_addresses(self, path: str, uri: str, report: FileReport) -> None:
        (first, *_) = results(replace(report, path=path))
        assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri

    def test_a_moved_formula_keeps_its_fingerprint(self, report: FileReport) -> None:
        line = report.lines[2]
        moved = replace(report, lines=(replace(line, line=99, column=9, caret=0),))
        other = replace(report, lines=(replace(line, tex="a = b"),))

        def prints(file: FileReport) -> str:
            return str(results(file)[0]["partialFingerprints"])

        assert prints(moved) == prints(report) != prints(other)

    def test_what_could_not_be_read_is_told(self) -> None:
        run = json.loads(sarif.report([], ["a.md: no"]))["runs"][0]
        assert run["invocations"][0]["executionSuccessful"] is False
        notes = run["invocations"][0]["toolExecutionNotifications"]
        assert [note["message"]["text"] for note in notes] == ["a.md: no"]
