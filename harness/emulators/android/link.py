"""A client on a TCP connection: bytes in place, one segment a packet, and an end to those who stall."""

import asyncio
import os
import socket
from dataclasses import dataclass
from typing import Protocol, cast

from harness.emulators.android.connection import Connection, House
from harness.emulators.android.wire import WireError

__all__ = ["Door", "Patience", "TcpLink"]

_BUFFERED = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a client may take, in seconds, before it is hung up on."""

    hello: float = 10.0
    """To say who it is."""
    stall: float = 30.0
    """With half a packet sent, or while it does not read what it asked for."""
    farewell: float = 1.0
    """To close its own end once we have closed ours."""


class Door(Protocol):
    """Who counts the clients."""

    def entered(self, link: "TcpLink") -> None:
        """There is one more; it may be hung up on at once."""
        ...

    def left(self, link: "TcpLink") -> None:
        """There is one less."""
        ...


class TcpLink(asyncio.BufferedProtocol):
    """Between the loop's transport and one `Connection`."""

    def __init__(self, house: House, patience: Patience, door: "Door", *, is_known: bool = False) -> None:
        self.connection = Connection(house, self, is_known=is_known)
        self._patience = patience
        self._door = door
        self._loop = asyncio.get_running_loop()
        self._writable = asyncio.Event()
        self._writable.set()
        self._transport: asyncio.Transport
        self._number = -1
        self._socket: socket.socket | None = None
        self._is_lost = False
        self._is_finished = False
        self._born = self._heard = self._stuck = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop has a client for us."""
        self._transport = cast("asyncio.Transport", transport)
        self._socket = transport.get_extra_info("socket")
        if self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._number = self._socket.fileno()
        self._transport.set_write_buffer_limits(_BUFFERED)
        self._door.entered(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or we have hung up."""
        self._is_lost = True
        self._number = -1
        self._writable.set()
        self.connection.lost()
        self._door.left(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes belong."""
        self._acknowledge_at_once()
        return self.connection.parser.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have arrived there."""
        self.heard()
        try:
            self.take(nbytes)
        except WireError:
            self.connection.abort()

    def heard(self) -> None:
        """The client is alive."""
        self._heard = self._loop.time()

    def take(self, count: int) -> None:
        """Deal with all packets that are complete with what was put into the parser's buffer.

        Raises:
            WireError: the client does not speak the protocol.
        """
        connection = self.connection
        packet = connection.parser.received(count)
        while packet is not None:
            connection.received(packet)
            packet = connection.parser.next_packet()

    def pause_writing(self) -> None:
        """The client does not read: nor do we, so that it cannot fill our memory with answers."""
        self._writable.clear()
        self._stuck = self._loop.time()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        self._writable.set()
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def write(self, head: bytes, payload: bytes | memoryview = b"") -> None:
        """Both in one segment where the kernel takes it; a copy of the rest waits in the transport."""
        if self._is_lost or self._is_finished or self._transport.is_closing():
            return
        sent = 0
        if self._number >= 0 and not self._transport.get_write_buffer_size():
            try:
                sent = os.writev(self._number, (head, payload))
            except (BlockingIOError, ConnectionError):
                sent = 0  # the transport meets the same error, and tells of it
        if sent < len(head):
            self._transport.write(head[sent:] + payload)
        elif sent - len(head) < len(payload):
            self._transport.write(bytes(payload[sent - len(head) :]))

    async def drained(self) -> None:
        """Come back when there is room; `ConnectionResetError` where there never will be."""
        if not self._writable.is_set():
            await self._writable.wait()
        if self._is_lost:
            raise ConnectionResetError("the client has gone")

    def finish(self) -> None:
        """Everything queued still leaves; then the client may hang up by itself, which spares it a reset."""
        if not self._transport.is_closing() and not self._is_finished:
            self._is_finished = True
            self._transport.write_eof()
            self._loop.call_later(self._patience.farewell, self._transport.abort)

    def abort(self) -> None:
        """Hang up at once."""
        self._transport.abort()

    def is_hopeless(self, now: float) -> bool:
        """Whether the client has taken longer than anyone may."""
        patience, connection = self._patience, self.connection
        if not connection.is_online and not connection.has_offered_key and now - self._born > patience.hello:
            return True
        if not self._writable.is_set():
            return now - self._stuck > patience.stall
        return not connection.parser.is_between_packets and now - self._heard > patience.stall

    def _acknowledge_at_once(self) -> None:
        # An old client sends header and payload apart, and without TCP_NODELAY waits 40 ms in between for the
        # kernel's acknowledgement. The option lasts for one packet only.
        if self.connection.is_checked and self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
