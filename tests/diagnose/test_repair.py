"""A repair is offered only if it works; two mistakes at once are told apart."""

from __future__ import annotations

import re
from pathlib import Path

import planted
import pytest

from symbackprop.diagnose import diagnose

CASES = {
    "columns_and_cache-5-hidden-slope-missing",
    "columns_and_cache-14-weights-not-transposed",
    "class_of_columns-6-slope-twice",
    "class_of_columns-7-absolute-residual",
    "deep_rows-10-own-activation",
    "dictionary_of_rows-2-penalty-sign",
    "lists_by_column-7-slope-of-next-layer",
    "full_jacobian-4-weighted-input-below",
}
CHOSEN = [case for case in planted.planted() if str(case) in CASES]


def patched(text: str, diff: str) -> str:
    """The text with a unified diff applied, from its last hunk up."""
    lines = text.splitlines()
    hunks = re.split(r"^@@ -(\d+).*@@$", diff, flags=re.MULTILINE)[1:]
    for start, hunk in reversed(list(zip(hunks[::2], hunks[1::2], strict=True))):
        body = hunk.splitlines()[1:]
        old = [line[1:] for line in body if line[:1] in " -"]
        new = [line[1:] for line in body if line[:1] in " +"]
        first = int(start) - 1
        assert lines[first : first + len(old)] == old
        lines[first : first + len(old)] = new
    return "\n".join(lines) + "\n"


def test_all_cases_are_there() -> None:
    assert {str(case) for case in CHOSEN} == CASES


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_the_diff_mends_the_code(case: planted.Planted, tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text(case.text, encoding="utf-8")
    found = diagnose(f"{file}:{case.function}")
    assert found.repair, str(found)
    file.write_text(patched(case.text, found.repair), encoding="utf-8")
    assert diagnose(f"{file}:{case.function}").correct


PAIRS = (
    ("class_of_columns", ("* (1 - acts[i] ** 2)", ""), ("delta.sum(axis=1, keepdims=True)",
     "m * delta.sum(axis=1, keepdims=True)"), {"hidden-slope-missing", "biases-not-averaged"}),
    ("columns_and_cache", ("np.dot(dZ2, A1.T) / m", "np.dot(dZ2, cache['Z1'].T) / m"),
     ("(1 - np.power(A1, 2))", "A1 * (1 - A1)"), {"weighted-input-below", "slope-of-sigmoid"}),
    ("deep_rows", ("dA * (Z[i - 1] > 0)", "dA * A[i]"), ("np.sum(dZ, axis=0)", "np.zeros_like(bs[i])"),
     {"activation-for-slope", "bias-gradient-zero"}),
    ("dictionary_of_rows", ("+ reg * W1\n", "\n"), ("scores1 > 0)", "scores1 > -99)"),
     {"penalty-missing", "hidden-slope-missing"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("style", "one", "two", "ids"), PAIRS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_two_mistakes_at_once_are_both_named(style, one, two, ids, tmp_path: Path) -> None:
    text = (planted.CODE / f"{style}.py").read_text(encoding="utf-8")
    for old, new in (one, two):
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "code.py"
    file.write_text(text, encoding="utf-8")
    found = diagnose(f"{file}:{planted.FUNCTIONS[style]}")
    assert found.verdict == "wrong"
    assert {row.id for row in found.mistakes} == ids
    file.write_text(patched(text, found.repair), encoding="utf-8")
    assert diagnose(f"{file}:{planted.FUNCTIONS[style]}").correct


def test_of_two_edits_that_do_not_work_none_is_offered(tmp_path: Path) -> None:
    text = (planted.CODE / "deep_rows.py").read_text(encoding="utf-8")
    text = text.replace("dA * (Z[i - 1] > 0)", "np.cos(Z[i - 1]) + dA ** 3", 1)
    file = tmp_path / "code.py"
    file.write_text(
        text.replace("np.sum(dZ, axis=0)", "np.sort(np.exp(dZ))[0]", 1), encoding="utf-8"
    )
    found = diagnose(f"{file}:backprop")
    assert (found.verdict, found.repair) == ("wrong", "")
