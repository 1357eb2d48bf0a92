"""The first 100 bytes of a database file, and the frames that replace pages of it.

Specified at https://sqlite.org/fileformat2.html, section 1.3.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import FormatError

__all__ = ["MAGIC", "SIZE", "Frame", "Frames", "Header", "page_size_of", "read_header"]

MAGIC = b"SQLite format 3\x00"
SIZE = 100
_FORMAT = 4
"""Of the schema: what SQLite has written since 2006."""
_CODECS = {0: "utf-8", 1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Header:
    """What the file header says of all pages."""

    page_size: int
    usable: int
    """Bytes of a page that b-trees use; the rest is reserved."""
    codec: str
    """How text is encoded, by Python's name."""
    count: int
    """Pages in the database; 0 where the header does not know."""
    freelist: int
    """The first trunk page of the freelist, or 0."""
    auto_vacuum: bool
    """There are pointer-map pages."""
    is_legacy: bool = False
    """Written in a schema format before 4: 0 and 1 take a byte."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A copy of one page in a write-ahead log or rollback journal."""

    page: int
    start: int
    """Of the page's bytes, in the sidecar."""
    is_commit: bool = False
    """The last of a transaction, in a log."""


@dataclass(frozen=True, slots=True)
class Frames:
    """What a sidecar holds: copies of pages, and which of them SQLite would use."""

    frames: tuple[Frame, ...] = ()
    """Every copy, stale ones too, in file order."""
    current: Mapping[int, int] = field(default_factory=dict)
    """By page number: where the copy stands that counts."""
    count: int = 0
    """Pages in the database by the sidecar's account; 0 where the sidecar does not count."""
    valid: int = 0
    """How many copies from the first on belong to what SQLite would read; the rest is left over from earlier use."""
    head: tuple[tuple[int, int], ...] = ()
    """Stretches (start, end) of the sidecar that are headers, not pages."""


def page_size_of(head: bytes) -> int:
    """The page size that a file header gives; 0 where it is none."""
    if len(head) < 18 or not head.startswith(MAGIC):
        return 0
    size = int.from_bytes(head[16:18], "big")
    size = 65536 if size == 1 else size
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else 0


def read_header(head: bytes) -> Header:
    """Read the file header.

    Raises:
        FormatError: these are not the first bytes of a database.
    """
    size = page_size_of(head)
    if not size or len(head) < SIZE:
        raise FormatError("no SQLite file header")
    usable = size - head[20]
    if usable < 480:
        raise FormatError("more bytes of a page are reserved than SQLite allows")
    changes, count, freelist = struct.unpack_from(">3I", head, 24)
    largest_root, valid_for = struct.unpack_from(">I", head, 52)[0], struct.unpack_from(">I", head, 92)[0]
    return Header(
        page_size=size,
        usable=usable,
        codec=_CODECS[struct.unpack_from(">I", head, 56)[0] & 3],
        # A writer from before 3.7 leaves a stale count behind; the change counter tells.
        count=count if changes == valid_for else 0,
        freelist=freelist,
        auto_vacuum=largest_root != 0,
        is_legacy=struct.unpack_from(">I", head, 44)[0] < _FORMAT,
    )
