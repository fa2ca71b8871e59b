"""The files in derivations/ are what the tool writes today, and everything in them is proved."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[1] / "derivations"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("derivations_generate", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_file_is_stale() -> None:
    """`make derivations` would change nothing."""
    for path, content in generator().files():
        assert path.read_text(encoding="utf-8") == content, f"{path.name}: run make derivations"


def test_a_changed_file_is_called_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check can fail: a file that was edited by hand is named, and left alone."""
    module = generator()
    name = "network_2_2_1_tanh"
    monkeypatch.setattr(module, "HERE", tmp_path)
    monkeypatch.setattr(module, "DERIVATIONS", {name: module.DERIVATIONS[name]})
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert module.main() == 0
    edited = tmp_path / f"{name}.md"
    edited.write_text(edited.read_text(encoding="utf-8") + "edited\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert module.main() == 1
    assert f"{name}.md" in capsys.readouterr().err
    assert edited.read_text(encoding="utf-8").endswith("edited\n")
