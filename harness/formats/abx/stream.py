"""The tokens of binary XML, as AOSP's BinaryXmlSerializer writes them: reading and writing.

A token is a byte, its lower half the event and its upper half the type of what follows. Names are interned: the first
time they are written, later they are a number.
"""

import re
import struct
from collections.abc import Iterator

from harness.errors import FormatError, LimitError
from harness.formats._elements import Element, Item
from harness.formats._markup import Kind
from harness.formats._single import shortest_single
from harness.limits import Limits
from harness.model import Long, Scalar

__all__ = ["MAGIC", "ElementReader", "escapes", "modified_utf8", "token"]

MAGIC = b"ABX\x00"
_NULL, _STRING, _INTERNED, _HEX, _BASE64, _INT, _INT_HEX, _LONG, _LONG_HEX, _FLOAT, _DOUBLE, _TRUE, _FALSE = (
    kind << 4 for kind in range(1, 14)
)
"""Types."""
_BEGIN, _END, _OPEN, _CLOSE, _TEXT, _CDATA, _ENTITY, _BLANK, _INSTRUCTION, _COMMENT, _DOCTYPE = range(11)
_ATTRIBUTE = 15
"""Events, by the numbers of XmlPullParser."""
_TEXTS = {_TEXT: "", _CDATA: "", _ENTITY: "", _COMMENT: "#comment"}
_NEW = 0xFFFF
_NUMBERS = {_INT: ">i", _INT_HEX: ">i", _LONG: ">q", _LONG_HEX: ">q", _FLOAT: ">f", _DOUBLE: ">d"}
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_MODIFIED = re.compile(rb"\xc0\x80|\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""Where Java's UTF-8 differs: for NUL, and for what is beyond 16 bits; newer writers do as everybody does."""


def token(event: str, kind: str) -> int:
    """The byte that a token begins with, for writing: `token("open", "interned")`."""
    events = {"begin": _BEGIN, "end": _END, "open": _OPEN, "close": _CLOSE, "text": _TEXT, "attribute": _ATTRIBUTE}
    kinds = {
        "null": _NULL, "string": _STRING, "interned": _INTERNED, "base64": _BASE64, "int": _INT, "long": _LONG,
        "float": _FLOAT, "double": _DOUBLE, "true": _TRUE, "false": _FALSE,
    }  # fmt: skip
    return events[event] | kinds[kind]


def escapes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Stretches of Java's UTF-8 that everybody else writes otherwise."""
    for found in _MODIFIED.finditer(raw):
        yield found.start(), found.end(), _everybodys(found)


def _everybodys(found: re.Match[bytes]) -> bytes:
    if found[0] == b"\xc0\x80":
        return b"\x00"
    pair = found[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")
    return pair.decode("utf-16").encode("utf-8")


def modified_utf8(text: str) -> bytes:
    """A text as `DataOutput.writeUTF` writes it, without its length."""
    if "\x00" in text or max(text, default="") > "\uffff":
        return b"".join(_units(character) for character in text)
    return text.encode("utf-8", "surrogatepass")


def _units(character: str) -> bytes:
    if character == "\x00":
        return b"\xc0\x80"
    wide = character.encode("utf-16-be", "surrogatepass")
    return b"".join(
        chr(int.from_bytes(wide[at : at + 2])).encode("utf-8", "surrogatepass") for at in range(0, len(wide), 2)
    )


class ElementReader:
    """Reads one document, once."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._at = len(MAGIC)
        self._limits = limits
        self._pool: list[str] = []
        self._names: list[str] = []
        """Of the elements that are open."""
        self._pending: Element | None = None
        """An element of which only the begin, its attributes and perhaps a text were read."""
        self._items: list[Item] = []
        """Its attributes."""

    def elements(self) -> Iterator[Element]:
        """Every element, attribute and text.

        Raises:
            FormatError: from the first fault on.
        """
        if not self._data.startswith(MAGIC):
            raise FormatError("is no binary XML of Android")
        try:
            while not self._is_over():
                yield from self._next()
        except FormatError:
            yield from self._flush()  # what came before the fault counts
            raise
        except (IndexError, struct.error) as error:
            yield from self._flush()
            raise FormatError("ends in the middle of a token") from error

    def _is_over(self) -> bool:
        """Whether all was read: behind the end of the document comes nothing."""
        if self._data[self._at] & 15 != _END:
            return False
        if self._names or self._data[self._at + 1 :].strip(b"\x00"):
            raise FormatError(f"no end of a document at byte {self._at}")
        return True

    def _next(self) -> Iterator[Element]:
        start = self._at
        event, kind = self._data[start] & 15, self._data[start] & 0xF0
        self._at += 1
        if event == _ATTRIBUTE:
            self._attribute(kind, start)
        elif event in {_OPEN, _CLOSE} and kind == _INTERNED:
            name = self._interned()[2]
            yield from self._open(name, start) if event == _OPEN else self._close(name, start)
        elif event <= _DOCTYPE and kind in {_NULL, _STRING}:
            low, high, text = self._string() if kind == _STRING else (self._at, self._at, "")
            if event in _TEXTS and text.strip():
                text = _ENTITIES.get(text, f"&{text};") if event == _ENTITY else text
                yield from self._text(Item(_TEXTS[event], low, high, text))
        else:
            raise FormatError(f"no token of binary XML at byte {start}")

    # -- elements --------------------------------------------------------------------------------

    def _open(self, name: str, start: int) -> Iterator[Element]:
        yield from self._flush()
        if len(self._names) >= self._limits.structure_depth:
            raise LimitError(f"more than {self._limits.structure_depth} elements within each other")
        self._names.append(name)
        self._pending, self._items = Element(Kind.OPEN, name, start, self._at), []

    def _close(self, name: str, start: int) -> Iterator[Element]:
        if not self._names or self._names.pop() != name:
            raise FormatError(f"an end without its element at byte {start}")
        if self._pending is not None:
            yield self._pending._replace(kind=Kind.LEAF, end=self._at, items=tuple(self._items))
            self._pending = None
        else:
            yield Element(Kind.CLOSE, name, start, self._at)

    def _text(self, text: Item) -> Iterator[Element]:
        if self._pending is not None and self._pending.text is None and not text.name:
            self._pending = self._pending._replace(text=text)
            return
        yield from self._flush()
        yield Element(Kind.TEXT, "", text.start, text.end, (), text)

    def _flush(self) -> Iterator[Element]:
        """The element that was pending holds others."""
        held, self._pending = self._pending, None
        if held is not None:
            yield held._replace(text=None, items=tuple(self._items))
            if held.text is not None:
                yield Element(Kind.TEXT, "", held.text.start, held.text.end, (), held.text)

    # -- what they hold --------------------------------------------------------------------------

    def _attribute(self, kind: int, start: int) -> None:
        if self._pending is None or self._pending.text is not None:
            raise FormatError(f"an attribute without its element at byte {start}")
        name = self._interned()[2]
        item = Item(name, *self._typed(kind, start))
        self._items.append(item)

    def _typed(self, kind: int, start: int) -> tuple[int, int, Scalar]:
        """Where a value stands, and the value."""
        if kind in {_STRING, _INTERNED}:
            return self._string() if kind == _STRING else self._interned()
        if kind in {_HEX, _BASE64}:
            size = self._short()
            low, self._at = self._at, self._at + size
            if self._at > len(self._data):
                raise FormatError(f"bytes that are cut off at byte {start}")
            return low, self._at, self._data[low : self._at]
        if kind in {_NULL, _TRUE, _FALSE}:
            return start, start + 1, {_NULL: None, _TRUE: True, _FALSE: False}[kind]
        if kind not in _NUMBERS:
            raise FormatError(f"no type of binary XML at byte {start}")
        low, shape = self._at, _NUMBERS[kind]
        (number,) = struct.unpack_from(shape, self._data, low)
        self._at += struct.calcsize(shape)
        if kind in {_LONG, _LONG_HEX}:
            number = Long(number)
        return low, self._at, shortest_single(number) if kind == _FLOAT else number

    def _interned(self) -> tuple[int, int, str]:
        start = self._at
        number = self._short()
        if number != _NEW:
            if number >= len(self._pool):
                raise FormatError(f"a name that was never written at byte {start}")
            return start, self._at, self._pool[number]
        low, high, text = self._string()
        if len(self._pool) < _NEW:
            self._pool.append(text)
        return low, high, text

    def _string(self) -> tuple[int, int, str]:
        size = self._short()
        start, self._at = self._at, self._at + size
        raw = self._data[start : self._at]
        if len(raw) < size:
            raise FormatError(f"a text that is cut off at byte {start}")
        try:
            text = (_MODIFIED.sub(_everybodys, raw) if b"\xed" in raw or b"\xc0" in raw else raw).decode(
                "utf-8", "surrogatepass"
            )
        except UnicodeDecodeError as error:
            raise FormatError(f"is not UTF-8 in the text at byte {start}") from error
        return start, self._at, text

    def _short(self) -> int:
        (number,) = struct.unpack_from(">H", self._data, self._at)
        self._at += 2
        return int(number)
