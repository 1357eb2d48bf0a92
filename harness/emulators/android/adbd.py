"""The device's debug bridge: accepts clients, bounds them, and gives them the device's services.

One loop, one thread, and no client that can hold up another: half-open and stalled ones are hung up on, and who has
not said who it is makes room for who comes next.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable

from harness.emulators.android.connection import Service
from harness.emulators.android.descriptors import finished
from harness.emulators.android.dialect import Dialect, dialect_of
from harness.emulators.android.link import Patience, TcpLink
from harness.emulators.android.ports import Commands, Machine
from harness.emulators.android.services import Services
from harness.emulators.android.tls import tls_links
from harness.emulators.android.trust import KeyRing
from harness.emulators.walls.ports import Programs

__all__ = ["Bridge"]

_MOST_CLIENTS = 96
_MOST_STRANGERS = 32
_ROUND_SECONDS = 0.5
_BACKLOG = 128
_ACCEPTED = 8
"""At once: so many descriptors may be in use before the first of them is counted."""


class Bridge:
    """adbd of one device. `serve` starts it; `stop` ends it, with all that it started."""

    def __init__(
        self,
        machine: Machine,
        programs: Programs,
        commands: Commands,
        *,
        patience: Patience | None = None,
    ) -> None:
        self.dialect: Dialect = dialect_of(machine.api)
        self.banner = self.dialect.banner(machine.properties)
        self.ring = KeyRing(machine.trust, machine.known_keys)
        self.asks_for_keys = machine.properties.get("ro.adb.secure", "1") != "0"
        self._machine = machine
        self._services = Services(machine, programs, commands, self.dialect)
        self._services.on_restart = self.disconnect
        self._patience = patience or Patience()
        self._links: dict[TcpLink, None] = {}
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._round: asyncio.TimerHandle | None = None

    @property
    def journal(self) -> deque[str]:
        """Every service that was opened, and every path that `sync` was asked for, in order; the latest only."""
        return self._services.journal

    @property
    def is_root(self) -> bool:
        """After `adb root`."""
        return self._services.is_root

    async def serve(self, listener: socket.socket) -> None:
        """Start to serve clients on a listening socket; comes back at once."""
        await self._listen(listener, lambda: TcpLink(self, self._patience, self))

    async def serve_tls(self, listener: socket.socket) -> None:
        """Start to serve wireless debugging: TLS, and known keys only.

        Raises:
            DeviceError: what TLS needs is not installed; the hint says what.
        """
        make = tls_links(self, self._patience, self)
        await self._listen(listener, make)

    def answer(self, allow: bool) -> int:
        """Tap "allow" or "deny" in the dialogs that ask about a key; gives how many there were."""
        return self.ring.answer(allow)

    def service(self, name: str) -> Service | None:
        """The service of a name, if there is one."""
        return self._services.find(name)

    def keep(self, task: "asyncio.Task[None]") -> None:
        """Hold a task until it ends, and end it with the device."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def entered(self, link: TcpLink) -> None:
        """One client more. Too many strangers: the oldest goes, for whoever means well is in within milliseconds."""
        self._links[link] = None
        present = [known.connection for known in self._links if not known.connection.is_over]
        strangers = [connection for connection in present if not connection.is_online]
        if len(strangers) > _MOST_STRANGERS:
            strangers[0].abort()
        elif len(present) > _MOST_CLIENTS + _MOST_STRANGERS:
            link.connection.abort()

    def left(self, link: TcpLink) -> None:
        """One client less."""
        self._links.pop(link, None)

    def disconnect(self) -> None:
        """Say goodbye to everyone, as a bridge does that restarts."""
        for link in list(self._links):
            link.connection.finish()

    def restart(self) -> None:
        """What a reboot does to the bridge: it is nobody's root any more, and all clients are sent away."""
        self._services.is_root = False
        self.disconnect()

    async def stop(self) -> None:
        """End all clients and everything that they started."""
        for server in self._servers:
            server.close()
        if self._round is not None:
            self._round.cancel()
        for link in list(self._links):
            link.connection.abort()
        await finished(*self._tasks)
        while self._links:
            await asyncio.sleep(0)  # the loop closes what was aborted

    async def _listen(self, listener: socket.socket, make: Callable[[], TcpLink]) -> None:
        if not self._machine.adb:
            listener.close()  # USB debugging is switched off: nobody answers
            return
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(make, sock=listener, backlog=_ACCEPTED))
        listener.listen(_BACKLOG)
        if self._round is None:
            self._make_round()

    def _make_round(self) -> None:
        loop = asyncio.get_running_loop()
        for link in [link for link in self._links if link.is_hopeless(loop.time())]:
            link.connection.abort()
        self._round = loop.call_later(_ROUND_SECONDS, self._make_round)
