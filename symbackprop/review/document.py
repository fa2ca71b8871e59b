"""A document in, a report out."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from symbackprop.errors import IllTyped, InputError, LimitError
from symbackprop.judge.verdict import Witness
from symbackprop.read.documents import Document
from symbackprop.read.formulas import Formula
from symbackprop.read.grammar import parse_row
from symbackprop.read.layout import BARE, Addition, Chain, Listing, Name, Number
from symbackprop.read.unreadable import Unreadable
from symbackprop.review import readings
from symbackprop.review.abbreviations import spelled_out
from symbackprop.review.chapters import bound_together, chapters
from symbackprop.review.customary import EQUAL
from symbackprop.review.in_force import in_force, is_case
from symbackprop.review.judging import NOT_UNDERSTOOD, PROVED, UNDECIDED, Outcome, worst
from symbackprop.review.labels import with_words
from symbackprop.review.meanings import Pinned
from symbackprop.review.report import Case, FileReport, Line
from symbackprop.review.session import WRONG, Row, Ruling, Session, promising, run
from symbackprop.review.spelling import Misread, bare, key_of, with_differentials
from symbackprop.review.survey import survey
from symbackprop.review.targets import target_of
from symbackprop.review.units import in_layers
from symbackprop.review.wording import in_the_open, message_of, read_as

PATIENCE = 5.0  # seconds for looking at other readings of a whole document


def check_document(
    document: Document,
    *,
    seed: int | None = None,
    activation: str | Sequence[str] | None = None,
    cost: str | None = None,
    notation: str | None = None,
    limit: float = 10.0,
) -> FileReport:
    """Review a document: a verdict for each line, the first wrong one, and what was assumed."""
    seed = secrets.randbits(32) if seed is None else seed
    pinned = Pinned(activation, cost)
    return bound_together([_chapter(part, pinned, seed, limit) for part in chapters(document)])


def _chapter(document: Document, pinned: Pinned, seed: int, limit: float) -> FileReport:
    rows = [row for n, formula in enumerate(document.formulas) for row in rows_of(n, formula)]
    chains = spelled_out(
        in_force([row.chain for row in rows], [row.line for row in rows], document.source)
    )
    for row, chain in zip(rows, chains, strict=True):
        row.chain = chain
    for row, behind in pairwise(rows):
        if row.chain is not None and _condition_of(row, behind, document.formulas):
            assert behind.chain is not None
            row.chain = dataclasses.replace(row.chain, notes=(*row.chain.notes, behind.chain))
    for row in rows:
        if row.chain is not None and is_case(row.chain):
            row.chain = None  # i = j says nothing of its own
    try:
        session, said = best_session(rows, document, pinned, seed)
    except IllTyped as fault:
        raise _where_defined(fault, rows, document) from None
    lines = tuple(_lines(session, rows, document.formulas, limit))
    claims = [line.verdict for line in lines if line.role == "claim" and line.verdict]
    first = next((line for line in lines if line.verdict in WRONG), None)
    return FileReport(
        path=document.path,
        verdict=worst(claims) if claims else UNDECIDED,
        first_wrong=None if first is None else first.tag or str(first.line),
        assumed=tuple(
            dict.fromkeys((*session.meaning.assumed, *said, *_definitions_read(session)))
        ),
        lines=lines,
        seed=seed,
        source=document.source,
    )


def _where_defined(fault: IllTyped, rows: Sequence[Row], document: Document) -> InputError:
    """Definitions that make no program together: the line that defines what the message names."""
    name = str(fault).split(" ", 1)[0]
    for row in rows:
        left = target_of(row.chain) if row.chain is not None else None
        if left is not None and key_of(left) == name:
            return InputError(str(fault), file=document.path, line=row.line)
    return InputError(str(fault), file=document.path)


def rows_of(number: int, formula: Formula) -> list[Row]:
    """The equations of a formula, those behind a comma or a wide space each on its own."""
    fault: Unreadable | LimitError
    if formula.fault:
        fault = Unreadable(formula.fault_at, formula.fault)
        return [Row(formula.block, number, fault=fault, left=_left(formula), line=formula.line)]
    try:
        chain = with_differentials(with_words(parse_row(formula.text)))
    except (Unreadable, LimitError) as found:
        return [Row(formula.block, number, fault=found, left=_left(formula), line=formula.line)]
    beside = [note for note in chain.notes if isinstance(note, Chain) and _is_equation(note)]
    if not beside:
        return [Row(formula.block, number, chain, line=formula.line)]
    notes = tuple(note for note in chain.notes if note not in beside)
    first = dataclasses.replace(chain, notes=notes)
    return [Row(formula.block, number, one, line=formula.line) for one in (first, *beside)]


JOINING = (" if", " for", " when", " where", " unless", " für", " wenn", " falls")
TAIL = 40  # characters at the end of a formula by which it is found again


def _condition_of(row: Row, behind: Row, formulas: Sequence[Formula]) -> bool:
    """``$∂a_k/∂z_j = σ'(z_k)$ if $k = j$`` in a sentence."""
    if behind.line != row.line or behind.chain is None or behind.formula == row.formula:
        return False
    said = formulas[behind.formula].before.rstrip()
    tail = formulas[row.formula].text[-TAIL:].strip()
    words = f" {said.rpartition(tail)[2].strip()}"  # behind the formula; or the cell of a table
    alone = tail in said or words in JOINING
    sides = [bare(side) for side in behind.chain.sides]
    letters = all(isinstance(side, Name) and side.scripts == BARE for side in sides)
    joined = alone and words.endswith(JOINING)
    return joined and len(sides) == 2 and letters and not words.endswith("unless")


