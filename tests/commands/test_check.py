"""``symbackprop check``: its exit status, its formats, and what it does with several files."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import yaml

from symbackprop import cli
from symbackprop.commands import check, manual
from symbackprop.commands.reports import CheckReport
from symbackprop.errors import InputError
from symbackprop.review.report import Case, FileReport, Line

ROLES = {"": "definition"}


def line(verdict: str, number: int = 1, **said: Any) -> Line:
    known = {"tag": "", "line": number, "column": 3, "tex": "a = b"}
    return Line(**{**known, "role": ROLES.get(verdict, "claim"), "verdict": verdict, **said})


def file(path: str, *verdicts: str, **said: Any) -> FileReport:
    lines = tuple(line(verdict, number) for number, verdict in enumerate(verdicts, start=1))
    known = {
        "verdict": verdicts[0] if verdicts else "undecided",
        "first_wrong": None,
        "assumed": (),
    }
    return FileReport(**{"path": path, "lines": lines, "source": "SECRET", **known, **said})


@pytest.fixture
def reviews(monkeypatch: pytest.MonkeyPatch) -> dict[str, FileReport]:
    """What the review of a path is; a path that is not there cannot be read."""
    known: dict[str, FileReport] = {}
    asked: list[dict[str, Any]] = []

    def read_file(path: str, assume: Path | None = None) -> SimpleNamespace:
        if path not in known:
            raise InputError("this is no text", file=path, line=3)
        return SimpleNamespace(path=path, assume=assume, remarks=())

    def check_document(document: SimpleNamespace, **options: Any) -> FileReport:
        asked.append({"assume": document.assume, **options})
        return known[document.path]

    monkeypatch.setattr("symbackprop.read.documents.read_file", read_file)
    monkeypatch.setattr("symbackprop.review.document.check_document", check_document)
    known["asked"] = asked  # type: ignore[assignment]
    return known


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.run(["check", *words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        (("proved", "proved"), 0),
        (("", "proved"), 0),
        (("proved", "refuted"), 1),
        (("ill-typed",), 1),
        (("refuted", "not-understood"), 1),
        (("proved", "undecided"), 3),
        (("not-understood",), 3),
        (("", ""), 3),
    ],
)
def test_status(
    verdicts: tuple[str, ...],
    status: int,
    reviews: dict[str, FileReport],
    capsys: pytest.CaptureFixture[str],
) -> None:
    reviews["a.md"] = file("a.md", *verdicts)
    assert answer(capsys, "a.md")[0] == status


def test_a_document_that_only_repeats_itself_is_not_proved(
    reviews: dict[str, FileReport], capsys: pytest.CaptureFixture[str]
) -> None:
    again = line("proved", trivial=True)
    reviews["a.md"] = file("a.md", "proved", lines=(again,))
    status, out, _ = answer(capsys, "a.md")
    assert status == 3
    assert "repeats itself" in out
    reviews["a.md"] = file("a.md", "proved", lines=(again, line("proved", 2)))
    assert answer(capsys, "a.md")[0] == 0


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    reviews: dict[str, FileReport], capsys: pytest.CaptureFixture[str]
) -> None:
    reviews["a.md"], reviews["c.md"] = file("a.md", "proved"), file("c.md", "refuted")
    status, out, err = answer(capsys, "a.md", "b.md", "c.md")
    assert status == 2
    assert err == "symbackprop: b.md:3: this is no text\n"
    assert out.index("a.md") < out.index("c.md")
    assert "3 documents: 1 proved, 1 with something wrong, 1 unreadable" in out


def test_options_reach_the_review(
    reviews: dict[str, FileReport], capsys: pytest.CaptureFixture[str]
) -> None:
    reviews["a.md"] = file("a.md", "proved")
    words = (
        "--activation relu,softmax --cost mse --notation bishop --seed 7 --limit 2 --assume n.toml"
    )
    assert answer(capsys, "a.md", *words.split())[0] == 0
    assert reviews["asked"] == [
        {
            "assume": Path("n.toml"),
            "activation": ("relu", "softmax"),
            "cost": "mse",
            "notation": "bishop",
            "seed": 7,
            "limit": 2.0,
        }
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "pdf"), ("--activation", "sigmoit"), ("--cost", "mes"), ("--notation", "bishob"),
        ("--color", "red"), ("--limit", "0"), ("-j", "0"), ("-",), ("--activation", "relu,sοftmax"),
    ],
)  # fmt: skip
def test_a_word_that_is_not_known_is_one_line_and_no_file_is_read(
    words: tuple[str, ...], reviews: dict[str, FileReport], capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = answer(capsys, "-", *words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert words[-1] in err or words[0] in err
    assert reviews["asked"] == []


def test_no_file_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = answer(capsys)
    assert status == 2
    assert "FILE" in err


def test_json_keeps_the_contract(
    reviews: dict[str, FileReport], capsys: pytest.CaptureFixture[str]
) -> None:
    case = Case((2, 3), 1, {"j": 1}, {"x": "1/2"}, "1", "2")
    wrong = line(
        "refuted", 4, tag="4", mistake="sign", witness=case, follows="inherits", inherits_from="3"
    )
    lines = (line("", 1), wrong)
    reviews["a.md"] = file("a.md", "refuted", lines=lines, first_wrong="4", seed=9)
    status, out, _ = answer(capsys, "a.md", "b.md", "--format", "json")
    assert status == 2
    told = json.loads(out)
    assert told["version"] == 1
    assert told["unreadable"] == [{"path": "b.md", "message": "b.md:3: this is no text"}]
    first, second = told["files"][0]["lines"]
    assert (first["role"], first["verdict"], first["follows"]) == ("definition", None, None)
    assert (second["verdict"], second["follows"], second["inherits_from"]) == (
        "refuted",
        "inherits",
        "3",
    )
    assert second["witness"]["left"] == "1"
    assert (told["files"][0]["first_wrong"], told["files"][0]["seed"]) == ("4", 9)
    assert "SECRET" not in out
    msgspec.json.decode(out, type=CheckReport)


def test_every_field_of_a_line_is_in_the_json() -> None:
    from symbackprop.commands.reports import CheckedFile, LineReport

    assert set(LineReport.__struct_fields__) == set(Line.__struct_fields__)
    assert set(CheckedFile.__struct_fields__) == set(FileReport.__struct_fields__) - {"source"}


@pytest.mark.parametrize("format_", check.FORMATS)
def test_every_format_goes_into_a_file(
    format_: str,
    reviews: dict[str, FileReport],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    reviews["a.md"] = file("a.md", "refuted", source="$$a = b$$")
    path = tmp_path / "out"
    status, out, err = answer(capsys, "a.md", "--format", format_, "-o", str(path))
    assert (status, out, err) == (1, "", "")
    assert "a.md" in path.read_text(encoding="utf-8")
    assert answer(capsys, "a.md", "--format", format_, "-o", str(path))[0] == 2
    assert answer(capsys, "a.md", "--format", format_, "-o", str(path), "--force")[0] == 1


@pytest.mark.parametrize(
    ("color", "no_color", "colored"),
    [("always", "1", True), ("never", "", False), ("auto", "", False), ("auto", "1", False)],
)
def test_color(
    color: str,
    no_color: str,
    colored: bool,
    reviews: dict[str, FileReport],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    reviews["a.md"] = file("a.md", "refuted")
    assert ("\x1b[" in answer(capsys, "a.md", "--color", color)[1]) is colored


def test_a_terminal_without_our_marks_gets_words() -> None:
    line = [sys.executable, "-m", "symbackprop", "check", "-", "--seed", "1"]
    typed = r"$$a^l_j = \sigma(z^l_j)$$ $$a^L_j = \sigma(z^L_j)$$ $$a^L_j = 2\sigma(z^L_j)$$"
    done = subprocess.run(
        line, input=typed, capture_output=True, encoding="ascii",
        env={"PYTHONIOENCODING": "ascii:strict", "PATH": ""}, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert "WRONG" in done.stdout
    assert "\\u" not in done.stdout.splitlines()[-4]


DERIVATIONS = Path(__file__).parents[2] / "derivations"


def test_several_processes_say_what_one_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two", "three"):
        text = (
            ""
            if name == "two"
            else f"$$\\delta^L_j = \\nabla_{{a^L_j}} C \\sigma'(z^L_j)$$\n# {name}"
        )
        Path(f"{name}.md").write_text(text)
    words = ("three.md", "two.md", "one.md", "missing.md", "--seed", "1")
    alone, together = answer(capsys, *words), answer(capsys, *words, "-j", "2")
    assert alone == together
    status, out, err = together
    assert status == 2
    assert out.index("three.md") < out.index("one.md")
    assert [row.split(":")[1].strip() for row in err.splitlines()] == ["two.md", "missing.md"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("sigmoid", 0),
        ("softmax", 1),
    ],
)
def test_the_question_with_softmax(
    name: str, status: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An output neuron depends on every weighted input: the rule without a sum is wrong."""
    typed = rb"$$\delta^L_j = \frac{\partial C}{\partial a^L_j}\sigma'(z^L_j)$$"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed)))
    words = ("-", "--activation", name, "--seed", "1", "--format", "json")
    found, out, err = answer(capsys, *words)
    assert (found, err) == (status, "")
    (line,) = json.loads(out)["files"][0]["lines"]
    assert (line["witness"] is None) is (status == 0)


def test_json_of_a_real_document_fits_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    path = DERIVATIONS / "bishop.md"
    status, out, _ = answer(capsys, str(path), "--format", "json", "--seed", "1")
    report = msgspec.json.decode(out, type=CheckReport)
    (file,) = report.files
    rows = path.read_text(encoding="utf-8").split("\n")
    for line in file.lines:
        assert rows[line.line - 1][line.column - 1 :].startswith(line.tex.split("\n")[0])
    assert (status, file.verdict) == (0, "proved")


def test_the_hook_for_pre_commit() -> None:
    manifest = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
    (hook,) = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    program, command = hook["entry"].split()
    assert (program, hook["id"]) == ("symbackprop", "symbackprop-check")
    assert command in manual.COMMANDS
    assert re.search(hook["files"], "notes/week.deriv.md")
    assert re.search(hook["files"], "week.deriv.tex")
    assert not re.search(hook["files"], "README.md")
