"""An emulated Android device: a sandbox that real adb clients reach. By the kernel it refuses what a phone refuses.

    with AndroidDevice(sandbox) as device:
        subprocess.run(["adb", "connect", device.serial])
        …
        device.refresh()        # what apps and people wrote is in the sandbox now

The harness holds it through the control channel and a lifeline; it ends with the harness, however that ends.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import BinaryIO

from harness.emulators.android import mirror
from harness.emulators.android.apps import AppProgram
from harness.emulators.android.machine import machine_of, package_of
from harness.emulators.android.pid_one import Firmware, Listeners
from harness.emulators.android.ports import Machine
from harness.emulators.android.tls import load_tls
from harness.emulators.android.userland import find_userland, missing
from harness.emulators.walls import container
from harness.emulators.walls.control import Control
from harness.emulators.walls.handles import HOST, channel, in_memory, listener_on
from harness.emulators.walls.held import HeldDevice
from harness.emulators.walls.ports import Tier, Trust
from harness.emulators.walls.tiers import cannot, probe
from harness.errors import DeviceError, UsageError
from harness.sandbox import App, Lock, Sandbox

__all__ = ["AndroidDevice", "Setup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What seldom differs between devices."""

    serial: str = ""
    """As on the label; made of the profile's name where not given."""
    program: AppProgram | None = None
    """What a started app does; nothing where not given."""
    port: int = 0
    """Where it listens on 127.0.0.1; any that is free where 0. Never 5555 to 5585: every adb server takes those."""


class AndroidDevice(HeldDevice):
    """One running device; its journal has the services that were opened over adb, and the paths asked of `sync`."""

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
            raise cannot("an emulated device", missing(tier))
        self.machine: Machine = machine_of(
            sandbox, serial=setup.serial, trust=trust, known_keys=tuple(known_keys), tier=tier
        )
        super().__init__(sandbox)
        self._hold(lambda: self._started(setup, tls=tls))

    def _started(self, setup: Setup, *, tls: bool) -> Control:
        if tls:
            load_tls()  # here, while there is something to load it from
        userland = find_userland()
        with channel() as (ours, theirs), ExitStack() as opened:
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
        sockets = (listeners.control, listeners.adb, listeners.tls)
        keep = tuple(each.fileno() for each in sockets if each is not None)
        return container.Plan(tier=self.machine.tier, hostname="emu", size=self._space, keep=keep, log=self._log)

    # -- what it is ------------------------------------------------------------------------------

    @property
    def serial(self) -> str:
        """How an adb client that has connected calls it."""
        return f"{HOST}:{self.port}"

    @property
    def ways_in(self) -> tuple[str, ...]:
        return (f"adb connect {self.serial}",) if self.machine.adb else ()

    @property
    def scan_words(self) -> tuple[str, ...]:
        return (f"adb:{self.serial}",)

    # -- what a person does with it --------------------------------------------------------------

    def launch(self, package: str) -> None:
        """Tap on an app's icon: what `am start -W` does. One that runs comes to the front.

        Raises:
            DeviceError: it is not installed, or was not on the screen in the end; or the screen is locked.
        """
        if not self._control.ask("launch", package=package)["ready"]:
            raise DeviceError(f"{package} was started and did not come up", hint="run it again with --debug")

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

    # -- inside ----------------------------------------------------------------------------------

    def _is_alive(self) -> bool:
        return self._container.is_running()

    def _end(self) -> None:
        self._container.stop()

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
