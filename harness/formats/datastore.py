"""Preferences DataStore: what newer Android apps keep their settings in, `files/datastore/*.preferences_pb`.

A typed DataStore is a protobuf of the app's own schema, and read as one.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from harness.encodings.varint import framed, varint_bytes
from harness.errors import FormatError
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth, all_values
from harness.formats._tokens import Reading, Role, Token
from harness.formats._wire import I32, I64, LEN, VARINT, Field, fields, signed, tag
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Long, Scalar, State, Step, Value

__all__ = ["DataStore", "Preference", "Single"]


class Single(float):
    """A number that is stored as a `float` of 32 bits rather than a `double`."""

    __slots__ = ()


Preference: TypeAlias = "str | bool | int | float | bytes | Sequence[str]"
"""One preference; a sequence of strings is a string set."""

_BOOLEAN, _FLOAT, _INTEGER, _LONG, _STRING, _SET, _DOUBLE, _BYTES = range(1, 9)
_KINDS = dict.fromkeys((_BOOLEAN, _INTEGER, _LONG), VARINT) | dict.fromkeys((_STRING, _SET, _BYTES), LEN)
_KINDS |= {_FLOAT: I32, _DOUBLE: I64}
"""How each kind of value is stored."""


class DataStore(TokenFormat):
    """A map of names to typed values; a locator is the name, then the index within a set."""

    title = "Preferences DataStore"
    source = "androidx, datastore-preferences-core/src/main/proto/preferences.proto"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            {
                "Email": "jane@example.org",
                "recent": ("jane@example.com", "Zoë <zoe@example.com>"),
                "launches": 12,
                "delta": -3,
                "first_seen": Long(7),
                "msisdn": 15555550123,
                "lat": 20.216178,
                "scale": Single(0.5),
                "opt_in": False,
                "blob": b'{"phone": "+44 7700 900123"}\x00\xff',
                "empty": "",
            },
            (
                Value(("Email",), "jane@example.org"),
                Value(("recent", 0), "jane@example.com"),
                Value(("recent", 1), "Zoë <zoe@example.com>"),
                Value(("launches",), 12),
                Value(("delta",), -3),
                Value(("first_seen",), 7),
                Value(("msisdn",), 15555550123),
                Value(("lat",), 20.216178),
                Value(("scale",), 0.5),
                Value(("opt_in",), False),
                Value(("blob",), b'{"phone": "+44 7700 900123"}\x00\xff'),
                Value(("empty",), ""),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return 0.97 if _is_store(head, size) else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: _tokens(data))

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Every value that is not empty, with its name: lengths stand between the two in the file."""
        return all_values

    def encode(self, content: Any) -> Document:
        """`content` is a mapping of names to `Preference`s, written in its order."""
        return Document(b"".join(_entry(name, value) for name, value in content.items()))


# -- reading -------------------------------------------------------------------------------------


def _tokens(data: bytes) -> Iterator[Token]:
    last = _last_entries(data)
    for entry in fields(data, 0, len(data)):
        key, value = _parts(data, entry)
        name = _text(data, key)
        # A map that names an entry twice has the later one; the earlier is still in the file.
        state = State.LIVE if last.get(name, entry.start) == entry.start else State.SUPERSEDED
        tokens = [Token(key.body, key.end, (name,), Role.KEY, name, state)] if key else []
        tokens += _values(data, value, name, state)
        yield from sorted(tokens, key=lambda token: token.start)  # either may come first


def _last_entries(data: bytes) -> Mapping[str, int]:
    """Where the entry of each name stands that counts."""
    last: dict[str, int] = {}
    try:
        for entry in fields(data, 0, len(data)):
            last[_text(data, _parts(data, entry)[0])] = entry.start
    except FormatError:
        pass  # found again by who reads the entries
    return last


def _parts(data: bytes, entry: Field) -> tuple[Field | None, Field | None]:
    """The name and the value of an entry."""
    if (entry.number, entry.kind) != (1, LEN):
        raise FormatError(f"no preference at byte {entry.start}")
    found: dict[int, Field] = {}
    for part in fields(data, entry.body, entry.end):
        if part.number not in {1, 2} or part.kind != LEN:
            raise FormatError(f"no part of a preference at byte {part.start}")
        found[part.number] = part
    return found.get(1), found.get(2)


