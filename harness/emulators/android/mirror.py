"""The sandbox's files as a real tree, and what happened to that tree back into the sandbox.

A file keeps owner, group, mode and time. In shared storage the media provider answers in a phone, by package and path
and not by bits; there a file gets the bits that let the kernel answer alike. What no file system knows (labels, the
mark against backups) stays as the sandbox has it.
"""

import io
import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.emulators.android.layout import FOLDERS
from harness.emulators.walls.trees import set_time
from harness.errors import SourceError
from harness.sandbox import App, Attributes, Entry, Realm, Sandbox
from harness.sandbox.layout import SHARED_STORAGE, is_inside

__all__ = ["EXPORTED", "adopt", "pack", "place", "pour"]

EXPORTED = ("data", "storage")
"""What a copy of a device's tree holds."""

_READ_BACK = ("/data/data", "/data/user", "/data/user_de", "/data/local/tmp", SHARED_STORAGE, "/storage/emulated")
"""Where apps and people write; the rest of /data is the system's own."""
_OURS = frozenset(path for path, *_ in FOLDERS)
_OF_USERS = re.compile(r"/data/user(_de)?/\d+|/storage/emulated/\d+(/Android(/data)?)?")
"""Folders that the layout makes for a second user."""
_SDCARD, _EXT_DATA = 1015, 1078
_CLOCK = 1e-6
"""Seconds that a time may lose on its way through a tar file."""


@dataclass(frozen=True, slots=True)
class _Looks:
    """What `stat` says."""

    uid: int
    gid: int
    mode: int
    modified: float

    def is_like(self, other: "_Looks") -> bool:
        same = (self.uid, self.gid, self.mode) == (other.uid, other.gid, other.mode)
        return same and abs(self.modified - other.modified) < _CLOCK


# -- from the sandbox ----------------------------------------------------------------------------


def place(root: Path, sandbox: Sandbox, above: str = "/") -> None:
    """Write the sandbox's files and folders below a folder, as root of the device.

    Raises:
        OSError: there is no space, or the kernel refuses.
    """
    roads = _Roads(sandbox.apps)
    folders: list[tuple[Path, float]] = []
    for entry in sandbox.walk(above):
        if entry.path == "/" or (entry.folder and _is_ours(entry.path)):
            continue
        target = root / roads.outward(entry.path)[1:]
        if entry.folder:
            target.mkdir(parents=True, exist_ok=True)
            folders.append((target, entry.modified))
        else:
            target.write_bytes(entry.data)
        looks = _looks(entry)
        os.chown(target, looks.uid, looks.gid)
        target.chmod(looks.mode)
        if not entry.folder:
            set_time(target, entry.modified)
    for target, modified in reversed(folders):  # what is put into a folder changes its time
        if modified:
            set_time(target, modified)


def pack(sandbox: Sandbox, above: tuple[str, ...]) -> bytes:
    """The sandbox's files and folders below some paths as a tar for `pour`: what a running device is to be given.

    Raises:
        DeviceError: a path is not there.
    """
    roads = _Roads(sandbox.apps)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in (entry for path in above for entry in sandbox.walk(path)):
            looks = _looks(entry)
            member = tarfile.TarInfo(roads.outward(entry.path)[1:])
            member.type = tarfile.DIRTYPE if entry.folder else tarfile.REGTYPE
            member.uid, member.gid, member.mode, member.size = looks.uid, looks.gid, looks.mode, entry.size
            member.mtime = looks.modified  # a fraction of a second travels too
            archive.addfile(member, io.BytesIO(entry.data))
    return packed.getvalue()


def _looks(entry: Entry) -> _Looks:
    """How an entry appears on the device."""
    if entry.realm is not Realm.SHARED:
        return _Looks(entry.owner, entry.group, entry.mode, entry.modified)
    if is_inside(entry.path, f"{SHARED_STORAGE}/Android/data"):
        return _Looks(entry.owner, _EXT_DATA, 0o2770 if entry.folder else 0o660, entry.modified)
    return _Looks(entry.owner, _SDCARD, 0o2771 if entry.folder else 0o660, entry.modified)


