"""Bytes on demand: of a file on disk, and of a part of something that is mapped already."""

import contextlib
import mmap
import os
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from harness.errors import AccessDenied, FormatError
from harness.model import Buffer

__all__ = [
    "IN_MEMORY",
    "Chunk",
    "FileContent",
    "FileStamp",
    "Intake",
    "Mapped",
    "Pieces",
    "Slice",
    "anonymous",
    "mapped",
    "open_regular",
    "released",
]

Mapped: TypeAlias = bytes | mmap.mmap
"""The whole of a file, searchable; bytes where it is empty, since nothing cannot be mapped."""

IN_MEMORY = 2 << 20
"""Up to this size bytes are read; beyond it they are mapped."""


def mapped(handle: IO[bytes]) -> Mapped:
    """The whole of an open file, read-only and not copied."""
    size = os.fstat(handle.fileno()).st_size
    return mmap.mmap(handle.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def released(whole: Mapped) -> None:
    """Unmap, unless somebody still looks at a part; then that happens when they no longer do."""
    if isinstance(whole, mmap.mmap):
        with contextlib.suppress(BufferError):
            whole.close()


def anonymous(chunks: Iterable[bytes]) -> Mapped:
    """Chunks written to a file that has no name, and mapped: gone with the process, however that ends."""
    with tempfile.TemporaryFile() as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        return mapped(file)


class Intake:
    """Bytes that come piece by piece: in memory while they are few, in a file that has no name once they are many.

    A file costs three times as much as memory that the kernel gives out in large pages.
    """

    def __init__(self, in_memory: int) -> None:
        self.size = 0
        self._room = _room(in_memory)
        self._file: IO[bytes] | None = None

    def add(self, piece: Buffer) -> None:
        """The next bytes.

        Raises:
            OSError: there is no room for them.
        """
        if self._file is None:
            end = self.size + len(piece)
            if end <= len(self._room):
                self._room[self.size : end] = piece
                self.size = end
                return
            self._move()
        self._write(piece)
        self.size += len(piece)

    def finish(self) -> Mapped:
        """All that has come; nothing can be added any more."""
        if self._file is not None:
            with self._file:
                return mapped(self._file)
        if not self.size or isinstance(self._room, bytearray):
            return b""
        self._room.resize(self.size)
        return self._room

    @property
    def held(self) -> int:
        """How much of it is in memory."""
        return 0 if self._file else self.size

    def _move(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - `finish` closes it
        with memoryview(self._room) as room:
            self._write(room[: self.size])
        if isinstance(self._room, mmap.mmap):
            self._room.close()

    def _write(self, piece: Buffer) -> None:
        rest = memoryview(piece)
        while rest and self._file is not None:
            rest = rest[self._file.write(rest) :]


def _room(size: int) -> mmap.mmap | bytearray:
    """Memory in large pages, of which only what is used is taken; none where the system cannot cut it to size."""
    if not size or not hasattr(mmap, "MADV_HUGEPAGE"):
        return bytearray()
    try:
        room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError:
        return bytearray()
    with contextlib.suppress(OSError):
        room.madvise(mmap.MADV_HUGEPAGE)
    return room


def open_regular(path: Path) -> IO[bytes]:
    """A regular file, opened for reading: not through a link at its end, and never waiting on a pipe.

    Raises:
        AccessDenied: the operating system refused.
        FormatError: there is no regular file any more.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        raise AccessDenied("permission denied") from error
    except (OSError, ValueError) as error:
        raise FormatError("the file is gone, or is no file any more") from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise FormatError("the file is gone, or is no file any more")
    return os.fdopen(number, "rb")


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What changes when a file is replaced or written to."""

    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileStamp":
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file on disk, read when asked for; refused if it is not the one that was listed."""

    file: Path = field(repr=False)
    stamp: FileStamp

    @property
    def size(self) -> int:
        return self.stamp.size

    def read(self) -> Buffer:
        with open_regular(self.file) as handle:
            self._compare(handle)
            try:
                data = handle.read(self.size + 1) if self.size <= IN_MEMORY else mapped(handle)
            except (OSError, ValueError) as error:
                raise FormatError("the file could not be read") from error
            self._compare(handle)
            if len(data) != self.size:
                raise FormatError("the file changed while it was read")
            return data

    def _compare(self, handle: IO[bytes]) -> None:
        if FileStamp.of(os.fstat(handle.fileno())) != self.stamp:
            raise FormatError("the file changed while it was read")


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of bytes of something that is mapped."""

    whole: Mapped = field(repr=False)
    start: int
    size: int

    def read(self) -> Buffer:
        end = self.start + self.size
        try:
            return (
                self.whole[self.start : end] if self.size <= IN_MEMORY else memoryview(self.whole)[self.start : end]
            )
        except ValueError as error:
            raise FormatError("the source was closed") from error


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a run of a sparse file's bytes stands in its archive, and where in the file."""

    source: int
    target: int
    size: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """A sparse file: runs of bytes, and zeros between them."""

    whole: Mapped = field(repr=False)
    chunks: tuple[Chunk, ...]
    size: int

    def read(self) -> Buffer:
        # A file with holes costs no space for its zeros, however large it says it is.
        with tempfile.TemporaryFile() as file:
            try:
                file.truncate(self.size)
                for chunk in self.chunks:
                    file.seek(chunk.target)
                    file.write(self.whole[chunk.source : chunk.source + chunk.size])
                file.flush()
            except (OSError, ValueError) as error:
                raise FormatError("the sparse file could not be put together") from error
            data = mapped(file)
        if self.size > IN_MEMORY:
            return data
        copy = bytes(data)
        released(data)
        return copy
