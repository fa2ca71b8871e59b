"""``symbackprop --help`` beside ``python -c pass``: whole processes, user and system time."""

from __future__ import annotations

import os
import subprocess
import sys

ROUNDS = 15


def cpu(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def main() -> None:
    empty = [sys.executable, "-c", "pass"]
    help_text = [sys.executable, "-m", "symbackprop", "--help"]
    pairs = [(cpu(empty), cpu(help_text)) for _ in range(ROUNDS)]
    bare, ours = (sorted(column)[ROUNDS // 2] for column in zip(*pairs, strict=True))
    print("\nStart-up, median of", ROUNDS)
    print(f"  python -c pass {bare * 1e3:.0f} ms, symbackprop --help {ours * 1e3:.0f} ms,"
          f" ratio {ours / bare:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
