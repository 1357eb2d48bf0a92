"""The `sync` service: `push`, `pull` and `ls`. Blocking code, for a forked child that already is who asks.

So every refusal is the kernel's. The protocol hides some: a denied listing is an empty one, a denied version-1 `stat`
is all zeros. (AOSP packages/modules/adb, SYNC.TXT and file_sync_protocol.h)
"""

import io
import os
import socket
import struct
from collections.abc import Callable
from typing import IO

from harness.emulators.android.sync_store import DATA_BYTES, Incoming, SyncEnded, SyncFailed, store

__all__ = ["serve_requests"]

_LONGEST_PATH = 1024
_BATCH = 15
"""Pieces of a file that leave in one write."""
_RECEIVED = 1 << 18
_LISTED = 1 << 16
_FIELDS_V2 = struct.Struct("<IQQIIIIQqqq")
_NOTHING_V2 = (0,) * 10
_WORD = 0xFFFFFFFF
_DRY_RUN = 0x80000000
_EIO = 5
_ON_THE_WIRE = frozenset({1, 2, 4, 5, 12, 13, 14, 17, 20, 21, 22, 23, 24, 26, 27, 28, 30, 36, 40, 75})
"""Error numbers that the protocol has words for; all others are EIO."""
_CHANGES = frozenset({b"SEND", b"SND2"})


def serve_requests(channel: int, journal: int) -> int:
    """Serve one client until it quits; the exit code of the child."""
    with socket.socket(fileno=channel) as connection, os.fdopen(journal, "wb", buffering=4096) as notes:
        os.umask(0)  # modes are given as the client says
        try:
            _Session(connection, notes).run()
        except (SyncEnded, BrokenPipeError, ConnectionResetError):
            return 0
    return 0


