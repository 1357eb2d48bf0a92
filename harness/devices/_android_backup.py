"""Reads the stream of `adb backup`: a short head, and a tar whose folders stand for those of the apps.

Source: `BackupManagerService` and `FullBackup` of AOSP.
"""

import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from harness.devices._contents import Mapped, mapped
from harness.devices._tar_items import tar_items
from harness.errors import SourceError
from harness.limits import Limits
from harness.model import Artifact, Unread

__all__ = ["MAGIC", "Unpacked", "backup_items", "unpack"]

MAGIC = b"ANDROID BACKUP\n"
_NAME = "backup.ab"
_HEAD_LINES = 4
_LONGEST_HEAD = 4096
_STEP = 1 << 20
_FOLDERS = {
    "r": ("", ""),
    "f": ("", "files/"),
    "db": ("", "databases/"),
    "sp": ("", "shared_prefs/"),
    "c": ("", "cache/"),
    "nb": ("", "no_backup/"),
    "d_r": ("/device_protected", ""),
    "d_f": ("/device_protected", "files/"),
    "d_db": ("/device_protected", "databases/"),
    "d_sp": ("/device_protected", "shared_prefs/"),
    "d_c": ("/device_protected", "cache/"),
    "d_nb": ("/device_protected", "no_backup/"),
    "ef": ("/external", "files/"),
    "obb": ("/obb", ""),
}
"""What the short names of a backup stand for: a container of the app, and a folder in it."""
_NOT_STORED = frozenset({"_manifest", "_meta", "a", "k"})
"""What the backup says of itself, the package file, and records that are no files."""


@dataclass(slots=True)
class Unpacked:
    """The tar in a backup, as far as it can be read, and what is wrong with the rest."""

    data: Mapped
    fault: str = ""


def unpack(chunks: Iterable[bytes | memoryview], limits: Limits) -> Unpacked:
    """Take the tar out of a backup while it comes.

    Raises:
        SourceError: it is no backup, or it is encrypted.
        OSError: there is no room for it.
    """
    source = iter(chunks)
    head = b""
    while head.count(b"\n") < _HEAD_LINES and len(head) < _LONGEST_HEAD:
        chunk = next(source, None)
        if chunk is None:
            break
        head += bytes(chunk)
    lines = head.split(b"\n", _HEAD_LINES)
    if not head.startswith(MAGIC) or len(lines) <= _HEAD_LINES:
        raise SourceError("that is no Android backup")
    if lines[3] != b"none":
        raise SourceError("the backup is encrypted", hint="take it again without a password")
    with tempfile.TemporaryFile() as file:
        fault = ""
        left = limits.archive_bytes
        for piece, wrong in _inflated(lines[_HEAD_LINES], source, packed=lines[2] == b"1"):
            left -= len(piece)
            fault = wrong if left >= 0 else "the backup unpacks to more than the limit allows"
            if fault:
                break
            file.write(piece)
        file.flush()
        return Unpacked(mapped(file), fault)


def _inflated(first: bytes, rest: Iterator[bytes | memoryview], *, packed: bool) -> Iterator[tuple[bytes, str]]:
    if not packed:
        yield first, ""
        yield from ((bytes(chunk), "") for chunk in rest)
        return
    inflater = zlib.decompressobj()
    waiting: bytes | memoryview | None = first
    while waiting is not None:
        try:
            piece = inflater.decompress(waiting, _STEP)
            yield piece, ""
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, _STEP), ""
        except zlib.error:
            yield b"", "the backup is damaged"
            return
        waiting = next(rest, None)
    if not inflater.eof:
        yield b"", "the backup is cut off"


def backup_items(unpacked: Unpacked, limits: Limits) -> Iterator[Artifact | Unread]:
    """The apps' files, under the paths that they have on the device."""
    for item in tar_items(unpacked.data, _NAME, unpacked.fault, limits):
        if isinstance(item, Unread) and not item.path.startswith("apps/"):
            yield item
            continue
        _, _, rest = item.path.partition("/")
        package, _, inside = rest.partition("/")
        short, _, path = inside.partition("/")
        if short in _NOT_STORED:
            continue
        suffix, folder = _FOLDERS.get(short, ("", f"{short}/"))
        container = package + suffix
        if isinstance(item, Unread):
            yield replace(item, container=container, path=folder + path or ".")
        elif path:
            yield Artifact(
                facts=replace(item.facts, container=container, path=folder + path, in_backup=True),
                content=item.content,
            )
