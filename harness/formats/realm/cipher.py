"""Realm's encryption: pages of 4 KiB in AES-CBC, before each 64 of them one page of their vectors and checksums."""

import hashlib
import hmac
import struct

from harness.errors import FormatError
from harness.model import Share, Span

__all__ = ["KEY", "PAGE", "decrypted", "encrypted", "fault_of", "is_sealed", "shares"]

PAGE = 4096
KEY = 64
"""Bytes: half for AES, half for the checksums."""
_ENTRY = struct.Struct("<I28sI28s")
_EACH = PAGE // _ENTRY.size
_LIKELY = 1 << 24
"""How often a page was written: its vector is that count."""


def is_sealed(head: bytes, size: int) -> bool:
    """Whether the first page is one of vectors, with one for each page that follows and none beyond."""
    pages = min(size // PAGE - 1, _EACH)
    if size % PAGE or pages < 1 or len(head) < PAGE:
        return False
    used = [index for index, entry in enumerate(_ENTRY.iter_unpack(head[:PAGE])) if _is_used(entry)]
    empty = all(_is_used(entry) or not any(head[n * 64 : n * 64 + 64]) for n, entry in enumerate(_entries(head)))
    return empty and bool(used) and used == list(range(len(used))) and len(used) <= _EACH


def _entries(page: bytes) -> list[tuple[int, bytes, int, bytes]]:
    return list(_ENTRY.iter_unpack(page[:PAGE]))


def _is_used(entry: tuple[int, bytes, int, bytes]) -> bool:
    """Whether a vector counts something, and the checksum beside it is no text and no row of zeros."""
    first, checksum, second, before = entry
    is_first = 0 < first < _LIKELY and len(set(checksum)) > 16
    is_second = (not second and not any(before)) or (0 < second < _LIKELY and len(set(before)) > 16)
    return is_first and is_second


def fault_of(data: bytes) -> str:
    """Why the pages are not all of the file's; empty where they are."""
    if len(data) % PAGE:
        return "it is no whole number of pages: its end is missing"
    for block in range(0, len(data), PAGE * (_EACH + 1)):
        pages = min(len(data) - block, PAGE * (_EACH + 1)) // PAGE - 1
        used = sum(map(_is_used, _entries(data[block : block + PAGE])))
        if used > pages:
            return "pages are missing that have a vector"
    return ""


def shares(size: int) -> list[Span]:
    """What the pages are."""
    spans: list[Span] = []
    for block in range(0, size, PAGE * (_EACH + 1)):
        first = min(block + PAGE, size)
        end = min(block + PAGE * (_EACH + 1), size)
        spans.append(Span(block, first, Share.STRUCTURE))
        if end > first:
            spans.append(Span(first, end, Share.ENCRYPTED))
    return spans


def decrypted(data: bytes, key: bytes) -> bytes:
    """The file as it is without encryption, up to the first page that was never written.

    Raises:
        FormatError: the key is another one, or of another length.
    """
    from Crypto.Cipher import AES  # noqa: PLC0415 - only files with a key need it

    _check(key)
    out = bytearray()
    for number in range(len(data) // PAGE):
        block, within = divmod(number, _EACH)
        table = block * PAGE * (_EACH + 1)
        start = table + PAGE * (within + 1)
        page = data[start : start + PAGE]
        if len(page) < PAGE:
            break
        first, checksum, second, before = _ENTRY.unpack_from(data, table + within * _ENTRY.size)
        found = hmac.new(key[32:], page, hashlib.sha224).digest()
        if not first:
            break
        if found not in (checksum, before):
            raise FormatError("the key is not this file's, or the file is damaged")
        vector = struct.pack("<IQI", first if found == checksum else second, number * PAGE, 0)
        out += AES.new(key[:32], AES.MODE_CBC, iv=vector).decrypt(page)
    return bytes(out)


def encrypted(data: bytes, key: bytes) -> bytes:
    """A file under a key, each page written once.

    Raises:
        FormatError: the key is of another length.
    """
    from Crypto.Cipher import AES  # noqa: PLC0415 - only files with a key need it

    _check(key)
    data += bytes(-len(data) % PAGE)
    out = bytearray()
    for block in range(0, len(data), PAGE * _EACH):
        table, pages = bytearray(PAGE), bytearray()
        for number, start in enumerate(range(block, min(len(data), block + PAGE * _EACH), PAGE)):
            cipher = AES.new(key[:32], AES.MODE_CBC, iv=struct.pack("<IQI", 1, start, 0))
            page = cipher.encrypt(data[start : start + PAGE])
            checksum = hmac.new(key[32:], page, hashlib.sha224).digest()
            _ENTRY.pack_into(table, number * _ENTRY.size, 1, checksum, 0, bytes(28))
            pages += page
        out += table + pages
    return bytes(out)


def _check(key: bytes) -> None:
    if len(key) != KEY:
        raise FormatError(f"a key of Realm has {KEY} bytes")
