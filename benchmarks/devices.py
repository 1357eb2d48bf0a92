"""Emulated devices: how long one takes to start, what twenty cost, and how fast real adb pulls from one."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.measure import Table
from benchmarks.setting import Setting
from harness.emulators.android.device import AndroidDevice
from harness.emulators.android.userland import missing
from harness.emulators.walls.ports import Tier
from harness.profiles import load_profile
from harness.sandbox import App, Attributes, Sandbox

__all__ = ["bench"]

_AT_ONCE = 20
_MEGABYTES = 200
_BULK = "/data/local/tmp/bulk.bin"


def bench(setting: Setting) -> None:
    """Print what was measured."""
    if lacking := missing():
        print("\n== emulated devices\nnot here:", "; ".join(f"{each.what}: {each.how}" for each in lacking))
        return
    table = Table("emulated devices", "what", "measured", "bound")
    for tier in (Tier.USER_NAMESPACE, Tier.CHROOT):
        if tier is Tier.CHROOT and os.geteuid() != 0:
            continue
        starts, stops = _starts(tier, setting.runs)
        table.row(f"start, {tier.value}, median s", median(starts), "0.3" if tier is Tier.USER_NAMESPACE else "")
        table.row(f"stop, {tier.value}, median s", median(stops), "")
    _many(table)
    if shutil.which("adb") is None:
        table.row("adb pull", "not here: apt install adb", "")
    else:
        _over_adb(table, setting.runs)
    table.show()


def _sandbox() -> Sandbox:
    sandbox = Sandbox(load_profile("android-14-stock"))
    for number in range(5):
        package = f"com.example.app{number}"
        sandbox.install(App(package=package, uid=10_100 + number))
        for each in range(20):
            sandbox.write(f"/data/data/{package}/files/{each}.txt", b"Ada, ada@example.org\n" * 100)
    return sandbox


def _starts(tier: Tier, runs: int) -> tuple[list[float], list[float]]:
    sandbox = _sandbox()
    starts, stops = [], []
    for _ in range(max(runs, 3)):
        begin = time.monotonic()
        device = AndroidDevice(sandbox, tier=tier)
        starts.append(time.monotonic() - begin)
        begin = time.monotonic()
        device.stop()
        stops.append(time.monotonic() - begin)
    return starts, stops


def _many(table: Table) -> None:
    """Twenty at once: a suite in parallel, one device for each test."""
    sandbox = _sandbox()
    mine = _below(os.getpid())
    begin = time.monotonic()
    devices = [AndroidDevice(sandbox) for _ in range(_AT_ONCE)]
    table.row(f"{_AT_ONCE} devices at once, start s", time.monotonic() - begin, "6")
    of_devices = _below(os.getpid()) - mine
    table.row(f"{_AT_ONCE} devices at once, memory MB", sum(map(_share, of_devices)) / 1024, "")
    begin = time.monotonic()
    for device in devices:
        device.stop()
    table.row(f"{_AT_ONCE} devices, stop s", time.monotonic() - begin, "")
    table.row("processes left behind", sum(Path(f"/proc/{pid}").exists() for pid in of_devices), "0")


def _below(pid: int) -> set[int]:
    """A process and all that come from it."""
    parents = {}
    for listed in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(listed.parent.name)] = int(listed.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while more := {each for each, above in parents.items() if above in found} - found:
        found |= more
    return found


def _share(pid: int) -> int:
    """Kilobytes that a process has, its part of what it shares counted."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def _over_adb(table: Table, runs: int) -> None:
    sandbox = _sandbox()
    sandbox.write(_BULK, os.urandom(1 << 20) * _MEGABYTES, Attributes(mode=0o644, owner=2000))
    with tempfile.TemporaryDirectory() as home, AndroidDevice(sandbox) as device:
        adb = _client(home)
        try:
            adb("connect", device.serial)
            adb("-s", device.serial, "wait-for-device")
            rates = [_MEGABYTES * 1.048576 / _timed(adb, device, "pull", _BULK, f"{home}/bulk") for _ in range(runs)]
            table.row(f"pull of {_MEGABYTES} MB by adb, median MB/s", median(rates), "300")
            shells = [_timed(adb, device, "shell", "true") for _ in range(10)]
            table.row("adb shell true, median s", median(shells), "")
        finally:
            adb("kill-server")


def _timed(adb: Callable[..., None], device: AndroidDevice, *words: str) -> float:
    begin = time.monotonic()
    adb("-s", device.serial, *words)
    return time.monotonic() - begin


def _client(home: str) -> Callable[..., None]:
    """adb with a server of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "HOME": home,
        "ANDROID_ADB_SERVER_PORT": str(port),
        "ADB_LOCAL_TRANSPORT_MAX_PORT": "5550",
    }

    def adb(*words: str) -> None:
        subprocess.run(["adb", *words], env=environment, capture_output=True, check=True, timeout=120)

    return adb
