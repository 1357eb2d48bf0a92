"""`adb backup`: the stream that a device writes and reads. A header of four lines, then a tar in zlib.

Runs as root in a forked child. It reads and writes each app's files as the app itself, as the backup agent in the
app's own process does, so that a link in an app's folder leads nobody to another's.
"""

import io
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from harness.emulators.android.framework.places import FOLDER_OF, Places
from harness.emulators.android.ports import Package
from harness.errors import FormatError

__all__ = ["HEADER", "is_backed_up", "read", "write"]

HEADER = b"ANDROID BACKUP\n5\n1\nnone\n"
"""Version 5, compressed, not encrypted."""

_LEFT_OUT = frozenset({"cache", "code_cache", "no_backup", "lib"})
_SIGNATURE = "00" * 32
_LONGEST_HEADER = 64
_LARGEST_FILE = 512 << 20
_MOST_ENTRIES = 100_000


def is_backed_up(package: Package, api: int) -> bool:
    """Whether `adb backup` takes an app. Since Android 12, apps that target it must be debuggable for it."""
    if not package.allow_backup:
        return False
    return package.debuggable or api < 31 or package.target_sdk < 31


def write(packages: Iterable[Package], places: Places, api: int, out: Callable[[bytes], None]) -> None:
    """Write a backup of some apps; those that are not backed up are left out without a word, as on a phone.

    Raises:
        OSError: the reader has gone.
    """
    out(HEADER)
    sink = _Packed(out)

    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        for package in packages:
            if is_backed_up(package, api):
                _app(archive, package, places, api)
    sink.finish()


class _Packed:
    """A sink for a tar stream that compresses what comes."""

    def __init__(self, out: Callable[[bytes], None]) -> None:
        self._out = out
        self._packer = zlib.compressobj(6)

    def write(self, data: bytes) -> int:
        if packed := self._packer.compress(data):
            self._out(packed)
        return len(data)

    def finish(self) -> None:
        """Write what is left."""
        self._out(self._packer.flush())


def _app(archive: tarfile.TarFile, package: Package, places: Places, api: int) -> None:
    manifest = f"1\n{package.name}\n{package.version_code}\n{api}\n\n0\n1\n{_SIGNATURE}\n".encode()
    entry = tarfile.TarInfo(f"apps/{package.name}/_manifest")
    entry.size, entry.mode, entry.uid, entry.gid = len(manifest), 0o600, 1000, 1000
    archive.addfile(entry, io.BytesIO(manifest))
    with _as_app(package):
        for prefix, root in (("", places.data(package)), ("d_", places.protected(package))):
            for domain, folder in _domains(root):
                _folder(archive, folder, PurePosixPath("apps", package.name, prefix + domain))


def _domains(root: Path) -> Iterator[tuple[str, Path]]:
    """What a backup calls an app's folders, in the agent's order; those with no name of their own are in `r`."""
    named = {folder: domain for domain, folder in FOLDER_OF.items()}
    with suppress(OSError):
        for path in sorted(root.iterdir()):
            if path.name not in named and path.name not in _LEFT_OUT:
                yield f"r/{path.name}", path
    for domain, folder in FOLDER_OF.items():
        if folder not in _LEFT_OUT:
            yield domain, root / folder


def _folder(archive: tarfile.TarFile, path: Path, name: PurePosixPath) -> None:
    """A file, or a folder with all below it. Links and what is neither are left out, and so is what is refused."""
    waiting = [(path, name)]
    while waiting:
        path, name = waiting.pop()
        with suppress(OSError):
            about = path.lstat()
            if stat.S_ISDIR(about.st_mode):
                waiting += [(each, name / each.name) for each in sorted(path.iterdir(), reverse=True)]
                if name.name in FOLDER_OF or name.name.removeprefix("d_") in FOLDER_OF:
                    continue
                archive.addfile(_entry(name, about, folder=True))
            elif stat.S_ISREG(about.st_mode):
                _file(archive, path, name)


