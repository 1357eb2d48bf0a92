"""What the manifest of a backup says of one file; since iOS 10 that is an archived object, an `MBFile`."""

import plistlib
import stat
from dataclasses import dataclass, field
from typing import Any

from harness.model import Protection

__all__ = ["Described", "Entry", "described"]

_LARGEST = 1 << 20
_FAULTS = (ValueError, TypeError, LookupError, OverflowError, RecursionError, MemoryError, AttributeError)
_PROTECTIONS = {
    1: Protection.COMPLETE,
    2: Protection.UNLESS_OPEN,
    3: Protection.UNTIL_FIRST_AUTH,
    4: Protection.NONE,
}
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Facts of a file on the device; None where nothing is said."""

    size: int | None = None
    mode: int | None = None
    owner: int | None = None
    group: int | None = None
    modified: float | None = None
    protection: Protection | None = None
    sealed: bytes | None = field(default=None, repr=False)
    """Its key, wrapped with that of its class; None where it is not encrypted."""

    @classmethod
    def of_class(cls, number: int, **facts: Any) -> "Described":
        """Facts of a file of a protection class, by its number; others than four are no class of files."""
        return cls(protection=_PROTECTIONS.get(number), **facts)

    @property
    def kind(self) -> str:
        """By the bits of the mode."""
        return _KINDS.get(stat.S_IFMT(self.mode or 0), "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the manifest: a file, a folder or a link."""

    stored: str
    """The name under which its bytes are in the backup: a SHA-1 of domain and path."""
    domain: str
    path: str
    kind: str
    """`file`, `folder`, `link`, or nothing where that is not known."""
    said: Described | bytes | None = field(repr=False)
    """Of the file; archived, where it was not asked for yet: reading that takes longer than all the rest."""

    @property
    def known(self) -> Described | None:
        """What is said of it; None where that cannot be read."""
        return described(self.said) if isinstance(self.said, bytes) else self.said


def described(archive: bytes) -> Described | None:
    """What the archive says; nothing where it makes no sense."""
    if len(archive) > _LARGEST:
        return None
    try:
        loaded = plistlib.loads(archive, fmt=plistlib.FMT_BINARY)
        objects = loaded["$objects"]
        said = objects[loaded["$top"]["root"].data]
        key = said.get("EncryptionKey")
        sealed = None if key is None else objects[key.data]
        sealed = sealed["NS.data"] if isinstance(sealed, dict) else sealed
        modified = _number(said, "LastModified")
        return Described.of_class(
            _number(said, "ProtectionClass") or 0,
            size=_number(said, "Size"),
            mode=_number(said, "Mode"),
            owner=_number(said, "UserID"),
            group=_number(said, "GroupID"),
            modified=None if modified is None else float(modified),
            sealed=sealed if isinstance(sealed, bytes) else None,
        )
    except _FAULTS:
        return None


def _number(said: Any, name: str) -> int | None:
    told = said.get(name)
    return told if type(told) is int and 0 <= told < 1 << 62 else None
