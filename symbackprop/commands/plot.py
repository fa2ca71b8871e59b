"""The two training curves as a picture; needs the ``plot`` extra."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from symbackprop.errors import InputError

if TYPE_CHECKING:
    from symbackprop.numeric.training import TrainingReport

KINDS = (".pdf", ".png", ".svg")


def refuse_plot(path: Path) -> None:
    """What can be seen before training: the kind of file, and whether Matplotlib is there."""
    if path.suffix.lower() not in KINDS:
        raise InputError(f"--plot {path.name!r}", expected=f"a name in {', '.join(KINDS)}")
    try:
        import matplotlib as _  # noqa: F401
    except ModuleNotFoundError as missing:
        raise InputError(
            "a plot needs Matplotlib, which is not installed",
            todo="pip install 'symbackprop[plot]'",
        ) from missing


def plotted(report: TrainingReport, kind: str) -> bytes:
    """Cost and test accuracy over the epochs, once by hand and once compiled."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    epochs = [epoch.number for epoch in report.epochs]
    for axes, title, name in ((left, "cost", "cost"), (right, "test accuracy", "accuracy")):
        for way, line in (("trainer", "-"), ("compiled", "--")):
            values = [getattr(epoch, f"{name}_{way}") for epoch in report.epochs]
            axes.plot(epochs, values, line, label=way)
        axes.set_xlabel("epoch")
        axes.set_title(title)
        axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format=kind.lstrip(".").lower())
    return file.getvalue()
