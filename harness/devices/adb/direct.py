"""One device over TCP, without an adb server in between.

Keys and signatures are adb-shell's. The packets are our own: adb-shell sums up every byte, lets small packets wait
for each other, and knows neither `shell,v2`, which gives exit codes and errors, nor the window of newer devices.

Source: `protocol.txt` and `delayed_ack` of AOSP's packages/modules/adb.
"""

import contextlib
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass, field, replace

from harness.devices.adb.keys import Key
from harness.devices.adb.shell import command_stream, features_of
from harness.devices.adb.transport import RESTARTING, Lost, Raw, Stream
from harness.errors import DeviceError

__all__ = ["Direct", "NotThere", "TlsWanted"]

_HEADER = struct.Struct("<6I")
_VERSION = 0x01000001
"""From this version on nobody sums up what TCP has checked already."""
_LARGEST = 1 << 20
_WINDOW = 32 << 20
_STEP = _WINDOW // 8
_FEATURES = ("shell_v2", "cmd", "delayed_ack")
_TOKEN, _SIGNATURE, _PUBLIC_KEY = 1, 2, 3
_SILENCE = 30.0
_HANGS_UP_WITHIN = 3.0
_BACK_WITHIN = 5.0
_PAUSE = 0.1


def _word(name: bytes) -> int:
    return int.from_bytes(name, "little")


_CNXN, _AUTH, _OPEN, _OKAY, _WRTE, _CLSE, _STLS = (
    _word(name) for name in (b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"WRTE", b"CLSE", b"STLS")
)


class NotThere(DeviceError):
    """Nobody answers at the address."""


class TlsWanted(DeviceError):
    """The device speaks only with computers that it was paired with: wireless debugging since Android 11."""


@dataclass(frozen=True, slots=True)
class _Packet:
    command: int
    first: int
    second: int
    data: memoryview = field(repr=False)


