"""Waiting for descriptors in the loop of pid 1.

A descriptor that is closed while the loop still watches it leaves a stale key behind, and its number, given out
again, then loses the next one's data without a word. So a watch ends before its descriptor is closed, always.
"""

import asyncio
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = [
    "LineTooLong",
    "SaidNothing",
    "collected",
    "read_exactly",
    "read_until",
    "readable",
    "watch",
    "written_at_once",
]


class SaidNothing(EOFError):
    """The other side ended before it had said a byte."""


class LineTooLong(ValueError):
    """Somebody sent more than a request may have."""


@contextmanager
def watch(descriptor: int, seen: Callable[[], object]) -> Iterator[None]:
    """Call `seen` once when a descriptor becomes readable; no longer after the block."""
    loop = asyncio.get_running_loop()

    def once() -> None:
        loop.remove_reader(descriptor)
        seen()

    loop.add_reader(descriptor, once)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)


@contextmanager
def collected(descriptor: int, most: int) -> Iterator[bytearray]:
    """What others write into a pipe within the block, and no more than `most` of it; the rest is thrown away."""
    loop = asyncio.get_running_loop()
    found = bytearray()
    os.set_blocking(descriptor, False)

    def more() -> bool:
        try:
            piece = os.read(descriptor, 65536)
        except BlockingIOError:
            return False
        found.extend(piece[: most - len(found)])
        if not piece:
            loop.remove_reader(descriptor)
        return bool(piece)

    loop.add_reader(descriptor, more)
    try:
        yield found
    finally:
        loop.remove_reader(descriptor)
        while len(found) < most and more():
            pass


async def readable(descriptor: int) -> None:
    """Wait until there is something to read, or the end."""
    arrived = asyncio.Event()
    with watch(descriptor, arrived.set):
        await arrived.wait()


async def read_until(connection: socket.socket, end: bytes, most: int) -> bytes:
    """What comes before a mark, which is taken too; whatever follows it stays in the socket for others.

    Raises:
        EOFError: the other side ended before the mark.
        SaidNothing: before the first byte.
        LineTooLong: there is more than `most` before it.
    """
    found = bytearray()
    while True:
        await readable(connection.fileno())
        try:
            seen = connection.recv(65536, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            continue
        if not seen:
            raise EOFError("the caller ended in the middle of a request") if found else SaidNothing
        place = seen.find(end)
        wanted = len(seen) if place < 0 else place + len(end)
        found += connection.recv(wanted, socket.MSG_DONTWAIT)
        if place >= 0:
            del found[-len(end) :]
        if len(found) > most:
            raise LineTooLong("a request is too long")
        if place >= 0:
            return bytes(found)


async def read_exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes.

    Raises:
        EOFError: the other side ended before.
    """
    loop = asyncio.get_running_loop()
    found = bytearray()
    while len(found) < size:
        piece = await loop.sock_recv(connection, min(65536, size - len(found)))
        if not piece:
            raise EOFError("the caller ended in the middle of a request")
        found += piece
    return bytes(found)


def written_at_once(descriptor: int, data: bytes) -> int:
    """How much of it a caller's pipe took without any waiting; nothing where it is no pipe.

    The pipe is opened anew: whether its descriptor waits is the caller's to choose, at any time.

    Raises:
        BrokenPipeError: nobody reads it any more.
    """
    theirs = os.fstat(descriptor)
    if not data or not stat.S_ISFIFO(theirs.st_mode):
        return 0
    try:
        own = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return 0
    try:
        return os.write(own, data) if os.path.samestat(os.fstat(own), theirs) else 0
    except BlockingIOError:
        return 0
    finally:
        os.close(own)
