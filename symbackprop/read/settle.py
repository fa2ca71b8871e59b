"""What only the neighbours of a lexeme tell: idle spaces, comments, signs without a factor."""

from __future__ import annotations

from symbackprop.read.layout import Big, Text
from symbackprop.read.lexemes import OPERAND_ENDS, OPERANDS, Lexeme
from symbackprop.read.lexicon import CONNECTIVES
from symbackprop.read.unreadable import Unreadable

JOINING = frozenset({"REL", "PLUS", "MINUS", "NEGATE", "SIGN"})
STARTS = OPERANDS | {"MINUS", "NEGATE", "PLUS"}
BREAKS = frozenset({"ROW", "AMP", "END"})  # in a table these end a cell as the end does a row


def settle(lexemes: list[Lexeme]) -> list[Lexeme]:
    """The lexemes as the grammar wants them: in one pass, each seen with its neighbours."""
    settled: list[Lexeme] = []
    bare_big = False  # a sum whose body has not begun
    for position, lexeme in enumerate(lexemes):
        before = settled[-1] if settled else None
        after = lexemes[position + 1] if position + 1 < len(lexemes) else None
        if lexeme.type == "MARK":
            if lexeme == " " and (bare_big or _is_idle_space(before, after)):
                continue
            lexeme = _operand_or_mark(lexeme, before, after)
        elif lexeme.type == "REL" and lexeme == "to" and _is_comment(after):
            continue  # "\leftarrow \text{a scalar}" points at the formula
        bare_big = isinstance(lexeme.node, Big) or (bare_big and _in_script(lexeme, before))
        settled.append(lexeme)
    _check_signs(settled)
    _check_stops(settled)
    return settled


def _in_script(lexeme: Lexeme, before: Lexeme | None) -> bool:
    """Whether the lexeme belongs to the limits of the sum before it."""
    if lexeme.type in ("SUB", "SUP") or lexeme.within == "script" or before is None:
        return True
    closes = lexeme.type == "RBRACE" and before.within == "script"
    return closes or before.type in ("SUB", "SUP")


def _is_idle_space(before: Lexeme | None, after: Lexeme | None) -> bool:
    r"""A \quad around a sign or at an end separates nothing."""
    if before is None or after is None or before.type not in OPERAND_ENDS:
        return True
    return after.type in JOINING | BREAKS | {"SUB", "SUP", "MARK", "CLOSE", "RBRACE"}


def _is_comment(after: Lexeme | None) -> bool:
    return after is not None and after.type == "MARK" and isinstance(after.node, Text)


def _operand_or_mark(mark: Lexeme, before: Lexeme | None, after: Lexeme | None) -> Lexeme:
    """Words on one side of a sign are a side: ``C = \\text{the sum of squares}``."""
    if not isinstance(mark.node, Text) or mark.node.words.lower() in CONNECTIVES | {"for all"}:
        return mark
    stands_behind = before is not None and before.type in JOINING
    stands_before = after is not None and after.type in JOINING
    alone = before is None or before.type == "MARK"
    if stands_behind or (alone and stands_before):
        operand = Lexeme("ATOM", str(mark), start_pos=mark.start_pos, end_pos=mark.end_pos)
        operand.node, operand.within = mark.node, mark.within
        return operand
    return mark


def _check_signs(lexemes: list[Lexeme]) -> None:
    r"""A \cdot stands between two things; alone in a bracket or a script it holds a place."""
    for position, lexeme in enumerate(lexemes):
        if lexeme.type != "SIGN" or lexeme.within == "script":
            continue
        before = lexemes[position - 1] if position else None
        after = lexemes[position + 1] if position + 1 < len(lexemes) else None
        if _is_place(before, after):
            continue
        # a row may go on with "\cdot …", but nowhere else does a sign come first
        if before is not None and before.type not in OPERAND_ENDS:
            raise _nothing("before", lexeme)
        if after is None or after.type not in STARTS:
            raise _nothing("behind", lexeme)


def _is_place(before: Lexeme | None, after: Lexeme | None) -> bool:
    if before is None:
        return False
    if before.type in ("SUB", "SUP"):
        return True
    return (
        after is not None and before.type in ("OPEN", "COMMA") and after.type in ("CLOSE", "COMMA")
    )


def _nothing(where: str, lexeme: Lexeme) -> Unreadable:
    what = f"nothing stands {where} '{lexeme}'"
    return Unreadable(lexeme.start_pos or 0, what, "a factor")


def _check_stops(lexemes: list[Lexeme]) -> None:
    """A full stop may only end the formula: ``a . b`` is not taken for a and a remark b."""
    stop: Lexeme | None = None
    for lexeme in lexemes:
        if lexeme.type == "MARK":
            stop = lexeme if lexeme == "." else stop
            continue
        if lexeme.type in BREAKS:
            stop = None
        elif stop is not None:
            at = stop.start_pos or 0
            raise Unreadable(at, "a full stop stands inside a formula", "\\cdot or ','", "'.'")
