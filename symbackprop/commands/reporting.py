"""Checked derivations and networks as the reports that are written as JSON."""

from __future__ import annotations

import msgspec

from symbackprop.commands.reports import DeriveReport, NetworkReport
from symbackprop.judge.verdict import Checked
from symbackprop.networks.network import Network
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
