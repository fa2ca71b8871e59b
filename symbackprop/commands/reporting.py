"""Checked derivations and networks as the reports that are written as JSON."""

from __future__ import annotations

from symbackprop.commands.reports import (
    VERSION,
    DeriveReport,
    NetworkReport,
    StepReport,
    WitnessReport,
)
from symbackprop.judge.verdict import Checked, Witness
from symbackprop.language.derivation import Step
from symbackprop.networks.network import Network
from symbackprop.networks.notations import notation_named
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.printer import Printer
from symbackprop.render.unicode_math import TextPrinter


def network_report(network: Network) -> NetworkReport:
    """A network in plain words."""
    return NetworkReport(
        layers=None if network.layers is None else list(network.layers),
        activations=[row.name for row in network.activations],
        cost=network.cost,
        biases=network.biases,
        batch=network.batch,
        reduction=network.reduction,
        l2=network.l2,
    )


def derive_report(checked: Checked, title: str | None = None) -> DeriveReport:
    """Every step with its verdict, as text and as TeX."""
    derivation = checked.derivation
    notation = notation_named(derivation.about.notation)
    text = TextPrinter(notation, derivation.program)
    tex = LatexPrinter(notation, derivation.program)
    names = {number: name for name, number in derivation.results.items()}
    return DeriveReport(
        version=VERSION,
        title=title or derivation.title,
        network=network_report(derivation.about),
        proved=checked.proved,
        seed=checked.seed,
        cpu_seconds=round(checked.seconds, 3),
        steps=[
            StepReport(
                number=number + 1,
                name=step.tag or names.get(number, ""),
                section=step.section,
                statement=_equation(step, text),
                tex=_equation(step, tex),
                rule=step.rule,
                reason=step.reason,
                uses=[used + 1 for used in step.uses],
                verdict=verdict.status.value,
                scope=list(verdict.scope),
                bound=verdict.bound_text if verdict.proved else "",
                conditions=list(verdict.conditions),
                why=verdict.why,
                witness=_witness(verdict.witness),
            )
            for number, (step, verdict) in enumerate(
                zip(derivation.steps, checked.verdicts, strict=True)
            )
        ],
    )


def _equation(step: Step, printer: Printer) -> str:
    return " = ".join(printer.text(side) for side in step.statement.sides)


def _witness(witness: Witness | None) -> WitnessReport | None:
    if witness is None:
        return None
    return WitnessReport(
        widths=list(witness.widths),
        layer=witness.layer,
        entry=witness.entry,
        values=witness.values,
        left=witness.left,
        right=witness.right,
        note=witness.note,
    )
