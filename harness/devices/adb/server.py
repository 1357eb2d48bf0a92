"""A device that an adb server holds: over USB, paired over Wi-Fi, or an emulator that it found.

Source: `SERVICES.TXT` and `OVERVIEW.TXT` of AOSP's packages/modules/adb.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.devices._paths import shortened
from harness.devices.adb.shell import command_stream
from harness.devices.adb.transport import RESTARTING, Lost, Raw, Stream
from harness.errors import DeviceError

__all__ = ["Attached", "Served", "Server"]

_PORT = 5037
_CHUNK = 1 << 20
_SILENCE = 30.0
_HANGS_UP_WITHIN = 3.0
_BACK_WITHIN = 10.0
_STARTED_WITHIN = 20.0
_FACT = re.compile(r"(\w+):(\S+)")
_BOOT = "boot it, and run this again"
_NEXT = {
    "unauthorized": (
        "does not trust this computer yet (unauthorised)",
        "unlock its screen, tap Allow in the dialog about USB debugging, and run this again",
    ),
    "offline": ("is offline", "plug it in again, or `adb disconnect` and `adb connect` it, and run this again"),
    "authorizing": ("is still deciding about this computer", "look at its screen, and run this again"),
    "connecting": ("is not connected yet", "run this again in a moment"),
    "no permissions": ("may not be opened by this user", "add a udev rule for it, and plug it in again"),
    "recovery": ("is in recovery", _BOOT),
    "bootloader": ("is in its bootloader", _BOOT),
    "sideload": ("waits for an update", _BOOT),
}
"""What a state that is not `device` means, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """One device that the server knows."""

    serial: str
    state: str
    """`device` where it can be used."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """`model`, `product`, `device`, `usb`."""

    @property
    def trouble(self) -> tuple[str, str]:
        """What is wrong and what to do; empty words where it can be used."""
        if self.state == "device":
            return "", ""
        known = next((words for state, words in _NEXT.items() if self.state.startswith(state)), None)
        return known or (f"is in the state `{self.state}`", _BOOT)


class Server:
    """The adb server of this user."""

    def __init__(self) -> None:
        self._address = _address()

    def runs(self) -> bool:
        """Whether there is one; none is started."""
        try:
            self._dial().close()
        except OSError:
            return False
        return True

    def start(self) -> None:
        """Make sure that there is one.

        Raises:
            DeviceError: none runs, and no adb program is here to start it.
        """
        if self.runs():
            return
        program = shutil.which("adb")
        if program is None:
            raise DeviceError(
                "no adb server runs, and no adb program is here to start one",
                hint="on Debian: apt install adb; or write adb:HOST:PORT, which needs neither",
            )
        try:
            subprocess.run(  # noqa: S603 - the program that the user's own PATH names, with fixed words
                [program, "start-server"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_STARTED_WITHIN,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DeviceError("the adb server could not be started", hint="try `adb start-server`") from error
        if not self.runs():
            raise DeviceError("the adb server could not be started", hint="try `adb start-server`")

    def devices(self) -> tuple[Attached, ...]:
        """What is attached, in the server's order."""
        with contextlib.closing(self.ask("host:devices-l", _SILENCE)) as connection:
            return tuple(_listed(_block(connection)))

    def ask(self, service: str, patience: float) -> socket.socket:
        """Ask for a service; the connection on which its answer comes.

        Raises:
            DeviceError: the server refuses; the message is its own.
        """
        try:
            connection = self._dial()
        except OSError as error:
            raise DeviceError("the adb server does not answer", hint="try `adb start-server`") from error
        connection.settimeout(patience)
        try:
            _say(connection, service)
        except BaseException:
            connection.close()
            raise
        return connection

    def _dial(self) -> socket.socket:
        connection = socket.create_connection(self._address, timeout=5.0)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _address() -> tuple[str, int]:
    """As adb itself finds it: `ADB_SERVER_SOCKET`, or a port and an address."""
    named = re.fullmatch(r"tcp:(?:(.+):)?(\d+)", os.environ.get("ADB_SERVER_SOCKET", ""))
    if named:
        return named[1] or "127.0.0.1", int(named[2])
    port = os.environ.get("ANDROID_ADB_SERVER_PORT", "")
    host = os.environ.get("ANDROID_ADB_SERVER_ADDRESS", "127.0.0.1")
    return host, int(port) if port.isdecimal() else _PORT


