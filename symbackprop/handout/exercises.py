"""Exercises with a key: a blank to fill, a wrong line to find, numbers to work out.

A wrong line is one of the classic mistakes, put into a proved line; the judge refutes it with
certified numbers, and every other line shown is proved.  Of the answers offered for a blank exactly
one makes the line true: the others are refuted, too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Basic, Float, Rational

from symbackprop.derive import derive
from symbackprop.errors import InputError
from symbackprop.handout.blocks import Text
from symbackprop.handout.catalogue import Catalogue
from symbackprop.judge import Checked, Status, Verdict, check, judge
from symbackprop.language.binding import free_letters, subterms
from symbackprop.language.derivation import Derivation, Statement
from symbackprop.language.program import Program, l
from symbackprop.language.terms import Act, Hadamard, MatMul, Partial, Ref, Sum, Times, Transpose
from symbackprop.networks.network import Network
from symbackprop.numbers.example import Line, WorkedExample, fits, worked_example
from symbackprop.render.page import Page, page_of
from symbackprop.render.unicode_math import TextPrinter
from symbackprop.review.edits import AT_NODES
from symbackprop.review.edits.context import Context, put
from symbackprop.review.kin import Kin
from symbackprop.review.mistakes import MISTAKES
from symbackprop.review.planting import plant

MOST = 60
BLANK = Ref("□")
OFFERED = 3  # wrong answers beside the right one
SHOWN = 5  # lines of which one is wrong
LIMIT = 3.0  # seconds for one verdict
DULL = {"extra-factor", "factor-dropped", "extra-term"}  # nobody makes them in a derivation
EASY = {
    "sign", "slope-dropped", "target-and-output-swapped", "extra-slope", "factor-2",
    "weighted-input-for-activation", "activation-for-weighted-input", "penalty-dropped",
}  # fmt: skip
HARD = {
    "transposed-weight", "index-swapped", "transposed-outer-product", "factors-in-wrong-order",
    "error-of-wrong-layer", "slope-of-wrong-layer", "hadamard-for-matmul", "matmul-for-hadamard",
}  # fmt: skip


@dataclass(frozen=True)
class Exercise:
    """What is asked, the lines or the answers offered (``right`` counts from 0), and the key.

    ``number`` is the answer of a numeric exercise, an exact fraction where there is one, and else
    a decimal.
    """

    kind: str
    level: str
    asks: Text
    lines: tuple[Text, ...]
    key: tuple[Text, ...]
    right: int = -1
    number: Rational | Float | None = None
    tolerance: float = 0.0
    statement: Statement | None = None


@dataclass(frozen=True)
class Sheet:
    """Exercises of one network; the page has the program and the letters of their formulas."""

    network: Network
    page: Page
    exercises: tuple[Exercise, ...]
    seed: int


def make_sheet(
    network: Network, count: int, seed: int, words: Catalogue, checked: Checked | None = None
) -> Sheet:
    """``count`` different exercises, the same for the same seed.  Raises ``InputError``.

    ``checked``: the derivation "whole" of the network, if somebody has it already.
    """
    if not 1 <= count <= MOST:
        raise InputError(f"{count} exercises", expected=f"1 to {MOST}")
    single = replace(network, batch=None)
    checked = checked or check(derive(single, "whole"), seed=seed)
    maker = _Maker(single, checked, random.Random(seed), words)
    made = list(maker.mixed(count))
    if len(made) < count:
        raise InputError(
            f"{count} exercises are more than this network gives ({len(made)})",
            todo="ask for fewer, or take a larger network",
        )
    return Sheet(single, page_of(checked), tuple(made), seed)


class _Maker:
    def __init__(
        self, network: Network, checked: Checked, draw: random.Random, words: Catalogue
    ) -> None:
        self.network, self.draw, self.words = network, draw, words
        self.derivation: Derivation = checked.derivation
        self.program: Program = checked.derivation.program
        self.open = replace(self.program, widths=None)  # each layer has a width of its own
        steps = [side for step in self.derivation.steps for side in step.statement.sides]
        self.names = {name for side in steps for name in _names(side)}
        self.seen: set[object] = set()

    def mixed(self, count: int) -> Iterator[Exercise]:
        """The kinds in turn, as long as they give something new."""
        sources = [self.wrong_lines(), self.blanks(), self.numbers()]
        made = 0
        while sources and made < count:
            for source in tuple(sources):
                exercise = next(source, None)
                if exercise is None:
                    sources.remove(source)
                    continue
                yield exercise
                made += 1
                if made == count:
                    return

    def _refuted(self, statement: Statement) -> Verdict | None:
        """The verdict, if it is a certified refutation."""
        try:
            verdict = judge(statement, self.program, seed=self.draw.getrandbits(32), limit=LIMIT)
        except (ValueError, ArithmeticError):
            return None
        return verdict if verdict.status is Status.REFUTED and verdict.witness else None

    # -- one of these lines is wrong -----------------------------------------------------------

    def wrong_lines(self) -> Iterator[Exercise]:
        """A few lines of a section, one of them with a classic mistake."""
        steps = list(range(len(self.derivation.steps)))
        self.draw.shuffle(steps)
        for place in steps:
            right = self.derivation.steps[place].statement
            planted = list(plant(right, self.open))
            self.draw.shuffle(planted)
            for one in planted:
                if one.mistake in self.seen or one.mistake not in MISTAKES.keys() - DULL:
                    continue
                wrong = replace(right, sides=one.statement.sides)  # for the layers that are shown
                stray = free_letters(wrong.right) - free_letters(wrong.left)
                foreign = _names(wrong.right) - self.names  # λ, where there is no penalty
                verdict = None if stray - {l} or foreign else self._refuted(wrong)
                if verdict is None:
                    continue
                self.seen.add(one.mistake)
                yield self._wrong_line(place, wrong, one.mistake, verdict)
                break

    def _wrong_line(self, place: int, wrong: Statement, mistake: str, verdict: Verdict) -> Exercise:
        steps = self.derivation.steps
        first = max(0, min(place - self.draw.randrange(SHOWN), len(steps) - SHOWN))
        places = range(first, min(first + SHOWN, len(steps)))
        lines = [_equation(wrong if n == place else steps[n].statement) for n in places]
        at = place - first
        key = [
            self.words.say("key_line", number=str(at + 1), mistake=self._says(mistake)),
            (*self.words.say("key_right"), *_equation(steps[place].statement)),
            (*self.words.say("key_witness"), str(verdict.witness)),
        ]
        level = "easy" if mistake in EASY else "hard" if mistake in HARD else "medium"
        asks = self.words.say("task_find")
        return Exercise("wrong-line", level, asks, tuple(lines), tuple(key), at, statement=wrong)

    def _says(self, mistake: str) -> str:
        return self.words.translated(MISTAKES[mistake].says)

    # -- what belongs in the box ---------------------------------------------------------------

    def blanks(self) -> Iterator[Exercise]:
        """A factor of a line is missing; one answer of four makes it true."""
        kin = Kin(self.open)
        steps = list(self.derivation.steps)
        self.draw.shuffle(steps)
        for step in steps:
            said = step.statement
            paths = [p for p, node in _factors(said.right) if isinstance(node, Ref | Act | Partial)]
            self.draw.shuffle(paths)
            for path in paths:
                made = self._blank(said, path, Context(kin, said.right, said.left))
                if made is not None:
                    yield made
                    break

    def _blank(self, said: Statement, path: tuple[int, ...], context: Context) -> Exercise | None:
        node = _node(said.right, path)
        offers = [new for change in AT_NODES for _, new in change(node, context)]
        offers = [
            o for o in dict.fromkeys(offers) if isinstance(o, Ref | Act | Partial | Transpose)
        ]
        self.draw.shuffle(offers)
        wrong: list[Basic] = []
        for offer in offers:
            try:
                changed = replace(said, sides=(said.left, put(said.right, path, offer)))
            except ValueError:
                continue
            if self._refuted(changed) is not None:
                wrong.append(offer)
            if len(wrong) == OFFERED:
                break
        key = (said.left, path)
        if len(wrong) < 2 or key in self.seen:
            return None
        self.seen.add(key)
        answers = [node, *wrong]
        self.draw.shuffle(answers)
        right = answers.index(node)
        shown = (said.left, " = ", put(said.right, path, BLANK))
        level = "easy" if isinstance(node, Act) else "medium"
        return Exercise(
            "blank", level, (*self.words.say("task_blank"), " ", *shown),
            tuple((answer,) for answer in answers),
            (self.words.say("key_answer", number=str(right + 1)), _equation(said)),
            right, statement=said,
        )  # fmt: skip

    # -- numbers -------------------------------------------------------------------------------

    def numbers(self) -> Iterator[Exercise]:
        """Numbers of a small network, fresh for every exercise."""
        small = _small(self.network)
        while small is not None and fits(small):
            example = worked_example(small, seed=self.draw.getrandbits(30))
            asked = [x for x in example.lines if isinstance(x.result, Rational | Float)]
            line = self.draw.choice([x for x in asked if x.part in ("cost", "errors", "slopes")])
            if (example.given, line.quantity) in self.seen:
                return
            self.seen.add((example.given, line.quantity))
            yield self._number(example, line)

    def _number(self, example: WorkedExample, line: Line) -> Exercise:
        given: list[str | Basic] = []
        for quantity, value in example.given:
            given += [", "] * bool(given) + [quantity, " = ", value]
        before = [x for x in example.lines[: example.lines.index(line) + 1] if _leads(x, line)]
        asks = (
            *self.words.say("task_number", network=self.words.about(example.network)),
            line.quantity,
            ".",
        )
        level = {"forward": "easy", "cost": "easy", "errors": "medium"}.get(line.part, "hard")
        key = tuple(
            (x.quantity, " = ", x.formula, " = ", x.numbers, " = ", x.result) for x in before
        )
        assert isinstance(line.result, Rational | Float)
        return Exercise(
            "number", level, asks, (tuple(given),), key, number=line.result, tolerance=1e-3
        )


def _leads(line: Line, to: Line) -> bool:
    """Everything up to the line that is asked for, but the slopes of other parameters."""
    return line is to or line.part != "slopes"


def _equation(said: Statement) -> Text:
    where = TextPrinter().layers(said.first, said.last)
    return (said.left, " = ", said.right, f"  ({where})" if where else "")


def _factors(term: Basic, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Basic]]:
    """The factors of products, also inside a sum."""
    if isinstance(term, Sum):
        yield from _factors(term.body, (*path, 0))
    elif isinstance(term, Times | Hadamard | MatMul):
        for n, arg in enumerate(term.args):
            yield ((*path, n), arg)
            yield from _factors(arg, (*path, n))


def _names(term: Basic) -> set[str]:
    return {node.name for node in subterms(term) if isinstance(node, Ref)}


def _node(term: Basic, path: tuple[int, ...]) -> Basic:
    for n in path:
        term = term.args[n]
    return term


def _small(network: Network) -> Network | None:
    names = [row.name for row in network.activations]
    known = {"sigmoid", "tanh", "relu", "identity"}
    hidden = names[0] if names[0] in known else "sigmoid"
    last = names[-1] if names[-1] in known | {"softmax"} else "sigmoid"
    cost = network.cost if network.cost != "unspecified" else "quadratic"
    widths = (2, 2, 2 if last == "softmax" else 1)
    return replace(network, layers=widths, activation=(hidden, last), cost=cost, l2=False)
