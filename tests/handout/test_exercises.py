"""Exercises: exactly one line is wrong, exactly one answer right, the numbers are true."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import cache

import pytest

from symbackprop.derive import derive
from symbackprop.errors import InputError
from symbackprop.handout.catalogue import catalogue
from symbackprop.handout.exercises import Sheet, make_sheet
from symbackprop.handout.markdown import to_markdown
from symbackprop.handout.moodle import to_moodle
from symbackprop.handout.sheets import key, worksheet
from symbackprop.judge import Status, judge
from symbackprop.networks.network import Network
from symbackprop.networks.notations import NOTATIONS
from symbackprop.read.documents import read_text
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.markdown import Writer
from symbackprop.render.unicode_math import TextPrinter
from symbackprop.review.document import check_document

NETWORKS = {
    "sigmoid": Network((2, 3, 2)),
    "softmax": Network((3, 4, 3), ("tanh", "softmax"), "cross-entropy"),
    "any depth": Network(None, "sigmoid", "mse"),
}


@cache
def sheet(name: str = "sigmoid", seed: int = 7, count: int = 9) -> Sheet:
    return make_sheet(NETWORKS[name], count, seed, catalogue())


def written(made: Sheet, text: tuple[object, ...]) -> str:
    """A line of an exercise as a formula with its range, as a student would hand it in."""
    printer = LatexPrinter(made.page.notation, made.page.program)
    terms = [piece for piece in text if not isinstance(piece, str)]
    where = str(text[-1]).strip(" ()").replace("≤", r"\leq") if isinstance(text[-1], str) else ""
    left, right = (printer.text(term) for term in terms)  # type: ignore[arg-type]
    return f"$${left} = {right}" + (rf" \qquad {where}$$" if where else "$$")


@pytest.mark.parametrize("name", NETWORKS)
def test_of_the_lines_shown_exactly_the_one_of_the_key_is_wrong(name: str) -> None:
    made = sheet(name)
    given = "\n".join(Writer(made.page).given(made.page.definitions, made.page.sigmas))
    tried = 0
    for exercise in made.exercises:
        if exercise.kind != "wrong-line":
            continue
        lines = [written(made, line) for line in exercise.lines]
        report = check_document(read_text(given + "\n\n" + "\n\n".join(lines)), seed=3)
        claims = [line for line in report.lines if line.role == "claim"][-len(lines) :]
        wrong = [n for n, line in enumerate(claims) if line.verdict in ("refuted", "ill-typed")]
        assert [line.line for line in claims] == sorted({line.line for line in claims})
        assert wrong == [exercise.right]
        tried += 1
    assert tried >= 3


@pytest.mark.parametrize("name", NETWORKS)
def test_all_kinds_and_no_two_alike(name: str) -> None:
    made = sheet(name)
    assert {exercise.kind for exercise in made.exercises} == {"wrong-line", "blank", "number"}
    assert {exercise.level for exercise in made.exercises} <= {"easy", "medium", "hard"}
    assert len({(str(e.asks), str(e.lines)) for e in made.exercises}) == len(made.exercises)


def test_a_blank_has_one_right_answer_among_others() -> None:
    blanks = [exercise for exercise in sheet().exercises if exercise.kind == "blank"]
    for exercise in blanks:
        assert len(exercise.lines) >= 3
        assert len(set(exercise.lines)) == len(exercise.lines)
        assert 0 <= exercise.right < len(exercise.lines)
        assert "□" in str(exercise.asks)


def test_the_same_seed_gives_the_same_sheet_and_another_one_another() -> None:
    words = catalogue()

    def text(seed: int) -> str:
        return to_markdown(worksheet(make_sheet(Network((2, 2, 1)), 4, seed, words), words, "x"))

    assert text(5) == text(5)
    assert text(5) != text(6)


SHEET = """
from symbackprop.handout.catalogue import catalogue
from symbackprop.handout.exercises import make_sheet
from symbackprop.networks.network import Network
network = Network((3, 4, 3), ("tanh", "softmax"), "cross-entropy")
print([(e.kind, e.lines, e.key) for e in make_sheet(network, 9, 7, catalogue()).exercises])
"""


def test_every_process_makes_the_same_sheet() -> None:
    """No order of a set, which differs from process to process, may choose the mistake."""
    said = {
        subprocess.run(
            [sys.executable, "-c", SHEET],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(said) == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_a_wrong_line_is_wrong_for_the_layers_it_is_shown_for(name: str) -> None:
    """A mistake that takes l + 1 out of a line does not make it a line about the last layer."""
    ranges = {(s.statement.first, s.statement.last) for s in derive(NETWORKS[name], "whole").steps}
    for seed in (6, 7):
        for exercise in sheet(name, seed).exercises:
            if exercise.kind == "wrong-line" and exercise.statement:
                said = exercise.statement
                assert (said.first, said.last) in ranges
                shown = TextPrinter().layers(said.first, said.last)
                assert str(exercise.lines[exercise.right][-1]).strip(" ()") == shown or not shown
                assert judge(said, sheet(name).page.program, seed=1).status is Status.REFUTED


def test_no_penalty_where_the_network_has_none() -> None:
    for seed in (6, 8):
        assert "Ref(lambda" not in str([e.lines for e in sheet("sigmoid", seed).exercises])


def test_the_worksheet_claims_nothing_and_hides_the_key() -> None:
    words = catalogue()
    sheets = [to_markdown(bind(sheet(), words, "x")) for bind in (worksheet, key)]
    assert "counterexample" not in sheets[0]
    assert "counterexample" in sheets[1]
    assert "It should read" in sheets[1]
    assert all("$" not in text for text in sheets)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_has_its_letters(notation: str) -> None:
    made = make_sheet(Network((2, 2, 1), notation=notation), 3, 1, catalogue())
    text = to_markdown(worksheet(made, catalogue(), "x"))
    assert made.page.notation.name == notation
    assert len(text) > 300


def test_moodle_gets_choices_and_numbers() -> None:
    quiz = ET.fromstring(to_moodle(sheet(), catalogue()))
    questions = quiz.findall("question")
    assert len(questions) == len(sheet().exercises)
    for question, exercise in zip(questions, sheet().exercises, strict=True):
        fractions = [answer.attrib["fraction"] for answer in question.findall("answer")]
        assert fractions.count("100") == 1
        assert question.find("generalfeedback/text") is not None
        if exercise.kind == "number":
            assert question.attrib["type"] == "numerical"
            assert exercise.number is not None
            said = question.find("answer/text")
            assert said is not None
            assert float(said.text or "") == float(exercise.number)
        else:
            assert question.attrib["type"] == "multichoice"
            assert fractions.index("100") == exercise.right
            assert len(fractions) == len(exercise.lines)


def test_too_many_are_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="1 to 60"):
        make_sheet(Network((2, 2, 1)), 61, 1, catalogue())
