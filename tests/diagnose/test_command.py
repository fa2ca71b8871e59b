"""``symbackprop diagnose``: exit status, JSON, many files, a journal to go on from."""

from __future__ import annotations

import csv
import io
import json
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


def test_a_spec_file(capsys, tmp_path: Path) -> None:
    spec = tmp_path / "hw.toml"
    spec.write_text('[network]\nactivation = "relu"\noutput = "softmax"\n', encoding="utf-8")
    assert run(["diagnose", GOOD, "--spec", str(spec)]) == 0
    spec.write_text('[network]\nactivation = "sigmoid"\n', encoding="utf-8")
    assert run(["diagnose", GOOD, "--spec", str(spec)]) == 1
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
        "def backprop(x, y): raise ValueError('<script>')\n", encoding="utf-8"
    )
    assert run(["diagnose", "--all", str(tmp_path), "--format", "html"]) == 3
    told = capsys.readouterr().out
    assert "&lt;script&gt;" in told
    assert "<script>" not in told
