"""Formats that are one row of tokens: with the reader given, most of the port's questions answer themselves."""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, TypeAlias

from harness.errors import FormatError
from harness.formats._pace import timed
from harness.formats._tokens import Reading, Token
from harness.formats.base import Format, Piece
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Value

__all__ = ["TokenFormat", "Worth", "all_values", "escaped_values"]

Worth: TypeAlias = Callable[[bytes, Token], bool]
"""Whether a value is to be searched beside the file, by its stored bytes and its token."""


class TokenFormat(Format):
    """A plug-in adds what it knows files by, its reader, its writer and its samples."""

    rest: ClassVar[Share] = Share.STRUCTURE
    """What stands between the tokens."""

    @abstractmethod
    def read(self, document: Document, limits: Limits) -> Reading:
        """The document as tokens; they are read when they are asked for.

        Raises:
            FormatError: it is in an encoding that is not read.
        """

    def timed(self, document: Document, limits: Limits) -> Reading:
        """The same, its tokens no longer than one file may take."""
        reading = self.read(document, limits)
        return replace(reading, tokens=lambda: timed(reading.tokens(), limits))

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Which values the raw lane does not see as they are, or not with their names; None where it sees all."""
        return None

    def account(self, document: Document, limits: Limits) -> Ledger:
        return self.timed(document, limits).account(self.rest)

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        try:
            return self.timed(document, limits).locate(offsets)
        except FormatError:
            return Reading.lost(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from self.read(document, limits).values(limits)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        reading = self.timed(document, limits)
        worth = self.worth(reading, telling)
        if worth is not None:
            yield from reading.pieces(limits, worth)


def all_values(raw: bytes, token: Token) -> bool:
    """Of formats in which names stand far from their values, or values in binary: each that is not empty."""
    return bool(raw)


def escaped_values(reading: Reading) -> Worth | None:
    """Of markup: values that hold characters written as numbers, and all where the file is not UTF-8."""
    if reading.text.codec:
        return lambda raw, token: True
    return (lambda raw, token: b"&#" in raw) if b"&#" in reading.text.data else None
