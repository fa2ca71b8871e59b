"""Chapters of a document: behind ``<!-- letters anew -->`` every letter may mean something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec import structs

from symbackprop.read.documents import Document
from symbackprop.review.judging import UNDECIDED, worst
from symbackprop.review.report import FileReport

_ANEW = re.compile(r"[ \t]*(?:<!--\s*letters anew\s*-->|%+\s*letters anew)[ \t]*", re.IGNORECASE)


def chapters(document: Document) -> Iterator[Document]:
    """The document in parts, each with formulas of its own; lines keep their numbers."""
    source = document.source.split("\n")
    marks = [n for n, line in enumerate(source, start=1) if _ANEW.fullmatch(line)]
    for first, last in zip([0, *marks], [*marks, len(source) + 1], strict=True):
        own = tuple(f for f in document.formulas if first < f.line <= last)
        if own or not marks:
            yield replace(document, formulas=own)


def bound_together(reports: Sequence[FileReport]) -> FileReport:
    """The reports on the chapters as that on the whole document."""
    judged = [r.verdict for r in reports if any(line.verdict for line in r.lines)]
    firsts = [r.first_wrong for r in reports if r.first_wrong is not None]
    return structs.replace(
        reports[0],
        verdict=worst(judged) if judged else UNDECIDED,
        first_wrong=firsts[0] if firsts else None,
        assumed=tuple(dict.fromkeys(said for r in reports for said in r.assumed)),
        lines=tuple(line for r in reports for line in r.lines),
    )
