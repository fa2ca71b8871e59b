"""How long it takes to judge a person's gradient code: with and without isolation, on two cores."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from symbackprop.diagnose.batch import all_judged, submissions
from symbackprop.diagnose.child.perform import loaded
from symbackprop.diagnose.judging import judged
from symbackprop.diagnose.person import read_person
from symbackprop.diagnose.process import Child
from symbackprop.diagnose.run import Local, of_file
from symbackprop.diagnose.spec import Spec

ROOT = Path(__file__).parents[1]
CODE = ROOT / "tests" / "corpus" / "code"
WRONG = (("deep_rows", "dA * (Z[i - 1] > 0)", "dA"), ("plain_loops", "d_hidden[j] * x[k]", "x[k]"))
FILES = (
    ("deep_rows", "backprop"), ("plain_loops", "gradient"), ("one_long_vector", "cost_function"),
    ("columns_of_theta", "nn_cost"), ("kept_as_attributes", "Model.backward"),
    ("in_place_without_biases", "train"), ("lists_by_column", "backprop"),
)  # fmt: skip
ROUNDS = 3
MANY = 24  # submissions for one core and for two
START = "import symbackprop.diagnose.run"
SMALL = "def f(x):\n    return x\n"


def seconds(function: Callable[[], object]) -> float:
    """The median of a few rounds, by the clock: other processes take part in it."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def here(target: str) -> object:
    """In this process, without isolation."""
    person = read_person(target)
    return judged(person, Local(loaded(person.source, person.file), person.file), Spec())


def isolation() -> None:
    """A process of its own that loads next to nothing."""
    with Child(CODE) as child:
        assert "loaded" in child.load(SMALL, "small.py")


def planted(folder: Path) -> list[tuple[str, str]]:
    """Files with a mistake in them, which are also repaired."""
    functions = dict(FILES)
    targets = []
    for name, old, new in WRONG:
        text = (CODE / f"{name}.py").read_text(encoding="utf-8")
        assert old in text
        path = folder / f"{name}.py"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        targets.append((f"{name}, wrong", f"{path}:{functions[name]}"))
    return targets


def main() -> None:
    """Prints the tables."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        targets = [(name, f"{CODE / name}.py:{function}") for name, function in FILES]
        targets += planted(folder)
        here(targets[0][1])  # warm
        print("\nGradient code (s by the clock, start-up apart)")
        print(f"{'':>32} {'isolated':>9} {'here':>6} {'ratio':>6}")
        for name, target in targets:
            apart = seconds(lambda t=target: of_file(t, Spec()))  # type: ignore[misc]
            inside = seconds(lambda t=target: here(t))  # type: ignore[misc]
            print(f"{name:>32} {apart:>9.2f} {inside:>6.2f} {apart / inside:>6.1f}")
        start = seconds(lambda: subprocess.run([sys.executable, "-c", START], check=True))
        print(f"start-up {start:.2f} s, isolation {seconds(isolation):.2f} s of each file")
        many(folder / "many")


def many(folder: Path) -> None:
    """Submissions with ``-j 1`` and with ``-j 2``, workers kept."""
    folder.mkdir()
    for number in range(MANY):
        name = FILES[number % len(FILES)][0]
        shutil.copy(CODE / f"{name}.py", folder / f"{number:02}_{name}.py")
    work = submissions(folder, None, Spec())
    list(all_judged(work[:4], Spec(), 2, None))  # the workers start
    times = {}
    for jobs in (1, 2):
        start = time.perf_counter()
        verdicts = [report.verdict for _, report in all_judged(work, Spec(), jobs, None)]
        times[jobs] = time.perf_counter() - start
        assert verdicts.count("correct") == MANY, verdicts
        print(f"{MANY} submissions with -j {jobs}: {MANY / times[jobs]:.1f} a second")
    print(f"-j 2 against -j 1: {times[1] / times[2]:.2f} times as fast")


if __name__ == "__main__":
    main()
