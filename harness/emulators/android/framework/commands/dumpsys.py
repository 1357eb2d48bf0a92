"""`dumpsys`: what services say about themselves, to those who hold the DUMP permission."""

from collections.abc import Callable
from types import MappingProxyType

from harness.emulators.android.framework.commands.bmgr import TRANSPORT
from harness.emulators.android.framework.package_dump import describe
from harness.emulators.android.framework.request import Request
from harness.emulators.android.framework.system import System

__all__ = ["SERVICES", "run"]


async def run(request: Request) -> int:
    """Print one service's state. The exit code is 0, whatever happens."""
    words = _without_options(request.arguments)
    if not words:
        return await request.answer(_listing())
    name, *arguments = words
    if name not in SERVICES:
        return await request.answer(error=f"Can't find service: {name}\n")
    tag, dump = SERVICES[name]
    if not request.is_privileged:
        return await request.answer(
            f"Permission Denial: can't dump {tag} from from pid={request.pid}, uid={request.uid} "
            "due to missing android.permission.DUMP permission\n"
        )
    return await request.answer(dump(request.system, arguments))


def _listing() -> str:
    return "Currently running services:\n" + "".join(f"  {name}\n" for name in SERVICES)


def _without_options(words: tuple[str, ...]) -> list[str]:
    """Without `-l`, `-t SECONDS`, `-T MILLISECONDS` and `--priority LEVEL`, which come before the service's name."""
    left = list(words)
    while left and left[0].startswith("-"):
        option = left.pop(0)
        if option in {"-t", "-T", "--priority"}:
            del left[:1]
    return left


def _package(system: System, arguments: list[str]) -> str:
    named = [word for word in arguments if not word.startswith("-") and word not in {"packages", "p"}]
    found = [package for package in system.installed() if not named or package.name == named[0]]
    if not found:
        return f"Unable to find package: {named[0]}\n"
    return "Packages:\n" + "\n".join(describe(each, system.places, api=system.machine.api) for each in found)


def _activity(system: System, arguments: list[str]) -> str:
    if arguments[:1] == ["services"]:
        return "ACTIVITY MANAGER SERVICES (dumpsys activity services)\n  (nothing)\n"
    lines = ["ACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)", "  All known processes:"]
    copies = {copy.owner: copy for package in system.packages.values() for copy in package.copies}
    for owner, pid in sorted(system.processes.running.items()):
        package = copies.get(owner)
        if package is None:
            continue
        name = package.name
        user, number = divmod(package.uid, 100_000)
        lines += [
            f"  *APP* UID {package.uid} ProcessRecord{{{pid:x} {pid}:{name}/u{user}a{number - 10_000}}}",
            f"    user #{user} uid={package.uid} gids={{{package.uid}, 3003, 9997}}",
            f"    dir=/data/app/{name}/base.apk data={system.places.named_data(package)}",
            f"    packageList={{{name}}}",
            f"    pid={pid}",
        ]
    return "\n".join(lines) + "\n"


def _backup(system: System, _: list[str]) -> str:
    enabled = system.settings.get("secure", "backup_enabled") == "1"
    return (
        f"Backup Manager is {'enabled' if enabled else 'disabled'} / provisioned / not pending init\n"
        "Auto-restore is enabled\n"
        "No backups running\n"
        "Last backup pass started: 0 (now = 0)\n"
        "  next scheduled: 0\n"
        "Transport whitelist:\n"
        "    com.android.localtransport/.LocalTransportService\n"
        "Available transports:\n"
        f"  * {TRANSPORT}\n"
        "Participants:\n"
        + "".join(f"  uid: {each.uid}\n    {each.name}\n" for each in system.packages.values() if each.allow_backup)
    )


def _battery(_system: System, _: list[str]) -> str:
    return (
        "Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  Wireless powered: false\n"
        "  status: 2\n  health: 2\n  present: true\n  level: 100\n  scale: 100\n  voltage: 4200\n"
        "  temperature: 250\n  technology: Li-ion\n"
    )


SERVICES: MappingProxyType[str, tuple[str, Callable[[System, list[str]], str]]] = MappingProxyType(
    {
        "activity": ("ActivityManager", _activity),
        "backup": ("BackupManagerService", _backup),
        "battery": ("BatteryService", _battery),
        "package": ("PackageManager", _package),
    }
)
"""By name: the tag that the service uses when it refuses, and what it says."""
