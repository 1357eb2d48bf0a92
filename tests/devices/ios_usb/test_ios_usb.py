"""iPhones on a cable, by the real library, over an emulated phone: what comes, and what is said where none does."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.devices.base import Options, Passwords
from harness.devices.ios_usb import IosUsb
from harness.emulators.lockdown.device import StockIphone
from harness.emulators.walls.ports import Trust
from harness.errors import AccessDenied, DeviceError, SourceError
from harness.model import Access, Artifact, Unread
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox

SHOP = App(package="com.example.shop", uid=10123)
BUILD = App(package="com.example.build", uid=10124, debuggable=True)


def stored() -> Sandbox:
    sandbox = Sandbox(load_profile("ios-17-stock"))
    for app in (SHOP, BUILD):
        sandbox.install(app)
        root = sandbox.container(app.package)
        sandbox.write(f"{root}/Documents/doc.txt", f"document of {app.package}".encode())
        sandbox.write(f"{root}/Library/Caches/cached", b"cached")
    return sandbox


@contextmanager
def phone(**words: object) -> Iterator[StockIphone]:
    with StockIphone(stored(), **words) as device:  # type: ignore[arg-type]
        yield device


def taken(device: StockIphone, app: str | None, **words: object) -> dict[str, Artifact | Unread]:
    options = Options(app=app, cable=device.address, patience=1.0, **words)  # type: ignore[arg-type]
    with IosUsb().open(f"ios:{device.udid}", options) as source:
        found = {item.path: item for item in source.collect()}
        for item in found.values():
            if isinstance(item, Artifact):
                assert len(item.content.read()) == item.facts.size
        return found


def test_a_development_build_gives_its_container() -> None:
    """All of it, to a computer that is trusted; caches as well."""
    with phone() as device:
        found = taken(device, BUILD.package)
        journal = device.journal

    cached = found["Library/Caches/cached"]
    assert isinstance(cached, Artifact)
    assert Access.ADB_SHELL in cached.facts.readable_by
    assert "house_arrest: VendContainer com.example.build" in journal
    assert "backup" not in journal


def test_a_release_build_gives_what_enters_a_backup() -> None:
    """And the backup is gone when the source is closed."""
    before = {each.name for each in Path(tempfile.gettempdir()).glob("storage-harness-iphone-*")}
    with phone() as device:
        found = taken(device, SHOP.package)
        journal = device.journal

    document = found["Documents/doc.txt"]
    assert isinstance(document, Artifact)
    assert Access.BACKUP in document.facts.readable_by
    assert {Access.ROOT_FILES, Access.ROOT_CODE} <= document.facts.denied_to
    assert "Library/Caches/cached" not in found
    assert "backup" in journal
    assert {each.name for each in Path(tempfile.gettempdir()).glob("storage-harness-iphone-*")} <= before


def test_an_encrypted_backup_is_opened_with_its_password() -> None:
    """Asked for once, by the phone's name."""
    asked: list[str] = []

    def ask(source: str) -> str:
        asked.append(source)
        return "correct horse"

    with phone(backup_password="correct horse") as device:
        found = taken(device, SHOP.package, passwords=Passwords(ask))
        assert asked == [f"ios:{device.udid}"]

    assert isinstance(found["Documents/doc.txt"], Artifact)


@pytest.mark.parametrize(("trust", "said"), [(Trust.ASK, "does not trust"), (Trust.DENY, "denied")])
def test_a_phone_that_does_not_trust_gives_nothing(trust: Trust, said: str) -> None:
    """In one line, with what to do."""
    with phone(trust=trust) as device, pytest.raises(AccessDenied, match=said) as refused:
        taken(device, SHOP.package)

    assert "Trust" in str(refused.value.hint)


def test_a_locked_phone_says_that_it_is() -> None:
    """Before it was ever paired, it cannot be asked to trust."""
    with phone() as device:
        device.lock()
        with pytest.raises(DeviceError, match="locked"):
            taken(device, SHOP.package)


def test_an_app_that_is_not_there_is_named_with_those_that_are() -> None:
    """So that a slip of the pen is seen."""
    with phone() as device, pytest.raises(SourceError, match="no app called") as refused:
        taken(device, "com.example.absent")

    assert SHOP.package in str(refused.value.hint)


def test_no_phone_and_no_daemon_are_told_apart() -> None:
    """Another phone is attached; nothing listens there at all."""
    with phone() as device:
        with pytest.raises(DeviceError, match="is attached"):
            IosUsb().open("ios:00008030-FFFFFFFFFFFFFFFF", Options(cable=device.address))
        address = device.address
    with pytest.raises(DeviceError, match="usbmuxd does not answer"):
        IosUsb().open("ios:", Options(cable=address))