def _left(formula: Formula) -> Chain | None:
    """What a row that cannot be read defines, if it defines anything."""
    left, equal, _ = formula.text.partition("=")
    if not equal:
        return None
    try:
        chain = parse_row(left.rstrip(" :"))
    except (Unreadable, LimitError):
        return None
    return dataclasses.replace(chain, sides=(*chain.sides[:1], Number()), relations=("=",))


def _is_equation(note: Chain) -> bool:
    """``h_j = max(0, z_j)`` beside another equation; ``k = j`` is a condition."""
    if not note.relations or note.relations[0] not in EQUAL or len(note.sides) < 2:
        return False
    left, right = bare(note.sides[0]), bare(note.sides[1])
    if isinstance(left, Number):
        return False
    if not isinstance(left, Name) or left.scripts != BARE:
        return True
    if isinstance(right, Addition):  # l = L - 1 is a condition, ℓ = -Σ_k … is not
        return not all(isinstance(bare(term), Name | Number) for term in right.terms)
    return not isinstance(right, Name | Number | Listing)


def _lines(
    session: Session, rows: Sequence[Row], formulas: Sequence[Formula], limit: float
) -> Iterator[Line]:
    for number, formula in enumerate(formulas):
        own = [
            (r, row) for r, row in zip(session.rulings, rows, strict=True) if row.formula == number
        ]
        merged = _merged([ruling for ruling, _ in own])
        line = _line(session, merged, formula, own[0][1], rows, formulas, limit)
        if line is not None:
            yield line


def _merged(rulings: Sequence[Ruling]) -> Ruling:
    """The equations of one formula as one ruling; the role that says most."""
    if len(rulings) == 1:
        return rulings[0]
    outcomes = [outcome for ruling in rulings for outcome in ruling.outcomes]
    roles = {ruling.role for ruling in rulings}
    role = next(r for r in ("claim", "definition", "other", "unread") if r in roles)
    told = next((r for r in rulings if r.follows not in ("", "yes")), rulings[0])
    return Ruling(rulings[0].row, role, outcomes, told.follows, told.inherits_from)


def best_session(
    rows: Sequence[Row], document: Document, pinned: Pinned, seed: int
) -> tuple[Session, tuple[str, ...]]:
    """The usual reading; where lines fail, the other reading under which the most lines hold."""
    declared = document.assumptions
    found = survey(
        [row.chain for row in rows if row.chain is not None],
        plain_letters(declared.letters),
        declared.layer_letters,
    )
    for row, chain in zip(rows, in_layers([row.chain for row in rows], found), strict=True):
        row.chain = chain
    way = readings.usual(found, declared, pinned)
    best = run(rows, found, way.choices, way.pinned, seed)
    said: tuple[str, ...] = ()
    if all(o.verdict == PROVED for r in best.rulings for o in r.outcomes):
        return best, said
    started = time.monotonic()
    wrong = [r.row for r in best.rulings if any(o.verdict in WRONG for o in r.outcomes)]
    for other in readings.others(way, found, best.meaning, declared):
        if not other.says or time.monotonic() - started > PATIENCE:
            continue
        if not promising(rows, found, other.choices, other.pinned, seed, wrong):
            continue
        session = run(rows, found, other.choices, other.pinned, seed)
        if session.score > best.score:
            best, said = session, other.says
    return best, said


