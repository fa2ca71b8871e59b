"""The click group: finds a command's module when it is called, and turns faults into one line."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

from symbackprop import __version__
from symbackprop.commands import manual
from symbackprop.errors import SymbackpropError, nearest


def _module(name: str) -> Any:
    """The module of a command: ``check-numbers`` lives in ``check_numbers.py``."""
    return import_module(f"symbackprop.commands.{name.replace('-', '_')}")


class Commands(click.Group):
    """A group whose commands live in modules of their own: ``commands/NAME.py`` has ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(manual.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in manual.COMMANDS:
            return None
        command: click.Command = _module(cmd_name).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in manual.COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"there is no command {args[0]!r}; {nearest(args[0], manual.COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(manual.help_text())


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option("-o", "--output", "folder", default="out", metavar="FOLDER")
@click.option("--force", is_flag=True)
@click.option("--seed", type=click.IntRange(0, 2**64 - 1))
@click.version_option(__version__, prog_name="symbackprop", message="%(prog)s %(version)s")
@click.pass_context
def commands(context: click.Context, folder: str, force: bool, seed: int | None) -> int | None:
    if context.invoked_subcommand is not None:
        return None
    from symbackprop.commands.default import default

    return default(folder, force, seed)


def execute(words: list[str]) -> int:
    """The exit status of a command line; what a person can put right is said in one line."""
    if "_SYMBACKPROP_COMPLETE" in os.environ:
        commands.main(words, prog_name="symbackprop")
    _end_on_terminate()
    _show_what_the_terminal_cannot()
    try:
        with commands.make_context("symbackprop", list(words)) as context:
            status: Any = commands.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as fault:
        manual.tell(fault.format_message())
        return manual.UNREADABLE
    except SymbackpropError as fault:
        manual.tell(str(fault))
        return manual.UNREADABLE
    return status or 0


def _end_on_terminate() -> None:
    """SIGTERM unwinds the stack like Ctrl-C, so that no temporary file is left behind."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(manual.TERMINATED)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)


def _show_what_the_terminal_cannot() -> None:
    """δ as \\u03b4 where the terminal's encoding has no δ; the run does not end for that."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