def _values(data: bytes, value: Field | None, name: str, state: State) -> Iterator[Token]:
    """What one preference holds: the last of its values counts, as of every `oneof`."""
    held = list(fields(data, value.body, value.end)) if value else []
    for each in held:
        if _KINDS.get(each.number) != each.kind:
            raise FormatError(f"no value of a preference at byte {each.start}")
        now = state if each is held[-1] else State.SUPERSEDED
        if each.number == _SET:
            yield from _items(data, each, name, now)
        else:
            yield Token(each.body, each.end, (name,), Role.VALUE, _scalar(data, each), now)


def _items(data: bytes, texts: Field, name: str, state: State) -> Iterator[Token]:
    """The texts of a string set."""
    for index, item in enumerate(fields(data, texts.body, texts.end)):
        if (item.number, item.kind) != (1, LEN):
            raise FormatError(f"no text of a set at byte {item.start}")
        steps: tuple[Step, ...] = (name, index)
        yield Token(item.body, item.end, steps, Role.VALUE, _text(data, item), state)


def _scalar(data: bytes, field: Field) -> Scalar:
    raw = data[field.body : field.end]
    match field.number:
        case 1:
            return field.value != 0
        case 2:
            return float(struct.unpack("<f", raw)[0])
        case 3:
            return signed(field.value, 32)
        case 4:
            return Long(signed(field.value))
        case 7:
            return float(struct.unpack("<d", raw)[0])
        case 8:
            return raw
    return _text(data, field)


def _text(data: bytes, field: Field | None) -> str:
    if field is None:
        return ""
    try:
        return data[field.body : field.end].decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"is not UTF-8 in the text at byte {field.body}") from error


def _is_store(head: bytes, size: int) -> bool:
    """Whether the head holds preferences and nothing else."""
    if head[:1] != b"\x0a":
        return False
    count = 0
    try:
        for entry in fields(head, 0, size):
            if entry.end > len(head):
                return (entry.number, entry.kind) == (1, LEN) and _begins_entry(head, entry)
            key, value = _parts(head, entry)
            if key is None or value is None or not _text(head, key).isprintable():
                return False
            list(_values(head, value, "", State.LIVE))
            count += 1
    except FormatError:
        # What runs over the end of the head is no fault.
        return count > 0 and size > len(head)
    return count > 0


def _begins_entry(head: bytes, entry: Field) -> bool:
    """Whether an entry that is cut off has a name and a value that fill it."""
    parts = []
    try:
        for part in fields(head, entry.body, entry.end):
            parts.append(part)  # noqa: PERF402 - what comes before the end of the head counts
    except FormatError:
        return False
    if [(part.number, part.kind) for part in parts] != [(1, LEN), (2, LEN)]:
        return False
    value = next(fields(head, parts[1].body, parts[1].end), None) if parts[1].body + 11 < len(head) else None
    return value is not None and _KINDS.get(value.number) == value.kind


# -- writing -------------------------------------------------------------------------------------


def _entry(name: str, value: Preference) -> bytes:
    return _length(1, _length(1, _utf8(name)) + _length(2, _stored(value)))


def _stored(value: Preference) -> bytes:
    match value:
        case str():
            return _length(_STRING, _utf8(value))
        case bool():
            return tag(_BOOLEAN, VARINT) + varint_bytes(value)
        case int():
            if not -(1 << 63) <= value < 1 << 63:
                raise FormatError("a number of more than 64 bits cannot be a preference")
            is_long = isinstance(value, Long) or not -(1 << 31) <= value < 1 << 31
            return tag(_LONG if is_long else _INTEGER, VARINT) + varint_bytes(value)
        case Single():
            return tag(_FLOAT, I32) + struct.pack("<f", value)
        case float():
            return tag(_DOUBLE, I64) + struct.pack("<d", value)
        case bytes():
            return _length(_BYTES, value)
    return _length(_SET, b"".join(_length(1, _utf8(item)) for item in value))


def _length(number: int, payload: bytes) -> bytes:
    return tag(number, LEN) + framed(payload)


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError("half a surrogate pair cannot be written") from error
