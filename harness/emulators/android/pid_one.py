"""pid 1 of an emulated Android device: puts its parts together, and does what the harness asks of it."""

import asyncio
import codecs
import concurrent.futures.thread  # noqa: F401 - asyncio imports it late, when there is nothing left to import from
import os
import shutil
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.emulators.android import layout, mirror
from harness.emulators.android.adbd import Bridge
from harness.emulators.android.apps import TITLE, AppProgram
from harness.emulators.android.environment import environment_of
from harness.emulators.android.framework import Framework
from harness.emulators.android.framework.system import Options
from harness.emulators.android.keystore import Keystore
from harness.emulators.android.ports import Machine, Package
from harness.emulators.android.scripts import scripts
from harness.emulators.walls import kernel, trees
from harness.emulators.walls.control import Desk
from harness.emulators.walls.ports import ROOT, Tier
from harness.emulators.walls.process import ForkedPrograms
from harness.emulators.walls.userland import Userland
from harness.model import Keystore as Grade
from harness.sandbox import Lock, Sandbox

__all__ = ["Firmware", "Listeners"]

_CREDENTIAL = ("data/data", "data/user", "storage/emulated")
"""What is encrypted until somebody unlocks the device for the first time."""
_LATE_CODECS = ("ascii", "charmap", "cp437", "idna", "latin-1", "punycode", "unicode_escape", "utf-8", "utf-16")


