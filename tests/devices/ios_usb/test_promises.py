"""The promises of the contract suite, kept by a phone on a cable: ours, reached as phones are, both ways."""

from collections.abc import Iterator

import pytest

from harness.devices.base import Options, Staged
from harness.devices.ios_usb import IosUsb
from harness.emulators.lockdown.device import StockIphone
from harness.model import Artifact
from harness.profiles import load_profile
from harness.sandbox import App, Attributes, Sandbox

SHOP = App(package="com.example.shop", uid=10123)
FILES = (
    Staged(path="Library/Preferences/com.example.shop.plist", data=b"bplist00" + bytes(40)),
    Staged(path="Documents/app.db", data=bytes(range(256)) * 64),
    Staged(path="Documents/deep/er/notes.txt", data=b"line\r\nline\0\xff"),
    Staged(path="Documents/with space & sign's.txt", data=b"x"),
    Staged(path="Documents/large.bin", data=b"0123456789abcdef" * (3 << 16)),
    Staged(path="Documents/$(id);`id`|x", data=b"a name that a shell would obey"),
    Staged(path="Documents/\u00e9\u540d.txt", data=b"y"),
)
CONTENT = {file.path: file.data for file in FILES}


@pytest.fixture(scope="module", params=["ios-17-stock", "ios-17-development"])
def phone(request) -> Iterator[StockIphone]:
    sandbox = Sandbox(load_profile(request.param))
    sandbox.install(SHOP)
    for file in FILES:
        sandbox.write(f"{sandbox.container(SHOP.package)}/{file.path}", file.data, Attributes(mode=file.mode))
    with StockIphone(sandbox) as device:
        yield device


def taken(phone: StockIphone) -> list[tuple[str, int, bytes]]:
    with IosUsb().open(f"ios:{phone.udid}", Options(app=SHOP.package, cable=phone.address)) as source:
        items = [each for each in source.collect() if isinstance(each, Artifact)]
        return [(each.path, each.content.size, bytes(each.content.read())) for each in items]


def test_what_is_there_arrives(phone: StockIphone) -> None:
    """Every file, under its own path, with the bytes that it has, and with a size that is known before."""
    found = taken(phone)

    assert {path: data for path, _, data in found if path in CONTENT} == CONTENT
    assert all(size == len(data) for _, size, data in found)


def test_what_arrives_is_sorted(phone: StockIphone) -> None:
    """By path, within the app's container."""
    paths = [path for path, _, _ in taken(phone)]
    of_app = [path for path in paths if path in CONTENT]

    assert of_app == sorted(of_app)
