"""The streams inside one connection: who may send how much, what waits to be read, and how each of them ends.

Without delayed acknowledgement one packet may be under way in each direction; with it, as many bytes as the other
side has granted. A packet is acknowledged when its reader comes back for the next, so a slow program slows its client
down and no one else. What had arrived before the client closed a stream is still delivered, then comes the end.
"""

import asyncio
import struct
from collections import deque
from typing import Protocol

from harness.emulators.android.wire import Command, Packet, WireError

__all__ = ["WINDOW", "Outlet", "Stream", "Streams"]

WINDOW = 8 << 20
"""Bytes that a client may send ahead where both sides delay acknowledgements."""
_PATIENCE = 2 * WINDOW
"""Bytes queued beyond all rules before the client is thrown out."""
_OVERHEAD = 256
"""What even an empty packet costs us."""
_MOST_STREAMS = 256
_MOST_CREDIT = 1 << 31
_ACKNOWLEDGED = struct.Struct("<i")


class Outlet(Protocol):
    """Where the packets of a connection leave."""

    @property
    def max_payload(self) -> int:
        """The longest payload that the client takes."""
        ...

    def send(self, command: Command, arg0: int, arg1: int, payload: bytes | memoryview = b"") -> None:
        """Queue one packet."""
        ...

    async def drained(self) -> None:
        """Come back when there is room for more.

        Raises:
            ConnectionResetError: the client has gone.
        """
        ...


class Stream:
    """One conversation with one service."""

    def __init__(self, outlet: Outlet, local: int, remote: int, *, window: int | None) -> None:
        self.local = local
        self.remote = remote
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done as soon as the stream is closed, by either side."""
        self._outlet = outlet
        self._delays = window is not None
        self._credit = 1 if window is None else min(window, _MOST_CREDIT)
        self._queue: deque[bytes | bytearray] = deque()
        self._queued = 0
        self._unacknowledged: int | None = None
        self._changed = asyncio.Event()

    @property
    def room(self) -> int:
        """The longest piece that goes out as one packet."""
        return self._outlet.max_payload

    async def write(self, data: bytes | memoryview) -> None:
        """Send, packet by packet, as fast as the client acknowledges.

        Raises:
            ConnectionResetError: the stream is closed; the rest was not sent.
        """
        view, most = memoryview(data), self._outlet.max_payload
        while view:
            await self._credited()
            part, view = view[:most], view[most:]
            self._credit -= len(part) if self._delays else 1
            self._outlet.send(Command.WRTE, self.local, self.remote, part)
            await self._outlet.drained()

    async def read(self) -> bytes | bytearray | None:
        """The next piece that the client sent; None at the end. Coming back says that the last one is dealt with."""
        if self._unacknowledged is not None:
            self.acknowledge(self._unacknowledged)
            self._unacknowledged = None
        while not self._queue:
            if self.gone.done():
                return None
            await self._change()
        piece = self._queue.popleft()
        self._queued -= len(piece) + _OVERHEAD
        self._unacknowledged = len(piece)
        return piece

    def acknowledge(self, count: int) -> None:
        """Let the client send more."""
        if not self.gone.done():
            payload = _ACKNOWLEDGED.pack(count) if self._delays else b""
            self._outlet.send(Command.OKAY, self.local, self.remote, payload)

    def granted(self, payload: bytes | bytearray) -> None:
        """The client acknowledged."""
        if not self._delays:
            self._credit = 1
        elif len(payload) == _ACKNOWLEDGED.size:
            count: int = _ACKNOWLEDGED.unpack(payload)[0]
            self._credit = min(self._credit + max(count, 0), _MOST_CREDIT)
        else:
            raise WireError("an acknowledgement does not say of how much")
        self._changed.set()

    def arrived(self, payload: bytes | bytearray) -> None:
        """The client sent something."""
        self._queued += len(payload) + _OVERHEAD
        if self._queued > _PATIENCE:
            raise WireError("a client sends without waiting to be acknowledged")
        self._queue.append(payload)
        self._changed.set()

    def closed(self) -> None:
        """Nothing is sent any more; what has arrived can still be read."""
        if not self.gone.done():
            self.gone.set_result(None)
        self._changed.set()

    async def _credited(self) -> None:
        while not self.gone.done() and self._credit <= 0:
            await self._change()
        if self.gone.done():
            raise ConnectionResetError("the client has closed the stream")

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class Streams:
    """All streams of one connection, by our number."""

    def __init__(self, outlet: Outlet, *, delays: bool) -> None:
        self._outlet = outlet
        self._delays = delays
        self._open: dict[int, Stream] = {}
        self._last = 0

    def accepts(self, window: int) -> bool:
        """Whether one more can be opened; a window is given exactly where acknowledgements are delayed."""
        return bool(window) is self._delays and len(self._open) < _MOST_STREAMS

    def open(self, remote: int, window: int) -> Stream:
        """A new stream, and the news of it to the client."""
        self._last += 1
        stream = Stream(self._outlet, self._last, remote, window=window if self._delays else None)
        self._open[stream.local] = stream
        stream.acknowledge(WINDOW)
        return stream

    def refuse(self, remote: int) -> None:
        """No such service, or no room."""
        self._outlet.send(Command.CLSE, 0, remote)

    def close(self, stream: Stream) -> None:
        """We have said everything."""
        if self._open.pop(stream.local, None) is not None:
            self._outlet.send(Command.CLSE, stream.local, stream.remote)
        stream.closed()

    def dispatch(self, packet: Packet) -> None:
        """Hand OKAY, WRTE or CLSE to the stream that is meant; what is meant for none is ignored.

        Raises:
            WireError: the client breaks the rules of acknowledgement.
        """
        stream = self._open.get(packet.arg1)
        if stream is None or packet.arg0 not in (stream.remote, 0):
            return
        if packet.command == Command.WRTE:
            stream.arrived(packet.payload)
        elif packet.command == Command.OKAY:
            stream.granted(packet.payload)
        elif packet.command == Command.CLSE:
            # Answered even so: adb-shell waits for it.
            self.close(stream)

    def lost(self) -> None:
        """The connection is gone, and every stream with it."""
        streams, self._open = list(self._open.values()), {}
        for stream in streams:
            stream.closed()
