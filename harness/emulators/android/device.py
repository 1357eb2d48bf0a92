"""An emulated Android device: a sandbox that real adb clients reach. By the kernel it refuses what a phone refuses.

    with AndroidDevice(sandbox) as device:
        subprocess.run(["adb", "connect", device.serial])
        …
        device.refresh()        # what apps and people wrote is in the sandbox now

The harness holds it through the control channel and a lifeline; it ends with the harness, however that ends.
"""

import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import BinaryIO, Self

from harness.emulators.android import mirror
from harness.emulators.android.apps import AppProgram
from harness.emulators.android.machine import machine_of, package_of
from harness.emulators.android.pid_one import Firmware, Listeners
from harness.emulators.android.ports import Machine, Trust
from harness.emulators.android.tls import load_tls
from harness.emulators.android.userland import find_userland, missing
from harness.emulators.walls import container
from harness.emulators.walls.control import Control
from harness.emulators.walls.handles import HOST, in_memory, listener_on
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.tiers import probe
from harness.errors import DeviceError, UsageError
from harness.sandbox import App, Lock, Sandbox

__all__ = ["AndroidDevice", "Setup"]

_LEAST_SPACE = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What seldom differs between devices."""

    serial: str = ""
    """As on the label; made of the profile's name where not given."""
    program: AppProgram | None = None
    """What a started app does; nothing where not given."""
    port: int = 0
    """Where it listens on 127.0.0.1; any that is free where 0. Never 5555 to 5585: every adb server takes those."""


