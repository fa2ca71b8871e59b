"""Verdicts: four answers, never a yes by accident, and made in one room only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import symbackprop
from symbackprop.judge import Checked, Status, Verdict, Witness, check
from symbackprop.language.derivation import Derivation, Statement, Step
from symbackprop.language.program import L
from symbackprop.language.terms import Partial, as_term
from symbackprop.networks.forward import C, a, delta, forward, j, z
from symbackprop.networks.network import Network

PACKAGE = Path(symbackprop.__file__).parent
MADE_BY_THE_JUDGE = {"Verdict", "Checked"}
OPEN = forward(Network(None, "unspecified", "unspecified"))


@pytest.mark.parametrize("status", Status)
def test_a_verdict_is_neither_true_nor_false(status):
    verdict = Verdict(status)
    with pytest.raises(TypeError, match="four answers"):
        bool(verdict)
    with pytest.raises(TypeError):
        assert not verdict
    assert verdict.proved == (status is Status.PROVED)


def test_there_are_four_answers():
    assert {s.value for s in Status} == {"proved", "refuted", "undecided", "not-understood"}


def constructions(path: Path) -> list[tuple[str, int]]:
    """Calls of the judge's own classes, under whatever name they were imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {name: name for name in MADE_BY_THE_JUDGE}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.update({n.asname: n.name for n in node.names if n.asname and n.name in names})
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = getattr(called, "id", getattr(called, "attr", ""))
            given = [getattr(arg, "id", "") for arg in node.args]
            if names.get(name) or (name == "replace" and names.get(given[0] if given else "")):
                found.append((names.get(name, name), node.lineno))
    return found


def test_only_the_judge_makes_verdicts():
    elsewhere = {
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "judge"
        for name, line in constructions(path)
    }
    assert elsewhere == set()


def test_the_walk_sees_a_construction(tmp_path):
    """The test above can fail: a plain call, an attribute and another name are all seen."""
    file = tmp_path / "forged.py"
    file.write_text(
        "from symbackprop.judge import Checked as Fine, verdict\n"
        "Fine(None, (), 0)\nverdict.Verdict(verdict.Status.PROVED)\n"
    )
    assert [name for name, _ in constructions(file)] == ["Checked", "Verdict"]
    inside = [name for path in (PACKAGE / "judge").glob("*.py") for name, _ in constructions(path)]
    assert set(inside) == MADE_BY_THE_JUDGE


def test_one_bad_step_makes_a_derivation_unproved():
    good = Step(Statement((delta(L, j), Partial(C, z(L, j)))), "definition")
    bad = Step(Statement((delta(L, j), Partial(C, a(L, j)))), "wrong")
    checked = check(Derivation("both", OPEN, (good, bad, good)), seed=2)
    assert [v.status for v in checked.verdicts] == [Status.PROVED, Status.REFUTED, Status.PROVED]
    assert not checked.proved
    assert check(Derivation("good", OPEN, (good,)), seed=2).proved


def test_the_worst_bound_is_the_largest():
    made = [Verdict(Status.PROVED, bound=b) for b in (-130.0, None, -101.5)]
    made.append(Verdict(Status.REFUTED, bound=-3.0))
    derivation = Derivation("", OPEN, ())
    assert Checked(derivation, tuple(made), 0).worst_bound == -101.5
    assert Checked(derivation, (made[1],), 0).worst_bound is None


def test_texts():
    assert Verdict(Status.PROVED).bound_text == "exact"
    assert Verdict(Status.PROVED, bound=-118.7).bound_text == "< 2^-118"
    witness = Witness((1, 2), 1, {"j": 2}, {}, "1/2", "3")
    assert str(witness) == "widths [1, 2], l=1: 1/2 ≠ 3 at j=2"


def test_a_derivation_remembers_its_seed():
    step = Step(Statement((delta(L, j), Partial(C, z(L, j)))), "definition")
    derivation = Derivation("", OPEN, (step,))
    assert check(derivation, seed=9) == check(derivation, seed=9)
    drawn = check(derivation)
    assert check(derivation, seed=drawn.seed) == drawn
    assert drawn.seed != check(derivation).seed


def test_a_number_on_a_side_is_a_term():
    assert as_term(0) == 0
    with pytest.raises(TypeError, match="exact"):
        as_term(0.1)
    with pytest.raises(TypeError):
        as_term("a")
