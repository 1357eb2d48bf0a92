"""Acquiring an app's storage from a device, against `adb pull` of the same folder.

Wall-clock seconds, not CPU: what counts is how long somebody waits for a device, which is a process of its own.
Both talk to the same emulated device over loopback, in turns; every run of ours opens a connection and probes anew.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measure import Table, harness_command, missing
from benchmarks.setting import Setting

if TYPE_CHECKING:
    from harness.sandbox import Sandbox

__all__ = ["bench"]

_CONTENDERS = {
    "adb pull": "",
    "the same folder, copied": "5",
    "acquired: connect, probe, survey, copy, attribute": "5",
    "`storage-harness acquire`: start, acquired, snapshot written": "",
}
"""And how many times `adb pull` each is to be."""
_APP = "com.example.shop"
_FILES = 500
_SIZE = 100_000


def bench(setting: Setting) -> None:
    """500 files of 100 kB, 50 MB in all; and how soon a device that denies is known to."""
    from harness.emulators.android.device import AndroidDevice
    from harness.emulators.android.userland import missing as lacking

    table = Table("acquisition", "what", "wall s", "times pull", "from", "to", "goal")
    gaps = [f"{each.what}: {each.how}" for each in lacking()] + [gap for gap in [missing("adb", "adb")] if gap]
    if gaps:
        table.row("not here", "; ".join(gaps))
        table.show()
        return
    with _home() as home, AndroidDevice(_sandbox(userdebug=True)) as device, _copier(device.port) as copy:
        pull = _puller(device.serial, home)
        whole = partial(_whole, device.serial)
        command = partial(_command, device.serial, home)
        spent = _in_turns((pull, copy, whole, command), setting.runs)
    for (name, goal), times in zip(_CONTENDERS.items(), spent, strict=True):
        ratios = [theirs / ours for theirs, ours in zip(spent[0], times, strict=True)]
        table.row(name, median(times), median(ratios), min(ratios), max(ratios), goal)
    table.row("denied, known as denied", _denial(setting.runs), "", "", "", "1 s")
    table.show()


def _whole(serial: str) -> None:
    """All that `acquire` does, from the connection on."""
    from harness.devices.adb import Adb
    from harness.devices.base import Options

    with Adb().open(f"adb:{serial}", Options(app=_APP)) as source:
        taken = sum(getattr(item, "path", "").startswith("files/") for item in source.collect())
    if taken != _FILES:
        raise SystemExit(f"{taken} of {_FILES} files arrived")


def _command(serial: str, home: Path) -> None:
    """As somebody types it."""
    target = home / "snapshot"
    shutil.rmtree(target, ignore_errors=True)
    command = harness_command("acquire", f"adb:{serial}", "--app", _APP, "--out", str(target))
    done = subprocess.run(command.words, capture_output=True, check=False, timeout=120)
    if done.returncode not in command.good:
        raise SystemExit(f"`storage-harness acquire` ended with exit code {done.returncode}")


@contextmanager
def _copier(port: int) -> Iterator[Callable[[], None]]:
    """What does the same as `adb pull`: a connection that is there, a bridge that is root, one folder."""
    from harness.devices.adb.copying import Copier, Counter
    from harness.devices.adb.direct import Direct
    from harness.devices.adb.keys import load_keys
    from harness.devices.adb.probing import Identity, Way
    from harness.limits import Limits

    links: list[Direct] = []

    def copy() -> None:
        if not links:  # `adb root` has hung up on those that were there before
            links.append(Direct("127.0.0.1", port, load_keys(), patience=10.0))
        copier = Copier(links[0], Limits(), Counter(lambda _stage, _done, _total: None))
        taken = copier.copy(Identity(Way.ROOT), [f"/data/data/{_APP}/files"])
        copier.close()
        if len(taken.items) != _FILES:
            raise SystemExit(f"{len(taken.items)} of {_FILES} files arrived")

    yield copy
    for link in links:
        link.close()


def _sandbox(*, files: int = _FILES, userdebug: bool = False) -> "Sandbox":
    from harness.profiles import load_profile
    from harness.sandbox import App, Sandbox

    # Of an image that allows `adb root`, since that is the only way for `adb pull` to reach the folder.
    sandbox = Sandbox(replace(load_profile("android-14-stock"), userdebug=userdebug))
    sandbox.install(App(package=_APP, uid=10123, allow_backup=False))
    for number in range(files):
        data = hashlib.shake_128(b"%d" % number).digest(_SIZE)
        sandbox.write(f"{sandbox.container(_APP)}/files/{number // 50}/{number:04}.bin", data)
    return sandbox


def _denial(runs: int) -> float:
    from harness.devices.adb import Adb
    from harness.devices.base import Options
    from harness.emulators.android.device import AndroidDevice

    spent = []
    with AndroidDevice(_sandbox(files=3)) as device:
        for _ in range(runs):
            begin = time.perf_counter()
            with Adb().open(f"adb:{device.serial}", Options(app=_APP)) as source:
                list(source.collect())
            spent.append(time.perf_counter() - begin)
    return median(spent)


@contextmanager
def _home() -> Iterator[Path]:
    """A home and an adb server of its own: neither keys nor devices of whoever runs this."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
        free.close()
        own = {"HOME": folder, "ANDROID_ADB_SERVER_PORT": port, "ADB_LOCAL_TRANSPORT_MAX_PORT": "5550"}
        os.environ.update(own)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["adb", "kill-server"], capture_output=True, check=False)
            os.environ.clear()
            os.environ.update(before)


def _puller(serial: str, home: Path) -> Callable[[], None]:
    """`adb pull`, by a server that is running and a bridge that is root already."""
    target = home / "pulled"

    def adb(*words: str) -> None:
        subprocess.run(["adb", *words], capture_output=True, check=False, timeout=60)

    adb("connect", serial)
    adb("-s", serial, "wait-for-device")
    adb("-s", serial, "root")
    adb("-s", serial, "wait-for-device")

    def pull() -> None:
        shutil.rmtree(target, ignore_errors=True)
        words = ["adb", "-s", serial, "pull", f"/data/data/{_APP}/files", str(target)]
        subprocess.run(words, capture_output=True, check=True, timeout=120)

    return pull


def _in_turns(contenders: Sequence[Callable[[], None]], runs: int) -> list[list[float]]:
    for work in contenders:
        work()
    spent: list[list[float]] = [[] for _ in contenders]
    for _ in range(runs):
        for work, times in zip(contenders, spent, strict=True):
            begin = time.perf_counter()
            work()
            times.append(time.perf_counter() - begin)
    return spent
