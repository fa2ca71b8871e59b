"""The command ``symbackprop``: what it offers, and the way to it.

``--help`` and ``--version`` are answered from this file alone; click, SymPy and NumPy are imported
only for the command that needs them.
"""

from __future__ import annotations

import errno
import os
import sys

from symbackprop import __version__

REFUTED, UNREADABLE, UNDECIDED = 1, 2, 3
INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143
DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}

COMMANDS = {
    "derive": "Derive the gradients step by step and prove each step.",
    "verify": "Prove every single partial derivative of a network.",
    "train": "Train with the compiled and with hand-written gradients.",
    "schema": "Print the JSON schemas of what derive and verify write.",
}

HELP = """\
Usage: symbackprop [OPTIONS] [COMMAND]

  Derives backpropagation, proves every partial derivative, and writes it down.

  Without a command: derive, prove, compile and compare the default network
  2-3-2, write a handout to read and print, and show a summary.

Options:
  -o, --output FOLDER  Where the handout goes.  [default: out]
  --force              Replace what stands there.
  --seed NUMBER        Repeat a run: the seed that it printed.
  --version            Show the version.
  -h, --help           Show this text; after a command, that command's.

Commands:
{commands}

Exit status: 0 all proved, 1 something refuted, 3 something undecided,
2 input not understood or output not written, 130 interrupted.
"""


def help_text() -> str:
    """What ``symbackprop --help`` says."""
    lines = (f"  {name:<8} {says}" for name, says in COMMANDS.items())
    return HELP.format(commands="\n".join(lines))


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and leave with its exit status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(words: list[str]) -> int:
    """The exit status of a command line; everything expected ends in one line on stderr."""
    try:
        status = _answer(words)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        tell("interrupted")
        return INTERRUPTED
    except MemoryError:
        tell("out of memory; choose a smaller network")
        return UNREADABLE
    except OSError as error:
        if error.errno not in DISK_FAULTS:
            raise
        _drop_stdout()
        tell(f"the output could not be written: {(error.strerror or str(error)).lower()}")
        return UNREADABLE
    return status


def _answer(words: list[str]) -> int:
    if words in (["--help"], ["-h"]):
        print(help_text(), end="")
        return 0
    if words == ["--version"]:
        print(f"symbackprop {__version__}")
        return 0
    from symbackprop.commands.group import execute

    return execute(words)


def _drop_stdout() -> None:
    """What is still buffered goes nowhere, so that the end of the process says nothing about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(message: str) -> None:
    """One line on stderr, whatever the message holds."""
    line = " ".join(message.split())
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    print(f"symbackprop: {safe}", file=sys.stderr)
