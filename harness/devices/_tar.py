"""Reads tar archives: ustar, GNU and pax headers, sparse files, SELinux labels.

Python's own reader is not used because hostile headers may keep it busy for ever, and because it takes a damaged
header for the end of the archive. Here damage is told, and what stands behind it is searched for.

Sources: POSIX.1-2017 `pax`, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format"
and "Storing Sparse Files".
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.devices._contents import Mapped
from harness.devices._tar_sparse import Sparse, gnu_map, pax_map

__all__ = ["BLOCK", "Damage", "Member", "is_header", "members"]

BLOCK = 512
LONGEST_EXTENSION = 1 << 20
"""A pax or long-name header beyond this size is passed over, and told as damage."""

_NOT_ZERO = re.compile(rb"[^\0]")
_DIGITS = re.compile(r"[0-9]{1,18}")
_KINDS = {
    ord("1"): "hard link",
    ord("2"): "symbolic link",
    ord("3"): "device",
    ord("4"): "device",
    ord("5"): "folder",
    ord("6"): "named pipe",
    ord("D"): "folder",
    ord("M"): "part",
    ord("V"): "label",
}
_WITHOUT_DATA = frozenset(b"123456")
_SELINUX = ("RHT.security.selinux", "SCHILY.xattr.security.selinux")

_SHARED = frozenset({"path", "size", "mtime", "uid", "gid", *_SELINUX})
"""Records that are understood; those of all members, from a global header, are few, whatever the archive says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member, with the numbers of its header; `None` where the header does not say or makes no sense."""

    name: bytes = field(repr=False)
    kind: str
    """`file`, `folder`, `hard link`, `symbolic link`, `device`, `named pipe`, `label` or `part`."""
    start: int
    size: int
    """Of the bytes in the archive, as its header says; fewer are there where the archive is cut off."""
    mode: int | None
    owner: int | None
    group: int | None
    modified: float | None
    label: str | None = None
    sparse: Sparse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A run of the archive that is not what it should be."""

    reason: str
    size: int = 0
    name: bytes = field(default=b"", repr=False)
    """Of the member that is damaged, where one is known."""


def members(data: Mapped) -> Iterator[Member | Damage]:
    """Everything that an archive holds, in its order there."""
    return _Reader(data).run()


def is_header(block: bytes) -> bool:
    """Whether a block is a header: its checksum is right."""
    if len(block) < BLOCK:
        return False
    told = _octal(block[148:156])
    if told is None:
        return False
    summed = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    # Some old writers summed signed characters.
    return told == summed or (not block.isascii() and told == summed - 256 * sum(byte > 127 for byte in block))


def _octal(text: bytes) -> int | None:
    digits = text.strip(b" \0")
    try:
        return int(digits, 8) if digits.isdigit() else None
    except ValueError:
        return None


def _number(text: bytes) -> int | None:
    """Octal digits, or base 256 where the first bit is set (GNU); negative ones make no sense."""
    if text[0] & 0x80:
        return int.from_bytes(text[1:], "big") if text[0] == 0x80 else None
    return _octal(text)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


