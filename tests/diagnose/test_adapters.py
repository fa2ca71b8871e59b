"""A few lines of Python between us and code that is called in a way of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.run import of_file
from symbackprop.diagnose.spec import read_spec
from symbackprop.errors import InputError

CODE = """import numpy as np

class Bag: pass

def run(bag):
    h = np.tanh(bag.data @ bag.first + bag.shift)
    o = h @ bag.second + bag.last
    e = (o - bag.wanted) / len(o)
    g = (e @ bag.second.T) * (1 - h ** 2)
    bag.answer = {"p": bag.data.T @ g, "q": g.sum(0), "r": h.T @ e, "s": e.sum(0)}
"""
ADAPTER = """def gradients(X, Y, W, b):
    bag = code.Bag()
    bag.data, bag.wanted = X, Y
    bag.first, bag.second = W[0].T, W[1].T
    bag.shift, bag.last = b
    code.run(bag)
    return [bag.answer["p"].T, bag.answer["r"].T], [bag.answer["q"], bag.answer["s"]]
"""


def judged(folder: Path, code: str = CODE, adapter: str = ADAPTER) -> Diagnosis:
    (folder / "code.py").write_text(code, encoding="utf-8")
    (folder / "between.py").write_text(adapter, encoding="utf-8")
    spec = folder / "spec.toml"
    spec.write_text('adapter = "between.py"\n[convention]\ndepth = 2\n', encoding="utf-8")
    return of_file(f"{folder / 'code.py'}:run", read_spec(spec))


def test_without_it_the_code_cannot_be_called(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    assert diagnose(f"{tmp_path / 'code.py'}:run").verdict == "undecided"


@pytest.mark.parametrize("start", ["", "import code\n", "from code import Bag\nimport code\n"])
def test_right_code_is_right(start: str, tmp_path: Path) -> None:
    assert judged(tmp_path, adapter=start + ADAPTER).correct


def test_the_mistake_is_in_the_code_and_mended_there(tmp_path: Path) -> None:
    found = judged(tmp_path, CODE.replace("1 - h ** 2", "1 - h"))
    assert [row.id for row in found.mistakes] == ["slope-not-squared"]
    assert found.place is not None
    assert found.place.line == 9
    assert "+    g = ((e @ bag.second.T) * (1 - h ** 2))" in found.repair


@pytest.mark.parametrize(
    ("adapter", "says"),
    [
        ("import os\nos._exit(3)\n" + ADAPTER, "left with 3"),
        ("def gradients(X, Y, W, b):\n    return code.nothing(X)\n", "no attribute 'nothing'"),
        ("def gradients(X, Y, W, b):\n    return None\n", "no gradients were found"),
        ("def gradients(X, Y, W, b, colour):\n    return W, b\n", "'colour'"),
    ],
)
def test_what_is_wrong_with_it_is_told(adapter: str, says: str, tmp_path: Path) -> None:
    """It runs where the code runs: leaving the process ends the child, and nothing here."""
    found = judged(tmp_path, adapter=adapter)
    assert found.verdict == "undecided"
    assert says in found.message


@pytest.mark.parametrize(
    ("adapter", "says"),
    [
        ("def gradients(X, Y:\n", "adapter.py:1.*no Python"),
        ("def gradient(X, Y):\n    return X\n", "no function 'gradients'"),
    ],
)
def test_an_adapter_that_cannot_be_read_is_refused(adapter: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        judged(tmp_path, adapter=adapter)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text('adapter = "none.py"\n', encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_spec(spec)


def test_live_functions_need_none(tmp_path: Path) -> None:
    (tmp_path / "between.py").write_text(ADAPTER, encoding="utf-8")
    with pytest.raises(InputError, match="an adapter is for files"):
        diagnose(judged, adapter=str(tmp_path / "between.py"))


def test_an_error_in_the_adapter_is_the_adapters(tmp_path: Path) -> None:
    found = judged(tmp_path, adapter=ADAPTER.replace("code.run", "code.walk"))
    assert found.message.startswith("adapter.py:6: ")