@dataclass(frozen=True, slots=True)
class Listeners:
    """Sockets of the machine that the device answers on. They stay in the network that they were made in."""

    control: socket.socket
    adb: socket.socket
    tls: socket.socket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """All that a device is made of. A `container.Body`."""

    machine: Machine
    sandbox: Sandbox = field(repr=False)
    userland: Userland = field(repr=False)
    listeners: Listeners
    program: AppProgram | None = None
    """What a started app does."""

    def __post_init__(self) -> None:
        """Still in the harness: behind the walls there is no library left to import from."""
        for name in _LATE_CODECS:
            codecs.lookup(name)
        self._keystore()

    def _keystore(self) -> Keystore | None:
        """Makes its cipher's library be there, too."""
        return None if self.sandbox.keys.grade is Grade.NONE else Keystore(self.sandbox.keys)

    def prepare(self, root: Path, *, procfs: bool) -> Callable[[Callable[[], None]], None]:
        """Make the root directory; gives what runs in it, and fills it first."""
        machine = replace(self.machine, procfs=procfs)
        walled = machine.tier is Tier.USER_NAMESPACE
        layout.build(root, machine, self.userland, scripts(machine), mounts=walled)
        terminals = None if walled else os.open("/dev", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        options = Options(keystore=self._keystore(), program=self.program)

        def run(ready: Callable[[], None]) -> None:
            # `ps` is to show what a phone shows, not how the harness was called.
            TITLE.show("init")
            # Not before: a link that leads out of an unfinished root directory would lead into the machine's.
            mirror.place(Path("/"), self.sandbox)
            self.sandbox.delete("/")  # this process's own: what was in it is in the device's file system now
            kernel.give_back_memory()
            asyncio.run(
                _Device(self, machine, options, ForkedPrograms(environment_of, terminals=terminals)).live(ready)
            )

        return run


class _Device:
    """The parts of one running device."""

    def __init__(self, firmware: Firmware, machine: Machine, options: Options, programs: ForkedPrograms) -> None:
        self._firmware = firmware
        self._programs = programs
        self._framework = Framework(machine, programs, options)
        self._bridge = Bridge(machine, programs, self._framework)
        system = self._framework.system
        system.changed = lambda: layout.register_users(Path("/"), system.packages)
        system.reboot = self._reboot
        self._sandbox = firmware.sandbox
        self._sealed: int | None = None
        """The credential-encrypted files while nobody can have them: in no file system at all."""

    async def live(self, ready: Callable[[], None]) -> None:
        """Serve until the harness hangs up."""
        listeners = self._firmware.listeners
        await self._framework.serve()
        await self._bridge.serve(listeners.adb)
        if listeners.tls is not None:
            await self._bridge.serve_tls(listeners.tls)
        if self._sandbox.setting.lock is Lock.BEFORE_FIRST_UNLOCK:
            await self._seal()
        desk = Desk(
            listeners.control,
            {
                "answer": self._answer,
                "export": self._export,
                "install": self._install,
                "journal": self._journal,
                "launch": self._launch,
                "lock": self._lock,
                "packages": self._packages,
                "pour": self._pour,
                "unlock": self._unlock,
            },
        )
        ready()
        await desk.serve()
        await self._bridge.stop()
        await self._framework.close()
        self._programs.close()

    # -- requests --------------------------------------------------------------------------------

    async def _answer(self, request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        if self._sandbox.setting.lock is not Lock.UNLOCKED:
            raise PermissionError("the screen is locked, so nobody can answer the dialog")
        return {"dialogs": self._bridge.answer(bool(request["allow"]))}

    async def _export(self, _request: Mapping[str, Any], descriptor: int | None) -> Mapping[str, Any]:
        await self._copy(_given(descriptor), mirror.EXPORTED)
        return {}

    async def _install(self, request: Mapping[str, Any], descriptor: int | None) -> Mapping[str, Any]:
        words = dict(request["package"])
        package = Package(**{**words, "flags": tuple(words.get("flags", ()))})
        await self._fill(_given(descriptor))
        layout.install(Path("/"), package, self._firmware.userland.programs["setpriv"])
        self._framework.register(package)
        return {}

    async def _journal(self, _request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        return {"journal": list(self._bridge.journal)}

    async def _packages(self, _request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        return {
            "packages": [
                {
                    "package": each.name,
                    "uid": each.uid,
                    "debuggable": each.debuggable,
                    "allow_backup": each.allow_backup,
                    "target_sdk": each.target_sdk,
                }
                for _, each in sorted(self._framework.system.packages.items())
            ]
        }

    async def _pour(self, _request: Mapping[str, Any], descriptor: int | None) -> Mapping[str, Any]:
        await self._fill(_given(descriptor))
        return {}

    def _reboot(self) -> None:
        """What `reboot` does: all that runs ends, and clients are sent away. Without a code it unlocks itself."""
        self._framework.restart()
        asyncio.get_running_loop().call_soon(self._bridge.restart)

    # -- the lock --------------------------------------------------------------------------------

    async def _launch(self, request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        if self._sandbox.setting.lock is not Lock.UNLOCKED:
            raise PermissionError("the screen is locked, so nobody can tap on an app")
        system = self._framework.system
        package = system.packages[str(request["package"])]
        is_new = await system.processes.start(package, wait=True)
        return {"ready": not is_new or package.name in system.processes.drawn}

    async def _lock(self, request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        if request.get("restart"):
            self._sandbox.boot()
            self._framework.restart()
            await self._seal()
            self._bridge.restart()
        else:
            self._sandbox.lock()
        return {}

    async def _unlock(self, _request: Mapping[str, Any], _descriptor: int | None) -> Mapping[str, Any]:
        if self._sealed is not None:
            await self._fill(_given(self._sealed))
            os.close(self._sealed)
            self._sealed = None
        self._sandbox.unlock()
        return {}

    async def _seal(self) -> None:
        """Take the files away from everybody, root too: before the first unlock there is no key for them."""
        if self._sealed is not None:
            return
        sealed = os.memfd_create("sealed")
        try:
            await self._copy(sealed, _CREDENTIAL)
        except BaseException:
            os.close(sealed)
            raise
        self._sealed = sealed

        def empty() -> int:
            for folder in _CREDENTIAL:
                for each in Path("/", folder).iterdir():
                    if each.is_dir() and not each.is_symlink():
                        shutil.rmtree(each)
                    else:
                        each.unlink()
            return 0

        await self._do(empty, ())

    # -- work that must not hold up anybody ------------------------------------------------------

    async def _copy(self, target: int, names: tuple[str, ...]) -> None:
        def copy() -> int:
            with os.fdopen(target, "wb", closefd=False) as opened:
                trees.export(Path("/"), opened, names)
            return 0

        await self._do(copy, (target,))

    async def _fill(self, source: int) -> None:
        def fill() -> int:
            with os.fdopen(source, "rb", closefd=False) as opened:
                mirror.pour(Path("/"), opened)
            return 0

        await self._do(fill, (source,))

    async def _do(self, work: Callable[[], int], keep: tuple[int, ...]) -> None:
        """Let a child of pid 1 do it, as root.

        Raises:
            OSError: it failed; the device's log says how.
        """
        pid = self._programs.fork(ROOT, work, keep)
        if await self._programs.exit_of(pid):
            raise OSError("it failed in the device: is its storage full?")


def _given(descriptor: int | None) -> int:
    if descriptor is None:
        raise ValueError("a descriptor is missing")
    with suppress(OSError):
        os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
