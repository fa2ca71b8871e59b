r"""What a document defines with \newcommand and its kin, and its expansion with places kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symbackprop.read.text import Text

MAX_CALLS = 5_000
MAX_CHARACTERS = 100_000

DEFINING = (
    r"\\(?:(?:re|provide)?newcommand|renewcommand|providecommand|[egx]?def|let"
    r"|DeclareMathOperator|DeclarePairedDelimiter)(?![a-zA-Z])"
)
_NAME = re.compile(r"\\([a-zA-Z@]+|.)", re.DOTALL)
_COMMAND = re.compile(r"\\[a-zA-Z@]+\Z")
_PARAMETER = re.compile(r"#(.)", re.DOTALL)


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
        return bool(re.search(r"\\begin|\\end|\$|\\[\[\]()]", self.body))

    @property
    def structural(self) -> bool:
        """Whether it writes rows or environments, which must be seen before a block is cut."""
        return self.delimiting or bool(re.search(r"\\\\|\\newline|&", self.body))


# None: a definition that is not readable; and the offset behind it
Definition = tuple[Macro | None, int]


class MacroFault(Exception):
    """A call that cannot be expanded, with its offset in the text; never leaves this room."""

    def __init__(self, offset: int, says: str) -> None:
        self.offset, self.says = offset, says
        super().__init__(says)


@dataclass
class Reader:
    """Reads the parts of a definition or a call one behind the other."""

    chars: str
    at: int

    def blank(self) -> None:
        while self.at < len(self.chars) and self.chars[self.at].isspace():
            self.at += 1

    def taken(self, pattern: str) -> re.Match[str] | None:
        match = re.compile(pattern, re.DOTALL).match(self.chars, self.at)
        if match:
            self.at = match.end()
        return match

    def group(self, opening: str = "{", closing: str = "}") -> tuple[int, int] | None:
        """The inside of a balanced group that begins here."""
        self.blank()
        if not self.chars.startswith(opening, self.at):
            return None
        depth = 0
        for match in re.compile(r"\\.|[{}\[\]]", re.DOTALL).finditer(self.chars, self.at):
            token = match.group()
            if token in "{}" or token == opening:
                depth += 1 if token in ("{", opening) else -1
            elif token == closing and depth == 1:
                depth = 0
            if depth == 0:
                start, self.at = self.at + 1, match.end()
                return start, match.start()
        return None

    def argument(self) -> tuple[int, int] | None:
        """A group's inside, a command, or one character."""
        if (inside := self.group()) is not None:
            return inside
        self.blank()
        if self.chars.startswith(("{", "}"), self.at) or self.at >= len(self.chars):
            return None
        start = self.at
        self.taken(_NAME.pattern) or self.taken(".")
        return start, self.at


def defined(chars: str, start: int, known: Mapping[str, Macro]) -> Definition:
    """The macro whose definition begins at ``start``."""
    reader = Reader(chars, start)
    head = reader.taken(r"\\([a-zA-Z]+)\s*\*?")
    assert head is not None, "callers found the command"
    command = head.group(1)
    reader.blank()
    name = _defined_name(reader)
    if name is None:
        return None, max(reader.at, start + 1)
    if command == "let":
        return _let(reader, name, known)
    if command.endswith("def"):
        return _def(reader, name)
    if command == "DeclarePairedDelimiter":
        return _paired(reader, name)
    if command == "DeclareMathOperator":
        return _operator(reader, name, "*" if "*" in head.group() else "")
    return _command(reader, name)


def _command(reader: Reader, name: str) -> Definition:
    count = reader.taken(r"\s*\[\s*([0-9])\s*\]")
    default = reader.group("[", "]") if count else None
    body = reader.argument()
    if body is None:
        return None, reader.at
    arguments = int(count.group(1)) if count else 0
    first = reader.chars[slice(*default)] if default else None
    return Macro(name, reader.chars[slice(*body)], arguments, first), reader.at


