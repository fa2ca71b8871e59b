"""The judge's ladder: hygiene and shapes, exact evaluation, and a certified witness before a no."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sympy import Basic, Integer

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.judge import witness
from symbackprop.judge.agree import BAR, Agreement, agree, differ, largest
from symbackprop.judge.deadline import TimeUp, seconds
from symbackprop.judge.induction import reduced, written_out
from symbackprop.judge.ring import OutOfClass
from symbackprop.judge.verdict import Checked, Status, Verdict
from symbackprop.language.derivation import Derivation, Statement
from symbackprop.language.program import L, Program
from symbackprop.language.terms import Opaque

Fact = Statement | tuple[Statement, Verdict]
TOO_DEEP = "this is nested too deeply to be evaluated"
NO_MEANING = "this is put together in a way that has no meaning here"


def judge(
    statement: Statement,
    program: Program,
    *,
    given: Sequence[Fact] = (),
    seed: int | None = None,
    limit: float | None = None,
) -> Verdict:
    """Prove or refute a statement from the definitions of its program.

    ``given`` are statements proved before, with their verdicts; only a product over an unknown
    number of layers is replaced through them.  ``seed`` repeats a run exactly.  After ``limit``
    seconds the answer is undecided.
    """
    seed = secrets.randbits(64) if seed is None else seed
    return _answered(lambda: _judged(statement, program, given, seed), seed, limit)


def prove(
    statement: Statement,
    program: Program,
    *,
    given: Sequence[Fact] = (),
    seed: int | None = None,
    limit: float | None = None,
) -> Verdict:
    """Prove a statement or leave it undecided: nothing is spent on a counterexample."""
    seed = secrets.randbits(64) if seed is None else seed
    return _answered(lambda: _proof(statement, program, given, seed), seed, limit)


def check(
    derivation: Derivation, *, seed: int | None = None, limit: float | None = None
) -> Checked:
    """A verdict for every step; a step may use what was proved before it.

    ``limit``: seconds for each step.
    """
    seed = secrets.randbits(64) if seed is None else seed
    started = time.process_time()
    verdicts: list[Verdict] = []
    for number, step in enumerate(derivation.steps):
        before = [(derivation.steps[n].statement, verdicts[n]) for n in step.uses]
        given = [fact for fact in before if fact[1].proved]
        verdicts.append(
            judge(step.statement, derivation.program, given=given, seed=seed + number, limit=limit)
        )
    return Checked(derivation, tuple(verdicts), seed, time.process_time() - started)


def _answered(answer: Callable[[], Verdict], seed: int, limit: float | None) -> Verdict:
    """A verdict whatever happens: what has no meaning proves nothing."""
    try:
        with seconds(limit):
            return answer()
    except TimeUp:
        return Verdict(Status.UNDECIDED, why=f"time limit of {limit:g} seconds", seed=seed)
    except (OutOfClass, IllTyped) as reason:
        return Verdict(Status.NOT_UNDERSTOOD, why=str(reason), seed=seed)
    except RecursionError:
        return Verdict(Status.NOT_UNDERSTOOD, why=TOO_DEEP, seed=seed)
    except Exception:  # noqa: BLE001  (a term that breaks the judge proves nothing)
        return Verdict(Status.NOT_UNDERSTOOD, why=NO_MEANING, seed=seed)


def _judged(statement: Statement, program: Program, given: Sequence[Fact], seed: int) -> Verdict:
    try:
        verdict = _proof(statement, program, given, seed)
    except NoSuchQuantity:
        raise
    except IllTyped as fault:
        return witness.of_ill_typed(statement, program, str(fault), seed)
    if verdict.proved:
        return verdict
    found = witness.search(written_out(statement), program, seed)
    return verdict if found is None else Verdict(Status.REFUTED, witness=found, seed=seed)


def _proof(statement: Statement, program: Program, given: Sequence[Fact], seed: int) -> Verdict:
    """Proved or undecided; ``IllTyped`` for what is neither."""
    statement.check(program)
    statement = written_out(statement)
    statement.check(program)
    found = reduced(statement, program, [as_fact(fact, program) for fact in given])
    if found is None or not all(_well_formed(part, program) for part in found.parts):
        why = "a product over an unknown number of layers that no earlier step resolves"
        return Verdict(Status.UNDECIDED, why=why, seed=seed)
    verdicts = [_prove_one(part, program, seed) for part in found.parts]
    for verdict in verdicts:
        if not verdict.proved:
            return verdict
    verdicts += [used for _, used in found.used]
    return Verdict(
        Status.PROVED,
        _common([verdict.scope for verdict in verdicts]),
        largest([verdict.bound for verdict in verdicts]),
        conditions=tuple(dict.fromkeys(c for verdict in verdicts for c in verdict.conditions)),
        seed=seed,
    )


def _well_formed(statement: Statement, program: Program) -> bool:
    try:
        statement.check(program)
    except IllTyped:
        return False
    return True


def as_fact(fact: Fact, program: Program) -> tuple[Statement, Verdict]:
    """A statement without its verdict is taken as proved for this program and no more."""
    if isinstance(fact, Statement):
        return fact, Verdict(Status.PROVED, _scope(program, ()))
    return fact


def _prove_one(statement: Statement, program: Program, seed: int) -> Verdict:
    why = ""
    variants = itertools.chain.from_iterable(map(generalisations, _with_fewer_facts(program)))
    for number, (variant, covers) in enumerate(variants):
        try:
            if number == 1 and differ(statement, program, seed):
                why = ""
                break  # what is true of every network would be true of this one
            agreed = agree(statement, variant, seed)
        except OutOfClass as reason:
            why = str(reason)
            continue
        if agreed.equal and (agreed.bound is None or agreed.bound <= BAR):
            return Verdict(
                Status.PROVED,
                _scope(program, covers),
                agreed.bound,
                conditions=_conditions(variant, agreed),
                seed=seed,
            )
        why = "the error bound did not get below 2^-100" if agreed.equal else ""
    why = why or "the sides differ in the field, but no certified counterexample was found"
    return Verdict(Status.UNDECIDED, why=why, seed=seed)


def _with_fewer_facts(program: Program) -> Iterator[Program]:
    """Without the declared facts first: only what needs them is proved under them."""
    bare = tuple(replace(d, sums_to_one=False) for d in program.declarations)
    if bare != program.declarations:
        yield replace(program, declarations=bare)
    yield program


def generalisations(program: Program) -> Iterator[tuple[Program, tuple[str, ...]]]:
    """The most general program first: a proof there covers the more special ones.

    Every element-wise activation open, then only those of the hidden layers, then none; with an
    open cost each, and then with the cost as it is.
    """
    top: Basic = L if program.depth is None else Integer(program.depth)
    own = dict(program.activations)
    if program.depth is not None:
        layers = [Integer(n) for n in range(1, program.depth + 1)]
        own = {layer: program.activation_at(layer) for layer in layers}
    opened = {layer: _opened(row) for layer, row in own.items()}
    below = {**opened, **({top: own[top]} if top in own else {})}
    choices: list[tuple[dict[Basic | None, tuple[str, Basic | None]], tuple[str, ...]]] = [
        (opened, ("every element-wise activation",))
    ]
    if below != opened:
        choices.append((below, ("every element-wise activation below the output",)))
    if own not in (opened, below):
        choices.append((own, ()))
    for activations, covers in choices:
        variant = replace(program, activations=activations)
        if program.general_cost is not None:
            yield variant.with_cost(program.general_cost), (*covers, "every differentiable cost")
        open_cost = ("every differentiable cost",) if _open_cost(program) else ()
        yield variant, (*covers, *open_cost)


def _opened(row: tuple[str, Basic | None]) -> tuple[str, Basic | None]:
    name, formula = row
    return ("unspecified", None) if formula is not None else (name, formula)


def _open_cost(program: Program) -> bool:
    return any(isinstance(d.value, Opaque) and d.target.name == "C" for d in program.definitions)


def _scope(program: Program, covers: tuple[str, ...]) -> tuple[str, ...]:
    if program.widths is not None:
        return ("this network", *covers)
    depth = "every depth" if program.depth is None else f"depth {program.depth}"
    return ("every width", depth, *covers)


def _conditions(program: Program, agreed: Agreement) -> tuple[str, ...]:
    facts = [
        f"Σ {declaration.name} = 1 (declared)"
        for declaration in program.declarations
        if declaration.sums_to_one
    ]
    kinks = ["away from kinks, where a slope is a convention ([0>0] = 0)"] if agreed.signs else []
    return tuple(facts + kinks)


def _common(scopes: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(item for item in scopes[0] if all(item in scope for scope in scopes))
