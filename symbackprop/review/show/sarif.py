"""A report as SARIF 2.1.0, the OASIS standard for the results of static analysis."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

import symbackprop
from symbackprop.review.report import FileReport, Line
from symbackprop.review.show import wording
from symbackprop.review.show.places import Region, fault, formula, path_of

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {
    "refuted": "error",
    "ill-typed": "error",
    "undecided": "note",
    "not-understood": "warning",
}
GENERAL = {
    "refuted": "The two sides of this line differ",
    "ill-typed": "The shapes or the indices of this line do not fit together",
    "undecided": "This line could neither be proved nor refuted",
    "not-understood": "This line could not be read",
}


def report(files: Sequence[FileReport], faults: Sequence[str] = ()) -> str:
    """One run with a result for every line that is not proved; its rules are the mistakes."""
    found = [(file, line) for file in files for line in file.lines if line.verdict in LEVELS]
    rules = _rules(line for _, line in found)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {"name": "symbackprop", "version": symbackprop.__version__, "rules": rules}
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not faults,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": text}} for text in faults
                ],
            }
        ],
        "results": [_result(file, line, numbers) for file, line in found],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _rules(lines: Iterator[Line]) -> list[dict[str, Any]]:
    """The verdicts, and the mistakes that occur."""
    says = dict(GENERAL)
    for line in lines:
        if line.mistake:
            says.setdefault(line.mistake, line.mistake_says or line.mistake)
    return [
        {
            "id": name,
            "shortDescription": {"text": text},
            "defaultConfiguration": {"level": LEVELS.get(name, "error")},
        }
        for name, text in says.items()
    ]


def _result(file: FileReport, line: Line, numbers: dict[str, int]) -> dict[str, Any]:
    rule = line.mistake or line.verdict
    said = " ".join(wording.sentences(file, line)) or GENERAL[line.verdict] + "."
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        "level": LEVELS[line.verdict],
        "message": {"text": f"{wording.name_of(line)}: {wording.one_line(line.tex)}\n{said}"},
        "locations": [{"physicalLocation": _location(file, fault(line))}],
        "partialFingerprints": {"formula/v1": _fingerprint(file, line)},
        "properties": {"verdict": line.verdict, "tag": line.tag, "tex": line.tex},
    }
    if line.repair:
        result["message"]["text"] += f" Would be right: {wording.one_line(line.repair)}"
    if line.repair and _stands_there(file, line):
        result["fixes"] = [_fix(file, line, line.repair)]
    return result


def _location(file: FileReport, region: Region) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(file)}, "region": _region(region)}


def _uri(file: FileReport) -> str:
    """Standard input has no address: SARIF's readers take any relative one."""
    path = path_of(file)
    address = quote(path or "stdin")
    return f"file://{address}" if path.startswith("/") else address


def _region(region: Region) -> dict[str, int]:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }


def _stands_there(file: FileReport, line: Line) -> bool:
    """A formula that is not, character by character, where it is said to be is not replaced."""
    rows = file.source.split("\n")
    if "\n" in line.tex or not 0 < line.line <= len(rows):
        return False
    start = line.column - 1
    return rows[line.line - 1][start : start + len(line.tex)] == line.tex


def _fix(file: FileReport, line: Line, repair: str) -> dict[str, Any]:
    return {
        "description": {"text": "Write what would be right"},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(file)},
                "replacements": [
                    {
                        "deletedRegion": _region(formula(line)),
                        "insertedContent": {"text": repair},
                    }
                ],
            }
        ],
    }


def _fingerprint(file: FileReport, line: Line) -> str:
    """The same formula of the same file, wherever it moves to."""
    said = "\0".join((path_of(file), line.tag, wording.one_line(line.tex)))
    return hashlib.sha256(said.encode()).hexdigest()[:32]
