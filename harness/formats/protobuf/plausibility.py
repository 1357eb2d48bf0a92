"""Whether bytes are a protobuf message, told from the bytes alone.

Any bytes may happen to read as fields: short ones often do. So evidence is counted, in bits, for what a serializer
writes and chance seldom does: small field numbers in ascending order, shortest numbers, lengths that end exactly
where a text does, and a last field that ends with the message.
"""

import math
import re
import struct
from enum import Enum, auto

from harness.errors import FormatError
from harness.formats._wire import GROUP, I32, I64, LEN, VARINT, Field, fields

__all__ = ["Kind", "entry_name", "evidence", "is_text", "kind_of", "real"]

_ENOUGH = 7.0
"""Bits that make a nested payload a message."""
_PLENTY = 20.0
"""Bits that leave no doubt of a nested payload: what follows must only be fields."""
_LOOKED_AT = 64
"""Payloads of one message that are looked into."""
_DEEPEST = 3
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NAME = re.compile(r"[a-z_$][\w.$:/\-]{0,127}|[A-Z][A-Z0-9_]{1,127}", re.ASCII)
"""What keys of a map look like and names of people do not."""


class Kind(Enum):
    """What a payload with a length is."""

    TEXT = auto()
    MESSAGE = auto()
    ENTRY = auto()
    """Of a map: a message of a name and a value."""
    EITHER = auto()
    """A text that would be a message, too."""
    BYTES = auto()


def is_text(raw: bytes) -> bool:
    """UTF-8 without control characters."""
    if _CONTROL.search(raw):
        return False
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return raw.isascii() or not any("\x80" <= character < "\xa0" or character == "\ufffd" for character in text)


def kind_of(data: bytes, field: Field) -> Kind:
    """What the payload of a field with a length is, for all that it shows by itself."""
    raw = data[field.body : field.end]
    if is_text(raw):
        could_be = len(raw) > 2 and evidence(data, field.body, field.end) >= _ENOUGH
        return Kind.EITHER if could_be else Kind.TEXT
    if evidence(data, field.body, field.end) < _ENOUGH:
        return Kind.BYTES
    return Kind.ENTRY if entry_name(data, field) else Kind.MESSAGE


def entry_name(data: bytes, field: Field) -> str:
    """The name in an entry of a map; empty where the message is none."""
    held: list[Field] = []
    for each in fields(data, field.body, field.end):
        held.append(each)
        if len(held) > 2:
            return ""
    if [each.number for each in held] != [1, 2] or held[0].kind != LEN:
        return ""
    name = data[held[0].body : held[0].end].decode("ascii", "replace")
    return name if _NAME.fullmatch(name) else ""


def evidence(data: bytes, start: int, end: int, depth: int = 0) -> float:
    """Bits that speak for a message; less than nothing where it cannot be one.

    Where `data` ends before `end`, it is the head of a larger document.
    """
    bits, last, looked = 3.0, 0, 0
    plenty = _PLENTY if depth else 2 * _PLENTY
    try:
        for field in fields(data, start, end):
            bits += _framing(data, field, last)
            last = field.number
            if field.kind == LEN and bits < plenty and looked < _LOOKED_AT:
                looked += 1
                bits += _payload(data, field, depth)
            if bits < -20:
                return bits
            if len(data) < end and field.end + 16 > len(data):
                return bits - 3.0  # where it ends is not seen
    except FormatError:
        return -math.inf
    return bits if last else 0.0


def _framing(data: bytes, field: Field, last: int) -> float:
    """For the tag, and for numbers."""
    number, kind, end = field.number, field.kind, field.end
    bits = 1.0 if number >= last else -2.0
    bits += 2.0 if number < 16 else 1.0 if number < 2048 else -3.0 if number <= 100_000 else -8.0
    if kind == VARINT:
        is_shortest = end - field.body == 1 or data[end - 1] != 0
        return bits + 0.5 if is_shortest else bits - 6.0
    if kind in {I32, I64} and end <= len(data):
        return bits + (1.5 if isinstance(real(data, field), float) or not data[end - 1] else -2.0)
    return bits - 2.0 if kind == GROUP else bits


def _payload(data: bytes, field: Field, depth: int) -> float:
    """For what stands behind a length."""
    if field.end > len(data) or field.end == field.body:
        return 0.0
    raw = data[field.body : field.end]
    if is_text(raw):
        return min(2.0 + 0.7 * len(raw), 8.0)
    inner = evidence(data, field.body, field.end, depth + 1) if depth < _DEEPEST else 0.0
    return min(2.0 + inner / 2, 12.0) if inner >= _ENOUGH else -1.0


def real(data: bytes, field: Field) -> float | int:
    """A number of fixed size: a real one where it is of a size that is met with, else a whole one."""
    raw = data[field.body : field.end]
    number: float = struct.unpack("<d" if field.kind == I64 else "<f", raw)[0]
    if number == 0 and not any(raw):
        return 0.0
    if math.isfinite(number) and 1e-7 < abs(number) < 1e16:
        # A real number of 32 bits reads to more digits than it has.
        return number if field.kind == I64 else float(f"{number:.9g}")
    return int.from_bytes(raw, "little", signed=True)
