"""Checked derivations and networks as the reports that are written as JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from symbackprop.commands.reports import (
    VERSION,
    DeriveReport,
    ExampleReport,
    NetworkReport,
    NumberReport,
    NumbersReport,
)
from symbackprop.judge.verdict import Checked
from symbackprop.networks.network import Network
from symbackprop.numbers.compare import Found, Report
from symbackprop.render import RENDERERS


def derive_report(checked: Checked, title: str | None = None) -> DeriveReport:
    """Every step with its verdict, as text and as TeX, held against the schema."""
    return msgspec.convert(RENDERERS["json"](checked, title=title), DeriveReport)


def network_report(network: Network) -> NetworkReport:
    """A concrete network in plain words."""
    assert network.layers is not None
    return NetworkReport(
        layers=list(network.layers),
        activations=[row.name for row in network.activations],
        cost=network.cost,
        biases=network.biases,
        batch=network.batch,
        reduction=network.reduction,
        l2=network.l2,
    )


def numbers_report(reports: Sequence[Report]) -> NumbersReport:
    """The recomputed examples of ``check-numbers``."""
    files = [
        ExampleReport(
            path=r.path,
            title=r.title,
            source=r.source,
            verdict="right" if r.verdict == "right" else "wrong",
            numbers=[_number(n) for n in r.numbers],
        )
        for r in reports
    ]
    return NumbersReport(VERSION, files)


def _number(found: Found) -> NumberReport:
    said = {
        "name": found.name,
        "place": found.place,
        "printed": found.printed,
        "verdict": found.verdict,
        "should_be": found.should_be or None,
        "cause": found.cause or None,
        "slip": found.slip or None,
    }
    return msgspec.convert(said, NumberReport)
