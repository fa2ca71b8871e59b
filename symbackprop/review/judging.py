"""The verdict of a line: the first of its readings that holds, else the one as written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.judge import judge
from symbackprop.judge.verdict import Status, Verdict
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program
from symbackprop.review.claims import Claim, Reading

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
        return self.verdict(statement).proved

    def try_claim(self, claim: Claim) -> Outcome:
        """The first reading that is proved; if none is, the first that can be read at all."""
        if claim.fault is not None:
            return Outcome(claim, NOT_UNDERSTOOD, why=str(claim.fault))
        outcomes = []
        for reading in claim.readings:
            outcome = self._try(claim, reading)
            if outcome.verdict == PROVED:
                return outcome
            outcomes.append(outcome)
        return _most_telling(outcomes)

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


def _most_telling(outcomes: list[Outcome]) -> Outcome:
    """As written if that can be read; otherwise the first repaired reading that can."""
    first = outcomes[0]
    if first.verdict in (REFUTED, UNDECIDED):
        return first
    refuted = [outcome for outcome in outcomes if outcome.verdict == REFUTED]
    return refuted[0] if refuted and _free_letters(first) else first


def _free_letters(outcome: Outcome) -> bool:
    """Whether what is wrong as written is only a sum left out, or a layer that is not there."""
    return "index" in outcome.why or "there is no" in outcome.why


def worst(verdicts: Sequence[str]) -> str:
    """The verdict of several lines together."""
    return next((word for word in WORST if word in verdicts), UNDECIDED)


__all__ = ["Court", "Outcome", "replace", "worst"]
