"""The manifest of backups before iOS 10: records one behind the other, in a file of their own.

Source: "iTunes Backup" of The iPhone Wiki. Strings have a length of two bytes, 65535 where there is none.
"""

import hashlib
import struct
from collections.abc import Iterator

from harness.devices._ios_backup.record import Described, Entry
from harness.errors import FormatError
from harness.limits import Limits
from harness.model import Buffer

__all__ = ["MAGIC", "entries"]

MAGIC = b"mbdb\x05\x00"
_NONE = 0xFFFF
_FIXED = struct.Struct(">HQIIIIIQBB")


def entries(data: Buffer, limits: Limits) -> Iterator[Entry]:
    """All records.

    Raises:
        FormatError: it is damaged, from here on.
    """
    reader = _Reader(data)
    count = 0
    while reader.at < len(data):
        count += 1
        if count > limits.entries:
            raise FormatError("more entries than the limit allows")
        try:
            yield reader.entry()
        except (struct.error, IndexError) as error:
            raise FormatError("the manifest is damaged") from error


class _Reader:
    """Where the reading of a manifest stands."""

    def __init__(self, data: Buffer) -> None:
        self.data = data
        self.at = len(MAGIC)

    def entry(self) -> Entry:
        domain, path, _target, _digest, key = (self._string() for _ in range(5))
        mode, _inode, owner, group, modified, _read, _changed, size, protection, properties = _FIXED.unpack_from(
            self.data, self.at
        )
        self.at += _FIXED.size
        for _ in range(2 * properties):
            self._string()
        known = Described.of_class(
            protection, size=size, mode=mode, owner=owner, group=group, modified=float(modified), sealed=key or None
        )
        stored = hashlib.sha1(domain + b"-" + path, usedforsecurity=False).hexdigest()
        return Entry(stored, _text(domain), _text(path), known.kind, known)

    def _string(self) -> bytes:
        (size,) = struct.unpack_from(">H", self.data, self.at)
        self.at += 2
        if size == _NONE:
            return b""
        text = bytes(self.data[self.at : self.at + size])
        if len(text) != size:
            raise IndexError
        self.at += size
        return text


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
