"""Macros expanded: every character of the result still knows which call in the file wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symbackprop.read.macros import NAME, Macro
from symbackprop.read.text import Text

MAX_CALLS = 2_000
MAX_CHARACTERS = 20_000
MAX_IN_ALL = 1_000_000

_COMMAND = re.compile(r"\\[a-zA-Z@]+\Z")
_PARAMETER = re.compile(r"#(.)", re.DOTALL)


class MacroFault(Exception):  # noqa: N818  (a fault of the document; it never leaves this room)
    """A call that cannot be expanded: what is wrong, and the offset in the file where it stands."""

    def __init__(self, origin: int, says: str) -> None:
        self.origin, self.says = origin, says
        super().__init__(says)


@dataclass
class Budget:
    """How many characters the macros of one document may still write."""

    left: int = MAX_IN_ALL


def called(chars: str, macros: Iterable[str]) -> bool:
    """Whether any of the macros stands in the text."""
    names = set(macros)
    return bool(names) and any(match.group(1) in names for match in NAME.finditer(chars))


def expanded(text: Text, macros: Mapping[str, Macro], budget: Budget | None = None) -> Text:
    """The text with every call replaced by what it stands for, until none is left.

    Raises MacroFault for a macro that calls itself, lacks an argument, or grows over the limits.
    """
    if not called(text.chars, macros):
        return text
    return _Expansion(text, macros, budget or Budget()).run()


@dataclass(frozen=True)
class _Frame:
    """The call that wrote a character, and the call that wrote that one; ``final``: by \\let."""

    macro: str
    outer: _Frame | None
    final: bool = False

    def names(self) -> Iterable[str]:
        frame: _Frame | None = self
        while frame is not None:
            yield frame.macro
            frame = frame.outer


# a character on its way, its offsets in the file, and who wrote it
_Item = tuple[str, int, int, _Frame | None]


class _Expansion:
    """Characters wait on a stack; a call takes its arguments off and puts its body on."""

    def __init__(self, text: Text, macros: Mapping[str, Macro], budget: Budget) -> None:
        self.macros, self.budget = macros, budget
        items = zip(text.chars, text.at, text.to, strict=True)
        self.waiting: list[_Item] = [(char, at, to, None) for char, at, to in items]
        self.waiting.reverse()
        self.done: list[_Item] = []
        self.calls = self.written = 0
        self.end_of_call = 0

    def run(self) -> Text:
        while self.waiting:
            token = self.token()
            macro = self.macros.get(_chars(token[1:])) if token[0][0] == "\\" else None
            frame = token[0][3]
            if macro is None or (frame is not None and frame.final):
                self.done.extend(token)
            else:
                self.call(macro, token)
        return Text(
            _chars(self.done), [item[1] for item in self.done], [item[2] for item in self.done]
        )

    def token(self) -> list[_Item]:
        """A command or one character; letters that another call wrote do not go on with a name."""
        token = [self.waiting.pop()]
        if token[0][0] != "\\" or not self.waiting:
            return token
        token.append(self.waiting.pop())
        while self.waiting and _in_a_name(token[-1]) and _in_a_name(self.waiting[-1]):
            if self.waiting[-1][3] is not token[-1][3]:
                break
            token.append(self.waiting.pop())
        return token

    def call(self, macro: Macro, token: list[_Item]) -> None:
        start, frame = token[0][1], token[0][3]
        if macro.fault:
            raise MacroFault(start, macro.fault)
        if frame is not None and macro.name in frame.names():
            raise MacroFault(start, f"the macro \\{macro.name} calls itself")
        self.end_of_call = max(item[2] for item in token)
        arguments = self.arguments(macro, start)
        inner = _Frame(macro.name, frame, macro.final)
        body = _body(macro, arguments, (start, self.end_of_call), inner)
        self.calls += 1
        self.written += len(body)
        self.budget.left -= len(body)
        if self.calls > MAX_CALLS or self.written > MAX_CHARACTERS or self.budget.left < 0:
            raise MacroFault(start, f"the macro \\{macro.name} grows without end")
        self.waiting.extend(reversed(body))

    def arguments(self, macro: Macro, start: int) -> list[list[_Item]]:
        found: list[list[_Item]] = []
        for number in range(macro.arguments):
            self.skip_blank()
            head = self.waiting[-1][0] if self.waiting else ""
            if number == 0 and macro.default is not None:
                default: list[_Item] = [(char, start, start, None) for char in macro.default]
                found.append(self.inside("]", macro, start) if head == "[" else default)
            elif head in ("", "}", "&"):
                count = macro.arguments
                needs = f"\\{macro.name} needs {count} argument{'s' * (count > 1)}"
                raise MacroFault(start, f"{needs}, {number} given")
            else:
                found.append(self.inside("}", macro, start) if head == "{" else self.single())
        return found

    def single(self) -> list[_Item]:
        token = self.token()
        self.end_of_call = max(self.end_of_call, token[-1][2])
        return token

    def inside(self, closing: str, macro: Macro, start: int) -> list[_Item]:
        """What stands in the brackets that begin here."""
        self.waiting.pop()
        inside: list[_Item] = []
        depth = 0
        while self.waiting:
            token = self.token()
            char = token[0][0] if len(token) == 1 else ""
            if char == closing and depth == 0:
                self.end_of_call = max(self.end_of_call, token[0][2])
                return inside
            depth += {"{": 1, "}": -1}.get(char, 0)
            inside.extend(token)
        raise MacroFault(start, f"an argument of \\{macro.name} is not closed")

    def skip_blank(self) -> None:
        while self.waiting and self.waiting[-1][0].isspace():
            self.waiting.pop()


def _body(
    macro: Macro, arguments: list[list[_Item]], span: tuple[int, int], frame: _Frame
) -> list[_Item]:
    """The body with the arguments put in; a space keeps a command from a letter behind it."""
    items: list[_Item] = []

    def put(part: list[_Item]) -> None:
        if part and _in_a_name(part[0]) and _ends_with_command(items):
            items.append((" ", *span, frame))
        items.extend(part)

    def write(chars: str) -> None:
        put([(char, *span, frame) for char in chars])

    last = 0
    for match in _PARAMETER.finditer(macro.body):
        write(macro.body[last : match.start()])
        last = match.end()
        number = match.group(1)
        if number in "123456789" and int(number) <= len(arguments):
            put(arguments[int(number) - 1])
        elif number == "#":
            write("#")
    write(macro.body[last:])
    if _ends_with_command(items):
        write(" ")
    return items


def _chars(items: Iterable[_Item]) -> str:
    return "".join(item[0] for item in items)


def _ends_with_command(items: list[_Item]) -> bool:
    return _COMMAND.search(_chars(items[-40:])) is not None


def _in_a_name(item: _Item) -> bool:
    return item[0] == "@" or (item[0].isascii() and item[0].isalpha())
