"""The child's main loop: read a request, run it, write the answer, on file descriptors of its own.

A person's ``print`` and ``input`` see other descriptors and cannot disturb the conversation.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from symbackprop.diagnose.child import wire
from symbackprop.diagnose.child.perform import TooSlow, _limit, described, loaded, perform

TOO_LARGE = {"error": {"kind": "Died", "text": "the answer is too large", "line": None}}


def main() -> None:
    """Serve until the other side closes."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    namespace: dict[str, Any] = {}
    file = ""
    while True:
        try:
            request = wire.read(requests)
        except EOFError:
            return
        if request["do"] == "load":
            file = request["file"]
            namespace, answer = _load(request)
        else:
            answer = {"answers": list(_performed(request["calls"], namespace, file))}
        try:
            wire.write(answers, answer)
        except MemoryError:
            several = [TOO_LARGE] * len(request.get("calls", ()))
            wire.write(answers, {"answers": several} if several else TOO_LARGE)


def _performed(
    calls: list[dict[str, Any]], namespace: dict[str, Any], file: str
) -> Iterator[dict[str, Any]]:
    """One after the other; after one that hangs the rest is not tried."""
    slow: dict[str, Any] | None = None
    for call in calls:
        answer = slow or perform(call, namespace, file)
        if answer.get("error", {}).get("kind") == "TooSlow":
            slow = answer
        yield answer


def _load(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with _limit(request.get("seconds")):
            adapter = request.get("adapter") or ""
            folder = request.get("folder") or ""
            return loaded(request["source"], request["file"], adapter, folder), {"loaded": True}
    except TooSlow:
        text = f"not loaded in {request['seconds']:g} s: does it train at the top level?"
        return {}, {"error": {"kind": "TooSlow", "text": text}}
    except (Exception, SystemExit) as error:  # noqa: BLE001  (a person's code may raise anything)
        return {}, {"error": described(error, request["file"])}
