"""Files by real adb clients through our bridge: whole, in both directions, and refusals in adbd's words."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Adb, BridgeProcess, Connected, digest, noise

MIB = 1 << 20
Bridges = Callable[..., BridgeProcess]


def test_files_go_and_come_back_the_same(device: Connected, tmp_path: Path) -> None:
    """Whole, and with the time of their last change."""
    for size in (0, 1, 65_536, 65_537, 5 * MIB + 3):
        source, there, back = (tmp_path / f"{name}{size}" for name in ("source", "there", "back"))
        source.write_bytes(noise(size))
        os.utime(source, (1_700_000_000, 1_700_000_000))

        assert device.run("push", str(source), str(there)).returncode == 0
        assert device.run("pull", "-a", str(there), str(back)).returncode == 0
        assert back.read_bytes() == there.read_bytes() == source.read_bytes()
        assert there.stat().st_mtime == back.stat().st_mtime == 1_700_000_000


def test_500_small_files_go_and_come_back(device: Connected, tmp_path: Path) -> None:
    """A tree of them, in both directions."""
    _tree(tmp_path / "tree", 500)

    assert device.run("push", str(tmp_path / "tree"), str(tmp_path / "there")).returncode == 0
    assert device.run("pull", str(tmp_path / "there"), str(tmp_path / "back")).returncode == 0
    assert _contents(tmp_path / "back") == _contents(tmp_path / "there") == _contents(tmp_path / "tree")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("push", "{here}", "/proc/x/y"), b"remote secure_mkdirs() failed: No such file or directory"),
        (("push", "{here}", "/proc/x"), b"remote couldn't create file: No such file or directory"),
        (("pull", "/no/such", "{here}.x"), b"failed to stat remote object '/no/such': No such file or directory"),
        (("pull", "/proc/self/mem", "{here}.x"), b"read failed: Input/output error"),
    ],
)
def test_what_fails_says_why(device: Connected, tmp_path: Path, words: tuple[str, ...], reason: bytes) -> None:
    """In the client's words around adbd's; and the next file goes through."""
    here = tmp_path / "here"
    here.write_bytes(noise(300_000))

    failed = device.run(*(word.format(here=here) for word in words))
    assert failed.returncode == 1
    assert reason in failed.stderr + failed.stdout
    assert device.run("push", str(here), str(tmp_path / "there")).returncode == 0


def test_the_journal_names_services_and_paths(adb: Adb, bridges: Bridges, tmp_path: Path) -> None:
    """So a test can say that an extractor never wrote."""
    bridge = bridges()
    device = adb.connect(bridge)
    (tmp_path / "f").write_bytes(b"x")
    device.run("shell", "echo one")
    device.run("pull", str(tmp_path / "f"), str(tmp_path / "g"))

    journal = bridge.settled()["journal"]
    assert any(entry.startswith("shell,v2") and entry.endswith(":echo one") for entry in journal)
    assert any(entry.startswith(("sync:RECV", "sync:RCV2")) and entry.endswith("/f") for entry in journal)
    assert not any(entry.startswith(("sync:SEND", "sync:SND2")) for entry in journal)


def _tree(root: Path, count: int) -> None:
    for number in range(count):
        folder = root / f"d{number // 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{number}").write_bytes(noise(number % 3000, number))


def _contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_200_mb_go_and_come_back(device: Connected, tmp_path: Path, record_property: Any) -> None:
    """Whole; the speed is recorded, and judged by the benchmarks."""
    for name in ("source", "there", "back"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "source").write_bytes(noise(200_000_000))
    for verb, source, target in (("push", "source", "there"), ("pull", "there", "back")):
        start = time.monotonic()
        assert device.run(verb, str(tmp_path / source), str(tmp_path / target), seconds=300).returncode == 0
        record_property(f"{verb} MB/s", round(200 / (time.monotonic() - start)))

    assert digest((tmp_path / "back").read_bytes()) == digest(noise(200_000_000))


@pytest.mark.slow
def test_5000_small_files_go_and_come_back(device: Connected, tmp_path: Path) -> None:
    """Each of them."""
    _tree(tmp_path / "tree", 5000)

    assert device.run("push", str(tmp_path / "tree"), str(tmp_path / "there"), seconds=300).returncode == 0
    assert device.run("pull", str(tmp_path / "there"), str(tmp_path / "back"), seconds=300).returncode == 0
    assert _contents(tmp_path / "back") == _contents(tmp_path / "tree")
