"""Android devices over the debug bridge, emulated and real ones alike.

transport   the port; `direct` and `server` are its two ways, `shell` and `keys` what they share
probing     what the device allows: every attempt and every answer
observing   what it says of itself and of its apps
containers  where an app's files are, and what each place says
keystore    an app's keys, used as that app
copying     one tar stream, and what to do when it breaks; `stillness` keeps it of one moment
acquire     all of that in order
"""

import contextlib
import re
from collections.abc import Iterator, Sequence

from harness.devices._closing import Closing
from harness.devices._paths import shortened
from harness.devices.adb.acquire import Acquisition, Haul, acquire
from harness.devices.adb.direct import Direct, TlsWanted
from harness.devices.adb.keys import load_keys
from harness.devices.adb.keystore import DeviceKeystore, keystore_of
from harness.devices.adb.observing import look
from harness.devices.adb.probing import Attempt, probe, probe_apps
from harness.devices.adb.server import Attached, Served, Server
from harness.devices.adb.transport import Link
from harness.devices.base import Connector, Options, Source
from harness.errors import DeviceError, SourceError
from harness.model import Artifact, DeviceProfile, Unread

__all__ = ["Adb", "AdbSource", "allowances", "attached"]

_SCHEME = "adb:"
_GLANCE = 2.0
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):(?P<port>[0-9]{1,5})")


class Adb(Connector):
    """An Android device or emulator with USB debugging on."""

    title = "Android device"
    grammar = "adb:SERIAL or adb:HOST:PORT"
    needs = "a device that answers"

    def claims(self, source: str) -> float:
        return 0.95 if source.startswith(_SCHEME) else 0.0

    def open(self, source: str, options: Options) -> Source:
        if not source.startswith(_SCHEME):
            raise SourceError(f"{shortened(source)} is no device", hint=f"write {self.grammar}")
        link = _link(source.removeprefix(_SCHEME), options)
        try:
            seen = look(link, options.app)
            device = seen.device()
            apps = seen.packages(link, options.app)
            reach = probe(link, seen, may_change=options.may_change, patience=options.patience)
            probe_apps(link, reach, [app.name for app in apps])
            profile = device.profile(reach, apps, options.profile)
        except BaseException:
            link.close()
            raise
        job = Acquisition(
            link=link, reach=reach, apps=apps, device=device, profile=profile, options=options,
            labels=seen.tells_labels,
        )  # fmt: skip
        return AdbSource(source, job)


class AdbSource(Closing):
    """An open device: probed when it was opened, copied when its files are asked for."""

    def __init__(self, name: str, job: Acquisition) -> None:
        self.name = name
        self.profile: DeviceProfile | None = job.profile
        self.fault: DeviceError | None = None
        """What ended the acquisition early; known once everything was handed out."""
        self._job = job
        self._haul: Haul | None = None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What was tried to reach the files, and what the device said."""
        return tuple(self._job.reach.attempts)

    def collect(self) -> Iterator[Artifact | Unread]:
        if self._haul is None:
            self._haul = acquire(self._job)
            self.fault = self._haul.fault
        yield from self._haul.items

    def holder(self, container: str) -> DeviceKeystore | None:
        """The keystore of the app that a container is of, where code can be run as it."""
        apps = [app for app in self._job.apps if app.name == container] or [*self._job.apps][:1]
        return keystore_of(self._job.link, self._job.reach, apps[0]) if apps else None

    def close(self) -> None:
        if self._job.reach.restarted:
            with contextlib.suppress(DeviceError):
                self._job.link.restart("unroot:")
        self._job.link.close()
        if self._haul is not None:
            self._haul.items = []
            self._haul.release()


def attached() -> tuple[Attached, ...]:
    """What a running adb server holds; nothing where none runs, and none is started."""
    server = Server()
    try:
        return server.devices() if server.runs() else ()
    except DeviceError:
        return ()


def allowances(serial: str) -> str:
    """In one line, what an attached device lets us do; it is not changed, and nobody is waited for."""
    link = Served(Server(), serial)
    try:
        seen = look(link, None)
        apps = seen.packages(link, None)
        reach = probe(link, seen, may_change=False, patience=_GLANCE)
        probe_apps(link, reach, [app.name for app in apps])
    except DeviceError as error:
        return str(error)
    if reach.root:
        return f"everything, by {reach.root.way.value}"
    can_root = seen.properties.get("ro.debuggable") == "1"
    parts = ["everything, with --allow-changes"] if can_root else []
    parts += [f"run-as for {len(reach.apps)} of {len(apps)} apps"] if reach.apps else []
    return "; ".join([*parts, "backups where the app allows them", "shared storage"])


def _link(target: str, options: Options) -> Link:
    address = _ADDRESS.fullmatch(target)
    if address is None:
        return _served(target)
    port = int(address["port"])
    if not 0 < port < 1 << 16:
        raise DeviceError(f"{port} is no port", hint="write adb:HOST:PORT, as in adb:127.0.0.1:5555")
    try:
        return Direct(address["host"].strip("[]"), port, load_keys(), patience=options.patience)
    except TlsWanted:
        server = Server()
        if server.runs() and any(each.serial == target and each.state == "device" for each in server.devices()):
            return Served(server, target)
        raise


def _served(serial: str) -> Link:
    server = Server()
    if serial:
        server.start()
    attached = server.devices() if server.runs() else ()
    found = next((each for each in attached if each.serial == serial), None)
    if found is None:
        fault, hint = _absent(serial, attached)
        raise DeviceError(fault, hint=hint)
    trouble, step = found.trouble
    if trouble:
        raise DeviceError(f"{serial} {trouble}", hint=step)
    return Served(server, serial)


def _absent(serial: str, attached: Sequence[Attached]) -> tuple[str, str]:
    """What to say where no such device is attached, and what to do; none is ever chosen for the user."""
    shown = ", ".join(f"adb:{each.serial}" + (f" ({each.state})" if each.trouble[0] else "") for each in attached)
    if not serial:
        fault = (
            f"{len(attached)} devices are attached, and none is named" if len(attached) > 1 else "no device is named"
        )
    else:
        fault = f"no device {shortened(serial)} is attached"
    return fault, (
        f"name one that is attached: {shown}"
        if shown
        else "none is attached: plug one in, turn on USB debugging, and run this again"
    )
