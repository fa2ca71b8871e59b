"""Why a function could not be judged, in words: it does not run, or how to call it is unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symbackprop.diagnose.arrange import HOLD, INPUTS
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.searching import Search
from symbackprop.diagnose.sources import old_line
from symbackprop.diagnose.spec import Spec, spec_to_fill

UNNAMED = {"TooSlow", "Died", "Missing", "None"}  # errors of ours, not Python's
OWN_FAULTS = {
    "NameError", "ModuleNotFoundError", "ImportError", "RecursionError", "SystemExit", "TooSlow",
    "NotImplementedError",
}  # fmt: skip


def not_callable(person: Person, search: Search, stated: Spec) -> Diagnosis:
    """No convention worked: the commonest error, and a spec to fill in where one may help."""
    fills = not _its_own_fault(search.errors)
    spec = spec_to_fill(person, search.plan, search.attributes) if fills else ""
    unknown = search.plan.unknown
    missing = [
        words
        for words, roles in (("parameter is the input x", INPUTS), ("names hold the weights", HOLD))
        if not search.plan.has(*roles)
    ]
    if unknown:
        text = f"what is {', '.join(map(repr, unknown))}? the signature could not be guessed"
    elif missing and not search.errors:
        text = f"which {missing[0]}? the signature could not be guessed"
    elif search.silent:
        text = (
            "it runs, but no gradients were found in what it keeps or changes; "
            f"it returns {kind_of(search.silent[0])}"
        )
    elif search.errors:
        text = error_text(search.errors, person)
    else:
        text = "no gradients were found in what it returns, keeps or changes"
    return Diagnosis(
        person.full_name, "undecided", text, spec=spec, notes=_stated(person, search, stated),
        file=person.file, cells=person.cells,
    )  # fmt: skip


def _its_own_fault(errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the code would not run whatever it were given."""
    return bool(errors) and all(error.get("kind") in OWN_FAULTS for error in errors)


def _stated(person: Person, search: Search, stated: Spec) -> tuple[str, ...]:
    """What the spec has a say in where the code does not run."""
    fixed = ", ".join(f"{axis} = {value}" for axis, value in stated.axes.items())
    named = {slot.name for slot in search.plan.all} | {p.name for p in person.parameters}
    strange = [name for name in stated.roles if name not in named | set(search.attributes)]
    notes = []
    if fixed and not stated.adapter and any(e.get("kind") != "Spec" for e in search.errors):
        notes.append(f"tried only as stated: {fixed}")
    if strange:
        notes.append(f"the spec names {', '.join(strange)}, which the function does not have")
    return tuple(notes)


def kind_of(value: Any) -> str:
    """What came back, in a few words."""
    if value is None:
        return "nothing"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if isinstance(value, (list, tuple)):
        parts = ", ".join(kind_of(item) for item in value[:4])
        more = ", …" if len(value) > 4 else ""
        return f"{len(value)} thing{'s' * (len(value) != 1)}: {parts}{more}"
    if isinstance(value, dict):
        return f"a dictionary with {', '.join(map(str, list(value)[:6]))}"
    if isinstance(value, (bool, int, float)):
        return "a number"
    return f"a {type(value).__name__}" if not hasattr(value, "name") else f"a {value.name}"


def error_text(errors: Sequence[Mapping[str, Any]], person: Person) -> str:
    """The commonest error, where it happened, and whether it is for want of Python 2."""
    if not errors:
        return "no gradients came back"
    counts = Counter(
        (e.get("line"), e.get("kind"), str(e.get("text"))[:160], e.get("file")) for e in errors
    )
    line, kind, text, file = max(counts, key=lambda key: (counts[key], key[0] is not None))
    if kind == "Spec":
        return text
    return failed("the function", str(kind), text, line, person, file)


def failed(
    what: str, kind: str, text: str, line: int | None, person: Person, file: str | None = None
) -> str:
    """``code.py:7: the function does not run: NameError: …``."""
    old = old_line(person.tree, kind)
    if old is not None:
        where, number = person.at(old)
        return f"{where}:{number}: is Python 2: {person.source.splitlines()[old - 1].strip()[:60]}"
    where, number = (file, line) if file and line else person.at(line or 0)
    words = "" if kind in UNNAMED else f"{kind}: "
    return f"{where}{f':{number}' if line else ''}: {what} does not run: {words}{text}"
