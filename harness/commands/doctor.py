"""`storage-harness doctor`: what this machine can do."""

import sys
from collections.abc import Iterator

import click

from harness.commands._tables import json_option, show

__all__ = ["command"]

_IOS = "pip install 'storage-harness[ios]'"


@click.command()
@json_option
def command(as_json: bool) -> None:
    """Say what this machine can do, and what to install for the rest."""
    import importlib.util
    import shutil

    def module(name: str) -> bool:
        return importlib.util.find_spec(name) is not None

    python = ".".join(str(part) for part in sys.version_info[:3])
    rows = [
        _row(f"Python {python}", True, "runs", ""),
        _row("hyperscan", module("hyperscan"), "fast scanning", "scans all the same, slower: pip install hyperscan"),
        _row("zstandard", module("zstandard"), "reads .tar.zst", "pip install 'storage-harness[zstd]'"),
        _row("brotli", module("brotli"), "reads what is packed with Brotli", "pip install 'storage-harness[brotli]'"),
        _row("folders, archives, snapshots", True, "scan; .tar[.gz|.bz2|.xz] and .zip", ""),
        _row(
            "Android and iOS backups",
            module("Crypto"),
            "scan; .ab, iTunes/Finder folders",
            "pip install pycryptodome",
        ),
        _row("simulated devices in memory", True, "simulate, demo", ""),
        _row("adb", shutil.which("adb") is not None, "adb:SERIAL (USB, paired phones)", "apt install adb"),
        _row("adb-shell", module("adb_shell"), "adb:HOST:PORT", "pip install 'storage-harness[android]'"),
        _row(
            "asyncssh",
            module("asyncssh"),
            "ssh://USER@HOST:PORT (iPhones)",
            "pip install 'storage-harness[ssh]'",
        ),
        *_emulation(),
        *_attached(),
        _row("pymobiledevice3", module("pymobiledevice3"), "ios:UDID (iPhones on a cable)", _IOS),
    ]
    show(rows, as_json=as_json)


def _emulation() -> Iterator[dict[str, object]]:
    """Whether an emulated device can be walled in here, and what to get where it cannot."""
    from harness.emulators.android.userland import missing
    from harness.emulators.iphone.userland import missing as missing_for_iphones
    from harness.emulators.walls.ports import Tier
    from harness.emulators.walls.tiers import probe

    tier = probe()
    lacking = missing(tier)
    how = "; ".join(f"{each.what}: {each.how}" for each in lacking)
    yield _row("emulated Android devices", not lacking, f"emulate, emulated:PROFILE (tier: {tier})", how)
    lacking = missing_for_iphones(tier)
    how = "; ".join(f"{each.what}: {each.how}" for each in lacking)
    yield _row("emulated jailbroken iPhones", not lacking, f"emulate, emulated:PROFILE (tier: {tier})", how)
    if tier is Tier.CHROOT:
        yield _row("namespaces for them", False, "own processes and network", "here they share those of the machine")


def _attached() -> Iterator[dict[str, object]]:
    """What a running adb server holds, and what each device lets us do; no server is started to find out."""
    from harness.devices.adb import allowances, attached

    for device in attached():
        name = " ".join(word for word in (f"adb:{device.serial}", device.facts.get("model", "")) if word)
        trouble, step = device.trouble
        allows = "" if trouble else allowances(device.serial)
        yield _row(name, not trouble, allows, f"{trouble}: {step}")


def _row(what: str, works: bool, gives: str, otherwise: str) -> dict[str, object]:
    return {"what": what, "here": works, "gives": gives, "otherwise": "" if works else otherwise}
