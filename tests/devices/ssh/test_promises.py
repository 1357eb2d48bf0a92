"""The promises of the contract suite, kept by a phone instead of a folder: ours, reached as phones are."""

from collections.abc import Iterator

import pytest

from harness.devices.base import Staged
from harness.emulators.iphone.device import JailbrokenIphone
from harness.model import Artifact, Unread
from harness.profiles import load_profile
from harness.sandbox import App, Attributes, Sandbox
from tests.devices.ssh.conftest import reached

SHOP = App(package="com.example.shop", uid=10123)
FILES = (
    Staged(path="Library/Preferences/com.example.shop.plist", data=b"bplist00" + bytes(40)),
    Staged(path="Documents/app.db", data=bytes(range(256)) * 64),
    Staged(path="Documents/app.db-wal", data=b"\x37\x7f\x06\x82" + bytes(60)),
    Staged(path="Documents/deep/er/notes.txt", data=b"line\r\nline\0\xff"),
    Staged(path="Documents/empty", data=b""),
    Staged(path="Documents/with space & sign's.txt", data=b"x"),
    Staged(path="Documents/large.bin", data=b"0123456789abcdef" * (3 << 16)),
    Staged(path="Documents/$(id);`id`|x", data=b"a name that a shell would obey"),
    Staged(path="Documents/-rf", data=b"a name that an option would be"),
    Staged(path="Documents/\u00e9\u00ad\u540d.txt", data=b"y"),
    Staged(path="Documents/" + "long/" * 40 + "n" * 120, data=b"z"),
    Staged(path="Documents/two\nlines", data=b"w"),
)
CONTENT = {file.path: file.data for file in FILES}


@pytest.fixture(scope="module")
def phone() -> Iterator[JailbrokenIphone]:
    sandbox = Sandbox(load_profile("ios-16-jailbroken"))
    sandbox.install(SHOP)
    for file in FILES:
        sandbox.write(f"{sandbox.container(SHOP.package)}/{file.path}", file.data, Attributes(mode=file.mode))
    with JailbrokenIphone(sandbox) as device:
        yield device


def taken(phone: JailbrokenIphone) -> list[tuple[str, str, int, bytes]]:
    with reached(phone, app=SHOP.package) as source:
        items = [*source.collect()]
        assert source.fault is None
        assert [each for each in items if isinstance(each, Unread) and not each.expected and each.container] == []
        return [
            (each.facts.container, each.path, each.content.size, bytes(each.content.read()))
            for each in items
            if isinstance(each, Artifact)
        ]


def test_what_is_there_arrives(phone: JailbrokenIphone) -> None:
    """Every file, under its own path, with the bytes that it has, and with a size that is known before."""
    found = {path: data for container, path, size, data in taken(phone) if container == SHOP.package}

    assert {path: found.get(path.replace("\n", "\\x0a")) for path in CONTENT} == CONTENT


def test_what_arrives_is_sorted_and_the_same_each_time(phone: JailbrokenIphone) -> None:
    """By container and path."""
    first = taken(phone)

    assert [each[:2] for each in first] == sorted(each[:2] for each in first)
    assert all(size == len(data) for _, _, size, data in first)
    assert taken(phone) == first


def test_nothing_is_changed(phone: JailbrokenIphone) -> None:
    """Not a byte, not a time, not a folder."""
    before = phone.export()
    taken(phone)

    assert phone.export() == before
