"""Installing a package: at once from standard input or a file, or in the steps of a session."""

import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from harness.emulators.android.framework import apk, installer
from harness.emulators.android.framework.descriptors import collected
from harness.emulators.android.framework.request import AS_SYSTEM, BadCall, Console, Request
from harness.emulators.android.framework.system import SYSTEM_PACKAGES, Session
from harness.emulators.android.ports import SHELL, Package, app_identity
from harness.emulators.walls.ports import ROOT, Identity
from harness.errors import FormatError
from harness.sandbox.layout import USER_RANGE

__all__ = ["run"]

_LARGEST_APK = 1 << 30
_MOST_SESSIONS = 32
_LARGEST_MANIFEST = 8192
_NO_APK, _NO_SPACE, _ENDED_EARLY, _NO_FILE = 11, 12, 13, 14
_FAILURES = {
    0: "",
    _NO_SPACE: "INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to write the package",
    _ENDED_EARLY: "INSTALL_FAILED_INVALID_APK: the stream ended early",
}
"""What the exit codes of the child that copies mean."""


async def run(request: Request) -> int:
    """Do one of install, install-create, install-write, install-commit and install-abandon."""
    verb, words = request.arguments[0], list(request.arguments[1:])
    match verb:
        case "install":
            return await _install(request, words)
        case "install-create":
            return await request.answer(f"Success: created install session [{_create(request)}]\n")
        case "install-write":
            return await _write(request, words)
        case "install-commit":
            return await _commit(request, _session(request, words), words)
        case _:
            _abandon(request, _session(request, words))
            return await request.answer("Success\n")


async def _install(request: Request, words: list[str]) -> int:
    size = request.option("-S")
    named = [word for word in words if word.endswith(".apk")]
    if size is None and not named:
        raise BadCall("Error: must either specify a package size or an APK file", code=1)
    number = _create(request)
    try:
        failure = await _stage(request, number, size, None if size else named[0])
        if failure:
            return await request.answer(f"Failure [{failure}]\n", code=1)
        return await _commit(request, number, words)
    finally:
        _abandon(request, number)


def _create(request: Request) -> int:
    sessions = request.system.sessions
    if len(sessions) >= _MOST_SESSIONS:
        raise BadCall("java.lang.IllegalStateException: Too many active sessions", code=1)
    number = secrets.randbelow(2_000_000_000) + 1
    sessions[number] = Session(request.uid)
    return number


def _session(request: Request, words: list[str]) -> int:
    """The session that is named by the first number that belongs to no option.

    Raises:
        BadCall: there is none, or it is another caller's.
    """
    place = next(
        (at for at, word in enumerate(words) if word.isdecimal() and (not at or words[at - 1] != "-S")), None
    )
    number = int(words[place]) if place is not None and len(words[place]) < 12 else 0
    session = request.system.sessions.get(number)
    if session is None or request.uid not in {0, session.uid}:
        raise BadCall(
            f"\nException occurred while executing '{request.arguments[0]}':\n"
            f"java.lang.SecurityException: Caller has no access to session {number}"
        )
    return number


async def _write(request: Request, words: list[str]) -> int:
    """`install-write -S SIZE SESSION NAME [PATH|-]`."""
    number = _session(request, words)
    size = request.option("-S")
    last = words[-1]
    # A path wins over a size: then nothing is read from standard input.
    failure = await _stage(request, number, size, last if last.startswith("/") else None)
    if failure:
        return await request.answer(f"Error: {failure}\n", code=1)
    return await request.answer(f"Success: streamed {size or 'all'} bytes\n")


# -- the file ------------------------------------------------------------------------------------


def _folder(request: Request, number: int) -> Path:
    return request.system.places.at(f"/data/app/vmdl{number}.tmp")


async def _stage(request: Request, number: int, size: str | None, path: str | None) -> str:
    """Put an APK where the system keeps it until the commit; why it failed, or nothing."""
    if size is not None and not (size.isdecimal() and len(size) < 12 and int(size) <= _LARGEST_APK):
        return "INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to allocate bytes"
    folder, caller, places = _folder(request, number), _identity(request.uid), request.system.places

    def work(console: Console) -> int:
        folder.mkdir(mode=0o755, exist_ok=True)
        if path is None:
            return _copied(console.read, folder / "base.apk", int(size) if size is not None else None)
        try:
            source = _opened_as(caller, places.at(path))
        except OSError:
            return _NO_FILE
        return _copied(lambda most: os.read(source, most), folder / "base.apk", None)

    code = await request.fork(work, identity=ROOT)
    if code == _NO_FILE:
        raise BadCall(f"Error: failed to open file: {path}", code=1)
    return _FAILURES.get(code, "INSTALL_FAILED_INTERNAL_ERROR")


