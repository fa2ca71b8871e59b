"""Paired timing: competitors in turn, in short rounds, by the CPU time of the process.

Other work on the machine then hits all of them alike, and only ratios within one run are reported.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def one_blas_thread() -> None:
    """Call this before NumPy is imported."""
    for name in THREADS:
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def interleaved(
    functions: Mapping[str, Callable[[], object]], *, rounds: int = 31, target: float = 0.008
) -> dict[str, list[float]]:
    """CPU seconds per call in each round, for each function: A B C A B C …"""
    calls = {name: _calls(function, target) for name, function in functions.items()}
    times: dict[str, list[float]] = {name: [] for name in functions}
    gc.collect()
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.process_time()
            for _ in range(calls[name]):
                function()
            times[name].append((time.process_time() - start) / calls[name])
    return times


def _calls(function: Callable[[], object], target: float) -> int:
    function()
    start = time.perf_counter()
    function()
    return max(1, int(target / max(time.perf_counter() - start, 1e-7)))


def ratio(times: Mapping[str, list[float]], name: str, base: str) -> float:
    """The median of the ratios round by round."""
    return statistics.median(p / q for p, q in zip(times[name], times[base], strict=True))
