"""``symbackprop handout``, ``exercises`` and ``check-numbers`` as people call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symbackprop.cli import run
from symbackprop.commands.handout import PARTS
from symbackprop.handout import contents

NUMBERS = Path(__file__).parents[2] / "derivations" / "numbers"


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_the_switches_know_the_parts() -> None:
    assert tuple(contents.PARTS) == PARTS


def test_a_folder_with_every_format_and_again_only_by_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["handout", "--layers", "2,2,1", "--only", "forward,cost", "--format",
               "html,tex,md,ipynb", "-o", str(out), "--seed", "3"]  # fmt: skip
    assert run(command) == 0
    assert {path.suffix for path in out.iterdir()} == {".html", ".tex", ".md", ".ipynb"}
    told = lines(capsys)
    assert len(told) == 4
    before = {path: path.read_text() for path in out.iterdir()}
    assert run(command) == 2
    assert "exists already" in lines(capsys)[-1]
    assert run([*command, "--force"]) == 0
    assert {path: path.read_text() for path in out.iterdir()} == before
    assert "symbackprop handout --layers 2,2,1 --only forward,cost" in before[out / "handout.md"]


def test_one_format_into_one_file(tmp_path: Path) -> None:
    path = tmp_path / "course" / "week 1" / "bishop.md"  # the folders are made
    assert run(["handout", "--notation", "bishop", "--format", "md", "-o", str(path),
                "--without", "example,exercises"]) == 0  # fmt: skip
    assert "E = " in path.read_text() or r"E &= " in path.read_text()
    assert run(["check", str(path)]) == 0


def test_a_notation_file(tmp_path: Path) -> None:
    notation = tmp_path / "ours.toml"
    notation.write_text('base = "nielsen"\n[letters]\nz = "u"\n')
    path = tmp_path / "ours.md"
    assert run(["handout", "--notation", str(notation), "--only", "forward", "--format", "md",
                "-o", str(path)]) == 0  # fmt: skip
    assert "u^{l}_{j} &=" in path.read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--notation", "bishpo"], "did you mean 'bishop'"),
        (["--level", "expert"], "--level: unknown 'expert'"),
        (["--language", "fr"], "--language: unknown 'fr'"),
        (["--only", "forwards"], "did you mean 'forward'"),
        (["--without", ",".join(PARTS)], "no part of the handout is left"),
        (["--format", "docx"], "--format: unknown 'docx'"),
        (["--layers", "2,x"], "layer 2 has width 'x'"),
        (["--notation", "none.toml"], "No such file"),
        (["--title", "x" * 300], "--title: 300 characters"),
        (["--layers", "2,2", "--activation", "tanh", "--no-biases", "--nice"], "nice"),
        (["--layers", "9,9,9", "--name-weights"], "a layer has 9 neurons"),
        (["--numbers", "none.toml"], "No such file"),
        (["--numbers", "none.toml", "--layers", "2,2"], "--layers and --numbers"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(["handout", "--format", "md", "-o", "out", *words]) == 2
    told = lines(capsys)
    assert len(told) == 1
    assert says in told[0]
    assert {path.suffix for path in tmp_path.rglob("*")} <= {".toml"}


def test_several_formats_do_not_fit_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["handout", "-o", str(tmp_path / "page.html")]) == 2
    assert "add --format html" in lines(capsys)[0]


def test_exercises_write_worksheet_key_and_moodle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["exercises", "--layers", "2,2,1", "--count", "3", "--seed", "7", "--format",
               "md,moodle", "-o"]  # fmt: skip
    for folder in ("one", "two"):
        assert run([*command, str(tmp_path / folder)]) == 0
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {"exercises.md", "key.md", "exercises.xml"}
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert run([*command, str(tmp_path / "one")]) == 2


def test_check_numbers_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check-numbers", str(NUMBERS / "mazur_2_2_2.toml")]) == 1
    out = capsys.readouterr().out
    assert "E after one step = 0.291027924: wrong; it is 0.291027774" in out
    assert "[updated-" in out
    assert all(len(line) <= 80 for line in out.splitlines()[1:])  # the first has the path
    assert run(["check-numbers", str(NUMBERS / "one_sigmoid_neuron.toml")]) == 0
    assert "9 of 9 numbers right" in capsys.readouterr().out


def test_check_numbers_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check-numbers", "--format", "json", str(NUMBERS / "readme_2_2_1.toml")]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["version"] == 1
    verdicts = [n["verdict"] for n in report["files"][0]["numbers"]]
    assert verdicts.count("wrong") == 1
    assert verdicts.count("inherits") == 2


def test_check_numbers_refuses_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("layers = [2, 2]\nx = [1]\n")
    assert run(["check-numbers", str(path)]) == 2
    told = lines(capsys)
    assert len(told) == 1
    assert "bad.toml" in told[0]
    assert "x, row 1: 1 numbers, but 2 are needed" in told[0]
