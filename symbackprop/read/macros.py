r"""What a document defines with \newcommand, \def, \DeclareMathOperator and their kin."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

DEFINING = (
    r"\\(?:(?:re|provide)?newcommand|renewcommand|providecommand|[egx]?def|let"
    r"|(?:New|Renew|Provide|Declare)DocumentCommand|(?:re)?newenvironment"
    r"|DeclareMathOperator|DeclarePairedDelimiter)(?![a-zA-Z])"
)
NAME = re.compile(r"\\([a-zA-Z@]+|.)", re.DOTALL)

MAX_BODY = 2_000  # characters of a definition; more is no abbreviation

_DELIMITING = re.compile(r"\\begin|\\end|\$|\\[\[\]()]")
_ROWS = re.compile(r"\\\\|\\newline|&")
_COUNT = re.compile(r"\s*\[\s*([0-9])\s*\]")
_BRACKETS = re.compile(r"\\.|[{}\[\]]", re.DOTALL)


@dataclass(frozen=True)
class Macro:
    """``\\name`` with ``arguments``; the first is optional if it has a ``default``.

    ``final``: the body is not expanded again (\\let).  ``fault``: why it cannot be used.
    """

    name: str
    body: str
    arguments: int = 0
    default: str | None = None
    final: bool = False
    fault: str = ""

    @property
    def delimiting(self) -> bool:
        """Whether it writes signs that begin or end mathematics."""
        return _DELIMITING.search(self.body) is not None

    @property
    def structural(self) -> bool:
        """Whether it writes rows or environments, which must be seen before a block is cut."""
        return self.delimiting or _ROWS.search(self.body) is not None


@dataclass
class Reader:
    """Reads the parts of a definition one behind the other, from ``at`` on."""

    chars: str
    at: int

    def taken(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        match = re.compile(pattern).match(self.chars, self.at)
        self.at = match.end() if match else self.at
        return match

    def name(self) -> str | None:
        """``{\\foo}`` or ``\\foo``."""
        match = self.taken(r"\s*\{\s*\\([a-zA-Z@]+|.)\s*\}") or self.taken(r"\s*\\([a-zA-Z@]+|.)")
        return match.group(1) if match else None

    def group(self, opening: str = "{", closing: str = "}") -> str | None:
        """The inside of the balanced group that begins here; None if it is none, or too long."""
        self.taken(r"\s*")
        if not self.chars.startswith(opening, self.at):
            return None
        depth = 0
        for match in _BRACKETS.finditer(self.chars, self.at, self.at + MAX_BODY):
            sign = match.group()
            depth += (sign in ("{", opening)) - (sign in ("}", closing))
            if depth == 0 and sign == closing:
                inside = self.chars[self.at + 1 : match.start()]
                self.at = match.end()
                return inside
        return None

    def argument(self) -> str | None:
        """A group's inside, a command, or one character."""
        if (inside := self.group()) is not None:
            return inside
        match = self.taken(NAME) or self.taken(r"[^\s{}\\]")
        return match.group() if match else None


def defined(chars: str, start: int, known: Mapping[str, Macro]) -> tuple[Macro | None, int]:
    """The macro whose definition begins at ``start``, and the offset behind the definition.

    None: a definition that is not readable, or one of an environment.
    """
    reader = Reader(chars, start)
    head = reader.taken(r"\\([a-zA-Z]+)\s*(\*?)")
    assert head is not None, "callers have found the command"
    command, star = head.groups()
    if command.endswith("environment"):
        _step_over_environment(reader)
        return None, reader.at
    name = reader.name()
    if name is None:
        return None, reader.at
    if command == "let":
        return _let(reader, name, known), reader.at
    read = next(reader_of for end, reader_of in _READERS.items() if command.endswith(end))
    return read(reader, name, star), reader.at


def _command(reader: Reader, name: str, _: str) -> Macro | None:
    count = reader.taken(_COUNT)
    default = reader.group("[", "]") if count else None
    body = reader.argument()
    if body is None:
        return None
    return Macro(name, body, int(count.group(1)) if count else 0, default)


def _def(reader: Reader, name: str, _: str) -> Macro | None:
    """``\\def\\foo#1#2{…}``."""
    parameters = reader.taken(r"[^{}\\]*")
    body = reader.group()
    if parameters is None or body is None:
        return None
    written = parameters.group().strip()
    plain = re.fullmatch(r"(?:#[1-9]\s*)*", written)
    fault = "" if plain else f"\\{name} takes its arguments between signs, which is not read"
    return Macro(name, body, written.count("#"), fault=fault)


def _document_command(reader: Reader, name: str, _: str) -> Macro | None:
    """``\\NewDocumentCommand{\\foo}{m m}{…}``."""
    arguments, body = reader.group(), reader.group()
    if arguments is None or body is None:
        return None
    plain = re.fullmatch(r"\s*(?:m\s*)*", arguments)
    fault = "" if plain else f"\\{name} takes arguments {arguments!r}, which is not read"
    return Macro(name, body, arguments.count("m"), fault=fault)


def _operator(reader: Reader, name: str, star: str) -> Macro | None:
    body = reader.argument()
    if body is None:
        return None
    words = body.replace("\\,", "")
    return Macro(name, f"\\operatorname{star}{{{words}}}")


def _paired(reader: Reader, name: str, _: str) -> Macro | None:
    left, right = reader.argument(), reader.argument()
    if left is None or right is None:
        return None
    return Macro(name, f"{left} #1 {right}", 1)


def _let(reader: Reader, name: str, known: Mapping[str, Macro]) -> Macro | None:
    reader.taken(r"\s*=?\s*")
    target = reader.taken(NAME)
    if target is not None and (old := known.get(target.group(1))) is not None:
        return replace(old, name=name)
    sign = target or reader.taken(r"[^\s{}\\]")
    return Macro(name, sign.group(), final=True) if sign else None


def _step_over_environment(reader: Reader) -> None:
    """Its parts are no mathematics of the document."""
    reader.group()
    reader.taken(_COUNT)
    reader.group("[", "]")
    reader.group()
    reader.group()


_READERS: dict[str, Callable[[Reader, str, str], Macro | None]] = {
    "DocumentCommand": _document_command,
    "DeclareMathOperator": _operator,
    "DeclarePairedDelimiter": _paired,
    "def": _def,
    "command": _command,
}