def _operator(reader: Reader, name: str, star: str) -> Definition:
    body = reader.argument()
    if body is None:
        return None, reader.at
    words = reader.chars[slice(*body)].replace("\\,", "")
    return Macro(name, f"\\operatorname{star}{{{words}}}"), reader.at


def _defined_name(reader: Reader) -> str | None:
    if match := reader.taken(r"\{\s*\\([a-zA-Z@]+|.)\s*\}"):
        return match.group(1)
    match = reader.taken(r"\\([a-zA-Z@]+|.)")
    return match.group(1) if match else None


def _let(reader: Reader, name: str, known: Mapping[str, Macro]) -> Definition:
    target = reader.taken(r"\s*=?\s*(\\([a-zA-Z@]+|.)|[^\s{}])")
    if target is None:
        return None, reader.at
    old = known.get(target.group(2) or "")
    if old is None:
        return Macro(name, target.group(1), final=True), reader.at
    return Macro(name, old.body, old.arguments, old.default, old.final, old.fault), reader.at


def _def(reader: Reader, name: str) -> Definition:
    parameters = reader.taken(r"[^{}\\]*")
    body = reader.group()
    if parameters is None or body is None:
        return None, reader.at
    written = parameters.group().strip()
    count = len(re.findall(r"#[1-9]", written))
    plain = re.fullmatch(r"(#[1-9])*", written)
    fault = "" if plain else f"\\{name} takes its arguments between signs, which is not read"
    return Macro(name, reader.chars[slice(*body)], count, fault=fault), reader.at


def _paired(reader: Reader, name: str) -> Definition:
    left, right = reader.argument(), reader.argument()
    if left is None or right is None:
        return None, reader.at
    body = f"{reader.chars[slice(*left)]} #1 {reader.chars[slice(*right)]}"
    return Macro(name, body, 1), reader.at


def called(chars: str, macros: Iterable[str]) -> bool:
    """Whether any of the macros stands in the text."""
    names = set(macros)
    return bool(names) and any(match.group(1) in names for match in _NAME.finditer(chars))


def expanded(text: Text, macros: Mapping[str, Macro]) -> Text:
    """The text with every call replaced by what it stands for, until none is left.

    Raises MacroFault for a macro that calls itself, lacks an argument, or grows over the limits.
    """
    if not called(text.chars, macros):
        return text
    return _Expansion(text, macros).run()


# A character on its way: itself, its offsets, the calls that wrote it (a chain), whether it is final
_Frame = tuple[str, "_Frame"] | tuple[()]
_Item = tuple[str, int, int, _Frame]
_FINAL: _Frame = ("", ())


