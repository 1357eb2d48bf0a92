"""What an installer needs to know of an APK: its manifest, which is XML in Android's own binary form.

Layout of the chunks: `ResourceTypes.h` of AOSP. Written too, so that tests can install what they made up.
"""

import codecs
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.emulators.android.ports import Package
from harness.errors import FormatError

__all__ = ["build", "is_package_name", "read"]

_MANIFEST = "AndroidManifest.xml"
_LARGEST_MANIFEST = 4 << 20
_MOST_STRINGS = 65536
_POOL, _XML, _RESOURCES, _START, _END = 0x0001, 0x0003, 0x0180, 0x0102, 0x0103
_UTF8 = 1 << 8
_NONE = 0xFFFFFFFF
_INTEGER, _BOOLEAN, _STRING = 0x10, 0x12, 0x03

_ATTRIBUTES = {
    "versionCode": 0x0101021B,
    "minSdkVersion": 0x0101020C,
    "targetSdkVersion": 0x01010270,
    "debuggable": 0x0101000F,
    "allowBackup": 0x01010280,
}
"""`R.attr`: names in a manifest may be stripped, these numbers may not."""

for _codec in ("cp437", "utf-8", "utf-16-le"):
    codecs.lookup(_codec)  # `zipfile` and this file need them after the root switch, where nothing can be imported


