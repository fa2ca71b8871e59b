"""One call of a person's function, as data in and data out.

A call is ``{"name", "owner", "attributes", "globals", "args", "kwargs", "seconds", "trace"}``; the
answer has ``returned``, ``arguments`` (after the call), ``attributes``, ``globals``, ``records``,
or ``error``.
"""

from __future__ import annotations

import inspect
import random
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

from symbackprop.diagnose.child.tracing import plain, recording, traced

SEED = 20
ADAPTER, ADAPTED = "adapter.py", "gradients"  # its file, as errors name it, and its function

Answer = dict[str, Any]


class TooSlow(BaseException):
    """Not an ``Exception``, so that ``except Exception`` in a person's code lets it through."""


class Missing(LookupError):  # noqa: N818  (what is, not whose fault)
    """There is no such function, class or method."""


def perform(call: Mapping[str, Any], namespace: Mapping[str, Any], file: str) -> Answer:
    """Run one call; whatever happens is an answer."""
    np.random.seed(SEED)  # noqa: NPY002  (what a person's code draws shall repeat)
    random.seed(SEED)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), _limit(call.get("seconds")):
            warnings.simplefilter("ignore")
            return _performed(call, namespace, file)
    except TooSlow:
        return {"error": {"kind": "TooSlow", "text": f"no answer in {call['seconds']:g} s"}}
    except Missing as error:
        return {"error": {"kind": "Missing", "text": str(error)}}
    except (Exception, SystemExit) as error:  # noqa: BLE001  (a person's code may raise anything)
        return {"error": described(error, file)}


def described(error: BaseException, file: str) -> dict[str, Any]:
    """Kind, text, and the last line of the person's file (else the adapter's) that it came from."""
    steps = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename == file:
        steps = [(file, error.lineno or 1)]
    text = str(error)[:300]
    told: dict[str, Any] = {"kind": type(error).__name__, "text": text, "line": None}
    for name, place in ((file, {}), (ADAPTER, {"file": ADAPTER})):
        lines = [line for where, line in steps if where == name]
        if lines:
            return {**told, **place, "line": lines[-1]}
    return told


def _performed(call: Mapping[str, Any], namespace: Mapping[str, Any], file: str) -> Answer:
    given: dict[str, Any] = {
        part: _copied(call.get(part)) or empty
        for part, empty in (("args", []), ("kwargs", {}), ("attributes", {}), ("globals", {}))
    }
    if call.get("trace"):
        given = {part: traced(value) for part, value in given.items()}
    with _globals(namespace, given["globals"]):
        function, owner = _target(call, namespace, given["attributes"])
        with recording(file) if call.get("trace") else nullcontext() as tape:
            result = function(*given["args"], **given["kwargs"]) if function else None
            if inspect.isgenerator(result):
                result = list(result)
        answer = {
            "returned": _unwrapped(result),
            "arguments": {
                "args": _unwrapped(given["args"]),
                "kwargs": _unwrapped(given["kwargs"]),
                "names": list(call.get("names", ())),
            },
            "attributes": _unwrapped(dict(vars(owner))) if owner is not None else {},
            "globals": {name: _unwrapped(namespace.get(name)) for name in given["globals"]},
            "records": tape.records if tape is not None else [],
        }
    if owner is not None and result is owner:
        answer["returned"] = None
    return answer


def _copied(value: Any) -> Any:
    """Containers and arrays of their own, for code that changes what it is given."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return type(value)(map(_copied, value))
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value


def _target(
    call: Mapping[str, Any], namespace: Mapping[str, Any], attributes: Mapping[str, Any]
) -> tuple[Any, Any]:
    """The function to call, and the object that it belongs to."""
    owner = call.get("owner")
    if owner is None:
        return _found(namespace, call["name"]), None
    made = _found(namespace, owner["class"])(*owner.get("args", ()), **owner.get("kwargs", {}))
    if not call["name"]:
        return None, made
    for name, value in attributes.items():
        setattr(made, name, value)
    if not callable(getattr(made, call["name"], None)):
        raise Missing(f"{owner['class']} has no method {call['name']}")
    return getattr(made, call["name"]), made


def _found(namespace: Mapping[str, Any], name: str) -> Any:
    if not callable(namespace.get(name)):
        raise Missing(f"there is no function {name}")
    return namespace[name]


def _unwrapped(value: Any, depth: int = 0) -> Any:
    """Plain arrays; objects with array attributes as dictionaries of these."""
    value = plain(value)
    if depth > 6:
        return None
    if isinstance(value, np.ndarray):
        return np.asarray(value)  # a matrix or a masked array has attributes of its own
    if isinstance(value, (list, tuple)):
        return type(value)(_unwrapped(v, depth + 1) for v in value) if type(value) in (
            list, tuple,
        ) else [_unwrapped(v, depth + 1) for v in value]  # fmt: skip
    if isinstance(value, dict):
        return {key: _unwrapped(item, depth + 1) for key, item in value.items()}
    if hasattr(value, "__dict__") and not callable(value) and not isinstance(value, np.generic):
        return {key: _unwrapped(item, depth + 1) for key, item in vars(value).items()}
    return value


@contextmanager
def _globals(namespace: Any, given: Mapping[str, Any]) -> Iterator[None]:
    """Module variables set for the time of a call."""
    before = {name: namespace[name] for name in given if name in namespace}
    namespace.update(given)
    try:
        yield
    finally:
        for name in given:
            namespace.pop(name, None)
        namespace.update(before)


@contextmanager
def _limit(seconds: float | None) -> Iterator[None]:
    """``TooSlow`` after so many seconds, where the system has timers."""
    usable = hasattr(signal, "setitimer") and (
        threading.current_thread() is threading.main_thread()
    )
    if seconds is None or not usable:
        yield
        return

    def ring(number: int, frame: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def loaded(source: str, file: str, adapter: str = "", folder: str = "") -> dict[str, Any]:
    """The namespace of a person's module; their ``if __name__ == "__main__"`` part does not run.

    It may import what stands beside it in its ``folder``, behind all that is installed.
    An ``adapter`` sees the module as ``code``; its function stands under a name of its own.
    """
    from types import ModuleType

    module = ModuleType("submission")
    module.__file__ = file
    sys.modules["submission"] = module
    if folder and folder not in sys.path:
        sys.path.append(folder)
    exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
    if adapter:
        sys.modules["code"] = module  # for those who import it
        scope: dict[str, Any] = {"code": module, "__name__": "adapter"}
        exec(compile(adapter, ADAPTER, "exec", dont_inherit=True), scope)
        module.__dict__[f"{ADAPTER}:{ADAPTED}"] = _found(scope, ADAPTED)
    return module.__dict__
