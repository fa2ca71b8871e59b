"""``symbackprop diagnose``: exit status, JSON, many files, a journal to go on from."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import planted
import pytest

from symbackprop.cli import run
from symbackprop.diagnose.data import DiagnoseReport

GOOD = f"{planted.CODE}/deep_rows.py:backprop"


@pytest.fixture
def class_of_three(tmp_path: Path) -> Path:
    folder = tmp_path / "handed-in"
    folder.mkdir()
    wrong = next(
        c for c in planted.planted() if str(c) == "columns_and_cache-5-hidden-slope-missing"
    )
    (folder / "ada.py").write_text((planted.CODE / "deep_rows.py").read_text(), encoding="utf-8")
    (folder / "bob.py").write_text(wrong.text, encoding="utf-8")
    (folder / "cyd.py").write_text("def backprop(x, y:\n", encoding="utf-8")
    return folder


def test_correct_code_ends_with_0(capsys) -> None:
    assert run(["diagnose", GOOD]) == 0
    told = capsys.readouterr().out
    assert told.startswith("backprop: correct")
    assert "samples are the rows of X" in told


def test_wrong_code_ends_with_1_and_shows_the_line(capsys, tmp_path: Path) -> None:
    wrong = next(
        c for c in planted.planted() if str(c) == "columns_and_cache-5-hidden-slope-missing"
    )
    file = tmp_path / "code.py"
    file.write_text(wrong.text, encoding="utf-8")
    assert run(["diagnose", f"{file}:backward"]) == 1
    told = capsys.readouterr().out
    assert "[hidden-slope-missing]" in told
    assert f"code.py:{wrong.line}:" in told
    assert "^^^" in told


def test_json_keeps_its_contract(capsys) -> None:
    import msgspec

    assert run(["diagnose", GOOD, "--format", "json"]) == 0
    report = msgspec.json.decode(capsys.readouterr().out, type=DiagnoseReport)
    assert report.version == 1
    assert [row.name for row in report.parameters] == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert all(row.verdict == "correct" for row in report.parameters)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--all"),
        ([GOOD, "--all", "."], "one of them"),
        ([GOOD, "--format", "csv"], "needs --all"),
        ([GOOD, "--format", "yaml"], "unknown 'yaml'"),
        (["nowhere.py:f"], "nowhere.py"),
        ([GOOD, "--spec", "nowhere.toml"], "nowhere.toml"),
        (["--all", "nowhere"], "no folder"),
    ],
)
def test_commands_that_cannot_be_read_end_with_2(capsys, words, says: str) -> None:
    assert run(["diagnose", *words]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


NETWORK = '[network]\nactivation = "{}"\noutput = "softmax"\ncost = "cross-entropy"\n'


def test_a_spec_file(capsys, tmp_path: Path) -> None:
    spec = tmp_path / "hw.toml"
    spec.write_text(NETWORK.format("relu"), encoding="utf-8")
    assert run(["diagnose", GOOD, "--spec", str(spec)]) == 0
    spec.write_text(NETWORK.format("tanh"), encoding="utf-8")
    assert run(["diagnose", GOOD, "--spec", str(spec)]) == 1
    assert "hidden layers of the code are relu, those stated tanh" in capsys.readouterr().out
    spec.write_text("[network\n", encoding="utf-8")
    assert run(["diagnose", GOOD, "--spec", str(spec)]) == 2
    assert "is no TOML" in capsys.readouterr().err


def test_a_folder(capsys, class_of_three: Path) -> None:
    assert run(["diagnose", "--all", str(class_of_three), "--format", "csv"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["verdict"] for row in rows] == ["correct", "wrong", "undecided"]
    assert rows[1]["mistakes"] == "hidden-slope-missing"
    assert "is no Python" in rows[2]["message"]


def test_two_at_a_time_give_the_same(capsys, class_of_three: Path) -> None:
    pytest.importorskip("joblib")
    run(["diagnose", "--all", str(class_of_three), "--format", "json"])
    one = json.loads(capsys.readouterr().out)
    run(["diagnose", "--all", str(class_of_three), "--format", "json", "-j", "2"])
    assert json.loads(capsys.readouterr().out) == one


def test_a_journal_is_gone_on_from(capsys, class_of_three: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    words = [
        "diagnose",
        "--all",
        str(class_of_three),
        "--format",
        "json",
        "--journal",
        str(journal),
    ]
    run(words)
    first = capsys.readouterr().out
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == 3
    journal.write_bytes(
        lines[0] + lines[1].replace(b"hidden-slope-missing", b"told-by-the-journal") + lines[2][:20]
    )
    run(words)
    again = capsys.readouterr().out
    assert again == first.replace("hidden-slope-missing", "told-by-the-journal")
    (class_of_three / "bob.py").write_text("def backprop(x, y:\n", encoding="utf-8")
    run(words)  # a changed file is judged again
    assert "told-by-the-journal" not in capsys.readouterr().out


def test_html_escapes_what_people_write(capsys, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(
        "def backprop(x, y, W): raise ValueError('<script>')\n", encoding="utf-8"
    )
    assert run(["diagnose", "--all", str(tmp_path), "--format", "html"]) == 3
    told = capsys.readouterr().out
    assert "&lt;script&gt;" in told
    assert "<script>" not in told


def test_one_function_as_a_page(capsys, tmp_path: Path) -> None:
    code = Path("derivations/code/slope_at_activation.py").read_text(encoding="utf-8")
    path = tmp_path / "<b>.py"
    path.write_text(code, encoding="utf-8")
    run(["diagnose", f"{path}:backprop", "--format", "html"])
    told = capsys.readouterr().out
    assert told.count("<details") == 1
    assert "&lt;b&gt;.py" in told
    assert "<mark>" in told
    assert '<span class="more">+' in told
    assert "<script" not in told
    assert "http:" not in told.replace("http-equiv", "")


def test_the_page_of_a_class(capsys, class_of_three: Path) -> None:
    run(["diagnose", "--all", str(class_of_three), "--format", "html"])
    told = capsys.readouterr().out
    assert "3 submissions: 1 correct, 1 wrong, 1 undecided" in told
    assert told.count('<details class="one ') == 3
    assert "hidden-slope-missing" in told
    assert str(class_of_three) not in told


def test_files_that_cannot_be_read_do_not_stop_the_others(capsys, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xff\xfe")
    (tmp_path / "b.py").write_text("#" * 2_000_001, encoding="utf-8")
    (tmp_path / "c.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "d.py").mkdir()
    (tmp_path / "e.py").write_text(Path(GOOD.partition(":")[0]).read_text(), encoding="utf-8")
    assert run(["diagnose", "--all", str(tmp_path), "--format", "csv"]) == 3
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [Path(row["file"]).name for row in rows] == ["a.py", "b.py", "e.py"]
    assert "no text in UTF-8" in rows[0]["message"]
    assert "at most 2 MB" in rows[1]["message"]
    assert rows[2]["verdict"] == "correct"


def test_a_journal_that_is_a_folder_is_refused(capsys, class_of_three: Path) -> None:
    words = ["diagnose", "--all", str(class_of_three), "--journal", str(class_of_three)]
    assert run(words) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_an_empty_folder_is_refused(capsys, tmp_path: Path) -> None:
    assert run(["diagnose", "--all", str(tmp_path)]) == 2
    assert "holds no .py" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("[convention]\ndepth = true", "depth = True"),
        ('[convention]\nsamples = ["rows"]', "one of rows"),
        ('[network]\nactivation = "relu"', "[network] states no output"),
        ('[network]\nactivation = 3\noutput = "relu"\ncost = "mse"', "not 3"),
        (NETWORK.format("relu") + 'penalty = ["l1"]', "one of none"),
        ('[roles]\nX = "?"', "X = '?' is no role"),
        ('[roles]\nX = 3', "X = 3 is no role"),
        ('strict = "yes"', "true or false"),
        ("seconds = nan", "up to 600"),
        ("function = 3", "name of a function"),
        ("adapter = 3", "name of a Python file"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_spec_is_told_in_one_line(
    capsys, tmp_path, spec: str, says: str
) -> None:
    (tmp_path / "hw.toml").write_text(spec, encoding="utf-8")
    assert run(["diagnose", GOOD, "--spec", str(tmp_path / "hw.toml")]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "hw.toml" in told
    assert told.count("\n") == 1


STRANGE = """import numpy as np