class _Expansion:
    """Characters wait on a stack; a call takes its arguments off and puts its body on."""

    def __init__(self, text: Text, macros: Mapping[str, Macro]) -> None:
        self.macros, self.text = macros, text
        items = zip(text.chars, text.at, text.to, strict=True)
        self.waiting: list[_Item] = [(char, at, to, ()) for char, at, to in items][::-1]
        self.done: list[_Item] = []
        self.calls = 0
        self.size = len(text)

    def run(self) -> Text:
        while self.waiting:
            token = self.token()
            macro = self.macros.get("".join(item[0] for item in token[1:]))
            if token[0][0] != "\\" or len(token) == 1 or macro is None or token[0][3] is _FINAL:
                self.done.extend(token)
            else:
                self.call(macro, token)
        chars, at, to, _ = zip(*self.done, strict=True) if self.done else ((), (), (), ())
        return Text("".join(chars), list(at), list(to))

    def token(self) -> list[_Item]:
        """A command or one character; letters of another call do not belong to a command's name."""
        first = self.waiting.pop()
        token = [first]
        if first[0] != "\\" or not self.waiting:
            return token
        token.append(self.waiting.pop())
        while _in_a_name(token[-1][0]):
            if not self.waiting or not _continues(self.waiting[-1], token[-1]):
                break
            token.append(self.waiting.pop())
        return token

    def fault(self, token: list[_Item], says: str) -> MacroFault:
        origin = token[0][1]
        offset = next((i for i, at in enumerate(self.text.at) if at >= origin), 0)
        return MacroFault(offset, says)

    def call(self, macro: Macro, token: list[_Item]) -> None:
        frame, name = token[0][3], f"\\{macro.name}"
        self.calls += 1
        if macro.fault:
            raise self.fault(token, macro.fault)
        if macro.name in _names(frame):
            raise self.fault(token, f"the macro {name} calls itself")
        arguments = self.arguments(macro, token)
        start = token[0][1]
        end = max(item[2] for item in [*token, *(i for part in arguments for i in part)])
        if arguments and self.done_end is not None:
            end = max(end, self.done_end)
        inner: _Frame = _FINAL if macro.final else (macro.name, frame)
        body = self.body(macro, arguments, start, end, inner)
        self.size += len(body)
        if self.calls > MAX_CALLS or self.size > MAX_CHARACTERS:
            raise self.fault(token, f"the macro {name} grows without end")
        self.waiting.extend(reversed(body))

    done_end: int | None = None  # behind the closing brace of the last argument

    def arguments(self, macro: Macro, token: list[_Item]) -> list[list[_Item]]:
        self.done_end = None
        found: list[list[_Item]] = []
        for number in range(macro.arguments):
            if number == 0 and macro.default is not None:
                found.append(self.optional(macro.default, token))
                continue
            self.skip_blank()
            if not self.waiting or self.waiting[-1][0] == "}":
                raise self.fault(token, f"\\{macro.name} needs {macro.arguments} arguments")
            found.append(self.argument(macro, token))
        return found

    def optional(self, default: str, token: list[_Item]) -> list[_Item]:
        self.skip_blank()
        if self.waiting and self.waiting[-1][0] == "[":
            return self.until("]", token)
        return [(char, token[0][1], token[-1][2], token[0][3]) for char in default]

    def argument(self, macro: Macro, token: list[_Item]) -> list[_Item]:
        if self.waiting[-1][0] == "{":
            return self.until("}", token)
        return self.token()

    def until(self, closing: str, token: list[_Item]) -> list[_Item]:
        """The inside of the group that begins here."""
        self.waiting.pop()
        inside: list[_Item] = []
        depth = 0
        while self.waiting:
            part = self.token()
            char = part[0][0] if len(part) == 1 else ""
            if char == closing and depth == 0:
                self.done_end = part[0][2]
                return inside
            depth += {"{": 1, "}": -1}.get(char, 0)
            inside.extend(part)
        raise self.fault(token, f"the argument of {''.join(i[0] for i in token)} is not closed")

    def skip_blank(self) -> None:
        while self.waiting and self.waiting[-1][0].isspace():
            self.waiting.pop()

    @staticmethod
    def body(
        macro: Macro, arguments: list[list[_Item]], start: int, end: int, frame: _Frame
    ) -> list[_Item]:
        """The body with the arguments put in; a space keeps a command from a letter behind it."""
        items: list[_Item] = []

        def put(part: list[_Item]) -> None:
            if part and part[0][0].isalpha() and _COMMAND.search(_tail(items)):
                items.append((" ", start, end, frame))
            items.extend(part)

        last = 0
        for match in _PARAMETER.finditer(macro.body):
            put([(char, start, end, frame) for char in macro.body[last : match.start()]])
            number, last = match.group(1), match.end()
            if number.isdigit() and 0 < int(number) <= len(arguments):
                put(arguments[int(number) - 1])
            elif number == "#":
                put([("#", start, end, frame)])
        put([(char, start, end, frame) for char in macro.body[last:]])
        if _COMMAND.search(_tail(items)):
            items.append((" ", start, end, frame))
        return items


def _tail(items: list[_Item]) -> str:
    return "".join(item[0] for item in items[-40:])


def _in_a_name(char: str) -> bool:
    return char == "@" or (char.isascii() and char.isalpha())


def _continues(item: _Item, before: _Item) -> bool:
    return _in_a_name(item[0]) and item[3] is before[3]


def _names(frame: _Frame) -> Iterable[str]:
    while frame:
        yield frame[0]
        frame = frame[1]
