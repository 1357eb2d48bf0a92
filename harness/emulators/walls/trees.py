"""A tree of real files, copied out of a device."""

import os
import tarfile
from pathlib import Path
from typing import IO

__all__ = ["export", "set_time"]


def set_time(target: Path, modified: float) -> None:
    """When it was last written, in seconds since the epoch, to the microsecond or better."""
    nanoseconds = round(modified * 1e9)
    os.utime(target, ns=(nanoseconds, nanoseconds))


def export(root: Path, target: IO[bytes], names: tuple[str, ...]) -> None:
    """Write a tree as a tar stream, with numeric owners; what vanishes meanwhile is left out.

    Raises:
        OSError: the target takes no more.
    """
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 18) as archive:
        for name in names:
            _add(archive, root, name)


def _add(archive: tarfile.TarFile, root: Path, name: str) -> None:
    path = root / name
    try:
        if path.is_socket():
            return
        member = archive.gettarinfo(str(path), arcname=name)
        member.uname = member.gname = ""
        if member.islnk():  # a second name of a file; each has the bytes, so that no order matters
            member.type = tarfile.REGTYPE
            member.size = path.stat().st_size
        if not member.isreg():
            archive.addfile(member)
        else:
            with path.open("rb") as source:
                # A file that grows is taken as long as it was; one that shrinks would break the stream.
                archive.addfile(member, _Padded(source))  # type: ignore[arg-type]
        inside = sorted(each.name for each in path.iterdir()) if member.isdir() else []
    except (FileNotFoundError, ProcessLookupError):
        return
    for each in inside:
        _add(archive, root, f"{name}/{each}")


class _Padded:
    """A file that never ends early: what is missing reads as zeros."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source

    def read(self, size: int) -> bytes:
        return self._source.read(size).ljust(size, b"\0")
