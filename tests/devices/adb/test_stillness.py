"""What is copied is of one moment: the app is held still, or copied until nothing has changed."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from harness.devices.adb.direct import Direct
from harness.devices.adb.keys import load_keys
from harness.devices.adb.transport import run

SHOP = "com.example.shop"
FILES = {
    "databases/app.db": b"SQLite format 3\0" + bytes(4080),
    "databases/app.db-wal": b"\x37\x7f\x06\x82" + bytes(28),
}
Boot = Take = Callable[..., Any]


def account(taken: Any) -> str:
    return str(taken.files["device", "acquisition.json"].decode())


def test_a_database_at_rest_is_twice_the_same(boot: Boot, take: Take) -> None:
    """Which is all that it takes."""
    taken = take(boot("android-14-rooted", FILES).serial)

    assert "app.db: twice the same" in account(taken)
    assert taken.unread == []


def test_a_database_that_never_rests_is_told(boot: Boot, take: Take) -> None:
    """It is there, and marked: what belongs together may not be of one moment."""
    device = boot("android-14-rooted", FILES)
    writer = Direct("127.0.0.1", device.port, load_keys(), patience=20.0)
    wal = f"/data/data/{SHOP}/databases/app.db-wal"
    busy = writer.stream(f"su -c 'while true; do cat /proc/uptime /proc/uptime >> {wal}; done'")

    taken = take(device.serial)
    busy.close()
    writer.close()

    assert "databases/app.db" in taken.of(SHOP)
    assert [item.path for item in taken.unread] == ["databases/app.db"]
    assert "--hold" in taken.unread[0].reason


@pytest.mark.parametrize("hold", ["stop", "pause"])
def test_an_app_that_is_held_is_copied_once(boot: Boot, take: Take, hold: str) -> None:
    """And what was done to hold it is kept."""
    taken = take(boot("android-14-rooted", FILES).serial, hold=hold)

    assert taken.of(SHOP) == FILES
    assert "twice" not in account(taken)
    assert ("force-stop" if hold == "stop" else "pause") in account(taken)


def test_a_paused_app_goes_on_afterwards(boot: Boot, take: Take) -> None:
    """Its processes are stopped while files come, and run again in the end."""
    device = boot("android-14-rooted", FILES)
    link = Direct("127.0.0.1", device.port, load_keys(), patience=20.0)
    run(link, f"am start -n {SHOP}/.Main")
    states = []

    taken = take(device.serial, hold="pause", progress=lambda *_: states.append(_state(device.port)))
    states.append(_state(device.port))
    link.close()

    assert "T" in states
    assert states[-1] == "S"
    assert "kill -STOP: done" in account(taken)


def _state(port: int) -> str:
    """What the app's process does: `S` where it waits for something to happen, `T` where it was stopped."""
    link = Direct("127.0.0.1", port, load_keys(), patience=20.0)
    with closing(link):
        return run(link, f"ps -A -o S,ARGS | grep ' {SHOP}$'").text[:1]


def test_an_app_that_cannot_be_paused_is_copied_twice(boot: Boot, take: Take) -> None:
    """Android 5 has nothing that finds its processes: then it is copied until nothing changes, and that is said."""
    taken = take(boot("android-5-stock", FILES, kind={"privileged": True}).serial, hold="pause")

    assert "not held still" in account(taken)
    assert "app.db: twice the same" in account(taken)
    assert taken.of(SHOP) == FILES
