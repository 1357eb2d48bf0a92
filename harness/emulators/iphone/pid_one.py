"""pid 1 of an emulated jailbroken iPhone: hands each connection to OpenSSH's server, and does what the harness asks.

One `sshd -i` for each connection, as `launchd` does it. Locking lays a file that nobody may open over each one whose
protection class the lock closes: the kernel then refuses it to root as well.
"""

import asyncio
import concurrent.futures.thread  # noqa: F401 - asyncio imports it late, when there is nothing left to import from
import os
import socket
import stat
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.emulators.iphone import layout
from harness.emulators.iphone.scripts import SOCKET
from harness.emulators.walls import kernel, trees
from harness.emulators.walls.control import Desk
from harness.emulators.walls.kernel import MountFlag
from harness.emulators.walls.ports import ROOT, Identity, Tier
from harness.emulators.walls.process import ForkedPrograms
from harness.emulators.walls.userland import Userland
from harness.model import Access
from harness.sandbox import Lock, Sandbox
from harness.sandbox.rules import protected

__all__ = ["Firmware", "Listeners"]

_EXPORTED = ("private/var/mobile", "private/var/Keychains")
_SSHD = "/usr/sbin/sshd"
_CREDENTIALS = struct.Struct("3i")
_PATIENCE = 10.0
_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Listeners:
    """Sockets of the machine that the device answers on. They stay in the network that they were made in."""

    control: socket.socket
    ssh: socket.socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """All that a device is made of. A `container.Body`."""

    sandbox: Sandbox = field(repr=False)
    userland: Userland = field(repr=False)
    access: layout.WayIn = field(repr=False)
    listeners: Listeners
    tier: Tier

    def __post_init__(self) -> None:
        """Still in the harness: behind the walls there is no library left to import from."""
        self.sandbox.keychain.database()

    def prepare(self, root: Path, *, procfs: bool) -> Callable[[Callable[[], None]], None]:
        """Make the root directory; gives what runs in it, and fills it first."""
        profile = self.sandbox.profile
        assert profile is not None
        walled = self.tier is Tier.USER_NAMESPACE
        os.umask(0o022)
        layout.build(root, profile, self.userland, self.access, walled=walled, procfs=procfs)
        closes = walled and procfs and _lay_a_lock(root)

        def run(ready: Callable[[], None]) -> None:
            os.umask(0o022)
            layout.place_files(Path("/"), self.sandbox)
            asyncio.run(_Device(self, closes=closes).live(ready))

        return run


def _lay_a_lock(root: Path) -> bool:
    """Bind what only the machine's root could open, and nobody in here; gives whether that is so."""
    target = root / layout.LOCKED[1:]
    target.touch()
    with suppress(OSError):
        kernel.mount(str(root / "proc/kmsg"), str(target), None, MountFlag.BIND)
        try:
            os.close(os.open(target, os.O_RDONLY | os.O_NONBLOCK))
        except PermissionError:
            return True
        kernel.unmount(str(target))
    return False


def _environment(identity: Identity) -> Mapping[str, str]:
    del identity
    return {"PATH": "/usr/bin:/bin:/usr/sbin"}


