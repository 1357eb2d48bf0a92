"""Writes backups as a device does, plain or encrypted: for tests, and for devices that are played."""

import datetime
import hashlib
import os
import plistlib
import sqlite3
import stat
import struct
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.devices._ios_backup.contents import encrypted
from harness.devices._ios_backup.key_wrap import wrapped

__all__ = ["Locked", "Stored", "written"]

_CLASSES = range(1, 12)
_MANIFEST_CLASS = 4
_DATE = datetime.datetime(2024, 2, 1)  # noqa: DTZ001 - property lists hold UTC and do not say so


@dataclass(frozen=True, slots=True)
class Stored:
    """One file that a backup is to hold."""

    domain: str
    path: str
    data: bytes = field(repr=False)
    mode: int = 0o644
    protection: int = 3


@dataclass(slots=True)
class Locked:
    """The keys of an encrypted backup that is being written, and its keybag."""

    password: str = field(repr=False)
    rounds: tuple[int, int] = (1000, 1000)
    """Of SHA-256 and of SHA-1; a device takes ten millions and ten thousand."""
    _keys: dict[int, bytes] = field(default_factory=lambda: {number: os.urandom(32) for number in _CLASSES})

    def sealed(self, number: int, key: bytes) -> bytes:
        """A key, wrapped with that of a class."""
        return struct.pack("<I", number) + wrapped(self._keys[number], key)

    def bag(self) -> bytes:
        """All keys of classes, wrapped with that of the password."""
        first, second = os.urandom(20), os.urandom(20)
        key = hashlib.pbkdf2_hmac("sha256", self.password.encode(), first, self.rounds[0], 32)
        key = hashlib.pbkdf2_hmac("sha1", key, second, self.rounds[1], 32)
        parts: list[tuple[bytes, int | bytes]] = [(b"VERS", 3), (b"TYPE", 1), (b"UUID", os.urandom(16)),
            (b"HMCK", os.urandom(40)), (b"WRAP", 1), (b"SALT", second), (b"ITER", self.rounds[1]), (b"DPWT", 1),
            (b"DPIC", self.rounds[0]), (b"DPSL", first)]  # fmt: skip
        for number, plain in self._keys.items():
            parts += [(b"UUID", os.urandom(16)), (b"CLAS", number), (b"WRAP", 2), (b"KTYP", 0)]
            parts.append((b"WPKY", wrapped(key, plain)))
        return b"".join(_field(tag, value) for tag, value in parts)


def _field(tag: bytes, value: int | bytes) -> bytes:
    raw = struct.pack(">I", value) if isinstance(value, int) else value
    return tag + struct.pack(">I", len(raw)) + raw


def written(folder: Path, files: Sequence[Stored], locked: Locked | None = None) -> None:
    """Make a new folder a backup."""
    folder.mkdir()
    rows = [_stored(folder, number, file, locked) for number, file in enumerate(files, 100)]
    manifest = folder / "Manifest.db"
    with closing(sqlite3.connect(manifest)) as database, database:
        database.execute(
            "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)"
        )
        database.execute("CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)")
        database.executemany("INSERT OR REPLACE INTO Files VALUES (?, ?, ?, ?, ?)", [*_folders(files), *rows])
    told: dict[str, Any] = {"IsEncrypted": locked is not None, "Version": "10.0", "Date": _DATE, "Lockdown": {}}
    if locked is not None:
        key = os.urandom(32)
        manifest.write_bytes(encrypted(key, manifest.read_bytes()))
        told |= {"BackupKeyBag": locked.bag(), "ManifestKey": locked.sealed(_MANIFEST_CLASS, key)}
    _write(folder / "Manifest.plist", told)
    _write(folder / "Info.plist", {"Product Type": "iPhone12,1", "Product Version": "17.3", "Target Type": "Device"})
    _write(folder / "Status.plist", {"SnapshotState": "finished", "IsFullBackup": True, "Version": "3.3"})


def _write(file: Path, told: dict[str, Any]) -> None:
    file.write_bytes(plistlib.dumps(told))


def _stored(folder: Path, number: int, file: Stored, locked: Locked | None) -> tuple[str, str, str, int, bytes]:
    name = _name(file.domain, file.path)
    data, sealed = file.data, None
    if locked is not None:
        key = os.urandom(32)
        data, sealed = encrypted(key, data), locked.sealed(file.protection, key)
    if file.data:
        target = folder / name[:2] / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
    about = {"Size": len(file.data), "Mode": stat.S_IFREG | file.mode, "InodeNumber": number}
    about |= {"ProtectionClass": file.protection}
    return name, file.domain, file.path, 1, _archived(file.path, about, sealed)


def _folders(files: Iterable[Stored]) -> list[tuple[str, str, str, int, bytes]]:
    found = {(file.domain, "/".join(file.path.split("/")[:depth]))
             for file in files for depth in range(file.path.count("/") + 1)}  # fmt: skip
    about = {"Size": 0, "Mode": stat.S_IFDIR | 0o755, "ProtectionClass": 0}
    return [(_name(*place), *place, 2, _archived(place[1], about, None)) for place in sorted(found)]


def _name(domain: str, path: str) -> str:
    return hashlib.sha1(f"{domain}-{path}".encode(), usedforsecurity=False).hexdigest()


def _archived(path: str, about: dict[str, int], sealed: bytes | None) -> bytes:
    """An `MBFile` as `NSKeyedArchiver` writes it."""
    uid = plistlib.UID
    said: dict[str, Any] = {"LastModified": 1_700_000_000, "LastStatusChange": 1_700_000_000, "Flags": 0} | about
    said |= {"GroupID": 501, "UserID": 501, "Birth": 1_690_000_000, "RelativePath": uid(2), "$class": uid(3)}
    objects: list[Any] = ["$null", said, path, {"$classname": "MBFile", "$classes": ["MBFile", "NSObject"]}]
    if sealed is not None:
        said["EncryptionKey"] = uid(4)
        objects += [
            {"NS.data": sealed, "$class": uid(5)},
            {"$classname": "NSMutableData", "$classes": ["NSMutableData", "NSData", "NSObject"]},
        ]
    archive = {"$version": 100_000, "$archiver": "NSKeyedArchiver", "$top": {"root": uid(1)}, "$objects": objects}
    return plistlib.dumps(archive, fmt=plistlib.FMT_BINARY)
