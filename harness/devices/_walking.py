"""Goes through a folder of this machine: what is there, without following what leads out of it.

Owner, group and mode are those of the copy on this machine, not of the device, so they are not known.
"""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from harness.devices._contents import FileContent, FileStamp
from harness.devices._paths import printable
from harness.limits import Limits
from harness.model import Artifact, Facts, Unread

__all__ = ["item_of", "reason_of", "walked"]

_KINDS = (
    (stat.S_ISLNK, "symbolic link, not followed"),
    (stat.S_ISFIFO, "named pipe, not opened"),
    (stat.S_ISSOCK, "socket, not opened"),
    (stat.S_ISCHR, "device, not opened"),
    (stat.S_ISBLK, "device, not opened"),
)


def walked(root: Path, limits: Limits) -> Iterator[Artifact | Unread]:
    """Everything below a folder, in no order that matters; paths are relative to it."""
    left = limits.entries
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(root / below) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Unread(path=printable(below) or ".", reason=reason_of(error))
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
                yield Unread(path=printable(path), reason=reason_of(error))
                continue
            if stat.S_ISDIR(status.st_mode):
                pending.append(path)
            else:
                yield item_of(Path(entry.path), printable(path), status, limits)


def item_of(file: Path, path: str, status: os.stat_result, limits: Limits) -> Artifact | Unread:
    """One entry of a folder, under the path that it is to have."""
    for is_kind, reason in _KINDS:
        if is_kind(status.st_mode):
            return Unread(path=path, reason=reason, expected=True)
    if reason := limits.oversize(status.st_size):
        return Unread(path=path, reason=reason, size=status.st_size)
    facts = Facts(path=path, size=status.st_size, modified=status.st_mtime)
    return Artifact(facts=facts, content=FileContent(file, FileStamp.of(status)))


def reason_of(error: OSError) -> str:
    """Why something could not be listed."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "permission denied"
        case errno.ENOENT | errno.ENOTDIR:
            return "gone while the folder was listed"
        case errno.ENAMETOOLONG:
            return "path is longer than a file system allows"
        case _:
            return "could not be listed"