class _Device:
    """One running phone."""

    def __init__(self, firmware: Firmware, *, closes: bool) -> None:
        self._firmware = firmware
        self._sandbox = firmware.sandbox
        self._closes = closes
        """A lock can be laid over files; else they are taken away."""
        self._programs = ForkedPrograms(_environment)
        self._closed: dict[str, bytes | None] = {}
        """Paths that the lock closes now, with their bytes where those were taken away."""
        self._journal: list[str] = []

    async def live(self, ready: Callable[[], None]) -> None:
        """Serve until the harness hangs up."""
        loop = asyncio.get_running_loop()
        listener = self._firmware.listeners.ssh
        listener.setblocking(False)
        loop.add_reader(listener, self._accept)
        keychain = await asyncio.start_unix_server(self._ask_keychain, SOCKET)
        Path(SOCKET).chmod(0o666)
        self._close_files()
        desk = Desk(
            self._firmware.listeners.control,
            {"export": self._export, "journal": self._say_journal, "lock": self._lock, "unlock": self._unlock},
        )
        ready()
        await desk.serve()
        loop.remove_reader(listener)
        keychain.close()
        self._programs.close()

    # -- SSH -------------------------------------------------------------------------------------

    def _accept(self) -> None:
        with suppress(BlockingIOError, InterruptedError):
            connection, _ = self._firmware.listeners.ssh.accept()
            with connection:
                if len(self._programs.running) >= _CONNECTIONS:
                    return
                self._journal.append("ssh")
                words = (_SSHD, "-i", "-e", "-f", layout.SSHD_CONFIG)
                with suppress(OSError):
                    self._programs.start(words, identity=ROOT, stdio=(connection.fileno(), connection.fileno(), 2))

    # -- the keychain ----------------------------------------------------------------------------

    async def _ask_keychain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer who asks: root, whose code may carry any entitlement, and nobody else."""
        try:
            peer = writer.get_extra_info("socket").getsockopt(
                socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
            )
            _, uid, _ = _CREDENTIALS.unpack(peer)
            await asyncio.wait_for(reader.readline(), _PATIENCE)
            self._journal.append(f"keychain: uid {uid}")
            if uid != ROOT.uid:
                answer = "error: -34018 (errSecMissingEntitlement)\n"
            else:
                answer = self._sandbox.keychain.dump(self._sandbox.keychain.readable(Access.ROOT_CODE))
            writer.write(answer.encode())
            await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass
        finally:
            writer.close()

    # -- requests --------------------------------------------------------------------------------

    async def _export(self, _request: Mapping[str, Any], descriptor: int | None) -> Mapping[str, Any]:
        if descriptor is None:
            raise ValueError("a descriptor is missing")

        def copy() -> int:
            with os.fdopen(descriptor, "wb", closefd=False) as opened:
                trees.export(Path("/"), opened, _EXPORTED)
            return 0

        pid = self._programs.fork(ROOT, copy, (descriptor,))
        if await self._programs.exit_of(pid):
            raise OSError("it failed in the device")
        return {}

    async def _say_journal(self, _request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        return {"journal": list(self._journal)}

    async def _lock(self, request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        self._sandbox.boot() if request.get("restart") else self._sandbox.lock()
        self._close_files()
        return {}

    async def _unlock(self, _request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        self._sandbox.unlock()
        self._close_files()
        return {}

    # -- data protection -------------------------------------------------------------------------

    def _close_files(self) -> None:
        """Close what the lock closes as it is now, and open what it does not."""
        lock = self._sandbox.setting.lock
        entries = () if lock is Lock.UNLOCKED else self._sandbox.walk("/")
        wanted = {entry.path for entry in entries if not entry.folder and protected(entry.protection, lock)}
        for path in sorted(self._closed.keys() - wanted):
            self._open_file(path, self._closed.pop(path))
        for path in sorted(wanted - self._closed.keys()):
            self._closed[path] = self._close_file(path)

    def _close_file(self, path: str) -> bytes | None:
        if self._closes:
            kernel.mount(layout.LOCKED, path, None, MountFlag.BIND)
            return None
        # Without mounts: the bytes are in this process alone, and what stands there can be opened by nobody.
        target = Path(path)
        data, looks = target.read_bytes(), target.stat()
        target.unlink()
        os.mknod(path, stat.S_IFSOCK | stat.S_IMODE(looks.st_mode))
        os.chown(path, looks.st_uid, looks.st_gid)
        return data

    def _open_file(self, path: str, data: bytes | None) -> None:
        if data is None:
            kernel.unmount(path)
            return
        entry = self._sandbox.stat(path)
        layout.put(Path(path), data, entry.owner, entry.mode)
        trees.set_time(Path(path), entry.modified)
