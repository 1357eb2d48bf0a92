"""Choosing the connector of a source."""

import gzip
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.devices.archive import Archive
from harness.devices.base import Connector, Options, Source, Staged, choose
from harness.devices.folder import Folder
from harness.errors import DeviceError, SourceError


class Sure(Folder):
    """Claims everything, as sure as it is told to."""

    title = "Sure"
    grammar = "ANYTHING"

    def __init__(self, sureness: float) -> None:
        self.sureness = sureness

    def claims(self, source: str) -> float:
        return self.sureness

    def open(self, source: str, options: Options) -> Source:
        raise AssertionError("choosing opens nothing")

    def stage(self, folder: Path, files: Sequence[Staged]) -> str:
        return ""


def test_the_surest_wins() -> None:
    """Whatever the order is that connectors are known in."""
    connectors: dict[str, Connector] = {"low": Sure(0.2), "high": Sure(0.9), "none": Sure(0)}

    assert choose("x", connectors) is connectors["high"]
    assert choose("x", dict(reversed(connectors.items()))) is connectors["high"]


def test_ties_go_by_name() -> None:
    """The first by name, so that the choice never depends on import order."""
    connectors: dict[str, Connector] = {"b": Sure(0.5), "a": Sure(0.5)}

    assert choose("x", connectors) is connectors["a"]


@pytest.mark.parametrize(
    "source", ["adb:emulator-5554", "ssh://root@192.0.2.7:22", "ios:UDID", "emulated:android-14"]
)
def test_a_device_that_nobody_reaches_is_a_failed_transport(source: str) -> None:
    """Exit code 4 and not 3: the words are right."""
    with pytest.raises(DeviceError, match="cannot be reached yet") as caught:
        choose(source, {"folder": Folder()})

    assert caught.value.hint


@contextmanager
def as_somebody_else() -> Iterator[Path]:
    """A folder that others may enter, and not being root while in it: root reads everything."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(name, _NOBODY, _NOBODY)
            os.seteuid(_NOBODY)
        try:
            yield Path(name)
        finally:
            if is_root:
                os.seteuid(0)


_NOBODY = 65534


@pytest.mark.parametrize("name", ["app.tar", "user.xml"])
def test_what_may_not_be_read_is_told_as_that(name: str) -> None:
    """Not as missing, not as unknown, and not as an empty source."""
    connectors: dict[str, Connector] = {"archive": Archive(), "folder": Folder()}
    with as_somebody_else() as folder:
        (folder / name).write_bytes(b"<map />")
        (folder / name).chmod(0)

        with pytest.raises(SourceError, match="permission denied"):
            choose(str(folder / name), connectors).open(str(folder / name), Options()).close()

        (folder / name).chmod(0o600)
        folder.chmod(0)
        with pytest.raises(SourceError, match="permission denied"):
            choose(str(folder / name), connectors)
        folder.chmod(0o700)


def test_one_file_is_a_source(tmp_path: Path) -> None:
    """One that is packed alone, too; an archive is opened as one."""
    connectors: dict[str, Connector] = {"archive": Archive(), "folder": Folder()}
    (tmp_path / "user.xml").write_bytes(b"<map />")
    (tmp_path / "log.gz").write_bytes(gzip.compress(b"jane@example.org"))
    packed = Archive().stage(tmp_path, ())

    assert choose(str(tmp_path / "user.xml"), connectors) is connectors["folder"]
    assert choose(str(tmp_path / "log.gz"), connectors) is connectors["folder"]
    assert choose(packed, connectors) is connectors["archive"]


def test_what_nobody_claims_is_told_with_all_that_is_understood(tmp_path: Path) -> None:
    """The hint lists the grammar of each connector; missing and not understood are different words."""
    stranger = tmp_path / "x.7z"
    stranger.write_bytes(b"\x01\x02")

    with pytest.raises(SourceError, match="does not exist") as caught:
        choose(str(tmp_path / "missing"), {"folder": Folder()})
    with pytest.raises(SourceError, match="nothing that can be read"):
        choose(str(stranger), {"folder": Folder()})
    with pytest.raises(SourceError):
        choose("", {})

    assert "FOLDER" in caught.value.hint