class _Session:
    """Requests, one after the other."""

    def __init__(self, connection: socket.socket, notes: IO[bytes]) -> None:
        self._send = connection.sendall
        self._incoming = Incoming(io.BufferedReader(socket.SocketIO(connection, "r"), _RECEIVED))
        self._notes = notes
        self._pieces = memoryview(bytearray(_BATCH * (DATA_BYTES + 8) + 8))
        self._kinds: dict[bytes, Callable[[bytes, bytes], None]] = {
            b"STAT": self._stat,
            b"LST2": self._stat_v2,
            b"STA2": self._stat_v2,
            b"LIST": self._list,
            b"LIS2": self._list,
            b"RECV": self._receive,
            b"RCV2": self._receive_v2,
            b"SEND": self._store,
            b"SND2": self._store_v2,
        }

    def run(self) -> None:
        """Until the client quits or breaks the protocol, which ends the session as on a phone."""
        while True:
            kind, length = self._incoming.header()
            if kind == b"QUIT":
                return
            try:
                self._serve(kind, length)
            except SyncFailed as failure:
                self._fail(str(failure))
                if failure.ends_session:
                    return

    def _serve(self, kind: bytes, length: int) -> None:
        if length > _LONGEST_PATH:
            raise SyncFailed("path too long", ends_session=True)
        path = self._incoming.read(length).partition(b"\0")[0]
        serve = self._kinds.get(kind)
        if serve is None:
            raise SyncFailed("unknown command", ends_session=True)
        self._note(kind, path)
        serve(kind, path)

    def _note(self, kind: bytes, path: bytes) -> None:
        self._notes.write(b"sync:%s %s\n" % (kind, path.replace(b"\n", b"?")))
        if kind in _CHANGES:
            self._notes.flush()  # what changes the device is told before it happens

    def _fail(self, reason: str) -> None:
        message = reason.encode("utf-8", "replace")
        self._send(b"FAIL" + struct.pack("<I", len(message)) + message)

    def _stat(self, _kind: bytes, path: bytes) -> None:
        try:
            status = os.lstat(path)
            fields = (status.st_mode, status.st_size & _WORD, int(status.st_mtime) & _WORD)
        except OSError:
            fields = (0, 0, 0)
        self._send(b"STAT" + struct.pack("<III", *fields))

    def _stat_v2(self, kind: bytes, path: bytes) -> None:
        try:
            status = os.stat(path) if kind == b"STA2" else os.lstat(path)  # noqa: PTH116 - a path of bytes
            fields = (0, *_fields_v2(status))
        except OSError as error:
            fields = (error.errno if error.errno in _ON_THE_WIRE else _EIO, *_NOTHING_V2)
        self._send(kind + _FIELDS_V2.pack(*fields))

    def _list(self, kind: bytes, path: bytes) -> None:
        is_v2 = kind == b"LIS2"
        entry = _entry_v2 if is_v2 else _entry
        pending = bytearray()
        try:
            names = [b".", b"..", *os.listdir(path)]  # noqa: PTH208 - a path of bytes
        except OSError:
            names = []
        for name in names:
            pending += entry(os.path.join(path, name), name)  # noqa: PTH118 - a path of bytes
            if len(pending) > _LISTED:
                self._send(pending)
                pending.clear()
        self._send(pending + b"DONE" + bytes(72 if is_v2 else 16))

    def _receive_v2(self, kind: bytes, path: bytes) -> None:
        _, flags = self._incoming.header()
        if flags:
            raise SyncFailed(f"unknown flags: {flags}", ends_session=True)
        self._receive(kind, path)

    def _receive(self, _kind: bytes, path: bytes) -> None:
        try:
            number = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise SyncFailed.of("open failed", error) from error
        try:
            while not self._send_pieces(number):
                pass
        finally:
            os.close(number)

    def _send_pieces(self, number: int) -> bool:
        """Some pieces in one write, and the end with the last of them: one round trip less for every small file."""
        pieces, place, is_over = self._pieces, 0, False
        while place < len(pieces) - 8 and not is_over:
            try:
                count = os.readv(number, [pieces[place + 8 : place + 8 + DATA_BYTES]])
            except OSError as error:
                self._send(pieces[:place])
                raise SyncFailed.of("read failed", error) from error
            is_over = not count
            struct.pack_into("<4sI", pieces, place, b"DONE" if is_over else b"DATA", count)
            place += 8 + count
        self._send(pieces[:place])
        return is_over

    def _store(self, _kind: bytes, path: bytes) -> None:
        target, comma, mode = path.rpartition(b",")
        if not comma or not mode.isdigit():
            raise SyncFailed("missing , in ID_SEND_V1", ends_session=True)
        store(self._incoming, target, int(mode) & _WORD)
        self._send(b"OKAY" + bytes(4))

    def _store_v2(self, _kind: bytes, path: bytes) -> None:
        _, mode = self._incoming.header()
        flags = self._incoming.word()
        if flags & ~_DRY_RUN:
            raise SyncFailed(f"unknown flags: {flags}", ends_session=True)
        store(self._incoming, os.devnull.encode() if flags else path, mode, is_rehearsal=bool(flags))
        self._send(b"OKAY" + bytes(4))


def _fields_v2(status: os.stat_result) -> tuple[int, ...]:
    return (
        status.st_dev & 0xFFFFFFFFFFFFFFFF,
        status.st_ino,
        status.st_mode,
        status.st_nlink,
        status.st_uid,
        status.st_gid,
        status.st_size,
        int(status.st_atime),
        int(status.st_mtime),
        int(status.st_ctime),
    )


def _entry(path: bytes, name: bytes) -> bytes:
    try:
        status = os.lstat(path)
    except OSError:
        return b""
    size, changed = status.st_size & _WORD, int(status.st_mtime) & _WORD
    return b"DENT" + struct.pack("<IIII", status.st_mode, size, changed, len(name)) + name


def _entry_v2(path: bytes, name: bytes) -> bytes:
    try:
        fields = (0, *_fields_v2(os.lstat(path)))
    except OSError as error:
        fields = (error.errno if error.errno in _ON_THE_WIRE else _EIO, *_NOTHING_V2)
    return b"DNT2" + _FIELDS_V2.pack(*fields) + struct.pack("<I", len(name)) + name
