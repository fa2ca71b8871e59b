r"""What stands in a row but is no formula: comments, tags, labels, what Markdown escapes."""

from __future__ import annotations

import re

from symbackprop.read.text import Text

COMMENT = re.compile(r"\\.|(?P<comment>%[^\n]*)", re.DOTALL)

_TAG = re.compile(
    r"\\tag\s*\*?\s*\{(?P<tag>(?:[^{}]|\{[^{}]*\})*)\}"
    r"|\\label\s*\{(?P<label>[^{}]*)\}"
    r"|\\eqno\s*(?:\{(?P<eqno>[^{}]*)\}|(?P<bare>\([^()]*\)))"
    r"|\\(?:nonumber|notag|qedhere|qed|displaybreak|allowdisplaybreaks|hline|displaystyle)(?![A-Za-z])(?:\[\d\])?"
    r"|\\require\s*\{[^{}]*\}"
)
_NAMES = ("tag", "eqno", "bare", "label")
_SPACE = r"(?:\\q?quad|\\hfill|\\hspace\*?\s*\{[^{}]*\}|~|\\[,;: ])"
_NUMBER = r"\d{1,3}[a-z]?'*|\*{1,3}|\d{1,2}\.\d{1,2}"
_NUMBER_AT_END = re.compile(
    rf"{_SPACE}(?:\s|{_SPACE})*"
    rf"(?:\\text\s*\{{\s*\((?P<worded>{_NUMBER})\)\s*\}}|\(\s*(?P<bare>{_NUMBER})\s*\))\Z"
)
_TAIL = 200
# boxes of words beside a formula: how many groups belong to each
_BOX = re.compile(r"\\(?P<name>parbox|makebox|footnote|marginpar|rlap|llap)(?![A-Za-z])")
_GROUPS = {"parbox": 2}
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)

# what Markdown doubles or escapes inside mathematics, and what is meant
_ESCAPED_ROW = re.compile(r"\\\\\\\\")
_ESCAPED_STAR = re.compile(r"(?<=[a-z])\\\*(?=\s*\})")
_ESCAPED_LOW = re.compile(
    r"(?:(?<=[}\])'])|(?<=(?<![A-Za-z\\])[A-Za-z])|(?<=[Α-ω]))"
    r"\\_(?=\{|[A-Za-z0-9](?![A-Za-z0-9]))"
)


def without_boxes(text: Text) -> Text:
    """Words in a box beside the formula go: ``\\parbox[c]{5em}{why}``, ``\\footnote{…}``."""
    spans, at = [], 0
    while match := _BOX.search(text.chars, at):
        end: int | None = match.end()
        for _ in range(_GROUPS.get(match["name"], 1)):
            end = _behind_group(text.chars, end) if end is not None else None
        if end is None:
            break
        at = match.end()
        if not match["name"].endswith("lap") or "\\parbox" in text.chars[at:end]:
            spans.append((match.start(), end, " "))
            at = end
    return text.replaced(spans)


def _behind_group(chars: str, start: int) -> int | None:
    """The offset behind the group in braces that begins here, after options in brackets."""
    opening = re.compile(r"\s*(?:\[[^\]]*\]\s*)*(?=\{)").match(chars, start)
    depth = 0
    for match in _BRACES.finditer(chars, opening.end()) if opening else ():
        depth += (match.group() == "{") - (match.group() == "}")
        if depth == 0:
            return match.end()
    return None


def tagged(text: Text) -> tuple[Text, str]:
    """The row without ``\\tag``, ``\\label`` and the like; and its tag, else its label, else ""."""
    text = without_boxes(text)
    found = list(_TAG.finditer(text.chars))
    tags = [match[name] for name in _NAMES for match in found if match[name]]
    text = text.replaced((*match.span(), " ") for match in found).stripped()
    skipped = max(0, len(text) - _TAIL)
    if number := _NUMBER_AT_END.search(text.chars, skipped):
        text = text.cut(0, number.start()).stripped()
        tags.insert(0, number["worded"] or number["bare"])
    return text, _plain(tags[0]) if tags else ""


def _plain(tag: str) -> str:
    """``$(4)$`` is 4."""
    tag = tag.strip().strip("$").strip()
    inside = tag.startswith("(") and tag.endswith(")")
    return tag[1:-1].strip() if inside else tag


def unescaped(text: Text) -> Text:
    """What some Markdown needs: ``\\\\\\\\`` ends a row, ``\\_`` lowers, ``align\\*``."""
    if "\\" not in text.chars:
        return text
    text = text.substituted(_ESCAPED_ROW, "\\\\")
    return text.substituted(_ESCAPED_STAR, "*").substituted(_ESCAPED_LOW, "_")
