"""A folder on disk, or one file: what somebody pulled from a device, or unpacked.

Owner, group and mode are those of the copy on this machine, not of the device, so they are not known.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.devices._listing import Listing, arranged
from harness.devices._paths import fault_in, printable
from harness.devices._walking import item_of, reason_of, walked
from harness.devices.base import Connector, Options, Source, Staged
from harness.errors import SourceError, UsageError
from harness.limits import Limits
from harness.model import Artifact, Unread

__all__ = ["Folder"]

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
            found = walked(Path(source), options.limits)
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
            yield Unread(path=printable(each.name), reason=reason_of(error))
            continue
        yield item_of(each, printable(each.name), status, limits)
