"""The manifest of a folder: which tables there are, and the first and last key of each."""

from harness.encodings.varint import varint
from harness.formats.leveldb.chunks import Entry

__all__ = ["LABELS", "read_edit"]

LABELS = {
    1: b"comparator",
    2: b"log",
    3: b"next file",
    4: b"last sequence",
    5: b"compacted up to",
    9: b"previous log",
}
_DELETED, _NEW = 6, 7


def read_edit(data: bytes, start: int, end: int, entries: list[Entry]) -> bool:
    """Add what the record from `start` to `end` changes, as entries whose keys are labels; returns whether it is such
    a record to its end."""
    at, number = start, start
    while 0 <= at < end:
        tag, at = varint(data, at, end)
        if tag == _NEW:
            at = _file(data, at, end, entries, number)
        elif tag == _DELETED:
            _, at = varint(data, at, end)
            name, at = varint(data, at, end)
            at = at if name >= 0 else -1
            words = (b"first key", b"last key")
            entries += [_entry(_label(name, word), number, at, at, is_put=False) for word in words]
        elif tag in (1, 5):
            if tag == 5:
                _, at = varint(data, at, end)
            at = _text(data, at, end, LABELS[tag], entries, number)
        elif tag in LABELS:
            value, after = varint(data, at, end)
            entries.append(_entry(LABELS[tag], number, at, after))
            at = after if value >= 0 else -1
        else:
            at = -1
    return at == end


def _file(data: bytes, at: int, end: int, entries: list[Entry], number: int) -> int:
    values = []
    for _ in range(3):
        value, at = varint(data, at, end)
        values.append(value)
    if min(values) < 0:
        return -1
    for word in (b"first key", b"last key"):
        at = _text(data, at, end, _label(values[1], word), entries, number)
        if at < 0:
            return -1
    return at


def _text(data: bytes, at: int, end: int, label: bytes, entries: list[Entry], number: int) -> int:
    """Note a text, or the key of an entry, without the number behind it; returns where it ends, or -1."""
    size, start = varint(data, at, end)
    tail = 0 if label == LABELS[1] else 8
    if size < tail or start + size > end:
        return -1
    entries.append(_entry(label, number, start, start + size - tail))
    return start + size


def _label(name: int, word: bytes) -> bytes:
    return b"table %06d\x00%b" % (max(name, 0), word)


def _entry(label: bytes, number: int, start: int, end: int, *, is_put: bool = True) -> Entry:
    return Entry(label, number, is_put, start, start, start, end)
