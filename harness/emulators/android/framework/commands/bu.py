"""`bu`: the device's end of `adb backup` and `adb restore`."""

from harness.emulators.android.framework import backup_stream
from harness.emulators.android.framework.request import BadCall, Console, Request
from harness.emulators.android.ports import Package
from harness.emulators.walls.ports import ROOT
from harness.errors import FormatError

__all__ = ["run"]


async def run(request: Request) -> int:
    """Write a backup to standard output, or restore one from standard input. The exit code is 0, whatever happens."""
    if request.uid % 100_000 not in {0, 2000}:
        raise BadCall("bu: only the shell can run backups", code=1)
    match request.arguments:
        case ["backup", *words]:
            return await _backup(request, words)
        case ["restore", *_]:
            return await _restore(request)
        case _:
            raise BadCall("Invalid operation; use 'bu backup' or 'bu restore'", code=1)


async def _backup(request: Request, words: list[str]) -> int:
    system = request.system
    chosen = _chosen(words, system.packages)
    if not system.backup_is_confirmed:
        return 0  # somebody said no, or nobody said anything: the client gets an empty stream
    api = system.machine.api

    def work(console: Console) -> int:
        backup_stream.write(chosen, system.places, api, console.write)
        return 0

    system.logs.say("BackupManagerService", "--- Performing full backup")
    return await request.fork(work, identity=ROOT)


async def _restore(request: Request) -> int:
    system = request.system
    if not system.backup_is_confirmed:
        return 0
    packages, places = dict(system.packages), system.places

    def work(console: Console) -> int:
        try:
            backup_stream.read(console.read, packages, places)
        except FormatError:
            console.complain("Unable to restore: invalid backup file\n")
        return 0

    for name in packages:
        system.processes.stop(name)
    return await request.fork(work, identity=ROOT)


def _chosen(words: list[str], packages: dict[str, Package]) -> list[Package]:
    if "-all" in words:
        return [packages[name] for name in sorted(packages)]
    return [packages[name] for name in dict.fromkeys(words) if name in packages]
