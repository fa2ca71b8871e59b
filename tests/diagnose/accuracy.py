"""How often gradient code is judged rightly: every mistake, in every style, on random networks.

python tests/diagnose/accuracy.py [--networks 20] [--jobs 2]    writes docs/accuracy_code.md
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import peers
from catalogue import HIDDEN, PAIRS, PENALTIES, RIGHT_ROW, ROWS, Row
from templates import Net, Style
from writing import STYLES, written

from symbackprop.diagnose import adapt
from symbackprop.diagnose.child.perform import loaded
from symbackprop.diagnose.judging import judged
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.problems import Setting
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.run import Local
from symbackprop.diagnose.spec import Spec

PAGE = Path(__file__).parents[2] / "docs" / "accuracy_code.md"
TRIES = 400
RIGHT = -1  # the row of right code


@dataclass(frozen=True)
class Case:
    """A mistake in a style and a network, with probes of its own."""

    row: int
    style: int
    net: Net
    seed: int

    @property
    def what(self) -> Row:
        return RIGHT_ROW if self.row == RIGHT else ROWS[self.row]

    @property
    def how(self) -> Style:
        return STYLES[self.style]


@dataclass(frozen=True)
class Outcome:
    """``told``: the ids of the mistakes that were named; ``line``: whether a guilty one was shown."""

    case: Case
    verdict: str
    told: tuple[str, ...]
    line: bool

    @property
    def named(self) -> bool:
        return self.verdict == "wrong" and bool(set(self.told) & set(self.case.what.named))


def network(draw: random.Random, row: Row, style: Style) -> Net:
    """Depth 2 or 3, any activations and cost; the layers at which a hidden mistake is made."""
    output, cost = draw.choice(PAIRS)
    penalty = draw.choice(PENALTIES) if draw.random() < 0.25 else "none"
    if row.stated or style.name == "lists":
        penalty = "none"
    if row.penalised:
        penalty = draw.choice(PENALTIES)
    depth = draw.choice((2, 3))
    hidden = tuple(range(1, depth))
    layers = draw.choice([hidden, *((l,) for l in hidden)])
    return Net(draw.choice(HIDDEN), output, cost, penalty, depth, layers)


def cases(row: int, style: int, many: int) -> Iterator[Case]:
    """``many`` random networks in which this mistake can be made in this style."""
    case = Case(row, style, Net("", "", "", "", 0, ()), 0)
    draw = random.Random(f"{case.what.id} {case.what.says} {case.how.name}")
    if not case.what.styles(case.how) or (case.what.penalised and case.how.name == "lists"):
        return
    found = 0
    for _ in range(TRIES):
        net = network(draw, case.what, case.how)
        if not case.what.needs(net) or sources(replace(case, net=net)) is None:
            continue
        found += 1
        yield replace(case, net=net, seed=found)
        if found == many:
            return


def sources(case: Case) -> tuple[str, str] | None:
    """The right code and the wrong one; None where the mistake cannot be written so."""
    right, wrong = written(case.how, case.net), written(case.how, case.net, case.what.plan)
    if right is None or wrong is None or (case.row != RIGHT and right == wrong):
        return None
    return right, wrong


def guilty(right: str, wrong: str) -> set[int]:
    """The lines of the wrong code, from 1, that differ; beside a gap or a new line, the next one."""
    lines: set[int] = set()
    matcher = SequenceMatcher(a=right.splitlines(), b=wrong.splitlines(), autojunk=False)
    for kind, _, _, low, high in matcher.get_opcodes():
        if kind in ("replace", "insert"):
            lines |= set(range(low + 1, high + 1 + (kind == "insert")))
        elif kind == "delete":
            lines |= {low, low + 1}
    return lines


def outcome(case: Case) -> Outcome:
    """The diagnosis of one case, in this process: the code is ours."""
    found_sources = sources(case)
    assert found_sources is not None
    found = diagnosis(case, found_sources[1])
    told = {row.id for row in found.mistakes} | {a for row in found.mistakes for a in row.also}
    places = [row.place for row in found.mistakes] if found.mistakes else [found.place]
    lines = {place.line for place in places if place}
    return Outcome(case, found.verdict, tuple(sorted(told)), bool(lines & guilty(*found_sources)))


def diagnosis(case: Case, source: str) -> Diagnosis:
    """With probes that no other network of the run has."""
    net, row = case.net, case.what
    owner, _, name = case.how.function.rpartition(".")
    spec = Spec()
    if row.stated:
        spec = Spec(Setting(net.hidden, net.output, net.cost, net.penalty), strict=True)
    person = Person(source, "code.py", name, owner or None)
    usual = adapt.SEEDS
    adapt.SEEDS = (3 * case.seed + 1, 3 * case.seed + 2, 3 * case.seed + 3)
    try:
        return judged(person, Local(loaded(source, "code.py"), "code.py"), spec)[0]
    finally:
        adapt.SEEDS = usual


def all_cases(networks: int) -> list[Case]:
    """Right code on five times as many networks: to be called wrong is the worst for its author."""
    many = {RIGHT: 5 * networks}
    return [
        case
        for row in range(RIGHT, len(ROWS))
        for style in range(len(STYLES))
        for case in cases(row, style, many.get(row, networks))
    ]


def run(work: Sequence[Case], jobs: int, done: Callable[[int], object]) -> list[Outcome]:
    """All outcomes, in the order of the cases."""
    found = []
    if jobs == 1:
        for case in work:
            found.append(outcome(case))
            done(len(found))
        return found
    with ProcessPoolExecutor(jobs) as pool:
        for one in pool.map(outcome, work, chunksize=16):
            found.append(one)
            done(len(found))
    return found


# ---- the page ----

INTRODUCTION = """# How often gradient code is judged rightly

    python tests/diagnose/accuracy.py --networks {networks} --jobs {jobs}

