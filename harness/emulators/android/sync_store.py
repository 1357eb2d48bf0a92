"""Taking a pushed file or link: what `push` leaves on the device, and what it says where the kernel refuses."""

import errno
import os
import stat
import struct
from contextlib import suppress
from typing import IO, Self

from harness.errors import DeviceError

__all__ = ["DATA_BYTES", "Incoming", "SyncEnded", "SyncFailed", "store"]

DATA_BYTES = 1 << 16
"""The longest piece of a file."""
_LONGEST_LINK = 4096


class SyncEnded(DeviceError):
    """The client has closed the stream."""


class SyncFailed(DeviceError):
    """A request failed; the client is told why, in adbd's words."""

    def __init__(self, message: str, *, ends_session: bool = False) -> None:
        super().__init__(message)
        self.ends_session = ends_session

    @classmethod
    def of(cls, what: str, error: OSError) -> Self:
        """What failed, and what the kernel said."""
        return cls(f"{what}: {os.strerror(error.errno or errno.EIO)}")


class Incoming:
    """What the client sends: whole pieces, or the end of the session."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, count: int) -> bytes:
        """So many bytes.

        Raises:
            SyncEnded: there are no more.
        """
        found = self._file.read(count)
        if len(found) != count:
            raise SyncEnded("the client has closed the stream")
        return found

    def word(self) -> int:
        """One number."""
        number: int = struct.unpack("<I", self.read(4))[0]
        return number

    def header(self) -> tuple[bytes, int]:
        """A request's or piece's name, and the number behind it."""
        name, number = struct.unpack("<4sI", self.read(8))
        return name, number

    def piece(self) -> bytes | int:
        """The next piece of a file, or at its end the time of its last change.

        Raises:
            SyncFailed: neither came.
        """
        name, number = self.header()
        if name == b"DONE":
            return number
        if name != b"DATA":
            raise SyncFailed("invalid data message", ends_session=True)
        if number > DATA_BYTES:
            raise SyncFailed("oversize data message", ends_session=True)
        return self.read(number)


def store(incoming: Incoming, path: bytes, mode: int, *, is_rehearsal: bool = False) -> None:
    """Take a file or link. All its pieces are taken in any case: a client that is not read from never reads.

    Raises:
        SyncFailed: the kernel refuses, or the client breaks the protocol.
    """
    target: _Link | _File = _Link(path) if stat.S_ISLNK(mode) else _File(path, mode, is_rehearsal=is_rehearsal)
    failure: SyncFailed | None = None
    try:
        try:
            target.open()
        except SyncFailed as refused:
            failure = refused
        while not isinstance(piece := incoming.piece(), int):
            if failure is None:
                failure = target.take(piece)
        if failure is None:
            target.finish(piece)
    except SyncEnded:  # in the middle of it: half a file is none
        target.take_back()
        raise
    finally:
        target.close()
    if failure is not None:
        raise failure


class _Link:
    """A symbolic link; its target comes as the data."""

    def __init__(self, path: bytes) -> None:
        self._path = path
        self._text = b""

    def open(self) -> None:
        """Nothing is touched before all of it is known."""

    def take(self, piece: bytes) -> SyncFailed | None:
        """Some of the target."""
        self._text += piece
        return None if len(self._text) <= _LONGEST_LINK else SyncFailed("symlink target too long")

    def finish(self, changed: int) -> None:
        """Make the link."""
        with suppress(OSError):
            os.unlink(self._path)  # noqa: PTH108 - a path of bytes
        try:
            os.symlink(self._text.rstrip(b"\0"), self._path)  # noqa: PTH211
        except FileNotFoundError:
            _make_parents(self._path)
            self._again()
        except OSError as error:
            raise SyncFailed.of("symlink failed", error) from error
        with suppress(OSError):
            os.utime(self._path, (changed, changed), follow_symlinks=False)

    def take_back(self) -> None:
        """Nothing was made."""

    def close(self) -> None:
        """Nothing is held."""

    def _again(self) -> None:
        try:
            os.symlink(self._text.rstrip(b"\0"), self._path)  # noqa: PTH211
        except OSError as error:
            raise SyncFailed.of("symlink failed", error) from error


class _File:
    """A regular file."""

    def __init__(self, path: bytes, mode: int, *, is_rehearsal: bool) -> None:
        self._path = path
        self._is_rehearsal = is_rehearsal
        self._is_new = True
        """Ours to take back; a device or pipe that was there before is not."""
        self._number = -1
        # As adbd does it: what the owner may, everybody may.
        owner = mode & 0o700
        self._mode = mode & 0o777 | owner >> 3 | owner >> 6

    def open(self) -> None:
        """Create it, with the folders above it; a device or pipe that is there is written to."""
        try:
            self._number = self._created()
            if not self._is_rehearsal:
                os.fchmod(self._number, self._mode)
        except OSError as error:
            raise SyncFailed.of("couldn't create file", error) from error

    def take(self, piece: bytes) -> SyncFailed | None:
        """Some of the file."""
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(self._number, view) :]
        except OSError as error:
            self.take_back()
            return SyncFailed.of("write failed", error)
        return None

    def take_back(self) -> None:
        """What is there of it goes."""
        if self._is_new and self._number >= 0:
            with suppress(OSError):
                os.unlink(self._path)  # noqa: PTH108 - a path of bytes

    def finish(self, changed: int) -> None:
        """All of it is there."""
        if not self._is_rehearsal:
            with suppress(OSError):
                os.utime(self._number, (changed, changed))

    def close(self) -> None:
        """Let go of it."""
        if self._number >= 0:
            os.close(self._number)

    def _created(self) -> int:
        new = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        if self._is_rehearsal:
            self._is_new = False
            return os.open(self._path, os.O_WRONLY)
        self._clear()
        try:
            return os.open(self._path, new, self._mode)
        except FileNotFoundError:
            _make_parents(self._path)
            return os.open(self._path, new, self._mode)
        except FileExistsError:
            self._is_new = False
            return os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)

    def _clear(self) -> None:
        with suppress(OSError):
            kind = os.lstat(self._path).st_mode
            if stat.S_ISREG(kind) or stat.S_ISLNK(kind):
                os.unlink(self._path)  # noqa: PTH108 - a path of bytes


def _make_parents(path: bytes) -> None:
    try:
        os.makedirs(os.path.dirname(path) or b"/", 0o775, exist_ok=True)  # noqa: PTH103, PTH120
    except OSError as error:
        raise SyncFailed.of("secure_mkdirs() failed", error) from error
