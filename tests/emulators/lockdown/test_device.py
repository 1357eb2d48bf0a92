"""A stock iPhone on a cable, by the unmodified tools of libimobiledevice: pairing, files, backups, and refusals."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.devices.base import Options, Passwords
from harness.devices.ios_backup import IosBackup
from harness.emulators.lockdown.device import StockIphone
from harness.emulators.walls.ports import Trust
from harness.errors import SourceError, UsageError
from harness.model import Artifact, Protection
from harness.profiles import load_profile
from harness.sandbox import App, Attributes, KeychainItem, Sandbox

NOTES = App(package="com.example.notes", uid=10123, file_sharing=True)
BUILD = App(package="com.example.build", uid=10124, debuggable=True)
BANK = App(package="com.example.bank", uid=10125, groups=("group.com.example.bank",))
TOOLS = {"idevice_id": "libimobiledevice-utils", "ideviceinstaller": "ideviceinstaller", "ifuse": "ifuse"}


def stored(profile: str = "ios-17-stock") -> Sandbox:
    sandbox = Sandbox(load_profile(profile))
    for app in (NOTES, BUILD, BANK):
        sandbox.install(app)
        root = sandbox.container(app.package)
        sandbox.write(f"{root}/Documents/doc.txt", f"document of {app.package}".encode())
        sandbox.write(f"{root}/Library/Caches/cached", b"cached")
        sandbox.write(f"{root}/Documents/no.txt", b"not for backups", Attributes(in_backup=False))
        sandbox.keychain.put(
            KeychainItem(owner=app.package, group=f"A1B2C3D4E5.{app.package}", data=b"zanzibar-77", account="session")
        )
    sandbox.write(sandbox.container(BANK.package, BANK.groups[0]) + "/shared.txt", b"of the group")
    closed = sandbox.container(BUILD.package) + "/Documents/closed.txt"
    sandbox.write(closed, b"class A", Attributes(protection=Protection.COMPLETE))
    return sandbox


class Computer:
    """One computer with its own memory of phones, and its tools."""

    def __init__(self, phone: StockIphone, home: Path) -> None:
        self.phone = phone
        self.home = home
        self._environment = {**os.environ, "USBMUXD_SOCKET_ADDRESS": phone.address, "HOME": str(home)}
        self._environment["XDG_CONFIG_HOME"] = str(home)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, capture_output=True, text=True, env=self._environment, timeout=60, check=False)

    def paired(self) -> "Computer":
        assert self.run("idevicepair", "pair").returncode == 0
        return self

    def back_up(self) -> Path:
        target = self.home / "backups"
        target.mkdir()
        done = self.run("idevicebackup2", "backup", "--full", str(target))
        assert "Backup Successful" in done.stdout, done.stdout[-500:] + done.stderr
        return target / self.phone.udid

    def mounted(self, *how: str) -> dict[str, bytes] | str:
        """The files that `ifuse` shows, or what it says where it shows none."""
        place = self.home / f"mount{len(how)}{'-'.join(how)}"
        place.mkdir()
        done = self.run("ifuse", *how, str(place))
        if done.returncode:
            return done.stdout + done.stderr
        try:
            files = [file for file in sorted(place.rglob("*")) if file.is_file()]
            return {str(file.relative_to(place)): data for file in files if (data := _read(file)) is not None}
        finally:
            subprocess.run(["fusermount", "-u", str(place)], check=True)


@pytest.fixture(scope="session", autouse=True)
def _complete() -> None:
    lacking = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    assert not lacking, f"apt-get install {' '.join(lacking)}"


@pytest.fixture
def computer(tmp_path: Path) -> Iterator[Computer]:
    with StockIphone(stored()) as phone:
        yield Computer(phone, tmp_path)
        assert "Traceback" not in phone.log


def test_before_it_is_trusted_a_computer_learns_little(computer: Computer) -> None:
    """Its name and model, and nothing of what is on it."""
    assert computer.run("idevice_id", "-l").stdout.split() == [computer.phone.udid]
    assert computer.run("ideviceinfo", "-s", "-k", "DeviceName").stdout.strip() == "iPhone"
    assert computer.run("ideviceinfo", "-s", "-k", "SerialNumber").stdout.strip() == ""


def test_pairing_is_remembered_and_can_be_undone(computer: Computer) -> None:
    """From scratch, as a new computer."""
    assert "Paired" in computer.run("idevicepair", "pair").stdout
    assert "Validated" in computer.run("idevicepair", "validate").stdout
    assert computer.run("ideviceinfo", "-k", "SerialNumber").stdout.strip() == "EMULATED0001"
    assert "Unpaired" in computer.run("idevicepair", "unpair").stdout
    assert computer.run("idevicepair", "list").stdout.strip() == ""


def test_somebody_has_to_trust_the_computer(tmp_path: Path) -> None:
    """Nobody has answered, then somebody has."""
    with StockIphone(stored(), trust=Trust.ASK) as phone:
        computer = Computer(phone, tmp_path)

        assert "Please accept the trust dialog" in computer.run("idevicepair", "pair").stdout
        assert phone.answer(True) == 1
        assert "Paired" in computer.run("idevicepair", "pair").stdout
        assert phone.answer(True) == 0


def test_a_phone_that_denies_trust_gives_nothing(tmp_path: Path) -> None:
    """The tools say so in words of their own."""
    with StockIphone(stored(), trust=Trust.DENY) as phone:
        computer = Computer(phone, tmp_path)

        assert "denied the trust dialog" in computer.run("idevicepair", "pair").stdout
        assert computer.run("ideviceinfo").returncode != 0
        assert computer.run("ideviceinstaller", "-l").returncode != 0


def test_apps_are_listed(computer: Computer) -> None:
    """To a computer that is trusted."""
    listed = computer.paired().run("ideviceinstaller", "-l").stdout

    assert all(app.package in listed for app in (NOTES, BUILD, BANK))


def test_house_arrest_gives_what_a_signature_or_an_app_allows(computer: Computer) -> None:
    """Documents where they are shared; the container of a development build; of the others nothing."""
    computer.paired()

    assert computer.mounted("--documents", NOTES.package) == {
        "doc.txt": b"document of com.example.notes",
        "no.txt": b"not for backups",
    }
    container = computer.mounted("--container", BUILD.package)
    assert isinstance(container, dict)
    assert container["Library/Caches/cached"] == b"cached"
    assert container["Documents/closed.txt"] == b"class A"
    for refused in (("--container", NOTES.package), ("--documents", BANK.package), ("--container", BANK.package)):
        assert "InstallationLookupFailed" in computer.mounted(*refused)
    assert "ApplicationLookupFailed" in computer.mounted("--documents", "com.example.absent")


def test_a_whole_file_system_is_for_jailbroken_phones(computer: Computer) -> None:
    """A stock one has media alone."""
    computer.paired()

    assert "needs to be jailbroken" in computer.mounted("--root")
    assert computer.mounted() == {}


def test_a_full_backup_holds_what_apps_let_into_it(computer: Computer) -> None:
    """Made by the real tool, read by us: every file with equal bytes, but for caches and what was left out."""
    folder = computer.paired().back_up()
    with IosBackup().open(str(folder), Options()) as source:
        found = {
            (each.facts.container, each.path): bytes(each.content.read())
            for each in source.collect()
            if isinstance(each, Artifact)
        }

    for app in (NOTES, BUILD, BANK):
        assert found[app.package, "Documents/doc.txt"] == f"document of {app.package}".encode()
    assert any(data == b"of the group" for data in found.values())
    assert not any("cached" in path or "no.txt" in path for _, path in found)
    assert not any(b"zanzibar-77" in data for data in found.values())


def test_an_encrypted_backup_opens_with_its_password_alone(tmp_path: Path) -> None:
    """And nothing of it stands in clear on the computer's disk."""
    with StockIphone(stored(), backup_password="correct horse") as phone:
        folder = Computer(phone, tmp_path).paired().back_up()
    held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    with IosBackup().open(str(folder), Options(passwords=Passwords(lambda _source: "correct horse"))) as source:
        found = {each.path: bytes(each.content.read()) for each in source.collect() if isinstance(each, Artifact)}
    with pytest.raises(SourceError, match="not the password"):
        IosBackup().open(str(folder), Options(passwords=Passwords(lambda _source: "wrong")))

    assert found["Documents/doc.txt"].startswith(b"document of")
    assert b"document of" not in held


