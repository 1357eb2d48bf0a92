"""An archive that was taken from a device: tar, packed or not, and zip; known by its content, not by its name.

What a tar says of owners and modes is the device's own where the tar was made there. Archives within archives are
files like any other.
"""

import io
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from harness.devices._contents import Mapped, mapped, released
from harness.devices._listing import Listing, arranged
from harness.devices._paths import printable
from harness.devices._tar import BLOCK, is_header
from harness.devices._tar_items import tar_items
from harness.devices._unpacked import Unpacking, allowance, kept, packing_of, peek
from harness.devices._zip import DAMAGE, zip_items
from harness.devices._zip_salvage import salvaged
from harness.devices.base import Connector, Options, Source, Staged
from harness.errors import AccessDenied, SourceError
from harness.limits import Limits

__all__ = ["Archive"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MOST_EMPTY = 1 << 20


class Archive(Connector):
    """The members of a tar or zip file."""

    title = "Archive"
    grammar = "FILE.tar[.gz|.xz|.bz2|.zst] or FILE.zip"

    def claims(self, source: str) -> float:
        try:
            with Path(source).open("rb") as file:
                return _sureness(file)
        except (OSError, ValueError):
            return 0.0

    def open(self, source: str, options: Options) -> Source:
        name = printable(Path(source).name)
        file = _opened(source)
        try:
            head = file.read(BLOCK)
            file.seek(0)
            if head.startswith(_ZIP):
                return _open_zip(file, (printable(source), name), options)
            data, fault = _tar_bytes(file, packing_of(head), options.limits)
        except BaseException:
            file.close()
            raise
        file.close()
        if not _is_tar(bytes(data[:BLOCK]), len(data)):
            reason = f"the archive cannot be read: {fault}" if fault else "no tar or zip archive"
            raise SourceError(f"{reason}: {printable(source)}")
        found = tar_items(data, name, fault, options.limits)
        return Listing(printable(source), options.profile, arranged(found, options), release=lambda: released(data))

    def stage(self, folder: Path, files: Sequence[Staged]) -> str:
        target = folder / "pulled.tar.gz"
        with tarfile.open(target, "w:gz", format=tarfile.PAX_FORMAT) as archive:
            for file in files:
                member = tarfile.TarInfo(file.path)
                member.size, member.mode = len(file.data), file.mode
                archive.addfile(member, io.BytesIO(file.data))
        return str(target)


def _opened(source: str) -> IO[bytes]:
    try:
        return Path(source).open("rb")
    except PermissionError as error:
        raise AccessDenied(f"permission denied: {printable(source)}") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"no such file: {printable(source)}") from error


def _sureness(file: IO[bytes]) -> float:
    head = file.read(BLOCK)
    if head.startswith(_ZIP):
        return 0.9
    packing = packing_of(head)
    if not packing:
        size = file.seek(0, io.SEEK_END)
        return 0.9 if is_header(head) else 0.4 * _is_tar(head, size)
    file.seek(0)
    try:
        inside = peek(file, packing, BLOCK)
    except SourceError:
        return 0.8  # what would look inside is not installed; opening says so
    return 0.9 if is_header(inside) else 0.4 if inside and not any(inside) else 0.2


def _is_tar(head: bytes, size: int) -> bool:
    """Whether it begins like a tar; one without members is all zeros."""
    if is_header(head):
        return True
    return 2 * BLOCK <= size <= _MOST_EMPTY and size % BLOCK == 0 and not any(head)


def _tar_bytes(file: IO[bytes], packing: str, limits: Limits) -> tuple[Mapped, str]:
    if not packing:
        return mapped(file), ""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    unpacking = Unpacking(file, packing, allowance(limits, size))
    data = kept(unpacking.chunks())
    return data, unpacking.fault


def _open_zip(file: IO[bytes], names: tuple[str, str], options: Options) -> Source:
    source, name = names
    most = allowance(options.limits, file.seek(0, io.SEEK_END))
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGE as error:
        with file:
            found = salvaged(mapped(file), name, options.limits, most=most)
        if not found:
            raise SourceError(f"damaged zip archive: {source}") from error
        return Listing(source, options.profile, arranged(found, options))

    def release() -> None:
        archive.close()
        file.close()

    items = zip_items(archive, name, options.limits, most=most)
    return Listing(source, options.profile, arranged(items, options), release=release)
