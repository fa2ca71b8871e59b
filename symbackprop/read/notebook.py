"""Jupyter notebooks: the Markdown cells, with the places of their characters in the JSON text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from symbackprop.errors import InputError, LimitError
from symbackprop.read.text import Source, Text

_TOKEN = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"|(?P<sign>[\[\]{},:])|(?P<other>[^\s\[\]{},:"]+)'
)
_CHARACTER = re.compile(
    r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u(?P<code>[0-9a-fA-F]{4})|\\(?P<escape>.)|(?P<plain>[^\\])",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Literal:
    """A string of the JSON text, as it stands between its quotes."""

    start: int
    chars: str

    def text(self) -> Text:
        """Its value, each character with its place."""
        chars: list[str] = []
        at: list[int] = []
        to: list[int] = []
        for match in _CHARACTER.finditer(self.chars):
            chars.append(_meant(match))
            at.append(self.start + match.start())
            to.append(self.start + match.end())
        return Text("".join(chars), at, to)


def _meant(match: re.Match[str]) -> str:
    if match["high"]:
        pair = int(match["high"], 16), int(match["low"], 16)
        return chr(0x10000 + ((pair[0] - 0xD800) << 10) + pair[1] - 0xDC00)
    if match["code"]:
        return chr(int(match["code"], 16))
    escape = match["escape"]
    return _ESCAPES.get(escape, escape) if escape else match["plain"]


def cells(source: Source) -> Iterator[tuple[int, Text]]:
    """The number, from 1, and the text of each Markdown cell (and of a raw cell at the top)."""
    for number, cell in enumerate(_cells(source), start=1):
        kind = cell.get("cell_type") if isinstance(cell, dict) else None
        name = kind.chars if isinstance(kind, Literal) else ""
        if name == "markdown" or (name == "raw" and number == 1):
            written = cell.get("source", [])
            parts = written if isinstance(written, list) else [written]
            texts = [part.text() for part in parts if isinstance(part, Literal)]
            yield number, _unified(Text.joined(texts))


def _unified(text: Text) -> Text:
    return text.substituted(re.compile(r"\r\n?"), "\n") if "\r" in text.chars else text


def _cells(source: Source) -> list[Any]:
    root = _parsed(source)
    found = root.get("cells") if isinstance(root, dict) else None
    if found is None and isinstance(root, dict):  # format 3
        sheets = root.get("worksheets")
        found = sheets[0].get("cells") if isinstance(sheets, list) and sheets else None
    if not isinstance(found, list):
        raise InputError(
            "this is no notebook", expected='expected JSON with "cells"', file=source.path
        )
    return found


def _parsed(source: Source) -> Any:
    """The JSON text as lists and dicts, strings as Literals; ``json`` has the say on its syntax."""
    try:
        json.loads(source.chars)
        return _value(_TOKEN.finditer(source.chars))
    except json.JSONDecodeError as error:
        raise InputError(
            f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            expected="expected a notebook",
            file=source.path,
            line=error.lineno,
            column=error.colno,
        ) from None
    except (RecursionError, ValueError):
        raise LimitError("JSON nested too deep, or too long a number", file=source.path) from None


def _value(tokens: Iterator[re.Match[str]]) -> Any:
    token = next(tokens)
    if token["string"] is not None:
        return Literal(token.start("string"), token["string"])
    if token["sign"] == "[":
        return list(_items(tokens))
    if token["sign"] == "{":
        return dict(_pairs(tokens))
    return None if token["other"] else token["sign"]


def _items(tokens: Iterator[re.Match[str]]) -> Iterator[Any]:
    while (value := _value(tokens)) != "]":
        if value != ",":
            yield value


def _pairs(tokens: Iterator[re.Match[str]]) -> Iterator[tuple[str, Any]]:
    while (key := _value(tokens)) != "}":
        if isinstance(key, Literal):
            next(tokens)  # the colon
            yield key.chars, _value(tokens)
