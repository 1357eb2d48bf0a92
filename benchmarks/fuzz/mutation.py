"""Damage that finds bugs: lengths that lie, pieces that repeat, ends that are missing, parts of other files."""

import random
from collections.abc import Sequence

from harness.model import Document

__all__ = ["mutated"]

_MAGIC = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    (1 << 63) - 1,
    (1 << 64) - 1,
)
_TOKENS = (
    b"<", b">", b"</", b"<!", b"<!ENTITY a '&a;&a;'>", b"&#x0;", b"&lt;", b"]]>", b"{", b"[", b'"', b"\\u",
    b"\\ud800", b"[[[[[[[[",
    b'{"a":', b"1e999", b"-", b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\x00" * 8, b"\xff" * 8,
    b"\x80" * 9 + b"\x01", b"bplist00", b"SQLite format 3\x00", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x78\x9c",
    b"(", b"=", b"%s%n", b"..", b"/../", b"\n", b"\r\n\r\n",
)  # fmt: skip
_LARGE = (1 << 20, 1 << 21, 1 << 23)
"""Bytes, to which one case in some hundred is blown up: what takes time or memory out of proportion shows there."""


def mutated(document: Document, others: Sequence[Document], dice: random.Random) -> Document:
    """A document with one part of it damaged once, or some times."""
    parts = {"": bytes(document.data), **{name: bytes(data) for name, data in document.sidecars.items()}}
    if len(parts) > 1 and not dice.randrange(20):
        del parts[dice.choice([name for name in parts if name])]
    name = dice.choice(sorted(parts))
    if not dice.randrange(4):
        name = ""
    data = bytearray(parts[name])
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5, 10, 30))):
        _damage(data, others, dice)
    if not dice.randrange(150) and data:
        _blow_up(data, dice)
    parts[name] = bytes(data)
    main = parts.pop("")
    return Document(main, parts)


def _damage(data: bytearray, others: Sequence[Document], dice: random.Random) -> None:
    at = _somewhere(data, dice)
    span = dice.choice((1, 1, 2, 4, 8, 16, 64, 512, 4096))
    match dice.randrange(12):
        case 0 | 1:
            if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
        case 2 | 3:
            width = dice.choice((1, 2, 4, 8))
            value = (dice.choice(_MAGIC) + dice.choice((-1, 0, 0, 1))) % (1 << 8 * width)
            data[at : at + width] = value.to_bytes(width, dice.choice(("little", "big")))
        case 4:
            data[at : at + span] = dice.randbytes(span)
        case 5:
            del data[at : at + span]
        case 6:
            data[at:at] = data[at : at + span] * dice.choice((1, 1, 2, 50))
        case 7:
            other = bytes(dice.choice(others).data) if others else b""
            begin = dice.randrange(len(other) + 1)
            data[at : at + dice.choice((0, span))] = other[begin : begin + span]
        case 8:
            token = dice.choice(_TOKENS)
            data[at : at + dice.choice((0, len(token)))] = token
        case 9:
            begin = _somewhere(data, dice)
            data[at : at + span] = data[begin : begin + span]
        case 10:
            _nudge(data, at, dice)
        case _:
            del data[at if not dice.randrange(4) else max(at, len(data) - span) :]


def _nudge(data: bytearray, at: int, dice: random.Random) -> None:
    """A number that is nearly right: an offset into the next thing, a length one too long."""
    width = dice.choice((1, 2, 4))
    order = "little" if dice.randrange(2) else "big"
    if order == "little":
        value = int.from_bytes(data[at : at + width], "little") + dice.randint(-20, 20)
        data[at : at + width] = (value % (1 << 8 * width)).to_bytes(width, "little")
    else:
        value = int.from_bytes(data[at : at + width], "big") + dice.randint(-20, 20)
        data[at : at + width] = (value % (1 << 8 * width)).to_bytes(width, "big")


def _blow_up(data: bytearray, dice: random.Random) -> None:
    """A piece of it, again and again."""
    at = _somewhere(data, dice)
    piece = bytes(data[at : at + dice.choice((1, 2, 7, 16, 100, 1000, 1 << 16))])
    if piece:
        data[at:at] = piece * (dice.choice(_LARGE) // len(piece))


def _somewhere(data: bytearray, dice: random.Random) -> int:
    """Heads and tails more often than their share: that is where lengths and indexes stand."""
    size = len(data)
    match dice.randrange(4):
        case 0:
            return dice.randrange(min(size, 128) + 1)
        case 1:
            return size - dice.randrange(min(size, 128) + 1)
        case _:
            return dice.randrange(size + 1)
