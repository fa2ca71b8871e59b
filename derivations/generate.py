"""Write the derivations in this folder anew: ``make derivations``, or ``python derivations/generate.py``.

With ``--check`` nothing is written; files that differ are named, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from symbackprop.derive import derive
from symbackprop.judge import check
from symbackprop.networks.network import Network
from symbackprop.output import write_whole
from symbackprop.render.document import to_latex
from symbackprop.render.markdown import to_markdown

HERE = Path(__file__).parent
SEED = 2019  # of the random points, so that the files are the same every time

ANY = {"layers": None, "activation": "unspecified", "cost": "unspecified"}
# file name: title, form, network
DERIVATIONS: dict[str, tuple[str, str, dict[str, object]]] = {
    "general": ("Backpropagation for any network", "matrix", ANY),
    "general_batch": (
        "Mini-batches, samples in columns",
        "matrix",
        {**ANY, "batch": "columns"},
    ),
    "general_batch_rows": ("Mini-batches, samples in rows", "matrix", {**ANY, "batch": "rows"}),
    "sigmoid_mse": (
        "Sigmoid and the mean squared error",
        "matrix",
        {"layers": None, "activation": "sigmoid", "cost": "mse"},
    ),
    "sigmoid_cross_entropy": (
        "Sigmoid and binary cross-entropy: the slope cancels",
        "matrix",
        {"layers": None, "activation": "sigmoid", "cost": "binary-cross-entropy"},
    ),
    "softmax_cross_entropy": (
        "Softmax and cross-entropy: the sum that does not collapse",
        "matrix",
        {"layers": None, "activation": "softmax", "cost": "cross-entropy"},
    ),
    "penalty": (
        "A penalty on the weights",
        "delta",
        {"layers": None, "activation": "tanh", "cost": "quadratic", "l2": True},
    ),
    "path": (
        "The path of one weight: ①②③④",
        "path",
        {"layers": None, "activation": "sigmoid", "cost": "mse"},
    ),
    "network_2_3_2": (
        "Every partial derivative of a 2-3-2 network",
        "scalar",
        {"layers": (2, 3, 2), "activation": "sigmoid", "cost": "mse"},
    ),
    "network_3_4_2_relu_softmax": (
        "A 3-4-2 network with ReLU and softmax",
        "matrix",
        {"layers": (3, 4, 2), "activation": ("relu", "softmax"), "cost": "cross-entropy"},
    ),
    "network_2_2_1_tanh": (
        "Every partial derivative of a 2-2-1 network with tanh",
        "scalar",
        {"layers": (2, 2, 1), "activation": "tanh", "cost": "quadratic"},
    ),
}


def files() -> Iterator[tuple[Path, str]]:
    """Path and content of every file of this folder that is generated."""
    for name, (title, form, options) in DERIVATIONS.items():
        checked = check(derive(Network(**options), form), seed=SEED)  # type: ignore[arg-type]
        if not checked.proved:
            sys.exit(f"{name}: not proved; nothing is written")
        yield HERE / f"{name}.md", to_markdown(checked, title=title)
        yield HERE / f"{name}.tex", to_latex(checked, title=title)


def main() -> int:
    """Write, or with ``--check`` compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which files are stale")
    only_check = parser.parse_args().check
    stale = []
    for path, content in files():
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(path.name)
        if not only_check:
            write_whole(path, content, force=True)
    if only_check and stale:
        sys.stderr.write(f"stale: {', '.join(stale)}; run `make derivations`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
