"""The framework's socket in the device: takes requests, knows their callers, and ends them with their callers.

What a client says first is one line:

    PID                          a stub; arguments and descriptors are taken from its process
                                 nothing at all: a stub too, which is the parent of who connects
    call ID N                    where that cannot be: N arguments follow, each with a NUL, then standard input
    rc ID                        how `call ID` ended: its exit code, then what it said on standard error
    keystore OPERATION ALIAS N   N bytes follow; the alias in hexadecimal
    log PRIORITY N               N bytes follow: tag, NUL, text

None says who it is: that is the kernel's to say.
"""

import asyncio
import os
import socket
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from harness.emulators.android.framework import commands
from harness.emulators.android.framework.caller import LARGEST_ARGUMENTS, Handed, Peer, parent_of, peer_of, take_over
from harness.emulators.android.framework.descriptors import SaidNothing, collected, read_exactly, read_until, watch
from harness.emulators.android.framework.logs import Entry
from harness.emulators.android.framework.outcomes import Outcomes
from harness.emulators.android.framework.request import BadCall, Request
from harness.emulators.android.framework.system import Options, System
from harness.emulators.android.keystore import LARGEST
from harness.emulators.android.ports import Machine, Package
from harness.emulators.walls.ports import Programs, Stdio

__all__ = ["Framework"]

_COMMANDS = commands.load()

_FIRST_LINE = 1024
_ARGUMENTS = 4096
_SECONDS_TO_ASK = 10.0
"""In which a client must have said what it wants."""
_REQUESTS_OF_ONE = 64
"""Of one uid at a time."""
_NOT_FOUND = 20
"""The exit code of `cmd` for a service that is not there."""
_FAILED = 255
_LONGEST_ERROR = 64 * 1024
_BY_ARGUMENTS = b"arguments"
"""Tells a stub that its descriptors cannot be had, so that it sends its arguments."""


