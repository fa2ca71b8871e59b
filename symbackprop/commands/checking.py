"""Documents reviewed one after the other, or several at a time in processes of their own."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from symbackprop.errors import InputError, SymbackpropError

if TYPE_CHECKING:
    from symbackprop.review.report import FileReport


@dataclass(frozen=True)
class Options:
    """What the command line pins for every document."""

    assume: Path | None = None
    activation: str | tuple[str, ...] | None = None
    cost: str | None = None
    notation: str | None = None
    seed: int | None = None
    limit: float = 10.0


@dataclass(frozen=True)
class Unreadable:
    """A document that could not be read, and the sentence that says why."""

    path: str
    message: str


@dataclass(frozen=True)
class Job:
    """One document and how to review it."""

    path: str
    options: Options


def reviewed(job: Job) -> FileReport | Unreadable:
    """Read and review one document; what cannot be read is data here, not an exception."""
    from msgspec.structs import replace

    from symbackprop.read.documents import read_file
    from symbackprop.review.document import check_document

    said = job.options
    try:
        document = read_file(job.path, said.assume)
        file = check_document(
            document,
            seed=said.seed,
            activation=said.activation,
            cost=said.cost,
            notation=said.notation,
            limit=said.limit,
        )
        return replace(file, remarks=document.remarks)
    except SymbackpropError as fault:
        return Unreadable(job.path, _located(fault, job.path))
    except (MemoryError, RecursionError) as fault:
        what = "out of memory" if isinstance(fault, MemoryError) else "nested too deeply"
        return Unreadable(job.path, f"{job.path}: {what}; split the document")


def all_reviewed(
    paths: Sequence[str], options: Options, processes: int
) -> Iterator[FileReport | Unreadable]:
    """The answers in the order of the documents, each as soon as it can be shown."""
    jobs = [Job(path, options) for path in paths]
    here = [job for job in jobs if job.path == "-"]  # only this process has standard input
    workers = min(processes, len(jobs) - len(here))
    if workers < 2:
        yield from map(reviewed, jobs)
        return
    yield from _in_parallel(jobs, workers)


def _in_parallel(jobs: Sequence[Job], workers: int) -> Iterator[FileReport | Unreadable]:
    with _pool(workers) as pool:
        running = {job: pool.submit(reviewed, job) for job in jobs if job.path != "-"}
        try:
            for job in jobs:
                try:
                    yield running[job].result() if job in running else reviewed(job)
                except BrokenProcessPool:
                    yield _alone(job)
        except BaseException:
            for child in multiprocessing.active_children():
                child.terminate()
            raise


def _alone(job: Job) -> FileReport | Unreadable:
    """Once more in a process of its own: another document may have brought the first one down."""
    with _pool(1) as pool:
        try:
            return pool.submit(reviewed, job).result()
        except BrokenProcessPool:
            what = "the process that checked this document ended at once; out of memory?"
            return Unreadable(job.path, f"{job.path}: {what}")


def _pool(workers: int) -> ProcessPoolExecutor:
    """Fresh processes, the same on every system; Ctrl-C ends them without a word."""
    return ProcessPoolExecutor(
        workers,
        multiprocessing.get_context("spawn"),
        signal.signal,
        (signal.SIGINT, signal.SIG_DFL),
    )


def _located(fault: SymbackpropError, path: str) -> str:
    """Every line about a document names it."""
    located = isinstance(fault, InputError) and fault.file
    return str(fault) if located else f"{path}: {fault}"
