"""Checked derivations to print: real ones, and small ones built by hand with every verdict."""

from __future__ import annotations

from functools import cache

import pytest
from sympy import Integer

from symbackprop.derive import derive
from symbackprop.judge import check
from symbackprop.judge.verdict import Checked, Status, Verdict, Witness
from symbackprop.language.derivation import Derivation, Statement, Step
from symbackprop.language.program import L
from symbackprop.language.terms import Act, Kron, Partial, Size, Sum, times
from symbackprop.networks.forward import C, a, delta, forward, j, k, z
from symbackprop.networks.network import Network

CASES = {
    "general": (Network(None, "sigmoid", "quadratic"), "delta"),
    "open": (Network(None, "unspecified", "unspecified"), "delta"),
    "softmax": (Network(None, "softmax", "cross-entropy"), "delta"),
    "path": (Network(None, "sigmoid", "mse", notation="notes"), "path"),
    "matrix": (Network(None, "sigmoid", "quadratic"), "matrix"),
    "batch": (Network(None, "sigmoid", "mse", batch="columns"), "matrix"),
    "penalty": (Network(None, "tanh", "mse", l2=True), "delta"),
    "small": (Network([2, 3, 2], "sigmoid", "mse"), "delta"),
    "scalar": (Network([2, 3, 2], "sigmoid", "mse"), "scalar"),
    "full": (Network([2, 3, 3, 2], "sigmoid", "mse"), "scalar"),
    "mixed": (
        Network(
            [3, 5, 4, 2], ("gelu", "silu", "leaky-relu"), batch="rows", biases=False,
            notation="brackets",
        ),
        "delta",
    ),
    "deep": (Network([9, 8, 7, 2, 2, 2, 2, 3], "relu", notation="parentheses"), "matrix"),
}  # fmt: skip


@cache
def real(name: str) -> Checked:
    network, form = CASES[name]
    return check(derive(network, form, full=name == "full"), seed=1)


@pytest.fixture(params=sorted(CASES))
def checked(request: pytest.FixtureRequest) -> Checked:
    return real(request.param)


def four_steps(*statuses: Status, title: str = "The output error", reason: str = "why") -> Checked:
    """δ^L_j in four steps, the verdicts given by hand: printers must say exactly these."""
    network = Network(None, "sigmoid", "quadratic")
    cost, slope = Partial(C, a(L, k)), Act(L, z(L, k), 1)
    sides = (
        Partial(C, z(L, j)),
        Sum(times(cost, Partial(a(L, k), z(L, j))), k, Size(L)),
        Sum(times(cost, Kron(k, j), slope), k, Size(L)),
        times(Partial(C, a(L, j)), Act(L, z(L, j), 1)),
    )
    steps = tuple(
        Step(Statement((delta(L, j), side)), "rule", reason, (n - 1,) if n else (), "", "Section")
        for n, side in enumerate(sides)
    )
    derivation = Derivation(title, forward(network), steps, {"BP1": 3}, network)
    witness = Witness((2, 3), 1, {"j": 1}, {"z": "1/2"}, "1/3", "2/3")
    told = {
        Status.PROVED: Verdict(Status.PROVED, ("every width",), -118.5),
        Status.REFUTED: Verdict(Status.REFUTED, witness=witness),
        Status.UNDECIDED: Verdict(Status.UNDECIDED, why="the time was up"),
        Status.NOT_UNDERSTOOD: Verdict(Status.NOT_UNDERSTOOD, why="no such layer"),
    }
    chosen = statuses or (Status.PROVED,) * 4
    return Checked(derivation, tuple(told[status] for status in chosen), seed=7)


EVERY_STATUS = (Status.PROVED, Status.REFUTED, Status.UNDECIDED, Status.NOT_UNDERSTOOD)
HOSTILE = (
    r"\write18{touch owned}", r"\input{/etc/passwd}", r"\catcode`\%=12", "100 % & #1 ~ ^ _ { } $x$",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)",
    "[click](javascript:alert(1))", "| cell | cell |", "`code` ``` $`\\input`$ **b**",
    '#import "x"; #eval("1")', "$ #panic() $", "\u202eright to left\u202c", "עברית", "emoji 😀 日本",
    "null\x00and\x1b[31mcolour", "line\nbreak\r\n# heading", "{{ 7*7 }} {% raw %} \\VAR{x} \\BLOCK{if}",
    "=HYPERLINK()", "", " ", "]]>", "&lt;b&gt;", "x" * 300,
)  # fmt: skip
ONE = Integer(1)
