"""A debug bridge in a process of its own, whose programs run as the current user: what real clients are tried on.

Started with its options as JSON; says its ports in the first line, then obeys a line at a time.
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import pty
import signal
import socket
import sys
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.emulators.android.adbd import Bridge
from harness.emulators.android.link import Patience
from harness.emulators.android.ports import Machine
from harness.emulators.android.shell import SHELL_PATH
from harness.emulators.walls.ports import Identity, Run, Stdio, Trust


class OwnPrograms:
    """Runs everything as who runs the test, with the machine's own shell."""

    def __init__(self) -> None:
        self._running: dict[int, asyncio.Future[int]] = {}
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)

    @property
    def running(self) -> list[int]:
        return sorted(self._running)

    def start(
        self,
        argv: Sequence[str],
        *,
        identity: Identity,
        stdio: Stdio,
        environment: Mapping[str, str] | None = None,
        terminal: int | None = None,
    ) -> int:
        words = ["/bin/sh" if word == SHELL_PATH else word for word in argv]
        pid = os.fork()
        if pid:
            self._running[pid] = asyncio.get_running_loop().create_future()
            return pid
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.setsid()
            if terminal is not None:
                import fcntl
                import termios

                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
            nothing = os.open(os.devnull, os.O_RDWR)
            parked = [os.dup(nothing if end is None else end) for end in stdio]
            for number, end in enumerate(parked):
                os.dup2(end, number, inheritable=True)
            os.closerange(3, 4096)
            os.execve(words[0], words, {**os.environ, **(environment or {})})
        finally:
            os._exit(127)

    def fork(self, identity: Identity, run: Run, keep: Sequence[int]) -> int:
        pid = os.fork()
        if pid:
            self._running[pid] = asyncio.get_running_loop().create_future()
            return pid
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            os.setsid()
            for number in range(3, 4096):
                if number not in keep:
                    with contextlib.suppress(OSError):
                        os.close(number)
            code = run()
        finally:
            os._exit(code)

    def terminal(self) -> tuple[int, int]:
        return pty.openpty()

    def exit_of(self, pid: int) -> Awaitable[int]:
        return asyncio.shield(self._running[pid]) if pid in self._running else self._ended[pid]

    def kill(self, pid: int) -> None:
        if pid in self._running and not self._running[pid].done():
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                os.kill(pid, signal.SIGKILL)

    _ended: dict[int, "asyncio.Future[int]"] = {}  # noqa: RUF012

    def _reap(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            ended = self._running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            ended.set_result(code if code >= 0 else 128 - code)
            self._ended[pid] = ended


class OwnCommands:
    """A framework of three commands: enough to see that they are reached, with whose stdio, and by whom."""

    def __init__(self, programs: OwnPrograms) -> None:
        self.called: list[list[str]] = []
        self._programs = programs

    async def call(self, name: str, arguments: Sequence[str], *, uid: int, stdio: Stdio) -> int:
        self.called.append([str(uid), name, *arguments])
        if name == "reboot":
            return 0
        end = stdio[0]
        assert end is not None

        def run() -> int:
            os.write(end, b"ANDROID BACKUP\n" + bytes(300_000) if name == "bu" else _installed(end, arguments))
            return 0

        pid = self._programs.fork(Identity(uid, uid), run, (end,))
        try:
            return await self._programs.exit_of(pid)
        finally:
            self._programs.kill(pid)


def _installed(end: int, arguments: Sequence[str]) -> bytes:
    left, digest = int(arguments[list(arguments).index("-S") + 1]), hashlib.sha256()
    while left:
        piece = os.read(end, min(left, 65536))
        digest.update(piece)
        left -= len(piece)
    return b"Success\n" if digest.digest() else b""


async def serve(options: dict[str, Any]) -> None:
    """Until told to stop, or until whoever started this has gone."""
    loop = asyncio.get_running_loop()
    if options.get("quiet"):
        logging.disable()  # services that fail on purpose
    programs = OwnPrograms()
    commands = OwnCommands(programs)
    machine = Machine(
        serial="bridge",
        api=options.get("api", 34),
        properties={"ro.product.name": "test", "ro.product.model": "Test phone", "ro.product.device": "test"}
        | options.get("properties", {}),
        packages={},
        userdebug=options.get("userdebug", False),
        adb=options.get("adb", True),
        trust=Trust(options.get("trust", "accept")),
        known_keys=tuple(key.encode() for key in options.get("known_keys", ())),
    )
    patience = Patience(**options["patience"]) if "patience" in options else None
    bridge = Bridge(machine, programs, commands, patience=patience)
    listeners = [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(2)]
    ports = [listener.getsockname()[1] for listener in listeners]
    await bridge.serve(listeners[0])
    if options.get("tls"):
        await bridge.serve_tls(listeners[1])
    else:
        listeners[1].close()
    say(ports)
    orders: asyncio.Queue[str] = asyncio.Queue()
    loop.add_reader(0, lambda: orders.put_nowait(sys.stdin.readline().strip()))
    while (order := await orders.get()) not in {"", "stop"}:
        if order.startswith("answer"):
            say(bridge.answer(order.endswith("yes")))
        elif order == "state":
            asking = [dataclasses.asdict(key) | {"modulus": 0} for key in bridge.ring.asking]
            say(
                {
                    "journal": list(bridge.journal),
                    "running": programs.running,
                    "descriptors": len(list(Path("/proc/self/fd").iterdir())),
                    "called": commands.called,
                    "memory": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
                    "asking": asking,
                    "is_root": bridge.is_root,
                }
            )
    loop.remove_reader(0)
    await bridge.stop()
    # A loop that closes lets go of its wake-up pipe before its signals: a child that ends in between is a complaint.
    loop.remove_signal_handler(signal.SIGCHLD)
    say("stopped")


def say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
