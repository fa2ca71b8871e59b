"""What a review says: data for people and programs, one line a formula."""

from __future__ import annotations

import msgspec

VERDICTS = ("proved", "refuted", "ill-typed", "undecided", "not-understood")


class Case(msgspec.Struct, frozen=True):
    """A counterexample: widths n_0 …, the value of l, index values, numbers, and both sides."""

    widths: tuple[int, ...]
    layer: int | None
    entry: dict[str, int]
    values: dict[str, str]
    left: str
    right: str
    note: str = ""


class Line(msgspec.Struct, frozen=True):
    """One formula of a document.

    ``role``: "definition", "claim" or "other" (prose, sizes, updates: nothing to prove).
    ``verdict``: one of VERDICTS, "" for a definition or other.  ``follows``: "yes", "inherits" (it
    continues an earlier wrong line correctly), "does-not-follow" (true, but not from a wrong line
    before it), or "".  ``column`` is where the formula starts, ``caret`` and ``caret_end`` where
    the fault is (columns of ``caret_line``, from 1).  ``read_as``: how it was understood where that
    is not what is written.  ``repair`` is TeX to paste back, ``mistake`` an id of the table and
    ``mistake_says`` its sentence.  ``notes``: harmless remarks.  ``message``: one or two sentences.
    ``expected``: ids of the mistakes that the document itself announces for this line.
    ``trivial``: both sides are the same as written, so that a proof says nothing.
    """

    tag: str
    line: int
    column: int
    tex: str
    role: str
    verdict: str = ""
    scope: str = ""
    bound: str = ""
    follows: str = ""
    inherits_from: str | None = None
    mistake: str | None = None
    mistake_says: str = ""
    repair: str | None = None
    witness: Case | None = None
    message: str = ""
    read_as: str = ""
    notes: tuple[str, ...] = ()
    caret_line: int = 0
    caret: int = 0
    caret_end: int = 0
    expected: tuple[str, ...] = ()
    trivial: bool = False


class FileReport(msgspec.Struct, frozen=True):
    """All formulas of one document, what was assumed, and the first wrong line's tag.

    ``remarks``: what of the document was not read.
    """

    path: str
    verdict: str
    first_wrong: str | None
    assumed: tuple[str, ...]
    lines: tuple[Line, ...]
    seed: int = 0
    remarks: tuple[str, ...] = ()
    source: str = ""  # the document's text, for the annotated page; not in the JSON


class Report(msgspec.Struct, frozen=True):
    """Several documents."""

    files: tuple[FileReport, ...]
    version: int = 1
