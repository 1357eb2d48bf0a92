"""A folder on disk, or one file: what somebody pulled from a device, or unpacked.

Owner, group and mode are those of the copy on this machine, not of the device, so they are not known.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.devices._contents import FileContent, FileStamp
from harness.devices._listing import Listing, arranged
from harness.devices._paths import fault_in, printable
from harness.devices.base import Connector, Options, Source, Staged
from harness.errors import SourceError, UsageError
from harness.limits import Limits
from harness.model import Artifact, Facts, Unread

__all__ = ["Folder"]

_KINDS = (
    (stat.S_ISLNK, "symbolic link, not followed"),
    (stat.S_ISFIFO, "named pipe, not opened"),
    (stat.S_ISSOCK, "socket, not opened"),
    (stat.S_ISCHR, "device, not opened"),
    (stat.S_ISBLK, "device, not opened"),
)


_BESIDE = ("-wal", "-journal", "-shm", ".crc")
"""What belongs to a file and has its name and more: taken along with it, as half of a database is none."""
_ARCHIVES = (
    *(".tar", ".tgz", ".tbz2", ".txz", ".tzst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"),
    *(".zip", ".7z", ".rar", ".ab", ".dmg", ".ipa", ".apk"),
)
"""Names of what holds other files. One that no connector can open is damaged or not known, and must not pass as a
file in which nothing was found."""


class Folder(Connector):
    """Files below a folder of this machine; or a single one."""

    title = "Folder or file"
    grammar = "FOLDER or FILE"

    def claims(self, source: str) -> float:
        if _is_folder(source):
            return 0.5
        return 0.3 if _is_file(source) and not source.lower().endswith(_ARCHIVES) else 0.0

    def open(self, source: str, options: Options) -> Source:
        if _is_folder(source):
            found = _walk(Path(source), options.limits)
        elif _is_file(source):
            found = _single(Path(source), options.limits)
        else:
            raise SourceError(f"no such folder or file: {printable(source)}")
        return Listing(printable(source), options.profile, arranged(found, options))

    def stage(self, folder: Path, files: Sequence[Staged]) -> str:
        root = folder / "pulled"
        root.mkdir()
        for file in files:
            if fault_in(file.path):
                raise UsageError("no folder can hold a file of that name")
            target = root / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.data)
            target.chmod(file.mode)
        return str(root)


def _is_folder(source: str) -> bool:
    try:
        return bool(source) and Path(source).is_dir()
    except (OSError, ValueError):
        return False


def _is_file(source: str) -> bool:
    try:
        return bool(source) and Path(source).is_file()
    except (OSError, ValueError):
        return False


def _single(file: Path, limits: Limits) -> Iterator[Artifact | Unread]:
    """The file, and what is beside it and belongs to it.

    Raises:
        SourceError: it may not be read, so that there is nothing at all.
    """
    try:
        file.open("rb").close()
    except PermissionError as error:
        raise SourceError(f"permission denied: {printable(str(file))}") from error
    except OSError as error:
        raise SourceError(f"cannot be read: {printable(str(file))}") from error
    for each in (file, *(file.with_name(file.name + suffix) for suffix in _BESIDE)):
        try:
            status = each.stat() if each is file else each.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            yield Unread(path=printable(each.name), reason=_reason(error))
            continue
        yield _item(each, printable(each.name), status, limits)


def _walk(root: Path, limits: Limits) -> Iterator[Artifact | Unread]:
    left = limits.entries
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(root / below) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Unread(path=printable(below) or ".", reason=_reason(error))
            continue
        for entry in entries:
            left -= 1
            if left < 0:
                yield Unread(path=".", reason="more entries than the limit allows")
                return
            path = f"{below}/{entry.name}" if below else entry.name
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                yield Unread(path=printable(path), reason=_reason(error))
                continue
            if stat.S_ISDIR(status.st_mode):
                pending.append(path)
            else:
                yield _item(Path(entry.path), printable(path), status, limits)


def _item(file: Path, path: str, status: os.stat_result, limits: Limits) -> Artifact | Unread:
    for is_kind, reason in _KINDS:
        if is_kind(status.st_mode):
            return Unread(path=path, reason=reason, expected=True)
    if reason := limits.oversize(status.st_size):
        return Unread(path=path, reason=reason, size=status.st_size)
    facts = Facts(path=path, size=status.st_size, modified=status.st_mtime)
    return Artifact(facts=facts, content=FileContent(file, FileStamp.of(status)))


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "permission denied"
        case errno.ENOENT | errno.ENOTDIR:
            return "gone while the folder was listed"
        case errno.ENAMETOOLONG:
            return "path is longer than a file system allows"
        case _:
            return "could not be listed"
