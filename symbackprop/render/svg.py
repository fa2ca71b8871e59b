"""The picture of a network as SVG, for the page and for a PDF without TeX."""

from __future__ import annotations

from symbackprop.networks.notations import Notation
from symbackprop.render.figures import Edge, Picture
from symbackprop.render.templating import filled
from symbackprop.render.tokens import of_edge, of_neuron
from symbackprop.render.unicode_math import unicode_of

UNIT, MARGIN = 60, 34  # pixels between neurons, and around the picture
SCRIPT = 5.6  # the width of a small letter


def drawn(picture: Picture, notation: Notation, *, colors: str = "inherit") -> str:
    """An ``<svg>`` element; ``colors`` "inherit" takes those of the page, "fixed" its own."""
    width = picture.width * UNIT + 2 * MARGIN
    height = picture.height * UNIT + 2 * MARGIN + 34
    depth = None if picture.general else int(picture.columns[-1].layer)
    return filled(
        "network.svg.j2",
        picture=picture,
        width=round(width),
        height=round(height),
        shortest=round(width * (0.9 if any("," in edge.name for edge in picture.edges) else 0.62)),
        x=lambda value: round(MARGIN + value * UNIT, 1),
        y=lambda value: round(MARGIN + (picture.height / 2 - value) * UNIT, 1),
        bottom=round(height - 10),
        label=lambda layer, index: label("a", layer, index, notation),
        size=lambda text: _size(text, notation),
        weight=lambda edge: label("w", edge.end.layer, weight_index(edge, notation), notation),
        fixed=colors == "fixed",
        neuron_class=lambda layer: of_neuron(layer, depth),
        edge_class=lambda layer: of_edge(layer, depth),
    )


def weight_index(edge: Edge, notation: Notation) -> str:
    """The indices of a weight in the order of the notation."""
    return edge.name[::-1] if notation.weight_order == "from-to" else edge.name


def label(family: str, layer: str, index: str, notation: Notation) -> tuple[str, str, str, float]:
    """Letter, layer, index, and how far back the index stands under the layer."""
    named = "".join(notation.indices.get(letter, letter) for letter in layer)
    above = (notation.layer % named).replace("-", "\N{MINUS SIGN}")
    below = "".join(notation.indices.get(letter, letter) for letter in index.partition("_")[0])
    return unicode_of(notation.letters[family]), above, below, -SCRIPT * len(above)


def _size(size: str, notation: Notation) -> tuple[str, str, str]:
    """``n``, its subscript in the letters of the notation, and what follows it."""
    letter, _, rest = size.partition("_")
    below, _, value = rest.strip("{").partition("}")
    named = "".join(notation.indices.get(c, c) for c in below)
    return letter, named.replace("-", "\N{MINUS SIGN}"), value
