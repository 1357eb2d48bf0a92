"""An Android backup on disk, as `adb backup` and others write it: plain, or encrypted with a password."""

import io
import os
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from harness.devices._android_backup import MAGIC, backup_items, unpack
from harness.devices._contents import open_regular, released
from harness.devices._listing import Listing, from_backup
from harness.devices._paths import printable
from harness.devices._unpacked import allowance
from harness.devices.base import Connector, Options, Source, Staged
from harness.errors import AccessDenied, FormatError, SourceError

__all__ = ["AndroidBackup"]

_STEP = 1 << 20
_APP = "com.example.shop"
_SHORT = {"files": "f", "databases": "db", "shared_prefs": "sp"}


class AndroidBackup(Connector):
    """The apps' files in a backup."""

    title = "Android backup"
    grammar = "FILE.ab"

    def claims(self, source: str) -> float:
        try:
            with open_regular(Path(source)) as file:
                return 0.95 if file.read(len(MAGIC)) == MAGIC else 0.0
        except (AccessDenied, FormatError, OSError):
            return 0.0

    def open(self, source: str, options: Options) -> Source:
        shown = printable(source)
        with _opened(source, shown) as file:
            most = allowance(options.limits, os.fstat(file.fileno()).st_size)
            try:
                unpacked = unpack(
                    _chunks(file),
                    options.limits,
                    unlock=lambda lock: lock.opened(shown, options.passwords),
                    most=most,
                )
            except OSError as error:
                raise SourceError("no room to unpack the backup", hint="point TMPDIR at a larger disk") from error
        items = from_backup(backup_items(unpacked, options.limits), options, _owns)
        return Listing(shown, options.profile, items, release=lambda: released(unpacked.data))

    def stage(self, folder: Path, files: Sequence[Staged]) -> str:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for file in files:
                top, _, rest = file.path.partition("/")
                short = f"{_SHORT[top]}/{rest}" if top in _SHORT else f"r/{file.path}"
                member = tarfile.TarInfo(file.path if file.path.startswith("/") else f"apps/{_APP}/{short}")
                member.size, member.mode = len(file.data), file.mode
                archive.addfile(member, io.BytesIO(file.data))
        target = folder / "backup.ab"
        target.write_bytes(MAGIC + b"5\n1\nnone\n" + zlib.compress(packed.getvalue()))
        return str(target)


def _opened(source: str, shown: str) -> IO[bytes]:
    try:
        return open_regular(Path(source))
    except AccessDenied as error:
        raise AccessDenied(f"permission denied: {shown}") from error
    except FormatError as error:
        raise SourceError(f"no such file: {shown}") from error


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_STEP):
        yield chunk


def _owns(app: str, container: str) -> bool:
    """An app has its own folder, and others beside it: `com.example.shop/external`."""
    return container.partition("/")[0] == app
