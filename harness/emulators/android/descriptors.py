"""Reading and writing descriptors on the loop, without ever losing a byte to a number that was used again.

A descriptor that is closed while the loop still knows it leaves a stale entry: its number is given out again, and the
next registration changes a foreign file, or fails. So: first whoever waits is cancelled and awaited, then the loop
forgets the number, then it is closed; and only a reader's death is swallowed, never another error.
"""

import asyncio
import errno
import fcntl
import os
import socket
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, Self, TypeVar

__all__ = ["Descriptor", "finished", "unless_gone"]

_T = TypeVar("_T")
_PIPE_BYTES = 1 << 20
_A_LOT = 1 << 16
"""Bytes of one program, that is likely to go on."""
_PAUSE_SECONDS = 0.0005
"""In which a program that has a lot to say does not fill its pipe."""


class Descriptor:
    """One of our ends of a pipe, a socket or a terminal; nobody else may read or write it."""

    def __init__(self, number: int) -> None:
        os.set_blocking(number, False)
        self.number = number
        self._loop = asyncio.get_running_loop()
        self._is_open = True
        self._said = 0
        self._is_drained = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def grow(self) -> Self:
        """Ask for a roomier pipe; the kernel may decline."""
        try:
            fcntl.fcntl(self.number, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EBUSY, errno.EINVAL, errno.EBADF}:
                raise
        return self

    async def read_into(self, buffer: memoryview) -> int:
        """How many bytes arrived; 0 at the end, which for a terminal is that its last user has gone."""
        while True:
            try:
                return os.readv(self.number, [buffer])
            except BlockingIOError:
                await self._wait(self._loop.add_reader, self._loop.remove_reader)
            except ConnectionResetError:
                return 0
            except OSError as error:
                if error.errno == errno.EIO:
                    return 0
                raise

    async def gather_into(self, buffer: memoryview) -> int:
        """As `read_into`, with what follows: programs write little at a time, and a packet costs both sides as much
        as a hundred kilobytes in it.

        Whoever has said little is not waited for. Once they have said a lot, they are left alone for as long as their
        pipe has room: each look into a pipe that is being written to costs its writer, and the processor it needs.
        """
        if self._said > _A_LOT and self._is_drained:
            await asyncio.sleep(_PAUSE_SECONDS)
        count = await self.read_into(buffer)
        if 0 < count < len(buffer) and self._said <= _A_LOT:
            await asyncio.sleep(0)
            with suppress(OSError):  # nothing yet; or something that the next reading meets too, and tells of
                count += os.readv(self.number, [buffer[count:]])
        self._said += count
        self._is_drained = count < len(buffer)
        return count

    async def write(self, data: bytes | bytearray | memoryview) -> bool:
        """Write all of it; False where nobody reads any more."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.number, view) :]
            except BlockingIOError:
                await self._wait(self._loop.add_writer, self._loop.remove_writer)
            except (BrokenPipeError, ConnectionResetError):
                return False
            except OSError as error:
                if error.errno == errno.EIO:
                    return False
                raise
        return True

    def shut(self, how: int) -> None:
        """One direction of a socket: the other side reads the end, or its writing fails."""
        end = socket.socket(fileno=self.number)
        try:
            end.shutdown(how)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
        finally:
            end.detach()

    def close(self) -> None:
        """Nobody may be waiting here any more."""
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self.number)
            self._loop.remove_writer(self.number)
            os.close(self.number)

    async def _wait(self, add: Any, remove: Any) -> None:
        ready = self._loop.create_future()
        add(self.number, _resolve, ready)
        try:
            await ready
        finally:
            remove(self.number)


def _resolve(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)


async def finished(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel tasks, and come back when they have really ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def unless_gone(gone: "asyncio.Future[None]", work: Coroutine[Any, Any, _T] | Awaitable[_T]) -> _T:
    """The result of the work.

    Raises:
        ConnectionResetError: the client went first; the work has been cancelled, and has ended.
    """
    task: asyncio.Future[_T] = asyncio.ensure_future(work)
    waited: set[asyncio.Future[Any]] = {task, gone}
    try:
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ConnectionResetError("the client has gone")
        return task.result()
    finally:
        await finished(task)
