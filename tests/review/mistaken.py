"""How many planted mistakes are refuted, and how many are named; writes docs/accuracy.md.

python tests/review/mistaken.py
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import oracle

from symbackprop.derive import derive
from symbackprop.errors import SymbackpropError
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.networks.network import Network
from symbackprop.review.judging import Court
from symbackprop.review.planting import Planted, plant
from symbackprop.review.repair import repair

PAGE = Path(__file__).parents[2] / "docs/accuracy.md"
NETWORKS = (
    (Network(None, "sigmoid", "mse"), "delta"),
    (Network(None, "sigmoid", "mse"), "matrix"),
    (Network(None, "tanh", "quadratic"), "delta"),
    (Network(None, "softmax", "cross-entropy"), "delta"),
    (Network(None, "sigmoid", "binary-cross-entropy"), "delta"),
    (Network(None, "sigmoid", "quadratic", l2=True), "delta"),
)
MOST = 4  # of each mistake for each network
SEED = 1


@dataclass
class Result:
    """Counts of verdicts, and of (planted, named) pairs."""

    verdicts: Counter[str] = field(default_factory=Counter)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def planted(self) -> int:
        return sum(self.named.values())

    @property
    def right(self) -> int:
        return sum(n for (made, name), n in self.named.items() if made == name)


def measure(networks: Sequence[tuple[Network, str]], most: int) -> Result:
    """Plant, drop what is still true by the oracle, judge, repair."""
    result = Result()
    for network, form in networks:
        derivation = derive(network, form)
        program = derivation.program
        count: Counter[str] = Counter()
        for step in derivation.steps:
            if step.rule == "definition":
                continue
            for planted in plant(step.statement, program):
                if count[planted.mistake] >= most:
                    continue
                fits = _fits(planted.statement, program)
                dropped = _dropped(planted.statement, program) if fits else ""
                if dropped:
                    result.verdicts[dropped] += 1
                    continue
                count[planted.mistake] += 1
                _judge(result, planted, program, fits)
    return result


def _dropped(statement: Statement, program: Program) -> str:
    """Why a planted statement is no mistake, by the oracle alone."""
    try:
        return "still true, dropped" if oracle.true(statement, program) else ""
    except (ValueError, ZeroDivisionError):  # the logarithm of a negative number
        return "not defined at the oracle's numbers, dropped"


def _fits(statement: Statement, program: Program) -> bool:
    try:
        statement.check(program)
    except SymbackpropError:
        return False
    return True


def _judge(result: Result, planted: Planted, program: Program, fits: bool) -> None:
    court = Court(program, SEED)
    verdict = court.verdict(planted.statement).status.value if fits else "ill-typed"
    result.verdicts[verdict] += 1
    found = repair(planted.statement, program, holds=court.holds, limit=5.0)
    result.named[planted.mistake, found.mistakes[0] if found else "no name"] += 1


def page(result: Result) -> str:
    """The tables of docs/accuracy.md."""
    share = 100 * result.right / result.planted
    lines = [
        "# Planted mistakes in derivations",
        "",
        "Every mistake of the table is put into every line of six derivations where it has a place",
        f"(at most {MOST} of each kind for each derivation). What happens to stay true is dropped by",
        "an oracle in floating point that shares nothing with the judge. This page is made by",
        "`python tests/review/mistaken.py`; [accuracy_code.md](accuracy_code.md) does the same for gradient code.",
        "",
        f"{result.planted} planted mistakes; {result.right} ({share:.1f} %) get the name of the",
        "mistake that was planted.",
        "",
        "| verdict | lines |",
        "|:---|---:|",
        *(f"| {verdict} | {n} |" for verdict, n in result.verdicts.most_common()),
        "",
        "No line was proved." if not result.verdicts["proved"] else "**Lines were proved.**",
        "",
        "## Named otherwise",
        "",
        "Two mistakes may be the same formula: a slope that is forgotten in a product of one layer may",
        "also be an index in the wrong place. These are the pairs that differ.",
        "",
        "| planted | named | lines |",
        "|:---|:---|---:|",
        *(
            f"| {made} | {name} | {n} |"
            for (made, name), n in sorted(result.named.items(), key=lambda row: (-row[1], row[0]))
            if made != name
        ),
        "",
        "## Named right",
        "",
        "| mistake | right | planted |",
        "|:---|---:|---:|",
        *(
            f"| {made} | {result.named[made, made]} | "
            f"{sum(n for (other, _), n in result.named.items() if other == made)} |"
            for made in sorted({made for made, _ in result.named})
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(measure(NETWORKS, MOST)), encoding="utf-8")
