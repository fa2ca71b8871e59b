"""A network in a few words, for subtitles and imprints."""

from __future__ import annotations

from typing import Any

from symbackprop.networks.network import Network


def described(about: Any) -> str:
    """``2-3-2, sigmoid, mse cost, one sample``; nothing for what is not a network."""
    if not isinstance(about, Network):
        return ""
    rows = about.activations
    names = list(dict.fromkeys(row.name for row in rows))
    if about.general and rows[-1].vector:
        names = [names[-1] + " output"]
    elif len(names) > 1:
        names = [row.name for row in rows]
    parts = [
        "every width and every depth" if about.layers is None else "-".join(map(str, about.layers)),
        ", ".join("any activation" if name == "unspecified" else name for name in names),
        "any differentiable cost" if about.cost == "unspecified" else f"{about.cost} cost",
        "one sample" if about.batch is None else f"{about.reduction} over a batch in {about.batch}",
    ]
    if about.l2:
        parts.append("L2 penalty")
    if not about.biases:
        parts.append("no biases")
    return ", ".join(parts)
