"""One SSH connection: commands with their answers, and one stream of bytes that goes straight to where it is kept.

Host keys are checked, always. Nothing is tried twice, and no password is kept.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from harness.devices._login import Login
from harness.errors import AccessDenied, DeviceError

if TYPE_CHECKING:
    import asyncssh

__all__ = ["Answer", "Link", "Target", "connected"]

T = TypeVar("T")

_WINDOW = 16 << 20
_PACKET = 256 << 10
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr")
_LARGEST_ANSWER = 32 << 20
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to reach."""

    user: str
    host: str
    port: int

    @property
    def mark(self) -> str:
        """As in a file of known hosts."""
        return self.host if self.port == 22 else f"[{self.host}]:{self.port}"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    output: bytes = field(repr=False)
    error: bytes = field(repr=False)
    code: int

    @property
    def text(self) -> str:
        return self.output.decode("utf-8", "replace")


class Link:
    """An open connection, used from one thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: "asyncssh.SSHClientConnection", target: Target):
        self._loop = loop
        self._connection = connection
        self.target = target

    def run(self, command: str) -> Answer:
        """Run a command to its end.

        Raises:
            DeviceError: the connection broke, or the answer has no end.
        """
        out = bytearray()
        code, error = self.stream(command, out.extend, most=_LARGEST_ANSWER)
        return Answer(bytes(out), error, code)

    def stream(self, command: str, take: Callable[[bytes], object], *, most: int = 0) -> tuple[int, bytes]:
        """Run a command, and hand over what it writes as it comes; gives its exit code and its complaints.

        Args:
            command: for the phone's shell.
            take: called with each piece; what it raises ends the command.
            most: bytes that are taken; no limit where 0.

        Raises:
            DeviceError: the connection broke, or there is more than may be taken.
        """
        return self._wait(self._streamed(command, take, most), "the connection to the phone was lost")

    async def _streamed(self, command: str, take: Callable[[bytes], object], most: int) -> tuple[int, bytes]:
        session = _session(take, most)
        channel, _ = await self._connection.create_session(
            lambda: session, command, encoding=None, window=_WINDOW, max_pktsize=_PACKET
        )
        try:
            await session.ended.wait()
        finally:
            channel.close()
        if session.fault is not None:
            raise session.fault
        return session.code, bytes(session.error)

    def _wait(self, work: Coroutine[Any, Any, T], what: str) -> T:
        import asyncssh  # noqa: PLC0415 - takes a second

        try:
            return self._loop.run_until_complete(work)
        except (asyncssh.Error, ConnectionError, TimeoutError) as error:
            raise DeviceError(what, hint="is it still on and in reach? then run this again") from error

    def close(self) -> None:
        """Hang up."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(Exception):
            self._connection.close()
            self._loop.run_until_complete(asyncio.wait_for(self._connection.wait_closed(), 5))
        self._loop.close()


def _session(take: Callable[[bytes], object], most: int) -> Any:
    import asyncssh  # noqa: PLC0415 - as above

    class Session(asyncssh.SSHClientSession[bytes]):
        """Takes what comes; nothing is held in between."""

        def __init__(self) -> None:
            self.ended = asyncio.Event()
            self.error = bytearray()
            self.code = -1
            self.fault: BaseException | None = None
            self._taken = 0

        def data_received(self, data: bytes, datatype: int | None) -> None:
            if datatype is not None:
                if len(self.error) < 1 << 20:
                    self.error += data
                return
            if self.fault is not None:
                return
            self._taken += len(data)
            try:
                if most and self._taken > most:
                    raise DeviceError("the phone's answer has no end")  # noqa: TRY301 - one way out
                take(data)
            except BaseException as error:  # noqa: BLE001 - handed on to who waits
                self.fault = error
                self.ended.set()

        def exit_status_received(self, status: int) -> None:
            self.code = status

        def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
            del core_dumped, msg, lang
            self.code = 128
            self.error += f"ended by {signal}\n".encode()

        def connection_lost(self, exc: Exception | None) -> None:
            if self.fault is None and (exc is not None or self.code < 0):
                self.fault = exc or ConnectionResetError("the phone hung up")
            self.ended.set()

    return Session()


def connected(target: Target, login: Login, source: str, patience: float) -> Link:
    """Connect and log in.

    Raises:
        AccessDenied: the phone lets nobody in with these keys or this password.
        DeviceError: it does not answer, or its host key is not the one that is known; the hint says how to accept it.
    """
    try:
        import asyncssh  # noqa: PLC0415 - takes a second
    except ImportError as error:
        raise DeviceError("SSH needs asyncssh", hint="pip install 'storage-harness[ssh]'") from error
    hosts = login.known_hosts or Path.home() / ".ssh" / "known_hosts"
    loop = asyncio.new_event_loop()
    try:
        work = asyncssh.connect(
            target.host,
            target.port,
            username=target.user,
            client_keys=_keys(login),
            password=login.password(source) if login.password else None,
            known_hosts=_known(hosts),
            config=None,
            encryption_algs=list(_CIPHERS),
            compression_algs=None,
            connect_timeout=max(patience, 5.0),
            login_timeout=max(patience, 10.0),
            keepalive_interval=30,
        )
        return Link(loop, loop.run_until_complete(work), target)
    except BaseException as error:
        loop.close()
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            raise _unknown_host(target, hosts, given=login.known_hosts is not None) from error
        if isinstance(error, asyncssh.PermissionDenied):
            raise AccessDenied(
                f"{target} does not let {target.user} in",
                hint="give a key by --ssh-key FILE, or a password by --ssh-password-file FILE",
            ) from error
        if isinstance(error, asyncssh.Error | OSError | TimeoutError):
            raise DeviceError(
                f"{target} does not answer as an SSH server", hint="is the phone on, in reach, and its SSH server on?"
            ) from error
        raise


def _keys(login: Login) -> Any:
    """The key that was named, and none where a password is; else what `ssh` takes by itself."""
    import asyncssh  # noqa: PLC0415 - as above

    if login.key_file is None:
        return None if login.password else ()
    try:
        return [asyncssh.read_private_key(login.key_file)]
    except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise DeviceError(
            f"cannot use the SSH key {login.key_file.name}", hint="name a private key without a passphrase"
        ) from error


def _known(hosts: Path) -> Any:
    """An empty list where there is no file: nobody is trusted then. None would trust everybody."""
    return str(hosts) if hosts.is_file() else b""


def _unknown_host(target: Target, hosts: Path, *, given: bool) -> DeviceError:
    import asyncssh  # noqa: PLC0415 - as above

    shown = hosts.name if given else "~/.ssh/known_hosts"
    known: Any = [[]]
    if hosts.is_file():
        with contextlib.suppress(ValueError, OSError):
            known = asyncssh.match_known_hosts(str(hosts), target.host, "", target.port)
    if known[0]:
        return DeviceError(
            f"the host key of {target} has changed: it is another phone, or somebody is in between",
            hint=f"where it was restored: ssh-keygen -R '{target.mark}', then accept its new key",
        )
    return DeviceError(
        f"the host key of {target} is not known",
        hint=f"to accept it: ssh-keyscan -p {target.port} {target.host} >> {shown}",
    )