class _Reader:
    """Where the reading of one archive stands."""

    def __init__(self, data: Mapped) -> None:
        self.data = data
        self.at = 0
        self.shared: dict[str, bytes] = {}
        self.records: dict[str, bytes] = {}

    def run(self) -> Iterator[Member | Damage]:
        complete = False
        while self.at < len(self.data):
            block = bytes(self.data[self.at : self.at + BLOCK])
            if not any(block):
                found = _NOT_ZERO.search(self.data, self.at)
                self.at = found.start() // BLOCK * BLOCK if found else len(self.data)
                complete = not self.records
                continue
            complete = False
            size = _number(block[124:136]) if is_header(block) else None
            if size is None:
                yield self._pass_over()
            elif block[156] in b"xgLK":
                yield from self._extend(block[156], size)
            else:
                yield from self._member(block, size)
        if not complete:
            yield Damage(reason="the archive ends without its end mark")

    def _pass_over(self) -> Damage:
        """Go to the next header, which is found by its magic, or to the end."""
        start = self.at
        self.records = {}
        self.at = search = start + BLOCK
        while (found := self.data.find(b"ustar", search)) >= 0:
            self.at = found - 257
            if self.at > start and not self.at % BLOCK and is_header(bytes(self.data[self.at : self.at + BLOCK])):
                return Damage(reason="damaged archive, not a header", size=self.at - start)
            search = found + 1
        self.at = len(self.data)
        return Damage(reason="damaged archive, not a header", size=self.at - start)

    def _extend(self, kind: int, size: int) -> Iterator[Damage]:
        start = self.at + BLOCK
        self.at = start + _padded(size)
        if size > LONGEST_EXTENSION or start + size > len(self.data):
            yield Damage(reason="damaged archive, extension header", size=size)
            return
        body = bytes(self.data[start : start + size])
        if kind == ord("L"):
            self.records["path"] = body.rstrip(b"\0")
        elif kind != ord("K"):
            records = _records(body)
            if records is None:
                yield Damage(reason="damaged archive, extension header", size=size)
                return
            if kind == ord("g"):
                self.shared.update((key, value) for key, value in records.items() if key in _SHARED)
            else:
                self.records.update(records)

    def _member(self, block: bytes, size: int) -> Iterator[Member | Damage]:
        said = self.shared | self.records if self.shared else self.records
        self.records = {}
        stored = _decimal(said, "size") or size
        start, kind = self.at + BLOCK, block[156]
        sparse: Sparse | None = None
        if kind == ord("S"):
            sparse, start = gnu_map(self.data, block, start)
        elif any(key.startswith("GNU.sparse.") for key in said):
            sparse = pax_map(self.data, said, start, stored)
        stored = 0 if kind in _WITHOUT_DATA else stored
        self.at = start + _padded(stored)
        name = said.get("GNU.sparse.name") or said.get("path") or _name(block)
        folder = kind in b"07\0" and name.endswith(b"/")
        yield Member(
            name=name,
            kind="folder" if folder else _KINDS.get(kind, "file"),
            start=start,
            size=stored,
            mode=_octal(block[100:108]),
            owner=_either(_decimal(said, "uid"), _number(block[108:116])),
            group=_either(_decimal(said, "gid"), _number(block[116:124])),
            modified=_time(said, _number(block[136:148])),
            label=_label(said),
            sparse=sparse,
        )
        if start + stored > len(self.data):
            yield Damage(reason="cut off", size=start + stored - max(start, len(self.data)), name=name)
        elif sparse is not None and sparse.damaged:
            yield Damage(reason="the map of a sparse file makes no sense", size=stored, name=name)


def _name(block: bytes) -> bytes:
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0" and block[345]:  # GNU keeps times where the prefix would be
        return block[345:500].split(b"\0", 1)[0] + b"/" + name
    return name


def _records(body: bytes) -> dict[str, bytes] | None:
    """`LENGTH KEY=VALUE` lines of a pax header; nothing where one makes no sense."""
    records: dict[str, bytes] = {}
    at = 0
    while at < len(body) and body[at]:
        space = body.find(b" ", at, at + 20)
        digits = body[at:space] if space > 0 else b""
        if not digits.isdigit() or not space < (end := at + int(digits)) <= len(body):
            return None
        key, equals, value = body[space + 1 : end - 1].partition(b"=")
        if not equals:
            return None
        name = key.decode("utf-8", "replace")
        if name in _SHARED or name.startswith("GNU.sparse."):
            records[name] = value
        at = end
    return records


def _decimal(said: dict[str, bytes], key: str) -> int | None:
    text = said.get(key, b"").decode("ascii", "replace")
    return int(text) if _DIGITS.fullmatch(text) else None


def _either(said: int | None, header: int | None) -> int | None:
    return header if said is None else said


def _time(said: dict[str, bytes], otherwise: int | None) -> float | None:
    try:
        told = float(said["mtime"]) if "mtime" in said else otherwise
    except ValueError:
        return otherwise
    return float(told) if told is not None and math.isfinite(told) and abs(told) < 1 << 40 else None


def _label(said: dict[str, bytes]) -> str | None:
    for key in _SELINUX:
        if key in said:
            return said[key].rstrip(b"\0").decode("ascii", "replace")
    return None
