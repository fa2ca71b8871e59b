r"""A notation of one's own, from a TOML file.

base = "nielsen"          # what is not said here is taken from there
layer = "(%s)"
hadamard = "\\circ"
[letters]                 # w b z a y delta C J lambda pi sigma
z = "u"
[matrices]                # w z a y delta, of all samples together
z = "U"
[indices]                 # letters of indices and layers, each new letter once
j = "i"
i = "j"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from symbackprop.errors import InputError, nearest
from symbackprop.networks.costs import cost_named
from symbackprop.networks.notations import NOTATIONS, Notation, notation_named

MAX_BYTES = 20_000
_LETTER = re.compile(
    r"\\?[A-Za-z]{1,12}|[A-Za-z]_[A-Za-z0-9]|\\(?:math(?:bf|cal|rm)|tilde|hat|bar)\{[A-Za-z]\}"
)
_SIGN = re.compile(r"\\?[A-Za-z]{1,12}|[*.]")
_INDEX = re.compile(r"[A-Za-z]")
CHOICES = {
    "layer": ("%s", "(%s)", "[%s]"),
    "weight_order": ("to-from", "from-to"),
    "sample": ("index", "superscript", "leading"),
    "gradient": ("nabla", "fraction"),
    "batch": ("columns", "rows"),
}
TABLES = ("letters", "matrices", "indices")


def read_notation(path: Path) -> Notation:
    """The notation of a file, known by the file's name from here on.

    Raises ``InputError`` that names the key: what is unknown, missing, doubled or no letter.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("too long for a notation", file=str(path))
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise InputError(f"cannot be read: {fault.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=str(path)) from None
    except tomllib.TOMLDecodeError as fault:
        raise InputError(f"is not TOML: {fault}", file=str(path)) from None
    try:
        row = notation_from(path.stem, said)
    except InputError as fault:
        raise InputError(str(fault), file=str(path)) from None
    if row.name in NOTATIONS and NOTATIONS[row.name] != row:
        row = replace(row, name=f"{row.name} (own)")
    NOTATIONS[row.name] = row
    return row


def notation_from(name: str, said: Mapping[str, Any]) -> Notation:
    """The row that a table of keys and values describes."""
    keys = [field.name for field in fields(Notation) if field.name != "name"]
    for key in said:
        if key not in (*keys, "base"):
            raise InputError(f"unknown key {key!r}", expected=nearest(key, [*keys, "base"]))
    base = notation_named(said["base"]) if "base" in said else None
    changes: dict[str, Any] = {"name": name, "says": said.get("says", f"from {name}")}
    for key in keys:
        if key not in said:
            continue
        value = said[key]
        if key in TABLES:
            changes[key] = _table(key, value, base)
        elif key in CHOICES and value not in CHOICES[key]:
            raise InputError(f"{key}: unknown {value!r}", expected=", ".join(CHOICES[key]))
        elif not isinstance(value, str):
            raise InputError(f"{key}: {value!r} is no text")
        elif key in ("hadamard", "transpose") and not _SIGN.fullmatch(value):
            raise InputError(f"{key}: {value!r} is no sign", expected=r"such as \odot, * or T")
        else:
            changes[key] = cost_named(value).name if key == "cost" else value
    if base is None:
        _complete(said.get("letters", {}), "letters")
    made = replace(base or notation_named("nielsen"), **{"source": "", "remark": "", **changes})
    _apart(made)
    return made


def _table(key: str, value: Any, base: Notation | None) -> Mapping[str, str]:
    """Letters by what they stand for; those of the base where nothing is said."""
    if not isinstance(value, Mapping):
        raise InputError(f"{key} is no table", expected=f"[{key}] and a line for each letter")
    usual = getattr(notation_named("nielsen"), key)
    pattern = _INDEX if key == "indices" else _LETTER
    for family, letter in value.items():
        if key != "indices" and family not in usual:
            raise InputError(f"{key}: unknown {family!r}", expected=nearest(family, usual))
        if not isinstance(letter, str) or not pattern.fullmatch(letter):
            kind = "one letter" if key == "indices" else r"a letter such as u, \phi or \mathbf{U}"
            raise InputError(f"{key}.{family}: {letter!r}", expected=kind)
    if key == "indices":
        if sorted(value) != sorted(value.values()):
            raise InputError(
                "indices: each letter that is renamed must be the new name of one, and of one only",
                todo='such as j = "i" and i = "j"',
            )
        return MappingProxyType(dict(value))
    return MappingProxyType({**(getattr(base, key) if base else usual), **value})


def _complete(letters: Mapping[str, str], key: str) -> None:
    usual = notation_named("nielsen").letters
    missing = [family for family in usual if family not in letters]
    if missing:
        raise InputError(
            f"{key}: no letter for {', '.join(missing)}", todo='add it, or base = "nielsen"'
        )


def _apart(row: Notation) -> None:
    """No letter twice; δ is Kronecker's if it is not that of the error."""
    for key in ("letters", "matrices"):
        seen: dict[str, str] = {}
        for family, letter in getattr(row, key).items():
            if letter in seen:
                raise InputError(
                    f"{key}: {letter} stands for {seen[letter]} and for {family}",
                    todo="give one of them another letter",
                )
            seen[letter] = family
    wrong = [f for f, letter in row.letters.items() if letter == r"\delta" and f != "delta"]
    if wrong:
        raise InputError(
            rf"letters.{wrong[0]}: \delta with two indices is Kronecker's delta here",
            todo="another letter; only the error may share it, for it carries a layer",
        )
