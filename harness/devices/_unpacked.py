"""Unpacks compressed archives, once, under a limit, into a file without a name."""

import bz2
import gzip
import importlib
import lzma
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Protocol, TypeAlias

from harness.devices._contents import Mapped, anonymous
from harness.errors import SourceError
from harness.limits import Limits

__all__ = ["Unpacking", "allowance", "kept", "packing_of", "peek"]

FREE = 1 << 30
"""Up to here any archive may unpack; beyond it, only to `RATIO` times its own size."""
RATIO = 100
_STEP = 1 << 16
_WINDOW = 1 << 27
"""The most memory that a zstd frame may ask for; 128 MiB is what `zstd` itself grants."""

_MAGIC = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)


class _Stream(Protocol):
    def read1(self, size: int = ..., /) -> bytes: ...


def packing_of(head: bytes) -> str:
    """How a file that begins like this is compressed: `gzip`, `xz`, `bzip2`, `zstd`, or not."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "")


def allowance(limits: Limits, packed: int) -> int:
    """What an archive of `packed` bytes may unpack to: real storage does not shrink a hundredfold, bombs do."""
    return min(limits.archive_bytes, max(FREE, RATIO * packed))


def peek(file: IO[bytes], packing: str, size: int) -> bytes:
    """The first bytes inside, as far as they can be read.

    Raises:
        SourceError: what reads this compression is not installed.
    """
    head = b""
    for chunk in Unpacking(file, packing, size).chunks(step=size):
        head += chunk
    return head[:size]


class Unpacking:
    """One compressed file on its way; what went wrong is told at the end, and costs nothing that came before."""

    def __init__(self, file: IO[bytes], packing: str, most: int) -> None:
        self.fault = ""
        self._stream, self._damage = _stream(file, packing)
        self._left = most

    def chunks(self, *, step: int = _STEP) -> Iterator[bytes]:
        """All that can be read, up to the limit."""
        while True:
            try:
                chunk = self._stream.read1(step)
            except self._damage:
                self.fault = "the compressed data is damaged or cut off"
                return
            if not chunk:
                return
            self._left -= len(chunk)
            if self._left < 0:
                self.fault = "the archive unpacks to more than the limit allows"
                yield chunk[: self._left]
                return
            yield chunk


def kept(chunks: Iterable[bytes]) -> Mapped:
    """Unpacked bytes in a file without a name.

    Raises:
        SourceError: there is no room for them.
    """
    try:
        return anonymous(chunks)
    except OSError as error:
        raise SourceError("no room to unpack the archive", hint="point TMPDIR at a larger disk") from error


_Opened: TypeAlias = tuple[_Stream, tuple[type[Exception], ...]]
"""A stream, and what it raises where the data is damaged."""


def _stream(file: IO[bytes], packing: str) -> _Opened:
    # These wrap a file that somebody else opened and closes.
    match packing:
        case "gzip":
            return gzip.GzipFile(fileobj=file), (OSError, EOFError, zlib.error)
        case "xz":
            return lzma.LZMAFile(file), (OSError, EOFError, lzma.LZMAError)
        case "bzip2":
            return bz2.BZ2File(file), (OSError, EOFError)
        case _:
            return _zstd(file)


def _zstd(file: IO[bytes]) -> _Opened:
    try:
        zstandard = importlib.import_module("zstandard")
    except ImportError as error:
        raise SourceError(
            "reading zstd archives needs a package that is not installed",
            hint="pip install 'storage-harness[zstd]'",
        ) from error
    # It does not say when a stream was cut off; the missing end mark of the tar inside does.
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(file, read_across_frames=True)
    return reader, (OSError, EOFError, zstandard.ZstdError)
