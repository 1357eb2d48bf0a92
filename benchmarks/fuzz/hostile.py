"""Documents that are small to send and large to read: tiny values by the hundred thousand, deep nests, bombs."""

import bz2
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from harness.formats.base import Format
from harness.model import Document
from harness.scan.unfold import choose_format

__all__ = ["hostile_by_format"]

_SIZE = 1 << 20
_BOMB = 300 << 20


def hostile_by_format(formats: Mapping[str, Format]) -> dict[str, list[Document]]:
    """Each goes to whom a scan would give it."""
    found: dict[str, list[Document]] = {name: [] for name in formats}
    for data in _documents():
        found[choose_format(formats, data[:4096], len(data)).name].append(Document(data))
    return found


def _documents() -> Iterator[bytes]:
    yield from _repeated()
    yield b"[" * 100_000 + b"]" * 100_000
    yield b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield b'<?xml version="1.0"?>' + b"<a>" * 100_000 + b"</a>" * 100_000
    yield _entities()
    yield from _bombs()
    yield _shared_arrays()


def _repeated() -> Iterator[bytes]:
    """A begin, a piece as often as it fits, an end."""
    plist = b'<?xml version="1.0"?><plist version="1.0">'
    prefs = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>"
    for begin, piece, end in (
        (b"[1", b",1", b"]"),
        (b'{"a":1', b',"a":1', b"}"),
        (b"{}\n", b"{}\n", b""),
        (b"", b"a\n", b""),
        (b"\xff\xfe", b"a\x00\n\x00", b""),
        (b"\x00\x01", b"abcdef\x01", b"\x00"),
        (b"\x00\x01", b"a\x00b\x00c\x00d\x00e\x00f\x00\x01\x01", b"\x00"),
        (b"<?xml version='1.0'?><r>", b"<a/>", b"</r>"),
        (b"<?xml version='1.0'?><r", b" a=''", b"/>"),
        (prefs, b'<int name="a" value="1"/>', b"</map>"),
        (prefs, b"&#65;", b"</map>"),
        (plist + b"<array>", b"<true/>", b"</array></plist>"),
        (b"// !$*UTF8*$!\n(a", b",a", b")"),
        (b"bplist00", b"\x09", b""),
        (b"\x0a\x0b\x0a\x01a\x12\x06\x3a\x04aaaa", b"\x0a\x0b\x0a\x01a\x12\x06\x3a\x04aaaa", b""),
        (b"\x1f\x8b\x08", b"\x00", b""),
    ):
        yield begin + piece * ((_SIZE - len(begin) - len(end)) // len(piece)) + end


def _entities() -> bytes:
    """A billion laughs."""
    lines = [b'<!ENTITY a0 "ha">'] + [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    return b'<?xml version="1.0"?><!DOCTYPE r [' + b"".join(lines) + b"]><r>&a9;</r>"


def _bombs() -> Iterator[bytes]:
    """300 MiB of nothing, packed once or twice."""
    nothing = bytes(_BOMB)
    once = gzip.compress(nothing, mtime=0)
    yield once
    yield gzip.compress(once, mtime=0)
    yield zlib.compress(nothing, 9)
    yield bz2.compress(bytes(1 << 20))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escape.txt", nothing)
    yield out.getvalue()


def _shared_arrays() -> bytes:
    """A binary property list of arrays that hold the next one twice: a tree of 2⁶⁰ leaves in 60 objects."""
    objects = [b"\xa2" + bytes((n + 1, n + 1)) for n in range(60)] + [b"\x51a"]
    offsets, at, body = [], 8, b""
    for each in objects:
        offsets.append(at)
        at += len(each)
        body += each
    table = b"".join(offset.to_bytes(2, "big") for offset in offsets)
    numbers = (len(objects), 0, at)
    return b"bplist00" + body + table + bytes(6) + b"\x02\x01" + b"".join(each.to_bytes(8, "big") for each in numbers)
