"""The pytest plugin: what is collected, what passes, what a failure says, and what is left alone."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from symbackprop.read.documents import Document, read_text
from symbackprop.review import document as reviewing
from symbackprop.review import listing  # noqa: F401  (an inner run would load it each time)
from symbackprop.review.report import FileReport

pytest_plugins = ["pytester"]

DEFINITIONS = r"""# The output layer

$$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j, \qquad a^l_j = \sigma(z^l_j)$$

$$\delta^l_j = \frac{\partial C}{\partial z^l_j}$$
"""
RIGHT = (
    DEFINITIONS
    + r"""
$$\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j) \tag{1}$$

so that $\frac{\partial C}{\partial b^l_j} = \delta^l_j$ where $l = L$, and

$$\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j$$
"""
)
NAMES = ("eq 1", "line 9", "line 11")
PROSE = "# Nothing but words\n"
# whether it is installed or not; and no plugin that costs a second at the end of each inner run
LOADED = ("-p", "no:symbackprop", "-p", "symbackprop.pytest_plugin", "-p", "no:hypothesispytest")
PLUGIN = (*LOADED, "-p", "no:cacheprovider")


@functools.cache
def reviewed(text: str) -> FileReport:
    """The real review, once for each text."""
    return reviewing.check_document(read_text(text, "notes.deriv.md"), seed=1)


@dataclass
class Reviewer:
    """Says of some lines what a test wants it to say, and remembers what it was asked."""

    says: dict[int, dict[str, object]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def check_document(self, document: Document, **_options: object) -> FileReport:
        self.asked.append(document.path)
        file = reviewed(re.sub(r"<!--.*?-->", "", document.source))
        lines = tuple(replace(line, **self.says.get(line.line, {})) for line in file.lines)
        return replace(file, path=document.path, lines=lines)


@pytest.fixture
def reviewer(monkeypatch: pytest.MonkeyPatch) -> Reviewer:
    reviewed(RIGHT)
    made = Reviewer()
    monkeypatch.setattr(reviewing, "check_document", made.check_document)
    return made


def run(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    return pytester.runpytest(*PLUGIN, *words)


def write(pytester: pytest.Pytester, name: str, text: str) -> None:
    (pytester.path / name).write_text(text, encoding="utf-8")


def test_each_claim_is_a_test_of_its_own(pytester: pytest.Pytester) -> None:
    write(pytester, "notes.deriv.md", RIGHT)
    done = run(pytester, "-v")
    done.assert_outcomes(passed=3)
    done.stdout.fnmatch_lines([f"notes.deriv.md::{name} PASSED*" for name in NAMES])


def test_other_markdown_is_collected_when_it_is_asked_for(pytester: pytest.Pytester) -> None:
    for name in ("notes.md", "README.md", "notes.txt"):
        write(pytester, name, PROSE if name == "README.md" else RIGHT)
    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    done = run(pytester, "--symbackprop")
    done.assert_outcomes(passed=3)
    assert done.ret == 0


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({"verdict": "proved"}, True),
        ({"verdict": "refuted", "message": "the sides differ"}, False),
        ({"verdict": "ill-typed"}, False),
        ({"verdict": "undecided"}, False),
        ({"verdict": "not-understood"}, False),
        ({"role": "definition", "verdict": ""}, True),
    ],
)
def test_a_claim_passes_only_if_it_is_proved(
    said: dict[str, object],
    passes: bool,
    reviewer: Reviewer,
    pytester: pytest.Pytester,
) -> None:
    write(pytester, "notes.deriv.md", RIGHT)
    reviewer.says[7] = said
    run(pytester).assert_outcomes(passed=2 + passes, failed=not passes)


@pytest.mark.parametrize(
    ("mark", "said", "passes"),
    [
        ("sign", {"verdict": "refuted", "mistake": "sign"}, True),
        ("sign, factor-2", {"verdict": "refuted", "mistake": "factor-2"}, True),
        ("sign", {"verdict": "ill-typed", "mistake": "sign"}, True),
        ("", {"verdict": "refuted", "mistake": "sign"}, True),
        ("", {"verdict": "ill-typed"}, True),
        ("sign", {"verdict": "refuted", "mistake": "factor-2"}, False),
        ("sign", {"verdict": "refuted"}, False),
        ("sign", {"verdict": "proved"}, False),
        ("", {"verdict": "proved"}, False),
        ("", {"verdict": "undecided"}, False),
        ("", {"verdict": "not-understood"}, False),
        ("", {"role": "definition", "verdict": ""}, False),
    ],
)
def test_a_marked_line_passes_only_if_it_is_wrong_for_that_reason(
    mark: str,
    said: dict[str, object],
    passes: bool,
    reviewer: Reviewer,
    pytester: pytest.Pytester,
) -> None:
    marked = RIGHT.replace("\n$$\\delta^L_j", f"<!-- error: [{mark}] -->\n$$\\delta^L_j")
    write(pytester, "notes.deriv.md", marked)
    reviewer.says[7] = said
    done = run(pytester)
    done.assert_outcomes(passed=2 + passes, failed=not passes)
    if not passes:
        done.stdout.fnmatch_lines([f"*is marked error: [[]{mark}], but*"])


def test_a_marked_definition_fails(pytester: pytest.Pytester) -> None:
    """Nobody may believe that a mark is looked at where nothing is claimed."""
    write(pytester, "notes.deriv.md", RIGHT.replace("\n$$z^l_j", "<!-- error: [] -->\n$$z^l_j"))
    done = run(pytester)
    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines(["line 3 is marked error: [[]], but nothing is claimed in it"])


def test_a_failure_says_what_the_terminal_report_says(
    reviewer: Reviewer,
    pytester: pytest.Pytester,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from symbackprop import cli

    write(pytester, "notes.deriv.md", RIGHT)
    reviewer.says[7] = {
        "verdict": "refuted", "message": "the two sides differ", "mistake": "slope-dropped",
        "mistake_says": "The slope is missing", "repair": r"\delta^L_j = 1",
    }  # fmt: skip
    done = run(pytester)
    assert cli.run(["check", "notes.deriv.md"]) == 1
    report = capsys.readouterr().out
    at = report.index("notes.deriv.md:7:")
    block = report[report.rindex("\n", 0, at) + 1 : report.index("\n\n", at)].splitlines()
    assert block[0].strip() == "notes.deriv.md:7:3: refuted [slope-dropped]"
    for row in block:
        assert row in done.outlines
    done.stdout.fnmatch_lines(["FAILED notes.deriv.md::eq 1 - *delta^L_j*"])


def test_a_document_is_reviewed_once_and_only_when_it_must_be(
    reviewer: Reviewer, pytester: pytest.Pytester
) -> None:
    write(pytester, "a.deriv.md", RIGHT)
    write(pytester, "b.deriv.md", RIGHT)
    run(pytester, "--collect-only").stdout.fnmatch_lines(["*6 tests collected*"])
    assert reviewer.asked == []
    run(pytester, "-k", "a.deriv and line").assert_outcomes(passed=2, deselected=4)
    assert reviewer.asked == ["a.deriv.md"]


def test_the_first_failure_can_end_the_run_and_be_repeated(
    reviewer: Reviewer, pytester: pytest.Pytester
) -> None:
    write(pytester, "notes.deriv.md", RIGHT)
    reviewer.says[9] = {"verdict": "refuted"}
    pytester.runpytest(*LOADED, "-x").assert_outcomes(passed=1, failed=1)
    pytester.runpytest(*LOADED, "--lf").assert_outcomes(failed=1)
    del reviewer.says[9]
    pytester.runpytest(*LOADED, "--lf").assert_outcomes(passed=1)


def test_junit_xml_names_the_equations(reviewer: Reviewer, pytester: pytest.Pytester) -> None:
    write(pytester, "notes.deriv.md", RIGHT)
    reviewer.says[9] = {"verdict": "refuted", "message": "they differ"}
    run(pytester, "--junitxml=out.xml")
    cases = ElementTree.parse(pytester.path / "out.xml").findall(".//testcase")
    assert [case.get("name") for case in cases] == list(NAMES)
    failures = [case.find("failure") for case in cases]
    assert [failure is None for failure in failures] == [True, False, True]
    assert "They differ." in str(failures[1].text)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "*notes.deriv.md: this file is empty*"),
        (PROSE, "*notes.deriv.md: no formulas found*"),
        (DEFINITIONS, "notes.deriv.md: nothing is claimed here"),
        ("+++\nactvation = 'tanh'\n+++\n" + RIGHT, "notes.deriv.md:2: *did you mean 'activation'*"),
        ("$$a = b", "*notes.deriv.md:1*"),
    ],
)
def test_what_cannot_be_read_is_one_line(text: str, says: str, pytester: pytest.Pytester) -> None:
    write(pytester, "notes.deriv.md", text)
    done = run(pytester)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([says])
    assert not any("Traceback" in line for line in done.outlines)
    head = next(n for n, line in enumerate(done.outlines) if "ERROR collecting" in line)
    assert done.outlines[head + 2].startswith("===")


def test_formulas_with_one_name_are_told_apart(pytester: pytest.Pytester) -> None:
    two = r"Now $\frac{\partial C}{\partial b^l_j} = \delta^l_j$ or $\delta^l_j = \delta^l_j$."
    write(pytester, "notes.deriv.md", DEFINITIONS + two)
    names = [line for line in run(pytester, "-v").outlines if "PASSED" in line]
    assert names[0].startswith("notes.deriv.md::line 6:6 PASSED")
    assert len(names) == len(set(names)) == 2


def test_a_document_that_only_repeats_itself_fails(
    reviewer: Reviewer, pytester: pytest.Pytester
) -> None:
    write(pytester, "notes.deriv.md", RIGHT)
    reviewer.says |= {line: {"trivial": True} for line in (7, 9)}
    run(pytester).assert_outcomes(passed=3)
    reviewer.says[11] = {"trivial": True}
    done = run(pytester)
    done.assert_outcomes(failed=3)
    done.stdout.fnmatch_lines(["*only repeats itself*"])


def test_a_claim_that_nobody_expected_is_not_lost(
    reviewer: Reviewer, pytester: pytest.Pytester
) -> None:
    """Definitions that another reading takes for claims: the equation above answers for them."""
    write(pytester, "notes.deriv.md", RIGHT)
    reviewer.says[5] = {"role": "claim", "verdict": "refuted", "message": "no definition after all"}
    done = run(pytester)
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(["*No definition after all.*", "FAILED notes.deriv.md::eq 1*"])


def test_several_processes(pytester: pytest.Pytester) -> None:
    for name in "ab":
        write(pytester, f"{name}.deriv.md", RIGHT)
    done = pytester.runpytest_subprocess(*PLUGIN, "-n", "2")
    done.assert_outcomes(passed=6)


def test_those_who_do_not_use_it_pay_nothing(pytester: pytest.Pytester) -> None:
    write(pytester, "notes.md", RIGHT)
    pytester.makepyfile(
        """
        import sys

        def test_nothing_heavy():
            heavy = {"sympy", "numpy", "lark", "flint", "markdown_it", "symbackprop.read",
                     "symbackprop.review", "symbackprop.judge"}
            assert not heavy & set(sys.modules)
        """
    )
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_assert_proved_is_a_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        r"""
        def test_right(assert_proved):
            assert_proved(r"\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j)")

        def test_wrong(assert_proved):
            assert_proved(r"\delta^L_j = (a^L_j - y_j) \zeta")
        """
    )
    done = run(pytester)
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["E *not proved", "*tex:1:*not understood"])
    assert not any("asserting.py" in line for line in done.outlines)


FIXTURES = """
    import numpy as np
    import pytest


    @pytest.mark.network([2, 3], activation="identity", cost="quadratic")
    def test_one_layer(network, exact_gradients):
        x, y = np.array([1.0, 2.0]), np.array([1.0, 0.0, -1.0])
        W, b = [np.arange(6.0).reshape(3, 2)], [np.ones(3)]
        residual = W[0] @ x + b[0] - y
        dW, db = exact_gradients(x, y, W, b)
        assert np.allclose(dW[0], np.outer(residual, x))
        assert np.allclose(db[0], residual)
        assert network.layers == (2, 3)


    def test_the_usual_one(network, exact_gradients):
        assert network.layers == (2, 3, 2)
        assert exact_gradients.network == network
        draw = np.random.default_rng(1)
        x, y = draw.random(2), draw.random(2)
        W, b = [draw.random((3, 2)), draw.random((2, 3))], [draw.random(3), draw.random(2)]
        h = 1e-6
        up, down = [w.copy() for w in W], [w.copy() for w in W]
        up[0][2, 1] += h
        down[0][2, 1] -= h
        slope = (exact_gradients.cost(x, y, up, b) - exact_gradients.cost(x, y, down, b)) / (2 * h)
        assert abs(exact_gradients(x, y, W, b)[0][0][2, 1] - slope) < 1e-8
"""


def test_network_and_exact_gradients_are_fixtures(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FIXTURES)
    run(pytester, "--strict-markers").assert_outcomes(passed=2)


def test_a_suite_states_its_own_network(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from symbackprop import Network

        @pytest.fixture
        def network():
            return Network((3, 1), activation="tanh")
        """
    )
    pytester.makepyfile(
        """
        def test_it(exact_gradients):
            dW, db = exact_gradients([1, 2, 3], [0], [[[0.1, 0.2, 0.3]]], [[0.4]])
            assert dW[0].shape == (1, 3)
            assert exact_gradients.network.activation == "tanh"
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_wrong_network_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.network([2, 2], activation="tahn")
        def test_it(exact_gradients):
            pass
        """
    )
    done = run(pytester)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*did you mean*tanh*"])