def _identity(uid: int) -> Identity:
    return {0: ROOT, 1000: AS_SYSTEM, 2000: SHELL}.get(uid, app_identity(uid))


def _opened_as(caller: Identity, path: Path) -> int:
    """Open a file as the one who asks for it: the installer's own rights are nobody's to borrow."""
    os.setgroups(caller.groups)
    os.setegid(caller.gid)
    os.seteuid(caller.uid)
    try:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    finally:
        os.seteuid(0)
        os.setegid(0)


def _copied(read: Callable[[int], bytes], target: Path, size: int | None) -> int:
    """Write what is read, up to a size that was announced and that the stream must have; gives an exit code."""
    left = _LARGEST_APK if size is None else size
    try:
        with target.open("wb") as opened:
            while left and (piece := read(min(left, 1 << 18))):
                opened.write(piece)
                left -= len(piece)
    except OSError:
        return _NO_SPACE
    return _ENDED_EARLY if size is not None and left else 0


# -- the package ---------------------------------------------------------------------------------


async def _commit(request: Request, number: int, words: list[str]) -> int:
    try:
        found = await _parsed(request, _folder(request, number) / "base.apk")
        failure = (
            _refusal(request, found, words) if found else f"INSTALL_PARSE_FAILED_NOT_APK: Failed to parse {number}"
        )
        if found and not failure:
            failure = await _make(request, found, _folder(request, number) / "base.apk")
        if failure:
            return await request.answer(f"Failure [{failure}]\n", code=1)
        return await request.answer("Success\n")
    finally:
        _abandon(request, number)


async def _parsed(request: Request, path: Path) -> Package | None:
    """The package in a staged file. A child reads it: what is in it is anybody's."""
    source, sink = os.pipe2(os.O_CLOEXEC)

    def work() -> int:
        try:
            package = apk.read(path)
        except (FormatError, OSError):
            return _NO_APK
        os.write(sink, json.dumps(asdict(package)).encode())
        return 0

    try:
        with collected(source, _LARGEST_MANIFEST) as said:
            code = await request.child(work, identity=ROOT, keep=(sink,))
        if code:
            return None
        fields = json.loads(bytes(said))
        return Package(**{**fields, "flags": tuple(fields["flags"])})
    finally:
        os.close(source)
        os.close(sink)


def _refusal(request: Request, found: Package, words: list[str]) -> str:
    """Why a package is not installed over what is there."""
    if any(found.name == each.name for each in SYSTEM_PACKAGES):
        return "INSTALL_FAILED_UPDATE_INCOMPATIBLE: signatures do not match the previously installed version"
    before = request.system.packages.get(found.name)
    if before is None:
        return ""
    if "-R" in words:
        return f"INSTALL_FAILED_ALREADY_EXISTS: Attempt to re-install {found.name} without first uninstalling."
    if found.version_code < before.version_code and not ("-d" in words and before.debuggable):
        return (
            f"INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: Update version code {found.version_code} "
            f"is older than current {before.version_code}"
        )
    return ""


async def _make(request: Request, found: Package, path: Path) -> str:
    system = request.system
    before = system.packages.get(found.name)
    uid = before.uid if before else system.free_uid()
    at_work = system.machine.work_profile and uid < USER_RANGE
    package = replace(found, uid=uid, at_work=at_work)
    system.processes.stop(package.name)
    places, api = system.places, system.machine.api

    def work() -> int:
        installer.make(package, places, path, api=api)
        return 0

    if await request.child(work, identity=ROOT):
        return "INSTALL_FAILED_INSUFFICIENT_STORAGE"
    system.register(package)
    return ""


def _abandon(request: Request, number: int) -> None:
    request.system.sessions.pop(number, None)
    folder = _folder(request, number)
    (folder / "base.apk").unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()
