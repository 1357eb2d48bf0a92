"""An emulated jailbroken iPhone with the demo's app, and how to reach it as any other."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.devices.base import Login, Options
from harness.devices.ssh import Ssh, SshSource
from harness.emulators.iphone.device import JailbrokenIphone
from harness.emulators.iphone.userland import missing
from harness.model import Protection
from harness.profiles import load_profile
from harness.sandbox import Accessible, App, Attributes, KeychainItem, Sandbox

SHOP = App(package="com.example.shop", uid=10123, groups=("group.com.example.shop",))
NOTES = App(package="com.example.notes", uid=10124)
GROUP = f"A1B2C3D4E5.{SHOP.package}"


def stored(profile: str = "ios-16-jailbroken") -> Sandbox:
    """Two apps, one with a group; files of two classes; an item and a key."""
    sandbox = Sandbox(load_profile(profile))
    sandbox.install(SHOP)
    sandbox.install(NOTES)
    documents = sandbox.container(SHOP.package) + "/Documents"
    sandbox.write(f"{documents}/open.txt", b"class C", Attributes(modified=1_700_000_000.0))
    sandbox.write(f"{documents}/closed.txt", b"class A", Attributes(protection=Protection.COMPLETE))
    sandbox.write(f"{documents}/with 'quotes' \"and\" blanks\u00e9.txt", b"named")
    sandbox.write(sandbox.container(SHOP.package) + "/Library/Caches/cached", b"cached")
    sandbox.write(sandbox.container(SHOP.package, SHOP.groups[0]) + "/shared.txt", b"shared")
    sandbox.write(sandbox.container(NOTES.package) + "/Documents/other.txt", b"other")
    sandbox.keychain.put(
        KeychainItem(
            owner=SHOP.package,
            group=GROUP,
            data=b"token-7",
            account="session",
            accessible=Accessible.AFTER_FIRST_UNLOCK,
        )
    )
    return sandbox


@contextmanager
def reached(device: JailbrokenIphone, **options: object) -> Iterator[SshSource]:
    """An open source over a phone."""
    login = Login(key_file=device.key_file, known_hosts=device.known_hosts)
    source = str(options.pop("source", device.source))
    with Ssh().open(source, Options(**{"login": login, **options})) as opened:  # type: ignore[arg-type]
        assert isinstance(opened, SshSource)
        yield opened


@pytest.fixture(scope="session", autouse=True)
def _complete() -> None:
    lacking = missing()
    assert not lacking, "; ".join(f"{each.what}: {each.how}" for each in lacking)


@pytest.fixture(scope="module")
def phone() -> Iterator[JailbrokenIphone]:
    with JailbrokenIphone(stored()) as device:
        yield device
