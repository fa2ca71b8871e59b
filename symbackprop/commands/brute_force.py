"""SymPy's own derivatives of a small network against the derivation that was proved."""

from __future__ import annotations

from collections.abc import Callable

from symbackprop import oracle
from symbackprop.commands.as_sympy import gradients
from symbackprop.commands.reporting import network_report
from symbackprop.commands.reports import OracleAnswer
from symbackprop.derive import derive
from symbackprop.errors import LimitError
from symbackprop.judge import check
from symbackprop.networks.network import Network

Widths = tuple[int, ...]


def oracle_answer(
    layers: Widths, small: Widths, network_of: Callable[[Widths], Network]
) -> OracleAnswer:
    """On the network with these layers; if SymPy could not write it out, on the small one."""
    network = network_of(layers)
    try:
        oracle.refuse_large(network)
    except LimitError:
        network = network_of(small)
    found = compared(network)
    return OracleAnswer(
        network=network_report(network),
        equal=len(found.equal),
        total=found.total,
        different=list(found.different),
        undecided=list(found.undecided),
        cpu_seconds=round(found.seconds, 3),
    )


def compared(network: Network) -> oracle.OracleReport:
    """Against the proved derivation; where it is not written out one by one, the oracle's own."""
    if network.batch or any(row.vector for row in network.activations[:-1]):
        return oracle.check(network)
    try:
        checked = check(derive(network, "scalar", full=True))
    except LimitError:
        return oracle.check(network)
    return oracle.compare_with(network, gradients(checked, oracle.written_out(network)))
