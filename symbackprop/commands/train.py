"""``symbackprop train``: hand-written and compiled gradients side by side on real data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbackprop.commands import manual
from symbackprop.commands.options import (
    chosen,
    layers_of,
    network_from,
    output_path,
    seed_option,
)
from symbackprop.errors import InputError
from symbackprop.output import write_whole

if TYPE_CHECKING:
    from symbackprop.numeric.training import TrainingReport

LAYERS = {"digits": "64,30,10", "xor": "2,3,1"}


@click.command("train")
@click.option(
    "--data",
    default="digits",
    show_default=True,
    metavar="digits|xor",
    help="Handwritten digits, or the exclusive or.",
)
@click.option("--layers", metavar="WIDTHS", help="[default: 64,30,10 for digits, 2,3,1 for xor]")
@click.option(
    "--activation",
    default="sigmoid",
    show_default=True,
    metavar="NAME[,NAME…]",
    help="One name for all layers, or one for each layer after the input.",
)
@click.option(
    "--cost",
    default="quadratic",
    show_default=True,
    metavar="NAME",
    help="quadratic, mse, cross-entropy, …",
)
@click.option(
    "--epochs",
    type=click.IntRange(1, 100_000),
    help="Passes over the data; without it, as many as suit it.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1_000, min_open=True),
    help="Learning rate; without it, one that suits the network.",
)
@click.option("--plot", metavar="FILE", help="Both curves as .png, .svg or .pdf (plot extra).")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@seed_option
def command(
    data: str,
    layers: str | None,
    activation: str,
    cost: str,
    epochs: int | None,
    rate: float | None,
    plot: str | None,
    force: bool,
    seed: int | None,
) -> int:
    """Train with the compiled and with hand-written gradients.

    Both start from the same weights and see the same batches; the weights must stay together.
    """
    chosen(data, "--data", tuple(LAYERS))
    if rate is not None and not math.isfinite(rate):
        raise InputError(f"--rate {rate}", expected="a number")
    path = output_path(plot, force)
    if path is not None:
        from symbackprop.commands.plot import refuse_plot

        refuse_plot(path)
    widths = layers_of(LAYERS[data] if layers is None else layers)
    network = network_from(widths, activation, cost, batch="rows")
    from symbackprop.commands.training import show, trained

    report = trained(network, data, epochs, rate, 1 if seed is None else seed)
    show(report)
    _write_plot(report, path, force)
    return manual.PROVED if report.agrees else manual.REFUTED


def _write_plot(report: TrainingReport, path: Path | None, force: bool) -> None:
    if path is None:
        return
    from symbackprop.commands.plot import plotted

    write_whole(path, plotted(report, path.suffix), force)
    manual.tell(f"curves written to {path}")
