"""The judge's ladder: hygiene and shapes, exact evaluation, and a certified witness before a no."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Basic, Integer

from symbackprop.errors import IllTyped, NoSuchQuantity
from symbackprop.judge import witness
from symbackprop.judge.agree import BAR, Agreement, agree, differ, largest
from symbackprop.judge.deadline import TimeUp, seconds
from symbackprop.judge.induction import without_chains, written_out
from symbackprop.judge.ring import OutOfClass
from symbackprop.judge.verdict import Checked, Status, Verdict
from symbackprop.language.derivation import Derivation, Statement
from symbackprop.language.program import L, Program
from symbackprop.language.terms import Opaque

NO_MEANING = "this is put together in a way that has no meaning here"


def judge(
    statement: Statement,
    program: Program,
    *,
    given: Sequence[Statement] = (),
    seed: int | None = None,
    limit: float | None = None,
) -> Verdict:
    """Prove or refute a statement from the definitions of its program.

    ``given`` are statements proved before; only a product over an unknown number of layers is
    replaced through them.  ``seed`` repeats a run exactly.  After ``limit`` seconds the answer is
    undecided.
    """
    seed = secrets.randbits(64) if seed is None else seed
    try:
        with seconds(limit):
            return _judged(statement, program, given, seed)
    except TimeUp:
        return Verdict(Status.UNDECIDED, why=f"time limit of {limit:g} seconds", seed=seed)
    except (OutOfClass, IllTyped) as reason:
        return Verdict(Status.NOT_UNDERSTOOD, why=str(reason), seed=seed)
    except RecursionError:
        why = "this is nested too deeply to be evaluated"
        return Verdict(Status.NOT_UNDERSTOOD, why=why, seed=seed)
    except Exception:  # noqa: BLE001  (a term that breaks the judge proves nothing)
        return Verdict(Status.NOT_UNDERSTOOD, why=NO_MEANING, seed=seed)


def _judged(
    statement: Statement, program: Program, given: Sequence[Statement], seed: int
) -> Verdict:
    try:
        statement.check(program)
        statement = written_out(statement)
        statement.check(program)
    except NoSuchQuantity as fault:
        return Verdict(Status.NOT_UNDERSTOOD, why=str(fault), seed=seed)
    except IllTyped as fault:
        return witness.of_ill_typed(statement, program, str(fault), seed)
    parts = without_chains(statement, program, given)
    if parts is None:
        why = "a product over an unknown number of layers that no earlier step resolves"
        return _searched(statement, program, seed, why)
    for part in parts:
        part.check(program)
    verdicts = [_judge_one(part, program, seed) for part in parts]
    if not all(verdict.proved for verdict in verdicts):
        return _worst(statement, program, verdicts, seed)
    scope = _common([verdict.scope for verdict in verdicts])
    conditions = tuple(dict.fromkeys(c for verdict in verdicts for c in verdict.conditions))
    return Verdict(
        Status.PROVED,
        scope,
        largest([v.bound for v in verdicts]),
        conditions=conditions,
        seed=seed,
    )


def _searched(statement: Statement, program: Program, seed: int, why: str) -> Verdict:
    """Refuted by a counterexample, or undecided for this reason."""
    found = witness.search(statement, program, seed)
    if found is not None:
        return Verdict(Status.REFUTED, witness=found, seed=seed)
    return Verdict(Status.UNDECIDED, why=why, seed=seed)


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
        given = [derivation.steps[n].statement for n in step.uses if verdicts[n].proved]
        verdicts.append(
            judge(step.statement, derivation.program, given=given, seed=seed + number, limit=limit)
        )
    return Checked(derivation, tuple(verdicts), seed, time.process_time() - started)


def _worst(statement: Statement, program: Program, verdicts: list[Verdict], seed: int) -> Verdict:
    if len(verdicts) == 1:
        return verdicts[0]
    if all(v.status is not Status.REFUTED for v in verdicts):
        return next(v for v in verdicts if not v.proved)
    return _searched(statement, program, seed, "not proved by induction over the layers")


def _judge_one(statement: Statement, program: Program, seed: int) -> Verdict:
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
    return _searched(statement, program, seed, why)


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
