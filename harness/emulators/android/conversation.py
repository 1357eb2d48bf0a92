"""A service whose input, output and errors are one socket: `exec`, `sync`, `backup`, `abb_exec`.

Eight bits clean, no exit code. When the client closes, what it had sent is still delivered, then comes the end of
input, and the program may finish; a program that does not is ended.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.emulators.android.descriptors import Descriptor, finished, unless_gone
from harness.emulators.android.streams import Stream

__all__ = ["Running", "converse", "deliver", "forward", "say"]

_GRACE_SECONDS = 5.0
_SOCKET_BYTES = 1 << 21


@dataclass(frozen=True, slots=True)
class Running:
    """A program or command that serves."""

    ended: Callable[[], Awaitable[int]]
    kill: Callable[[], object]


async def say(stream: Stream, text: str) -> None:
    """Send a line of text."""
    await stream.write(text.encode("utf-8", "surrogateescape"))


async def forward(source: Descriptor, stream: Stream) -> None:
    """All that a program writes, to the client."""
    buffer = memoryview(bytearray(stream.room))
    while count := await source.read_into(buffer):
        await stream.write(buffer[:count])
        await asyncio.sleep(0)  # one that always has something to say lets others speak too


async def deliver(stream: Stream, target: Descriptor) -> None:
    """All that the client sends, to a program; one that has stopped to read does not block the client."""
    while (piece := await stream.read()) is not None:
        await target.write(piece)


async def converse(stream: Stream, start: Callable[[int], Running]) -> None:
    """Let a program serve the client; it is given its end of the socket, which is closed here afterwards."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
    with Descriptor(ours.detach()) as channel, theirs:
        running = start(theirs.fileno())
        theirs.close()
        is_over = False
        feeder = asyncio.get_running_loop().create_task(_feed(stream, channel))
        try:
            await unless_gone(stream.gone, forward(channel, stream))
            is_over = True
        except ConnectionResetError:
            await _wind_up(channel, feeder, running)
            raise
        finally:
            await finished(feeder)
            if not is_over:
                running.kill()


async def _feed(stream: Stream, channel: Descriptor) -> None:
    await deliver(stream, channel)
    channel.shut(socket.SHUT_WR)


async def _wind_up(channel: Descriptor, feeder: "asyncio.Task[None]", running: Running) -> None:
    channel.shut(socket.SHUT_RD)  # nobody hears it any more: it dies of its next word, as of a broken pipe
    try:
        async with asyncio.timeout(_GRACE_SECONDS):
            await feeder
            await running.ended()
    except (TimeoutError, ProcessLookupError):
        return
