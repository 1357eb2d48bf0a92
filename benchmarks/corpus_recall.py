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
from harness.model import Artifact, Share
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
    """Print, in Markdown, what every folder holds, how much of it is understood, and what is found and missed."""
    root = Path(__file__).resolve().parent.parent
    shared = root.parent / "shared" / "corpus"
    base = shared if shared.is_dir() else root / "tests" / "corpus"
    detectors = registry.load("detectors", Detector)
    scanner = Scanner(registry.load("formats", Format), detectors)
    normalise = {each.type: each.normalise for each in detectors.values()}
    print("| corpus | files | KB | decoded | free | media | unknown | damaged files | found | of what was planted |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|---|")
    for folder in sorted(path for path in base.iterdir() if path.is_dir() and path.name != "LICENSES"):
        scanned = list(_scanned(scanner, folder))
        found = {(hit.type, hit.normal) for item in scanned for hit in item.hits}
        planted = {(kind, normalise[kind](value.encode())) for kind, value in _truth(folder)}
        print(f"| {folder.name} | {_row(scanned)} | {len(found)} | {_recall(planted, found)} |")


def _row(scanned: list[Scanned]) -> str:
    size = sum(item.coverage.size for item in scanned)
    shares = Counter[Share]()
    for item in scanned:
        shares.update(item.coverage.shares)
    read = shares[Share.DECODED] + shares[Share.STRUCTURE]
    parts = (read, shares[Share.FREE], shares[Share.MEDIA], shares[Share.UNKNOWN] + shares[Share.ENCRYPTED])
    damaged = sum(bool(item.coverage.error or item.coverage.shares.get(Share.FAILED)) for item in scanned)
    percents = " | ".join(f"{100 * part / size:.0f} %" if size else "" for part in parts)
    return f"{len(scanned)} | {size / 1000:.0f} | {percents} | {damaged}"


def _recall(planted: set[tuple[str, bytes]], found: set[tuple[str, bytes]]) -> str:
    kinds = Counter(kind for kind, _ in planted)
    hits = Counter(kind for kind, _ in planted & found)
    return ", ".join(f"{kind} {hits[kind]} of {count}" for kind, count in sorted(kinds.items()))


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


def _scanned(scanner: Scanner, folder: Path) -> Iterator[Scanned]:
    with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
        artifacts = [
            item
            for item in source.collect()
            if isinstance(item, Artifact) and not any(part in NOT_DATA for part in Path(item.path).parts)
        ]
        for item in scanner.scan(pair_sidecars(artifacts, ("-wal", "-journal", "-shm"))):
            if isinstance(item, Scanned):
                yield item


if __name__ == "__main__":
    main()