class Net:
    def __init__(self, foo):
        self.one, self.two = [np.ones((k, n)) for k, n in zip(foo, foo[1:])]

    def run(self, p, q):
        h = np.tanh(p @ self.one)
        e = (h @ self.two - q) / len(p)
        self.first = p.T @ ((e @ self.two.T) * (1 - h * h))
        return self.first, h.T @ e
"""


def test_the_spec_that_is_printed_works_when_it_is_completed(capsys, tmp_path: Path) -> None:
    """First the names of the function and the constructor are asked for, then the object's."""
    (tmp_path / "net.py").write_text(STRANGE, encoding="utf-8")
    spec = tmp_path / "hw.toml"
    words = ["diagnose", f"{tmp_path / 'net.py'}:Net.run"]
    assert run(words) == 3
    told = capsys.readouterr().out
    assert "what is 'q'?" in told
    asked = told[told.index("[roles]") :]
    for name, role in (("p", "x"), ("q", "y"), ("foo", "sizes")):
        assert f'\n{name} = "' in asked
        asked = re.sub(rf'\n{name} = ".*?"', f'\n{name} = "{role}"', asked)
    spec.write_text(asked, encoding="utf-8")
    assert run([*words, "--spec", str(spec)]) == 3
    told = capsys.readouterr().out
    asked = told[told.index("[roles]") :]
    for name, role in (("one", "W1"), ("two", "W2")):
        assert f'# {name} = "?"' in asked
        asked = asked.replace(f'# {name} = "?"', f'{name} = "{role}"')
    spec.write_text(asked, encoding="utf-8")
    assert run([*words, "--spec", str(spec)]) == 0
    spec.write_text(asked.replace('"W2"', '"W1"'), encoding="utf-8")
    assert run([*words, "--spec", str(spec)]) == 3
    assert "one and two are both W1" in capsys.readouterr().out
