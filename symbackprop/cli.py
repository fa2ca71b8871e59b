"""The way into the command ``symbackprop``, and every way out of it.

``--help`` and ``--version`` are answered at once; click, SymPy and NumPy are imported only for the
command that needs them.
"""

from __future__ import annotations

import errno
import os
import sys

from symbackprop import __version__
from symbackprop.commands.manual import INTERRUPTED, PIPE_CLOSED, UNREADABLE, help_text, tell

DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


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
