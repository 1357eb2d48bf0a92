"""Digests in hex digits, whole or cut: thousands of them, told by a table instead of a literal each.

A literal costs its compilation, and thousands of them a quarter of a nanosecond a byte. Places where sixteen hex
digits follow each other are found by array operations, whatever there is to look for.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from harness.model import Buffer
from harness.persona.forms import Form

if TYPE_CHECKING:
    from harness.scan.hex_blocks import Sieve

__all__ = ["LEAST", "DigestRuns", "is_chance"]

LEAST = 16
"""Hex digits; fewer are met by chance."""
_SURE = 20
"""Digits that are no chance even within a longer row."""
_SMALL = 1 << 12
"""Bytes; in less, an expression is faster than arrays are begun with."""
_RUN = re.compile(rb"[0-9A-Fa-f]{16,}")


class DigestRuns:
    """The digests of one person."""

    def __init__(self, forms: Iterable[Form]) -> None:
        """`forms` have their digest in hex, in lower case, as their literal."""
        self._by_start: dict[bytes, Form] = {}
        for form in forms:
            for at in (0, 8) if len(form.literal) == 32 else (0,):
                # What is known as the MD5 of 16 digits is the middle of one of 32.
                self._by_start.setdefault(form.literal[at : at + LEAST], form)
        self._sieves: Sequence[Sieve] = ()

    def find(self, buffer: Buffer, length: int) -> Iterator[tuple[int, int, Form]]:
        """(start, end, form) of each in the first `length` bytes, ascending: as many digits as agree."""
        if not self._by_start:
            return
        after = 0
        for at in self._near(buffer, length):
            form = self._by_start.get(bytes(buffer[at : at + LEAST]).lower()) if at >= after else None
            if form is None:
                continue
            after = at + _agreeing(buffer, at, length, form.literal)
            yield at, after, form

    def _near(self, buffer: Buffer, length: int) -> Iterator[int]:
        """Where one may begin."""
        if length >= _SMALL:
            yield from self._suspected(buffer, length)
            return
        for run in _RUN.finditer(buffer, 0, length):
            yield from range(run.start(), run.end() - LEAST + 1)

    def _suspected(self, buffer: Buffer, length: int) -> Iterator[int]:
        from harness.scan import hex_blocks  # noqa: PLC0415 - numpy is heavy, and only a scan needs it

        if not self._sieves:
            self._sieves = hex_blocks.sieves(self._by_start)
        after = 0
        for at in hex_blocks.find(buffer, length, self._sieves):
            # A digest reaches as far as seven digits before the first eighth byte that is in it.
            yield from range(max(after, at - hex_blocks.BLOCK + 1), at + 1)
            after = max(after, at + 1)


def is_chance(buffer: Buffer, start: int, end: int, length: int) -> bool:
    """Whether so few digits stand within a longer row: of thousands that are looked for, one is met now and then."""
    if end - start >= _SURE:
        return False
    around = bytes(buffer[max(0, start - 1) : start]) + bytes(buffer[end : min(length, end + 1)])
    return any(chr(byte) in "0123456789abcdefABCDEF" for byte in around)


def _agreeing(buffer: Buffer, at: int, length: int, digest: bytes) -> int:
    """How many digits from here on are the digest's."""
    found = bytes(buffer[at : min(length, at + len(digest))]).lower()
    begin = digest.find(found[:LEAST])
    count = LEAST
    while count < len(found) and begin + count < len(digest) and found[count] == digest[begin + count]:
        count += 1
    return count
