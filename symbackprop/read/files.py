"""Bytes to text: what is too large, no text, or in another encoding is refused with its place."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from symbackprop.errors import InputError, LimitError

LIMIT = 1_000_000
NOTEBOOK_LIMIT = 20_000_000  # outputs with pictures; its text has the limit of a file
STDIN = "<stdin>"

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_FORMATS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
)
_TEXT = "expected a text file in UTF-8"
_SAVE = "save it as UTF-8"


def read_bytes(path: Path, limit: int = LIMIT) -> bytes:
    """All bytes of a file, and never more than ``limit``."""
    name = str(path)
    try:
        if path.is_dir():
            raise InputError("this is a directory", expected="expected a file", file=name)
        with path.open("rb") as handle:
            data = handle.read(limit + 1)
    except FileNotFoundError:
        raise InputError("there is no such file", file=name) from None
    except PermissionError:
        raise InputError("no permission to read this file", file=name) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"this file cannot be read: {reason}", file=name) from None
    return _within(data, name, limit)


def read_stdin(limit: int = LIMIT) -> bytes:
    """All bytes of standard input."""
    return _within(sys.stdin.buffer.read(limit + 1), STDIN, limit)


def _within(data: bytes, name: str, limit: int) -> bytes:
    if len(data) > limit:
        raise too_long(name, limit)
    return data


def too_long(name: str, limit: int = LIMIT) -> LimitError:
    """The error for a file over the limit."""
    return LimitError(
        "this file is too large",
        expected=f"at most {limit / 1_000_000:g} MB",
        todo="split it",
        file=name,
    )


def decode(data: bytes, name: str) -> str:
    """UTF-8 with or without a byte order mark; anything else is refused with its first byte."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            raise InputError(f"this looks like {encoding}", expected=_TEXT, todo=_SAVE, file=name)
    for start, kind in _FORMATS:
        if data.startswith(start):
            raise InputError(f"this is {kind}, not text", expected=_TEXT, file=name)
    if b"\0" in data:
        raise _nul(data, name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the codec counts behind the byte order mark
        place = error.start + len(data) - len(error.object)
        raise InputError(
            f"this is not UTF-8: byte 0x{data[place]:02X} at offset {place}",
            expected=_TEXT,
            todo=_SAVE,
            file=name,
            line=lines_before(data[:place]),
        ) from None


def lines_before(data: bytes) -> int:
    """The number, from 1, of the line that ``data`` ends in."""
    return len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))


def _nul(data: bytes, name: str) -> InputError:
    """ASCII in UTF-16 has a NUL in every second byte."""
    head = data[:1000]
    if max(head[::2].count(0), head[1::2].count(0)) > 0.3 * len(head[::2]):
        return InputError("this looks like UTF-16", expected=_TEXT, todo=_SAVE, file=name)
    place = data.index(0)
    return InputError(
        f"this is not text: a NUL byte at offset {place}",
        expected=_TEXT,
        file=name,
        line=lines_before(data[:place]),
    )


def unified(text: str) -> str:
    """Without a byte order mark, and with line ends as ``\\n``."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
