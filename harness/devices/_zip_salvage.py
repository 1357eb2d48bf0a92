"""Members of a zip archive whose directory is gone, found by their own headers: what a transfer that broke off left.

Source: PKWARE APPNOTE 6.3.10, 4.3.7 "Local file header".
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.devices._contents import Mapped, Slice
from harness.devices._paths import fault_in, printable, shortened, tidy
from harness.devices._unpacked import kept
from harness.limits import Limits
from harness.model import Artifact, Facts, Unread

__all__ = ["salvaged"]

_HEADER = struct.Struct("<4sHHHIIIIHH")
_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED = 0x1
_SIZES_FOLLOW = 0x8
_STEP = 1 << 16


@dataclass(slots=True)
class _Found:
    """One member, and where its bytes stand in what was unpacked."""

    name: str = field(repr=False)
    start: int
    size: int = 0
    fault: str = ""


class _Salvage:
    """Goes through an archive from header to header and unpacks what it meets."""

    def __init__(self, data: Mapped, most: int, entries: int) -> None:
        self.data = data
        self.found: list[_Found] = []
        self.fault = ""
        self._left = most
        self._entries = entries

    def chunks(self) -> Iterator[bytes]:
        at, start = self.data.find(_SIGNATURE), 0
        while at >= 0 and at + _HEADER.size <= len(self.data):
            if len(self.found) == self._entries or self._left < 0:
                self.fault = "the archive holds more than the limit allows"
                return
            header = _HEADER.unpack(self.data[at : at + _HEADER.size])
            body = at + _HEADER.size + header[8] + header[9]
            raw = bytes(self.data[at + _HEADER.size : body - header[9]])
            member = _Found(raw.decode("utf-8", "surrogateescape"), start)
            self.found.append(member)
            end = body
            for chunk, end in self._body(member, header, body):  # noqa: B007 - the last end counts
                member.size += len(chunk)
                yield chunk
            start += member.size
            at = self.data.find(_SIGNATURE, end)

    def _body(self, member: _Found, header: tuple[int, ...], body: int) -> Iterator[tuple[bytes, int]]:
        _, _, flags, method, _, checksum, packed, _, _, _ = header
        if flags & _ENCRYPTED:
            member.fault = "encrypted member"
            return
        summed = 0
        if flags & _SIZES_FOLLOW and method == zipfile.ZIP_STORED:
            member.fault = "where it ends was in the directory that is missing"
            return
        for chunk, end in self._unpacked(member, method, body, 0 if flags & _SIZES_FOLLOW else packed):
            summed = zlib.crc32(chunk, summed)
            self._left -= len(chunk)
            if self._left < 0:
                return
            yield chunk, end
        if not member.fault and not flags & _SIZES_FOLLOW and summed != checksum:
            member.fault = "damaged archive member"

    def _unpacked(self, member: _Found, method: int, at: int, packed: int) -> Iterator[tuple[bytes, int]]:
        if method == zipfile.ZIP_STORED:
            end = min(at + packed, len(self.data))
            member.fault = "cut off" if at + packed > len(self.data) else ""
            for step in range(at, end, _STEP):
                yield bytes(self.data[step : min(step + _STEP, end)]), end
        elif method == zipfile.ZIP_DEFLATED:
            yield from self._inflated(member, at)
        else:
            member.fault = "compressed in a way that is not understood"

    def _inflated(self, member: _Found, at: int) -> Iterator[tuple[bytes, int]]:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        waiting = b""
        while not stream.eof:
            if not waiting:
                waiting = bytes(self.data[at : at + _STEP])
                at += len(waiting)
            if not waiting:
                member.fault = "cut off"
                return
            try:
                chunk = stream.decompress(waiting, _STEP)
            except zlib.error:
                member.fault = "damaged archive member"
                return
            waiting = stream.unconsumed_tail
            yield chunk, at - len(waiting) - len(stream.unused_data)


def salvaged(data: Mapped, name: str, limits: Limits, *, most: int) -> list[Artifact | Unread]:
    """What can be had of an archive called `name`; nothing where there is no member at all."""
    salvage = _Salvage(data, most, limits.entries)
    unpacked = kept(salvage.chunks())
    if not salvage.found:
        return []
    reason = salvage.fault or "the archive is damaged or cut off: its directory is missing"
    items: list[Artifact | Unread] = [Unread(path=name, reason=reason)]
    for member in salvage.found:
        path = tidy(member.name)
        if fault := fault_in(path):
            items.append(Unread(path=shortened(member.name), reason=fault, size=member.size))
        elif not member.name.endswith("/"):
            items += _items(member, printable(path), unpacked, limits)
    return items


def _items(member: _Found, path: str, unpacked: Mapped, limits: Limits) -> Iterator[Artifact | Unread]:
    fault = member.fault or limits.oversize(member.size)
    if fault:
        yield Unread(path=path, reason=fault)
    if member.size <= limits.file_bytes and (member.size or not fault):
        yield Artifact(facts=Facts(path=path, size=member.size), content=Slice(unpacked, member.start, member.size))
