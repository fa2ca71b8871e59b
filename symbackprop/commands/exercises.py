"""``symbackprop exercises``: a worksheet and its key, also for Moodle."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbackprop.commands import manual
from symbackprop.commands.handout import FORMATS as PRINTED
from symbackprop.commands.handout import (
    LANGUAGES,
    WRITERS,
    kinds_of,
    network_of,
    network_switches,
    repeating,
)
from symbackprop.commands.options import chosen, seed_option
from symbackprop.output import refuse_all_early, write_all

if TYPE_CHECKING:
    from symbackprop.handout import Handout

FORMATS = {**PRINTED, "moodle": ".xml"}
SHEETS = ("exercises", "key")


@click.command("exercises")
@network_switches
@click.option(
    "--count", type=click.IntRange(1, 60), default=10, show_default=True, help="How many."
)
@click.option(
    "--language", default="en", show_default=True, metavar="|".join(LANGUAGES), help="Of the words."
)
@click.option(
    "--format",
    "formats",
    metavar="NAME,…",
    help=f"{', '.join(FORMATS)}.  Without it: all that this installation can make.",
)
@seed_option
@click.option(
    "-o",
    "--output",
    default="out",
    show_default=True,
    metavar="FOLDER",
    help="Where the worksheet, the key and the Moodle file go.",
)
@click.option("--force", is_flag=True, help="Replace what stands there.")
def command(
    count: int,
    language: str,
    formats: str | None,
    seed: int | None,
    output: str,
    force: bool,
    **network: Any,
) -> int:
    """Write exercises with a key: wrong lines to find, blanks to fill, numbers to work out.

    Every wrong line is refuted with numbers, every other line is proved, and of the answers offered
    exactly one is right.
    """
    chosen(language, "--language", LANGUAGES)
    kinds = kinds_of(formats, FORMATS)
    folder = Path(output)
    about = network_of(**network)
    paths = {
        (sheet, kind): folder / f"{sheet}{FORMATS[kind]}"
        for kind in kinds
        for sheet in (SHEETS if kind != "moodle" else SHEETS[:1])
    }
    refuse_all_early(paths.values(), force)
    from symbackprop.handout.catalogue import catalogue
    from symbackprop.handout.exercises import make_sheet
    from symbackprop.handout.moodle import to_moodle
    from symbackprop.handout.sheets import key, worksheet

    words = catalogue(language)
    seed = secrets.randbits(32) if seed is None else seed
    made = make_sheet(about, count, seed, words)
    again = repeating(click.get_current_context())
    bound: dict[str, Callable[..., Handout]] = {"exercises": worksheet, "key": key}
    sheets = {name: bind(made, words, again) for name, bind in bound.items()}
    contents = {
        path: to_moodle(made, words) if kind == "moodle" else WRITERS[kind](sheets[sheet])
        for (sheet, kind), path in paths.items()
    }
    write_all(contents, force)
    for path in contents:
        manual.tell(str(path))
    return manual.PROVED
