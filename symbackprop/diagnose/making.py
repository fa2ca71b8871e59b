"""An object of a person's class, made to see what it keeps."""

from __future__ import annotations

from typing import Any

from symbackprop.diagnose.adapt import Runner
from symbackprop.diagnose.arrange import Plan
from symbackprop.diagnose.calling import owner_of
from symbackprop.diagnose.person import Person
from symbackprop.diagnose.probes import probe
from symbackprop.diagnose.problems import Flow, Setting


def attributes_of(
    person: Person, runner: Runner, plan: Plan
) -> tuple[list[str], dict[str, Any] | None]:
    """Names of an object's attributes after it is made."""
    if person.owner is None or person.callee != person.name:
        return [], None
    known = {slot.name for slot in plan.constructor}
    missing = [p.name for p in person.constructor if not p.optional and p.name not in known]
    if missing:
        words = ", ".join(map(repr, missing))
        return [], {"kind": "Spec", "text": f"what is {words} of {person.owner}.__init__?"}
    errors = []
    for layers in ((2, 5, 3), (2, 5, 4, 3), (5, 3)):
        flow = Flow(probe(layers, 7, 1), Setting())
        call = {"name": "", "owner": owner_of(person, plan, flow)}
        answer = runner.perform([call])[0]
        if "error" not in answer:
            return list(answer.get("attributes") or {}), None
        errors.append(answer["error"])
    return [], errors[0]
