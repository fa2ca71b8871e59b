"""Published examples: what is right stays right, what is wrong is found, with its cause."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from mpmath import mp, nstr

from symbackprop.errors import InputError
from symbackprop.numbers import check_numbers, read_problem
from symbackprop.numbers.arithmetic import value_of
from symbackprop.numbers.compare import Report
from symbackprop.numbers.digits import agrees
from symbackprop.numbers.problem import problem_from
from symbackprop.numbers.run import Run
from symbackprop.numbers.slips import SLIPS

FOLDER = Path(__file__).parents[2] / "derivations" / "numbers"
# file → (name, entry) of what is not right → verdict, slip or words of the cause
WRONG: dict[str, dict[tuple[str, str], tuple[str, str]]] = {
    "mazur_2_2_2": {
        ("E after one step", ""): ("wrong", "updated-weights"),
        ("E after 10000 steps", ""): ("wrong", "updated-weights"),
        ("outputs after 10000 steps", "1"): ("wrong", "updated-weights"),
        ("outputs after 10000 steps", "2"): ("wrong", "updated-weights"),
    },
    "mazur_retold_with_wrong_cost": {
        ("E_o", "1"): ("wrong", "this is C"),
        ("E_total", ""): ("inherits", "E_o 1"),
    },
    "mazur_retold_with_wrong_net": {("net_h2", "2"): ("wrong", ""), ("out_h2", "2"): ("wrong", "")},
    "han_kamber_3_2_1": {
        ("O_5 as a formula", ""): ("wrong", "sign of number 3"),
        ("O_6 as a formula", ""): ("wrong", "sign of number 3"),
    },
    "shared_biases_3_2_2": {("dE/db1", ""): ("wrong", "")},
    "cs231n_sigmoid_neuron": {},
    "relu_and_softmax": {},
    "linear_2_2_1": {
        ("caption of h1", ""): ("wrong", "this is z1 1"),
        ("caption of h2", ""): ("wrong", "this is z1 2"),
    },
    "softmax_regression": {},
    "regression_5_3_1": {},
    "biases_not_stated": {
        ("net_h", "2"): ("wrong", ""),
        ("out_h", "2"): ("inherits", "net_h 2"),
        ("net_y", "1"): ("inherits", "net_h 2"),
        ("net_y", "2"): ("inherits", "net_h 2"),
    },
    "readme_2_2_1": {
        ("delta2", ""): ("wrong", ""),
        ("error of layer 1", "1"): ("inherits", "delta2"),
        ("error of layer 1", "2"): ("inherits", "delta2"),
    },
    "sigmoid_bce_2_1_1": {},
    "one_sigmoid_neuron": {},
    "one_hidden_unit": {},
    "miniflow": {},
}


def test_all_files_are_expected() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(WRONG)
    assert len(WRONG) == 16


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_and_why(name: str) -> None:
    report = check_numbers(read_problem(FOLDER / f"{name}.toml"))
    found = {(n.name, n.place): n for n in report.wrong}
    assert set(found) == set(WRONG[name])
    for place, (verdict, cause) in WRONG[name].items():
        assert found[place].verdict == verdict
        assert cause in f"{found[place].slip} {found[place].cause}"
    assert report.source


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(), parse_float=Decimal)


def wrong_ones(said: dict[str, Any]) -> Report:
    return check_numbers(problem_from("x.toml", said))


SINGLE = [
    (at, place)
    for at, line in enumerate(table("one_sigmoid_neuron")["printed"])
    for place in range(len(line["values"]))
]


@pytest.mark.parametrize(("at", "place"), SINGLE)
def test_one_digit_changed_is_found_there(at: int, place: int) -> None:
    said = table("one_sigmoid_neuron")
    text = said["printed"][at]["values"][place]
    digit = text[-2]
    changed = (
        text[:-2] + ("5" if digit != "5" else "8") + text[-1]
        if digit.isdigit()
        else text[:-1] + "9"
    )
    said["printed"][at]["values"][place] = changed
    wrong = wrong_ones(said).wrong
    assert wrong
    assert wrong[0].printed == changed
    assert wrong[0].verdict == "wrong"


def test_later_numbers_that_are_computed_from_it_inherit() -> None:
    said = table("mazur_2_2_2")
    lines = {line["name"]: line for line in said["printed"]}
    lines["net_h"]["values"][0] = "0.4775"
    with mp.workdps(30):
        a = 1 / (1 + mp.exp(-mp.mpf("0.4775")))
    lines["out_h"]["values"][0] = nstr(a, 9)
    said["printed"] = [lines["net_h"], lines["out_h"]]
    verdicts = {(n.name, n.place): n.verdict for n in wrong_ones(said).numbers}
    assert verdicts == {
        ("net_h", "1"): "wrong", ("net_h", "2"): "right",
        ("out_h", "1"): "inherits", ("out_h", "2"): "right",
    }  # fmt: skip


BASE = {
    "layers": [2, 2, 2], "activation": ["tanh", "sigmoid"], "biases": "shared",
    "x": [Decimal("0.3"), Decimal("-0.7")], "y": [Decimal("0.1"), Decimal("0.8")],
    "W": [[["0.2", "-0.5"], ["0.6", "0.4"]], [["0.9", "-0.3"], ["-0.8", "0.7"]]],
    "b": ["0.25", "-0.15"], "eta": "0.6",
}  # fmt: skip
PRINTED = ("z1", "a1", "z2", "a2", "C", "delta2", "delta1", "dW1", "db1", "db2")
PRINTED_AFTER = ("W1", "W2", "b1", "b2", "C")


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.id)
def test_every_slip_is_named_or_one_that_does_the_same(slip: Any) -> None:
    """An author makes the slip throughout; the digits from the first wrong one on tell which."""
    biases = {"biases": "own", "b": [["0.25", "0.1"], ["-0.15", "0.4"]]}
    own = slip.id != "shared-bias-not-summed"
    keep = {"keep_biases": True} if slip.id == "biases-updated" else {}
    if slip.id == "target-and-output-swapped":  # a square does not mind
        keep = {"cost": "binary-cross-entropy"}
    said = {**BASE, **(biases if own else {}), **keep, "printed": [{"is": "C", "values": ["0"]}]}
    problem = problem_from("x.toml", said)
    with mp.workdps(40):
        states = Run(problem, slip).states(1)
        lines = []
        for after, names in ((0, PRINTED), (1, PRINTED_AFTER)):
            for name in names:
                rows = states[after][name]
                values = [nstr(v, 8, strip_zeros=False) for row in rows for v in row]
                size = len(Run(problem).final(0)[name]) * len(Run(problem).final(0)[name][0])
                if len(values) == size:
                    lines.append({"is": name, "values": values, "after": after})
        report = wrong_ones({**said, "printed": lines})
        assert report.wrong, "this slip changes nothing here"
        named = {n.slip for n in report.wrong}
        assert len(named) == 1
        (name,) = named
        assert name == slip.id or _same(problem, name, slip, lines)


def _same(problem: Any, name: str, slip: Any, lines: list[dict[str, Any]]) -> bool:
    """Whether the slip that was named gives the same printed digits."""
    other = next((s for s in SLIPS if s.id == name), None)
    if other is None:
        return False
    ours, theirs = Run(problem, slip).states(1), Run(problem, other).states(1)
    return all(
        abs(u - v) < mp.mpf(10) ** -6
        for line in lines
        for row, twin in zip(
            ours[line["after"]][line["is"]], theirs[line["after"]][line["is"]], strict=True
        )
        for u, v in zip(row, twin, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "true", "verdict"),
    [
        ("0.3775", "0.37749", "right"), ("0.3775", "0.37755", "right"),
        ("0.377", "0.37799", "truncated"), ("-0.377", "-0.37799", "truncated"),
        ("0.378", "0.37691", ""), ("0.38", "0.3691", ""), ("-0.377", "0.377", ""),
        ("1.00e-3", "0.0010049", "right"), ("1.00e-3", "0.00102", ""),
        ("0.65203583", "0.65203590", "single-precision"), ("0.652", "0.6545", ""),
        ("0", "0.4", "right"), ("0.0", "0.4", ""),
    ],
)  # fmt: skip
def test_digits(text: str, true: str, verdict: str) -> None:
    assert agrees(text, mp.mpf(true)) == verdict


@pytest.mark.parametrize(
    ("formula", "value"),
    [("1/(1+exp(-0.1))", "0.52497918747894"), ("2*0.12+3*0.23", "0.93"), ("2^3", "8"),
     ("-sqrt(4)+ln(1)", "-2")],
)  # fmt: skip
def test_arithmetic_is_read(formula: str, value: str) -> None:
    assert abs(value_of(formula) - mp.mpf(value)) < mp.mpf(10) ** -12


NO_ARITHMETIC = (
    "__import__('os')", "x+1", "1/0", "2**10**9", "(1).real", "[1]", "", "1 if 2 else 3",
    "exp(1, 2)", "9" * 500,
)  # fmt: skip


@pytest.mark.parametrize("formula", NO_ARITHMETIC)
def test_nothing_else_is(formula: str) -> None:
    with pytest.raises(InputError):
        value_of(formula)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"layers": [2]}, "widths such as"), ({"layers": [2, 0, 1]}, "widths such as"),
        ({"layer": [2]}, "unknown key 'layer'; did you mean 'layers'"), ({"activation": "sigmod"}, "sigmoid"),
        ({"x": ["0.3"]}, "x, row 1: 1 numbers, but 2 are needed"),
        ({"W": [[["0.2"]]]}, "2 tables of weights"),
        ({"W": [[["0.2", "1"]], [["1", "1"], ["1", "1"]]]}, "W1: 1 rows, but 2 are needed"),
        ({"W": [[["0.2", "1"], ["1"]], [["1", "1"], ["1", "1"]]]}, "W1, row 2: 1 numbers"),
        ({"b": ["0.1"]}, "biases of 2 layers"), ({"eta": "fast"}, "eta: 'fast' is no number"),
        ({"printed": []}, "no [[printed]] numbers"),
        ({"printed": [{"is": "q1", "values": ["1"]}]}, "unknown quantity 'q1'"),
        ({"printed": [{"is": "z3", "values": ["1"]}]}, "layers are 1 to 2"),
        ({"printed": [{"is": "z1", "values": [1]}]}, "digit for digit"),
        ({"printed": [{"is": "z1", "values": ["1"]}]}, "1 numbers are printed, but z1 has 2"),
        ({"printed": [{"is": "z1", "values": ["1"], "at": [3]}]}, "has no entry [3]"),
        ({"printed": [{"is": "C", "values": ["1"], "after": 10**9}]}, "updates"),
    ],
)  # fmt: skip
def test_bad_input_names_the_place(change: dict[str, Any], says: str) -> None:
    said = {**BASE, "printed": [{"is": "C", "values": ["0"]}], **change}
    with pytest.raises(InputError) as told:
        wrong_ones(said)
    assert says in str(told.value)
