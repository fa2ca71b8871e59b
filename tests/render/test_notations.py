"""The table of notations: complete rows, permutations that capture nothing, near names."""

from __future__ import annotations

import pytest

from symbackprop.errors import InputError
from symbackprop.networks.network import Network
from symbackprop.networks.notations import ALIASES, NOTATIONS, notation_named

FAMILIES = {"w", "b", "z", "a", "y", "delta", "C", "J", "lambda", "sigma"}


@pytest.mark.parametrize("name", NOTATIONS)
def test_a_row_is_complete(name: str) -> None:
    row = notation_named(name)
    assert row.name == name
    assert set(row.letters) >= FAMILIES
    assert set(row.matrices) == {"w", "z", "a", "y", "delta"}
    assert row.layer % "l+1" != row.layer
    assert row.says
    assert sorted(row.indices) == sorted(row.indices.values()), "a permutation cannot capture"
    assert row.weight_order in ("to-from", "from-to")
    assert row.sample in ("index", "superscript", "leading")
    assert row.gradient in ("nabla", "fraction")


@pytest.mark.parametrize("name", NOTATIONS)
def test_two_families_never_share_a_letter(name: str) -> None:
    letters = notation_named(name).letters
    assert len(set(letters.values())) == len(letters)


def test_a_row_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        notation_named("nielsen").letters["w"] = "v"  # type: ignore[index]


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_aliases(alias: str, name: str) -> None:
    assert notation_named(alias).name == name


@pytest.mark.parametrize(("wrong", "near"), [("nielson", "nielsen"), ("note", "notes"), ("", "")])
def test_unknown_names_are_refused_with_near_ones(wrong: str, near: str) -> None:
    with pytest.raises(InputError) as told:
        notation_named(wrong)
    assert near in str(told.value)
    assert "known: 3b1b" in str(told.value)


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(InputError, match="a notation is a name"):
        notation_named(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NOTATIONS)
def test_what_a_source_takes_exists(name: str) -> None:
    row = notation_named(name)
    assert Network(cost=row.cost, batch=row.batch, notation=name).cost == row.cost
