"""What the framework knows of its device: packages, settings, properties, logs and running apps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from harness.emulators.android.apps import AppProgram
from harness.emulators.android.framework.logs import BUFFERS, Logs
from harness.emulators.android.framework.places import Places
from harness.emulators.android.framework.processes import Processes
from harness.emulators.android.framework.properties import Properties
from harness.emulators.android.framework.settings_tables import SettingsTables
from harness.emulators.android.keystore import Keystore
from harness.emulators.android.ports import Machine, Package
from harness.emulators.walls.ports import Programs

__all__ = ["SYSTEM_PACKAGES", "Options", "Session", "System"]

SYSTEM_PACKAGES = tuple(
    Package(name=name, uid=uid, allow_backup=False, flags=("SYSTEM",))
    for name, uid in (
        ("android", 1000),
        ("com.android.providers.settings", 1000),
        ("com.android.settings", 1000),
        ("com.android.shell", 2000),
    )
)
"""What every device has, and what keeps no data here."""

_FIRST_FREE = 10_100


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a device is given beside its description."""

    places: Places = field(default_factory=Places)
    keystore: Keystore | None = None
    """None where the device has none."""
    program: AppProgram | None = None
    """What every started app does; nothing where not given."""


@dataclass(slots=True)
class Session:
    """One installation in several steps: `install-create`, `install-write`, `install-commit`."""

    uid: int
    """Whose it is."""


class System:
    """The state that lives in pid 1 and that commands read and change."""

    def __init__(self, machine: Machine, programs: Programs, options: Options) -> None:
        self.machine = machine
        self.programs = programs
        self.places = options.places
        self.keystore = options.keystore
        self.packages: dict[str, Package] = dict(machine.packages)
        self.properties = Properties(machine.properties, self.places)
        self.settings = SettingsTables(machine.serial, adb=machine.adb)
        self.logs = Logs()
        self.processes = Processes(programs, self.places, self.logs, options.program)
        self.sessions: dict[int, Session] = {}
        self.backup_is_confirmed = True
        """Whether somebody taps "back up my data" when asked."""
        self.reboot: Callable[[], None] = self.restart
        """What `reboot` does; the debug bridge puts in its own, which calls `restart`."""
        self.changed: Callable[[], None] = lambda: None
        """Called when a package came or went: somebody keeps the names of users."""

    def installed(self) -> Iterator[Package]:
        """Everything that is installed, sorted by name."""
        yield from sorted((*self.packages.values(), *SYSTEM_PACKAGES), key=lambda package: package.name)

    def find(self, name: str) -> Package | None:
        """An installed package, also of the system."""
        return next((package for package in self.installed() if package.name == name), None)

    def owner(self, uid: int) -> Package | None:
        """The app that has a uid, as the user has it whose uid that is."""
        copies = (copy for package in self.packages.values() for copy in package.copies)
        return next((copy for copy in copies if copy.uid == uid), None)

    def free_uid(self) -> int:
        """For an app that is new."""
        taken = {package.uid for package in self.packages.values()}
        return next(uid for uid in range(_FIRST_FREE, 19_998) if uid not in taken)

    def register(self, package: Package) -> None:
        """Know a package whose folders are there."""
        self.packages[package.name] = package
        self.changed()

    def forget(self, name: str) -> None:
        """Know a package no longer, nor its keys."""
        package = self.packages.pop(name, None)
        if self.keystore is not None and package is not None:
            for copy in package.copies:
                self.keystore.forget(copy.owner)
        self.changed()

    def restart(self) -> None:
        """All that goes with the power: running apps, logs, and what was not finished."""
        self.processes.stop_all()
        self.sessions.clear()
        self.logs.clear(BUFFERS)
