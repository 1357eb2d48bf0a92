"""What a scan finds and misses on corpora that our code did not write, by the truth files beside them.

usage: python -m benchmarks corpus_recall
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, pair_sidecars
from harness.formats.base import Format
from harness.model import Artifact
from harness.scan.scanner import Scanned, Scanner

__all__ = ["main"]

TYPES = {
    "email": "EMAIL",
    "phone": "PHONE",
    "card": "CARD",
    "pan": "CARD",
    "ssn": "SSN",
    "gaid": "ADVERTISING_ID",
    "advertising_id": "ADVERTISING_ID",
}
"""Words of the truth files to classes; the corpora hold other classes too, which only a persona finds today."""

NOT_DATA = ("README.md", "MANIFEST.json", "truth.json", "made-by.sql", "truth")


def main() -> None:
    """Print found and missed values by folder and class."""
    root = Path(__file__).resolve().parent.parent
    shared = root.parent / "shared" / "corpus"
    base = shared if shared.is_dir() else root / "tests" / "corpus"
    detectors = registry.load("detectors", Detector)
    scanner = Scanner(registry.load("formats", Format), detectors)
    normalise = {each.type: each.normalise for each in detectors.values()}
    print(f"{'folder':<24}{'class':<16}{'planted':>8}{'found':>8}{'recall':>8}")
    for folder in sorted(path for path in base.iterdir() if path.is_dir()):
        planted = {(kind, normalise[kind](value.encode())) for kind, value in _truth(folder)}
        if not planted:
            continue
        found = set(_found(scanner, folder))
        kinds = Counter(kind for kind, _ in planted)
        for kind, count in sorted(kinds.items()):
            hits = sum(1 for each in planted if each[0] == kind and each in found)
            print(f"{folder.name:<24}{kind:<16}{count:>8}{hits:>8}{hits / count:>8.3f}")


def _truth(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("truth*.json")):
        yield from _planted(json.loads(path.read_text(encoding="utf-8")))


def _planted(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        kind = TYPES.get(str(node.get("type", node.get("pii", ""))).lower())
        # What is said to be gone from the bytes is not missed.
        if kind and isinstance(node.get("value"), str) and node.get("residue") is not False:
            yield kind, node["value"]
        for child in node.values():
            yield from _planted(child)
    elif isinstance(node, list):
        for child in node:
            yield from _planted(child)


def _found(scanner: Scanner, folder: Path) -> Iterator[tuple[str, bytes]]:
    with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
        artifacts = [
            item
            for item in source.collect()
            if isinstance(item, Artifact) and not any(part in NOT_DATA for part in Path(item.path).parts)
        ]
        for item in scanner.scan(pair_sidecars(artifacts, ("-wal", "-journal", "-shm"))):
            if isinstance(item, Scanned):
                for hit in item.hits:
                    yield hit.type, hit.normal


if __name__ == "__main__":
    main()
