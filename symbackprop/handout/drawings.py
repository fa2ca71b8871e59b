"""The figures of a handout: each as SVG for pages, as SVG with its own colors, and as TikZ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symbackprop.networks.notations import Notation
from symbackprop.render.document import tikz_network
from symbackprop.render.figures import picture
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.svg import drawn, label
from symbackprop.render.templating import filled
from symbackprop.render.tokens import of_neuron, token

HALF, SCALE, SIDE = 110, 62, 66  # pixels: the gap of a fan, its rows, the cell of a map
STRONGEST = Fraction(1, 4)


@dataclass(frozen=True)
class Drawing:
    """``svg`` takes the colors of the page; ``fixed`` has its own; ``width`` in em, for print."""

    svg: str
    fixed: str
    tikz: str
    width: float


def network_drawing(
    widths: Sequence[int] | None, printer: LatexPrinter, *, named: bool = False
) -> Drawing:
    """All layers with their weights ``named`` or not, or the pattern of them with one named."""
    shape, notation = picture(widths, named=named), printer.notation
    return Drawing(
        drawn(shape, notation),
        drawn(shape, notation, colors="fixed"),
        tikz_network(shape, printer),
        min(38.0, 4.2 * shape.width + 5),
    )


@dataclass(frozen=True)
class Node:
    """A neuron of a fan: family, layer and index; no index: dots."""

    family: str
    layer: str
    index: str


@dataclass(frozen=True)
class Fan:
    """One neuron and all that it acts on; ``live`` are the places of the paths that count."""

    left: Node
    right: tuple[Node, ...]
    live: frozenset[int]
    sums: str
    weights: str = ""


def fan_drawing(fan: Fan, notation: Notation, says: str) -> Drawing:
    """The paths of a sum over k, one by one."""
    middle = (len(fan.right) - 1) / 2
    nodes = [_node(fan.left, 0, middle, middle, notation)]
    nodes += [_node(node, 1, place, middle, notation) for place, node in enumerate(fan.right)]
    edges = [
        _edge(fan, place, middle, notation) for place, node in enumerate(fan.right) if node.index
    ]
    values: dict[str, Any] = {
        "nodes": nodes,
        "edges": edges,
        "says": says,
        "left": 40,
        "right": 40 + 2 * HALF,
        "width": 80 + 2 * HALF,
        "height": round((len(fan.right) - 1) * SCALE + 64),
    }
    return Drawing(
        filled("fan.svg.j2", fixed=False, **values),
        filled("fan.svg.j2", fixed=True, **values),
        filled("fan.tikz.j2", **values),
        17.0,
    )


def _node(node: Node, side: int, place: float, middle: float, notation: Notation) -> dict[str, Any]:
    return {
        "x": 40 + side * 2 * HALF,
        "y": round(32 + place * SCALE),
        "tx": 3.6 * side,
        "ty": round(middle - place, 2),
        "label": label(node.family, node.layer, node.index, notation) if node.index else None,
        "tex": tex_of(node, notation),
        "tokens": of_neuron(node.layer, None),
    }


def _edge(fan: Fan, place: int, middle: float, notation: Notation) -> dict[str, Any]:
    index = fan.right[place].index
    named = bool(fan.weights) and index == "k"
    order = "jk" if notation.weight_order == "from-to" else "kj"
    return {
        "live": place in fan.live,
        "tokens": f"{token('sum', fan.sums)} {token('w', fan.weights) if fan.weights else ''}",
        "y1": round(32 + middle * SCALE),
        "y2": round(32 + place * SCALE),
        "t1": 0,
        "t2": round(middle - place, 2),
        "label": label("w", fan.weights, order, notation) if named else None,
        "lx": 40 + HALF * 1.1,
        "ly": round(32 + (middle + place) / 2 * SCALE - 10),
        "tex": tex_of(Node("w", fan.weights, order), notation) if named else "",
    }


def tex_of(node: Node, notation: Notation) -> str:
    above = notation.layer % "".join(notation.indices.get(c, c) for c in node.layer)
    below = "".join(notation.indices.get(c, c) for c in node.index)
    return f"{notation.letters[node.family]}^{{{above}}}" + (f"_{{{below}}}" if below else "")


def maps_drawing(titles: Sequence[str], maps: Sequence[Sequence[Sequence[Fraction]]]) -> Drawing:
    """Matrices side by side, numbers in the cells, the darker the larger."""
    size = len(maps[0])
    gap = SIDE * size + 50
    values: dict[str, Any] = {
        "side": SIDE,
        "width": gap * len(maps) - 40,
        "height": SIDE * size + 40,
        "says": "; ".join(titles),
        "maps": [
            {
                "title": title,
                "middle": place * gap + 5 + SIDE * size / 2,
                "tx": place * (1.15 * size + 1.0) + 1.15 * (size - 1) / 2,
                "cells": list(_cells(matrix, place, gap, 1.15 * size + 1.0)),
            }
            for place, (title, matrix) in enumerate(zip(titles, maps, strict=True))
        ],
    }
    return Drawing(
        filled("maps.svg.j2", fixed=False, **values),
        filled("maps.svg.j2", fixed=True, **values),
        filled("maps.tikz.j2", **values),
        32.0,
    )


def _cells(
    matrix: Sequence[Sequence[Fraction]], place: int, gap: float, step: float
) -> Iterator[dict[str, Any]]:
    for row, entries in enumerate(matrix):
        for column, value in enumerate(entries):
            strength = min(Fraction(1), abs(value) / STRONGEST)
            yield {
                "x": place * gap + 5 + column * SIDE,
                "y": 30 + row * SIDE,
                "text": str(value).replace("-", "\N{MINUS SIGN}"),
                "shade": round(float(strength) * 0.45, 3),
                "tx": round(place * step + column * 1.15, 2),
                "ty": round(-row * 1.15, 2),
                "percent": round(float(strength) * 40),
                "tex": str(value),
            }