made this page in {minutes:.0f} minutes: {total} programs, of which {right} are right and {wrong} hold one of
{mistakes} classic mistakes, in {styles} styles of code, each on {networks} random networks (right code on five times as many; depth 2 or 3; sigmoid,
tanh or ReLU; six pairs of output and cost; with and without penalty), each judged at random probes of
its own. Nothing is told to the checker but the name of the function, except for the rows that are marked
*: there the mistake is a convention unless the cost is stated and no factor is allowed, and so they are.

What each program must get: right code is never called wrong, and wrong code never right; the mistake
has its name; the line that is shown is one that was changed."""


def share(part: int, whole: int) -> str:
    """Rounded down: 100 % means all."""
    return f"{part * 1_000 // whole / 10:.1f} %" if whole else "–"


def page(found: Sequence[Outcome], networks: int, jobs: int, seconds: float) -> str:
    right = [o for o in found if o.case.row == RIGHT]
    wrong = [o for o in found if o.case.row != RIGHT]
    head = INTRODUCTION.format(
        networks=networks, jobs=jobs, minutes=seconds / 60, total=len(found), right=len(right),
        wrong=len(wrong), mistakes=len(ROWS), styles=len(STYLES),
    )  # fmt: skip
    parts = [head, "## By style", "\n".join(_styles(right, wrong))]
    parts += ["## By mistake", NOTE, "\n".join(_mistakes(wrong))]
    parts += ["\n".join(peers.table())]
    return "\n\n".join(parts) + "\n"


NOTE = """In the columns of styles: named / programs. M16 has two names, since a mask that is always 1 and no
slope at all are the same; so have a few other rows whose numbers coincide (`tests/diagnose/catalogue.py`)."""


def counted(found: Sequence[Outcome]) -> list[str]:
    """Number, called right, undecided, named, line."""
    n = len(found)
    verdicts = [o.verdict for o in found]
    return [
        str(n), str(verdicts.count("correct")), str(verdicts.count("undecided")),
        share(sum(o.named for o in found), n), share(sum(o.line for o in found), n),
    ]  # fmt: skip


def _styles(right: Sequence[Outcome], wrong: Sequence[Outcome]) -> Iterator[str]:
    yield "| style | right code | called wrong | undecided | wrong code | called right | undecided | named | line |"
    yield "|:---|" + "---:|" * 8
    for number, style in enumerate(STYLES):
        r = [o for o in right if o.case.style == number]
        w = [o for o in wrong if o.case.style == number]
        yield _row([style.says, *_of_right(r), *counted(w)])
    yield _row(["all", *_of_right(right), *counted(wrong)])


def _of_right(found: Sequence[Outcome]) -> list[str]:
    verdicts = [o.verdict for o in found]
    return [str(len(found)), str(verdicts.count("wrong")), str(verdicts.count("undecided"))]


def _mistakes(wrong: Sequence[Outcome]) -> Iterator[str]:
    names = " | ".join(style.name for style in STYLES)
    yield f"| mistake | programs | called right | undecided | named | line | {names} |"
    yield "|:---|" + "---:|" * (5 + len(STYLES))
    for number, row in enumerate(ROWS):
        own = [o for o in wrong if o.case.row == number]
        cells = []
        for style in range(len(STYLES)):
            some = [o for o in own if o.case.style == style]
            cells.append(f"{sum(o.named for o in some)}/{len(some)}" if some else "")
        yield _row([f"{row.id} {row.says}{' *' if row.stated else ''}", *counted(own), *cells])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _bad(o: Outcome) -> bool:
    return o.verdict != "correct" if o.case.row == RIGHT else not (o.named and o.line)


def tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=20, help="for each mistake and style")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--failures", action="store_true", help="print what is judged badly")
    given = parser.parse_args()
    work = all_cases(given.networks)
    start = time.monotonic()
    found = run(work, given.jobs, lambda n: n % 100 or tell(f"{n} of {len(work)}"))
    seconds = time.monotonic() - start
    for o in filter(_bad, found) if given.failures else ():
        tell(f"{o.case.what.id} {o.case.how.name} {o.verdict} {o.told} {o.case.net}")
    PAGE.write_text(page(found, given.networks, given.jobs, seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
