"""A notation of one's own: what a file may say, and what is refused with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.derive import derive
from symbackprop.errors import InputError
from symbackprop.judge import check
from symbackprop.networks.network import Network
from symbackprop.networks.notation_file import read_notation
from symbackprop.networks.notations import NOTATIONS
from symbackprop.render.markdown import to_markdown

OWN = r"""
base = "nielsen"
layer = "(%s)"
hadamard = "\\circ"
cost = "mse"
[letters]
z = "u"
a = "v"
[indices]
j = "i"
i = "j"
"""


@pytest.fixture(autouse=True)
def _known_rows() -> object:
    """A notation that a test makes known is forgotten behind it."""
    before = dict(NOTATIONS)
    yield
    NOTATIONS.clear()
    NOTATIONS.update(before)


def written(text: str, folder: Path) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_letters_marks_and_indices_follow(tmp_path: Path) -> None:
    row = read_notation(written(OWN, tmp_path))
    assert row.name == "mine"
    checked = check(derive(Network(None, cost=row.cost, notation="mine"), "matrix"), seed=1)
    text = to_markdown(checked)
    assert r"v^{(l)}_{i} &= \sigma\bigl(u^{(l)}_{i}\bigr)" in text
    assert r"\circ" in text
    assert r"\odot" not in text


def test_it_never_replaces_a_known_one(tmp_path: Path) -> None:
    path = tmp_path / "nielsen.toml"
    path.write_text(OWN, encoding="utf-8")
    row = read_notation(path)
    assert row.name == "nielsen (own)"
    assert NOTATIONS["nielsen"].layer == "%s"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('bass = "nielsen"', "unknown key 'bass'; did you mean 'base'"),
        ('base = "nielson"', "did you mean 'nielsen'"),
        ('[letters]\nz = "u"', "no letter for w, b, a, y"),
        ('base = "nielsen"\n[letters]\nz = "a"', "a stands for z and for a"),
        ('base = "nielsen"\n[letters]\nq = "a"', "letters: unknown 'q'"),
        ('base = "nielsen"\n[letters]\nz = "\\\\delta"', "stands for z and for delta"),
        ('base = "nielsen"\n[letters]\nz = "\\\\delta"\ndelta = "e"', "Kronecker"),
        ('base = "nielsen"\n[letters]\nz = "\\\\input{x}"', "letters.z"),
        ('base = "nielsen"\n[letters]\nz = "$x$"', "letters.z"),
        ('base = "nielsen"\n[letters]\nz = 3', "letters.z"),
        ('base = "nielsen"\n[indices]\nj = "i"', "each letter that is renamed"),
        ('base = "nielsen"\n[indices]\nj = "ij"\nij = "j"', "one letter"),
        ('base = "nielsen"\nlayer = "<%s>"', "layer: unknown '<%s>'"),
        ('base = "nielsen"\nhadamard = "\\\\write18{ls}"', "is no sign"),
        ('base = "nielsen"\ncost = "mce"', "unknown cost"),
        ('base = "nielsen"\nletters = 3', "no table"),
        ("base = ", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_notation(written(text, tmp_path))
    assert says in str(told.value)
    assert "mine.toml" in str(told.value)
    assert "mine" not in NOTATIONS


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_notation(tmp_path / "none.toml")
