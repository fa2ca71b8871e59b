"""A diagnosis in words: the verdict in one line, then conventions, parameters, mistake, line."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from functools import partial

from symbackprop.diagnose.report import Diagnosis, NamedMistake, ParameterVerdict, Place
from symbackprop.diagnose.sources import located

SOURCE_WIDTH = 96
Said = Callable[..., list[str]]


def message_of(d: Diagnosis) -> str:
    """One sentence that says it all."""
    if d.verdict == "correct":
        times = "" if d.factor == "1" else f"{d.factor} times "
        return f"the gradients are {times}those of the cost ({d.setting})"
    if d.verdict == "undecided":
        return d.notes[-1] if d.notes else "no verdict"
    if d.mistakes:
        return "; ".join(f"{row.says}{_at_layers(row, d)}" for row in d.mistakes)
    bad = [row.name for row in d.parameters if row.verdict == "wrong"]
    where = f": {', '.join(bad)}" if bad else ""
    return f"wrong gradients{where}; no mistake of the table gives these numbers"


def _at_layers(row: NamedMistake, d: Diagnosis) -> str:
    depth = max((int(p.name[1:]) for p in d.parameters), default=0)
    if len(row.layers) >= depth or not row.layers:
        return ""
    word = "layer" if len(row.layers) == 1 else "layers"
    return f" ({word} {', '.join(map(str, row.layers))})"


def as_text(d: Diagnosis, width: int | None = None) -> str:
    """Several lines; the guilty one is shown with a caret.  ``width``: sentences are wrapped."""
    said = partial(_wrapped, width)
    lines = [f"{d.function}: {d.verdict}", *said(d.message, "  ")]
    if d.convention:
        lines += ["conventions:", *(f"  {word}" for word in d.convention)]
    for note in d.notes:
        lines += said(f"note: {note}") if note != d.message else []
    if d.verdict == "wrong":
        lines += ["gradients:"] if d.parameters else []
        for row in d.parameters:
            lines.append(f"  ∂C/∂{row.name}: {row.verdict}{_gap(row)}")
        for one in d.mistakes:
            lines += _mistake(one, d, said)
        if not d.mistakes and d.place is not None:
            lines += shown(d.place, d)
    if d.repair:
        lines += ["repair, re-checked at all probes:", d.repair.rstrip("\n")]
    lines += _basis(d, said)
    if d.spec:
        lines += ["a spec to complete and to give with --spec:", "", d.spec.rstrip("\n")]
    return "\n".join(lines) + "\n"


def _wrapped(width: int | None, text: str, indent: str = "") -> list[str]:
    if width is None:
        return [indent + text]
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent="  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _gap(row: ParameterVerdict) -> str:
    if row.verdict == "correct":
        return ""
    return f", relative gap {row.error:.2g}" if math.isfinite(row.error) else ", of another shape"


def _mistake(row: NamedMistake, d: Diagnosis, said: Said) -> list[str]:
    lines = said(f"[{row.id}] {row.says}{_at_layers(row, d)}; right: {row.should}")
    if row.also:
        lines += said(f"the same numbers come from: {', '.join(row.also)}", "  ")
    return lines + (shown(row.place, d) if row.place else [])


def shown(place: Place, d: Diagnosis) -> list[str]:
    """``file:line:column`` and the line itself with carets under the expression."""
    file, line = located(d.file, place.line, d.cells)
    column = "" if place.column is None else f":{place.column + 1}"
    lines = [f"  {file}:{line}{column}{': ' + place.note if place.note else ''}"]
    code = place.code.expandtabs(1)[:SOURCE_WIDTH]
    if code:
        lines.append(f"    {code}")
    if place.column is not None and place.end is not None and place.end <= len(code):
        lines.append("    " + " " * place.column + "^" * (place.end - place.column))
    return lines


def _basis(d: Diagnosis, said: Said) -> list[str]:
    if d.proof:
        return said(d.proof)
    if not d.points:
        return []
    gap = "" if d.gap is None or d.verdict == "wrong" else f", relative gap {d.gap:.1g}"
    return [f"checked numerically, at {d.points} random probe networks{gap}"]
