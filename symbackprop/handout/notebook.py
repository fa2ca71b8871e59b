"""A handout as a notebook: the same words and formulas, and cells that prove it again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from symbackprop.handout import blocks as b
from symbackprop.handout.markdown import lines_of
from symbackprop.networks.network import Network

_FENCE = re.compile(r"```math\n(.*?)```", re.DOTALL)
_FIGURE = re.compile(r"^> (.*)$", re.MULTILINE)


def to_notebook(made: b.Handout) -> str:
    """``.ipynb`` (nbformat 4.5) that runs from top to bottom with symbackprop installed."""
    cells = [_words("title", f"# {made.title}\n\n{made.author}".strip())]
    for part in made.parts:
        cells.append(_words(part.key, _for_jupyter("\n".join(lines_of(part)))))
        if part.key == "network":
            cells += list(_proving(made.network, made.seed))
    if not made.network.general:
        cells += list(_running())
    book = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _for_jupyter(markdown: str) -> str:
    """GitHub's marks around formulas in those of Jupyter."""
    shown = _FENCE.sub(lambda m: f"$$\n{m[1].strip()}\n$$\n", markdown)
    return _FIGURE.sub(r"*\1*", shown.replace("$`", "$").replace("`$", "$")).strip()


def _words(key: str, text: str) -> dict[str, Any]:
    source = text.splitlines(keepends=True)
    return {"cell_type": "markdown", "id": f"words-{key}", "metadata": {}, "source": source}


def _code(key: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": f"code-{key}",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text.strip().splitlines(keepends=True),
    }


def _proving(network: Network, seed: int) -> Iterator[dict[str, Any]]:
    options = {
        "layers": network.layers, "activation": network.activation, "cost": network.cost,
        "biases": network.biases, "l2": network.l2, "notation": network.notation,
    }  # fmt: skip
    said = ", ".join(f"{name}={value!r}" for name, value in options.items())
    yield _code("network", f"from symbackprop import Network, check, derive\n\n"
                f"network = Network({said})  # change it, and prove again\nnetwork")  # fmt: skip
    yield _code("prove", f'checked = check(derive(network, "whole"), seed={seed})\n'
                "assert checked.proved\nchecked")  # fmt: skip


def _running() -> Iterator[dict[str, Any]]:
    yield _code(
        "compile",
        """
from symbackprop import compile_gradients

gradients = compile_gradients(checked)
print(gradients.source)
""",
    )
    yield _code(
        "compare",
        """
from symbackprop.numeric.compare import compare

comparison = compare(gradients, seed=1)  # with a trainer by hand and with finite differences
assert comparison.agrees
comparison
""",
    )