class _Roads:
    """Where a device has what the sandbox has elsewhere: the folders of an app of a second user."""

    def __init__(self, apps: tuple[App, ...]) -> None:
        self._moved = [
            (f"{here}/{app.package}", f"{there}/{app.package}")
            for app in apps
            if (user := app.uid // 100_000)
            for here, there in (
                ("/data/data", f"/data/user/{user}"),
                ("/data/user_de/0", f"/data/user_de/{user}"),
                (f"{SHARED_STORAGE}/Android/data", f"/storage/emulated/{user}/Android/data"),
            )
        ]

    def outward(self, path: str) -> str:
        """From the sandbox to the device."""
        return next((there + path[len(here) :] for here, there in self._moved if is_inside(path, here)), path)

    def inward(self, path: str) -> str:
        """From the device to the sandbox."""
        return next((here + path[len(there) :] for here, there in self._moved if is_inside(path, there)), path)


def pour(root: Path, source: IO[bytes]) -> None:
    """Write what `export` made below a folder, as root of the device.

    Raises:
        OSError: there is no space, or the kernel refuses.
    """
    folders: list[tuple[Path, float]] = []
    with tarfile.open(fileobj=source, mode="r|", bufsize=1 << 18) as archive:
        for member in archive:
            target = root / member.name
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                folders.append((target, float(member.mtime)))
            elif member.issym():
                target.unlink(missing_ok=True)
                target.symlink_to(member.linkname)
            elif member.isreg():
                taken = archive.extractfile(member)
                target.unlink(missing_ok=True)
                with target.open("wb") as written:
                    while taken is not None and (piece := taken.read(1 << 20)):
                        written.write(piece)
            else:
                continue
            os.chown(target, member.uid, member.gid, follow_symlinks=False)
            if not member.issym():
                target.chmod(member.mode)
            if member.isreg():
                set_time(target, float(member.mtime))
    for target, modified in reversed(folders):
        set_time(target, modified)


# -- into the sandbox ----------------------------------------------------------------------------


def adopt(sandbox: Sandbox, tree: IO[bytes]) -> None:
    """Make the sandbox what the device's tree is: what was written, changed and deleted where apps and people write.

    Links are left out: the sandbox follows none but those that every device has.

    Raises:
        SourceError: the stream is no tree of a device.
    """
    roads = _Roads(sandbox.apps)
    seen: set[str] = set()
    try:
        with tarfile.open(fileobj=tree, mode="r|", bufsize=1 << 18) as archive:
            for member in archive:
                path = roads.inward("/" + member.name)
                if not (member.isreg() or member.isdir()) or not _is_read_back(path):
                    continue
                seen.add(path)
                if not (member.isdir() and _is_ours(path)):
                    _take(sandbox, path, member, archive)
    except (tarfile.TarError, OSError, UnicodeError) as error:
        raise SourceError("the device's tree arrived damaged") from error
    for path in [entry.path for entry in sandbox.walk() if _is_read_back(entry.path)]:
        if path not in seen and not _is_ours(path):
            sandbox.delete(path)


def _take(sandbox: Sandbox, path: str, member: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
    found = _Looks(member.uid, member.gid, member.mode & 0o7777, float(member.mtime))
    before = sandbox.stat(path) if sandbox.exists(path) else None
    if before is not None and before.folder is not member.isdir():
        sandbox.delete(path)
        before = None
    known = _looks(before) if before is not None else None
    if member.isdir():
        if before is None:
            sandbox.make_folder(path, found.mode)
        if known is None or (known.uid, known.gid, known.mode) != (found.uid, found.gid, found.mode):
            sandbox.chown(path, found.uid, found.gid)
            sandbox.chmod(path, found.mode)
        return
    stream = archive.extractfile(member)
    data = stream.read() if stream is not None else b""
    if before is not None and known is not None and known.is_like(found) and before.data == data:
        return
    kept = Attributes(
        mode=before.mode if before and known and known.mode == found.mode else found.mode,
        modified=found.modified,
        owner=found.uid,
        in_backup=before.in_backup if before else True,
    )
    group = before.group if before and known and known.gid == found.gid else found.gid
    sandbox.write(path, data, kept)
    sandbox.chown(path, found.uid, group)


def _is_read_back(path: str) -> bool:
    return any(is_inside(path, folder) for folder in _READ_BACK)


def _is_ours(path: str) -> bool:
    """Whether the layout makes it, so that it says nothing of an app."""
    return path in _OURS or _OF_USERS.fullmatch(path) is not None
