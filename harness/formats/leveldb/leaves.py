"""Single values within a stored one, and where their bytes are."""

import re
from typing import NamedTuple

from harness.model import Scalar, Step

__all__ = ["Leaf", "decode_text", "printable_name", "within"]

_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class Leaf(NamedTuple):
    """One value, at `start` to `end` of its chunk."""

    steps: tuple[Step, ...]
    """Behind those of its key."""
    value: Scalar
    start: int
    end: int
    codec: str = ""
    """How its bytes are to be read; `bytes` as they are, empty where none has a place of its own."""

    def __repr__(self) -> str:
        return f"Leaf({self.start}, {self.end})"


def decode_text(raw: bytes) -> str | bytes:
    """Text where bytes are text, else the bytes."""
    if len(raw.translate(None, _CONTROL)) != len(raw):
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def printable_name(raw: bytes) -> str:
    """A name for a key of any bytes."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def within(leaf: Leaf, data: bytes, at: int) -> int:
    """Where the byte at `at` of the chunk is in the value as it is searched."""
    before = at - leaf.start
    match leaf.codec:
        case "utf-8" | "bytes":
            return before
        case "latin-1":
            return len(data[leaf.start : at].decode("latin-1").encode())
        case "utf-16-le" | "utf-16-be":
            stop = leaf.start + before // 2 * 2
            if 0xDC <= data[stop + (leaf.codec == "utf-16-le")] < 0xE0 and stop > leaf.start:
                stop -= 2  # within a character that takes two
            return len(data[leaf.start : stop].decode(leaf.codec, "surrogatepass").encode("utf-8", "surrogatepass"))
    return 0
