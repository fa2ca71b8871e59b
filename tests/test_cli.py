"""The command line: what each command answers, its exit status, and what it never imports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import symbackprop
from symbackprop import cli
from symbackprop.commands import manual
from symbackprop.commands.group import commands
from symbackprop.commands.reports import DeriveReport, VerifyReport, schemas
from symbackprop.judge.verdict import Status, Verdict

Run = subprocess.CompletedProcess[str]


def run(*words: str, **options: object) -> Run:
    """The command in a process of its own."""
    line = [sys.executable, "-m", "symbackprop", *words]
    given = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run(line, **given)  # type: ignore[call-overload,no-any-return]


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Status, stdout and stderr of a command line in this process."""
    status = cli.run(list(words))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_help_lists_every_command_and_fits_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "--help")
    assert status == 0
    assert all(f"  {name} " in out for name in manual.COMMANDS)
    assert max(map(len, out.splitlines())) <= 80


def test_the_help_of_click_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(commands, ["--help"]).output.strip() == manual.help_text().strip()


def test_help_names_the_options_that_there_are() -> None:
    said = set(manual.help_text().replace(",", " ").split())
    assert {option for parameter in commands.params for option in parameter.opts} <= said


@pytest.mark.parametrize("name", manual.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, name, "--help")
    assert status == 0
    assert "Usage: symbackprop " + name in out
    assert max(map(len, out.splitlines())) <= 80


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "--version") == (0, f"symbackprop {symbackprop.__version__}\n", "")


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(word: str) -> None:
    code = (
        "import sys\nfrom symbackprop.cli import run\n"
        f"run([{word!r}])\n"
        "heavy = {'sympy', 'numpy', 'click', 'rich', 'msgspec', 'typing'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)"
    )
    folder = str(Path(symbackprop.__path__[0]).parent)
    line = [sys.executable, "-S", "-c", code]  # -S: nothing but what we import
    environment = {**os.environ, "PYTHONPATH": folder}
    done = subprocess.run(line, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", manual.COMMANDS)
def test_the_help_of_a_command_needs_no_mathematics(name: str) -> None:
    code = (
        "import sys\nfrom symbackprop.cli import run\n"
        f"run([{name!r}, '--help'])\n"
        "sys.exit(' '.join({'sympy', 'numpy', 'rich'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_derive_prints_a_proved_derivation(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = answer(capsys, "derive", "--cost", "mse", "--seed", "5")
    assert (status, err) == (0, "")
    assert "34 of 34 lines proved" in out
    assert "seed 5" in out


@pytest.mark.parametrize("form", ["delta", "path", "matrix", "scalar"])
def test_derive_as_json_keeps_its_schema(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("derive", "--layers", "2,2,1", "--form", form, "--format", "json", "--seed", "7")
    status, out, _ = answer(capsys, *words)
    report = msgspec.json.decode(out, type=DeriveReport)
    assert status == 0
    assert report.proved
    assert report.seed == 7
    assert report.widths == [2, 2, 1]
    assert {step.verdict for step in report.steps} == {"proved"}
    assert all(used < step.number for step in report.steps for used in step.uses)


def test_a_seed_repeats_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("derive", "--form", "path", "--seed", "18446744073709551615")
    assert answer(capsys, *words) == answer(capsys, *words)


def test_without_layers_every_width_and_depth(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = answer(capsys, "derive", "--format", "json")
    report = msgspec.json.decode(out, type=DeriveReport)
    assert report.widths is None
    assert all({"every width", "every depth"} <= set(step.scope) for step in report.steps)


def test_verify_counts_every_partial(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("verify", "--layers", "20,7,3", "--layers", "2,3,2", "--format", "json", "--seed", "1")
    status, out, _ = answer(capsys, *words)
    report = msgspec.json.decode(out, type=VerifyReport)
    assert status == 0
    assert [(n.proved, n.total) for n in report.networks] == [(171, 171), (17, 17)]
    assert all(n.bound is not None and n.bound < -100 for n in report.networks)
    assert [n.seed for n in report.networks] == [1, 1]


def test_verify_on_screen(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "verify", "--layers", "784,30,10")
    assert status == 0
    assert "23860/23860 partial derivatives proved" in out


def test_the_oracle_takes_a_small_network_of_the_same_kind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = (
        "verify",
        "--layers",
        "40,30,10",
        "--activation",
        "tanh",
        "--oracle",
        "--format",
        "json",
    )
    status, out, _ = answer(capsys, *words)
    (network,) = msgspec.json.decode(out, type=VerifyReport).networks
    assert status == 0
    assert network.oracle is not None
    assert network.oracle.network.layers == [2, 3, 2]
    assert network.oracle.network.activations == ["tanh", "tanh"]
    assert (network.oracle.equal, network.oracle.total) == (17, 17)


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict(Status.REFUTED), 1),
        (Verdict(Status.UNDECIDED), 3),
        (Verdict(Status.NOT_UNDERSTOOD), 3),
        (Verdict(Status.PROVED), 0),
    ],
)
def test_the_exit_status_is_the_worst_verdict(
    verdict: Verdict,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("symbackprop.judge.decide.judge", lambda *_, **__: verdict)
    assert answer(capsys, "derive", "--form", "path")[0] == status


def test_schema_describes_what_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "schema")
    printed = json.loads(out)
    assert status == 0
    assert printed == schemas()
    steps = printed["derive"]["$defs"]["StepReport"]
    assert {"statement", "verdict", "witness"} - set(steps["properties"]) == {"statement"}


def test_output_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.tex"
    status, out, err = answer(capsys, "derive", "--format", "latex", "-o", str(path))
    assert (status, out) == (0, "")
    assert "lines proved" in err
    assert path.read_text().rstrip().endswith(r"\end{document}")


@pytest.mark.parametrize("name", ["with space", "two\nlines", "-dash", "naïve δ", "..odd"])
def test_any_file_name_will_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, err = answer(capsys, "schema", "--output=" + name)
    assert (status, err) == (0, "")
    assert json.loads((tmp_path / name).read_text()) == schemas()


INJECTIONS = [
    r"\input{/etc/passwd}",
    r"\write18{touch ran}",
    "</title><script>alert(1)</script>",
    '" onload="alert(1)',
    "__import__('pathlib').Path('ran').touch()",
    "=HYPERLINK(1)",
    "$x$ #panic(1) [link](javascript:alert(1)) {{ 7*7 }}",
    "\u202egnp.exe\u202c",
    "a\x1b[31m\x00b",
]


RUNS = {
    "latex": r"\\input\{/|\\write",
    "html": r"<script|\" onload=\"|<title></title>",
    "md": r"(?<!\\)<script|(?<!\\)\]\(javascript|(?<!\\)\[link",
    "text": "never",
}


@pytest.mark.parametrize("title", INJECTIONS)
@pytest.mark.parametrize("format_", ["text", "latex", "html", "md", "json"])
def test_a_title_is_text_and_nothing_else(
    title: str,
    format_: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("derive", "--layers", "1,1", "--form", "scalar", "--title", title, "--format", format_)
    status, out, err = answer(capsys, *words)
    assert (status, err) == (0, "")
    assert list(tmp_path.iterdir()) == []
    if format_ == "json":
        assert json.loads(out)["title"] == title
        return
    assert re.findall(f"[\x00\x1b\u202e]|{RUNS[format_]}", out) == []


@pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
class TestEndings:
    """What a shell sees when a run ends early."""

    def test_a_closed_pipe_is_quiet(self) -> None:
        reader, pipe = os.pipe()
        os.close(reader)
        with os.fdopen(pipe, "w") as closed:
            done = run("derive", capture_output=False, stdout=closed, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (manual.PIPE_CLOSED, "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    @pytest.mark.parametrize("words", [["--help"], ["derive"], ["schema"]])
    def test_a_full_disk_is_one_line(self, words: list[str]) -> None:
        with Path("/dev/full").open("w") as full:
            done = run(*words, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == manual.UNREADABLE
        assert (
            done.stderr == "symbackprop: the output could not be written: no space left on device\n"
        )

    def test_ctrl_c_is_one_line(self, tmp_path: Path) -> None:
        code = (
            "from symbackprop import cli\n"
            "from symbackprop.derive import delta\n"
            "def interrupted(*_): raise KeyboardInterrupt\n"
            "delta.weights = interrupted\n"
            f"cli.main(['derive', '-o', {str(tmp_path / 'new')!r}])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (130, "")
        assert done.stderr == "symbackprop: interrupted\n"
        assert list(tmp_path.iterdir()) == []

    def test_a_terminal_without_unicode(self) -> None:
        done = run("derive", env={**os.environ, "PYTHONIOENCODING": "ascii"})
        assert (done.returncode, done.stderr) == (0, "")
        assert r"\u03b4" in done.stdout


def test_python_dash_m_is_the_command() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"symbackprop {symbackprop.__version__}\n")


def test_completion_offers_the_commands() -> None:
    asked = {
        "_SYMBACKPROP_COMPLETE": "bash_complete",
        "COMP_WORDS": "symbackprop ",
        "COMP_CWORD": "1",
    }
    done = run(env={**os.environ, **asked})
    assert {line.split(",")[-1] for line in done.stdout.split()} == set(manual.COMMANDS)


class TestPublicNames:
    """``import symbackprop`` offers the names of the interface, imported when they are used."""

    @pytest.mark.parametrize("name", symbackprop.__all__)
    def test_every_name_is_there(self, name: str) -> None:
        assert getattr(symbackprop, name) is not None
        assert name in dir(symbackprop)

    def test_an_unknown_name_is_an_attribute_error(self) -> None:
        with pytest.raises(AttributeError, match="nonsense"):
            symbackprop.nonsense  # type: ignore[attr-defined]  # noqa: B018

    def test_derive_is_the_function_whatever_was_imported_before(self) -> None:
        code = (
            "import symbackprop.derive.rules, symbackprop\n"
            "from symbackprop.derive import derive\n"
            "assert symbackprop.derive is derive\n"
            "from symbackprop import derive as public\nassert public is derive\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_the_whole_road(self) -> None:
        network = symbackprop.Network([2, 3, 2], activation="tanh", cost="mse")
        checked = symbackprop.check(symbackprop.derive(network), seed=3)
        assert isinstance(checked, symbackprop.Checked)
        assert checked.proved
