"""What the main job, ``train`` and ``derive --format numpy`` really do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symbackprop import cli
from symbackprop.commands.chart import chart
from symbackprop.commands.printed import names
from symbackprop.numeric import lower


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Status, stdout and stderr of a command line in this process."""
    status = cli.run(list(words))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestMainJob:
    """``symbackprop`` alone."""

    def test_it_proves_and_writes_a_handout(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status, out, err = answer(capsys, "--seed", "4")
        assert (status, err) == (0, "")
        assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(names())
        assert out.count("17 of 17") == 2
        assert {name for name in ("BP1", "BP2", "BP3", "BP4") if f"  {name}  " in out} == {
            "BP1", "BP2", "BP3", "BP4",
        }  # fmt: skip
        assert "--seed 4 repeats" in out
        assert max(map(len, out.splitlines())) <= 80
        assert (folder / "out" / "backpropagation.tex").read_text().count(r"\begin{document}") == 1

    def test_the_program_that_it_writes_tests_itself(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert answer(capsys, "--output", "here")[0] == 0
        program = [sys.executable, "-I", "here/gradients.py"]
        subprocess.run(program, check=True, capture_output=True)
        source = (folder / "here" / "gradients.py").read_text()
        spoiled = re.sub(r"dW2 = ", "dW2 = 1.001 * ", source, count=1)
        assert spoiled != source
        (folder / "here" / "gradients.py").write_text(spoiled)
        assert subprocess.run(program, capture_output=True).returncode != 0

    def test_twice_needs_force(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert answer(capsys)[0] == 0
        page = folder / "out" / "backpropagation.html"
        page.write_text("mine")
        status, out, err = answer(capsys)
        assert (status, out) == (2, "")
        assert "--force" in err
        assert page.read_text() == "mine"
        assert answer(capsys, "--force")[0] == 0
        assert page.read_text() != "mine"

    def test_a_wrong_gradient_is_not_passed_over(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = lower.Gradients.__call__

        def wrong(self: lower.Gradients, *args: object, **options: object) -> object:
            dW, db = right(self, *args, **options)  # type: ignore[arg-type]
            return [dW[0] * 1.001, *dW[1:]], list(db)

        monkeypatch.setattr(lower.Gradients, "__call__", wrong)
        status, out, _ = answer(capsys)
        assert status == 1
        assert "✗ compiled" in out


class TestTrain:
    """``symbackprop train``."""

    def test_digits_are_learnt_twice_alike(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, out, err = answer(capsys, "train", "--epochs", "4", "--layers", "64,20,10")
        assert (status, err) == (0, "")
        assert "the weights agree" in out
        by_hand, compiled = re.findall(r"([\d.]+)%", out)[-2:]
        assert by_hand == compiled
        assert float(compiled) > 85
        assert max(map(len, out.splitlines())) <= 80

    def test_the_exclusive_or_is_learnt(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, out, _ = answer(capsys, "train", "--data", "xor")
        assert status == 0
        assert re.findall(r"([\d.]+)%", out)[-2:] == ["100.00", "100.00"]

    def test_weights_that_part_are_told(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = lower.Gradients.__call__

        def wrong(self: lower.Gradients, *args: object, **options: object) -> object:
            dW, db = right(self, *args, **options)  # type: ignore[arg-type]
            return [dW[0] * (1 + 1e-6), *dW[1:]], list(db)

        monkeypatch.setattr(lower.Gradients, "__call__", wrong)
        status, out, _ = answer(capsys, "train", "--data", "xor", "--epochs", "20")
        assert status == 1
        assert "DO NOT agree" in out

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["--data", "mnist"], "digits, xor"),
            (["--layers", "784,30,10"], "64 inputs and 10 outputs"),
            (["--activation", "unspecified"], "no formula to compute with"),
            (["--epochs", "0"], "0"),
            (["--rate", "nan"], "nan"),
            (["--rate", "0"], "0"),
            (["--rate", "inf"], "inf"),
            (["--activation", "identity", "--rate", "1000", "--epochs", "3"], "smaller --rate"),
            (["--plot", "old.png"], "exists already"),
            (["--plot", "curve.txt"], ".png"),
            (["--cost", "cross-entropy", "--activation", "tanh"], "logarithm"),
        ],
    )
    def test_what_does_not_fit_is_one_line(
        self, words: list[str], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "old.png").write_bytes(b"old")
        status, out, err = answer(capsys, "train", *words)
        assert (status, out) == (2, "")
        assert says in err
        assert err.count("\n") == 1
        assert [path.name for path in folder.iterdir()] == ["old.png"]

    @pytest.mark.parametrize(("name", "start"), [("c.png", b"\x89PNG"), ("c.pdf", b"%PDF")])
    def test_a_plot(
        self, name: str, start: bytes, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pytest.importorskip("matplotlib", reason="the plot extra is not installed")
        words = ("train", "--data", "xor", "--epochs", "5", "--plot", name)
        status, _, err = answer(capsys, *words)
        assert status == 0
        assert name in err
        assert (folder / name).read_bytes().startswith(start)

    def test_without_matplotlib_it_says_so_before_training(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        status, out, err = answer(capsys, "train", "--plot", "c.png")
        assert (status, out) == (2, "")
        assert "pip install 'symbackprop[plot]'" in err


@pytest.mark.parametrize(
    "words",
    [
        ["--layers", "2,3,2"],
        ["--layers", "3,4,2", "--activation", "relu,softmax", "--cost", "cross-entropy"],
        ["--layers", "3,2", "--batch", "columns", "--reduction", "sum", "--l2"],
        ["--layers", "2,2,1", "--activation", "gelu,sigmoid", "--batch", "rows", "--no-biases"],
    ],
)
def test_a_program_on_stdout_runs_alone(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = answer(capsys, "derive", "--format", "numpy", *words)
    assert (status, err) == (0, "")
    (folder / "program.py").write_text(out, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", "program.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


class TestChart:
    """Curves as characters."""

    def test_equal_curves_are_one(self) -> None:
        lines = chart([0.0, 1.0], [0.0, 1.0], width=4, height=3)
        assert lines == ["        1 ┤  ●", "          ┤", "        0 ┤●", "    epoch  1  2"]

    def test_curves_that_part_are_two(self) -> None:
        text = "\n".join(chart([0.0, 1.0], [1.0, 0.0], width=2, height=2))
        assert text.count("○") == text.count("×") == 2
        assert "●" not in text

    @pytest.mark.parametrize("count", [1, 2, 30, 64, 1_000])
    def test_it_fits_and_keeps_every_column(self, count: int) -> None:
        curve = list(np.linspace(3.0, 1.0, count))
        lines = chart(curve, curve, width=64, height=9)
        assert max(map(len, lines)) <= 80
        assert sum(line.count("●") for line in lines) == min(count, 64)
        assert lines[-1].endswith(str(count))

    def test_a_flat_curve(self) -> None:
        assert sum(line.count("●") for line in chart([2.0] * 5, [2.0] * 5, 10, 3)) == 5
