"""The verdict of a line: the first of its readings that holds, else the one as written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.judge import judge, prove
from symbackprop.judge.verdict import Status, Verdict
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.review.claims import Claim
from symbackprop.review.spelling import Malformed
from symbackprop.review.statements import Reading

PROVED, REFUTED, ILL_TYPED, UNDECIDED, NOT_UNDERSTOOD = (
    "proved", "refuted", "ill-typed", "undecided", "not-understood",
)  # fmt: skip
WORST = (REFUTED, ILL_TYPED, NOT_UNDERSTOOD, UNDECIDED, PROVED)


@dataclass(frozen=True)
class Outcome:
    """What a claim is worth, in which reading, and what the judge said."""

    claim: Claim
    verdict: str
    reading: Reading | None = None
    statement: Statement | None = None  # the one that decided
    says: Verdict | None = None
    why: str = ""

    @property
    def repaired(self) -> bool:
        return self.reading is not None and self.reading is not self.claim.readings[0]


class Court:
    """Judges statements about one program; the same statement is judged once."""

    def __init__(self, program: Program, seed: int, limit: float | None = None) -> None:
        self.program, self.seed, self.limit = program, seed, limit
        self.given: list[tuple[Statement, Verdict]] = []  # what was proved before
        self._known: dict[Statement, Verdict] = {}
        self._open: set[Statement] = set()

    def verdict(self, statement: Statement) -> Verdict:
        """The judge's verdict, with what was proved so far at hand."""
        if statement not in self._known:
            self._known[statement] = judge(
                statement, self.program, given=self.given, seed=self._seed(), limit=self.limit
            )
        return self._known[statement]

    def holds(self, statement: Statement) -> bool:
        """Whether it is proved; nothing is spent on a counterexample."""
        if statement not in self._known and statement not in self._open:
            found = prove(
                statement, self.program, given=self.given, seed=self._seed(), limit=self.limit
            )
            if found.proved:
                self._known[statement] = found
            else:
                self._open.add(statement)
        return statement in self._known and self._known[statement].proved

    def learn(self, statement: Statement, says: Verdict) -> None:
        """A proved line may be used by the lines behind it."""
        self.given.append((statement, says))
        self._open.clear()

    def _seed(self) -> int:
        return self.seed + len(self._known) + len(self._open)

    def try_claim(self, claim: Claim) -> Outcome:
        """The first reading that is proved; if none is, the first that can be read at all."""
        if claim.fault is not None:
            wrong = isinstance(claim.fault, Malformed)
            return Outcome(claim, ILL_TYPED if wrong else NOT_UNDERSTOOD, why=str(claim.fault))
        for reading in claim.readings:
            if all(self.holds(statement) for statement in reading.statements):
                return self._try(claim, reading)
        for reading in claim.readings:  # the first one that can be read at all
            if all(self._well_formed(statement) for statement in reading.statements):
                break
        else:
            reading = claim.readings[0]
        return self._try(claim, reading)

    def _well_formed(self, statement: Statement) -> bool:
        try:
            statement.check(self.program)
        except IllTyped:
            return False
        return True

    def _try(self, claim: Claim, reading: Reading) -> Outcome:
        found: list[Outcome] = []
        for statement in reading.statements:
            says = self.verdict(statement)
            verdict = _word(says, statement, self.program)
            found.append(Outcome(claim, verdict, reading, statement, says, says.why))
        return min(found, key=lambda outcome: WORST.index(outcome.verdict))


def _word(says: Verdict, statement: Statement, program: Program) -> str:
    """The judge's four answers and one more: what does not fit together is ill-typed."""
    if says.status in (Status.REFUTED, Status.NOT_UNDERSTOOD):
        try:
            statement.check(program)
        except NoSuchQuantity:
            return NOT_UNDERSTOOD
        except IllTyped:
            return ILL_TYPED
    return says.status.value


def worst(verdicts: Sequence[str]) -> str:
    """The verdict of several lines together."""
    return next((word for word in WORST if word in verdicts), UNDECIDED)