def plain_letters(letters: dict[str, str]) -> dict[str, str]:
    """``\\hat{y}`` as the key ``hat y``."""
    found = {}
    for tex, role in letters.items():
        try:
            node = bare(parse_row(tex).sides[0])
        except (Unreadable, LimitError):
            node = None
        if not isinstance(node, Name):
            raise InputError(f"letters: {tex!r} is not one letter", expected="TeX such as \\hat{y}")
        found[key_of(node)] = role
    return found


def _definitions_read(session: Session) -> list[str]:
    """What had to be put into definitions so that they could be read."""
    said = []
    for found in session.meaning.defining.values():
        said += [f"Einstein summation over {letter}" for letter in sorted(found.summed, key=str)]
    return said


def _line(
    session: Session,
    ruling: Ruling,
    formula: Formula,
    row: Row,
    rows: Sequence[Row],
    formulas: Sequence[Formula],
    limit: float,
) -> Line | None:
    line = Line(
        tag=formula.tag, line=formula.line, column=formula.column, tex=formula.tex,
        expected=formula.expected, role="claim",
    )  # fmt: skip
    if row.fault is not None:
        if not formula.display and not any(sign in formula.text for sign in ("=", "\\equiv")):
            return None
        offset = (
            row.fault.offset if isinstance(row.fault, Unreadable) else (row.fault.column or 1) - 1
        )
        at, caret = formula.place(offset)
        expected = getattr(row.fault, "expected", "")
        return replace(
            line, verdict=NOT_UNDERSTOOD, caret_line=at, caret=caret, caret_end=caret + 1,
            message="; expected ".join(p for p in (row.fault.what, expected) if p),
        )  # fmt: skip
    if ruling.role in ("other", "unread"):
        return None
    if not ruling.outcomes:
        return replace(line, role=ruling.role)
    outcome = min(ruling.outcomes, key=lambda o: (o.verdict not in WRONG, o.verdict == PROVED))
    verdict = worst([o.verdict for o in ruling.outcomes])
    line = replace(line, verdict=verdict, read_as=read_as(session, ruling))
    line = _told(line, session, outcome, formula, limit)
    trivial = all(o.claim.trivial for o in ruling.outcomes)
    notes = tuple(dict.fromkeys(n for o in ruling.outcomes if o.reading for n in o.reading.notes))
    if trivial:
        notes = (*notes, "both sides are the same: this says nothing")
    source = None if ruling.inherits_from is None else formulas[rows[ruling.inherits_from].formula]
    return replace(
        line,
        follows=ruling.follows,
        inherits_from=None if source is None else source.tag or str(source.line),
        notes=notes,
        trivial=trivial,
    )


def _told(line: Line, session: Session, outcome: Outcome, formula: Formula, limit: float) -> Line:
    """Scope and bound of a proof; witness, place, mistake and repair of what is wrong."""
    says = outcome.says
    if line.verdict == PROVED and says is not None:
        named = not session.meaning.letters.symbolic  # its depth is a number of ours
        scope = [part for part in says.scope if not (named and part.startswith("depth "))]
        return replace(line, scope=", ".join(scope), bound=says.bound_text)
    node = outcome.claim.side
    fault = outcome.claim.fault
    if isinstance(fault, Misread):
        node = fault.node
    line = replace(line, message=message_of(outcome))
    if node is not None and node.span != (0, 0):
        at, caret = formula.place(node.span[0])
        end = formula.place(max(node.span[0], node.span[1] - 1))
        behind = end[1] + 1 if end[0] == at else caret + 1
        line = replace(line, caret_line=at, caret=caret, caret_end=behind)
    if says is not None and says.witness is not None:
        line = replace(line, witness=_case(says.witness))
    if line.verdict in WRONG and outcome.statement is not None:
        line = _why(line, session, outcome, limit)
    return line


def _case(witness: Witness) -> Case:
    shown = in_the_open(witness)
    return Case(
        shown.widths, shown.layer, shown.entry, shown.values, shown.left, shown.right, shown.note
    )


def _why(line: Line, session: Session, outcome: Outcome, limit: float) -> Line:
    """The mistake and the smallest repair that makes the line true."""
    from symbackprop.review.mistakes import MISTAKES
    from symbackprop.review.repair import repair
    from symbackprop.review.wording import tex_of

    assert outcome.statement is not None
    found = repair(
        outcome.statement, session.court.program, holds=session.court.holds, limit=min(limit, 3.0)
    )
    if found is None:
        return line
    return replace(
        line,
        repair=None if found.statement is None else tex_of(session, found.statement),
        mistake=found.mistakes[0] if found.mistakes else None,
        mistake_says=" ".join(MISTAKES[name].says for name in found.mistakes),
    )
