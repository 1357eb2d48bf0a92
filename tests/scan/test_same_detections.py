"""Machines without the fast engine or a compiler find the same, only later."""

import sys
from pathlib import Path

import pytest

from benchmarks.corpus import build
from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, pair_sidecars
from harness.formats.base import Format
from harness.model import Artifact
from harness.persona import load_persona
from harness.scan import native
from harness.scan.engine import Expression, PurePython, compile_cues
from harness.scan.scanner import Scanned, Scanner


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app's storage of every kind of file, with a seeded person in it."""
    folder = tmp_path_factory.mktemp("storage")
    build(folder, mb=1, seed=5)
    return folder


def _found(storage: Path) -> list[tuple[object, ...]]:
    scanner = Scanner(
        registry.load("formats", Format),
        registry.load("detectors", Detector),
        persona=load_persona(storage / "persona.toml"),
    )
    with registry.load("devices", Connector)["folder"].open(str(storage / "data"), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        return [
            (
                item.facts.path, hit.leaf.steps, hit.leaf.state, hit.layers, hit.in_key, hit.start, hit.end, hit.type,
                hit.value, hit.confidence, hit.why, hit.persona_field, hit.form,
            )
            for item in scanner.scan(pair_sidecars(artifacts, ("-wal", "-journal", "-shm")))
            if isinstance(item, Scanned)
            for hit in item.hits
        ]  # fmt: skip


@pytest.mark.slow
def test_every_engine_gives_the_same_detections(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Value, place, confidence and reason, of a whole storage."""
    fast = _found(storage)
    monkeypatch.setitem(sys.modules, "hyperscan", None)  # what an import then raises is an ImportError
    monkeypatch.setattr(native, "LIBRARY", storage / "none.so")
    native.kernel.cache_clear()

    try:
        assert isinstance(compile_cues([Expression(b"abc")], keep=False), PurePython)
        assert _found(storage) == fast
    finally:
        native.kernel.cache_clear()
    assert len(fast) > 300
