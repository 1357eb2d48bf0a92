"""Text documents in whatever encoding, as UTF-8, with the way between the offsets of both."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.errors import FormatError
from harness.model import Buffer

__all__ = ["BOM", "Text", "open_text"]

BOM = b"\xef\xbb\xbf"
_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LITTLE = re.compile(rb"[\t-\x7e]\x00[\t-\x7e]\x00")
_BIG = re.compile(rb"\x00[\t-\x7e]\x00[\t-\x7e]")


@dataclass(frozen=True, slots=True)
class Text:
    """A document's text in UTF-8, and where each of its bytes stands in the document."""

    data: bytes = field(repr=False)
    """UTF-8, or the document as it is where `codec` is empty."""
    source: bytes = field(repr=False)
    codec: str = ""
    """How the document is encoded; empty where offsets are the same in both."""
    skip: int = 0
    """Length of the byte order mark."""

    def inward(self, offsets: Sequence[int]) -> list[int]:
        """Ascending offsets in the document, as offsets in `data`."""
        return list(self._inward(offsets)) if self.codec else list(offsets)

    def outward(self, offsets: Sequence[int]) -> list[int]:
        """Ascending offsets of characters in `data`, as offsets in the document."""
        return list(self._outward(offsets)) if self.codec else list(offsets)

    def each_outward(self, offsets: Iterable[int]) -> Iterator[int]:
        """The same, one by one as they come."""
        return self._outward(offsets) if self.codec else iter(offsets)

    def _inward(self, offsets: Sequence[int]) -> Iterator[int]:
        at, length = self.skip, 0
        for offset in offsets:
            stop = max(at, self._character(min(offset, len(self.source))))
            length += len(self.source[at:stop].decode(self.codec, "surrogatepass").encode("utf-8", "surrogatepass"))
            at = stop
            yield length if offset < len(self.source) else len(self.data)

    def _outward(self, offsets: Iterable[int]) -> Iterator[int]:
        at, length = 0, self.skip
        for offset in offsets:
            length += len(self.data[at:offset].decode("utf-8", "surrogatepass").encode(self.codec, "surrogatepass"))
            at = offset
            yield length

    def _character(self, offset: int) -> int:
        """Where the character round a byte begins."""
        if not self.codec.startswith("utf-16"):
            return offset
        start = offset - (offset - self.skip) % 2
        unit = int.from_bytes(self.source[start : start + 2], "little" if self.codec.endswith("le") else "big")
        return start - 2 if 0xDC00 <= unit < 0xE000 else start


def open_text(data: Buffer, *, codec: str = "", guess: bool = True) -> Text:
    """A document as text: UTF-8 as it is, UTF-16 by its mark (or by its zeros, with `guess`), else by `codec`.

    Raises:
        FormatError: the bytes are not of that encoding.
    """
    source = bytes(data)
    skip = 0
    for mark, name in _MARKS:
        if source.startswith(mark):
            codec, skip = name, len(mark)
    if not skip and guess:
        codec = "utf-16-le" if _LITTLE.match(source) else "utf-16-be" if _BIG.match(source) else codec
    if not codec:
        return Text(source, source)
    end = len(source) - (len(source) - skip) % 2 if codec.startswith("utf-16") else len(source)
    try:
        text = source[skip:end].decode(codec, "surrogatepass")
    except UnicodeDecodeError as error:
        raise FormatError(f"is not {codec} from byte {error.start + skip} on") from error
    return Text(text.encode("utf-8", "surrogatepass"), source, codec, skip)
