"""Backups as sources: what a scan of each, plain and encrypted, gives back of what was planted in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.accuracy.score import Score
from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, Passwords, choose, pair_sidecars
from harness.formats.base import Format
from harness.model import Artifact
from harness.persona import Persona
from harness.scan.confirm import Hit
from harness.scan.scanner import Scanned, Scanner

__all__ = ["measure"]

_TYPES = {"email": "EMAIL", "phone": "PHONE", "card": "CARD", "ssn": "SSN"}
"""Classes that a scan finds without knowing the person."""


@dataclass(frozen=True, slots=True)
class _Backup:
    source: Path
    password: str | None
    digests: dict[str, str]
    """Of each file: SHA-256, and what it is called."""
    planted: list[dict[str, Any]]


def measure(corpus: Path) -> list[Score]:
    """Three lines for each family: files, values that stand in them, and what a scan finds by itself."""
    android = list(_android(corpus / "android-backup"))
    return [
        *_scores("android-backup", android),
        *_scores("ios-backup", list(_ios(corpus / "ios-backup"))),
    ]


def _android(folder: Path) -> Iterator[_Backup]:
    for each in json.loads((folder / "truth" / "built.json").read_text(encoding="utf-8")):
        yield _Backup(folder / each["file"], each["password"], _listed(each["entries"]), each["values"])
    for name, each in json.loads((folder / "truth" / "public-files.json").read_text(encoding="utf-8")).items():
        if "entries_read_by_abe" in each:
            yield _Backup(folder / name, each["password"], _listed(each["entries_read_by_abe"]), [])


def _listed(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Files of apps; a manifest is what the backup says of one."""
    return {each["sha256"]: each["name"] for each in entries if each["sha256"] and "_manifest" not in each["name"]}


def _ios(folder: Path) -> Iterator[_Backup]:
    for path in sorted((folder / "truth").glob("*.json")):
        each = json.loads(path.read_text(encoding="utf-8"))
        digests = {file["sha256_plain"]: file["path"] for file in each["files"]}
        yield _Backup(folder / each["id"], each["passphrase"], digests, each["values"])


def _scores(family: str, backups: list[_Backup]) -> Iterator[Score]:
    counts = [_measured(backup) for backup in backups]
    notes = (
        "files, byte for byte",
        "values, by a scan that knows them",
        "values of four classes, by a scan that does not",
    )
    for which, note in enumerate(notes):
        planted, found, invented = (sum(each[which][what] for each in counts) for what in range(3))
        yield Score(family=family, planted=planted, found=found, invented=invented, note=note)


def _measured(backup: _Backup) -> list[tuple[int, int, int]]:
    """Planted, found and invented, of each kind."""
    connectors, password = registry.load("devices", Connector), backup.password
    options = Options(passwords=Passwords(lambda _source: password))
    with choose(str(backup.source), connectors).open(str(backup.source), options) as source:
        items = [item for item in source.collect() if isinstance(item, Artifact)]
        held = {sha256(item.content.read()).hexdigest() for item in items}
        files = (len(backup.digests), len(backup.digests.keys() & held), 0)
        scanned = _scanned(pair_sidecars(items, ("-wal", "-journal", "-shm")), backup.planted)
        return [files, *(scanned if backup.planted else ())] + [(0, 0, 0)] * (0 if backup.planted else 2)


def _scanned(artifacts: list[Artifact], planted: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    detectors = registry.load("detectors", Detector)
    person = Persona(custom={str(number): str(each["value"]) for number, each in enumerate(planted)})
    told = _hits(Scanner(registry.load("formats", Format), detectors, persona=person), artifacts)
    known = {hit.persona_field for hit in told if hit.persona_field}
    untold = _hits(Scanner(registry.load("formats", Format), detectors), artifacts)
    found = {(hit.type, hit.normal) for hit in untold if hit.type in _TYPES.values()}
    by_type = {each.type: each for each in detectors.values()}
    wanted = {
        (_TYPES[each["type"]], by_type[_TYPES[each["type"]]].normalise(each["value"].encode()))
        for each in planted
        if each["type"] in _TYPES
    }
    return [(len(planted), len(known), 0), (len(wanted), len(wanted & found), len(found - wanted))]


def _hits(scanner: Scanner, artifacts: list[Artifact]) -> list[Hit]:
    return [hit for item in scanner.scan(artifacts) if isinstance(item, Scanned) for hit in item.hits]
