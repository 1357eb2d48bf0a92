"""Reads what `adb backup` and `bu backup` write: a short head, and a tar whose folders stand for those of the apps.

Sources: AOSP, `BackupManagerService`, `PerformAdbRestoreTask`, `FullBackup` and `TarBackupReader`.
"""

import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from harness.devices._android_cipher import LINES, Key, Lock, decrypted
from harness.devices._contents import Mapped, mapped
from harness.devices._tar_items import tar_items
from harness.errors import FormatError, SourceError
from harness.limits import Limits
from harness.model import Artifact, Platform, Unread

__all__ = ["MAGIC", "Unpacked", "backup_items", "unpack"]

MAGIC = b"ANDROID BACKUP\n"
_NAME = "backup.ab"
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
"""What the short names of a backup stand for: a container of the app, and a folder in it. Others keep their name: `k`
are records that the app gave to the backup and that are no files of the device."""
_ABOUT = frozenset({"_manifest", "_meta"})
"""What the backup says of an app, which no app has stored."""


@dataclass(slots=True)
class Unpacked:
    """The tar in a backup, as far as it can be read, and what is wrong with the rest."""

    data: Mapped
    fault: str = ""


def unpack(
    chunks: Iterable[bytes | memoryview],
    limits: Limits,
    *,
    unlock: Callable[[Lock], Key] | None = None,
    most: int | None = None,
) -> Unpacked:
    """Take the tar out of a backup while it comes.

    Args:
        chunks: of the backup.
        limits: caps.
        unlock: gives the key of one that is encrypted; nothing where nobody has a password.
        most: bytes that it may unpack to, where that is less than the caps say.

    Raises:
        SourceError: it is no backup, or it is encrypted and not to be opened.
        OSError: there is no room for it.
    """
    source = (bytes(chunk) for chunk in chunks)
    (magic, version, packing, encryption), pieces = _lines(source, 4)
    if magic != MAGIC.rstrip() or not version.isdigit() or not packing.isdigit():
        raise SourceError("that is no Android backup")
    if encryption == b"AES-256":
        if unlock is None:
            raise SourceError("the backup is encrypted", hint="take it again without a password")
        lines, pieces = _lines(pieces, LINES)
        pieces = decrypted(pieces, unlock(Lock.of(lines)))
    elif encryption != b"none":
        raise SourceError("the backup is encrypted in a way that is not known")
    with tempfile.TemporaryFile() as file:
        fault = ""
        plain = _inflated(pieces) if packing.strip(b"0") else pieces
        try:
            for piece in _up_to(limits.archive_bytes if most is None else most, plain):
                file.write(piece)
        except FormatError as error:
            fault = str(error)
        file.flush()
        return Unpacked(mapped(file), fault)


def _lines(source: Iterator[bytes], count: int) -> tuple[list[bytes], Iterator[bytes]]:
    """So many lines, and what comes behind them.

    Raises:
        SourceError: there are not so many in what a head may be long.
    """
    begun = b""
    while begun.count(b"\n") < count:
        chunk = next(source, None)
        if chunk is None or len(begun) > _LONGEST_HEAD:
            raise SourceError("that is no Android backup, or its head is cut off")
        begun += chunk
    *lines, rest = begun.split(b"\n", count)
    return lines, _chained(rest, source)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    try:
        for piece in pieces:
            yield inflater.decompress(piece, _STEP)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, _STEP)
    except zlib.error as error:
        raise FormatError("the backup is damaged") from error
    if not inflater.eof:
        raise FormatError("the backup is cut off")


def _up_to(most: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        most -= len(piece)
        if most < 0:
            yield piece[:most]
            raise FormatError("the backup unpacks to more than the limit allows")
        yield piece


def backup_items(unpacked: Unpacked, limits: Limits) -> Iterator[Artifact | Unread]:
    """The apps' files, under the paths that they have on the device."""
    for item in tar_items(unpacked.data, _NAME, unpacked.fault, limits):
        top, _, rest = item.path.partition("/")
        if top == "shared" and rest:
            yield _placed(item, "shared", rest)
        elif top != "apps" or not rest:
            yield item if isinstance(item, Unread) else _placed(item, "", item.path)
        else:
            yield from _of_app(item, rest)


def _of_app(item: Artifact | Unread, rest: str) -> Iterator[Artifact | Unread]:
    package, _, inside = rest.partition("/")
    short, _, path = inside.partition("/")
    if short in _ABOUT or (short == "k" and path in _ABOUT):
        return
    if short == "a":
        yield Unread(path=inside, container=package, reason="the app's package, not what it stored", expected=True)
        return
    suffix, folder = _FOLDERS.get(short, ("", f"{short}/"))
    if path or isinstance(item, Unread):
        yield _placed(item, package + suffix, folder + path or ".")
    else:
        yield _placed(item, package, short)


def _placed(item: Artifact | Unread, container: str, path: str) -> Artifact | Unread:
    if isinstance(item, Unread):
        return replace(item, container=container, path=path or ".")
    facts = replace(item.facts, container=container, path=path, in_backup=True, platform=Platform.ANDROID)
    return Artifact(facts=facts, content=item.content)
