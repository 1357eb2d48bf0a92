"""One client's connection: who it is, what it may send, and the streams that it opens. Knows no sockets.

Nothing here waits: each packet is dealt with at once, and services run as tasks of their own, so that no client ever
waits for another one.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from harness.emulators.android.dialect import DELAYED_ACK, Dialect, features_of
from harness.emulators.android.keys import TOKEN_BYTES
from harness.emulators.android.streams import Stream, Streams
from harness.emulators.android.trust import KeyRing
from harness.emulators.android.wire import (
    MAX_PAYLOAD,
    VERSION_CHECKED,
    Command,
    Packet,
    PacketParser,
    WireError,
    header,
)
from harness.errors import HarnessError

__all__ = ["After", "Connection", "House", "Link", "Service"]

_TOKEN, _SIGNATURE, _PUBLIC_KEY = 1, 2, 3
_MOST_SIGNATURES = 64

After = Callable[[], None]
"""What a service wants done once its last words are on their way."""
Service = Callable[[Stream], Awaitable[After | None]]
_log = logging.getLogger(__name__)


class Link(Protocol):
    """A way to the client: TCP, or TLS over it."""

    def write(self, head: bytes, payload: bytes | memoryview = b"") -> None:
        """Send now or queue; what is not sent at once is copied, so the caller may use its buffer again."""
        ...

    async def drained(self) -> None:
        """Come back when there is room; `ConnectionResetError` where there never will be."""
        ...

    def finish(self) -> None:
        """Say goodbye once everything queued has left."""
        ...

    def abort(self) -> None:
        """Hang up."""
        ...


class House(Protocol):
    """What all connections of a device share."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def banner(self) -> bytes: ...

    @property
    def asks_for_keys(self) -> bool: ...

    @property
    def ring(self) -> KeyRing: ...

    def service(self, name: str) -> Service | None:
        """The service of a name, if there is one."""
        ...

    def keep(self, task: "asyncio.Task[None]") -> None:
        """Hold a task until it ends, and end it with the device."""
        ...


class Connection:
    """One client, from its first packet to its last."""

    def __init__(self, house: House, link: Link, *, is_known: bool = False) -> None:
        self.parser = PacketParser()
        self.is_online = False
        self.has_offered_key = False
        """The dialog is on the screen, or was denied: the client may wait as long as it likes."""
        self._house = house
        self._link = link
        self._is_known = is_known
        self._version = VERSION_CHECKED
        self._payload = 0
        self._streams = Streams(self, delays=False)
        self._token = b""
        self._signatures = 0
        self._admission: asyncio.Task[None] | None = None
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """It has ended, or is about to."""
        return self._is_over

    @property
    def max_payload(self) -> int:
        """The longest payload that the client takes."""
        return self._payload

    @property
    def is_checked(self) -> bool:
        """An old client: it sends sums, and header and payload apart."""
        return self._version == VERSION_CHECKED

    def send(self, command: Command, arg0: int, arg1: int, payload: bytes | memoryview = b"") -> None:
        """Queue one packet."""
        if self._is_over:
            return
        self._link.write(header(command, arg0, arg1, payload, version=self._version), payload)

    async def drained(self) -> None:
        """Come back when there is room for more."""
        await self._link.drained()

    def received(self, packet: Packet) -> None:
        """Deal with one packet.

        Raises:
            WireError: the client breaks the protocol, and is to be hung up on.
        """
        if self._is_over:
            return
        if packet.command == Command.CNXN and not self.is_online:
            self._introduced(packet)
        elif packet.command == Command.AUTH and not self.is_online:
            self._authenticated(packet)
        elif self.is_online and packet.command == Command.OPEN:
            self._opened(packet)
        elif self.is_online:
            self._streams.dispatch(packet)

    def finish(self) -> None:
        """The device goes away: whatever is queued still leaves."""
        self._end()
        self._link.finish()

    def abort(self) -> None:
        """Hang up at once."""
        self._end()
        self._link.abort()

    def lost(self) -> None:
        """The client has gone."""
        self._end()

    def _end(self) -> None:
        self._is_over = True
        self._streams.lost()
        if self._admission is not None:
            self._admission.cancel()

    def _introduced(self, packet: Packet) -> None:
        dialect = self._house.dialect
        if packet.arg0 < VERSION_CHECKED or packet.arg1 < 1:
            raise WireError("the client speaks no version that exists")
        self._version = min(dialect.version, packet.arg0)
        self._payload = min(dialect.max_payload, packet.arg1)
        self.parser.version = self._version
        features = features_of(packet.payload)
        self._streams = Streams(self, delays=DELAYED_ACK in features and DELAYED_ACK in dialect.features)
        if self._is_known or not self._house.asks_for_keys:
            self._welcome()
        else:
            self._challenge()

    def _welcome(self) -> None:
        dialect = self._house.dialect
        self.is_online = True
        self.parser.limit = MAX_PAYLOAD
        self.send(Command.CNXN, dialect.version, dialect.max_payload, self._house.banner)

    def _challenge(self) -> None:
        self._token = secrets.token_bytes(TOKEN_BYTES)
        self.send(Command.AUTH, _TOKEN, 0, self._token)

    def _authenticated(self, packet: Packet) -> None:
        if not self._token:
            raise WireError("a client answers before it was asked")
        if packet.arg0 == _SIGNATURE:
            self._signatures += 1
            if self._signatures > _MOST_SIGNATURES:
                raise WireError("a client tries too many keys")
            if self._house.ring.signer(self._token, packet.payload) is not None:
                self._welcome()
            else:
                self._challenge()
        elif packet.arg0 == _PUBLIC_KEY and self._admission is None:
            self.has_offered_key = True
            self._admission = asyncio.get_running_loop().create_task(self._admit(packet.payload))
            self._house.keep(self._admission)

    async def _admit(self, key: bytes | bytearray) -> None:
        # A refused client is told nothing, as on a phone: it stays "unauthorized".
        if await self._house.ring.admits(key) and not self._is_over:
            self._welcome()

    def _opened(self, packet: Packet) -> None:
        if packet.arg0 == 0:
            raise WireError("a stream without a number")
        name = packet.payload.rstrip(b"\0").decode("utf-8", "surrogateescape")
        service = self._house.service(name) if self._streams.accepts(packet.arg1) else None
        if service is None:
            self._streams.refuse(packet.arg0)
            return
        stream = self._streams.open(packet.arg0, packet.arg1)
        self._house.keep(asyncio.get_running_loop().create_task(self._serve(stream, service)))

    async def _serve(self, stream: Stream, service: Service) -> None:
        after: After | None = None
        try:
            after = await service(stream)
        except ConnectionError:
            pass  # the client has gone; the service has cleaned up
        except (OSError, HarnessError) as error:
            _log.warning("a service failed: %s", type(error).__name__)
        finally:
            self._streams.close(stream)
        if after is not None:
            after()
