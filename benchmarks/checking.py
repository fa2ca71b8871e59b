"""How long it takes to check what people wrote: reading, judging, whole documents, two cores."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from symbackprop.commands.checking import Options, all_reviewed
from symbackprop.errors import SymbackpropError
from symbackprop.read.documents import read_file
from symbackprop.read.grammar import parse_row
from symbackprop.review import judging
from symbackprop.review.document import check_document

DERIVATIONS = Path(__file__).parents[1] / "derivations"
DOCUMENTS = (
    "nielsen_four_equations.md", "bishop.md", "course_columns.md", "d2l_two_layers.md",
    "softmax_jacobian.md", "general.md", "general_batch.md", "handwritten_notes_repaired.md",
    "handwritten_notes_as_written.md", "famous_slips.md",
)  # fmt: skip
MANY = 24  # documents for one core and for two


class Timed:
    """A function that adds up its CPU time, call by call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.times: list[float] = []

    def __call__(self, *args: Any, **options: Any) -> Any:
        start = time.process_time()
        try:
            return self.function(*args, **options)
        finally:
            self.times.append(time.process_time() - start)


def reading(path: Path) -> float:
    """CPU seconds to parse every formula of a document once."""
    texts = [formula.text for formula in read_file(path).formulas]
    start = time.process_time()
    for text in texts:
        try:
            parse_row(text)
        except SymbackpropError:
            continue
    return time.process_time() - start


def main() -> None:
    check_document(read_file(DERIVATIONS / "why_the_sum.md"), seed=1)  # warm
    print("\nDocuments (CPU s; judge: median of a call, ms)")
    print(f"{'':>36} {'lines':>6} {'parse ms/line':>14} {'judge ms':>9} {'calls':>6} {'all':>6}")
    for name in DOCUMENTS:
        path = DERIVATIONS / name
        prove, judge = Timed(judging.prove), Timed(judging.judge)
        judging.prove, judging.judge = prove, judge  # type: ignore[assignment]
        start = time.process_time()
        try:
            report = check_document(read_file(path), seed=1)
        finally:
            judging.prove, judging.judge = prove.function, judge.function
        seconds = time.process_time() - start
        lines = len(report.lines)
        calls = prove.times + judge.times
        print(
            f"{name:>36} {lines:>6} {reading(path) / lines * 1e3:>14.2f}"
            f" {statistics.median(calls) * 1e3:>9.1f} {len(calls):>6} {seconds:>6.2f}"
        )
    paths = [str(DERIVATIONS / "why_the_sum.md"), str(DERIVATIONS / "tanh_l2.md")] * (MANY // 2)
    options = Options(seed=1)
    times = {}
    for jobs in (1, 2):
        start = time.perf_counter()
        assert len(list(all_reviewed(paths, options, jobs))) == MANY
        times[jobs] = time.perf_counter() - start
    print(f"\n{MANY} documents with -j 2 against -j 1: {times[1] / times[2]:.2f} times as fast")


if __name__ == "__main__":
    main()