def test_a_locked_phone_makes_no_backup_and_starts_no_pairing(computer: Computer) -> None:
    """Nor does it hand out anything to a computer without the escrow bag."""
    computer.paired()
    computer.phone.lock()

    done = computer.run("idevicebackup2", "backup", "--full", str(computer.home))
    assert "Backup Successful" not in done.stdout
    computer.phone.unlock()
    assert computer.back_up().is_dir()


def test_a_locked_phone_starts_no_service_without_the_escrow_bag(computer: Computer) -> None:
    """Which `ifuse` does not bring."""
    computer.paired()
    computer.phone.lock()

    assert "Failed to start AFC service" in computer.mounted("--container", BUILD.package)


def test_the_log_comes_line_by_line(computer: Computer) -> None:
    """As long as somebody listens."""
    computer.paired()
    lines = computer.run("timeout", "2", "idevicesyslog").stdout

    assert "Notes" in lines


def test_the_journal_says_what_was_asked_for(computer: Computer) -> None:
    """So that a test can tell what a tool did."""
    computer.paired().run("ideviceinstaller", "-l")

    assert computer.phone.journal[0] == "paired"
    assert "service: com.apple.mobile.installation_proxy" in computer.phone.journal


def test_hostile_bytes_end_a_connection_and_not_the_phone(computer: Computer) -> None:
    """Neither a length that lies, nor a list where a dictionary belongs, nor nothing at all."""
    import socket
    import struct

    for sent in (b"", b"\xff" * 64, struct.pack("<4I", 16, 1, 8, 1), struct.pack("<4I", 20, 1, 8, 1) + b"<a/>",
                 struct.pack("<4I", 0xFFFF_FFFF, 1, 8, 1), struct.pack("<4I", 24, 0, 3, 9) + bytes(8)):  # fmt: skip
        with socket.create_connection(("127.0.0.1", computer.phone.port), timeout=5) as opened:
            opened.sendall(sent)
            opened.shutdown(socket.SHUT_WR)
            opened.recv(4096)

    assert computer.run("idevice_id", "-l").stdout.strip() == computer.phone.udid


def test_it_ends_with_who_holds_it() -> None:
    """And once only."""
    phone = StockIphone(stored())
    assert phone.is_running()
    phone.stop()
    phone.stop()

    assert not phone.is_running()


def test_only_a_phone_has_a_cable() -> None:
    """No Android device, and no simulator."""
    for profile in ("android-14-stock", "ios-17-simulator"):
        with pytest.raises(UsageError, match="iPhone"):
            StockIphone(Sandbox(load_profile(profile)))


def _read(file: Path) -> bytes | None:
    """Nothing where the phone refuses it."""
    try:
        return file.read_bytes()
    except PermissionError:
        return None
