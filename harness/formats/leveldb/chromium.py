"""How Chromium and Android's WebView use LevelDB: the keys and values of localStorage, sessionStorage and IndexedDB.

localStorage: `_origin NUL key`, with a byte before key and value that says Latin-1 or UTF-16. sessionStorage: the
values of `map-N-key` are in UTF-16. IndexedDB: `indexed_db_leveldb_coding.cc`.
"""

import re
import struct
from typing import NamedTuple

from harness.encodings.varint import varint
from harness.errors import FormatError
from harness.formats.leveldb.blink import read_object
from harness.formats.leveldb.leaves import Leaf, decode_text, printable_name
from harness.limits import Limits
from harness.model import Step

__all__ = ["NUMBER", "PLAIN", "Name", "leaves_of", "name_of"]

PLAIN, PREFIXED, WIDE, OBJECT, BIG, NUMBER = "plain", "prefixed", "wide", "object", "big", "number"
_ORIGIN = re.compile(rb"_(?:[a-z][a-z0-9+.\-]{1,31}:|\^)[^\x00]*\x00[\x00\x01]")
_MAP = re.compile(rb"map-[0-9]+-")
_GLOBAL = {0: "schema version", 1: "greatest database", 2: "data version"}
_DATABASE = {
    0: ("origin", BIG),
    1: ("name", BIG),
    2: ("version", BIG),
    3: ("greatest store", NUMBER),
    4: ("number of version", NUMBER),
}
_STORE = {0: ("name", BIG), 1: ("key path", PLAIN)}
_INDEX = {0: ("name", BIG), 2: ("key path", PLAIN)}
_DATA, _EXISTS, _BLOBS, _FIRST_INDEX = 1, 2, 3, 30
_NESTED = 16


class Name(NamedTuple):
    """The steps that a key stands for, and how its value is written."""

    steps: tuple[Step, ...]
    form: str


def name_of(key: bytes) -> Name:
    """What a key is called."""
    first = key[:1]
    if first == b"_" and _ORIGIN.match(key):
        origin, _, rest = key[1:].partition(b"\x00")
        return Name((printable_name(origin), _prefixed(rest)), PREFIXED)
    if first == b"m" and (found := _MAP.match(key)):
        return Name((found[0][:-1].decode(), printable_name(key[found.end() :])), WIDE)
    if first and first[0] & 0xDF < 0x10 and len(key) > 3:
        named = _indexed(key)
        if named is not None:
            return named
    return Name((printable_name(key),), PLAIN)


def _prefixed(raw: bytes) -> str:
    try:
        return raw[1:].decode("utf-16-le" if raw[0] == 0 else "latin-1")
    except UnicodeDecodeError:
        return printable_name(raw[1:])


def leaves_of(data: bytes, start: int, end: int, form: str, limits: Limits) -> list[Leaf]:
    """What the value from `start` to `end` of a chunk holds."""
    if form == OBJECT:
        _, at = varint(data, start, end)
        try:
            return read_object(data, at, end, limits)
        except FormatError:
            form = PLAIN
    if form == PREFIXED and start < end and data[start] < 2:
        codec = "latin-1" if data[start] else "utf-16-le"
        leaf = _text(data, start + 1, end, codec)
        if leaf:
            return [leaf]
    elif form in (WIDE, BIG):
        leaf = _text(data, start, end, "utf-16-le" if form == WIDE else "utf-16-be")
        if leaf:
            return [leaf]
    elif form == NUMBER:
        value, at = varint(data, start, end)
        if at == end and value >= 0:
            return [Leaf((), value, start, end)]
    value_ = decode_text(data[start:end])
    return [Leaf((), value_, start, end, "utf-8" if isinstance(value_, str) else "bytes")]


def _text(data: bytes, start: int, end: int, codec: str) -> Leaf | None:
    try:
        return Leaf((), data[start:end].decode(codec), start, end, codec)
    except UnicodeDecodeError:
        return None


