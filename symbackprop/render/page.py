"""What every document shows, before any format: sections, chains of equations, what was proved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from sympy import Basic

from symbackprop.judge.verdict import Checked, Status, Verdict
from symbackprop.language.binding import subterms
from symbackprop.language.derivation import Derivation, Statement, Step
from symbackprop.language.program import Declaration, Definition, Program, l
from symbackprop.language.terms import NO_LAYER, Ref
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.notations import Notation, notation_named

ENGLISH = {word: word for word in ("why", "by", "given", "exact", "proved")} | {
    "given_for": "For",
    "any_function": "any differentiable function, entry by entry",
}
"""The fixed words of a page; another language has a mapping with the same keys."""
WORDS = {
    Status.PROVED: "proved",
    Status.REFUTED: "refuted",
    Status.UNDECIDED: "undecided",
    Status.NOT_UNDERSTOOD: "not understood",
}
MARKS = {
    Status.PROVED: "✓",
    Status.REFUTED: "✗",
    Status.UNDECIDED: "?",
    Status.NOT_UNDERSTOOD: "–",
}
_SHOWN_NAMES = re.compile(r"BP\d(-.*)?|[①-⑨]")


@dataclass(frozen=True)
class Entry:
    """One line: ``= right side``, why, the other lines it uses, and what the judge says."""

    number: int
    step: Step
    verdict: Verdict
    name: str = ""
    uses: tuple[int, ...] = ()
    words: Mapping[str, str] = field(default_factory=lambda: ENGLISH)

    @property
    def statement(self) -> Statement:
        return self.step.statement

    @property
    def reason(self) -> str:
        return self.step.reason or self.step.rule

    @property
    def proved(self) -> bool:
        return self.verdict.proved

    @property
    def word(self) -> str:
        """``proved``, or how far it came."""
        return self.words["proved"] if self.proved else WORDS[self.verdict.status]

    @property
    def trouble(self) -> str:
        """The witness or the reason, where a line is not proved."""
        if self.proved:
            return ""
        said = str(self.verdict.witness) if self.verdict.witness else self.verdict.why
        word = WORDS[self.verdict.status]
        return f"{word}: {said}" if said else word


@dataclass(frozen=True)
class Chain:
    """Consecutive lines with the same left side and the same conditions."""

    entries: tuple[Entry, ...]

    @property
    def first(self) -> Statement:
        return self.entries[0].statement

    @property
    def left(self) -> Basic:
        return self.first.left


@dataclass(frozen=True)
class Section:
    """Chains under one heading."""

    title: str
    chains: tuple[Chain, ...]

    @property
    def common(self) -> Statement | None:
        """A statement with the conditions that all chains share; None if they differ."""
        kinds = {_conditions(chain.first) for chain in self.chains}
        return self.chains[0].first if len(kinds) == 1 else None

    @property
    def blocks(self) -> tuple[tuple[Chain, ...], ...]:
        """Chains, and runs of one-line chains together."""

        def kind(place_and_chain: tuple[int, Chain]) -> object:
            place, chain = place_and_chain
            return _conditions(chain.first) if len(chain.entries) == 1 else place

        runs = groupby(enumerate(self.chains), key=kind)
        return tuple(tuple(chain for _, chain in run) for _, run in runs)


@dataclass(frozen=True)
class Claim:
    """Lines that share status, scope and conditions: one row of "what was proved"."""

    numbers: tuple[int, ...]
    verdict: Verdict
    bound: float | None
    words: Mapping[str, str] = field(default_factory=lambda: ENGLISH)

    @property
    def lines(self) -> str:
        """``1–4, 7``."""
        return ranges(self.numbers)

    @property
    def word(self) -> str:
        """``proved``, or how far it came."""
        return self.words["proved"] if self.verdict.proved else WORDS[self.verdict.status]

    @property
    def notes(self) -> tuple[str, ...]:
        """What it rests on, and why it is not proved."""
        given = tuple(f"{self.words['given']} {known}" for known in self.verdict.conditions)
        return (*given, self.verdict.why) if self.verdict.why else given

    @property
    def says(self) -> str:
        """``every width; given Σ y = 1``: what it covers, then the notes."""
        return "; ".join(filter(None, (", ".join(self.verdict.scope), *self.notes)))

    def bound_in(self, power: str) -> str:
        """``exact``, or ``power`` with the exponent at its ``%d``; nothing where nothing holds."""
        if not self.verdict.proved:
            return ""
        return self.words["exact"] if self.bound is None else power % int(self.bound)


@dataclass(frozen=True)
class Sigma:
    """What σ stands for in some layers (None: in all); ``formula`` None: left open."""

    layer: Basic | None
    name: str
    formula: Basic | None


@dataclass(frozen=True)
class Symbol:
    """One row of the table of symbols: the whole quantity, what it is, its shape."""

    whole: Ref
    meaning: str
    declaration: Declaration


@dataclass(frozen=True)
class Page:
    """A checked derivation, arranged for reading."""

    title: str
    checked: Checked
    notation: Notation
    sections: tuple[Section, ...]
    claims: tuple[Claim, ...]
    symbols: tuple[Symbol, ...]
    words: Mapping[str, str] = field(default_factory=lambda: ENGLISH)

    @property
    def program(self) -> Program:
        return self.checked.derivation.program

    @property
    def definitions(self) -> tuple[Definition, ...]:
        return self.program.definitions

    @property
    def sigmas(self) -> tuple[Sigma, ...]:
        """The element-wise activations: that of all layers, or where they differ, of each."""
        rows = [
            Sigma(layer, name, formula)
            for layer, (name, formula) in self.program.activations.items()
            if name not in ACTIVATIONS or not ACTIVATIONS[name].vector
        ]
        return tuple(rows if len({row.name for row in rows}) > 1 else rows[:1])

    @property
    def entries(self) -> Iterator[Entry]:
        return (e for section in self.sections for chain in section.chains for e in chain.entries)

    @property
    def summary(self) -> str:
        """``24 of 24 lines proved``."""
        total = len(self.checked.verdicts)
        proved = sum(verdict.proved for verdict in self.checked.verdicts)
        return f"{proved} of {total} line{'s' * (total != 1)} proved"


def page_of(checked: Checked, title: str | None = None, notation: str | None = None) -> Page:
    """Arrange a checked derivation; the notation is the network's unless another one is named."""
    derivation = checked.derivation
    name = notation or getattr(derivation.about, "notation", None) or "nielsen"
    return Page(
        derivation.title if title is None else title,
        checked,
        notation_named(name),
        tuple(_sections(checked)),
        tuple(claims_of(enumerate(checked.verdicts, start=1))),
        tuple(_symbols(derivation)),
    )