class Direct:
    """A device at an address."""

    def __init__(self, host: str, port: int, keys: tuple[Key, ...], *, patience: float) -> None:
        self.name = f"{host}:{port}"
        self._address = (host, port)
        self._keys = keys
        self._patience = patience
        self._socket: socket.socket | None = None
        self._room = memoryview(bytearray(_LARGEST))  # where packets arrive; what has to wait is copied
        self._features: frozenset[str] = frozenset()
        self._last = 0
        self._waiting: dict[int, deque[_Packet]] = {}
        """What has come for each open service."""
        self._connect()

    # -- as a link ---------------------------------------------------------------------------------

    def stream(self, command: str, *, patience: float | None = None) -> Stream:
        return command_stream(command, self._features, lambda service: self._open(service, patience))

    def restart(self, service: str) -> str:
        raw = self._open(service, None)
        said = b""
        with contextlib.suppress(Lost):
            while len(said) < _LARGEST and (chunk := raw.read()):
                said += chunk
        text = said.decode("utf-8", "replace").strip()
        if RESTARTING in text:
            # It hangs up a moment after its answer; a connection made before would go with the old ones.
            with contextlib.suppress(Lost):
                while True:
                    self.receive(_HANGS_UP_WITHIN)
            self.reconnect()
        return text

    def reconnect(self) -> None:
        self.close()
        deadline = time.monotonic() + _BACK_WITHIN
        while True:
            try:
                self._connect()
            except NotThere:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._waiting = {}

    # -- the handshake -----------------------------------------------------------------------------

    def _connect(self) -> None:
        try:
            self._socket = socket.create_connection(self._address, timeout=self._patience)
        except OSError as error:
            raise NotThere(
                f"no device answers at {self.name}",
                hint="check the address; `storage-harness doctor` lists what is attached",
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def _greet(self) -> None:
        banner = f"host::features={','.join(_FEATURES)}\0".encode("ascii")
        self.send(_CNXN, _VERSION, _LARGEST, banner)
        untried = list(self._keys)
        while True:
            packet = self._answer(asked=not untried)
            if packet.command == _CNXN:
                self._features = features_of(bytes(packet.data)) & frozenset(_FEATURES)
                return
            if packet.command == _STLS:
                raise TlsWanted(
                    f"{self.name} wants to be paired first",
                    hint=f"`adb pair` it, then `adb connect {self.name}`, and run this again",
                )
            if packet.command != _AUTH or packet.first != _TOKEN:
                continue
            if untried:
                self.send(_AUTH, _SIGNATURE, 0, untried.pop(0).sign(bytes(packet.data)))
            else:
                self.send(_AUTH, _PUBLIC_KEY, 0, self._keys[0].public + b"\0")

    def _answer(self, *, asked: bool) -> _Packet:
        try:
            return self.receive(self._patience)
        except Lost as error:
            if not asked:
                raise DeviceError(
                    f"what answers at {self.name} is no debug bridge",
                    hint="check the address; phones listen on 5555 after `adb tcpip 5555`",
                ) from error
            raise DeviceError(
                f"{self.name} does not trust this computer yet (unauthorised)",
                hint="unlock its screen, tap Allow in the dialog about USB debugging, and run this again",
            ) from error

    # -- packets -----------------------------------------------------------------------------------

    def send(self, command: int, first: int, second: int, data: bytes = b"") -> None:
        """One packet, in one write."""
        magic = command ^ 0xFFFFFFFF
        header = _HEADER.pack(command, first, second, len(data), sum(data) & 0xFFFFFFFF, magic)
        try:
            self._connected().sendall(header + data)
        except OSError as error:
            raise self._lost() from error

    def receive(self, patience: float) -> _Packet:
        """The next packet, whose data is good until the one after it.

        Raises:
            Lost: there is none, or it is none.
        """
        self._connected().settimeout(patience)
        command, first, second, size, _, magic = _HEADER.unpack(self._exactly(_HEADER.size))
        if magic != command ^ 0xFFFFFFFF or size > _LARGEST:
            raise Lost(f"what comes from {self.name} is not what a debug bridge says")
        return _Packet(command, first, second, self._exactly(size))

    def _exactly(self, size: int) -> memoryview:
        whole = view = self._room[:size]
        while view:
            try:
                count = self._connected().recv_into(view)
            except TimeoutError as error:
                raise Lost(f"{self.name} has fallen silent") from error
            except OSError as error:
                raise self._lost() from error
            if not count:
                raise self._lost()
            view = view[count:]
        return whole

    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise self._lost()
        return self._socket

    def _lost(self) -> Lost:
        return Lost(f"the connection to {self.name} was lost")

    # -- services ----------------------------------------------------------------------------------

    @property
    def windowed(self) -> bool:
        """Whether both sides send on before the other has acknowledged."""
        return "delayed_ack" in self._features

    def _open(self, service: str, patience: float | None) -> "_Service":
        self._last += 1
        name = service.encode("utf-8", "surrogateescape") + b"\0"
        if len(name) > _LARGEST:
            raise DeviceError("a command is longer than the debug bridge takes")
        self.send(_OPEN, self._last, _WINDOW if self.windowed else 0, name)
        wait = _SILENCE if patience is None else patience
        own = self._last
        waiting = self._waiting[own] = deque()
        while not waiting:
            self._keep(self.receive(wait))
        answer = waiting.popleft()
        if answer.command != _OKAY:
            del self._waiting[own]
            raise DeviceError(f"{self.name} has no service for `{service.partition(':')[0]}`")
        return _Service(self, own, answer.first, wait)

    def _keep(self, packet: _Packet) -> None:
        """For whom it is; those of services that were given up are passed over."""
        waiting = self._waiting.get(packet.second)
        if waiting is not None and packet.command in {_OKAY, _WRTE, _CLSE}:
            waiting.append(replace(packet, data=memoryview(bytes(packet.data))))

    def next_of(self, own: int, patience: float) -> _Packet:
        """The next packet of one service, whose data is good until the next reading.

        Raises:
            Lost: none comes.
        """
        waiting = self._waiting.get(own)
        if waiting is None:
            raise self._lost()  # it was of a connection before this one
        while not waiting:
            packet = self.receive(patience)
            if packet.second == own and packet.command in {_OKAY, _WRTE, _CLSE}:
                return packet
            self._keep(packet)
        return waiting.popleft()

    def forget(self, own: int) -> None:
        """A service has ended."""
        self._waiting.pop(own, None)


class _Service(Raw):
    """One open service."""

    def __init__(self, link: Direct, own: int, peer: int, patience: float) -> None:
        self._link, self._own, self._peer, self._patience = link, own, peer, patience
        self._ended = False
        self._taken = 0  # bytes that are not yet acknowledged

    def read(self) -> bytes | memoryview:
        while not self._ended:
            packet = self._link.next_of(self._own, self._patience)
            if packet.command == _CLSE:
                self._ended = True
                self._link.forget(self._own)
                self._link.send(_CLSE, self._own, self._peer)
            elif packet.command == _WRTE:
                self._acknowledge(len(packet.data))
                return packet.data
        return b""

    def _acknowledge(self, count: int) -> None:
        """At once, or in large steps where the device has leave to send on: it has to read every one."""
        if not self._link.windowed:
            self._link.send(_OKAY, self._own, self._peer)
            return
        self._taken += count
        if self._taken >= _STEP:
            self._link.send(_OKAY, self._own, self._peer, struct.pack("<I", self._taken))
            self._taken = 0

    def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._link.forget(self._own)
            with contextlib.suppress(Lost):
                self._link.send(_CLSE, self._own, self._peer)
