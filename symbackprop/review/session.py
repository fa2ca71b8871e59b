"""One pass over a document in one reading: its program, and an outcome for every equation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from symbackprop.errors import LimitError
from symbackprop.read import layout as t
from symbackprop.read.unreadable import Unreadable
from symbackprop.review.claims import Claim, Previous, claims_of, term_of
from symbackprop.review.customary import EQUAL
from symbackprop.review.doubts import (
    differentiated_in,
    doubtful,
    names_in,
    resting_on,
    undefined_ends,
)
from symbackprop.review.following import continues
from symbackprop.review.judging import (
    ILL_TYPED,
    NOT_UNDERSTOOD,
    PROVED,
    REFUTED,
    UNDECIDED,
    Court,
    Outcome,
)
from symbackprop.review.meanings import Meaning, Pinned
from symbackprop.review.program import meaning_of
from symbackprop.review.spelling import bare, is_layer, key_of
from symbackprop.review.styles import names
from symbackprop.review.survey import Survey
from symbackprop.review.vocabulary import Choices

WRONG = (REFUTED, ILL_TYPED)


@dataclass
class Row:
    """A formula with its layout, or why it has none."""

    block: int
    formula: int = 0  # the number of the formula that it belongs to
    chain: t.Chain | None = None
    fault: Unreadable | LimitError | None = None
    left: t.Chain | None = None  # of a row with a fault: what stands left of its first equality
    line: int = 0


@dataclass
class Ruling:
    """What is known of a row: outcomes of its equations, and how it stands to the lines before."""

    row: int
    role: str
    outcomes: list[Outcome] = field(default_factory=list)
    follows: str = ""
    inherits_from: int | None = None


@dataclass
class Session:
    """A document in one reading."""

    meaning: Meaning
    court: Court
    rulings: list[Ruling]

    @property
    def score(self) -> tuple[int, int]:
        """How many equations are proved, and minus how many are wrong."""
        outcomes = [o for ruling in self.rulings for o in ruling.outcomes]
        right = sum(o.verdict == PROVED for o in outcomes)
        return right, -sum(o.verdict in WRONG for o in outcomes)


def run(rows: Sequence[Row], found: Survey, choices: Choices, pinned: Pinned, seed: int) -> Session:
    """Read definitions, then judge every other equation in order."""
    meaning = meaning_of([row.chain for row in rows], found, choices, pinned)
    court = Court(meaning.program, seed)
    read = [row.chain or row.left for row in rows]
    meaning.faults |= {n: row.fault for n, row in enumerate(rows) if row.fault is not None}
    doubts = doubtful(meaning, read)
    rulings: list[Ruling] = []
    broken: int | None = None  # the row of the first wrong member of this chain
    every = list(_all_claims(meaning, rows))
    open_ends = undefined_ends(
        (s for _, _, claims in every for c in claims for r in c.readings for s in r.statements),
        meaning.program,
    )
    for number, row, claims in every:
        if row.chain is None or not says_something(row.chain, meaning):
            rulings.append(Ruling(number, "unread" if row.chain is None else "other"))
            continue
        defines = number in {*meaning.defining, *meaning.functions, *meaning.stating}
        ruling = Ruling(number, "definition" if defines and not claims else "claim")
        if not claims and not defines:
            ruling.role = "other"
        if not row.chain.leading:
            broken = None
        for claim in claims:
            outcome = _unless_doubtful(court.try_claim(claim), court, doubts, rows)
            outcome = _unless_open(outcome, court, open_ends)
            if broken is not None and claim.whole is not None:
                outcome = _behind(broken, claim, outcome, court, ruling)
            elif outcome.verdict in WRONG:
                broken = number
            ruling.outcomes.append(outcome)
            if outcome.verdict == PROVED and outcome.statement is not None:
                assert outcome.says is not None
                court.learn(outcome.statement, outcome.says)
        rulings.append(ruling)
    _follow(court, rulings)
    return Session(meaning, court, rulings)


def promising(
    rows: Sequence[Row], found: Survey, choices: Choices, pinned: Pinned, seed: int,
    wrong: Sequence[int],
) -> bool:  # fmt: skip
    """Whether one of these rows at least would hold in another reading: a quick look."""
    meaning = meaning_of([row.chain for row in rows], found, choices, pinned)
    court = Court(meaning.program, seed)
    for number, row, claims in _all_claims(meaning, rows):
        if number in wrong and row.chain is not None:
            for claim in claims:
                for reading in claim.readings:
                    if all(map(court.holds, reading.statements)):
                        return True
    return False


def _all_claims(meaning: Meaning, rows: Sequence[Row]) -> Iterator[tuple[int, Row, list[Claim]]]:
    """The equations of every row, each with what its chain began with."""
    previous = Previous()
    chain_line = 0  # a remark on the line of a step does not end its chain
    for number, row in enumerate(rows):
        if row.chain is not None and _begins(rows, number):
            previous.first = previous.last = term_of(meaning, row.chain.sides[0])
            previous.block = row.block
        if row.chain is None or not says_something(row.chain, meaning):
            yield number, row, []
            continue
        if not row.chain.leading and row.line == chain_line:
            claims = claims_of(meaning, number, row.chain, Previous())
            yield number, row, [] if number in meaning.stating else claims
            continue
        if row.block != previous.block and not row.chain.leading:
            previous.first = previous.last = None
        previous.block = row.block
        chain_line = row.line if row.chain.leading else 0
        claims = claims_of(meaning, number, row.chain, previous)
        yield number, row, [] if number in meaning.stating else claims


def _begins(rows: Sequence[Row], number: int) -> bool:
    """A term in one cell of a table, and ``= …`` in the next one."""
    row, behind = rows[number], rows[number + 1 : number + 2]
    if row.chain is None or row.chain.relations or row.chain.leading or not behind:
        return False
    chain = behind[0].chain
    return chain is not None and bool(chain.leading) and behind[0].line == row.line


def _behind(broken: int, claim: Claim, outcome: Outcome, court: Court, ruling: Ruling) -> Outcome:
    """A member of a chain behind a wrong one: is it what the chain began with?"""
    assert claim.whole is not None
    whole = court.try_claim(claim.whole)
    if whole.verdict == PROVED:
        if broken != ruling.row:
            ruling.follows, ruling.inherits_from = "does-not-follow", broken
        return whole
    if outcome.verdict == PROVED and whole.verdict in WRONG:
        if broken != ruling.row:
            ruling.follows, ruling.inherits_from = "inherits", broken
        return whole
    return outcome


def _unless_doubtful(
    outcome: Outcome, court: Court, doubts: dict[str, int], rows: Sequence[Row]
) -> Outcome:
    """No verdict about what a definition says that was not understood."""
    if outcome.statement is None:
        return outcome
    row = resting_on(outcome.statement.sides, court.program, doubts)
    if row is None:
        return _unless_unknown(outcome, court)
    why = f"it rests on the definition in line {rows[row].line}, which was not understood"
    return replace(outcome, verdict=UNDECIDED, says=None, why=why)


def _unless_open(outcome: Outcome, court: Court, open_ends: set[str]) -> Outcome:
    """No verdict about derivatives of what nothing defines: they are not zero for that."""
    if outcome.statement is None or not open_ends:
        return outcome
    for name in sorted(differentiated_in(outcome.statement, court.program) & open_ends):
        why = f"no definition says what {name.partition('@')[0]} depends on"
        return replace(outcome, verdict=UNDECIDED, says=None, why=why)
    return outcome


def _unless_unknown(outcome: Outcome, court: Court) -> Outcome:
    """A letter that no definition mentions may be anything: it makes nothing wrong."""
    if outcome.verdict not in WRONG or outcome.statement is None:
        return outcome
    known = {name for d in court.program.definitions for name in names_in(d.target, d.value)}
    for name in sorted(names_in(*outcome.statement.sides) - known):
        why = f"no definition says what {name.partition('@')[0]} is"
        return replace(outcome, verdict=UNDECIDED, says=None, why=why)
    return outcome


def says_something(chain: t.Chain, meaning: Meaning) -> bool:
    """Whether a row is an equation about quantities, and not a remark such as ``k = j``."""
    relations = ((chain.leading,) if chain.leading else ()) + chain.relations
    if not any(r in EQUAL for r in relations) or "to" in relations:
        return False
    style = meaning.letters.style
    left = bare(chain.sides[0])
    if _is_update(chain, left):
        return False
    if chain.leading:
        return True
    if isinstance(left, t.Name) and key_of(left) in meaning.letters.table:
        return True
    if is_layer(left, style) and style.symbolic:
        return False
    if any(_is_list(side) for side in chain.sides):
        return False  # ∇C = (∂C/∂w, ∂C/∂b) says what ∇C is a list of
    if isinstance(left, t.Name) and left.scripts == t.BARE and not left.marks:
        key = left.base
        known = key in meaning.letters.table or key in meaning.letters.survey.functions
        if not known and isinstance(bare(chain.sides[1]), t.Number | t.Listing):
            return False
        if not known and len(key) == 1 and isinstance(bare(chain.sides[1]), t.Name):
            return False
    return True


def _is_list(side: t.Node) -> bool:
    inner = bare(side)
    inner = bare(inner.body) if isinstance(inner, t.Group) else inner
    return isinstance(inner, t.Listing)


def _is_update(chain: t.Chain, left: t.Node | None) -> bool:
    """``W := W - η ∂C/∂W`` gives an old letter a new value; nothing is claimed."""
    if not isinstance(left, t.Name) or chain.relations[:1] != (":=",):
        return False
    return any(n == left for n in names(chain.sides[1]))


def _follow(court: Court, rulings: Sequence[Ruling]) -> None:
    """After a wrong line: what continues it, and what is true but does not follow from it."""
    wrong: list[tuple[int, Outcome]] = []
    for ruling in rulings:
        for outcome in ruling.outcomes:
            if outcome.statement is None:
                continue
            if ruling.follows == "inherits":
                wrong.append((ruling.row, outcome))
            elif outcome.verdict in WRONG:
                source = _source(court, wrong, outcome)
                ruling.follows = "inherits" if source is not None else ruling.follows or ""
                ruling.inherits_from = source
                wrong.append((ruling.row, outcome))
            elif outcome.verdict == PROVED and not ruling.follows:
                ruling.follows = "yes"
                after = _unfounded(court, wrong, outcome)
                if after is not None:
                    ruling.follows, ruling.inherits_from = "does-not-follow", after


def _source(court: Court, wrong: Sequence[tuple[int, Outcome]], outcome: Outcome) -> int | None:
    assert outcome.statement is not None
    for row, earlier in reversed(wrong):
        if earlier.statement is not None and continues(court, earlier.statement, outcome.statement):
            return row
    return None


def _unfounded(court: Court, wrong: Sequence[tuple[int, Outcome]], outcome: Outcome) -> int | None:
    """The wrong line about the same quantity, if this true line contradicts it."""
    from symbackprop.language.binding import same

    assert outcome.statement is not None
    for row, earlier in reversed(wrong):
        if earlier.statement is None or earlier.verdict == NOT_UNDERSTOOD:
            continue
        if same(earlier.statement.left, outcome.statement.left):
            return row
    return None


__all__ = ["Claim", "Row", "Ruling", "Session", "run"]
