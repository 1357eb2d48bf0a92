"""`bmgr`: the backup manager, with the transport that keeps backups on the device."""

from collections.abc import Iterator

from harness.emulators.android.framework.request import BadCall, Request

__all__ = ["TRANSPORT", "run"]

TRANSPORT = "com.android.localtransport/.LocalTransport"


async def run(request: Request) -> int:
    """Do one of enabled, enable, list, transport, backupnow and run."""
    request.demand("android.permission.BACKUP")
    settings = request.system.settings
    enabled = settings.get("secure", "backup_enabled") == "1"
    match request.arguments:
        case ["enabled"]:
            return await request.answer(f"Backup Manager currently {'enabled' if enabled else 'disabled'}\n")
        case ["enable", word]:
            settings.put("secure", "backup_enabled", "1" if word.lower() == "true" else "0")
            shown = "enabled" if word.lower() == "true" else "disabled"
            return await request.answer(f"Backup Manager now {shown}\n")
        case ["list", "transports", *_]:
            return await request.answer(f"  * {TRANSPORT}\n")
        case ["list", "sets"]:
            return await request.answer("No restore sets\n")
        case ["backupnow", *words]:
            return await request.answer("".join(_backup_now(request, words, enabled=enabled)))
        case ["list", *words]:
            raise BadCall(f"Unknown list type: {' '.join(words)}")
        case []:
            raise BadCall("usage: bmgr [backup|restore|list|transport|run|enabled|backupnow]")
        case _:
            raise BadCall(f"Unknown command: {request.arguments[0]}")


def _backup_now(request: Request, words: list[str], *, enabled: bool) -> Iterator[str]:
    if not enabled:
        yield "Backup Manager currently disabled\n"
        return
    packages = request.system.packages
    asked = sorted(packages) if "--all" in words else [word for word in words if not word.startswith("-")]
    if not asked:
        yield "Backup finished with result: Success\n"
        return
    yield f"Running incremental backup for {len(asked)} requested packages.\n"
    for name in asked:
        package = packages.get(name)
        if package is None:
            yield f"Package {name} with result: Package not found\n"
        elif not package.allow_backup:
            yield f"Package {name} with result: Backup is not allowed\n"
        else:
            yield f"Package {name} with result: Success\n"
    yield "Backup finished with result: Success\n"
