"""A person's code cannot disturb us: it hangs, prints, exits, forks or lies, and gets its answer."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from symbackprop.diagnose import diagnose
from symbackprop.diagnose.child import wire
from symbackprop.diagnose.process import bubblewrap
from symbackprop.errors import InputError

HEAD = "import numpy as np\n\n\ndef backprop(X, Y, W1, b1, W2, b2):\n"
GOOD = """\
    a1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    d2 = (a2 - Y) * a2 * (1 - a2) / len(X)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    return X.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0)
"""


def judged(folder: Path, body: str, seconds: float = 1.0, head: str = HEAD):
    file = folder / "submission.py"
    file.write_text(head + body, encoding="utf-8")
    return diagnose(f"{file}:backprop", seconds=seconds)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("    while True: pass\n", "no answer in"),
        ("    raise ValueError('no')\n", "ValueError: no"),
        ("    import sys; sys.exit(3)\n", "SystemExit"),
        ("    import os; os._exit(7)\n", "left with 7"),
        ("    import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n", "signal"),
        ("    return backprop(X, Y, W1, b1, W2, b2)\n", "RecursionError"),
        ("    return None\n", "no gradients"),
        ("    return object(), 'text'\n", "no gradients"),
        ("    return np.zeros((9, 9, 9))\n", "no gradients"),
        ("    return bytearray(10**11)\n", "MemoryError"),
        ("    import nothing_of_this_name\n", "ModuleNotFoundError"),
        ("    return W1 / 0 * 0, b1, W2, b2\n", "NaN"),
    ],
)
def test_whatever_happens_is_an_answer(tmp_path: Path, body: str, says: str) -> None:
    found = judged(tmp_path, body)
    assert found.verdict == "undecided"
    assert says in found.message


@pytest.mark.parametrize(
    "body",
    [
        "    print('x' * 10**6)\n" + GOOD,
        "    import sys; sys.stdout.write('noise'); sys.stderr.write('noise')\n" + GOOD,
        "    import os; os.write(1, b'noise'); os.write(2, b'noise')\n" + GOOD,
        "    np.random.seed(1); X[0] = X[0] + 0\n" + GOOD,
    ],
)
def test_noise_does_not_disturb(tmp_path: Path, body: str) -> None:
    assert judged(tmp_path, body).correct


def test_top_level_that_never_ends(tmp_path: Path) -> None:
    found = judged(tmp_path, "", head="while True:\n    pass\n" + HEAD + GOOD)
    assert found.verdict == "undecided"
    assert "does it train at the top level" in found.message


def test_our_process_keeps_its_environment_to_itself(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SYMBACKPROP_SECRET", "hush")
    body = "    import os\n    raise ValueError(os.environ.get('SYMBACKPROP_SECRET', 'nothing'))\n"
    assert "ValueError: nothing" in judged(tmp_path, body).message


needs_bubblewrap = pytest.mark.skipif(bubblewrap() is None, reason="bubblewrap is not installed")


@needs_bubblewrap
def test_confined_code_cannot_write_beside_itself_nor_reach_out(tmp_path: Path) -> None:
    inside = f"    open({str(tmp_path / 'made.txt')!r}, 'w').write('x')\n" + GOOD
    assert "read-only" in judged(tmp_path, inside).message.lower()
    assert not (tmp_path / "made.txt").exists()
    reach = "    import socket\n    socket.create_connection(('1.1.1.1', 53), 1)\n" + GOOD
    assert "OSError" in judged(tmp_path, reach).message
    secret = tmp_path.parent / "secret.txt"
    secret.write_text("other", encoding="utf-8")
    look = f"    open({str(secret)!r})\n" + GOOD
    assert "FileNotFoundError" in judged(tmp_path, look).message


@needs_bubblewrap
def test_confined_children_die_with_it(tmp_path: Path) -> None:
    fork = "    import os\n    [os.fork() for _ in range(2)]\n    while True: pass\n"
    found = judged(tmp_path, fork)
    assert found.verdict == "undecided"
    for _ in range(100):  # the kernel takes a moment to end them
        if not _left(tmp_path):
            break
        time.sleep(0.05)
    assert _left(tmp_path) == []


def _left(folder: Path) -> list[bytes]:
    """Command lines of processes that were started for this folder."""
    lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if _readable(p)]
    return [line for line in lines if str(folder).encode() in line]


def _readable(path: Path) -> bool:
    try:
        return os.access(path, os.R_OK) and bool(path.read_bytes())
    except OSError:
        return False


def test_a_message_that_lies_is_refused() -> None:
    good = wire.encode({"a": [1, 2.5, None]})
    assert wire.decode(good) == {"a": [1, 2.5, None]}
    for bad in (
        good[:-1],
        good + b"x",
        wire.LENGTHS.pack(2, 0) + b"[[",
        wire.LENGTHS.pack(4, 0) + b"[[0]",
    ):
        with pytest.raises(wire.WireError):
            wire.decode(bad)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def backprop(x, y:\n", r"submission.py:1:\d+: is no Python"),
        ("print 'hello'\n", "is Python 2"),
        ("def other(x): pass\n", "no function 'backprop'.*other"),
        ("", "no function 'backprop'"),
        ("\0", "null characters"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "submission.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        diagnose(f"{file}:backprop")
    import re

    assert re.search(says, str(caught.value))


def test_no_such_file() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        diagnose("nowhere.py:backprop")
    with pytest.raises(InputError, match="names no function"):
        diagnose("nowhere.py")


def test_a_notebook(tmp_path: Path) -> None:
    import json

    cells = [
        {"cell_type": "markdown", "source": ["# notes"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np"]},
        {"cell_type": "code", "source": (HEAD.split("\n\n\n")[1] + GOOD).splitlines(keepends=True)},
    ]
    file = tmp_path / "work.ipynb"
    file.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert diagnose(f"{file}:backprop").correct
