"""``symbackprop handout``: a teaching handout, proved, in several formats."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from symbackprop.commands import manual
from symbackprop.commands.options import (
    chosen,
    layers_of,
    named,
    network_from,
    seed_option,
    short_text,
)
from symbackprop.errors import InputError
from symbackprop.output import refuse_all_early, write_all

if TYPE_CHECKING:
    from symbackprop.handout import Handout
    from symbackprop.networks.network import Network
    from symbackprop.numbers.problem import Problem

STEM = "handout"
FORMATS = {"html": ".html", "tex": ".tex", "md": ".md", "ipynb": ".ipynb", "pdf": ".pdf"}
SAYS = {
    "html": "to read in a browser",
    "tex": "to print, with LaTeX",
    "md": "to keep with a course; `symbackprop check` proves it",
    "ipynb": "to run, change and prove again",
    "pdf": "to print",
}
LEVELS = ("school", "undergraduate", "research")
LANGUAGES = ("en", "de")
PARTS = (
    "network", "forward", "cost", "sum", "output", "hidden", "parameters", "path", "matrix",
    "batches", "example", "code", "questions", "exercises", "proved",
)  # fmt: skip


F = TypeVar("F", bound=Callable[..., Any])


def network_switches(command: F) -> F:
    """``--layers``, ``--activation``, ``--cost``, ``--batch``, ``--l2`` and ``--notation``."""
    options = (
        click.option("--layers", default="2,3,2", show_default=True, metavar="WIDTHS|any",
                     help="Such as 2,3,2; any: every width and depth."),
        click.option("--activation", default="sigmoid", show_default=True, metavar="NAME[,NAME…]",
                     help="One name for all layers, or one for each layer after the input."),
        click.option("--cost", metavar="NAME",
                     help="Without it: what the notation's source takes."),
        click.option("--batch", metavar="LAYOUT",
                     help="Samples of mini-batches: columns or rows."),
        click.option("--l2", is_flag=True, help="Add λ/2 ‖W‖² to the cost, biases excluded."),
        click.option("--no-biases", is_flag=True, help="Weights only."),
        click.option("--notation", default="nielsen", show_default=True, metavar="NAME|FILE.toml",
                     help="Whose letters: nielsen, notes, bishop, goodfellow, ng, d2l, cs231n, "
                     "3b1b."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command("handout")
@network_switches
@click.option(
    "--level",
    default="undergraduate",
    show_default=True,
    metavar="|".join(LEVELS),
    help="How much is told.",
)
@click.option(
    "--language", default="en", show_default=True, metavar="|".join(LANGUAGES), help="Of the words."
)
@click.option("--only", metavar="PART,…", help=f"These parts: {', '.join(PARTS)}.")
@click.option("--without", metavar="PART,…", help="All parts but these.")
@click.option(
    "--nice",
    is_flag=True,
    help="Refuse a network for which there is no example in exact fractions.",
)
@click.option(
    "--numbers",
    metavar="FILE.toml",
    help="The example with these numbers; the network is that of the file.",
)
@click.option("--name-weights", is_flag=True, help="Write its name on every weight of the picture.")
@click.option("--title", metavar="TEXT", help="The heading.")
@click.option("--author", metavar="TEXT", help="Below the heading.")
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
    metavar="FOLDER|FILE",
    help="A folder, or a file when one format is asked for.",
)
@click.option("--force", is_flag=True, help="Replace what stands there.")
def command(
    level: str,
    language: str,
    only: str | None,
    without: str | None,
    nice: bool,
    numbers: str | None,
    name_weights: bool,
    title: str | None,
    author: str | None,
    formats: str | None,
    seed: int | None,
    output: str,
    force: bool,
    **network: Any,
) -> int:
    """Write a teaching handout: one proved derivation as HTML, TeX, Markdown, notebook and PDF.

    Every numbered line is proved before it is printed.
    """
    chosen(level, "--level", LEVELS)
    chosen(language, "--language", LANGUAGES)
    parts = _parts(only, without)
    kinds = kinds_of(formats, FORMATS)
    heading, by = short_text(title, "--title"), short_text(author, "--author")
    problem = None if numbers is None else _problem(numbers, network)
    about = network_of(**network)
    paths = _paths(output, kinds, force)

    from symbackprop.handout import Asked, handout
    from symbackprop.handout.catalogue import catalogue

    made = handout(
        about,
        parts=parts,
        title=heading or "",
        author=by or "",
        words=catalogue(language, level),
        asked=Asked(name_weights, nice, problem),
        seed=seed,
        command=repeating(click.get_current_context()),
    )
    write_all({paths[kind]: WRITERS[kind](made) for kind in kinds}, force)
    for kind in kinds:
        manual.tell(f"{paths[kind]}, {SAYS[kind]}")
    return manual.PROVED if made.proved else manual.UNDECIDED


def _problem(path: str, network: dict[str, Any]) -> Problem:
    """The numbers of a file; the switches of the network are set to what it says."""
    from symbackprop.numbers.problem import for_example, read_problem

    context = click.get_current_context()
    for name in ("layers", "activation", "cost", "no_biases"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = "--" + name.replace("_", "-")
            raise InputError(f"{option} and --numbers: the file says it", todo="leave one out")
    problem = for_example(read_problem(Path(path), bare=True))
    network["layers"] = ",".join(map(str, problem.layers))
    network["activation"] = ",".join(problem.activations)
    network["cost"] = problem.cost
    network["no_biases"] = problem.biases == "none"
    return problem


def _html(made: Handout) -> str:
    from symbackprop.handout.html import to_html

    return to_html(made)


def _tex(made: Handout) -> str:
    from symbackprop.handout.tex import to_tex

    return to_tex(made)


def _markdown(made: Handout) -> str:
    from symbackprop.handout.markdown import to_markdown

    return to_markdown(made)


def _notebook(made: Handout) -> str:
    from symbackprop.handout.notebook import to_notebook

    return to_notebook(made)


def _pdf(made: Handout) -> bytes:
    from symbackprop.handout.pdf import to_pdf

    return to_pdf(made)


WRITERS: dict[str, Callable[[Handout], str | bytes]] = {
    "html": _html, "tex": _tex, "md": _markdown, "ipynb": _notebook, "pdf": _pdf,
}  # fmt: skip
"""Format → what writes it; imported when it is called."""


def network_of(layers: str, cost: str | None, notation: str, **options: Any) -> Network:
    """The network that the switches describe; the notation may be a file."""
    from symbackprop.networks.notations import notation_named

    widths = None if named(layers, "--layers") == "any" else layers_of(layers)
    if notation.endswith(".toml"):
        from symbackprop.networks.notation_file import read_notation

        notation = read_notation(Path(notation)).name
    row = notation_named(named(notation, "--notation"))
    return network_from(widths, cost=cost or _cost(row.cost, options), notation=row.name, **options)


def _cost(usual: str, options: Mapping[str, Any]) -> str:
    """What the source takes, where that fits the outputs; softmax goes with cross-entropy."""
    last = str(options["activation"]).rpartition(",")[2].strip()
    if last == "softmax":
        return "cross-entropy"
    fits = last in ("sigmoid", "logistic") or not usual.endswith("cross-entropy")
    return usual if fits else "quadratic"


def _parts(only: str | None, without: str | None) -> tuple[str, ...]:
    wanted = _names(only, "--only", PARTS) if only else list(PARTS)
    left_out = _names(without, "--without", PARTS) if without else []
    parts = tuple(part for part in PARTS if part in wanted and part not in left_out)
    if not parts:
        raise InputError("no part of the handout is left", todo="leave out fewer parts")
    return parts


def _names(text: str, option: str, known: tuple[str, ...]) -> list[str]:
    return [chosen(word.strip(), option, known) for word in text.split(",") if word.strip()]


def kinds_of(formats: str | None, known: Mapping[str, str]) -> list[str]:
    """The formats asked for; without any, all that can be made here."""
    if formats is None:
        return [kind for kind in known if kind != "pdf" or find_spec("typst")]
    kinds = _names(formats, "--format", tuple(known))
    if "pdf" in kinds and not (find_spec("typst") and find_spec("tylax")):
        from symbackprop.render.pdf import INSTALL

        raise InputError("a PDF needs typst, not installed here", todo=INSTALL)
    return list(dict.fromkeys(kinds))


def _paths(output: str, kinds: list[str], force: bool) -> dict[str, Path]:
    """Where each format goes; refused before any work if it could not be written."""
    target = Path(output)
    single = len(kinds) == 1 and target.suffix == FORMATS[kinds[0]] and not target.is_dir()
    if not single and target.suffix in FORMATS.values() and not target.is_dir():
        raise InputError(
            f"{output} is one file, but {', '.join(kinds)} are to be written",
            todo=f"name a folder, or add --format {target.suffix[1:]}",
        )
    paths = {kind: target if single else target / f"{STEM}{FORMATS[kind]}" for kind in kinds}
    refuse_all_early(paths.values(), force)
    return paths


def repeating(context: click.Context) -> str:
    """The command that makes the same again, without where it is written."""
    skipped = {"output", "force", "seed"}
    words = ["symbackprop", str(context.command.name)]
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if option.name in skipped or value in (None, False, option.default):
            continue
        words += [option.opts[0]] if value is True else [option.opts[0], shlex.quote(str(value))]
    return " ".join(words)
