"""One compiled document as values with places: strings are in a pool, and shared."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from harness.errors import FormatError
from harness.formats._elements import element_tokens
from harness.formats._text import Text
from harness.formats._tokens import Pair, Reading, Role, Token, join_pairs
from harness.formats.axml.table import TABLE, ResourceTable
from harness.formats.axml.tree import Tree
from harness.formats.base import Piece, as_bytes, fill
from harness.limits import Limits
from harness.model import Ledger, Place, Share, Span, State, Value

__all__ = ["CompiledXml"]

_STRINGS = "strings"
"""Where strings stand that nothing refers to."""


class CompiledXml:
    """Reads one document.

    Raises:
        FormatError: it has no pool of strings.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._tree: Tree | ResourceTable
        if int.from_bytes(data[:2], "little") == TABLE:
            self._tree = table = ResourceTable(data, limits)
            self._reading = Reading(Text(data, data), table.tokens)
        else:
            self._tree = tree = Tree(data, limits)
            self._reading = Reading(Text(data, data), lambda: element_tokens(tree.elements))

    def values(self) -> Iterator[Value]:
        """Attributes and texts in the order of the document, then the strings that nothing refers to."""
        yield from self._reading.values(self._limits)
        for number in self._unreferred(self._referring()):
            yield Value((_STRINGS, number), self._tree.pool.text(number), State.UNALLOCATED)

    def account(self) -> Ledger:
        """Values and their strings are decoded; names, numbers and headers explain them."""
        ledger = self._reading.account()
        referring, pool = self._referring(), self._tree.pool
        texts = [*referring, *self._unreferred(referring)]
        spans = [Span(*pool.span(number), Share.DECODED) for number in texts]
        spans += [span for span in ledger.parts[""] if span.share is not Share.STRUCTURE]
        size = len(self._reading.text.data)
        if not ledger.fault and self._tree.end < size:
            spans.append(Span(self._tree.end, size, Share.UNKNOWN))
        return Ledger({"": fill(spans, size, Share.STRUCTURE)}, ledger.fault)

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is: of a string the first place that refers to it, a value's rather than a name's."""
        places = self._reading.locate(offsets)
        low, high = self._tree.pool_span
        if not any(low <= offset < high for offset in offsets):
            return places
        referring = self._referring()
        spans = self._spans(referring)
        starts = [start for start, _, _ in spans]
        for index, offset in enumerate(offsets):
            at = bisect_right(starts, offset) - 1
            if low <= offset < high and at >= 0 and offset < spans[at][1]:
                places[index] = self._place(referring, spans[at][2], offset)
        return places

    def pieces(self) -> Iterator[Piece]:
        """Every value with its name; strings that nothing refers to."""
        yield from self._reading.pieces(self._limits, lambda raw, token: token.value is not None)
        pool = self._tree.pool
        rest = (
            Pair("", as_bytes(pool.text(number)), pool.span(number)[0])
            for number in self._unreferred(self._referring())
            if pool.text(number)
        )
        yield from join_pairs(rest, self._limits)

    # -- strings ---------------------------------------------------------------------------------

    def _referring(self) -> dict[int, Token]:
        """The first value that refers to each string, or else the first name."""
        found: dict[int, Token] = {}
        try:
            for token in self._reading.tokens():
                number = self._tree.texts.get(token.start)
                if number is None or token.role is Role.SYNTAX or not self._tree.pool.span(number)[0]:
                    continue
                if token.role is Role.VALUE and number in found and found[number].role is Role.KEY:
                    found[number] = token
                found.setdefault(number, token)
        except FormatError:
            pass  # `values` says so; what was read is read
        return found

    def _unreferred(self, referring: dict[int, Token]) -> list[int]:
        """Strings that are neither a value nor a name, and not merely the same bytes as one."""
        pool, names = self._tree.pool, self._tree.names
        known = {pool.span(number) for number in (*referring, *names)} | {(0, 0)}
        found = []
        for number in pool.numbers():
            span = pool.span(number)
            if number in names or span in known or span[0] == span[1] or not (pool.text(number) or "").strip():
                continue
            known.add(span)
            found.append(number)
        return found

    def _spans(self, referring: dict[int, Token]) -> list[tuple[int, int, int]]:
        pool = self._tree.pool
        texts = [*referring, *self._unreferred(referring)]
        return sorted((*pool.span(number), number) for number in texts)

    def _place(self, referring: dict[int, Token], number: int, offset: int) -> Place:
        value = as_bytes(self._tree.pool.text(number))
        within = max(0, min(self._tree.pool.within(number, offset), len(value) - 1))
        token = referring.get(number)
        if token is None:
            return Place((_STRINGS, number), State.UNALLOCATED, value, within)
        return Place(token.steps, token.state, value, within, token.role is Role.KEY)
