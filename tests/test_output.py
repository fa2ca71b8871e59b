"""Output files are written whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symbackprop import output
from symbackprop.errors import OutputError
from symbackprop.output import refuse_early, write_all, write_whole

OLD = b"what stood there before\n"


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".symbackprop-")]


def test_text_and_bytes_arrive_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "text", "δ^l_j\r\n")
    write_whole(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "text").read_bytes() == "δ^l_j\r\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"
    assert leftovers(tmp_path) == []


def test_an_existing_file_needs_force(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(OLD)
    with pytest.raises(OutputError, match="exists already; --force"):
        write_whole(path, "new")
    assert path.read_bytes() == OLD
    write_whole(path, "new", force=True)
    assert path.read_text() == "new"


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "raced"
    sync = os.fsync

    def somebody_else_writes(handle: int) -> None:
        if not path.exists():
            path.write_bytes(OLD)
        sync(handle)

    monkeypatch.setattr(output.os, "fsync", somebody_else_writes)
    with pytest.raises(OutputError, match="exists already"):
        write_whole(path, "new")
    assert path.read_bytes() == OLD
    assert leftovers(tmp_path) == []


def test_a_new_file_has_the_usual_mode_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    usual, kept = tmp_path / "usual", tmp_path / "kept"
    (tmp_path / "by hand").write_text("")
    write_whole(usual, "x")
    assert usual.stat().st_mode == (tmp_path / "by hand").stat().st_mode
    kept.write_bytes(OLD)
    kept.chmod(0o640)
    write_whole(kept, "x", force=True)
    assert kept.stat().st_mode & 0o777 == 0o640


def test_a_symbolic_link_is_followed_only_with_force(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(OLD)
    link.symlink_to(target)
    with pytest.raises(OutputError, match="symbolic link"):
        write_whole(link, "new")
    assert target.read_bytes() == OLD
    write_whole(link, "new", force=True)
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_dangling_link_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="symbolic link"):
        write_whole(tmp_path / "link", "new")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (".", "folder"),
        ("no/such/folder/file", "no folder"),
        ("x" * 300, "too long"),
        ("a\0b", "no file name"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(OutputError, match=says) as raised:
        refuse_early(tmp_path / name)
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_sentence() -> None:
    with pytest.raises(OutputError, match="no space left"):
        write_whole(Path("/dev/full"), "x", force=True)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old"
    path.write_bytes(OLD)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "fsync", full)
    with pytest.raises(OutputError, match="no space left on device"):
        write_whole(path, "new", force=True)
    assert path.read_bytes() == OLD
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(OLD)
    path.chmod(0o444)
    with pytest.raises(OutputError, match="read-only"):
        write_whole(path, "new", force=True)
    assert path.read_bytes() == OLD


def test_several_files_are_refused_together(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(OLD)
    with pytest.raises(OutputError, match="exists"):
        write_all({tmp_path / "a": "new", tmp_path / "b": "new"})
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b").read_bytes() == OLD


WRITER = """
import os, pathlib, sys, time
from symbackprop import output
sync = os.fsync
def slow(handle):
    pathlib.Path(sys.argv[2]).write_text("half way")
    time.sleep(60)
    sync(handle)
output.os.fsync = slow
from symbackprop.commands.group import _end_on_terminate
_end_on_terminate()
try:
    output.write_whole(pathlib.Path(sys.argv[1]), "new " * 100_000, force=True)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "status", "tidy"),
    [(signal.SIGINT, 130, True), (signal.SIGTERM, 143, True), (signal.SIGKILL, -9, False)],
)
def test_interrupted_half_way_the_old_file_is_whole(
    tmp_path: Path, number: signal.Signals, status: int, tidy: bool
) -> None:
    path, flag = tmp_path / "old", tmp_path / "flag"
    path.write_bytes(OLD)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(flag)])
    while not flag.exists():
        assert writer.poll() is None, "the writer ended before it was half way"
        time.sleep(0.01)
    writer.send_signal(number)
    assert writer.wait(timeout=30) == status
    assert path.read_bytes() == OLD
    assert bool(leftovers(tmp_path)) is not tidy


def test_folders_are_made_for_several_files_or_nothing_is(tmp_path: Path) -> None:
    write_all({tmp_path / "new" / "deep" / "a": "1", tmp_path / "b": "2"})
    assert (tmp_path / "new" / "deep" / "a").read_text() == "1"
    with pytest.raises(OutputError, match="is a file, not a folder"):
        write_all({tmp_path / "other" / "a": "1", tmp_path / "b" / "c": "2"})
    assert not (tmp_path / "other").exists()
