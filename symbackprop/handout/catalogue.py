"""The words of a handout in one language and at one depth of telling."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sympy import Basic

from symbackprop.errors import InputError, nearest
from symbackprop.handout.blocks import Text
from symbackprop.networks.network import Network
from symbackprop.render.describe import described

LEVELS = ("school", "undergraduate", "research")
LANGUAGES = ("en", "de")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Catalogue:
    """``say("key")`` is a sentence or nothing, where this level does not tell it.

    A sentence is a string for all levels, or a table level → string.  ``translated`` gives the
    words of this language for a sentence that another part of the program says in English.
    """

    language: str
    level: str
    table: Mapping[str, Any]

    def say(self, key: str, **terms: Basic | str) -> Text:
        """The sentence of a key with its ``{places}`` filled; ``()`` at a level without it."""
        entry = self.table["text"][key]
        found = entry if isinstance(entry, str) else entry.get(self.level, "")
        return filled(found, terms) if found else ()

    @property
    def words(self) -> Mapping[str, str]:
        """Single words and headings by their keys."""
        return self.table["words"]

    def word(self, key: str) -> str:
        """A single word or heading."""
        return str(self.words[key])

    def translated(self, english: str) -> str:
        """The sentence in this language; as it is where nobody has translated it."""
        sentences = self.table.get("sentences", {})
        if english in sentences:
            return str(sentences[english])
        begun = next((p for p in self.table.get("beginnings", {}) if english.startswith(p)), "")
        return str(self.table["beginnings"][begun]) + english[len(begun) :] if begun else english

    def listed(self, english: str) -> str:
        """``relu, slope``: each of its parts translated."""
        return ", ".join(map(self.translated, english.split(", ")))

    def about(self, network: Network) -> str:
        """A network in a few words of this language."""
        return self.listed(described(network))


def filled(sentence: str, terms: Mapping[str, Basic | str]) -> Text:
    """Words and terms in turn."""
    pieces = _PLACE.split(sentence)
    return tuple(
        terms[piece] if place % 2 else piece for place, piece in enumerate(pieces) if piece
    )


@cache
def catalogue(language: str = "en", level: str = "undergraduate") -> Catalogue:
    """The catalogue of a language at a level; unknown ones are refused with the near ones."""
    if language not in LANGUAGES:
        raise InputError(f"no words for {language!r}", expected=nearest(language, LANGUAGES))
    if level not in LEVELS:
        raise InputError(f"unknown level {level!r}", expected=nearest(level, LEVELS))
    text = resources.files("symbackprop.handout.words").joinpath(f"{language}.toml")
    return Catalogue(language, level, tomllib.loads(text.read_text(encoding="utf-8")))
