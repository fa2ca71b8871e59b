"""What is said before a formula, and around it in its line."""

from __future__ import annotations

import re

MAX_BEFORE = 200

_KEPT = 4 * MAX_BEFORE
_BLANK_LINE = re.compile(r"\n[ \t]*\n|\\(?:sub)*(?:section|paragraph)\*?\s*\{[^{}]*\}|\\par\b")
_ENDS_WITH_DISPLAY = re.compile(r"(?:\$\$|\\\]|\\end\s*\{[^{}]*\})\W*\Z")
_LABEL = re.compile(
    r"[ \t]*(?:\((?P<bare>[\w.:'*-]{1,40})\)|\{#(?P<id>[\w.:-]{1,80})\})[ \t.,;]*(?=\n|\Z)"
)
_WORDS_BEHIND = 300


class Words:
    """The words since the last paragraph began, formulas among them as they stand."""

    def __init__(self) -> None:
        self.here = self.paragraph_before = ""

    def new_paragraph(self) -> None:
        """What was said so far is the paragraph before."""
        said = " ".join(self.here.split())
        if said:
            complete = said.endswith((".", "!", "?")) or _ENDS_WITH_DISPLAY.search(said)
            self.paragraph_before = "" if complete else said
        self.here = ""

    def new_section(self) -> None:
        """A heading introduces no formula."""
        self.here = self.paragraph_before = ""

    def say(self, words: str) -> None:
        """Words between formulas; a blank line or a heading of TeX ends the paragraph."""
        first, *others = _BLANK_LINE.split(words[-2 * _KEPT :])
        self.here = (self.here + first)[-_KEPT:]
        for part in others:
            self.new_paragraph()
            self.here = part

    def show(self, formula: str) -> None:
        """A formula as it stands; blank lines in it end nothing."""
        self.here = (self.here + formula)[-_KEPT:]

    def before(self, display: bool) -> str:
        """The words before a formula; a display that begins a paragraph goes on with the last."""
        said = " ".join(self.here.split())
        if said.startswith("|"):  # a row of a table: only the cell's own words
            said = said.rpartition("|")[2].strip()
        return (said or (self.paragraph_before if display else ""))[-MAX_BEFORE:]


def in_a_sentence(chars: str, start: int, end: int) -> bool:
    """``$$C$$ is the cost``: one line, and words behind it."""
    if "\n" in chars[start:end]:
        return False
    behind = chars[end : end + _WORDS_BEHIND].partition("\n")[0]
    if label := _LABEL.match(behind):
        behind = behind[label.end() :]
    return any(char.isalnum() for char in behind)


def label_behind(chars: str, at: int) -> str:
    """``$$ … $$ (4)`` or ``$$ … $$ {#eq:4}``."""
    match = _LABEL.match(chars, at)
    return (match["bare"] or match["id"]) if match else ""