def is_package_name(name: str) -> bool:
    """Whether Android takes it for a package's name, and a path cannot be made of it."""
    return len(name) <= 223 and re.fullmatch(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", name, re.ASCII) is not None


def read(path: Path) -> Package:
    """The package in an APK; its uid is not known yet.

    Raises:
        FormatError: it is no APK.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as opened, opened.open(_MANIFEST) as manifest:
            data = manifest.read(_LARGEST_MANIFEST + 1)
        if len(data) > _LARGEST_MANIFEST:
            raise FormatError("the manifest is too large")
        return _package(data)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise FormatError("no archive with a manifest") from error
    except (struct.error, ValueError, IndexError) as error:
        raise FormatError("the manifest is damaged") from error


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    attributes: dict[str | int, str | int]


def _package(data: bytes) -> Package:
    name, version, target, debuggable, backup = "", 1, 0, False, True
    for element in _elements(data):
        found = element.attributes
        if element.name == "manifest":
            name = str(found.get("package", ""))
            version = int(found.get(_ATTRIBUTES["versionCode"], 1))
        elif element.name == "uses-sdk":
            least = int(found.get(_ATTRIBUTES["minSdkVersion"], 1))
            target = int(found.get(_ATTRIBUTES["targetSdkVersion"], least))
        elif element.name == "application":
            debuggable = bool(found.get(_ATTRIBUTES["debuggable"], 0))
            backup = bool(found.get(_ATTRIBUTES["allowBackup"], 1))
    if not is_package_name(name):
        raise ValueError("no package name")
    return Package(
        name=name,
        uid=0,
        debuggable=debuggable,
        allow_backup=backup,
        version_code=version,
        target_sdk=max(1, target),
    )


def _elements(data: bytes) -> Iterator[_Element]:
    kind, header, size = struct.unpack_from("<HHI", data)
    if kind != _XML or size > len(data):
        raise ValueError("no binary XML")
    strings: list[str] = []
    numbers: tuple[int, ...] = ()
    at = header
    while at + 8 <= size:
        kind, header, length = struct.unpack_from("<HHI", data, at)
        if length < 8 or at + length > size:
            raise ValueError("a chunk that ends outside")
        chunk = data[at : at + length]
        if kind == _POOL:
            strings = _strings(chunk)
        elif kind == _RESOURCES:
            numbers = struct.unpack_from(f"<{(length - header) // 4}I", chunk, header)
        elif kind == _START:
            yield _element(chunk, header, strings, numbers)
        at += length


def _strings(chunk: bytes) -> list[str]:
    count, _, flags, start, _ = struct.unpack_from("<5I", chunk, 8)
    if count > _MOST_STRINGS:
        raise ValueError("too many strings")
    offsets = struct.unpack_from(f"<{count}I", chunk, 28)
    return [_string(chunk, start + offset, utf8=bool(flags & _UTF8)) for offset in offsets]


def _string(chunk: bytes, at: int, *, utf8: bool) -> str:
    if utf8:
        _, at = _length(chunk, at, 1)  # in characters
        size, at = _length(chunk, at, 1)
        return chunk[at : at + size].decode("utf-8", errors="replace")
    size, at = _length(chunk, at, 2)
    return chunk[at : at + 2 * size].decode("utf-16-le", errors="replace")


def _length(chunk: bytes, at: int, width: int) -> tuple[int, int]:
    """A length of one or two units; the top bit of the first says that there is a second."""
    bits = 8 * width - 1
    first = int.from_bytes(chunk[at : at + width], "little")
    if not first >> bits:
        return first, at + width
    second = int.from_bytes(chunk[at + width : at + 2 * width], "little")
    return (first & ~(1 << bits)) << 8 * width | second, at + 2 * width


def _element(chunk: bytes, header: int, strings: list[str], numbers: tuple[int, ...]) -> _Element:
    _, name, start, width, count = struct.unpack_from("<IIHHH", chunk, header)
    attributes: dict[str | int, str | int] = {}
    for place in range(count):
        _, key, raw, _, _, kind, value = struct.unpack_from("<IIIHBBI", chunk, header + start + place * width)
        found: str | int = strings[value] if kind == _STRING else strings[raw] if raw != _NONE else value
        attributes[numbers[key] if key < len(numbers) else strings[key]] = found
    return _Element(strings[name], attributes)


# -- written -------------------------------------------------------------------------------------


def build(package: Package) -> bytes:
    """The smallest APK that installs as this package; its uid is left to the device."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_MANIFEST, _manifest(package))
    return written.getvalue()


def _manifest(package: Package) -> bytes:
    names = [*_ATTRIBUTES, "package", "manifest", "uses-sdk", "application", package.name]
    place = {name: number for number, name in enumerate(names)}

    def attribute(name: str, kind: int, value: int) -> bytes:
        raw = value if kind == _STRING else _NONE
        return struct.pack("<IIIHBBI", _NONE, place[name], raw, 8, 0, kind, value)

    def element(name: str, *attributes: bytes) -> bytes:
        body = struct.pack("<IIHHHHHH", _NONE, place[name], 20, 20, len(attributes), 0, 0, 0) + b"".join(attributes)
        return struct.pack("<HHIII", _START, 16, 16 + len(body), 1, _NONE) + body

    def end(name: str) -> bytes:
        return struct.pack("<HHIIIII", _END, 16, 24, 1, _NONE, _NONE, place[name])

    body = (
        _pool(names)
        + struct.pack(f"<HHI{len(_ATTRIBUTES)}I", _RESOURCES, 8, 8 + 4 * len(_ATTRIBUTES), *_ATTRIBUTES.values())
        + element(
            "manifest",
            attribute("versionCode", _INTEGER, package.version_code),
            attribute("package", _STRING, place[package.name]),
        )
        + element("uses-sdk", attribute("targetSdkVersion", _INTEGER, package.target_sdk))
        + end("uses-sdk")
        + element(
            "application",
            attribute("debuggable", _BOOLEAN, _NONE if package.debuggable else 0),
            attribute("allowBackup", _BOOLEAN, _NONE if package.allow_backup else 0),
        )
        + end("application")
        + end("manifest")
    )
    return struct.pack("<HHI", _XML, 8, 8 + len(body)) + body


def _pool(names: list[str]) -> bytes:
    pieces = [struct.pack("<H", len(name)) + name.encode("utf-16-le") + b"\0\0" for name in names]
    offsets = [sum(map(len, pieces[:number])) for number in range(len(pieces))]
    joined = b"".join(pieces)
    joined += bytes(-len(joined) % 4)
    start = 28 + 4 * len(names)
    header = struct.pack("<HHIIIIII", _POOL, 28, start + len(joined), len(names), 0, 0, start, 0)
    return header + struct.pack(f"<{len(names)}I", *offsets) + joined
