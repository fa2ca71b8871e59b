"""A report for the terminal: one line for each formula, and under a wrong one where and why."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from symbackprop.review.report import FileReport, Line
from symbackprop.review.show import excerpt, wording
from symbackprop.review.show.wording import Mark, visible

STYLES = {
    "good": "green",
    "bad": "bold red",
    "open": "bold yellow",
    "quiet": "dim",
    "head": "bold",
    "repair": "cyan",
    "": "",
}
LONGEST_NAME = 16
INDENT = "    "


@dataclass(frozen=True)
class Look:
    """How wide the screen is, and whether it can show more than ASCII."""

    width: int = 80
    ascii: bool = False

    @property
    def dots(self) -> str:
        return "..." if self.ascii else "…"

    @property
    def bullet(self) -> str:
        return "-" if self.ascii else "·"

    def sign(self, mark: Mark) -> str:
        return f"{mark.word:<5}" if self.ascii else mark.sign


def report(files: Sequence[FileReport], faults: Sequence[str] = ()) -> str:
    """All documents, to be kept in a file; ``faults`` say what could not be read."""
    parts = [plain(document(file)) for file in files]
    if len(files) + len(faults) > 1:
        parts.append(plain(total(files, len(faults))))
    return "\n".join(parts)


def document(file: FileReport, look: Look | None = None) -> Iterator[Text]:
    """All that is said of one document."""
    look = look or Look()
    yield _styled(visible(file.path), "head")
    yield from _assumed(file.assumed, look)
    yield Text()
    width = max((len(_name(line, look)) for line in file.lines), default=0)
    for line in file.lines:
        yield from formula(file, line, look, width)
    if file.lines and file.lines[-1].verdict in ("", "proved"):
        yield Text()
    yield from _summary(file, look)


def formula(
    file: FileReport, line: Line, look: Look | None = None, name_width: int = 0
) -> Iterator[Text]:
    """The line of one formula; if there is something to say about it, that too."""
    look = look or Look()
    mark = wording.mark_of(line)
    name = _name(line, look)
    start = f" {look.sign(mark)} {name:>{name_width}}  "
    found = excerpt.tidy(excerpt.formula(file, line))
    shown = found.cut(look.width - cell_len(start), look.dots)
    yield Text().append(start, STYLES[mark.kind]).append(shown.text, _style_of_formula(line))
    wrong = line.verdict in (*wording.WRONG, *wording.OPEN)
    if wrong:
        yield from _caret(file, line, look, shown, cell_len(start))
        yield (
            Text(INDENT)
            .append(visible(wording.place(file, line)), "bold")
            .append(f": {wording.heading(line)}", STYLES[mark.kind])
        )
    for sentence in wording.sentences(file, line):
        yield from _wrapped(sentence, look, "" if wrong else "quiet")
    if line.read_as:
        yield from _labelled("read as:", line.read_as, look, "quiet")
    if line.repair:
        yield from _labelled("would be right:", line.repair, look, "repair")
    if wrong:
        yield Text()


def told(file: FileReport, lines: Iterable[Line]) -> str:
    """Some lines of a document, what they were read as, and the seed, without colors."""
    look = Look()
    shown = [row for line in lines for row in formula(file, line, look)]
    return plain((*shown, *_assumed(file.assumed, look), _seed(file)))


def total(files: Sequence[FileReport], unreadable: int = 0) -> Iterator[Text]:
    """One line about several documents."""
    wrong = sum(file.verdict in wording.WRONG for file in files)
    proved = sum(file.verdict == "proved" for file in files)
    parts = [
        (proved, "proved"),
        (wrong, "with something wrong"),
        (len(files) - proved - wrong, "open"),
        (unreadable, "unreadable"),
    ]
    said = ", ".join(f"{number} {word}" for number, word in parts if number)
    yield _styled(f"{len(files) + unreadable} documents: {said}", "head")


def plain(lines: Iterable[Text]) -> str:
    """Without colors."""
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)


def colored(lines: Iterable[Text]) -> str:
    """With the colors of a terminal."""
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="standard", no_color=False,
        highlight=False, markup=False, emoji=False, soft_wrap=True, legacy_windows=False,
    )  # fmt: skip
    for line in lines:
        line.rstrip()
        console.print(line)
    return out.getvalue()


def _assumed(assumed: Sequence[str], look: Look) -> Iterator[Text]:
    lead = "  read as "
    for sentence in assumed:
        yield from _hung(visible(sentence), f"{lead}{look.bullet} ", look, "quiet")
        lead = " " * len(lead)


def _caret(
    file: FileReport, line: Line, look: Look, shown: excerpt.Excerpt, indent: int
) -> Iterator[Text]:
    """A caret under the fault; where the formula has several rows, under its row of the file."""
    if shown.start == shown.end:
        found = excerpt.source(file, line)
        if found is None:
            return
        start = f"{INDENT}{line.caret_line} | "
        indent = len(start)
        shown = found.cut(look.width - indent, look.dots)
        yield Text().append(start, STYLES["quiet"]).append(shown.text)
    gap = cell_len(shown.text[: shown.start])
    length = max(1, cell_len(shown.text[shown.start : shown.end]))
    yield Text(" " * (indent + gap)).append("^" * length, STYLES["bad"])


def _summary(file: FileReport, look: Look) -> Iterator[Text]:
    for line in file.lines:
        if file.first_wrong is not None and line is wording.referred(file, file.first_wrong):
            where = visible(f"{wording.name_of(line)}, {wording.place(file, line)}")
            yield _styled(f"  first wrong step: {where}", "bad")
    if said := wording.caution(file):
        yield from _wrapped(said[0].upper() + said[1:] + ".", look, "open", indent="  ")
    for remark in file.remarks:
        yield from _hung(visible(f"left out: {remark}"), "  ", look, "open")
    if told := wording.counts(file):
        kind = "good" if file.verdict == "proved" else ""
        yield from _hung(told, "  ", look, kind)
    yield _seed(file)


def _seed(file: FileReport) -> Text:
    return _styled(f"  --seed {file.seed} repeats this run", "quiet")


def _name(line: Line, look: Look) -> str:
    name = visible(wording.name_of(line))
    return excerpt.Excerpt(name).cut(LONGEST_NAME, look.dots).text


def _style_of_formula(line: Line) -> str:
    return "dim" if line.role == "definition" else ""


def _wrapped(words: str, look: Look, kind: str, indent: str = INDENT) -> Iterator[Text]:
    yield from _hung(visible(words), indent, look, kind)


def _labelled(label: str, tex: str, look: Look, kind: str) -> Iterator[Text]:
    """``label tex`` in one line, or the TeX in lines of its own."""
    shown = wording.one_line(tex)
    if len(INDENT) + len(label) + 1 + cell_len(shown) <= look.width:
        yield _styled(f"{INDENT}{label} {shown}", kind)
        return
    yield _styled(INDENT + label, kind)
    yield from _hung(shown, 2 * INDENT, look, kind)


def _hung(words: str, start: str, look: Look, kind: str) -> Iterator[Text]:
    """Words that begin behind ``start``; their further lines begin below the first."""
    rows = textwrap.wrap(
        words,
        max(look.width, 40),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for row in rows:
        yield _styled(row, kind)


def _styled(words: str, kind: str) -> Text:
    return Text(words, STYLES[kind], end="")
