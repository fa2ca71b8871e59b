"""Keys and values with their lines: TOML between ``+++``, YAML between ``---``, a file of TOML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symbackprop.errors import InputError, LimitError

if TYPE_CHECKING:
    import yaml  # type: ignore[import-untyped]

MAX_CHARACTERS = 50_000
MAX_NESTING = 20

_OPENING = re.compile(r"(?P<percent>%[ \t]*)?(?P<fence>\+\+\+|---)[ \t]*\n")
_PERCENT = re.compile(r"^%[ \t]?", re.MULTILINE)
_TOML_LINE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_TOML_KEY = re.compile(r"\s*(?P<key>\"[^\"]*\"|'[^']*'|[\w-]+)\s*=")
_TOML_TABLE = re.compile(r"\s*\[+\s*(?P<key>[^\]]*?)\s*\]+")


@dataclass(frozen=True)
class Entry:
    """A value and the line its key stands in."""

    value: Any
    line: int


@dataclass(frozen=True)
class Matter:
    """A front matter: its text, the line it begins in, and the offset in the file behind it."""

    text: str
    line: int
    end: int
    toml: bool


def front_matter(chars: str, file: str) -> Matter | None:
    """What stands between ``+++`` or ``---`` at the very beginning (in TeX behind ``%``)."""
    opening = _OPENING.match(chars)
    if opening is None:
        return None
    fence, percent = opening["fence"], "%[ \\t]*" if opening["percent"] else ""
    closing = re.compile(rf"^{percent}{re.escape(fence)}[ \t]*(?:\n|\Z)", re.MULTILINE)
    match = closing.search(chars, opening.end())
    first = chars[opening.end() : opening.end() + 1]
    if fence == "---" and (match is None or first == "\n"):
        return None  # a line across the page
    if match is None:
        raise InputError(
            "front matter is not closed",
            expected="expected a line +++ behind it",
            file=file,
            line=1,
            column=1,
        )
    text = chars[opening.end() : match.start()]
    if percent:
        text = _PERCENT.sub("", text)
    return Matter(text, 2, match.end(), fence == "+++")


def parsed(matter: Matter, file: str) -> dict[str, Entry]:
    """The keys at the top, in order, with their lines in the file."""
    if len(matter.text) > MAX_CHARACTERS:
        says = f"{len(matter.text)} characters of declarations"
        raise LimitError(says, expected=f"at most {MAX_CHARACTERS}", file=file, line=matter.line)
    try:
        return (_toml if matter.toml else _yaml)(matter.text, matter.line, file)
    except RecursionError:
        nested = "declarations nested too deep"
        raise LimitError(nested, expected=f"at most {MAX_NESTING} levels", file=file) from None


# TOML


def _toml(text: str, first: int, file: str) -> dict[str, Entry]:
    import tomllib

    try:
        table = tomllib.loads(text)
    except ValueError as error:
        raise _toml_error(str(error), text, first, file) from None
    lines = dict(_toml_lines(text))
    return {key: Entry(value, lines.get(key, 0) + first) for key, value in table.items()}


def _toml_lines(text: str) -> Iterator[tuple[str, int]]:
    """Each key at the top and its line, from 0; the first line wins where it could be two."""
    found: set[str] = set()
    in_table = False
    for number, line in enumerate(text.split("\n")):
        table = _TOML_TABLE.fullmatch(line.partition("#")[0].rstrip())
        match = table or (None if in_table else _TOML_KEY.match(line))
        in_table |= table is not None
        key = _bare(match["key"].partition(".")[0] if table else match["key"]) if match else ""
        if key and key not in found:
            found.add(key)
            yield key, number


def _bare(key: str) -> str:
    return key.strip().strip("\"'")


def _toml_error(says: str, text: str, first: int, file: str) -> InputError:
    place = _TOML_LINE.search(says)
    number = int(place["line"]) if place and place["line"] else text.count("\n") + 1
    column = int(place["column"]) if place and place["column"] else None
    what = _TOML_LINE.sub("", says)
    lines = text.split("\n")
    if "overwrite" in what or "twice" in what:
        at = min(number, len(lines)) - 1
        key = _TOML_KEY.match(lines[at]) or _TOML_TABLE.match(lines[at])
        if key is not None:
            again = (i for i, line in enumerate(lines[:at]) if _names(line, key["key"]))
            before = next(again, None)
            where = "" if before is None else f", first in line {before + first}"
            what, column = f"the key {_bare(key['key'])} is declared twice{where}", None
    else:
        what = f"this is not TOML: {what[:1].lower()}{what[1:]}"
    return InputError(what, file=file, line=number + first - 1, column=column)


def _names(line: str, key: str) -> bool:
    match = _TOML_KEY.match(line) or _TOML_TABLE.match(line)
    return match is not None and _bare(match["key"]) == _bare(key)


# YAML


def _yaml(text: str, first: int, file: str) -> dict[str, Entry]:
    """Read as a tree of nodes, which knows lines; nothing is constructed, so nothing can run."""
    import yaml

    try:
        root = _compose(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        line = mark.line + first if mark else first
        column = mark.column + 1 if mark else None
        raise InputError(
            f"this is not YAML: {problem}", file=file, line=line, column=column
        ) from None
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise InputError(
            "no keys and values", expected="expected lines such as cost: mse", file=file, line=first
        )
    value = _value(root, first, file)
    keys = {str(_scalar(key)): key.start_mark.line + first for key, _ in root.value}
    return {key: Entry(value[key], line) for key, line in keys.items()}


def _compose(text: str) -> yaml.Node | None:
    import yaml

    class Loader(yaml.SafeLoader):
        """Without anchors: an alias can stand for millions of values."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            event = self.peek_event()
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise yaml.composer.ComposerError(
                    None, None, "anchors and aliases are not read", event.start_mark
                )
            return super().compose_node(parent, index)

    loader = Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _value(node: yaml.Node, first: int, file: str) -> Any:
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return [_value(item, first, file) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(node)
    lines: dict[str, int] = {}
    table: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(_scalar(key_node)), key_node.start_mark.line + first
        if key in lines:
            what = f"the key {key} is declared twice, first in line {lines[key]}"
            raise InputError(what, file=file, line=line, column=key_node.start_mark.column + 1)
        lines[key] = line
        table[key] = _value(value_node, first, file)
    return table


_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|nan)")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def _scalar(node: yaml.Node) -> Any:
    """A plain word by the rules of YAML 1.2: ``no`` and ``12:30`` are words."""
    text = node.value if isinstance(node.value, str) else ""
    if getattr(node, "style", None) is not None:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return (
        float(text.replace(".inf", "inf").replace(".nan", "nan"))
        if _FLOAT.fullmatch(text)
        else text
    )
