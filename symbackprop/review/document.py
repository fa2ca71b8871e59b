"""A document in, a report out."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

from symbackprop.errors import InputError, LimitError
from symbackprop.judge.verdict import Witness
from symbackprop.read.documents import Document
from symbackprop.read.grammar import parse_row
from symbackprop.read.unreadable import Unreadable
from symbackprop.review import readings
from symbackprop.review.judging import NOT_UNDERSTOOD, PROVED, UNDECIDED, Outcome, worst
from symbackprop.review.program import Pinned
from symbackprop.review.report import Case, FileReport, Line
from symbackprop.review.session import WRONG, Row, Ruling, Session, run
from symbackprop.review.spelling import Misread, with_differentials
from symbackprop.review.survey import survey
from symbackprop.review.wording import message_of, read_as
from symbackprop.read.formulas import Formula

PATIENCE = 20.0  # seconds for looking at other readings of a whole document


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
    rows = [_row(formula) for formula in document.formulas]
    session, said = best_session(rows, document, Pinned(activation, cost), seed)
    lines = tuple(
        line
        for ruling, formula, row in zip(session.rulings, document.formulas, rows, strict=True)
        if (line := _line(session, ruling, formula, row, document.formulas, limit)) is not None
    )
    claims = [line.verdict for line in lines if line.role == "claim" and line.verdict]
    first = next((line for line in lines if line.verdict in WRONG), None)
    return FileReport(
        path=document.path,
        verdict=worst(claims) if claims else UNDECIDED,
        first_wrong=None if first is None else first.tag or str(first.line),
        assumed=tuple(dict.fromkeys((*session.meaning.assumed, *said, *_definitions_read(session)))),
        lines=lines,
        seed=seed,
        source=document.source,
    )


def _row(formula: Formula) -> Row:
    if formula.fault:
        return Row(formula.block, fault=Unreadable(formula.fault_at, formula.fault))
    try:
        return Row(formula.block, with_differentials(parse_row(formula.text)))
    except (Unreadable, LimitError) as fault:
        return Row(formula.block, fault=fault)


def best_session(
    rows: Sequence[Row], document: Document, pinned: Pinned, seed: int
) -> tuple[Session, tuple[str, ...]]:
    """The usual reading; where lines fail, the other reading under which the most lines hold."""
    declared = document.assumptions
    found = survey(
        [row.chain for row in rows if row.chain is not None],
        _plain_letters(declared.letters),
        declared.layer_letters,
    )
    way = readings.usual(found, declared, pinned)
    best = run(rows, found, way.choices, way.pinned, seed)
    said: tuple[str, ...] = ()
    if all(o.verdict == PROVED for r in best.rulings for o in r.outcomes):
        return best, said
    started = time.monotonic()
    for other in readings.others(way, found, best.meaning, declared):
        if not other.says or time.monotonic() - started > PATIENCE:
            continue
        session = run(rows, found, other.choices, other.pinned, seed)
        if session.score > best.score:
            best, said = session, other.says
    return best, said


def _plain_letters(letters: dict[str, str]) -> dict[str, str]:
    """``\\hat{y}`` as the key ``hat y``."""
    from symbackprop.read.layout import Name
    from symbackprop.review.spelling import bare, key_of

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
    formulas: Sequence[Formula],
    limit: float,
) -> Line | None:
    common = {
        "tag": formula.tag, "line": formula.line, "column": formula.column, "tex": formula.tex,
        "expected": formula.expected,
    }  # fmt: skip
    if row.fault is not None:
        if not formula.display and not any(sign in formula.text for sign in ("=", "\\equiv")):
            return None
        offset = row.fault.offset if isinstance(row.fault, Unreadable) else (row.fault.column or 1) - 1
        line, caret = formula.place(offset)
        what = row.fault.what
        expected = getattr(row.fault, "expected", "")
        return Line(
            **common, role="claim", verdict=NOT_UNDERSTOOD, caret_line=line, caret=caret,
            caret_end=caret + 1, message="; expected ".join(p for p in (what, expected) if p),
        )  # fmt: skip
    if ruling.role in ("other", "unread"):
        return None
    if not ruling.outcomes:
        return Line(**common, role=ruling.role)
    outcome = min(
        ruling.outcomes, key=lambda o: (o.verdict not in WRONG, o.verdict == PROVED)
    )
    verdict = worst([o.verdict for o in ruling.outcomes])
    told = _told(session, outcome, verdict, formula, limit)
    trivial = all(o.claim.trivial for o in ruling.outcomes)
    notes = tuple(dict.fromkeys(n for o in ruling.outcomes if o.reading for n in o.reading.notes))
    if trivial:
        notes = (*notes, "both sides are the same: this says nothing")
    source = None if ruling.inherits_from is None else formulas[ruling.inherits_from]
    return Line(
        **common,
        role="claim",
        verdict=verdict,
        follows=ruling.follows,
        inherits_from=None if source is None else source.tag or str(source.line),
        notes=notes,
        read_as=read_as(session, ruling),
        **told,
    )


def _told(
    session: Session, outcome: Outcome, verdict: str, formula: Formula, limit: float
) -> dict[str, object]:
    """Scope and bound of a proof; witness, place, mistake and repair of what is wrong."""
    says = outcome.says
    if verdict == PROVED and says is not None:
        return {"scope": ", ".join(says.scope), "bound": says.bound_text}
    node = outcome.claim.side
    fault = outcome.claim.fault
    if isinstance(fault, Misread):
        node = fault.node
    found: dict[str, object] = {"message": message_of(outcome)}
    if node is not None and node.span != (0, 0):
        line, caret = formula.place(node.span[0])
        end = formula.place(max(node.span[0], node.span[1] - 1))
        found |= {"caret_line": line, "caret": caret}
        found["caret_end"] = end[1] + 1 if end[0] == line else caret + 1
    if says is not None and says.witness is not None:
        found["witness"] = _case(says.witness)
    if verdict in WRONG and outcome.statement is not None:
        found |= _why(session, outcome, limit)
    return found


def _case(witness: Witness) -> Case:
    return Case(
        witness.widths, witness.layer, witness.entry, witness.values, witness.left, witness.right,
        witness.note,
    )  # fmt: skip


def _why(session: Session, outcome: Outcome, limit: float) -> dict[str, object]:
    """The mistake and the smallest repair that makes the line true."""
    from symbackprop.review.mistakes import MISTAKES
    from symbackprop.review.repair import repair
    from symbackprop.review.wording import tex_of

    assert outcome.statement is not None
    found = repair(
        outcome.statement, session.court.program, holds=session.court.holds, limit=min(limit, 3.0)
    )
    if found is None:
        return {}
    told: dict[str, object] = {"repair": tex_of(session, found.statement)}
    if found.mistakes:
        told["mistake"] = found.mistakes[0]
        told["mistake_says"] = " ".join(MISTAKES[name].says for name in found.mistakes)
    return told
