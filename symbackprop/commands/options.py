"""Options that several commands share, and the network that they describe."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from symbackprop.commands import manual
from symbackprop.errors import InputError, LimitError, nearest
from symbackprop.output import refuse_early, write_whole

if TYPE_CHECKING:
    from symbackprop.networks.network import Network

F = TypeVar("F", bound=Callable[..., Any])

MAX_DIGITS = 12
MAX_TEXT = 10_000
MAX_TITLE = 200


def named(text: str, option: str) -> str:
    """A word of ASCII characters; a look-alike letter is named with its place."""
    for column, letter in enumerate(text, start=1):
        if not (letter.isascii() and letter.isprintable()):
            name = unicodedata.name(letter, "a control character")
            raise InputError(
                f"{option}: U+{ord(letter):04X} ({name}) in column {column}",
                expected="plain ASCII letters, digits and '-'",
            )
    return text


def layers_of(text: str) -> tuple[int, ...]:
    """``"2,3,2"`` as widths; what is wrong is named with its place."""
    from symbackprop.networks.network import checked_layers

    if len(text) > MAX_TEXT:
        raise LimitError(f"--layers: {len(text)} characters", expected=f"at most {MAX_TEXT}")
    words = named(text, "--layers").strip("[]() ").split(",")
    for place, word in enumerate(words, start=1):
        digits = word.strip()
        if not digits.isdigit() or int(digits[:MAX_DIGITS]) == 0:
            raise InputError(
                f"--layers: layer {place} has width {digits[:40]!r}",
                expected="positive whole numbers, such as 2,3,2",
            )
        if len(digits) > MAX_DIGITS:
            raise LimitError(f"--layers: layer {place} has a width of {len(digits)} digits")
    return checked_layers([int(word) for word in words])


def network_options(command: F) -> F:
    """``--activation``, ``--cost``, ``--batch``, ``--reduction``, ``--l2``, ``--no-biases``."""
    options = (
        click.option("--activation", default="sigmoid", show_default=True, metavar="NAME[,NAME…]",
                     help="One name for all layers, or one for each layer after the input."),
        click.option("--cost", default="quadratic", show_default=True, metavar="NAME",
                     help="quadratic, mse, cross-entropy, …"),
        click.option("--batch", metavar="LAYOUT",
                     help="A mini-batch, its samples the columns or the rows."),
        click.option("--reduction", default="mean", show_default=True, metavar="mean|sum",
                     help="Of the samples of a mini-batch."),
        click.option("--l2", is_flag=True, help="Add λ/2 ‖W‖² to the cost, biases excluded."),
        click.option("--no-biases", is_flag=True, help="Weights only."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def seed_option(command: F) -> F:
    """``--seed``: repeat the random points and primes of a run."""
    return click.option(
        "--seed", type=click.IntRange(0, 2**64 - 1), help="Repeat a run: the seed that it printed."
    )(command)


def output_options(command: F) -> F:
    """``-o FILE`` and ``--force``."""
    command = click.option("--force", is_flag=True, help="Replace FILE if it exists.")(command)
    return click.option("-o", "--output", metavar="FILE", help="Write there, not on screen.")(
        command
    )


def network_from(
    layers: tuple[int, ...] | None,
    activation: str,
    cost: str,
    batch: str | None = None,
    reduction: str = "mean",
    l2: bool = False,
    no_biases: bool = False,
    notation: str = "nielsen",
) -> Network:
    """The network that the options describe; ``InputError`` says what does not fit."""
    from symbackprop.networks.network import Network
    from symbackprop.networks.notations import notation_named

    names = tuple(part.strip() for part in named(activation, "--activation").split(","))
    notation_named(named(notation, "--notation"))
    return Network(
        layers,
        activation=names if len(names) > 1 else names[0],
        cost=named(cost, "--cost"),
        biases=not no_biases,
        batch=batch,
        reduction=reduction,
        l2=l2,
        notation=notation,
    )


def chosen(word: str, option: str, known: tuple[str, ...]) -> str:
    """A word of a list; another one is refused with the near ones."""
    if named(word, option) not in known:
        raise InputError(f"{option}: unknown {word!r}", expected=nearest(word, known))
    return word


def output_path(output: str | None, force: bool) -> Path | None:
    """The file to write, refused before any work is done if it could not be written."""
    if output is None:
        return None
    path = Path(output)
    refuse_early(path, force)
    return path


def emit(content: str | bytes, path: Path | None, force: bool) -> None:
    """To the file, whole; without one, to the screen."""
    if path is not None:
        write_whole(path, content, force)
        return
    if isinstance(content, bytes):
        if sys.stdout.isatty():
            raise InputError("this format is not text", todo="name a file with -o FILE")
        sys.stdout.buffer.write(content)
        return
    sys.stdout.write(content if content.endswith("\n") else content + "\n")


def status_of(proved: bool, refuted: bool) -> int:
    """0 all proved, 1 something refuted, 3 nothing refuted but something undecided."""
    return 0 if proved else manual.REFUTED if refuted else manual.UNDECIDED


def short_text(text: str | None, option: str) -> str | None:
    """A text to show, of a sensible length; printers escape it for their format."""
    if text is not None and len(text) > MAX_TITLE:
        raise LimitError(f"{option}: {len(text)} characters", expected=f"at most {MAX_TITLE}")
    return text
