"""The concrete networks on which a counterexample is looked for, small ones first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from sympy import Integer, Rational

from symbackprop.judge.instance import Instance, allowed, layers_exist, mention
from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Program, l
from symbackprop.language.terms import SAMPLES, Ref

DEEPEST = 7
WIDER = (4, 5, 6, 9)
WHOLE = 300  # parameters up to which a concrete network is searched as it is
LARGEST = 4  # widths of the networks searched


def small_networks(statement: Statement, program: Program) -> Iterator[Instance]:
    """Concrete networks on which the statement speaks, small ones first."""
    all_samples = (2, 1, 3, 5) if in_batches(program) else (2,)
    if program.widths is not None:
        every = list(_shrunk_widths(statement, program))
    else:
        every = _open_widths(program)
    for widths in every:
        for samples in all_samples:
            case = Instance(program, len(widths) - 1, widths, samples, real=True)
            yield from _layers(statement, case)


def _open_widths(program: Program) -> list[tuple[int, ...]]:
    """All shallow networks with few neurons; then deep ones and wide ones."""
    depths = range(1, DEEPEST + 1) if program.depth is None else (program.depth,)
    found: list[tuple[int, ...]] = []
    for depth in depths:
        layers = depth + 1
        if layers <= 4:
            few = itertools.product(range(1, LARGEST), repeat=layers)
            found += [widths for widths in few if sum(widths) <= 9]
        turns = ((1,), (2,), (1, 2), (2, 1), (2, 3), (3, 2, 4))
        found += [tuple(itertools.islice(itertools.cycle(turn), layers)) for turn in turns]
        if layers <= 3:
            found += [(n,) * layers for n in WIDER]
    return sorted(dict.fromkeys(found), key=lambda widths: (sum(widths) + len(widths), widths))


def equal_networks(statement: Statement, program: Program) -> Iterator[Instance]:
    """Networks all of whose widths are equal, where any two indices can be compared."""
    for depth in (program.depth,) if program.depth is not None else (2, 3, 1):
        for n in (2, 3):
            yield from _layers(
                statement, Instance(program, depth, (n,) * (depth + 1), n, real=True)
            )


def _layers(statement: Statement, base: Instance) -> Iterator[Instance]:
    found = mention(statement)
    if any(base.depth + offset < 0 for offset in found.top) or any(
        n > base.depth for n in found.plain
    ):
        return
    if not any(side.has(l) for side in statement.sides):
        yield base
        return
    for layer in range(1, base.depth + 1):
        if allowed(statement, layer, base.depth) and layers_exist(statement, base, layer):
            yield replace(base, layer=layer)


def _shrunk_widths(statement: Statement, program: Program) -> Iterator[tuple[int, ...]]:
    """Smaller networks of the same depth, as far as the indices in the statement allow."""
    assert program.widths is not None
    assert program.depth is not None
    if _parameters(program.widths) <= WHOLE or _names_a_width(statement, program.widths):
        yield program.widths
        return
    least = [1] * (program.depth + 1)
    for side in statement.sides:
        for node in subterms(side):
            if isinstance(node, Ref) and node.indices:
                for index, size in zip(
                    node.indices, program.declared(node.name).sizes(node), strict=True
                ):
                    if isinstance(index, Integer) and size.of != SAMPLES and size.of.is_Integer:
                        at = int(size.of)
                        least[at] = max(least[at], int(index))
    tried = set()
    for n in range(1, LARGEST + 1):
        widths = tuple(
            min(full, max(low, n)) for full, low in zip(program.widths, least, strict=True)
        )
        if widths not in tried:
            tried.add(widths)
            yield widths


def _parameters(widths: tuple[int, ...]) -> int:
    return sum(n * (m + 1) for m, n in itertools.pairwise(widths))


def _names_a_width(statement: Statement, widths: tuple[int, ...]) -> bool:
    """Whether a number in the statement might stand for a width: then no other width will do."""
    numbers = {n for side in statement.sides for n in side.atoms(Rational)}
    return any({abs(q.p), q.q} & set(widths) for q in numbers)


def in_batches(program: Program) -> bool:
    """Whether some quantity has a value for each sample."""
    return any(size.of == SAMPLES for d in program.declarations for size in d.axes)
