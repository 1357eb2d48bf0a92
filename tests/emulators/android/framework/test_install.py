"""Installing: at once, from a file, and in the steps of a session; what is wrong with a package is said."""

import os
from dataclasses import replace

import pytest

from harness.emulators.android.framework import apk
from harness.emulators.android.ports import Package
from tests.emulators.android.framework.conftest import Maker, Phone

NEW = Package(name="com.example.fresh", uid=0, debuggable=True, allow_backup=False, version_code=7, target_sdk=33)


@pytest.mark.parametrize("procfs", [True, False], ids=["descriptors", "arguments"])
@pytest.mark.parametrize("command", ["pm", "cmd package"])
def test_a_package_is_installed_from_standard_input(phone: Maker, command: str, procfs: bool) -> None:
    """Its manifest says what it is; it gets a uid of its own and folders that are its own."""

    async def scene(phone: Phone) -> None:
        data = apk.build(NEW)
        said = await phone.call(*command.split(), "install", "-S", str(len(data)), stdin=data)

        assert (said.text, said.error, said.code) == ("Success\n", "", 0)
        package = phone.system.packages["com.example.fresh"]
        assert package == replace(NEW, uid=package.uid)
        assert package.uid not in {10123, 10124, 10125}
        folder = phone.places.data(package).stat()
        assert (folder.st_uid, folder.st_gid, folder.st_mode & 0o7777) == (package.uid, package.uid, 0o700)
        cache = (phone.places.data(package) / "cache").stat()
        assert (cache.st_gid, cache.st_mode & 0o7777) == (package.uid + 10_000, 0o2771)
        assert (phone.root / "data/app/com.example.fresh/base.apk").read_bytes() == data
        assert not list((phone.root / "data/app").glob("vmdl*"))

    phone(scene, procfs=procfs)


def test_a_session_installs(phone: Maker) -> None:
    """Create, write, commit: as clients with many files do it."""

    async def scene(phone: Phone) -> None:
        data = apk.build(NEW)
        made = (await phone.call("pm", "install-create", "-r", "-S", str(len(data)))).text
        assert made.startswith("Success: created install session [")
        number = made.partition("[")[2].partition("]")[0]
        wrote = await phone.call("pm", "install-write", "-S", str(len(data)), number, "base.apk", "-", stdin=data)
        assert wrote.text == f"Success: streamed {len(data)} bytes\n"
        foreign = await phone.call("pm", "install-commit", number, uid=1000)
        assert "has no access to session" in foreign.error

        assert (await phone.call("pm", "install-commit", number)).text == "Success\n"
        assert (await phone.call("pm", "path", "com.example.fresh")).code == 0
        assert (await phone.call("pm", "install-commit", number)).code == 255

    phone(scene)


def test_a_file_is_opened_as_the_caller(phone: Maker) -> None:
    """The shell installs what the shell may read, and nothing that only the installer could."""

    async def scene(phone: Phone) -> None:
        target = phone.root / "data/local/tmp/new.apk"
        target.write_bytes(apk.build(NEW))
        target.chmod(0o600)
        refused = await phone.call("pm", "install", "/data/local/tmp/new.apk")
        assert refused.error == "Error: failed to open file: /data/local/tmp/new.apk\n"
        os.chown(target, 2000, 2000)

        assert (await phone.call("pm", "install", "/data/local/tmp/new.apk")).text == "Success\n"

    phone(scene)


def test_an_update_keeps_uid_and_data(phone: Maker) -> None:
    """A newer version replaces; an older one does not, unless the build is debuggable and it is asked for."""

    async def scene(phone: Phone) -> None:
        async def install(version: int, *words: str, name: str = "com.example.shop") -> str:
            data = apk.build(replace(NEW, name=name, version_code=version))
            return (await phone.call("pm", "install", *words, "-S", str(len(data)), stdin=data)).text

        assert await install(13) == "Success\n"
        assert phone.system.packages["com.example.shop"].uid == 10123
        assert (phone.root / "data/data/com.example.shop/files/note.txt").exists()
        assert await install(12) == (
            "Failure [INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: Update version code 12 "
            "is older than current 13]\n"
        )
        assert await install(12, "-d") == "Success\n"
        assert "INSTALL_FAILED_ALREADY_EXISTS" in await install(14, "-R")
        assert "INSTALL_FAILED_UPDATE_INCOMPATIBLE" in await install(1, name="com.android.settings")

    phone(scene)


@pytest.mark.parametrize(
    ("data", "size", "reason"),
    [
        (b"no archive", 10, "INSTALL_PARSE_FAILED_NOT_APK"),
        (b"", 0, "INSTALL_PARSE_FAILED_NOT_APK"),
        (b"PK\x05\x06" + bytes(18), 22, "INSTALL_PARSE_FAILED_NOT_APK"),
        (b"short", 100, "INSTALL_FAILED_INVALID_APK"),
        (b"large", 10**10, "INSTALL_FAILED_INSUFFICIENT_STORAGE"),
    ],
)
def test_what_is_no_package_is_refused(phone: Maker, data: bytes, size: int, reason: str) -> None:
    """And nothing of it stays."""

    async def scene(phone: Phone) -> None:
        said = await phone.call("pm", "install", "-S", str(size), stdin=data)

        assert said.text.startswith(f"Failure [{reason}")
        assert said.code == 1
        assert not list((phone.root / "data/app").glob("vmdl*"))
        assert not phone.system.sessions

    phone(scene)
