"""Writing a file whole or not at all: a temporary file beside it, then one rename."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from symbackprop.errors import OutputError

NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK}


def refuse_early(path: Path, force: bool = False) -> None:
    """Everything that would stop ``write_whole`` and can be seen before the work is done."""
    name = str(path)
    if not name or "\0" in name:
        raise OutputError(f"the output path {name!r} is no file name")
    with _one_sentence(path):
        if path.is_dir():
            raise OutputError("the output is a folder", file=name, todo="name a file inside it")
        if not path.parent.is_dir():
            raise OutputError(f"there is no folder {str(path.parent)!r}", file=name, todo="make it")
        if path.is_symlink() and not force:
            raise OutputError("the output is a symbolic link", file=name, todo="--force follows it")
        if path.is_file() and not force:
            raise OutputError("the output exists already", file=name, todo="--force replaces it")
        if path.is_file() and not os.access(path, os.W_OK):
            raise OutputError("the output is read-only", file=name, todo="chmod u+w")


def write_whole(path: Path, content: str | bytes, force: bool = False) -> None:
    """Write ``content`` (text as UTF-8) to ``path``: all of it, or the old file stays as it was.

    An existing file or a symbolic link needs ``force``; devices and pipes are written to directly.
    Raises ``OutputError`` with one sentence.
    """
    refuse_early(path, force)
    data = content.encode() if isinstance(content, str) else content
    with _one_sentence(path):
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        target = path.resolve() if path.is_symlink() else path
        _replace(target, data, force)


def refuse_all_early(paths: Iterable[Path], force: bool = False) -> None:
    """As ``refuse_early`` for what ``write_all`` writes: folders that are missing can be made."""
    for path in paths:
        with _one_sentence(path):
            above = next(folder for folder in path.parents if folder.exists())
            if not above.is_dir():
                raise OutputError(f"{str(above)!r} is a file, not a folder", file=str(path))
            if above == path.parent:
                refuse_early(path, force)


def write_all(contents: Mapping[Path, str | bytes], force: bool = False) -> None:
    """Several files, each whole, in folders that are made; nothing when one would be refused."""
    refuse_all_early(contents, force)
    for path, content in contents.items():
        with _one_sentence(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, force)


def _replace(target: Path, data: bytes, force: bool) -> None:
    temporary = target.with_name(f".symbackprop-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if force and target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        _move(temporary, target, force)
        _sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _move(temporary: Path, target: Path, force: bool) -> None:
    """One step that cannot be seen half done; a link refuses a file that appeared meanwhile."""
    if force:
        temporary.replace(target)
        return
    try:
        target.hardlink_to(temporary)
    except FileExistsError as error:
        raise OutputError(
            "the output exists already", file=str(target), todo="--force replaces it"
        ) from error
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        temporary.replace(target)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _one_sentence(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"cannot be written: {reason}", file=str(path)) from error