def _file(archive: tarfile.TarFile, path: Path, name: PurePosixPath) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as opened:  # noqa: PTH123
        entry = _entry(name, os.fstat(descriptor), folder=False)
        archive.addfile(entry, _Steady(opened))  # type: ignore[arg-type]


def _entry(name: PurePosixPath, about: os.stat_result, *, folder: bool) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(str(name))
    entry.type = tarfile.DIRTYPE if folder else tarfile.REGTYPE
    entry.size = 0 if folder else about.st_size
    entry.mode, entry.uid, entry.gid, entry.mtime = (
        about.st_mode & 0o7777,
        about.st_uid,
        about.st_gid,
        int(about.st_mtime),
    )
    return entry


class _Steady:
    """A file that never ends: one that shrinks while it is read must not spoil the whole stream."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened

    def read(self, size: int) -> bytes:
        found = self._opened.read(size)
        return found + bytes(size - len(found))


@contextmanager
def _as_app(package: Package) -> Iterator[None]:
    os.setegid(package.uid)
    os.seteuid(package.uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


# -- restored ------------------------------------------------------------------------------------


def read(source: Callable[[int], bytes], packages: dict[str, Package], places: Places) -> int:
    """Restore apps that are installed and allow it from a stream; how many files there were.

    Raises:
        FormatError: it is no backup, or one that is encrypted.
    """
    head = b""
    while head.count(b"\n") < 4:
        piece = source(1)
        head += piece
        if not piece or len(head) > _LONGEST_HEADER:
            raise FormatError("no backup")
    magic, version, packed, encryption, _ = head.split(b"\n")
    if magic != b"ANDROID BACKUP" or not version.isdigit() or encryption != b"none":
        raise FormatError("no backup that can be read")
    unpacked = _Unpacked(source) if packed == b"1" else _Plain(source)
    restored = 0
    try:
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:  # type: ignore[call-overload]
            for number, entry in enumerate(archive):
                if number > _MOST_ENTRIES:
                    raise FormatError("too many files")
                restored += _restore(archive, entry, packages, places)
    except (tarfile.TarError, zlib.error, ValueError, EOFError) as error:
        raise FormatError("a damaged backup") from error
    return restored


def _restore(archive: tarfile.TarFile, entry: tarfile.TarInfo, packages: dict[str, Package], places: Places) -> int:
    parts = entry.name.split("/")
    if len(parts) < 4 or parts[0] != "apps" or any(part in {"", ".", ".."} for part in parts):
        return 0
    package = packages.get(parts[1])
    content = archive.extractfile(entry) if entry.isreg() and entry.size <= _LARGEST_FILE else None
    if package is None or not package.allow_backup or content is None:
        return 0
    root = places.protected(package) if parts[2].startswith("d_") else places.data(package)
    domain = parts[2].removeprefix("d_")
    if domain != "r" and domain not in FOLDER_OF:
        return 0
    target = root.joinpath(*([] if domain == "r" else [FOLDER_OF[domain]]), *parts[3:])
    with _as_app(package), suppress(OSError):
        target.parent.mkdir(mode=0o771, parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as opened:  # noqa: PTH123
            while piece := content.read(65536):
                opened.write(piece)
            os.fchmod(descriptor, entry.mode & 0o777)
        return 1
    return 0


class _Plain:
    """A stream in pieces of the size that is asked for."""

    def __init__(self, source: Callable[[int], bytes]) -> None:
        self._source = source

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size and (piece := self._source(size - len(found))):
            found += piece
        return found


class _Unpacked(_Plain):
    """The same of a stream in zlib, without ever holding more than was asked for and one piece."""

    def __init__(self, source: Callable[[int], bytes]) -> None:
        super().__init__(self._piece)
        self._packed = source
        self._unpacker = zlib.decompressobj()

    def _piece(self, size: int) -> bytes:
        while not self._unpacker.eof:
            data = self._unpacker.unconsumed_tail or self._packed(65536)
            if not data:
                return b""
            if found := self._unpacker.decompress(data, size):
                return found
        return b""
