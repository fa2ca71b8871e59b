"""What the parts of a handout are made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from symbackprop.handout.blocks import Block, Part, Steps, Words
from symbackprop.handout.catalogue import Catalogue
from symbackprop.networks.network import Network
from symbackprop.networks.notations import Notation
from symbackprop.numbers.problem import Problem
from symbackprop.render.page import Page, Section

TOLD = {
    "forward": ("The slope of the activation", "The slopes of the activations"),
    "cost": ("The slope of the cost",),
    "sum": ("How an output depends on a weighted input",),
    "output": ("The error of the output layer",),
    "hidden": ("How the next layer depends on this one", "The error of a hidden layer"),
    "parameters": ("Weights", "Biases", "The penalty"),
    "path": (
        "② From a layer to the outputs", "③ Into the next layer", "④ The weight itself",
        "The path of one weight", "The path of one bias", "Why this is the δ form",
        "The last layer, l = L",
    ),
    "matrix": ("Matrix form",),
}  # fmt: skip
"""Part → the sections of the derivation that it tells."""
TOLD_OF_BATCHES = (*TOLD["parameters"], *TOLD["matrix"])


@dataclass(frozen=True)
class Asked:
    """Wishes: every weight named in the picture, an example in exact fractions, or its numbers."""

    name_weights: bool = False
    nice: bool = False
    numbers: Problem | None = None


@dataclass(frozen=True)
class Material:
    """All that the parts are made from."""

    network: Network
    words: Catalogue
    page: Page
    sections: dict[str, Section]
    batch: Page | None
    batch_sections: dict[str, Section]
    asked: Asked = field(default_factory=lambda: Asked())

    @property
    def notation(self) -> Notation:
        return self.page.notation

    @property
    def softmax(self) -> bool:
        return self.network.output_activation.vector

    @property
    def hidden(self) -> bool:
        return self.network.general or self.network.depth > 1

    def steps(self, key: str, *, titled: bool = True, shaped: bool = False) -> list[Block]:
        """The sections that belong to a part."""
        own = [self.sections[title] for title in TOLD[key] if title in self.sections]
        return [Steps(section, titled, shaped) for section in own]


def part(material: Material, key: str, blocks: list[Block], page: Page | None = None) -> Part:
    title = material.words.table["words"]["parts"][key]
    return Part(key, (title,), tuple(blocks), page or material.page, anew=page is not None)


def said(words: Catalogue, key: str, **terms: str) -> list[Block]:
    text = words.say(key, **terms)
    return [Words(text)] if text else []
