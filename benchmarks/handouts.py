"""How long a handout takes, with imports: the default one, a wide one, with and without its PDF."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 3
CASES = {
    "2-3-2, html and tex": ["--format", "html,tex"],
    "2-3-2, html, tex and pdf": ["--format", "html,tex,pdf"],
    "784-30-10 softmax, html and tex": [
        "--layers", "784,30,10", "--activation", "softmax", "--format", "html,tex",
    ],
    "2-3-2, without example and exercises": [
        "--without", "example,exercises", "--format", "html,tex",
    ],
}  # fmt: skip


def seconds(words: list[str]) -> float:
    """The median of a few runs of the command, by the clock."""
    times = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            command = [sys.executable, "-m", "symbackprop", "handout", "-o", folder, *words]
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    print("\nhandouts: seconds with imports, and as a multiple of the first")
    first = 0.0
    for name, words in CASES.items():
        taken = seconds(words)
        first = first or taken
        print(f"  {name:<40}{taken:>7.2f}{taken / first:>8.2f}")


if __name__ == "__main__":
    main()
