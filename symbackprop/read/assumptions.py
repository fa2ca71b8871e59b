"""What a document declares about its network: front matter, or a file beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from symbackprop.errors import InputError, LimitError, nearest
from symbackprop.read import files
from symbackprop.read.characters import strange
from symbackprop.read.frontmatter import Entry, Matter, front_matter, parsed

ROLES = (
    "weight", "bias", "weighted input", "activation", "input", "target", "output", "cost",
    "objective", "error", "penalty", "sample count",
)  # fmt: skip
NORMALISATIONS = ("1/2", "1", "1/n_L", "1/(2n)", "1/n")
# what site generators and editors put there; nothing of ours
OTHERS = frozenset((
    "author", "authors", "bibliography", "categories", "category", "comments", "created", "date",
    "description", "draft", "editor", "execute", "excerpt", "format", "header-includes", "id",
    "image", "jupyter", "jupytext", "kernelspec", "keywords", "lang", "language", "lastmod",
    "layout", "license", "math", "mathjax", "katex", "modified", "number-sections", "output",
    "permalink", "published", "series", "sidebar_position", "slug", "subtitle", "summary", "tag",
    "tags", "toc", "updated", "url", "weight",
))  # fmt: skip


@dataclass(frozen=True)
class Assumptions:
    """Everything that a text may leave open; None or empty: not declared.

    ``activation``: one for all layers, (hidden, output), or one a layer.  ``aliases``: TeX of a
    symbol to TeX of the one it stands for; ``letters``: TeX of a symbol to its role;
    ``shapes``: TeX of a symbol to its sizes; ``assume``: further definitions as TeX;
    ``where``: the file and line of each key that was given.
    """

    title: str = ""
    layers: tuple[int, ...] | None = None
    activation: str | tuple[str, ...] | None = None
    cost: str | None = None
    batch: str | None = None
    reduction: str | None = None
    l2: bool | None = None
    biases: bool | None = None
    einstein: bool | None = None
    relu_at_zero: Fraction | None = None
    layer_letters: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    summed: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[str | int, ...]] = field(default_factory=dict)
    input_layer: int | None = None
    weight_layer: str | None = None
    weight_order: str | None = None
    normalisation: str | None = None
    assume: tuple[str, ...] = ()
    name_of_file: str = ""
    where: dict[str, tuple[str, int]] = field(default_factory=dict, compare=False)

    def place(self, key: str) -> tuple[str, int | None]:
        """The file and line in which a key is declared."""
        return self.where.get(key, (self.name_of_file, None))


NOTHING = Assumptions()


class _Wrong(Exception):  # noqa: N818  (becomes a located InputError right away)
    """A value that a key cannot have."""

    def __init__(self, expected: str, what: str = "") -> None:
        self.expected, self.what = expected, what
        super().__init__(expected)


def _shown(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} (not a finite number)"
    return repr(value)[:60]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("a text")
    return value


def _symbol(value: Any) -> str:
    """TeX that people typed: no letter in it that only looks like another."""
    text = _text(value).strip().strip("$").strip()
    if not text:
        raise _Wrong("TeX, such as '\\mathcal L'")
    if found := strange(text):
        raise _Wrong("letters of TeX", f"{found[1]}, in column {found[0] + 1} of {text!r}")
    return text


def _symbols(value: Any) -> tuple[str, ...]:
    return tuple(_symbol(item) for item in (value if isinstance(value, list) else [value]))


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("a table of symbols")
    return {_symbol(key): item for key, item in value.items()}


def _aliases(value: Any) -> dict[str, str]:
    return {key: _symbol(item) for key, item in _table(value).items()}


def _letters(value: Any) -> dict[str, str]:
    table = _table(value)
    for letter, role in table.items():
        if role not in ROLES:
            raise _Wrong(nearest(str(role), ROLES), f"{letter} cannot be {_shown(role)}")
    return table


def _shapes(value: Any) -> dict[str, tuple[str | int, ...]]:
    found: dict[str, tuple[str | int, ...]] = {}
    for letter, sizes in _table(value).items():
        listed = sizes if isinstance(sizes, list) else [sizes]
        if not 1 <= len(listed) <= 3:
            raise _Wrong("one to three sizes", f"{letter} has {len(listed)} sizes")
        found[letter] = tuple(_size(size, letter) for size in listed)
    return found


def _size(size: Any, letter: str) -> str | int:
    if isinstance(size, str):
        return _symbol(size)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise _Wrong(
            "a positive whole number, or TeX such as 'n_l'", f"{letter} has size {_shown(size)}"
        )
    return size


def _layers(value: Any) -> tuple[int, ...]:
    from symbackprop.networks.network import checked_layers

    return checked_layers(value)


def _activation(value: Any) -> str | tuple[str, ...]:
    from symbackprop.networks.activations import activation_named

    if isinstance(value, list):
        if not value:
            raise _Wrong("a name, or a list of names")
        return tuple(activation_named(_text(item)).name for item in value)
    return activation_named(_text(value)).name


def _cost(value: Any) -> str:
    from symbackprop.networks.costs import cost_named

    return cost_named(_text(value)).name


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _kink(value: Any) -> Fraction:
    known = {0: Fraction(0), 1: Fraction(1), "1/2": Fraction(1, 2), 0.5: Fraction(1, 2)}
    if isinstance(value, (bool, list, dict)) or value not in known:
        raise _Wrong("0, 1 or '1/2'")
    return known[value]


def _one_of(*choices: str | int) -> Callable[[Any], Any]:
    def choose(value: Any) -> Any:
        written = str(value) if all(isinstance(each, str) for each in choices) else value
        if isinstance(value, (bool, list, dict)) or written not in choices:
            raise _Wrong(" or ".join(str(each) for each in choices))
        return choices[choices.index(written)]

    return choose


KEYS: dict[str, Callable[[Any], Any]] = {
    "title": _text,
    "layers": _layers,
    "activation": _activation,
    "cost": _cost,
    "batch": _one_of("columns", "rows"),
    "reduction": _one_of("mean", "sum"),
    "l2": _flag,
    "biases": _flag,
    "einstein": _flag,
    "relu_at_zero": _kink,
    "layer_letters": _symbols,
    "fixed": _symbols,
    "summed": _symbols,
    "aliases": _aliases,
    "letters": _letters,
    "shapes": _shapes,
    "input_layer": _one_of(0, 1),
    "weight_layer": _one_of("destination", "source"),
    "weight_order": _one_of("to-from", "from-to"),
    "normalisation": _one_of(*NORMALISATIONS),
    "assume": _symbols,
}


def declared(chars: str, name: str, assume: Path | None = None) -> tuple[Assumptions, int]:
    """What the front matter and the file beside it say; and the offset behind the front matter."""
    matter = front_matter(chars, name)
    own = _assumptions(parsed(matter, name), name) if matter else NOTHING
    end = matter.end if matter else 0
    if assume is None:
        return own, end
    return together(own, read_assumptions(assume)), end


def assumptions_of(values: Mapping[str, object]) -> Assumptions:
    """Keys and values of Python, checked like those of a front matter."""
    lists = {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}
    return _assumptions({key: Entry(value, 0) for key, value in lists.items()}, "")


def read_assumptions(path: Path) -> Assumptions:
    """A file of TOML (of YAML if its name ends so)."""
    chars = files.unified(files.decode(files.read_bytes(path), str(path)))
    toml = path.suffix.lower() not in (".yaml", ".yml")
    return _assumptions(parsed(Matter(chars, 1, len(chars), toml), str(path)), str(path))


def _assumptions(entries: dict[str, Entry], file: str) -> Assumptions:
    values: dict[str, Any] = {}
    where = {key: (file, entry.line) for key, entry in entries.items() if key in KEYS}
    for key, entry in entries.items():
        if key in KEYS:
            values[key] = _checked(key, entry, file)
        elif key not in OTHERS:
            expected = nearest(key, KEYS)
            raise InputError(
                f"unknown key {key[:60]!r}", expected=expected, file=file, line=entry.line
            )
    found = Assumptions(**values, name_of_file=file, where=where)
    _count_activations(found)
    return found


def _checked(key: str, entry: Entry, file: str) -> Any:
    try:
        return KEYS[key](entry.value)
    except _Wrong as wrong:
        what = f"{key}: {wrong.what or _shown(entry.value)}"
        raise InputError(what, expected=wrong.expected, file=file, line=entry.line) from None
    except InputError as error:
        kind = LimitError if isinstance(error, LimitError) else InputError
        raise kind(
            f"{key}: {error.what}",
            expected=error.expected,
            todo=error.todo,
            file=file,
            line=entry.line,
        ) from None


def _count_activations(found: Assumptions) -> None:
    """One for all layers, one for the hidden and one for the output, or one for each layer."""
    if found.layers is None or not isinstance(found.activation, tuple):
        return
    count, depth = len(found.activation), len(found.layers) - 1
    if count not in (1, 2, depth):
        file, line = found.place("activation")
        raise InputError(
            f"activation: {count} activations for {depth} layers",
            expected="one, (hidden, output), or one for each layer after the input",
            file=file,
            line=line,
        )


def together(own: Assumptions, beside: Assumptions) -> Assumptions:
    """The file beside the document adds to its front matter and may not contradict it."""
    changes: dict[str, Any] = {}
    for key in beside.where:
        here, there = getattr(own, key), getattr(beside, key)
        if key in own.where and here != there and key != "title":
            (file, line), (other, first) = beside.where[key], own.where[key]
            what = f"{key}: {_shown(there)}, but {other}:{first} says {_shown(here)}"
            raise InputError(what, todo="delete one of them", file=file, line=line)
        changes[key] = there
    found = replace(
        own, **changes, where={**own.where, **beside.where}, name_of_file=beside.name_of_file
    )
    _count_activations(found)
    return found
