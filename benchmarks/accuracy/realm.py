"""Realm files, against what Realm itself read back and against what it had replaced or deleted."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.accuracy.score import Score
from harness.formats.base import as_bytes
from harness.formats.realm import Realm, decrypted
from harness.limits import Limits
from harness.model import Document, State, Step, Value

__all__ = ["measure"]


def measure(corpus: Path) -> list[Score]:
    """One line for what counts, one for what is still on disk of what does not."""
    live, past = [0, 0], [0, 0]
    invented = 0
    for folder in sorted(path for path in (corpus / "realm").iterdir() if path.is_dir()):
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        data = (folder / "default.realm").read_bytes()
        clear = decrypted(data, bytes.fromhex(truth["key_hex"])) if truth["encrypted"] else data
        values = list(Realm().decode(Document(clear), Limits()))
        _count_live(truth, values, live)
        _count_past(truth, values, past)
        planted = {name for value in truth["values"] for name, _ in _planted(value)}
        named = _named(value for value in values if value.state is State.LIVE)
        invented += sum(name[1:2] != (None,) and name[-1] in _COLUMNS and name not in planted for name in named)
    return [
        Score(family="realm", planted=live[0], found=live[1], invented=invented, note="class, object, property"),
        Score(family="realm-superseded", planted=past[0], found=past[1], invented=0, note="that are on disk"),
    ]


_COLUMNS = {"email", "phone", "name", "pan", "holder", "iban", "msisdn", "lat", "lon", "adid"}
Name = tuple[Step | None, ...]


def _named(values: Iterator[Value] | list[Value]) -> dict[Name, list[bytes]]:
    """Values by class, primary key, property and what follows."""
    told = list(values)
    ids = {value.steps[:2]: value.value for value in told if value.steps[2:] == ("id",)}
    found: dict[Name, list[bytes]] = defaultdict(list)
    for value in told:
        if len(value.steps) >= 3:
            key = ids.get(value.steps[:2])
            found[value.steps[0], key if isinstance(key, int) else None, *value.steps[2:]].append(
                as_bytes(value.value)
            )
    return found


def _planted(value: dict[str, Any]) -> Iterator[tuple[Name, bytes]]:
    name: Name = (value["table"], value["row"], value["column"])
    match value["value"]:
        case list() as each:
            yield from (((*name, number), str(item).encode()) for number, item in enumerate(each))
        case dict() as each:
            yield from (((*name, key), str(item).encode()) for key, item in each.items())
        case single:
            yield name, as_bytes(single)


def _count_live(truth: dict[str, Any], values: list[Value], counts: list[int]) -> None:
    found = _named([value for value in values if value.state is State.LIVE])
    for value in truth["values"]:
        if value["live"]:
            for name, wanted in _planted(value):
                counts[0] += 1
                held = found.get(name, [])
                counts[1] += wanted in held or (value["storage"] == "binary" and any(wanted in each for each in held))


def _count_past(truth: dict[str, Any], values: list[Value], counts: list[int]) -> None:
    texts = [as_bytes(value.value) for value in values if value.state is not State.LIVE]
    for value in truth["values"]:
        if not value["live"] and value.get("raw_residue"):
            for _, wanted in _planted(value):
                counts[0] += 1
                counts[1] += any(wanted in text for text in texts)
