"""``diagnose`` from end to end: read, start, judge, repair."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symbackprop.diagnose.child.perform import perform
from symbackprop.diagnose.faults import failed
from symbackprop.diagnose.judging import judged
from symbackprop.diagnose.person import Adapted, Person, read_person
from symbackprop.diagnose.process import Child, Died
from symbackprop.diagnose.repair import repaired
from symbackprop.diagnose.report import Diagnosis
from symbackprop.diagnose.settings import setting_of
from symbackprop.diagnose.spec import Spec, spec_of
from symbackprop.errors import InputError
from symbackprop.networks.network import Network


def diagnosed(
    function: str | Callable[..., Any], network: Network | None, spec: Mapping[str, Any] | Spec
) -> Diagnosis:
    """The diagnosis of a function in a file or of a live one."""
    whole = spec if isinstance(spec, Spec) else spec_of(spec)
    if network is not None:
        penalty = whole.setting.penalty if whole.setting else "lambda/2"
        whole = replace(whole, setting=setting_of(network, penalty))
        if network.layers is not None and "depth" not in whole.axes and network.depth <= 8:
            outputs = 1 if network.layers[-1] == 1 else 3
            whole = replace(whole, axes={"outputs": outputs, **whole.axes, "depth": network.depth})
    if isinstance(function, str):
        return of_file(function, whole)
    return of_live(function, whole)


def of_file(target: str, spec: Spec, *, repair: bool = True) -> Diagnosis:
    """``FILE.py:FUNCTION`` in a process of its own."""
    person = read_person(target)
    if spec.adapter:
        person = Adapted(
            person.source, person.file, person.name, person.owner, person.cells, spec.adapter
        )
        _ = person.parameters
    folder = Path(person.file).parent
    with Child(folder, seconds=spec.seconds, adapter=spec.adapter) as child:
        try:
            answer = child.load(person.source, person.file)
        except Died as event:
            return _not_loaded(person, {"text": str(event)}, child)
        if "error" in answer:
            return _not_loaded(person, answer["error"], child)
        found, case = judged(person, child, spec)
        if repair and case is not None and found.verdict == "wrong":
            depth = case.points[0].depth
            setting = next((s for s in case.settings if s.at_depth(depth) == found.setting), None)
            if setting is not None:
                again = lambda other: judged(other, child, spec)[0]  # noqa: E731
                found = repaired(found, case.candidate, case.probes, setting, child, again)
        return replace(found, confined=child.confined)


def _not_loaded(person: Person, error: Mapping[str, Any], child: Child) -> Diagnosis:
    text = failed(
        "the file", str(error.get("kind")), str(error.get("text")), error.get("line"), person,
        error.get("file"),
    )  # fmt: skip
    return Diagnosis(
        person.full_name, "undecided", text, file=person.file, cells=person.cells,
        confined=child.confined,
    )  # fmt: skip


@dataclass(frozen=True)
class Local:
    """Runs a live function in this process."""

    namespace: Mapping[str, Any]
    file: str

    def perform(self, calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [perform(call, self.namespace, self.file) for call in calls]


def of_live(function: Callable[..., Any], spec: Spec) -> Diagnosis:
    """A function of this process: its source is read, its code runs as it is."""
    if not callable(function):
        raise InputError(f"{function!r} is no function")
    if spec.adapter:
        raise InputError("an adapter is for files", todo="give a function that calls yours")
    person, namespace = _live(function)
    found, _ = judged(person, Local(namespace, person.file), spec)
    anew = f"an object of {person.owner} is made anew for each probe, not the one that was given"
    bound = getattr(function, "__self__", None)
    notes = (anew,) if person.owner and isinstance(bound, namespace[person.owner]) else ()
    return replace(found, notes=(*notes, *found.notes))


def _live(function: Callable[..., Any]) -> tuple[Person, dict[str, Any]]:
    """The source of a live function (only its signature where there is none) and its names."""
    name = getattr(function, "__name__", "")
    name = name if name.isidentifier() else "function"  # a lambda, a partial function
    namespace = dict(getattr(function, "__globals__", {}))
    class_ = _class_of(function, namespace)
    looked_at, called = (class_, class_) if class_ else (function, function)
    owner = class_.__name__ if class_ else None
    file = "<live>"
    try:
        file = inspect.getsourcefile(looked_at) or file
        lines, start = inspect.getsourcelines(looked_at)
        person = Person("\n" * (start - 1) + textwrap.dedent("".join(lines)), file, name, owner)
        _ = person.function
    except (OSError, TypeError, SyntaxError, InputError):
        person, called = Person(_stub(function, name), file, name), function
    return person, {**namespace, person.owner or person.name: called}


def _class_of(function: Callable[..., Any], namespace: Mapping[str, Any]) -> type | None:
    """The class of a method; an object is made anew for each probe, with widths of its own."""
    bound = getattr(function, "__self__", None)
    if inspect.ismethod(function) and bound is not None:
        return bound if isinstance(bound, type) else type(bound)
    owner, _, _ = getattr(function, "__qualname__", "").rpartition(".")
    found = namespace.get(owner)
    return found if isinstance(found, type) else None


def _stub(function: Callable[..., Any], name: str) -> str:
    """``def name(x, y, …): ...`` for a function without source."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} has no signature that can be read") from error
    words = [
        p.name if p.default is p.empty else f"{p.name}=None"
        for p in signature.parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return f"def {name}({', '.join(words)}):\n    return None\n"