class Framework:
    """system_server, logd, keystore2 and `bu` of one device, in its pid 1. Implements `Commands`."""

    def __init__(self, machine: Machine, programs: Programs, options: Options | None = None) -> None:
        self.system = System(machine, programs, options or Options())
        self._programs = programs
        self._outcomes = Outcomes()
        self._busy: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- for the other parts of the device ---------------------------------------------------------

    async def serve(self, path: str = "/dev/socket/emud") -> None:
        """Open the socket, for everybody; requests are served from now on until `close`.

        Raises:
            OSError: it cannot be opened.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        Path(path).chmod(0o666)
        listener.listen(64)
        listener.setblocking(False)
        self._keep(self._accept(listener))

    async def close(self) -> None:
        """End every request and every app, and stop serving."""
        self.system.processes.stop_all()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def restart(self) -> None:
        """What a reboot does to the framework."""
        self.system.restart()

    def register(self, package: Package) -> None:
        """Know a package whose folders somebody else has made."""
        self.system.register(package)

    async def call(self, name: str, arguments: Sequence[str], *, uid: int, stdio: Stdio) -> int:
        """Run a command for a caller whose identity this device's own code vouches for; gives the exit code.

        The descriptors stay the caller's own. Cancel it to end the command.
        """
        with ExitStack() as opened:
            numbers = []
            for number in stdio:
                if number is None:
                    number = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)  # noqa: PLW2901
                    opened.callback(os.close, number)
                numbers.append(number)
            return await self._run(tuple(arguments), name, Peer(0, uid), (numbers[0], numbers[1], numbers[2]))

    # -- requests ----------------------------------------------------------------------------------

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listener:
            while True:
                try:
                    connection, _ = await loop.sock_accept(listener)
                except OSError:
                    # Out of descriptors: those that are served give some back.
                    await asyncio.sleep(0.05)
                    continue
                self._keep(self._client(connection))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _client(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, ValueError, EOFError, TimeoutError):
            connection.setblocking(False)
            peer = peer_of(connection)
            if self._busy[peer.uid] >= _REQUESTS_OF_ONE:
                return
            self._busy[peer.uid] += 1
            try:
                await self._serve(connection, peer)
            finally:
                self._busy[peer.uid] -= 1
                self._busy += Counter()  # forgets those who have none

    async def _serve(self, connection: socket.socket, peer: Peer) -> None:
        try:
            line = await asyncio.wait_for(read_until(connection, b"\n", _FIRST_LINE), _SECONDS_TO_ASK)
        except SaidNothing:
            await self._from_process(connection, peer, parent_of(peer))
            return
        words = line.decode("ascii").split()
        match words:
            case [number] if number.isdecimal():
                await self._from_process(connection, peer, int(number))
            case ["call", name, count]:
                await self._from_arguments(connection, peer, name, int(count))
            case ["rc", name]:
                await _send(connection, self._outcomes.take(peer.uid, name))
            case ["keystore", operation, alias, size]:
                payload = await _payload(connection, int(size), LARGEST)
                await _send(connection, self._keystore(peer.uid, operation, alias, payload))
            case ["log", priority, size]:
                self._log(peer, priority, await _payload(connection, int(size), 8192))
            case _:
                return

    async def _from_process(self, connection: socket.socket, peer: Peer, claimed: int) -> None:
        try:
            handed = take_over(peer, claimed)
        except PermissionError:
            # The claim is false, or the kernel keeps descriptors to itself here: either way, this is not for free.
            await _send(connection, _BY_ARGUMENTS)
            return
        try:
            code = await self._until_end(handed.life, self._handed(handed, peer.uid, claimed))
        finally:
            handed.close()
        await _send(connection, str(code).encode())

    async def _handed(self, handed: Handed, uid: int, pid: int) -> int:
        name, *arguments = handed.arguments
        return await self._run(tuple(arguments), name.rpartition("/")[2], Peer(pid, uid), handed.stdio)

    async def _from_arguments(self, connection: socket.socket, peer: Peer, ticket: str, count: int) -> None:
        words = await asyncio.wait_for(_arguments(connection, count), _SECONDS_TO_ASK)
        life = os.pidfd_open(peer.pid)
        said, error = os.pipe2(os.O_CLOEXEC)
        try:
            # From here on the connection is the command's standard input and output.
            connection.setblocking(True)
            stdio = (connection.fileno(), connection.fileno(), error)
            with collected(said, _LONGEST_ERROR) as found:
                code = await self._until_end(life, self._run(tuple(words[1:]), words[0], peer, stdio))
            self._outcomes.put(peer.uid, ticket, code, bytes(found))
        finally:
            for descriptor in (life, said, error):
                os.close(descriptor)

    async def _until_end(self, life: int, work: Coroutine[Any, Any, int]) -> int:
        """Do the work, unless the process behind a pidfd ends before."""
        task = asyncio.ensure_future(work)
        with watch(life, task.cancel):
            try:
                return await task
            finally:
                task.cancel()

    async def _run(self, arguments: tuple[str, ...], name: str, peer: Peer, stdio: tuple[int, int, int]) -> int:
        request = Request(name=name, arguments=arguments, uid=peer.uid, pid=peer.pid, stdio=stdio, system=self.system)
        command = _COMMANDS.get(name)
        if command is None:
            return await request.answer(error=f"cmd: Can't find service: {name}\n", code=_NOT_FOUND)
        try:
            return await command(request)
        except BadCall as error:
            return await request.answer(error=f"{error}\n", code=error.code)
        except OSError as error:
            return await request.answer(error=f"{name}: {error.strerror}\n", code=_FAILED)

    # -- what needs no command ---------------------------------------------------------------------

    def _keystore(self, uid: int, operation: str, alias: str, payload: bytes) -> bytes:
        keystore, owner = self.system.keystore, self.system.owner(uid)
        if keystore is None:
            return b"SYSTEM_ERROR 0\n"
        name = "" if alias == "-" else bytes.fromhex(alias).decode()
        refusal, result = keystore.answer(owner.owner if owner else None, operation, name, payload)
        return f"{refusal or 'ok'} {len(result)}\n".encode() + result

    def _log(self, peer: Peer, priority: str, words: bytes) -> None:
        tag, _, text = words.decode(errors="replace").partition("\0")
        self.system.logs.write(
            Entry(at=time.time(), pid=peer.pid, uid=peer.uid, priority=priority, tag=tag, text=text)
        )


async def _arguments(connection: socket.socket, count: int) -> list[str]:
    if not 1 <= count <= _ARGUMENTS:
        raise ValueError("too many arguments")
    words: list[str] = []
    left = LARGEST_ARGUMENTS
    for _ in range(count):
        word = await read_until(connection, b"\0", left)
        left = max(0, left - len(word) - 1)
        words.append(os.fsdecode(word))
    return words


async def _payload(connection: socket.socket, size: int, most: int) -> bytes:
    if not 0 <= size <= most:
        raise ValueError("a request is too large")
    return await asyncio.wait_for(read_exactly(connection, size), _SECONDS_TO_ASK)


async def _send(connection: socket.socket, data: bytes) -> None:
    await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(connection, data), _SECONDS_TO_ASK)
