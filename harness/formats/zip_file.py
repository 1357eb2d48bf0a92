"""Zip archives inside of an app's storage: exports, caches, packages. Each member is decoded as if it stood there."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any, ClassVar

from harness.errors import FormatError, LimitError
from harness.formats.base import Format, Piece, Sample, fill
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Span, State, Value

__all__ = ["ZipFile"]

_LOCAL = b"PK\x03\x04"
_HEADER = 30
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    start: int
    end: int
    share: Share
    data: bytes = field(default=b"", repr=False)
    fault: FormatError | None = None


class ZipFile(Format):
    """One value per member, under its name. Members that are encrypted are counted as such, and not opened."""

    title = "Zip archive"
    source = "APPNOTE.TXT 6.3.10 (PKWARE)"
    layer = "zip"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            {"users.json": b'{"Email":"jane@example.org"}' * 5, "notes/a.txt": b"+44 7700 900123"},
            (
                Value(("users.json",), b'{"Email":"jane@example.org"}' * 5),
                Value(("notes/a.txt",), b"+44 7700 900123"),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return 0.95 if head.startswith(_LOCAL) and len(head) > _HEADER and size > _HEADER + 22 else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        members = [replace(member, data=b"") for member in _members(document, limits)]
        spans = [Span(member.start, member.end, member.share) for member in members]
        fault = next((member.fault for member in members if member.fault), None)
        return Ledger({"": fill(spans, len(document.data), Share.STRUCTURE)}, str(fault or ""))

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        try:
            members = list(_members(document, limits))
        except FormatError:
            return [Place((), State.RAW)] * len(offsets)
        return [_place(members, offset) for offset in offsets]

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        fault: FormatError | None = None
        for member in _members(document, limits):
            fault = fault or member.fault
            if member.share is Share.DECODED:
                yield Value((member.name,), member.data)
        if fault is not None:
            raise fault

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """What is in each member."""
        for member in _members(document, limits):
            if member.data:
                yield Piece(member.data, ((0, member.start),))

    def encode(self, content: Any) -> Document:
        """`content` maps names to bytes; written with a fixed time, so that equal content gives equal bytes."""
        if not isinstance(content, Mapping):
            raise FormatError("a zip archive is written from a mapping of names to bytes")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in content.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
        return Document(out.getvalue())


def _place(members: Sequence[_Member], offset: int) -> Place:
    for member in members:
        if member.start <= offset < member.end and member.share is Share.DECODED:
            return Place((member.name,), State.LIVE, member.data)
    return Place((), State.RAW)


def _members(document: Document, limits: Limits) -> Iterator[_Member]:
    """Every member, in the order of the file; its fault goes with it.

    Raises:
        FormatError: there is no directory to go by.
    """
    left = limits.unpacked(len(document.data))
    try:
        archive = zipfile.ZipFile(io.BytesIO(document.data))
        found = sorted(archive.infolist(), key=lambda each: each.header_offset)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError) as error:
        raise FormatError("the archive's directory is damaged or cut off") from error
    with archive:
        for info in found[: limits.entries]:
            if info.filename.endswith("/"):
                continue
            start = info.header_offset
            end = start + _HEADER + len(info.filename.encode("utf-8", "replace")) + info.compress_size
            if info.flag_bits & _ENCRYPTED:
                yield _Member(info.filename, start, end, Share.ENCRYPTED)
                continue
            member = _read(archive, info, start, end, left)
            left -= len(member.data)
            yield member


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, start: int, end: int, left: int) -> _Member:
    try:
        with archive.open(info) as stream:
            data = _read_all(stream, left + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        fault = FormatError("a member of the archive is damaged")
        fault.__cause__ = error.with_traceback(None)  # which would keep alive what was unpacked
        return _Member(info.filename, start, end, Share.FAILED, fault=fault)
    if len(data) > left:
        return _Member(
            info.filename, start, end, Share.FAILED, fault=LimitError("unpacks to more than the limit allows")
        )
    return _Member(info.filename, start, end, Share.DECODED, data)


def _read_all(stream: IO[bytes], most: int) -> bytes:
    """Up to so many bytes, without a copy of what was read before for each that is added."""
    out = io.BytesIO()
    while out.tell() < most and (chunk := stream.read(min(_CHUNK, most - out.tell()))):
        out.write(chunk)
    return out.getvalue()
