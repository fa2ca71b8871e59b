"""Letters that look like others, and characters that cannot be seen: named, never merged."""

from __future__ import annotations

import re
import unicodedata

from symbackprop.read.lexicon import UNICODE

_BEYOND_ASCII = re.compile(r"[^\t\n\x20-\x7e]")
_TEXT = re.compile(
    r"\\(?:text|textrm|textbf|textit|textsf|texttt|mbox|textnormal|intertext|shortintertext|tag|label)"
    r"\s*\*?\s*\{((?:[^{}]|\{[^{}]*\})*)\}"
)
_TWINS = dict(
    zip(
        "аеорсухіјѕһԁԛԝАВЕКМНОРСТХЅІЈοΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡ",
        "aeopcyxijshdqwABEKMHOPCTXSIJoABEZHIKMNOPTYXiag",
        strict=True,
    )
)
# letters, marks, numbers, and what is not shown; signs are the grammar's own matter
_REFUSED = ("L", "M", "N", "C")


def strange(chars: str) -> tuple[int, str] | None:
    """The offset of the first such character of a formula, and a sentence about it; else None."""
    if chars.isascii() and chars.isprintable():
        return None
    words: list[tuple[int, int]] | None = None
    for match in _BEYOND_ASCII.finditer(chars):
        character, offset = match.group(), match.start()
        category = unicodedata.category(character)
        plain = unicodedata.normalize("NFKC", character)
        merges = plain != character and plain.isascii() and not plain.isspace()
        if character in UNICODE or not (category.startswith(_REFUSED) or merges):
            continue
        if words is None:
            words = [found.span(1) for found in _TEXT.finditer(chars)]
        hidden = category.startswith("C")
        if not hidden and any(start <= offset < end for start, end in words):
            continue
        return offset, sentence(character)
    return None


def sentence(character: str) -> str:
    """``U+0430 (CYRILLIC SMALL LETTER A) looks like 'a'``."""
    category = unicodedata.category(character)
    named = f"U+{ord(character):04X} ({unicodedata.name(character, 'a control character')})"
    if category.startswith("C"):
        return f"{named} cannot be seen; delete it"
    plain = _TWINS.get(character, unicodedata.normalize("NFKC", character))
    if plain != character:
        return f"{named} looks like {plain!r}; write {plain!r} if that is meant"
    return f"{named} is not a letter of formulas"
