"""A message as tokens, with every payload read as what it most likely is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from harness.errors import FormatError, LimitError
from harness.formats._tokens import Role, Token
from harness.formats._wire import GROUP, LEN, VARINT, Ends, Field, fields, signed
from harness.formats.protobuf.plausibility import Kind, is_text, kind_of, real
from harness.limits import Limits
from harness.model import Scalar, Step

__all__ = ["read_message"]


class _Span(NamedTuple):
    """A message that is still to be read."""

    start: int
    end: int
    steps: tuple[Step, ...]
    """Of the message itself."""
    is_entry: bool = False


def read_message(data: bytes, limits: Limits) -> Iterator[Token]:
    """All values of a message, those of nested ones in their place.

    Raises:
        FormatError: from the first byte on that is no field.
    """
    ends: Ends = {}
    stack = [_Level(data, _Span(0, len(data), ()), ends).parts()]
    while stack:
        part = next(stack[-1], None)
        if part is None:
            stack.pop()
        elif isinstance(part, Token):
            yield part
        elif len(stack) >= limits.structure_depth:
            raise LimitError(f"more than {limits.structure_depth} messages within each other")
        else:
            stack.append(_Level(data, part, ends).parts())


@dataclass(slots=True)
class _Level:
    """The fields of one message, nested ones left to be read."""

    data: bytes
    span: _Span
    ends: Ends

    def parts(self) -> Iterator[Token | _Span]:
        """Values as tokens, messages as what is still to be read."""
        if self.span.is_entry:
            yield from self._entry()
            return
        counts, kinds = self._survey()
        seen: Counter[int] = Counter()
        for index, field in enumerate(fields(self.data, self.span.start, self.span.end, self.ends)):
            steps: tuple[Step, ...] = (*self.span.steps, str(field.number))
            kind = kinds.of(index, field)
            if counts[field.number] > 1 and kind is not Kind.ENTRY:
                steps = (*steps, seen[field.number])
                seen[field.number] += 1
            yield self._part(field, kind, steps)

    def _part(self, field: Field, kind: Kind, steps: tuple[Step, ...]) -> Token | _Span:
        if field.kind == GROUP or (field.kind == LEN and kind in {Kind.MESSAGE, Kind.ENTRY}):
            return _Span(field.body, field.end, steps, kind is Kind.ENTRY)
        return Token(field.body, field.end, steps, Role.VALUE, _scalar(self.data, field, kind))

    def _entry(self) -> Iterator[Token | _Span]:
        """The name and the value of an entry of a map."""
        key, value = fields(self.data, self.span.start, self.span.end, self.ends)
        name = self.data[key.body : key.end].decode("ascii")
        steps = (*self.span.steps, name)
        yield Token(key.body, key.end, steps, Role.KEY, name)
        kind = kind_of(self.data, value) if value.kind == LEN else Kind.BYTES
        yield self._part(value, _alone(kind, self.data[value.body : value.body + 1]), steps)

    def _survey(self) -> tuple[Counter[int], "_Kinds"]:
        """How often each field comes, and what the payloads are: what one is tells of the others."""
        counts: Counter[int] = Counter()
        kinds = _Kinds(self.data)
        try:
            for field in fields(self.data, self.span.start, self.span.end, self.ends):
                counts[field.number] += 1
                kinds.add(field)
        except FormatError:
            pass  # met again, and told, by who reads the fields
        return counts, kinds


class _Kinds:
    """What the payloads of one message are, those of one field alike."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._own: list[Kind] = []
        self._votes: dict[int, Counter[Kind]] = {}

    def add(self, field: Field) -> None:
        kind = kind_of(self._data, field) if field.kind == LEN else Kind.BYTES
        self._own.append(kind)
        if field.kind == LEN and field.end > field.body:
            self._votes.setdefault(field.number, Counter())[kind] += 1

    def of(self, index: int, field: Field) -> Kind:
        """What the payload of the field at this index is."""
        own = self._own[index] if index < len(self._own) else Kind.BYTES
        votes = self._votes.get(field.number)
        if own is Kind.BYTES or votes is None:
            return own
        messages = votes[Kind.MESSAGE] + votes[Kind.ENTRY]
        if own is Kind.EITHER and messages != votes[Kind.TEXT]:
            own = Kind.MESSAGE if messages > votes[Kind.TEXT] else Kind.TEXT
        elif own is Kind.EITHER:
            own = _alone(own, self._data[field.body : field.body + 1])
        if own is Kind.ENTRY and votes[Kind.ENTRY] < votes.total():
            return Kind.MESSAGE
        if own is Kind.MESSAGE and votes[Kind.BYTES] > messages:
            return Kind.BYTES
        return own


def _alone(kind: Kind, first: bytes) -> Kind:
    """What a text that would be a message is, where nothing else tells: a text seldom begins with a line end or a
    sign, and a message with a letter only from its eighth field on."""
    if kind is not Kind.EITHER:
        return kind
    return Kind.TEXT if first.isalnum() else Kind.MESSAGE


def _scalar(data: bytes, field: Field, kind: Kind) -> Scalar:
    if field.kind == VARINT:
        return signed(field.value)
    raw = data[field.body : field.end]
    if field.kind != LEN:
        return real(data, field)
    return raw.decode("utf-8") if kind is Kind.TEXT or is_text(raw) else raw
