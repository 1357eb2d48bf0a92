"""Forwarding into the device: `tcp:`, `localabstract:`, `localfilesystem:`, as whoever the bridge runs as.

A forked child connects, under the caller's identity, and hands the socket over: the kernel refuses a path that the
caller may not reach, and a server that asks who calls is told the truth, not that pid 1 does.
"""

import array
import asyncio
import socket
from dataclasses import dataclass

from harness.emulators.android.conversation import deliver, forward
from harness.emulators.android.descriptors import Descriptor, finished, unless_gone
from harness.emulators.android.streams import Stream
from harness.emulators.walls.ports import Identity, Programs

__all__ = ["Address", "parse_address", "tunnel"]

_LOCALHOST = {"": "127.0.0.1", "localhost": "127.0.0.1"}
_CONNECT_SECONDS = 10.0
_LONGEST_PATH = 107


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, inside the device."""

    family: socket.AddressFamily
    place: tuple[str, int] | bytes

    @property
    def is_file(self) -> bool:
        """A socket in the file tree; all others belong to a network namespace."""
        return isinstance(self.place, bytes) and not self.place.startswith(b"\0")


def parse_address(kind: str, rest: str) -> Address | None:
    """The address in `tcp:8080`, `tcp:127.0.0.1:8080`, `localabstract:name` or `localfilesystem:/path`.

    None where there is no such place: names that need looking up are not known in a device without a network.
    """
    if kind == "tcp":
        host, _, port = rest.rpartition(":")
        return _tcp(_LOCALHOST.get(host, host), port)
    name = rest.encode("utf-8", "surrogateescape")
    if not name or len(name) > _LONGEST_PATH or b"\0" in name:
        return None
    if kind == "localabstract":
        return Address(socket.AF_UNIX, b"\0" + name)
    if kind == "localreserved":
        return Address(socket.AF_UNIX, b"/dev/socket/" + name) if b"/" not in name else None
    return Address(socket.AF_UNIX, name)


def _tcp(host: str, port: str) -> Address | None:
    if not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 1 << 16:
        return None
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return Address(family, (host, int(port)))
    return None


async def tunnel(stream: Stream, address: Address, programs: Programs, identity: Identity) -> None:
    """Connect, and carry bytes both ways until either side ends; where nobody listens, the stream just closes."""
    number = await unless_gone(stream.gone, _connected(address, programs, identity))
    if number is None:
        return
    with Descriptor(number) as far:
        feeder = asyncio.get_running_loop().create_task(_feed(stream, far))
        try:
            await unless_gone(stream.gone, forward(far, stream))
        except ConnectionResetError:
            # What the client had sent is still delivered, as far as the other side takes it.
            await asyncio.wait({feeder}, timeout=_CONNECT_SECONDS)
            raise
        finally:
            await finished(feeder)


async def _feed(stream: Stream, far: Descriptor) -> None:
    await deliver(stream, far)
    far.shut(socket.SHUT_WR)


async def _connected(address: Address, programs: Programs, identity: Identity) -> int | None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        end = theirs.fileno()
        pid = programs.fork(identity, lambda: _connect(end, address), (end,))
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                code = await programs.exit_of(pid)
        except TimeoutError:
            return None
        finally:
            programs.kill(pid)
        return _received(ours) if code == 0 else None


def _received(ours: socket.socket) -> int | None:
    numbers = array.array("i")
    _, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(numbers.itemsize), socket.MSG_DONTWAIT)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: numbers.itemsize])
    return numbers[0] if numbers else None


def _connect(end: int, address: Address) -> int:
    """In the child."""
    with socket.socket(fileno=end) as channel, socket.socket(address.family, socket.SOCK_STREAM) as far:
        try:
            far.connect(address.place)
        except OSError:
            return 1
        number = array.array("i", [far.fileno()])
        channel.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, number)])
    return 0
