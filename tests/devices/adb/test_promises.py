"""The promises of the contract suite, kept by a device instead of a folder: ours, reached as phones are."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.devices.adb import Adb
from harness.devices.base import Connector, Options, Staged, choose
from harness.emulators.android.device import AndroidDevice
from harness.model import Artifact
from harness.registry import load

SHOP = "com.example.shop"
OTHER = "com.example.other"
Boot = Take = Lay = Callable[..., Any]

FILES = (
    Staged(path="shared_prefs/settings.xml", data=b"<map><string name='e'>jane@example.org</string></map>\n"),
    Staged(path="databases/app.db", data=bytes(range(256)) * 64),
    Staged(path="databases/app.db-wal", data=b"\x37\x7f\x06\x82" + bytes(60)),
    Staged(path="files/deep/er/notes.txt", data=b"line\r\nline\0\xff"),
    Staged(path="files/empty", data=b""),
    Staged(path="files/with space & sign's.txt", data=b"x"),
    Staged(path="files/large.bin", data=b"0123456789abcdef" * (3 << 16)),
    Staged(path="files/$(id);`id`|x", data=b"a name that a shell would obey"),
    Staged(path="files/-rf", data=b"a name that an option would be"),
    Staged(path="files/é\u00ad名.txt", data=b"y"),
    Staged(path="files/" + "long/" * 40 + "n" * 120, data=b"z"),
    Staged(path="files/two\nlines", data=b"w"),
)
CONTENT = {file.path: file.data for file in FILES}


@pytest.fixture
def device(boot: Boot) -> AndroidDevice:
    return boot("android-14-rooted", CONTENT)


def test_what_is_there_arrives(device: AndroidDevice, take: Take) -> None:
    """Every file, under its own path, with the bytes that it has."""
    taken = take(device.serial)

    arrived = taken.of(SHOP)
    assert {path: arrived.get(shown(path)) for path in CONTENT} == CONTENT
    assert taken.unread == []
    assert taken.source.fault is None


def shown(path: str) -> str:
    """A path as connectors print it: controls become `\\xNN`."""
    return path.replace("\n", "\\x0a")


def test_what_arrives_is_sorted_and_sized(device: AndroidDevice) -> None:
    """By container and path; and a size is known before the bytes are read."""
    with Adb().open(f"adb:{device.serial}", Options(app=SHOP)) as source:
        items = list(source.collect())
        places = [(item.container, item.path) for item in items]
        sizes = [
            (item.facts.size, item.content.size, len(item.content.read()))
            for item in items
            if isinstance(item, Artifact)
        ]

    assert places == sorted(places)
    assert all(told == known == real for told, known, real in sizes)


def test_the_same_source_twice_is_the_same(device: AndroidDevice, take: Take) -> None:
    """Facts and bytes of an app at rest do not depend on when or how often they are asked for."""
    first, second = take(device.serial), take(device.serial)

    assert first.of(SHOP) == second.of(SHOP)
    assert {place: item.facts for place, item in first.artifacts.items() if place[0] == SHOP} == {
        place: item.facts for place, item in second.artifacts.items() if place[0] == SHOP
    }


def test_nothing_stays_behind(
    device: AndroidDevice, take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No temporary file, no open file; neither of a source that was given up half-way."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    take(device.serial)
    before = {entry.resolve() for entry in Path("/proc/self/fd").iterdir() if entry.exists()}

    take(device.serial)
    with Adb().open(f"adb:{device.serial}", Options(app=SHOP)) as source:
        next(iter(source.collect()))

    assert list(tmp_path.iterdir()) == []
    assert {entry.resolve() for entry in Path("/proc/self/fd").iterdir() if entry.exists()} <= before


def test_acquiring_changes_nothing_on_the_device(device: AndroidDevice, take: Take) -> None:
    """Not a byte, not a time: what was there before is there after."""
    before = device.export()

    take(device.serial)

    assert device.export() == before


def test_its_own_source_is_given_to_it(device: AndroidDevice) -> None:
    """Among all connectors it is the surest of an adb address."""
    connectors = load("devices", Connector)

    assert choose(f"adb:{device.serial}", connectors) is connectors["adb"]


def test_a_source_that_breaks_never_looks_whole(device: AndroidDevice, take: Take, cable: Lay) -> None:
    """A cable that is pulled while files come: what came is there, and the rest is told."""
    cut = cable(device)
    cut.after = [2_000_000, 0, 0, 0, 0]
    taken = take(cut.address, patience=1.0)

    assert taken.source.fault is not None
    assert [item for item in taken.unread if not item.expected]


def test_without_an_app_all_of_them_are_taken(device: AndroidDevice, take: Take) -> None:
    """Each in a container of its own name."""
    taken = take(device.serial, app=None)

    assert taken.of(OTHER) == {"files/secret.txt": b"of another app"}
    assert taken.of(SHOP)["files/-rf"] == CONTENT["files/-rf"]
