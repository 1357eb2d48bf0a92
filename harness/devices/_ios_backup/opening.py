"""Opens a backup of an iPhone or iPad, and hands out what is in it."""

import plistlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from harness.devices._ios_backup import manifest, mbdb
from harness.devices._ios_backup.contents import BLOCK, Sealed
from harness.devices._ios_backup.files import Shelf, owns
from harness.devices._ios_backup.keybag import Keybag, Keys
from harness.devices._ios_backup.record import Entry
from harness.devices._listing import Listing, from_backup
from harness.devices._paths import printable
from harness.devices._walking import walked
from harness.devices.base import Options, Source
from harness.errors import AccessDenied, FormatError, SourceError
from harness.model import Artifact, Buffer, Bytes, Content, Unread

__all__ = ["DATABASES", "TOLD", "open_backup"]

TOLD = frozenset({"Info.plist", "Manifest.plist", "Status.plist"})
DATABASES = ("Manifest.db", "Manifest.mbdb")
_OWN = frozenset({"Manifest.db", "Manifest.db-wal", "Manifest.db-shm", "Manifest.db-journal", "Manifest.mbdb"})
"""What a backup says of its files, and no app has stored."""
_LARGEST = 64 << 20

_Found = dict[str, Artifact | Unread]


def open_backup(source: str, options: Options) -> Source:
    """A backup in a folder.

    Raises:
        SourceError: it is none, it is damaged as a whole, or its password is not to be had.
    """
    shown = printable(source)
    if not source or not Path(source).is_dir():
        raise SourceError(f"no such folder: {shown}")
    found: _Found = {item.path: item for item in walked(Path(source), options.limits)}
    name = next((name for name in DATABASES if name in found), None)
    if name is None:
        raise SourceError(f"the backup has no Manifest.db, so nobody can tell its files: {shown}", hint=_AGAIN)
    keys, entries = _entries(name, found, shown, options)
    lying = {place: item for place, item in found.items() if place not in _OWN}
    shelf = Shelf(lying, keys, options.limits, options.app)
    items = from_backup([*_unfinished(found), *shelf.items(entries)], options, owns)
    return Listing(shown, options.profile, items)


_AGAIN = "copy the whole folder, or make the backup again"


def _entries(name: str, found: _Found, shown: str, options: Options) -> tuple[Keys | None, Iterator[Entry]]:
    """What the manifest lists, and the keys of files where they are encrypted.

    Raises:
        SourceError: it cannot be opened.
    """
    told = _told(found, "Manifest.plist")
    data = _read(found, name, shown)
    bag = told.get("BackupKeyBag")
    keys = None
    if isinstance(bag, bytes) and told.get("IsEncrypted", True):
        locked = Keybag.of(bag)
        options.passwords.of(shown)  # asked for before a bar is drawn over the question
        options.progress("unlock", 0, 0)
        keys = locked.opened(shown, options.passwords)
    head = bytes(data[: len(manifest.SQLITE)])
    if name == "Manifest.mbdb":
        if not head.startswith(mbdb.MAGIC):
            raise SourceError(f"Manifest.mbdb is damaged: {shown}", hint=_AGAIN)
        return keys, mbdb.entries(data, options.limits)
    log: Buffer = b""
    if head == manifest.SQLITE:
        log = _read(found, "Manifest.db-wal", shown) if "Manifest.db-wal" in found else b""
    elif keys is None:
        why = "is damaged" if told else "is damaged, or encrypted, and Manifest.plist with its keys is missing"
        raise SourceError(f"Manifest.db {why}: {shown}", hint=_AGAIN)
    else:
        data = _opened(Bytes(data), keys, told.get("ManifestKey"), shown)
    return keys, _begun(manifest.entries(data, log, options.limits), shown)


def _opened(stored: Content, keys: Keys, sealed: object, shown: str) -> Buffer:
    key = keys.opened(sealed) if isinstance(sealed, bytes) else None
    plain = Sealed(stored, key, stored.size // BLOCK * BLOCK).read() if key is not None else b""
    if bytes(plain[: len(manifest.SQLITE)]) != manifest.SQLITE:
        raise SourceError(f"Manifest.db is damaged, or its key is: {shown}", hint=_AGAIN)
    return plain


def _begun(entries: Iterator[Entry], shown: str) -> Iterator[Entry]:
    """Entries of which there is one at least.

    Raises:
        SourceError: it is damaged from the start.
    """
    try:
        first = next(entries, None)
    except FormatError as error:
        raise SourceError(f"Manifest.db cannot be read ({error}): {shown}", hint=_AGAIN) from error
    return _chained(first, entries)


def _chained(first: Entry | None, rest: Iterator[Entry]) -> Iterator[Entry]:
    if first is not None:
        yield first
        yield from rest


def _read(found: _Found, name: str, shown: str) -> Buffer:
    item = found[name]
    if isinstance(item, Unread):
        raise SourceError(f"{name} cannot be read ({item.reason}): {shown}")
    try:
        return item.content.read()
    except (AccessDenied, FormatError) as error:
        raise SourceError(f"{name} cannot be read ({error}): {shown}") from error


def _told(found: _Found, name: str) -> Mapping[str, Any]:
    """What one of the property lists beside the files says; nothing where it is missing, damaged or not to be had."""
    item = found.get(name)
    if not isinstance(item, Artifact) or item.content.size > _LARGEST:
        return {}
    try:
        told = plistlib.loads(bytes(item.content.read()))
    except (AccessDenied, FormatError, ExpatError, ValueError, TypeError, LookupError, OverflowError, RecursionError,
            AttributeError):  # fmt: skip
        return {}
    return told if isinstance(told, dict) else {}


def _unfinished(found: _Found) -> Iterator[Unread]:
    state = _told(found, "Status.plist").get("SnapshotState", "finished")
    if state != "finished":
        yield Unread(path="Status.plist", reason="the backup was not finished: files may be missing")
