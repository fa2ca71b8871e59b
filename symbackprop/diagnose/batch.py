"""Many submissions: each in a process of its own, told as it finishes; a journal to go on from."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from symbackprop.diagnose.arrange import INPUTS
from symbackprop.diagnose.data import VERSION, DiagnoseReport, report_of
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.roles import slots_of
from symbackprop.diagnose.sources import LARGEST, source_of
from symbackprop.diagnose.spec import Spec
from symbackprop.errors import InputError, SymbackpropError

ENDINGS = (".py", ".ipynb")
# the function that gives gradients, the likeliest name first
LIKELY = tuple(
    re.compile(pattern)
    for pattern in (
        r"back_?prop(?:agat(?:e|ion))?", r"backward(?:_pass|_propagation)?",
        r"(?:compute_|get_|loss_and_|cost_and_)?grad(?:ient)?s?",
        r"loss_and_grad\w*|\w*gradient\w*",
        r"\w*back_?prop\w*|\w*backward\w*", r"cost_function|\w*cost_function\w*|loss|nn_cost\w*",
        r"update_mini_batch|train_step|step|update|train|fit",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """A file, the function in it, and a mark by which a finished one is known again."""

    path: str
    target: str
    mark: str


def submissions(folder: Path, function: str | None, spec: Spec) -> list[Submission]:
    """All Python files and notebooks below a folder, in order of their names."""
    if not folder.is_dir():
        raise InputError("is no folder", file=str(folder))
    paths = sorted(p for p in folder.rglob("*") if p.suffix in ENDINGS and p.is_file())
    paths = [p for p in paths if not any(part.startswith(".") for part in p.parts)]
    if not paths:
        raise InputError("holds no .py and no .ipynb file", file=str(folder))
    rules = repr((VERSION, function, spec)).encode()
    return [
        Submission(
            str(path),
            f"{path}:{function or ''}",
            hashlib.sha256(rules + str(path).encode() + _content(path)).hexdigest()[:24],
        )
        for path in paths
    ]


def _content(path: Path) -> bytes:
    """What a file holds, as far as it may be read; judging it says what is wrong with it."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError:
        return b""


def function_in(path: Path) -> str:
    """The function or method of a file that is likeliest to give gradients."""
    person = Person(source_of(path)[0], str(path), "")
    try:
        tree = person.tree
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "backprop"  # reading it for the diagnosis says what is wrong with the file
    known: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            known[node.name] = [a.arg for a in node.args.args]
        elif isinstance(node, ast.ClassDef):
            known |= {
                f"{node.name}.{inner.name}": [a.arg for a in inner.args.args]
                for inner in node.body
                if isinstance(inner, ast.FunctionDef)
            }
    for pattern in LIKELY:
        for name, arguments in known.items():
            if pattern.fullmatch(name.rpartition(".")[2].lower()) and _takes_data(arguments):
                return name
    takers = [name for name, arguments in known.items() if _takes_data(arguments, "y")]
    if len(takers) == 1:
        return takers[0]
    named = [name for name in known if LIKELY[0].fullmatch(name.rpartition(".")[2].lower())]
    if named:
        return named[0]
    raise InputError(
        "which function gives the gradients?", file=str(path),
        todo='name it: function = "…" in the spec, or --function',
    )  # fmt: skip


def _takes_data(arguments: Sequence[str], *also: str) -> bool:
    """Whether there is an argument for the data, and for what else is asked."""
    roles = {slot.role for slot in slots_of(arguments)[0]}
    return bool(roles.intersection(INPUTS)) and set(also) <= roles


def judged_one(submission: Submission, spec: Spec) -> DiagnoseReport:
    """One submission; whatever is wrong with it is an answer about it alone."""
    from symbackprop.diagnose.run import of_file

    target = submission.target
    try:
        if target.endswith(":"):
            target += function_in(Path(submission.path))
        return report_of(of_file(target, spec))
    except SymbackpropError as error:
        return report_of(
            Diagnosis(target.rpartition(":")[2], "undecided", str(error), file=submission.path)
        )


def all_judged(
    work: Sequence[Submission], spec: Spec, jobs: int, journal: Path | None
) -> Iterator[tuple[Submission, DiagnoseReport]]:
    """Every submission with its report, as it finishes; those of the journal first."""
    done = _read(journal)
    for submission in work:
        if submission.mark in done:
            yield submission, done[submission.mark]
    rest = [submission for submission in work if submission.mark not in done]
    for submission, report in _run(rest, spec, jobs):
        if journal is not None:
            _append(journal, submission, report)
        yield submission, report


def _run(
    rest: Sequence[Submission], spec: Spec, jobs: int
) -> Iterator[tuple[Submission, DiagnoseReport]]:
    """One after the other, or with joblib's own backends, which another engine may replace."""
    if jobs == 1 or len(rest) < 2:
        yield from ((submission, judged_one(submission, spec)) for submission in rest)
        return
    joblib = _joblib()
    parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
    yield from parallel(joblib.delayed(_pair)(submission, spec) for submission in rest)


def _pair(submission: Submission, spec: Spec) -> tuple[Submission, DiagnoseReport]:
    return submission, judged_one(submission, spec)


def _joblib() -> Any:
    try:
        return import_module("joblib")
    except ImportError as error:
        raise InputError(
            "several at a time need joblib", todo="pip install 'symbackprop[sweep]', or -j 1"
        ) from error


def _read(journal: Path | None) -> dict[str, DiagnoseReport]:
    """What a run that was interrupted had finished; a last line that is cut short is dropped."""
    found: dict[str, DiagnoseReport] = {}
    if journal is None or not journal.exists():
        return found
    try:
        lines = journal.read_bytes().splitlines()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be read: {why}", file=str(journal)) from error
    for number, line in enumerate(lines, start=1):
        try:
            mark, report = msgspec.json.decode(line, type=tuple[str, DiagnoseReport])
        except msgspec.DecodeError as error:
            if number == len(lines):
                break
            raise InputError("is no journal of this version", file=str(journal), line=number) from (
                error
            )
        found[mark] = report
    return found


def _append(journal: Path, submission: Submission, report: DiagnoseReport) -> None:
    try:
        ragged = journal.exists() and journal.read_bytes()[-1:] not in (b"", b"\n")
        with journal.open("ab") as file:
            file.write(b"\n" * ragged + msgspec.json.encode((submission.mark, report)) + b"\n")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be written: {why}", file=str(journal)) from error


def counts(reports: Sequence[DiagnoseReport]) -> list[tuple[str, str, int]]:
    """Which mistakes a class makes: id, what it says, how many made it; the commonest first."""
    found: dict[tuple[str, str], int] = {}
    for report in reports:
        for key in {(row.id, row.says) for row in report.mistakes}:
            found[key] = found.get(key, 0) + 1
    rows = [(*key, number) for key, number in found.items()]
    return sorted(rows, key=lambda row: (-row[2], row[:2]))


def totals(reports: Sequence[DiagnoseReport]) -> dict[str, int]:
    """How many are correct, wrong, undecided."""
    words = ("correct", "wrong", "undecided")
    return {word: sum(report.verdict == word for report in reports) for word in words}
