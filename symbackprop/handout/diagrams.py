"""The figures of a pass as a whole: what flows forward and backward, and how the cost falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symbackprop.handout.drawings import Drawing
from symbackprop.networks.notations import Notation
from symbackprop.render.svg import SCRIPT
from symbackprop.render.templating import filled
from symbackprop.render.tokens import token
from symbackprop.render.unicode_math import unicode_of

STEP, LEFT = 104, 46  # pixels between columns and before the first
TSTEP, TWIDTH = 2.3, 14.5  # the same in TikZ, in cm, and what the whole may take
DEEPEST = 3  # a deeper network is drawn as a pattern
PATTERN = (("a", "l-1"), ("z", "l"), ("a", "l"), ("", ""), ("z", "L"), ("a", "L"))
WIDTH, HEIGHT = 460, 210  # of a curve, without its margins


@dataclass(frozen=True)
class Sign:
    """A letter with its layer, for SVG and for TeX."""

    letter: str
    layer: str
    tex: str
    tokens: str

    @property
    def back(self) -> float:
        """How far what follows the layer stands back."""
        return -SCRIPT * len(self.layer)


def flow_drawing(depth: int | None, notation: Notation, says: str, *, full: bool) -> Drawing:
    """a → z → a → C above; ∂C/∂a → δ → ∂C/∂a below, and the slopes that fall off.

    ``full``: the last activation is a softmax, whose whole Jacobian leads back.
    """
    columns = list(PATTERN)
    if depth is not None and depth <= DEEPEST:
        columns = [("a", "0"), *((f, str(n)) for n in range(1, depth + 1) for f in "za")]
    step = round(min(TSTEP, TWIDTH / len(columns)), 2)
    values: dict[str, Any] = {
        "columns": [
            _column(place, columns, notation, full=full, tx=round(place * step, 2))
            for place in range(len(columns))
        ],
        "gap": (round(step - 0.65, 2), 0.65),
        "says": says,
        "end": LEFT + len(columns) * STEP,
        "tend": round(len(columns) * step, 2),
        "width": 2 * LEFT + len(columns) * STEP,
        "cost": _sign("C", "", notation),
    }
    return Drawing(
        filled("flow.svg.j2", fixed=False, **values),
        filled("flow.svg.j2", fixed=True, **values),
        filled("flow.tikz.j2", **values),
        min(40.0, 5.2 * len(columns) + 4),
    )


def _column(
    place: int, columns: Sequence[tuple[str, str]], notation: Notation, *, full: bool, tx: float
) -> dict[str, Any]:
    family, layer = columns[place]
    found: dict[str, Any] = {
        "x": LEFT + place * STEP, "tx": tx, "family": family, "first": not place,
    }  # fmt: skip
    if not family:
        return found
    signs = {name: _sign(name, layer, notation) for name in (family, "delta", "w", "b")}
    last = place == len(columns) - 1
    return {
        **found,
        "own": signs[family],
        "error": signs["delta"],
        "weights": signs["w"],
        "bias": signs["b"],
        "full": full and last,
        "sigma": unicode_of(notation.letters["sigma"]),
        "sigma_tex": notation.letters["sigma"],
        "hadamard": unicode_of(notation.hadamard),
        "hadamard_tex": notation.hadamard,
        "turned": notation.weight_order == "to-from",
        "transpose": unicode_of(notation.transpose),
        "transpose_tex": notation.transpose,
        "after": bool(columns[place + 1][0]) if not last else True,
    }


def _sign(family: str, layer: str, notation: Notation) -> Sign:
    letters = notation.matrices if family == "w" else notation.letters
    above = notation.layer % "".join(notation.indices.get(c, c) for c in layer) if layer else ""
    raised = f"^{{{above}}}" if above else ""
    return Sign(
        unicode_of(letters[family]),
        above.replace("-", "\N{MINUS SIGN}"),
        letters[family] + raised,
        token(family, layer),
    )


def curve_drawing(values: Sequence[float], along: str, letter: str, says: str) -> Drawing:
    """A quantity, ``letter`` in TeX, after 0, 1, 2, … updates; ``along``: what is counted."""
    top = max(values) or 1.0
    steps = max(1, len(values) - 1)
    points = [
        (round(46 + WIDTH * n / steps, 1), round(14 + HEIGHT * (1 - v / top), 1))
        for n, v in enumerate(values)
    ]
    plotted: dict[str, Any] = {
        "points": points,
        "coordinates": [
            (round(8.0 * n / steps, 3), round(3.6 * v / top, 3)) for n, v in enumerate(values)
        ],
        "top": f"{top:.3g}",
        "steps": steps,
        "along": along,
        "letter": unicode_of(letter),
        "letter_tex": letter,
        "says": says,
        "width": WIDTH + 70,
        "height": HEIGHT + 54,
        "right": 46 + WIDTH,
        "bottom": 14 + HEIGHT,
    }
    return Drawing(
        filled("curve.svg.j2", fixed=False, **plotted),
        filled("curve.svg.j2", fixed=True, **plotted),
        filled("curve.tikz.j2", **plotted),
        26.0,
    )
