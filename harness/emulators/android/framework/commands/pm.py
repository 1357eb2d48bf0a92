"""`pm`: lists, installs, empties and removes packages."""

from collections.abc import Iterator

from harness.emulators.android.framework import installer, sessions
from harness.emulators.android.framework.package_dump import describe
from harness.emulators.android.framework.request import BadCall, Request
from harness.emulators.android.ports import Package
from harness.emulators.walls.ports import ROOT
from harness.sandbox.layout import USER_RANGE, WORK_PROFILE

__all__ = ["run"]


async def run(request: Request) -> int:
    """Do one of list, path, dump, install, install-…, uninstall and clear."""
    if not request.arguments:
        raise BadCall("Package manager (package) commands: list, path, dump, install, uninstall, clear")
    verb, words = request.arguments[0], list(request.arguments[1:])
    if verb.startswith("install"):
        request.demand("android.permission.INSTALL_PACKAGES")
        return await sessions.run(request)
    if verb not in _VERBS:
        raise BadCall(f"Unknown command: {verb}")
    return await _VERBS[verb](request, words)


async def _list(request: Request, words: list[str]) -> int:
    match words:
        case ["packages" | "package", *rest]:
            return await request.answer("".join(_listed(request, rest)))
        case ["users"]:
            return await request.answer("Users:\n" + "".join(f"\t{user} running\n" for user in _users(request)))
        case ["features"]:
            return await request.answer("".join(f"feature:{name}\n" for name in _features(request)))
        case _:
            raise BadCall(f"Error: unknown list type '{' '.join(words[:1])}'", code=1)


def _users(request: Request) -> Iterator[str]:
    yield "UserInfo{0:Owner:4c13}"
    for number in sorted(_other_users(request)):
        yield f"UserInfo{{{number}:Work profile:1030}}"


def _other_users(request: Request) -> set[int]:
    found = {package.uid // USER_RANGE for package in request.system.packages.values()} - {0}
    return found | ({WORK_PROFILE} if request.system.machine.work_profile else set())


def _features(request: Request) -> Iterator[str]:
    """What tools tell the kind of keystore by, and a few that every phone has."""
    yield "reqGlEsVersion=0x30002"
    yield "android.hardware.camera"
    grade = request.system.properties.get("ro.hardware.keystore")
    if grade in {"tee", "strongbox"}:
        yield "android.hardware.hardware_keystore=200"
    if grade == "strongbox":
        yield "android.hardware.strongbox_keystore=100"
    if _other_users(request):
        yield "android.software.managed_users"


def _listed(request: Request, words: list[str]) -> Iterator[str]:
    plain = _plain(words)
    named = words[words.index("--user") + 1 :][:1] if "--user" in words else []
    user = int(named[0]) if named and named[0].isdecimal() else None
    for package in _seen_by(request, user):
        is_system = "SYSTEM" in package.flags
        if (plain and plain[0] not in package.name) or ("-3" in words and is_system):
            continue
        if ("-s" in words and not is_system) or "-d" in words:
            continue
        where = f"{_apk(package)}=" if "-f" in words else ""
        version = f" versionCode:{package.version_code}" if "--show-versioncode" in words else ""
        uid = f" uid:{package.uid}" if "-U" in words else ""
        yield f"package:{where}{package.name}{version}{uid}\n"


def _seen_by(request: Request, user: int | None) -> Iterator[Package]:
    """What one user has; whoever names none sees each package once."""
    for package in request.system.installed():
        if user is None:
            yield package
        else:
            yield from (copy for copy in package.copies if copy.uid // USER_RANGE == user)


def _apk(package: Package) -> str:
    if "SYSTEM" in package.flags:
        return f"/system/app/{package.name}/{package.name}.apk"
    return f"/data/app/{package.name}/base.apk"


async def _path(request: Request, words: list[str]) -> int:
    name = _name(words)
    package = request.system.find(name)
    return await request.answer(f"package:{_apk(package)}\n") if package else 1


async def _dump(request: Request, words: list[str]) -> int:
    name = _name(words)
    if not request.is_privileged:
        return await request.answer(
            f"Permission Denial: can't dump PackageManager from from pid={request.pid}, uid={request.uid} "
            "due to missing android.permission.DUMP permission\n"
        )
    package = request.system.find(name)
    if package is None:
        return await request.answer(f"Unable to find package: {name}\n")
    return await request.answer(
        "Packages:\n" + describe(package, request.system.places, api=request.system.machine.api)
    )


async def _clear(request: Request, words: list[str]) -> int:
    request.demand("android.permission.CLEAR_APP_USER_DATA")
    name, system = _name(words), request.system
    package = system.packages.get(name)
    if package is None:
        return await request.answer("Failed\n", code=1)
    system.processes.stop(name)
    places = system.places

    def work() -> int:
        installer.clear_data(package, places)
        return 0

    failed = await request.child(work, identity=ROOT)
    if not failed and system.keystore is not None:
        system.keystore.forget(name)
    return await request.answer("Failed\n" if failed else "Success\n", code=1 if failed else 0)


async def _uninstall(request: Request, words: list[str]) -> int:
    request.demand("android.permission.DELETE_PACKAGES")
    name, keep, system = _name(words), "-k" in words, request.system
    package = system.packages.get(name)
    if package is None:
        return await request.answer("Failure [DELETE_FAILED_INTERNAL_ERROR]\n", code=1)
    system.processes.stop(name)
    places = system.places

    def work() -> int:
        installer.remove(package, places, keep_data=keep)
        return 0

    if await request.child(work, identity=ROOT):
        return await request.answer("Failure [DELETE_FAILED_INTERNAL_ERROR]\n", code=1)
    system.forget(name)
    return await request.answer("Success\n")


def _plain(words: list[str]) -> list[str]:
    """Without options and the user that may be named."""
    left = [word for place, word in enumerate(words) if place == 0 or words[place - 1] != "--user"]
    return [word for word in left if not word.startswith("-")]


def _name(words: list[str]) -> str:
    plain = _plain(words)
    if not plain:
        raise BadCall("Error: no package specified", code=1)
    return plain[0]


_VERBS = {"list": _list, "path": _path, "dump": _dump, "clear": _clear, "uninstall": _uninstall}