# -- keys of IndexedDB -----------------------------------------------------------------------------


def _indexed(key: bytes) -> Name | None:
    """What a key of IndexedDB is called; None where it is none, to its last byte."""
    sizes = (key[0] >> 5) + 1, (key[0] >> 2 & 7) + 1, (key[0] & 3) + 1
    at, numbers = 1, []
    for size in sizes:
        numbers.append(int.from_bytes(key[at : at + size], "little"))
        at += size
    if at > len(key):
        return None
    database, store, index = numbers
    try:
        named = _metadata(key, at, database) if not store else _stored(key, at, store, index)
    except (FormatError, struct.error, UnicodeDecodeError, IndexError):
        return None
    if named is None or (not database and store):
        return None
    return Name((f"database {database}", *named.steps), named.form) if database else named


def _metadata(key: bytes, at: int, database: int) -> Name | None:
    kind, at = key[at], at + 1
    if not database:
        if kind in _GLOBAL and at == len(key):
            return Name(("IndexedDB", _GLOBAL[kind]), NUMBER)
        if kind == 201:
            origin, at = _counted(key, at)
            name, at = _counted(key, at)
            return Name(("IndexedDB", origin, name), NUMBER) if at == len(key) else None
        return None
    if kind in _DATABASE and at == len(key):
        label, form = _DATABASE[kind]
        return Name((label,), form)
    if kind in (50, 100):
        labels: list[Step] = []
        for word in ("store", "index")[: 1 if kind == 50 else 2]:
            number, at = varint(key, at, len(key))
            labels.append(f"{word} {number}")
        known = (_STORE if kind == 50 else _INDEX).get(key[at], (f"property {key[at]}", PLAIN))
        return Name((*labels, known[0]), known[1]) if at + 1 == len(key) else None
    if kind == 200:
        name, at = _counted(key, at)
        return Name(("stores", name), NUMBER) if at == len(key) else None
    return None


def _stored(key: bytes, at: int, store: int, index: int) -> Name | None:
    steps, at = _key(key, at, 0)
    if index in (_DATA, _EXISTS, _BLOBS):
        word = {_DATA: "", _EXISTS: "exists", _BLOBS: "blobs"}[index]
        labels = (f"store {store}", word) if word else (f"store {store}",)
        form = OBJECT if index == _DATA else NUMBER if index == _EXISTS else PLAIN
        return Name((*labels, *steps), form) if at == len(key) else None
    if index < _FIRST_INDEX:
        return None
    if at < len(key):
        _, after = varint(key, at, len(key))
        primary, end = _key(key, after, 0) if after < len(key) else ((), after)
        if end != len(key):
            return None
        steps = (*steps, *primary)
    return Name((f"store {store}", f"index {index}", *steps), PLAIN)


def _key(key: bytes, at: int, depth: int) -> tuple[tuple[Step, ...], int]:
    """A key as a page gave it, and where it ends.

    Raises:
        FormatError: it is none.
    """
    kind, at = key[at], at + 1
    if kind == 1:
        text, at = _counted(key, at)
        return (text,), at
    if kind in (2, 3):
        number: float = struct.unpack_from("<d", key, at)[0]
        return (int(number) if number.is_integer() else repr(number),), at + 8
    if kind == 4 and depth < _NESTED:
        count, at = varint(key, at, len(key))
        steps: list[Step] = []
        for _ in range(min(count, len(key))):
            inner, at = _key(key, at, depth + 1)
            steps += inner
        return tuple(steps), at
    if kind == 6:
        size, at = varint(key, at, len(key))
        if 0 <= size <= len(key) - at:
            return (printable_name(key[at : at + size]),), at + size
    if kind in (0, 5):
        return (), at
    raise FormatError("no key of a page")


def _counted(key: bytes, at: int) -> tuple[str, int]:
    size, at = varint(key, at, len(key))
    end = at + 2 * size
    if size < 0 or end > len(key):
        raise FormatError("no text")
    return key[at:end].decode("utf-16-be"), end
