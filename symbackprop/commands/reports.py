"""What ``derive`` and ``verify`` write as JSON; ``symbackprop schema`` prints the schemas."""

from __future__ import annotations

import msgspec

VERSION = 1


class WitnessReport(msgspec.Struct, frozen=True):
    """A certified case in which the two sides differ."""

    widths: list[int]
    layer: int | None
    entry: dict[str, int]
    values: dict[str, str]
    left: str
    right: str
    note: str


class StepReport(msgspec.Struct, frozen=True):
    """One equation; ``uses`` are the numbers of earlier steps, ``bound`` reads ``< 2^-118``."""

    number: int
    name: str
    section: str
    statement: str
    tex: str
    rule: str
    reason: str
    uses: list[int]
    verdict: str
    scope: list[str]
    bound: str
    conditions: list[str]
    why: str
    witness: WitnessReport | None


class NetworkReport(msgspec.Struct, frozen=True):
    """``layers`` null: every width and every depth."""

    layers: list[int] | None
    activations: list[str]
    cost: str
    biases: bool
    batch: str | None
    reduction: str
    l2: bool


class DeriveReport(msgspec.Struct, frozen=True):
    """``symbackprop derive --format json``."""

    version: int
    title: str
    network: NetworkReport
    proved: bool
    seed: int
    cpu_seconds: float
    steps: list[StepReport]


class OracleAnswer(msgspec.Struct, frozen=True):
    """SymPy's own derivatives of a small network of the same kind against the proved ones."""

    network: NetworkReport
    equal: int
    total: int
    different: list[str]
    undecided: list[str]
    cpu_seconds: float


class VerifyAnswer(msgspec.Struct, frozen=True):
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


class VerifyReport(msgspec.Struct, frozen=True):
    """``symbackprop verify --format json``."""

    version: int
    proved: bool
    networks: list[VerifyAnswer]


REPORTS: dict[str, type[msgspec.Struct]] = {"derive": DeriveReport, "verify": VerifyReport}


def to_json(report: msgspec.Struct | dict[str, object]) -> str:
    """Indented JSON, ending in a new line."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def schemas() -> dict[str, object]:
    """The JSON Schema (2020-12) of each report."""
    return {name: msgspec.json.schema(report) for name, report in REPORTS.items()}
