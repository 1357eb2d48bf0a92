"""Two lanes, one answer: what decoding everything finds, sweeping the bytes found too, at the same place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, pair_sidecars
from harness.formats.base import Format
from harness.model import Artifact
from harness.scan.scanner import Scanned, Scanner

OWN = ("android-prefs", "keyed-archives", "sqlite-residue")
SHARED = (
    "android-backup",
    "android-xml",
    "apple-plist",
    "datastore",
    "ios-sandbox",
    "keychain-dumps",
    "leveldb",
    "logs",
    "mastg-demos",
    "pii-text",
    "secrets",
    "sqlite-apps",
    "sqlite-residue",
)

Place = tuple[str, tuple[object, ...], tuple[str, ...], str, bytes]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(registry.load("formats", Format), registry.load("detectors", Detector))


@pytest.mark.parametrize("name", OWN)
def test_the_raw_lane_finds_what_the_decoded_lane_finds(name: str, own_corpus: Path, scanner: Scanner) -> None:
    """On the corpora that travel with the project."""
    assert _missed(own_corpus / name, scanner) == []


@pytest.mark.parametrize("name", SHARED)
def test_the_lanes_agree_on_the_shared_corpora(name: str, shared_corpus: Path | None, scanner: Scanner) -> None:
    """Where the large corpora stand beside the checkout, on those too."""
    if shared_corpus is not None:
        assert _missed(shared_corpus / name, scanner) == []


def _missed(folder: Path, scanner: Scanner) -> list[Place]:
    """Live places that only the decoded lane found."""
    raw, decoded = set(), set()
    for item in _scanned(folder, scanner, deep=False):
        raw |= set(_places(item))
    for item in _scanned(folder, scanner, deep=True):
        decoded |= set(_places(item))
    return sorted(decoded - raw, key=str)


def _scanned(folder: Path, scanner: Scanner, *, deep: bool) -> Iterator[Scanned]:
    suffixes = ("-wal", "-journal", "-shm")
    with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        for item in scanner.scan(pair_sidecars(artifacts, suffixes), deep=lambda _facts: deep):
            if isinstance(item, Scanned):
                yield item


def _places(item: Scanned) -> Iterator[Place]:
    for hit in item.hits:
        yield item.facts.path, hit.leaf.steps, hit.layers, hit.type, hit.normal
