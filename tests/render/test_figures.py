"""The picture of a network: the right neurons and connections, few enough to be drawn."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from symbackprop.networks.notations import NOTATIONS, notation_named
from symbackprop.render.figures import Picture, picture
from symbackprop.render.svg import drawn


def neurons(drawing: Picture) -> list[int]:
    return [sum(bool(n.index) for n in column.neurons) for column in drawing.columns]


def test_a_small_network_is_drawn_in_full() -> None:
    drawing = picture([2, 3, 2])
    assert neurons(drawing) == [2, 3, 2]
    assert len(drawing.edges) == 2 * 3 + 3 * 2
    assert not any(edge.marked for edge in drawing.edges)
    assert [column.size for column in drawing.columns] == [
        "n_{0} = 2", "n_{1} = 3", "n_{2} = 2",
    ]  # fmt: skip


def test_wide_layers_have_dots() -> None:
    drawing = picture([784, 30, 10])
    assert neurons(drawing) == [4, 4, 4]
    assert [n.index for n in drawing.columns[0].neurons] == ["1", "2", "3", "", "784"]


def test_deep_networks_have_dots() -> None:
    drawing = picture([2] * 40)
    assert [column.layer for column in drawing.columns] == ["0", "1", "2", "", "38", "39"]
    assert len(drawing.edges) == 3 * 4


def test_the_general_network_marks_one_weight() -> None:
    drawing = picture(None)
    (marked,) = [edge for edge in drawing.edges if edge.marked]
    assert (marked.start.layer, marked.start.index) == ("l-1", "k")
    assert (marked.end.layer, marked.end.index) == ("l", "j")


@pytest.mark.parametrize("widths", [None, [2, 3, 2], [784, 30, 10], [1, 1], [3] * 20])
@pytest.mark.parametrize("name", NOTATIONS)
def test_the_svg_is_well_formed_and_inside_its_frame(widths: list[int] | None, name: str) -> None:
    root = ElementTree.fromstring(drawn(picture(widths), notation_named(name)))
    space = "{http://www.w3.org/2000/svg}"
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    circles = root.findall(f"{space}circle")
    assert len([c for c in circles if "neuron" in c.attrib["class"].split()]) == sum(
        neurons(picture(widths))
    )
    for circle in circles:
        assert 0 < float(circle.attrib["cx"]) < width
        assert 0 < float(circle.attrib["cy"]) < height
    assert len(root.findall(f"{space}line")) == len(picture(widths).edges)
