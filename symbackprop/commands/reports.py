"""What the commands write as JSON; ``symbackprop schema`` prints the schemas."""

from __future__ import annotations

from typing import Literal

import msgspec

VERSION = 1


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a report; a field that is not named here is a mistake, not an extra."""


class WitnessReport(Report, frozen=True):
    """A certified case in which the two sides differ."""

    widths: list[int]
    layer: int | None
    entry: dict[str, int]
    values: dict[str, str]
    left: str
    right: str
    note: str | None


class Formula(Report, frozen=True):
    """The same equation as TeX and as text."""

    tex: str
    text: str


class StepReport(Report, frozen=True):
    """One equation; ``uses`` are the numbers of earlier steps.

    ``bound`` is log2 of the chance of an error, null for an exact proof; ``given`` are the
    conventions and facts that the verdict rests on.
    """

    number: int
    name: str | None
    section: str
    tex: str
    text: str
    conditions: list[str]
    rule: str
    reason: str
    uses: list[int]
    verdict: str
    scope: list[str]
    bound: float | None
    given: list[str]
    why: str | None
    witness: WitnessReport | None


class ClaimReport(Report, frozen=True):
    """The steps that were proved in the same way."""

    steps: list[int]
    verdict: str
    scope: list[str]
    bound: float | None
    given: list[str]


class DeriveReport(Report, frozen=True):
    """``symbackprop derive --format json``; ``widths`` null: every width and every depth."""

    version: int
    symbackprop: str
    title: str
    network: str
    widths: list[int] | None
    notation: str
    proved: bool
    seed: int
    definitions: list[Formula]
    steps: list[StepReport]
    claims: list[ClaimReport]


class NetworkReport(Report, frozen=True):
    """A network in plain words."""

    layers: list[int]
    activations: list[str]
    cost: str
    biases: bool
    batch: str | None
    reduction: str
    l2: bool


class OracleAnswer(Report, frozen=True):
    """SymPy's own derivatives of a small network of the same kind against the proved ones."""

    network: NetworkReport
    equal: int
    total: int
    different: list[str]
    undecided: list[str]
    cpu_seconds: float


class VerifyAnswer(Report, frozen=True):
    """How many partial derivatives are proved; ``bound`` is log2 of the chance of an error."""

    network: NetworkReport
    proved: int
    total: int
    bound: float | None
    cpu_seconds: float
    failures: list[str]
    why: str
    seed: int
    oracle: OracleAnswer | None = None


class VerifyReport(Report, frozen=True):
    """``symbackprop verify --format json``."""

    version: int
    proved: bool
    networks: list[VerifyAnswer]


Answer = Literal["proved", "refuted", "ill-typed", "undecided", "not-understood"]


class LineReport(Report, frozen=True):
    """One formula of a person's document.

    ``line``, ``column``: where it begins; ``caret_line``, ``caret``, ``caret_end``: where the fault
    is (0: not known), all from 1, the end behind the last character.  ``verdict`` is null for a
    definition.  ``follows`` "inherits": it continues the wrong line ``inherits_from``;
    "does-not-follow": true, but not from that line.  ``repair`` is TeX to paste back, ``read_as``
    what was put in to read the line, ``expected`` the mistakes that the document announces;
    ``trivial``: both sides are the same as written.
    """

    tag: str
    line: int
    column: int
    tex: str
    role: Literal["definition", "claim", "other"]
    verdict: Answer | None
    scope: str
    bound: str
    follows: Literal["yes", "inherits", "does-not-follow"] | None
    inherits_from: str | None
    mistake: str | None
    mistake_says: str
    repair: str | None
    witness: WitnessReport | None
    message: str
    read_as: str
    notes: list[str]
    caret_line: int
    caret: int
    caret_end: int
    expected: list[str]
    trivial: bool


class CheckedFile(Report, frozen=True):
    """One document; ``first_wrong`` is the tag of its first wrong line, or that line's number.

    ``remarks``: what of the document was not read.
    """

    path: str
    verdict: Answer
    first_wrong: str | None
    assumed: list[str]
    lines: list[LineReport]
    seed: int
    remarks: list[str]


class UnreadableFile(Report, frozen=True):
    """A document that could not be read at all, and why."""

    path: str
    message: str


class CheckReport(Report, frozen=True):
    """``symbackprop check --format json``."""

    version: int
    files: list[CheckedFile]
    unreadable: list[UnreadableFile]


class NumberReport(Report, frozen=True):
    """One printed number; ``verdict``: right (in its variants), inherits or wrong."""

    name: str
    place: str
    printed: str
    verdict: Literal[
        "right", "truncated", "last-digit", "single-precision", "rounded-on-the-way", "inherits",
        "wrong",
    ]  # fmt: skip
    should_be: str | None
    cause: str | None
    slip: str | None


class ExampleReport(Report, frozen=True):
    """One worked example."""

    path: str
    title: str
    source: str
    verdict: Literal["right", "wrong"]
    numbers: list[NumberReport]


class NumbersReport(Report, frozen=True):
    """``symbackprop check-numbers --format json``."""

    version: int
    files: list[ExampleReport]


REPORTS: dict[str, type[Report]] = {
    "derive": DeriveReport,
    "verify": VerifyReport,
    "check": CheckReport,
    "check-numbers": NumbersReport,
}


def to_json(report: Report | dict[str, object]) -> str:
    """Indented JSON, ending in a new line."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def schemas() -> dict[str, object]:
    """The JSON Schema (2020-12) of each report."""
    from symbackprop.diagnose.data import DiagnoseReport

    kinds: dict[str, type[msgspec.Struct]] = {**REPORTS, "diagnose": DiagnoseReport}
    return {name: msgspec.json.schema(report) for name, report in kinds.items()}
