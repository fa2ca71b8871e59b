"""Which printed numbers of a worked example are wrong, which inherit, and which slip it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from mpmath import mp, mpf

from symbackprop.errors import InputError
from symbackprop.numbers.arithmetic import count_of, value_of
from symbackprop.numbers.digits import agrees, shown
from symbackprop.numbers.problem import Printed, Problem
from symbackprop.numbers.run import DIGITS, EXACT_UPDATES, Run, Slip
from symbackprop.numbers.slips import slips

RIGHT = ("right", "truncated", "last-digit", "single-precision", "rounded-on-the-way")
SAYS = {
    "right": "right",
    "truncated": "right, cut off instead of rounded",
    "last-digit": "right but for one unit of the last digit",
    "single-precision": "right in single precision",
    "rounded-on-the-way": "right from the rounded numbers before it",
    "inherits": "follows from an earlier wrong number",
    "wrong": "wrong",
}


@dataclass(frozen=True)
class Found:
    """One printed number: its verdict, what it should be, and why it may be what it is."""

    name: str
    place: str
    printed: str
    verdict: str
    should_be: str = ""
    cause: str = ""
    slip: str = ""

    @property
    def right(self) -> bool:
        return self.verdict in RIGHT


@dataclass(frozen=True)
class Report:
    """All printed numbers of one example."""

    path: str
    title: str
    source: str
    numbers: tuple[Found, ...]

    @property
    def verdict(self) -> str:
        return "right" if all(n.right for n in self.numbers) else "wrong"

    @property
    def wrong(self) -> tuple[Found, ...]:
        return tuple(n for n in self.numbers if not n.right)


@dataclass(frozen=True)
class _Item:
    """One number to compare: the line it stands in, and where in its quantity."""

    line: Printed
    text: str
    place: int
    label: str

    @property
    def key(self) -> tuple[str, int]:
        return (self.line.quantity, self.line.after)

    @property
    def number(self) -> Any:
        return -mpf(self.text) if self.line.minus else mpf(self.text)


def check_numbers(problem: Problem) -> Report:
    """Every printed number against the true one, recomputed with 40 digits."""
    with mp.workdps(DIGITS):
        checker = _Checker(_with_biases(problem))
        return Report(problem.path, problem.title, problem.source, tuple(checker.found()))


def _with_biases(problem: Problem) -> Problem:
    """Biases that are not stated, from the first weighted input that is printed."""
    biases = list(problem.b)
    for at, own in enumerate(biases):
        if own is not None:
            continue
        line = next(
            (p for p in problem.printed if p.quantity == f"z{at + 1}" and not p.after), None
        )
        if line is None:
            raise InputError(
                f"b{at + 1} is not stated, and no z{at + 1} is printed to find it from"
            )
        place = line.at[0][-1] - 1 if line.at else 0
        zero = (Decimal(0),) * problem.layers[at + 1]
        plain = replace(problem, b=tuple(zero if n == at else b for n, b in enumerate(biases)))
        without = Run(plain).final(0)[f"z{at + 1}"][0][place]
        gap = Decimal(line.values[0]) - Decimal(str(without))
        biases[at] = (gap,) * problem.layers[at + 1]
    return replace(problem, b=tuple(biases))


class _Checker:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.items = [i for line in problem.printed if line.quantity for i in self._items(line)]
        self.truth = self._values(Slip(), self.items)

    def found(self) -> Iterator[Found]:
        """Quantities in the order of the page, formulas where they stand."""
        told = dict(zip(map(id, self.items), self._quantities(), strict=True))
        by_line: dict[int, list[Found]] = {}
        for item in self.items:
            by_line.setdefault(id(item.line), []).append(told[id(item)])
        for line in self.problem.printed:
            yield from by_line.get(id(line), []) if line.quantity else self._formula(line)

    # -- the true numbers ----------------------------------------------------------------------

    def _items(self, line: Printed) -> Iterator[_Item]:
        rows = Run(self.problem).final(0).get(line.quantity)
        if rows is None:
            raise InputError(f"{line.name}: {line.quantity} does not exist in this network")
        width, count = len(rows[0]), len(rows) * len(rows[0])
        places = [self._place(line, at, len(rows), width) for at in line.at] or list(range(count))
        if len(places) != len(line.values):
            raise InputError(
                f"{line.name}: {len(line.values)} numbers are printed, but {line.quantity} has "
                f"{len(places)}",
                todo="say with at = [...] which of them these are",
            )
        for place, text in zip(places, line.values, strict=True):
            row, column = divmod(place, width)
            label = (
                ""
                if count == 1
                else f"{column + 1}"
                if len(rows) == 1
                else f"{row + 1},{column + 1}"
            )
            yield _Item(line, text, place, label)

    def _place(self, line: Printed, at: tuple[int, ...], rows: int, width: int) -> int:
        row, column = (1, at[0]) if len(at) == 1 else (at[0], at[1])
        if len(at) > 2 or row > rows or column > width:
            raise InputError(
                f"{line.name}: {line.quantity} has no entry {list(at)}: {rows} × {width}"
            )
        return (row - 1) * width + column - 1

    def _values(self, slip: Slip, items: Sequence[_Item], **options: Any) -> list[Any]:
        """The numbers of some items under a slip, or with printed numbers put in."""
        afters = {item.line.after for item in items}
        small = [n for n in afters if n <= EXACT_UPDATES]
        run = Run(self.problem, slip, **options)
        states = dict(enumerate(run.states(max(small)))) if small else {}
        for n in afters - set(small):
            states[n] = Run(self.problem, slip, number=float, **options).final(n)
        values = []
        for item in items:
            rows = states[item.line.after][item.line.quantity]
            value = mpf(rows[item.place // len(rows[0])][item.place % len(rows[0])])
            values.append(-value if item.line.minus else value)
        return values

    # -- verdicts ------------------------------------------------------------------------------

    def _quantities(self) -> list[Found]:
        found: list[Found] = []
        for n, (item, true) in enumerate(zip(self.items, self.truth, strict=True)):
            verdict = agrees(item.text, true)
            if verdict in ("right", "last-digit", "single-precision"):
                found.append(self._told(item, verdict))
                continue
            chained = self._chained(n, found)
            if chained == "rounded-on-the-way" or verdict:
                found.append(self._told(item, verdict or chained))
            elif chained == "inherits":
                origin = next(f for f in found if not f.right)
                cause = f"it is computed from {_where(origin)} as printed"
                found.append(self._told(item, "inherits", true, cause))
            else:
                found.append(self._told(item, "wrong", true))
        return self._explained(found)

    def _told(self, item: _Item, verdict: str, true: Any = None, cause: str = "") -> Found:
        should = "" if true is None else shown(true, item.text)
        return Found(item.line.name, item.label, item.text, verdict, should, cause)

    def _chained(self, n: int, found: Sequence[Found]) -> str:
        """Whether a number follows from the printed ones before it, right or wrong."""
        item = self.items[n]
        for good, verdict in ((True, "rounded-on-the-way"), (False, "inherits")):
            if item.line.after > EXACT_UPDATES or (not good and all(f.right for f in found)):
                continue
            pinned: dict[tuple[str, int], dict[int, Any]] = {}
            for before, told in zip(self.items[:n], found, strict=True):
                if told.right or not good:
                    pinned.setdefault(before.key, {})[before.place] = before.number
            (value,) = self._values(Slip(), [item], pinned=pinned)
            if agrees(item.text, value) in ("right", "truncated", "last-digit"):
                return verdict
        return ""

    def _explained(self, found: list[Found]) -> list[Found]:
        """The first wrong number with the slip that gives it and everything behind it."""
        for n, told in enumerate(found):
            if told.verdict != "wrong" or told.cause:
                continue
            slip = self._slip(n, found)
            if slip is not None:
                for m in range(n, len(found)):
                    if not found[m].right:
                        found[m] = replace(found[m], cause=slip.says, slip=slip.id)
            else:
                found[n] = replace(told, cause=self._mixed_up(n))
        return found

    def _slip(self, n: int, found: Sequence[Found]) -> Slip | None:
        """A slip that reproduces number ``n`` and every number behind it."""
        rest = range(n, len(found))
        if len(Decimal(self.items[n].text).as_tuple().digits) < 2:
            return None
        ordered = sorted(rest, key=lambda m: self.items[m].line.after)
        early = [m for m in ordered if self.items[m].line.after <= EXACT_UPDATES]
        for slip in slips():
            if self._holds(slip, [n]) and self._holds(slip, early) and self._holds(slip, ordered):
                return slip
        return None

    def _holds(self, slip: Slip, places: Sequence[int]) -> bool:
        items = [self.items[m] for m in places]
        try:
            values = self._values(slip, items)
        except (ArithmeticError, ValueError):
            return False
        return all(agrees(i.text, v) for i, v in zip(items, values, strict=True))

    def _mixed_up(self, n: int) -> str:
        """Another quantity of the example that has just this value."""
        text = self.items[n].text
        if len(Decimal(text).as_tuple().digits) < 3:
            return ""
        names = [
            self._name(text, state, after)
            for after, state in enumerate(Run(self.problem).states(1))
        ]
        return next((name for name in names if name), "")

    def _name(self, text: str, state: dict[str, Any], after: int) -> str:
        for name, rows in state.items():
            for r, row in enumerate(rows, start=1):
                for c, value in enumerate(row, start=1):
                    if agrees(text, value) == "right":
                        single = len(rows) * len(row) == 1
                        place = "" if single else f" {c}" if len(rows) == 1 else f" {r},{c}"
                        return f"this is {name}{place}{' after the update' * after}"
        return ""

    def _formula(self, line: Printed) -> Iterator[Found]:
        if len(line.values) != 1:
            raise InputError(f"{line.name}: a formula has one value, not {len(line.values)}")
        text, true = line.values[0], value_of(line.formula)
        verdict = agrees(text, true)
        if verdict:
            yield Found(line.name, "", text, verdict)
            return
        cause = next(
            (
                f"it is the value with the sign of number {n + 1} of the formula turned"
                for n in range(count_of(line.formula))
                if agrees(text, value_of(line.formula, n)) == "right"
            ),
            "",
        )
        if not cause:
            states = Run(self.problem).states(1)
            cause = next((s for n, st in enumerate(states) if (s := self._name(text, st, n))), "")
        yield Found(line.name, "", text, "wrong", shown(true, text), cause)


def _where(found: Found) -> str:
    return f"{found.name}{f' {found.place}' if found.place else ''}"
