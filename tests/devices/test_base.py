"""Choosing the connector of a source."""

from collections.abc import Sequence
from pathlib import Path

import pytest

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


def test_what_nobody_claims_is_told_with_all_that_is_understood(tmp_path: Path) -> None:
    """The hint lists the grammar of each connector; missing and not understood are different words."""
    stranger = tmp_path / "x.bin"
    stranger.write_bytes(b"\x01\x02")

    with pytest.raises(SourceError, match="does not exist") as caught:
        choose(str(tmp_path / "missing"), {"folder": Folder()})
    with pytest.raises(SourceError, match="nothing that can be read"):
        choose(str(stranger), {"folder": Folder()})
    with pytest.raises(SourceError):
        choose("", {})

    assert "FOLDER" in caught.value.hint
