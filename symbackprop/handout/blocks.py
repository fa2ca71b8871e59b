"""What a handout is made of, before any format: parts with words, formulas and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Basic

from symbackprop.handout.drawings import Drawing
from symbackprop.networks.network import Network
from symbackprop.render.page import Claim, Page, Section, Sigma, Symbol

Text = tuple[str | Basic, ...]
"""Words, in which quantities such as ``∂C/∂a^L_k`` are found and set, and whole terms."""


@dataclass(frozen=True)
class Words:
    """A paragraph; ``kind`` "note" stands back, "numbers" holds calculations and claims nothing."""

    text: Text
    kind: str = ""


@dataclass(frozen=True)
class Given:
    """Definitions of the program, by the names of what they define, and activations."""

    names: frozenset[str]
    sigmas: tuple[Sigma, ...] = ()


@dataclass(frozen=True)
class Symbols:
    """The table of symbols: symbol, meaning, shape."""

    rows: tuple[tuple[Symbol, Text], ...]
    head: tuple[str, str, str]


@dataclass(frozen=True)
class Steps:
    """Proved chains of equations; ``shaped``: with the shape under every array of a product."""

    section: Section
    titled: bool = True
    shaped: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of words and terms; ``numbers``: its cells are plain calculations, not claims."""

    head: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    numbers: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing with a caption; what it shows is also said in words, for those who do not see."""

    drawing: Drawing
    caption: Text
    says: str


@dataclass(frozen=True)
class Choice:
    """Figures of which a page shows the one that the reader picks, and print all."""

    options: tuple[tuple[Text, Figure], ...]


@dataclass(frozen=True)
class Listing:
    """A program."""

    code: str
    language: str = "python"


@dataclass(frozen=True)
class CodeMaths:
    """Lines of a program as formulas: ``{"name", "tex", "note"}`` each."""

    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Question:
    """What a learner asks, and the answer."""

    asks: Text
    answer: Text


@dataclass(frozen=True)
class Task:
    """An exercise: its number, what is asked, and lines to look at."""

    number: int
    asks: Text
    lines: tuple[Text, ...] = ()
    level: str = ""


@dataclass(frozen=True)
class Claims:
    """What was proved: lines, scope, error bound."""

    rows: tuple[Claim, ...]
    head: tuple[str, str, str]


Block = (
    Words
    | Given
    | Symbols
    | Steps
    | Grid
    | Figure
    | Choice
    | Listing
    | CodeMaths
    | Question
    | Task
    | Claims
)


@dataclass(frozen=True)
class Part:
    """A heading with its blocks; ``page`` has the notation and the program of its formulas."""

    key: str
    title: Text
    blocks: tuple[Block, ...]
    page: Page
    anew: bool = False  # its letters mean something else than before


@dataclass(frozen=True)
class Handout:
    """The parts in order, and how to repeat the whole."""

    title: str
    subtitle: str
    author: str
    language: str
    parts: tuple[Part, ...]
    imprint: Text
    command: str
    proved: bool
    network: Network
    seed: int
