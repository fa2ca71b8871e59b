"""The verdict of a line: the first of its readings that holds, else the one as written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.judge import judge
from symbackprop.judge.agree import agree
from symbackprop.judge.decide import generalisations
from symbackprop.judge.induction import without_chains
from symbackprop.judge.ring import OutOfClass
from symbackprop.judge.verdict import Status, Verdict
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.review.claims import Claim, Reading
from symbackprop.review.spelling import Malformed

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

    def __init__(self, program: Program, seed: int, given: Sequence[Statement] = ()) -> None:
        self.program, self.seed = program, seed
        self.given = list(given)
        self._known: dict[Statement, Verdict] = {}

    def verdict(self, statement: Statement) -> Verdict:
        """The judge's verdict, with the products over layers proved so far at hand."""
        if statement not in self._known:
            self._known[statement] = judge(
                statement, self.program, given=tuple(self.given), seed=self.seed + len(self._known)
            )
        return self._known[statement]

    def holds(self, statement: Statement) -> bool:
        """Whether it is proved; nothing is spent on a counterexample."""
        if statement not in self._known and not provable(statement, self.program, self.given):
            return False
        return self.verdict(statement).proved

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


def provable(statement: Statement, program: Program, given: Sequence[Statement]) -> bool:
    """Whether both sides agree at random points for some scope: a quick look, no verdict."""
    try:
        statement.check(program)
        parts = without_chains(statement, program, tuple(given))
        if parts is None:
            return False
        return all(_agrees(part, program) for part in parts)
    except Exception:  # noqa: BLE001  (what cannot be looked at is judged in full)
        return False


def _agrees(statement: Statement, program: Program) -> bool:
    for variant, _ in generalisations(program):
        try:
            if agree(statement, variant, 1).equal:
                return True
        except (OutOfClass, ZeroDivisionError):
            continue
    return False


def worst(verdicts: Sequence[str]) -> str:
    """The verdict of several lines together."""
    return next((word for word in WORST if word in verdicts), UNDECIDED)
