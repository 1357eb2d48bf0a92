"""Lists the members of zip archives.

Zip members carry no owner, and the modes in them are those of whoever packed them, so neither is known.

Source: PKWARE APPNOTE 6.3.10; Info-ZIP extra field 0x5455, "Extended Timestamp".
"""

import calendar
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.devices._contents import IN_MEMORY, anonymous
from harness.devices._paths import fault_in, printable, shortened, tidy
from harness.errors import FormatError
from harness.limits import Limits
from harness.model import Artifact, Buffer, Facts, Unread

__all__ = ["DAMAGE", "zip_items"]

DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
)
"""What `zipfile` raises at hostile archives."""
_STEP = 1 << 20
_ENCRYPTED = 0x1
_UTF8 = 0x800
_UNIX = 3
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_KINDS = {
    stat.S_IFLNK: "symbolic link, not followed",
    stat.S_IFIFO: "named pipe, not opened",
    stat.S_IFSOCK: "socket, not opened",
    stat.S_IFCHR: "device, not opened",
    stat.S_IFBLK: "device, not opened",
}


@dataclass(frozen=True, slots=True)
class _Member:
    """A member, unpacked when it is asked for."""

    archive: zipfile.ZipFile = field(repr=False)
    info: zipfile.ZipInfo = field(repr=False)

    @property
    def size(self) -> int:
        return self.info.file_size

    def read(self) -> Buffer:
        try:
            with self.archive.open(self.info) as stream:
                small = self.size <= IN_MEMORY
                data = stream.read() if small else anonymous(iter(lambda: stream.read(_STEP), b""))
        except DAMAGE as error:
            raise FormatError("damaged archive member") from error
        if len(data) != self.size:
            raise FormatError("archive member is shorter than it says")
        return data


def zip_items(archive: zipfile.ZipFile, name: str, limits: Limits, *, most: int) -> Iterator[Artifact | Unread]:
    """What a zip archive called `name` holds, up to `most` bytes."""
    left = most
    for count, info in enumerate(archive.infolist()):
        if count == limits.entries:
            yield Unread(path=name, reason="more entries than the limit allows")
            return
        item = _item(archive, info, limits)
        if isinstance(item, Artifact):
            left -= item.facts.size
            if left < 0:
                item = Unread(
                    path=item.path, reason="the archive unpacks to more than the limit", size=item.facts.size
                )
        if item is not None:
            yield item


def _item(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Artifact | Unread | None:
    raw = _name(info)
    path = tidy(raw)
    if not path and info.is_dir():
        return None
    if fault := fault_in(path):
        return Unread(path=shortened(raw), reason=fault, size=info.file_size)
    if raw.endswith("/"):
        return None
    path = printable(path)
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == _UNIX else 0
    if kind in _KINDS:
        return Unread(path=path, reason=_KINDS[kind], expected=True)
    if refusal := _refusal(info, limits):
        return Unread(path=path, reason=refusal, size=info.file_size)
    return Artifact(
        facts=Facts(path=path, size=info.file_size, modified=_modified(info)), content=_Member(archive, info)
    )


def _refusal(info: zipfile.ZipInfo, limits: Limits) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "encrypted member"
    if info.compress_type not in _METHODS:
        return "compressed in a way that is not understood"
    return limits.oversize(info.file_size)


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it is in the archive; many packers write UTF-8 and do not say so."""
    raw = info.orig_filename
    if info.flag_bits & _UTF8:
        return raw
    try:
        return raw.encode("cp437").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return raw


def _modified(info: zipfile.ZipInfo) -> float | None:
    """UTC where the packer recorded it; else the local time of an unknown place, taken as UTC."""
    extra, at = info.extra, 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<HH", extra, at)
        if tag == 0x5455 and size >= 5 and at + 9 <= len(extra) and extra[at + 4] & 1:
            return float(struct.unpack_from("<i", extra, at + 5)[0])
        at += 4 + size
    try:
        return float(calendar.timegm((*info.date_time, 0, 0, 0)))
    except ValueError:
        return None
