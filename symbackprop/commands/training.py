"""Training with a progress bar, and its two curves on 80 columns."""

from __future__ import annotations

import math

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from symbackprop.commands.chart import chart
from symbackprop.commands.screen import Screen
from symbackprop.derive import derive
from symbackprop.errors import InputError
from symbackprop.judge import check
from symbackprop.networks.network import Network
from symbackprop.numeric.training import COURSES, Epoch, TrainingReport, train_both
from symbackprop.render.describe import described

CHART_WIDTH, CHART_HEIGHT = 64, 9


def trained(
    network: Network, data: str, epochs: int | None, rate: float | None, seed: int
) -> TrainingReport:
    """Prove the gradients, then train twice; the bar shows only on a terminal."""
    checked = check(derive(network, "matrix"), seed=seed)
    console = Console(stderr=True)
    said = TextColumn("{task.fields[said]}")
    columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn(), said)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=epochs or COURSES[data].epochs, said="")

        def progress(epoch: Epoch) -> None:
            if not math.isfinite(epoch.cost_compiled):
                raise InputError(
                    f"the cost is no number any more after epoch {epoch.number}",
                    todo="take a smaller --rate",
                )
            bar.update(task, advance=1, said=f"accuracy {epoch.accuracy_compiled:.1%}")

        with np.errstate(all="ignore"):  # a rate that is too large is told in our own words
            return train_both(
                checked, epochs=epochs, seed=seed, dataset=data, rate=rate, progress=progress
            )


def show(report: TrainingReport) -> None:
    """The curves of cost and accuracy, the end of both, and how far they ever were apart."""
    console = Screen()
    say = console.print
    say(f"{report.dataset}: {described(report.network)}")
    say(f"  rate {report.rate:g}, {report.size} samples a batch, seed {report.seed}")
    _curve(console, report, "cost", "cost on the training data")
    _curve(console, report, "accuracy", "share of test samples read rightly")
    last = report.epochs[-1]
    say("")
    say(f"  {'after epoch ' + str(last.number):<28}{'by hand':>16}{'compiled':>16}")
    say(f"  {'cost':<28}{last.cost_trainer:>16.6g}{last.cost_compiled:>16.6g}")
    accuracies = f"{last.accuracy_trainer:>16.2%}{last.accuracy_compiled:>16.2%}"
    say(f"  {'test accuracy':<28}{accuracies}")
    word = "agree" if report.agrees else "DO NOT agree"
    say(f"  the weights {word}: never further apart than {report.worst_gap:.1e} (relative)")


def _curve(console: Screen, report: TrainingReport, name: str, title: str) -> None:
    first, second = (
        [getattr(epoch, f"{name}_{way}") for epoch in report.epochs]
        for way in ("trainer", "compiled")
    )
    console.print(f"\n  {title}: ○ by hand, × compiled, ● both")
    for line in chart(first, second, CHART_WIDTH, CHART_HEIGHT):
        console.print(line)
