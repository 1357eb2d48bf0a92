"""Pages as an earlier transaction left them, for rows of old copies that go on in other pages."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.errors import FormatError
from harness.formats.sqlite.header import Frame
from harness.model import Buffer

__all__ = ["Past", "Timeline"]


@dataclass(frozen=True, slots=True)
class Past:
    """The pages that a transaction left, as far as copies of them are still there."""

    timeline: "Timeline"
    last: int
    """The last copy that counts."""
    is_sure: bool
    """Where no copy is, the page in the file is as it was: it is not, for what is left over from earlier use."""

    def read(self, number: int) -> bytes:
        """The bytes of a page.

        Raises:
            FormatError: there is no such page.
        """
        part, start, data = self.where(number)
        page = bytes(data[start : start + self.timeline.page_size])
        if number < 1 or (not self.is_sure and not part) or len(page) < self.timeline.page_size:
            raise FormatError("a page is asked for that is no longer there")
        return page

    def place(self, number: int) -> tuple[str, int]:
        """The part and the offset that a page stands at."""
        part, start, _ = self.where(number)
        return part, start

    def where(self, number: int) -> tuple[str, int, Buffer]:
        """Part, offset and bytes that a page stands in: the last copy up to then, else the file itself."""
        line = self.timeline
        copies = line.by_page.get(number, ())
        at = bisect_right(copies, self.last) - 1
        if at < 0:
            return "", (number - 1) * line.page_size, line.main
        return line.part, line.frames[copies[at]].start, line.data


@dataclass(frozen=True)
class Timeline:
    """The copies of pages in one sidecar, in their order."""

    part: str
    data: Buffer = field(repr=False)
    main: Buffer = field(repr=False)
    frames: Sequence[Frame]
    page_size: int
    valid: int
    by_page: dict[int, list[int]] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)
    """The last copy of each transaction."""

    def __post_init__(self) -> None:
        for index, frame in enumerate(self.frames):
            self.by_page.setdefault(frame.page, []).append(index)
            if frame.is_commit:
                self.ends.append(index)

    def past(self, index: int) -> Past:
        """Pages as the transaction left them that wrote copy number `index`."""
        at = bisect_right(self.ends, index - 1)
        return Past(self, self.ends[at] if at < len(self.ends) else len(self.frames) - 1, index < self.valid)
