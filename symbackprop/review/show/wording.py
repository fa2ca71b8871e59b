"""What every printer of a report says alike: marks, names of lines, and the sentences about one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.review.report import Case, FileReport, Line

WRONG = ("refuted", "ill-typed")
OPEN = ("undecided", "not-understood")
SHOWN_VALUES = 4
LONGEST_VALUE = 30
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Mark:
    """The sign of a verdict, its word where the sign cannot be shown, and its kind of color."""

    sign: str
    word: str
    says: str
    kind: str


EVERY_MARK = "✓✗–…·"
MARKS = {
    "proved": Mark("✓", "ok", "proved", "good"),
    "refuted": Mark("✗", "WRONG", "refuted", "bad"),
    "ill-typed": Mark("✗", "WRONG", "ill-typed", "bad"),
    "undecided": Mark("?", "?", "undecided", "open"),
    "not-understood": Mark("!", "!", "not understood", "open"),
    "": Mark("–", "-", "definition", "quiet"),
}


def mark_of(line: Line) -> Mark:
    """The mark of a line; a definition proves nothing and has a dash."""
    return MARKS[line.verdict]


def name_of(line: Line) -> str:
    """``(4)`` for a line with a tag, else ``line 23``."""
    return f"({line.tag})" if line.tag else f"line {line.line}"


def referred(file: FileReport, reference: str | None) -> Line | None:
    """The line that a tag, or the number of a line without one, speaks of."""
    if reference is None:
        return None
    by_tag = (line for line in file.lines if line.tag == reference)
    by_number = (line for line in file.lines if str(line.line) == reference)
    return next(by_tag, None) or next(by_number, None)


def claims_of(file: FileReport) -> tuple[Line, ...]:
    """The lines that say something about quantities already defined."""
    return tuple(line for line in file.lines if line.role == "claim")


def counts(file: FileReport) -> str:
    """``5 proved, 2 refuted; 3 definitions``."""
    found = Counter(line.verdict for line in claims_of(file))
    said = [f"{found[word]} {mark.says}" for word, mark in MARKS.items() if word and found[word]]
    definitions = sum(line.role == "definition" for line in file.lines)
    parts = [", ".join(said)] if said else []
    if definitions:
        parts.append(f"{definitions} definition{'s' * (definitions != 1)}")
    return "; ".join(parts)


def caution(file: FileReport) -> str:
    """What keeps a document without a wrong line from being proved; "" if nothing does."""
    claims = claims_of(file)
    if not claims:
        return (
            "nothing is claimed here: every formula defines something new, "
            "and none says anything about what is already defined"
        )
    if all(line.verdict == "proved" and line.trivial for line in claims):
        return "every claim here only repeats itself, as C = C does: nothing is proved"
    return ""


def place(file: FileReport, line: Line) -> str:
    """``notes.md:23:14``, where the fault is, or else the formula."""
    if line.caret:
        return f"{file.path}:{line.caret_line or line.line}:{line.caret}"
    return f"{file.path}:{line.line}:{line.column}"


def sentences(file: FileReport, line: Line) -> Iterator[str]:
    """What is to be said about a line, without its repair."""
    if line.message:
        yield _sentence(line.message)
    if line.witness is not None:
        yield from witness(line.witness, line.message)
    if line.mistake_says and line.mistake_says not in line.message:
        yield _sentence(line.mistake_says)
    if told := follows(file, line):
        yield told
    if line.expected and line.verdict:
        yield announced(line)
    for note in line.notes:
        yield _sentence(note)


def witness(case: Case, said: str = "") -> Iterator[str]:
    """The smallest case in which the two sides differ, in words; ``said`` has been said."""
    if not (case.left in said and case.right in said):
        where = [f"for widths {', '.join(map(str, case.widths))}"] if case.widths else []
        where += [f"l = {case.layer}"] if case.layer is not None else []
        where += [f"{letter} = {value}" for letter, value in case.entry.items()]
        yield _sentence(
            f"{', '.join(where)}: the left side is {case.left}, the right side {case.right}"
        )
    short = [f"{name} = {v}" for name, v in case.values.items() if len(v) <= LONGEST_VALUE]
    if short:
        shown = short[:SHOWN_VALUES]
        more = len(case.values) - len(shown)
        tail = f", and {more} more" if more else ""
        yield _sentence(f"there {', '.join(shown)}{tail}")
    if case.note and case.note not in said:
        yield _sentence(case.note)


def follows(file: FileReport, line: Line) -> str:
    """How the line stands to an earlier wrong one."""
    source = referred(file, line.inherits_from)
    name = name_of(source) if source else line.inherits_from or "the lines before"
    if line.follows == "inherits":
        return f"Follows from your {name}: the error is carried on, not made anew."
    if line.follows == "does-not-follow":
        return f"True, but not from {name}."
    return ""


def announced(line: Line) -> str:
    """Whether the mistake is the one that the document itself announces."""
    names = ", ".join(line.expected)
    if line.mistake in line.expected:
        return f"Announced in the document: error: [{names}]."
    return f"The document announces error: [{names}] here."


def heading(line: Line) -> str:
    """``refuted [transposed-weight]``."""
    says = mark_of(line).says
    return f"{says} [{line.mistake}]" if line.mistake else says


def visible(text: str) -> str:
    """One character for each: what steers a terminal or turns the reading direction is replaced."""
    return "".join(c if c.isprintable() else " " if c.isspace() else REPLACEMENT for c in text)


def one_line(tex: str) -> str:
    """A formula of several rows in one."""
    return visible(" ".join(tex.split()))


def _sentence(text: str) -> str:
    """With a capital letter, if it begins with a word, and a full stop."""
    text = text.strip()
    word = text.split(" ", 1)[0]
    is_word = len(word) > 1 and word.replace("-", "").isalpha()
    first = text[:1].upper() if is_word else text[:1]
    return first + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
