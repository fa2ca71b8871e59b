"""The picture of a network: where neurons and connections go; TikZ and SVG are drawn from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from symbackprop.errors import InputError

MOST_NEURONS = 6  # a wider layer is drawn with dots
MOST_LAYERS = 6  # a deeper network too
COLUMN, ROW = 2.6, 1.0  # distances between layers and between neurons
MOST_NAMED = 4  # neurons of a layer whose weights can all be named


@dataclass(frozen=True)
class Neuron:
    """One circle of layer ``layer``, or dots in its place when ``index`` is empty."""

    x: float
    y: float
    layer: str
    index: str


@dataclass(frozen=True)
class Column:
    """A layer as drawn, or the dots that stand for several layers when ``layer`` is empty."""

    x: float
    layer: str
    size: str
    neurons: tuple[Neuron, ...]


@dataclass(frozen=True)
class Edge:
    """A connection; ``name``: the indices of its weight, to then from, where it is written out."""

    start: Neuron
    end: Neuron
    name: str = ""
    at: float = 0.5  # where along the connection the name stands

    @property
    def marked(self) -> bool:
        """Whether it stands for all connections of the picture."""
        return self.name == "jk"


@dataclass(frozen=True)
class Picture:
    """Columns left to right and the connections between neighbours that are drawn."""

    columns: tuple[Column, ...]
    edges: tuple[Edge, ...]
    general: bool

    @property
    def width(self) -> float:
        return self.columns[-1].x

    @property
    def height(self) -> float:
        return max(abs(n.y) for column in self.columns for n in column.neurons) * 2

    @property
    def captions(self) -> float:
        """Where the widths stand: below the lowest neuron."""
        return -self.height / 2 - 0.6


GENERAL = (
    ("0", ("1", "", "n_0")),
    ("", ()),
    ("l-1", ("1", "", "k", "", "n_{l-1}")),
    ("l", ("1", "", "j", "", "n_l")),
    ("", ()),
    ("L", ("1", "", "n_L")),
)


def picture(widths: Sequence[int] | None, *, named: bool = False) -> Picture:
    """The network of these widths; None: every width and every depth, with w^l_{jk} marked.

    ``named``: each weight that is drawn carries its name.
    """
    layers = GENERAL if widths is None else tuple(_concrete(widths))
    most = max(widths) if widths is not None and named else 0
    if most > MOST_NAMED:
        raise InputError(
            f"a layer has {most} neurons; not every weight can be named in a picture",
            expected=f"at most {MOST_NAMED} a layer",
        )
    column, row = (1.5 * COLUMN, max(1.2, 0.55 * most)) if most else (COLUMN, ROW)
    columns = tuple(
        _column((place * column, row), layer, shown, widths)
        for place, (layer, shown) in enumerate(layers)
    )
    return Picture(columns, tuple(_edges(columns, most)), widths is None)


def _concrete(widths: Sequence[int]) -> Iterator[tuple[str, tuple[str, ...]]]:
    depth = len(widths) - 1
    drawn = range(depth + 1)
    left_out = range(3, depth - 1) if depth >= MOST_LAYERS else range(0)
    for layer in drawn:
        if layer in left_out:
            if layer == left_out[0]:
                yield ("", ())
            continue
        yield (str(layer), tuple(_shown(widths[layer])))


def _shown(width: int) -> Iterator[str]:
    if width <= MOST_NEURONS:
        yield from map(str, range(1, width + 1))
        return
    yield from ("1", "2", "3", "", str(width))


def _column(
    place: tuple[float, float], layer: str, shown: tuple[str, ...], widths: Sequence[int] | None
) -> Column:
    x, row = place
    if not layer:
        return Column(x, "", "", (Neuron(x, 0.0, "", ""),))
    middle = (len(shown) - 1) / 2
    neurons = tuple(Neuron(x, (middle - n) * row, layer, index) for n, index in enumerate(shown))
    size = f"n_{{{layer}}}" if widths is None else f"n_{{{layer}}} = {widths[int(layer)]}"
    return Column(x, layer, size, neurons)


def _edges(columns: tuple[Column, ...], most: int) -> Iterator[Edge]:
    for left, right in pairwise(columns):
        if not (left.layer and right.layer):
            continue
        for start in left.neurons:
            for end in right.neurons:
                if start.index and end.index:
                    if most:
                        yield Edge(start, end, f"{end.index},{start.index}", 0.75 / most)
                    else:
                        yield Edge(start, end, "jk" * ((start.index, end.index) == ("k", "j")))
