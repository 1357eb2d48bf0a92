"""MMKV's encryption: AES in CFB with segments of 128 bits, over all entries at once.

In CFB a block depends on the block before it only: what an older row of entries left behind the newest can be read
with the same key, but for its first block.
"""

import math
import zlib
from collections import Counter
from collections.abc import Iterator

from harness.encodings.varint import varint
from harness.errors import FormatError
from harness.formats.mmkv.entries import chain, plausible
from harness.formats.mmkv.layout import CRC, HEADER, extent_of, read_meta
from harness.model import Document

__all__ = ["crypt", "decrypted", "is_ciphertext"]

_BLOCK = 16
_ENOUGH = 64
"""Bytes; of fewer nobody can say that they look random."""
_SAMPLE = 16384


def is_ciphertext(data: bytes) -> bool:
    """Whether bytes look random: their entropy is what as many random bytes would have."""
    sample = data[:_SAMPLE]
    size = len(sample)
    if size < _ENOUGH:
        return False
    entropy = -sum(n / size * math.log2(n / size) for n in Counter(sample).values())
    return entropy > _of_random(size) - 0.05 - 1.5 / math.sqrt(size)


def _of_random(size: int) -> float:
    """The entropy that as many random bytes have on average: few of them cannot show all values equally often."""
    rate, chance, total = size / 256, math.exp(-size / 256), 0.0
    for count in range(1, int(rate + 12 * math.sqrt(rate) + 12)):
        chance *= rate / count
        total -= 256 * chance * count / size * math.log2(count / size)
    return total


def crypt(data: bytes, key: bytes, iv: bytes, *, encrypt: bool = False) -> bytes:
    """Entries in the clear, or with `encrypt` the other way round.

    Raises:
        FormatError: no such key or vector can be used.
    """
    from Crypto.Cipher import AES  # noqa: PLC0415 - only stores with a key need it

    padded = data + bytes(-len(data) % _BLOCK)
    try:
        cipher = AES.new(key, AES.MODE_CFB, iv=iv[:_BLOCK], segment_size=128)
    except ValueError as error:
        raise FormatError("the key or the vector has a length that AES does not take") from error
    done: bytes = cipher.encrypt(padded) if encrypt else cipher.decrypt(padded)
    return done[: len(data)]


def decrypted(document: Document, key: bytes) -> Document:
    """The store as it would be without encryption, with what is left of older entries; its `.crc` fits it.

    Raises:
        FormatError: the key does not open it.
    """
    data = bytes(document.data)
    meta = read_meta(document)
    end = extent_of(document, data).end
    for candidate in _keys(key):
        iv = (meta.vector if meta else b"") or candidate[:_BLOCK]
        plain = crypt(data[HEADER:], candidate, iv)
        rest = len(data.rstrip(b"\x00"))
        plain = data[:HEADER] + plain[: rest - HEADER] + bytes(len(data) - rest)
        if _opens(plain, end, is_told=meta is not None):
            return Document(plain, {**document.sidecars, **_sidecar(document, plain, end)})
    raise FormatError("the key does not open it")


def _keys(key: bytes) -> Iterator[bytes]:
    """The key as MMKV pads it: to 16 bytes, or since it knows AES-256 to 32 where it is longer."""
    yield key[:16].ljust(16, b"\x00")
    if len(key) > 16:
        yield key[:32].ljust(32, b"\x00")


def _opens(plain: bytes, end: int, *, is_told: bool) -> bool:
    _, at = varint(plain, HEADER, end)
    if is_told:
        found, stop = chain(plain, at, end)
        return stop == end and all(plausible(plain, each.key_start - 1, end)[0] for each in found[:1])
    return any(plausible(plain, start, end)[2] > 60 for start in range(HEADER, min(end, HEADER + 512)))


def _sidecar(document: Document, plain: bytes, end: int) -> dict[str, bytes]:
    if CRC not in document.sidecars:
        return {}
    side = bytearray(document.sidecars[CRC])
    side[:4] = zlib.crc32(plain[HEADER:end]).to_bytes(4, "little")
    side[12:28] = bytes(16)
    side[28:32] = (end - HEADER).to_bytes(4, "little")
    return {CRC: bytes(side)}
