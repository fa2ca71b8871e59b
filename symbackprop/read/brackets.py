r"""Tokens of TeX that cut a block or hold it together; braces, ``\left`` and ``\begin`` paired."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"(?P<begin>\\begin\s*\{\s*(?P<opened>[A-Za-z]+)\s*\*?\s*\})"
    r"|(?P<end>\\end\s*\{\s*(?P<closed>[A-Za-z]+)\s*\*?\s*\})"
    r"|(?P<row>\\\\\*?(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|\\baselineskip|\\jot)\s*\])?"
    r"|\\(?:newline|cr|tabularnewline)(?![A-Za-z]))"
    r"|(?P<left>\\left(?![A-Za-z]))|(?P<right>\\right(?![A-Za-z]))"
    r"|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<brace>\{)|(?P<close>\})|(?P<cell>&)|(?P<relation>:?=)",
    re.DOTALL,
)
_KINDS = {"brace": "{", "close": "{", "left": "\\left", "right": "\\left"}
_OPENING = ("brace", "left", "begin")
_CLOSING = ("close", "right", "end")


def imbalance(chars: str) -> tuple[int, str] | None:
    """The offset of a bracket that has no partner, the opening one if there is; and a sentence."""
    waiting: list[tuple[str, re.Match[str]]] = []
    for match in TOKEN.finditer(chars):
        kind = match.lastgroup or ""
        name = _KINDS.get(kind) or match["opened"] or match["closed"]
        if kind in _OPENING:
            waiting.append((name, match))
        elif kind in _CLOSING and not waiting:
            return match.start(), f"{match.group()} closes nothing"
        elif kind in _CLOSING:
            opening, begin = waiting.pop()
            if opening != name:
                return begin.start(), f"{begin.group()} is not closed before {match.group()}"
    if not waiting:
        return None
    _, begin = waiting[-1]
    return begin.start(), f"{begin.group()} is not closed"
