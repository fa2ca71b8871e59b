"""What ``symbackprop`` offers, in words, and what it ends with; imports nothing heavy."""

from __future__ import annotations

import sys

PROVED, REFUTED, UNREADABLE, UNDECIDED = 0, 1, 2, 3
INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143

COMMANDS = {
    "derive": "Derive the gradients step by step and prove each step.",
    "verify": "Prove every single partial derivative of a network.",
    "train": "Train with the compiled and with hand-written gradients.",
    "handout": "Write a teaching handout: HTML, TeX, Markdown, notebook, PDF.",
    "exercises": "Write exercises with a key, also for Moodle.",
    "check": "Check a derivation that a person wrote, line by line.",
    "diagnose": "Check a person's gradient code: which mistake, on which line.",
    "check-numbers": "Recompute a published example: which numbers are wrong.",
    "schema": "Print the JSON schemas of what the commands write.",
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
    lines = (f"  {name:<13} {says}" for name, says in COMMANDS.items())
    return HELP.format(commands="\n".join(lines))


def tell(message: str) -> None:
    """One line on stderr, whatever the message holds."""
    line = " ".join(message.split())
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    sys.stderr.write(f"symbackprop: {safe}\n")