def _entries(checked: Checked) -> Iterator[Entry]:
    derivation = checked.derivation
    names = {
        number: name for name, number in derivation.results.items() if _SHOWN_NAMES.match(name)
    }
    pairs = zip(derivation.steps, checked.verdicts, strict=True)
    for number, (step, verdict) in enumerate(pairs):
        name = step.tag or names.get(number, "")
        others = tuple(used + 1 for used in step.uses if used != number - 1)
        yield Entry(number + 1, step, verdict, name.replace("-", ", "), others)


def _sections(checked: Checked) -> Iterator[Section]:
    for title, entries in groupby(_entries(checked), key=lambda entry: entry.step.section):
        yield Section(title, tuple(Chain(tuple(same)) for _, same in groupby(entries, key=_chain)))


def _chain(entry: Entry) -> object:
    return (entry.statement.left, *_conditions(entry.statement))


def _conditions(said: Statement) -> tuple[object, ...]:
    return (said.unequal, said.first, said.last)


def claims_of(
    lines: Iterable[tuple[int, Verdict]], words: Mapping[str, str] = ENGLISH
) -> Iterator[Claim]:
    """Numbered lines of one kind together, in the order in which the kinds first appear."""
    kinds: dict[object, list[tuple[int, Verdict]]] = {}
    for number, verdict in lines:
        kind = (verdict.status, verdict.scope, verdict.conditions, verdict.why)
        kinds.setdefault(kind, []).append((number, verdict))
    for alike in kinds.values():
        bounds = [v.bound for _, v in alike if v.bound is not None]
        numbers = tuple(number for number, _ in alike)
        yield Claim(numbers, alike[0][1], max(bounds) if bounds else None, words)


def _symbols(derivation: Derivation) -> Iterator[Symbol]:
    """The declared quantities that stand anywhere."""
    program = derivation.program
    terms = [side for step in derivation.steps for side in step.statement.sides]
    terms += [term for d in program.definitions for term in (d.target, d.value)]
    used = {node.name for term in terms for node in subterms(term) if isinstance(node, Ref)}
    for declaration in program.declarations:
        if declaration.name in used:
            whole = Ref(declaration.name, l if declaration.layered else NO_LAYER)
            yield Symbol(whole, declaration.meaning, declaration)


def ranges(numbers: tuple[int, ...]) -> str:
    """``1–4, 7`` for (1, 2, 3, 4, 7)."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
