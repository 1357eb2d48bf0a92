"""AFC, Apple File Conduit: files of one folder of a phone.

A packet is `CFA6LPAA`, then four little-endian u64: its whole length, the length of header and arguments, a number to
be echoed, and the operation. What is written comes behind the arguments.
"""

import struct
from dataclasses import dataclass

from harness.emulators.lockdown.files import DENIED, INVALID, LOCKED, Fault, Folder
from harness.emulators.lockdown.phone import Phone
from harness.emulators.lockdown.wire import GONE, Stream

__all__ = ["serve_files"]

_HEADER = struct.Struct("<8s4Q")
_MAGIC = b"CFA6LPAA"
_STATUS, _DATA, _OPENED, _TOLD = 0x01, 0x02, 0x0E, 0x13
_UNKNOWN, _UNSUPPORTED = 1, 15
_LARGEST = 64 << 20
_MOST_FILES = 256
_READ, _CREATES, _EMPTIES, _APPENDS = 1, frozenset({2, 3, 4, 5, 6}), frozenset({3, 4}), frozenset({5, 6})
_UNLOCK = 8


@dataclass(slots=True)
class _File:
    name: str
    path: str
    data: bytearray
    mode: int
    at: int = 0
    changed: bool = False


class _Session:
    """One client, with the files that it has open."""

    def __init__(self, phone: Phone, folder: Folder) -> None:
        self._phone = phone
        self._folder = folder
        self._files: dict[int, _File] = {}
        self._next = 1

    def answer(self, operation: int, head: bytes, payload: bytes) -> tuple[int, bytes, bytes]:
        """Kind of the answer, its arguments and its data.

        Raises:
            Fault: it is refused.
        """
        match operation:
            case 0x03:
                names = (".", "..", *self._folder.names(_text(head)))
                return _DATA, b"", b"".join(name.encode("utf-8", "surrogateescape") + b"\0" for name in names)
            case 0x0A:
                return _DATA, b"", _pairs(self._about(_text(head)))
            case 0x0B:
                room = {"FSTotalBytes": 64 << 30, "FSFreeBytes": 32 << 30, "FSBlockSize": 4096}
                return _DATA, b"", _pairs({"Model": self._phone.values()["ProductType"], **room})
            case 0x0D:
                return _OPENED, struct.pack("<Q", self._open(_number(head), _text(head[8:]))), b""
            case 0x0F:
                file = self._file(head)
                piece = bytes(file.data[file.at : file.at + min(_number(head[8:]), _LARGEST)])
                file.at += len(piece)
                return _DATA, b"", piece
            case 0x12:
                return _TOLD, struct.pack("<Q", self._file(head).at), b""
            case _:
                self._change(operation, head, payload)
                return _STATUS, struct.pack("<Q", 0), b""

    def _change(self, operation: int, head: bytes, payload: bytes) -> None:
        match operation:
            case 0x10:
                self._write(self._file(head), head[8:] + payload)
            case 0x11:
                self._seek(self._file(head), _number(head[8:]), struct.unpack("<q", head[16:24])[0])
            case 0x14:
                self._close(_number(head))
            case 0x15:
                self._resize(self._file(head), _number(head[8:]))
            case 0x1B:
                self._lock(self._file(head), _number(head[8:]))
            case _:
                self._change_named(operation, head)

    def _change_named(self, operation: int, head: bytes) -> None:
        """What is done to a file or folder by its name."""
        match operation:
            case 0x07:
                name, size = _text(head[8:]), _number(head)
                self._folder.write(name, self._folder.read(name)[:size].ljust(min(size, _LARGEST), b"\0"))
            case 0x08 | 0x22:
                self._folder.remove(_text(head), deep=operation == 0x22)
            case 0x09:
                self._folder.make(_text(head))
            case 0x18:
                before, after = head.split(b"\0")[:2]
                self._folder.rename(_text(before), _text(after))
            case 0x1E:
                self._folder.entry(_text(head[8:]))
            case 0x1C:
                raise Fault(DENIED)  # links, of which a sandbox has none
            case _:
                raise Fault(_UNSUPPORTED)

    def close(self) -> None:
        """What is open is closed when the client hangs up."""
        for number in [*self._files]:
            self._close(number)

    def _about(self, name: str) -> dict[str, object]:
        entry = self._folder.entry(name)
        written = round(entry.modified * 1e9)
        return {
            "st_size": entry.size,
            "st_blocks": -(-entry.size // 512),
            "st_nlink": 1,
            "st_ifmt": "S_IFDIR" if entry.folder else "S_IFREG",
            "st_mtime": written,
            "st_birthtime": written,
        }

    def _open(self, mode: int, name: str) -> int:
        if mode not in _CREATES | {_READ} or len(self._files) >= _MOST_FILES:
            raise Fault(INVALID)
        try:
            data = self._folder.read(name)
        except Fault as fault:
            if fault.code == DENIED or mode == _READ or fault.code != 8:
                raise
            data = b""
            self._folder.write(name, b"")
        file = _File(name, self._folder.place(name), bytearray(b"" if mode in _EMPTIES else data), mode)
        file.changed = mode in _EMPTIES
        self._phone.journal.append(f"afc: {'read' if mode == _READ else 'write'} {file.path}")
        number, self._next = self._next, self._next + 1
        self._files[number] = file
        return number

    def _file(self, head: bytes) -> _File:
        found = self._files.get(_number(head))
        if found is None:
            raise Fault(INVALID)
        return found

    def _write(self, file: _File, data: bytes) -> None:
        if file.mode == _READ:
            raise Fault(DENIED)
        if file.mode in _APPENDS:
            file.at = len(file.data)
        if file.at + len(data) > _LARGEST:
            raise Fault(18)
        if file.at > len(file.data):
            file.data.extend(bytes(file.at - len(file.data)))
        file.data[file.at : file.at + len(data)] = data
        file.at += len(data)
        file.changed = True

    def _seek(self, file: _File, whence: int, offset: int) -> None:
        base = {0: 0, 1: file.at, 2: len(file.data)}.get(whence)
        if base is None or not 0 <= base + offset <= _LARGEST:
            raise Fault(INVALID)
        file.at = base + offset

    def _resize(self, file: _File, size: int) -> None:
        if file.mode == _READ or size > _LARGEST:
            raise Fault(DENIED)
        del file.data[size:]
        file.data.extend(bytes(size - len(file.data)))
        file.changed = True

    def _lock(self, file: _File, kind: int) -> None:
        held = self._phone.locked_paths
        if kind & _UNLOCK:
            held.pop(file.path, None)
        elif held.get(file.path, self) is not self:
            raise Fault(LOCKED)
        else:
            held[file.path] = self

    def _close(self, number: int) -> None:
        file = self._files.pop(number, None)
        if file is None:
            raise Fault(INVALID)
        if self._phone.locked_paths.get(file.path) is self:
            del self._phone.locked_paths[file.path]
        if file.changed:
            self._folder.write(file.name, bytes(file.data))


async def serve_files(phone: Phone, stream: Stream, folder: Folder) -> None:
    """Serve one client until it hangs up."""
    session = _Session(phone, folder)
    try:
        while True:
            magic, entire, this, number, operation = _HEADER.unpack(await stream.reader.readexactly(_HEADER.size))
            if magic != _MAGIC or not _HEADER.size <= this <= entire <= _LARGEST + 4096:
                return
            body = await stream.reader.readexactly(entire - _HEADER.size)
            arguments = this - _HEADER.size
            try:
                kind, head, data = session.answer(operation, body[:arguments], body[arguments:])
            except Fault as fault:
                kind, head, data = _STATUS, struct.pack("<Q", fault.code), b""
            except (struct.error, ValueError):
                kind, head, data = _STATUS, struct.pack("<Q", INVALID), b""
            length = _HEADER.size + len(head)
            stream.writer.write(_HEADER.pack(_MAGIC, length + len(data), length, number, kind) + head + data)
            await stream.writer.drain()
    except GONE:
        return
    finally:
        session.close()


def _text(head: bytes) -> str:
    return head.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _number(head: bytes) -> int:
    return int(struct.unpack("<Q", head[:8])[0])


def _pairs(told: "dict[str, object]") -> bytes:
    return b"".join(f"{name}\0{value}\0".encode() for name, value in told.items())
