"""One property list, whichever form it is written in, as what it says: a list, or a graph archived in it."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from harness.errors import FormatError
from harness.formats._tokens import Pair, Reading, Role, Token
from harness.formats.base import as_bytes
from harness.formats.property_list.binary_archive import open_binary
from harness.formats.property_list.objects import MAGIC
from harness.formats.property_list.openstep import read_openstep
from harness.formats.property_list.xml import read_xml
from harness.formats.property_list.xml_archive import xml_archive
from harness.limits import Budget, Limits
from harness.model import Buffer, Ledger, Place, Value

__all__ = ["View", "all_pairs", "open_list"]

_BEFORE = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_OLD = frozenset((b"{", b"(", b'"', b"/"))
"""What a list of the old form begins with, and one in XML never."""


class View(Protocol):
    """What one list answers."""

    def values(self) -> Iterator[Value]: ...

    def pairs(self) -> Iterator[Pair]:
        """What the raw lane would not see with its key, or not at all; of what is damaged all that can be read."""
        ...

    def account(self) -> Ledger: ...

    def locate(self, offsets: Sequence[int]) -> list[Place]: ...


def open_list(data: Buffer, limits: Limits) -> View:
    """A list by its first bytes.

    Raises:
        FormatError: it is damaged beyond reading.
    """
    if bytes(data[: len(MAGIC)]) == MAGIC:
        return open_binary(data, limits)
    if bytes(data[:64]).lstrip(_BEFORE)[:1] in _OLD:
        return TextList(read_openstep(data, limits), limits)
    reading = read_xml(data, limits)
    return xml_archive(reading, limits) or TextList(reading, limits)


def all_pairs(view: View, limits: Limits) -> Iterator[Pair]:
    """The pairs of a list and of the lists within its data, each of those anchored where its data is.

    Raises:
        LimitError: the lists within are more than one file may unpack to.
    """
    yield from _pairs(view, limits, Budget(what="expanded bytes", left=limits.expanded_bytes), limits.depth)


def _pairs(view: View, limits: Limits, budget: Budget, depth: int) -> Iterator[Pair]:
    for pair in view.pairs():
        yield pair
        if depth and pair.value.startswith(MAGIC):
            budget.spend(len(pair.value))
            try:
                inner = open_list(pair.value, limits)
            except FormatError:
                continue  # bytes that only begin like a list
            for each in _pairs(inner, limits, budget, depth - 1):
                yield each._replace(offset=pair.offset)


class TextList:
    """A list that is text, as it is."""

    def __init__(self, reading: Reading, limits: Limits) -> None:
        self.reading = reading
        self.limits = limits

    def values(self) -> Iterator[Value]:
        return self.reading.values(self.limits)

    def pairs(self) -> Iterator[Pair]:
        """What its bytes do not show as it is: Base64, escaped characters, text in UTF-16."""
        tokens = list(self._hidden())
        starts = self.reading.text.outward([token.start for token in tokens])
        for token, start in zip(tokens, starts, strict=True):
            yield Pair(Value(token.steps, None).key, as_bytes(token.value), start)

    def _hidden(self) -> Iterator[Token]:
        text = self.reading.text
        try:
            for token in self.reading.tokens():
                if token.role is not Role.VALUE:
                    continue
                if text.codec or isinstance(token.value, bytes) or self._is_escaped(token):
                    yield token
        except FormatError:
            return  # `values` says so; here all counts that can be read

    def _is_escaped(self, token: Token) -> bool:
        return next(self.reading.escapes(self.reading.text.data[token.start : token.end]), None) is not None

    def account(self) -> Ledger:
        return self.reading.account()

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        return self.reading.locate(offsets)
