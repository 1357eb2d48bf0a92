"""How much of the planted truth was found, by group of encodings; and how much was found that nobody planted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import GROUPS, Planted, read_truth
from benchmarks.people import normal
from benchmarks.setting import Storage
from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, pair_sidecars
from harness.formats.base import Format
from harness.model import Artifact
from harness.persona import load_persona
from harness.scan.confirm import Hit
from harness.scan.scanner import Scanned, Scanner

__all__ = ["COLUMNS", "Score", "of_lines", "of_scan"]

COLUMNS = (*dict.fromkeys(GROUPS.values()),)
_CLASSES = frozenset({"EMAIL", "PHONE", "CARD", "SSN", "LOCATION", "ADVERTISING_ID"})


@dataclass(slots=True)
class Score:
    """Planted and found, by group."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    extra: int = 0
    """Found, and not planted."""

    def add(self, group: str, *, found: bool) -> None:
        """One line of the truth."""
        for name in ("all", GROUPS[group]):
            self.planted[name] += 1
            self.found[name] += found

    def cells(self) -> list[str]:
        """Recall of all, then of each group, then what was found beside it."""
        shares = [
            f"{self.found[name] / self.planted[name]:.3f}" if self.planted[name] else "-"
            for name in ("all", *COLUMNS)
        ]
        return [*shares, str(self.extra)]


def of_scan(storage: Storage, *, seeded: bool) -> tuple[Score, Score]:
    """Ours: the unknown people's values by class and value, and the seeded person's by file and field.

    The report of a scan shows masks only, so this asks the same scanner in this process.
    """
    person = load_persona(storage.persona) if seeded else None
    detectors = registry.load("detectors", Detector)
    scanner = Scanner(registry.load("formats", Format), detectors, persona=person)
    hits = list(_hits(scanner, storage))
    seen = Counter((file, hit.type, _normal(hit)) for file, hit in hits if hit.persona_field is None)
    fields = {(file, hit.persona_field) for file, hit in hits if hit.persona_field}
    truth = read_truth(storage.folder)
    people, seed = Score(), Score()
    explained: set[tuple[str, str, str]] = set()
    pairs = _pairs(hits)
    for each in truth:
        if each.seeded:
            seed.add(each.group, found=(each.file, each.seeded) in fields)
            explained.add((each.file, each.type, normal(each.type, each.value)))
            continue
        mark = (each.file, each.type, normal(each.type, each.value))
        halves = normal("LOCATION", each.value).split(",") if each.type == "LOCATION" else []
        explained |= {mark, *((each.file, each.type, half) for half in halves)}
        people.add(each.group, found=mark in seen or _has_halves(pairs, each))
    people.extra = sum(number for mark, number in seen.items() if mark not in explained)
    return people, seed


def _hits(scanner: Scanner, storage: Storage) -> Iterator[tuple[str, Hit]]:
    with registry.load("devices", Connector)["folder"].open(str(storage.data), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        for item in scanner.scan(pair_sidecars(artifacts, ("-wal", "-journal", "-shm"))):
            if isinstance(item, Scanned):
                for hit in item.hits:
                    yield item.facts.path, hit


def _normal(hit: Hit) -> str:
    return normal(hit.type, hit.value.decode("utf-8", "replace"))


def _pairs(hits: Sequence[tuple[str, Hit]]) -> set[tuple[str, str]]:
    return {(file, _normal(hit)) for file, hit in hits if hit.type == "LOCATION"}


def _has_halves(pairs: set[tuple[str, str]], each: Planted) -> bool:
    """Latitude and longitude in two columns are two findings."""
    halves = normal("LOCATION", each.value).split(",") if each.group == "real" else []
    return bool(halves) and all((each.file, half) in pairs for half in halves)


# -- peers: lines of a path, a NUL and a text ------------------------------------------------------


def of_lines(storage: Storage, output: Path) -> Score:
    """A search tool's: a value counts where its normal form is anywhere in what was printed for its file."""
    texts = _texts(storage, output)
    digits = {file: [re.sub(r"\D", "", text) for text in lines] for file, lines in texts.items()}
    whole = {file: "\n".join(lines).lower() for file, lines in texts.items()}
    numbers = {file: "\n".join(lines) for file, lines in digits.items()}
    score = Score()
    truth = [each for each in read_truth(storage.folder) if not each.seeded and each.type in _CLASSES]
    for each in truth:
        sidecar = f"{each.file}-wal"
        score.add(
            each.group,
            found=any(_is_in(each, whole.get(file, ""), numbers.get(file, "")) for file in (each.file, sidecar)),
        )
    planted = {_key(each.type, each.value) for each in read_truth(storage.folder)}
    score.extra = sum(
        not any(
            key in planted for key in (_key("EMAIL", text), re.sub(r"\D", "", text), re.sub(r"\D", "", text)[-10:])
        )
        and not any(key in text.lower() for key in planted if "-" in key or "," in key)
        for lines in texts.values()
        for text in lines
    )
    return score


def _key(kind: str, value: str) -> str:
    return normal(kind, value)


def _is_in(each: Planted, text: str, digits: str) -> bool:
    key = normal(each.type, each.value)
    return key in (digits if each.type in ("PHONE", "CARD", "SSN") else text)


def _texts(storage: Storage, output: Path) -> Mapping[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for line in output.read_bytes().split(b"\n"):
        path, separator, text = line.partition(b"\0")
        if separator:
            file = Path(path.decode()).relative_to(storage.data).as_posix()
            texts.setdefault(file, []).append(text.decode("utf-8", "replace"))
    return texts
