"""A framework in the test's own process: a folder for a root directory, real stubs, real uids, real children."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.emulators.android.apps import AppProgram
from harness.emulators.android.environment import environment_of
from harness.emulators.android.framework import Framework, Options
from harness.emulators.android.framework.places import Places
from harness.emulators.android.keystore import Keystore
from harness.emulators.android.ports import SHELL, Machine, Package, app_identity
from harness.emulators.android.scripts import scripts
from harness.emulators.walls.ports import ROOT, Identity
from harness.emulators.walls.process import ForkedPrograms
from harness.profiles import load_profile
from harness.sandbox import Sandbox

SHOP = Package(name="com.example.shop", uid=10123, debuggable=True, version_code=12)
NOTES = Package(name="com.example.notes", uid=10124, target_sdk=30)
BANK = Package(name="com.example.bank", uid=10125, allow_backup=False, target_sdk=30)

MACHINE = Machine(
    serial="EMU0001",
    api=34,
    properties={"ro.serialno": "EMU0001", "ro.build.version.sdk": "34", "debug.old": "a=b"},
    packages={package.name: package for package in (SHOP, NOTES, BANK)},
)


@dataclass(frozen=True)
class Said:
    """What a program came to."""

    code: int
    out: bytes
    error: str

    @property
    def text(self) -> str:
        return self.out.decode()


class Phone:
    """One framework and those who call it. Made within a running loop."""

    def __init__(self, root: Path, machine: Machine, program: AppProgram | None) -> None:
        self.root = root
        self.places = Places(root)
        self.programs = ForkedPrograms(environment_of)
        keystore = Keystore(Sandbox(load_profile("android-14-stock"), seed=b"test").keys)
        self.framework = Framework(
            machine, self.programs, Options(places=self.places, keystore=keystore, program=program)
        )
        self.system = self.framework.system
        self.socket = root / "dev/socket/emud"

    async def call(self, *words: str, uid: int = 2000, stdin: bytes = b"", identity: Identity | None = None) -> Said:
        """Call a command through its stub, as a process of a uid."""
        name, *arguments = words
        return await self.run([str(self.root / "system/bin" / name), *arguments], identity or as_uid(uid), stdin)

    async def run(self, argv: list[str], identity: Identity, stdin: bytes = b"") -> Said:
        """Run any program to its end."""
        given, out, error = (os.memfd_create(name) for name in ("stdin", "stdout", "stderr"))
        try:
            os.write(given, stdin)
            os.lseek(given, 0, os.SEEK_SET)
            pid = self.programs.start(argv, identity=identity, stdio=(given, out, error))
            code = await asyncio.wait_for(self.programs.exit_of(pid), 20)
            return Said(code, _content(out), _content(error).decode())
        finally:
            for number in (given, out, error):
                os.close(number)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that happens soon."""
        async with asyncio.timeout(10):
            while not holds():
                await asyncio.sleep(0.01)


def as_uid(uid: int) -> Identity:
    return ROOT if uid == 0 else SHELL if uid == 2000 else app_identity(uid)


def _content(number: int) -> bytes:
    return os.pread(number, os.fstat(number).st_size, 0)


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that every uid may pass, with what an Android device has in it."""
    assert os.geteuid() == 0, "these tests act as several users: run them as root"
    lacking = [package for package in ("toybox", "mksh") if shutil.which(package) is None]
    assert not lacking, f"apt-get install {' '.join(lacking)}"
    folder = Path(tempfile.mkdtemp(prefix="framework-"))
    folder.chmod(0o755)
    for path in ("dev/socket", "dev/__properties__", "data/app", "data/data", "data/user_de/0", "data/local/tmp"):
        (folder / path).mkdir(parents=True)
    for path in ("storage/emulated/0/Android/data", "system/bin", "system/run-as.d"):
        (folder / path).mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


@dataclass(frozen=True)
class Maker:
    """Runs a scene with a phone."""

    root: Path

    def __call__(
        self,
        scene: Callable[[Phone], Awaitable[None]],
        *,
        procfs: bool = True,
        program: AppProgram | None = None,
        machine: Machine = MACHINE,
    ) -> None:
        machine = replace(machine, procfs=procfs)
        _write_scripts(self.root, scripts(machine))
        _write_properties(self.root, machine.properties)
        for package in machine.packages.values():
            _write_app(self.root, package)

        async def live() -> None:
            phone = Phone(self.root, machine, program)
            await phone.framework.serve(str(phone.socket))
            try:
                await scene(phone)
            finally:
                await phone.framework.close()
                # Nothing outlives its caller.
                await phone.until(lambda: not phone.programs.running)

        asyncio.run(live())


@pytest.fixture
def phone(root: Path) -> Maker:
    return Maker(root)


def _write_scripts(root: Path, texts: Mapping[str, tuple[str, int, int, int]]) -> None:
    for path, (text, _, _, mode) in texts.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(exist_ok=True)
        moved = text.replace("/system/bin/sh", shutil.which("mksh") or "")
        moved = moved.replace("/system/bin/toybox", shutil.which("toybox") or "")
        for folder in ("/dev/socket/", "/dev/__properties__/"):  # not /dev/null, which is everybody's
            moved = moved.replace(folder, f"{root}{folder}")
        target.write_text(moved)
        target.chmod(mode)


def _write_properties(root: Path, properties: Mapping[str, str]) -> None:
    lines = "".join(f"{name}={value}\n" for name, value in properties.items())
    (root / "dev/__properties__/all").write_text(lines)


def _write_app(root: Path, package: Package) -> None:
    if package.uid >= 100_000:
        return
    for path, mode in (("", 0o700), ("files", 0o771), ("shared_prefs", 0o771), ("databases", 0o771)):
        _folder(root / "data/data" / package.name / path, package.uid, mode)
    for path in ("cache", "code_cache", "no_backup", "app_webview"):
        _folder(root / "data/data" / package.name / path, package.uid, 0o700)
    for path in ("files/note.txt", "databases/app.db", "shared_prefs/x.xml", "app_webview/Cookies", "cache/c.bin"):
        target = root / "data/data" / package.name / path
        target.write_text(f"{path} of {package.name}")
        os.chown(target, package.uid, package.uid)
        target.chmod(0o600)
    _folder(root / "data/user_de/0" / package.name, package.uid, 0o700)
    _folder(root / "data/app" / package.name, 1000, 0o755)


def _folder(path: Path, owner: int, mode: int) -> None:
    with suppress(FileExistsError):
        path.mkdir()
    os.chown(path, owner, owner)
    path.chmod(mode)
