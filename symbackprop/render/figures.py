"""The picture of a network: where neurons and connections go; TikZ and SVG are drawn from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_NEURONS = 6  # a wider layer is drawn with dots
MOST_LAYERS = 6  # a deeper network too
COLUMN, ROW = 2.6, 1.0  # distances between layers and between neurons


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
    """A connection; the marked one carries its weight's name."""

    start: Neuron
    end: Neuron
    marked: bool = False


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


def picture(widths: Sequence[int] | None) -> Picture:
    """The network of these widths; None: every width and every depth, with w^l_{jk} marked."""
    layers = GENERAL if widths is None else tuple(_concrete(widths))
    columns = tuple(
        _column(place * COLUMN, layer, shown, widths) for place, (layer, shown) in enumerate(layers)
    )
    return Picture(columns, tuple(_edges(columns)), widths is None)


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


def _column(x: float, layer: str, shown: tuple[str, ...], widths: Sequence[int] | None) -> Column:
    if not layer:
        return Column(x, "", "", (Neuron(x, 0.0, "", ""),))
    middle = (len(shown) - 1) / 2
    neurons = tuple(
        Neuron(x, (middle - place) * ROW, layer, index) for place, index in enumerate(shown)
    )
    size = f"n_{{{layer}}}" if widths is None else f"n_{{{layer}}} = {widths[int(layer)]}"
    return Column(x, layer, size, neurons)


def _edges(columns: tuple[Column, ...]) -> Iterator[Edge]:
    for left, right in pairwise(columns):
        if not (left.layer and right.layer):
            continue
        for start in left.neurons:
            for end in right.neurons:
                if start.index and end.index:
                    yield Edge(start, end, (start.index, end.index) == ("k", "j"))