class AndroidDevice:
    """One running device. Starts when it is made; stop it, or use it as a context."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        trust: Trust = Trust.ACCEPT,
        known_keys: Sequence[bytes] = (),
        tier: Tier | None = None,
        tls: bool = False,
        setup: Setup | None = None,
    ) -> None:
        """Start a device with what is in a sandbox.

        Args:
            sandbox: profile, apps and files. It stays as it is until `refresh`.
            trust: what happens when an adb client comes with a key that is not known.
            known_keys: adb keys that were allowed before, as in `adbkey.pub`.
            tier: how it is walled in; the best that works on this machine where not given.
            tls: whether wireless debugging is on as well.
            setup: what seldom differs.

        Raises:
            DeviceError: this machine cannot, or the device does not start; the hint says what to do.
            UsageError: the sandbox is no Android device.
        """
        if sandbox.profile is None:
            raise UsageError("a device has a profile")
        self._profile = sandbox.profile
        setup = setup or Setup()
        tier = probe() if tier is None else tier
        if tier is Tier.NONE:
            raise _cannot(tier)
        self.sandbox = sandbox
        self.machine: Machine = machine_of(
            sandbox, serial=setup.serial, trust=trust, known_keys=tuple(known_keys), tier=tier
        )
        self._log = os.memfd_create("device-log", os.MFD_CLOEXEC)
        try:
            self._control = self._started(setup, tls=tls)
        except BaseException:
            os.close(self._log)
            raise
        self._stopped = False
        self._last_words = ""

    def _started(self, setup: Setup, *, tls: bool) -> Control:
        if tls:
            load_tls()  # here, while there is something to load it from
        userland = find_userland()
        with ExitStack() as opened:
            ours, theirs = socket.socketpair()
            opened.callback(theirs.close)
            opened.push(lambda kind, _error, _trace: ours.close() if kind is not None else None)
            adb = opened.enter_context(listener_on(setup.port))
            secure = opened.enter_context(listener_on(0)) if tls else None
            self.port: int = adb.getsockname()[1]
            self.tls_port: int | None = secure.getsockname()[1] if secure else None
            listeners = Listeners(theirs, adb, secure)
            firmware = Firmware(
                machine=self.machine,
                sandbox=self.sandbox,
                userland=userland,
                listeners=listeners,
                program=setup.program,
            )
            self._container = container.start(self._plan(listeners), firmware)
            return Control(ours)

    def _plan(self, listeners: Listeners) -> container.Plan:
        held = sum(entry.size for entry in self.sandbox.walk("/"))
        sockets = (listeners.control, listeners.adb, listeners.tls)
        keep = tuple(each.fileno() for each in sockets if each is not None)
        return container.Plan(
            tier=self.machine.tier, hostname="emu", size=max(_LEAST_SPACE, 3 * held), keep=keep, log=self._log
        )

    # -- what it is ------------------------------------------------------------------------------

    @property
    def serial(self) -> str:
        """How an adb client that has connected calls it."""
        return f"{HOST}:{self.port}"

    @property
    def journal(self) -> tuple[str, ...]:
        """Every service that was opened over adb, and every path that `sync` was asked for, in order."""
        return tuple(self._control.ask("journal")["journal"])

    @property
    def log(self) -> str:
        """What went wrong inside, for whoever mends it."""
        if self._log < 0:
            return self._last_words
        return os.pread(self._log, os.fstat(self._log).st_size, 0).decode("utf-8", "replace")

    def is_running(self) -> bool:
        """Whether it has not been stopped, and has not ended by itself."""
        return not self._stopped and self._container.is_running()

    # -- what a person does with it --------------------------------------------------------------

    def answer(self, allow: bool) -> int:
        """Tap "allow" or "deny" in the dialogs that ask about a key; gives how many there were."""
        return int(self._control.ask("answer", allow=allow)["dialogs"])

    def launch(self, package: str) -> None:
        """Tap on an app's icon: what `am start -W` does. One that runs comes to the front.

        Raises:
            DeviceError: it is not installed, or was not on the screen in the end; or the screen is locked.
        """
        if not self._control.ask("launch", package=package)["ready"]:
            raise DeviceError(f"{package} was started and did not come up", hint="run it again with --debug")

    def lock(self, *, restart: bool = False) -> None:
        """Lock the screen.

        With `restart` it is turned off and on: nobody has unlocked it since, and not even root has apps' files.
        """
        self._control.ask("lock", restart=restart)
        self.sandbox.boot() if restart else self.sandbox.lock()

    def unlock(self) -> None:
        """Enter the passcode."""
        self._control.ask("unlock")
        self.sandbox.unlock()

    def install(self, app: App) -> None:
        """Install an app, here and in the sandbox.

        Raises:
            UsageError: it is there already, or its uid is none of an app.
            DeviceError: the device refuses.
        """
        package = package_of(app, self._profile)
        self.sandbox.install(app)
        with in_memory(mirror.pack(self.sandbox, self._containers(app.package))) as packed:
            self._control.ask("install", descriptor=packed.fileno(), package=asdict(package))

    def installed(self) -> tuple[App, ...]:
        """What is installed now, sorted; `adb install` and `pm uninstall` change it."""
        return tuple(App(**words) for words in self._control.ask("packages")["packages"])

    def put(self, *paths: str) -> None:
        """Give the running device files and folders as the sandbox has them now."""
        with in_memory(mirror.pack(self.sandbox, paths)) as packed:
            self._control.ask("pour", descriptor=packed.fileno())

    # -- its files -------------------------------------------------------------------------------

    def export(self) -> bytes:
        """A tar of /data and /storage with numeric owners, as root sees them at this moment."""
        with self._exported() as tree:
            return tree.read()

    def refresh(self) -> None:
        """Make the sandbox what the device is now: apps, and what was written, changed or deleted.

        Raises:
            DeviceError: nobody has unlocked the device since it started, so its files cannot be had; or it is gone.
        """
        if self.sandbox.setting.lock is Lock.BEFORE_FIRST_UNLOCK:
            raise DeviceError("the device has not been unlocked since it started", hint="Unlock it first.")
        here = {app.package: app for app in self.installed()}
        known = {app.package for app in self.sandbox.apps}
        for package in sorted(known - here.keys()):
            self.sandbox.uninstall(package)
        for package in sorted(here.keys() - known):
            self.sandbox.install(here[package])
        with self._exported() as tree:
            mirror.adopt(self.sandbox, tree)

    # -- its end ---------------------------------------------------------------------------------

    def stop(self) -> None:
        """End every process of the device; its files are gone. Stopping twice is stopping once."""
        if not self._stopped:
            self._stopped = True
            self._container.stop()
            self._control.close()
            self._last_words = self.log
            os.close(self._log)
            self._log = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- inside ----------------------------------------------------------------------------------

    def _containers(self, package: str) -> tuple[str, ...]:
        return self.sandbox.containers(package)

    def _exported(self) -> BinaryIO:
        tree = in_memory(b"")
        try:
            self._control.ask("export", descriptor=tree.fileno())
            tree.seek(0)
        except BaseException:
            tree.close()
            raise
        return tree


def _cannot(tier: Tier) -> DeviceError:
    lacking = missing(tier)
    what = ", ".join(each.what for each in lacking)
    how = " ".join(each.how for each in lacking)
    return DeviceError(f"this machine cannot wall in an emulated device: it lacks {what}", hint=how)