def _listed(listing: str) -> Iterator[Attached]:
    for line in listing.splitlines():
        serial, _, rest = line.partition(" ")
        if serial:
            facts = dict(_FACT.findall(rest))
            state = "no permissions" if "no permissions" in rest else rest.split()[0] if rest.split() else ""
            yield Attached(serial, state, facts)


def _say(connection: socket.socket, service: str) -> None:
    words = service.encode("utf-8", "surrogateescape")
    if len(words) > 0xFFFF:
        raise DeviceError("a command is longer than the adb server takes")
    try:
        connection.sendall(b"%04x%s" % (len(words), words))
        answer = _exactly(connection, 4)
        if answer == b"OKAY":
            return
        reason = _block(connection) if answer == b"FAIL" else "it is no adb server"
    except OSError as error:
        raise Lost("the adb server hung up") from error
    raise _refusal(reason)


def _refusal(reason: str) -> DeviceError:
    """What the server says, in one line, with the next step where we know one."""
    step = next((step for state, (_, step) in _NEXT.items() if state in reason), "")
    return DeviceError(f"the adb server refuses: {shortened(reason.partition(chr(10))[0])}", hint=step)


def _block(connection: socket.socket) -> str:
    """A text with its length before it, in four hex digits."""
    digits = _exactly(connection, 4)
    try:
        size = int(digits, 16)
    except ValueError as error:
        raise DeviceError("what answers in place of an adb server is none") from error
    return _exactly(connection, size).decode("utf-8", "replace")


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        try:
            chunk = connection.recv(size - len(data))
        except OSError as error:
            raise Lost("the adb server hung up") from error
        if not chunk:
            raise Lost("the adb server hung up")
        data += chunk
    return data


class Served:
    """A device by its serial."""

    def __init__(self, server: Server, serial: str) -> None:
        self.name = serial
        self._server = server
        self._features = frozenset(self._features_of())

    def stream(self, command: str, *, patience: float | None = None) -> Stream:
        return command_stream(command, self._features, lambda service: self._open(service, patience))

    def restart(self, service: str) -> str:
        raw = self._open(service, None)
        said = b""
        with contextlib.suppress(Lost):
            while len(said) < _CHUNK and (chunk := raw.read()):
                said += chunk
        raw.close()
        text = said.decode("utf-8", "replace").strip()
        if RESTARTING in text:
            with contextlib.suppress(OSError, DeviceError):
                self._wait_for("disconnect", _HANGS_UP_WITHIN)
            self.reconnect()
        return text

    def reconnect(self) -> None:
        """Wait until the server has it again, which it sees to itself."""
        self._server.start()
        try:
            self._wait_for("device", _BACK_WITHIN)
        except (OSError, DeviceError) as error:
            raise DeviceError(
                f"{self.name} does not come back", hint="plug it in again, and run this again"
            ) from error

    def close(self) -> None:
        """Nothing is held between commands."""

    def _wait_for(self, state: str, seconds: float) -> None:
        service = f"host-serial:{self.name}:wait-for-any-{state}"
        with contextlib.closing(self._server.ask(service, seconds)) as waiting:
            _exactly(waiting, 4)

    def _features_of(self) -> list[str]:
        with contextlib.closing(self._server.ask(f"host-serial:{self.name}:features", _SILENCE)) as connection:
            return _block(connection).split(",")

    def _open(self, service: str, patience: float | None) -> "_Connection":
        connection = self._server.ask(f"host:transport:{self.name}", _SILENCE if patience is None else patience)
        try:
            _say(connection, service)
        except BaseException:
            connection.close()
            raise
        return _Connection(connection, self.name)


class _Connection(Raw):
    """One service of a device, through the server."""

    def __init__(self, connection: socket.socket, name: str) -> None:
        self._connection, self._name = connection, name

    def read(self) -> bytes:
        try:
            return self._connection.recv(_CHUNK)
        except OSError as error:
            raise Lost(f"the connection to {self._name} was lost") from error

    def close(self) -> None:
        self._connection.close()
