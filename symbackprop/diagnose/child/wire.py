"""Trees of numbers and arrays as bytes: a length, JSON for the structure, raw numbers behind it.

No pickle: what comes from a person's process is read as data and can run nothing here.
"""

from __future__ import annotations

import json
import math
import struct
from typing import IO, Any

import numpy as np

from symbackprop.diagnose.child.exact import Exact

LENGTHS = struct.Struct(">QQ")
LARGEST = 64 * 2**20
DEEPEST = 8
LONGEST = 20_000
KINDS = {"f8", "f4", "f2", "i8", "b1"}


class WireError(ValueError):
    """What came is no message of this format."""


def encode(message: Any) -> bytes:
    """The message as bytes; objects that are no data become ``Other`` with the name of their type.

    >>> decode(encode({"a": [1, (2.5, None)]}))
    {'a': [1, (2.5, None)]}
    """
    blob = bytearray()
    text = json.dumps(_packed(message, blob, 0)).encode()
    return LENGTHS.pack(len(text), len(blob)) + text + blob


def decode(data: bytes) -> Any:
    """The message that was encoded."""
    text_length, blob_length = LENGTHS.unpack_from(data)
    start = LENGTHS.size
    if len(data) != start + text_length + blob_length:
        raise WireError("a message is cut short")
    try:
        packed = json.loads(data[start : start + text_length])
    except (ValueError, RecursionError) as error:
        raise WireError("a message cannot be read") from error
    return _unpacked(packed, memoryview(data)[start + text_length :])


def write(stream: IO[bytes], message: Any) -> None:
    stream.write(encode(message))
    stream.flush()


def read(stream: IO[bytes]) -> Any:
    """The next message; ``EOFError`` at the end, ``WireError`` if it is malformed or too large."""
    head = stream.read(LENGTHS.size)
    if len(head) < LENGTHS.size:
        raise EOFError
    total = sum(LENGTHS.unpack(head))
    if total > LARGEST:
        raise WireError("the answer is too large")
    return decode(head + stream.read(total))


def _packed(value: Any, blob: bytearray, depth: int) -> Any:
    if value is None or type(value) in (bool, str):
        return value
    if isinstance(value, Exact):
        return ["exact", value.n, value.x, value.p]
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return _packed(value.item(), blob, depth)
    if isinstance(value, int) and abs(value) < 2**62:
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else ["number", str(value)]
    if depth >= DEEPEST:
        return ["other", "a deeply nested object"]
    if isinstance(value, np.ndarray):
        return _packed_array(value, blob, depth)
    if isinstance(value, (list, tuple)) and len(value) <= LONGEST:
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, [_packed(item, blob, depth + 1) for item in value]]
    if isinstance(value, dict) and len(value) <= LONGEST:
        keys = [key if isinstance(key, (str, int)) else str(key) for key in value]
        return ["dict", keys, [_packed(item, blob, depth + 1) for item in value.values()]]
    return ["other", type(value).__name__]


def _packed_array(value: Any, blob: bytearray, depth: int) -> Any:
    array = np.asarray(value)
    if array.dtype == object and array.size and all(isinstance(e, Exact) for e in array.flat):
        items = [_packed(item, blob, depth + 1) for item in array.flat]
        return ["objects", list(array.shape), items]
    if array.dtype == object:
        small = array.size <= LONGEST
        return _packed(array.tolist(), blob, depth) if small else ["other", "array"]
    kind = {"f": f"f{array.dtype.itemsize}", "b": "b1"}.get(array.dtype.kind, "i8")
    if array.dtype.kind not in "fbiu" or kind not in KINDS:
        return ["other", f"array of {array.dtype}"]
    where = len(blob)
    blob += np.ascontiguousarray(array.astype(kind)).tobytes()
    return ["array", kind, list(array.shape), where]


def _unpacked(packed: Any, blob: memoryview) -> Any:
    if not isinstance(packed, list):
        return packed
    match packed:
        case ["number", str(text)]:
            return float(text)
        case ["list", list(items)]:
            return [_unpacked(item, blob) for item in items]
        case ["tuple", list(items)]:
            return tuple(_unpacked(item, blob) for item in items)
        case ["dict", list(keys), list(items)] if len(keys) == len(items):
            return dict(zip(keys, (_unpacked(item, blob) for item in items), strict=True))
        case ["array", str(kind), list(shape), int(where)] if kind in KINDS:
            return _array(kind, shape, where, blob)
        case ["exact", int(n), float(x), int(p)] if p > 1:
            return Exact(n, x, p)
        case ["objects", list(shape), list(items)] if _size(shape) == len(items):
            made = np.empty(len(items), dtype=object)
            made[:] = [_unpacked(item, blob) for item in items]
            return made.reshape(shape)
        case ["other", str(name)]:
            return Other(name)
    raise WireError("a message cannot be read")


def _size(shape: list[Any]) -> int:
    if any(not isinstance(n, int) or n < 0 for n in shape):
        raise WireError("an array has no shape")
    return math.prod(shape)


def _array(kind: str, shape: list[Any], where: int, blob: memoryview) -> Any:
    size = _size(shape) * np.dtype(kind).itemsize
    if where < 0 or where + size > len(blob):
        raise WireError("an array is cut short")
    return np.frombuffer(blob[where : where + size], dtype=kind).reshape(shape).copy()


class Other:
    """Something that is neither a number nor a container; only the name of its type arrives."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"
