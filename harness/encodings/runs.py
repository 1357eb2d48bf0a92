"""What peeling gives: the bounds of an encoded run, its data, and the way back from one to the other."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

__all__ = ["CARRIERS", "Run", "has_wide", "is_text", "is_wide", "is_worth"]

_RATIOS = {"base64": (4, 3), "hex": (2, 1), "url": (1, 1), "html": (1, 1), "jwt": (4, 3), "quoted-printable": (1, 1)}
"""Encoded characters for so many bytes of data; what is not here is a stream, which has no such place."""


@dataclass(frozen=True, slots=True)
class Run:
    """One encoded run, by its bounds, and what it decodes to."""

    layer: str
    start: int
    end: int
    data: bytes
    jumps: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    """Pairs (offset in the data, offset in the run), ascending, from each of which on the ratio holds: behind the
    line breaks of Base64, behind the escapes of a text."""

    def source(self, at: int) -> int:
        """Where in the encoded text byte `at` of the data comes from, as near as can be told."""
        if self.layer in {"utf-16le", "utf-16be"}:
            if 2 * len(self.data) == self.end - self.start:
                return self.start + 2 * at  # ASCII: a character is one byte here and two there
            return self.start + len(self.data[:at].decode("utf-8", "ignore").encode("utf-16-le"))
        if self.layer not in _RATIOS:
            return self.start
        encoded, data = _RATIOS[self.layer]
        near = bisect_right(self.jumps, at, key=lambda pair: pair[0]) - 1
        here, there = self.jumps[near] if near >= 0 else (0, 0)
        return self.start + there + (at - here) * encoded // data

    def __repr__(self) -> str:
        return f"Run({self.layer!r}, {self.start}, {self.end})"


_CONTROL = bytes(range(9)) + bytes(range(14, 32)) + b"\x7f"
CARRIERS = (
    b"\x1f\x8b\x08",
    b"bplist00",
    b"SQLite format 3\x00",
    b"\x78\x9c",
    b"\x78\x01",
    b"\x78\xda",
    b"\x28\xb5\x2f\xfd",
    b"\xff\x06\x00\x00sNaPpY",
)
"""How documents and streams begin that are worth peeling though they are no text."""


def is_text(data: bytes) -> bool:
    """Whether a decoded piece reads as text: nine of ten bytes of its first 400 are no control characters, and what
    is above ASCII is UTF-8."""
    sample = data[:400]
    if not sample or len(sample.translate(None, _CONTROL)) < 0.9 * len(sample):
        return False
    if sample.isascii():
        return True
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3 and error.start > 0
    return True


_WIDE = re.compile(
    rb"(?:\xff\xfe)?(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00){4}|(?:\xfe\xff)?(?:\x00[\t\n\r\x20-\x7e\xa0-\xff]){4}",
    re.DOTALL,
)


def is_wide(data: bytes) -> bool:
    """Whether bytes begin as Latin text does in UTF-16."""
    head = data[:12]
    return 3 < head.count(0) < 8 and _WIDE.match(head) is not None


def has_wide(data: bytes) -> bool:
    """Whether Latin text in UTF-16 stands among the first bytes, whatever touches it."""
    sample = data[:400]
    return sample.count(0) > 3 and _WIDE.search(sample) is not None


def is_worth(data: bytes) -> bool:
    """Whether what a run decodes to may hold anything that somebody can read."""
    return data.startswith(CARRIERS) or is_text(data) or is_wide(data)
