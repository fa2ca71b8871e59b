"""``symbackprop check``: a person's derivation, line by line."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbackprop.commands import manual
from symbackprop.commands.options import (
    chosen,
    emit,
    named,
    output_options,
    output_path,
    seed_option,
    status_of,
)
from symbackprop.errors import InputError

if TYPE_CHECKING:
    from rich.text import Text

    from symbackprop.commands.checking import Unreadable
    from symbackprop.review.report import FileReport
    from symbackprop.review.show.text import Look

FORMATS = ("text", "json", "github", "sarif", "html")
COLORS = ("auto", "always", "never")
NARROWEST, WIDEST = 40, 100


@click.command("check", short_help="Check a derivation that a person wrote.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE…")
@click.option("--format", "format_", default="text", show_default=True, metavar="|".join(FORMATS),
              help="What to print.")  # fmt: skip
@click.option("--activation", metavar="NAME[,NAME…]",
              help="What σ is, where a document leaves it open.")  # fmt: skip
@click.option("--cost", metavar="NAME", help="What C is, where a document leaves it open.")
@click.option("--notation", metavar="NAME", help="The letters of a book: nielsen, bishop, …")
@click.option("--assume", metavar="FILE", help="Declarations (TOML) for every document.")
@click.option("--limit", type=click.FloatRange(0, min_open=True), default=10.0, show_default=True,
              metavar="SECONDS", help="For one line; then it is undecided.")  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=1, show_default=True,
              metavar="NUMBER", help="Documents at a time.")  # fmt: skip
@click.option("--color", default="auto", show_default=True, metavar="|".join(COLORS),
              help="Colors on the screen; auto heeds NO_COLOR.")  # fmt: skip
@seed_option
@output_options
def command(
    paths: tuple[str, ...],
    format_: str,
    activation: str | None,
    cost: str | None,
    notation: str | None,
    assume: str | None,
    limit: float,
    jobs: int,
    color: str,
    seed: int | None,
    output: str | None,
    force: bool,
) -> int:
    """Check derivations that people wrote: which line is wrong, why, and what would be right.

    FILE is Markdown, TeX, a notebook, or - for standard input.  A document's own definitions say
    what its letters mean; whatever had to be assumed is listed.
    """
    from symbackprop.commands.checking import Options, all_reviewed

    chosen(format_, "--format", FORMATS)
    chosen(color, "--color", COLORS)
    path = output_path(output, force)
    if paths.count("-") > 1:
        raise InputError("standard input (-) is named twice", expected="once")
    options = Options(
        assume=None if assume is None else Path(assume),
        activation=_activations(activation),
        cost=_known_cost(cost),
        notation=_known_notation(notation),
        seed=seed,
        limit=limit,
    )
    printer = _printer(format_, path is None, color)
    for answer in all_reviewed(paths, options, jobs):
        printer.take(answer)
    printer.finish(path, force)
    return status(printer.files, printer.unreadable)


def status(files: Sequence[FileReport], unreadable: Sequence[Unreadable]) -> int:
    """2 if a file could not be read, 1 if a line is wrong, 0 if everything claimed is proved."""
    from symbackprop.review.show.wording import WRONG

    if unreadable:
        return manual.UNREADABLE
    wrong = any(line.verdict in WRONG for file in files for line in file.lines)
    return status_of(not wrong and all(map(_proved, files)), wrong)


def _proved(file: FileReport) -> bool:
    """Every claim is proved, and there is one that says something."""
    from symbackprop.review.show.wording import caution, claims_of

    return not caution(file) and all(line.verdict == "proved" for line in claims_of(file))


class Collected:
    """Takes the reviews as they come, and writes them at the end."""

    def __init__(self, format_: str) -> None:
        self.format = format_
        self.files: list[FileReport] = []
        self.unreadable: list[Unreadable] = []

    def take(self, answer: FileReport | Unreadable) -> None:
        from symbackprop.commands.checking import Unreadable

        if isinstance(answer, Unreadable):
            self.unreadable.append(answer)
            manual.tell(answer.message)
            return
        self.files.append(answer)
        self.show(answer)

    def show(self, file: FileReport) -> None:
        """Nothing yet."""

    def finish(self, path: Path | None, force: bool) -> None:
        if self.format == "json":
            emit(_json(self.files, self.unreadable), path, force)
            return
        printer = import_module(f"symbackprop.review.show.{self.format}")
        emit(printer.report(self.files, [fault.message for fault in self.unreadable]), path, force)


class Streamed(Collected):
    """Text on the screen, document by document."""

    def __init__(self, colored: bool) -> None:
        super().__init__("text")
        self.colored = colored

    def show(self, file: FileReport) -> None:
        from symbackprop.review.show import text

        self.write(text.document(file, _look()), first=len(self.files) == 1)

    def finish(self, path: Path | None, force: bool) -> None:
        from symbackprop.review.show import text

        if len(self.files) + len(self.unreadable) > 1:
            self.write(text.total(self.files, len(self.unreadable)), first=not self.files)

    def write(self, lines: Iterable[Text], first: bool) -> None:
        from symbackprop.review.show import text

        shown = text.colored(lines) if self.colored else text.plain(lines)
        sys.stdout.write(shown if first else "\n" + shown)
        sys.stdout.flush()


def _printer(format_: str, on_screen: bool, color: str) -> Collected:
    from symbackprop.commands.screen import colored

    if format_ != "text" or not on_screen:
        return Collected(format_)
    return Streamed(color == "always" or (color == "auto" and colored()))


def _json(files: Sequence[FileReport], unreadable: Sequence[Unreadable]) -> str:
    """The contract: what is empty because there is nothing to say is null."""
    import msgspec

    from symbackprop.commands.reports import VERSION, CheckedFile, CheckReport, to_json
    from symbackprop.commands.reports import UnreadableFile as Fault

    told = msgspec.to_builtins(files)
    for file in told:
        del file["source"]
        for line in file["lines"]:
            line |= {key: line[key] or None for key in ("verdict", "follows")}
    report = CheckReport(
        VERSION,
        msgspec.convert(told, list[CheckedFile]),
        [Fault(fault.path, fault.message) for fault in unreadable],
    )
    return to_json(report)


def _look() -> Look:
    """As wide as the terminal, within reason; 80 columns where there is none."""
    from symbackprop.review.show.text import Look
    from symbackprop.review.show.wording import EVERY_MARK

    width = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80
    try:
        EVERY_MARK.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return Look(min(max(width, NARROWEST), WIDEST), ascii=True)
    return Look(min(max(width, NARROWEST), WIDEST))


def _activations(text: str | None) -> str | tuple[str, ...] | None:
    """``"relu,softmax"`` as two names; an unknown one is refused before any file is read."""
    if text is None:
        return None
    from symbackprop.networks.activations import activation_named

    names = tuple(part.strip() for part in named(text, "--activation").split(","))
    for name in names:
        activation_named(name)
    return names if len(names) > 1 else names[0]


def _known_cost(name: str | None) -> str | None:
    if name is not None:
        from symbackprop.networks.costs import cost_named

        cost_named(named(name, "--cost"))
    return name


def _known_notation(name: str | None) -> str | None:
    if name is not None:
        from symbackprop.networks.notations import notation_named

        notation_named(named(name, "--notation"))
    return name
