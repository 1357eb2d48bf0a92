"""DataStores of both kinds, against what protoc was given to write."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.accuracy.score import Score
from harness.formats.base import as_bytes
from harness.formats.datastore import DataStore
from harness.formats.protobuf import Protobuf
from harness.limits import Limits
from harness.model import Document

__all__ = ["measure"]


def measure(corpus: Path) -> list[Score]:
    """One line for the stores of preferences, one for those that are read without their schema."""
    files = json.loads((corpus / "datastore" / "truth.json").read_text(encoding="utf-8"))
    return [
        _preferences(corpus / "datastore", [file for file in files if file["file"].startswith("prefs")]),
        _typed(corpus / "datastore", [file for file in files if not file["file"].startswith("prefs")]),
    ]


def _preferences(folder: Path, files: list[dict[str, Any]]) -> Score:
    planted, found = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for file in files:
        for value in file["values"]:
            for each in value["value"] if isinstance(value["value"], list) else [value["value"]]:
                planted[file["file"], value["key"], str(each)] += 1
        for held in DataStore().decode(Document((folder / file["file"]).read_bytes()), Limits()):
            found[file["file"], str(held.steps[0]), as_bytes(held.value).decode()] += 1
    return Score(
        family="datastore",
        planted=planted.total(),
        found=(planted & found).total(),
        invented=(found - planted).total(),
        note="name, value and number of each",
    )


def _typed(folder: Path, files: list[dict[str, Any]]) -> Score:
    planted = found = 0
    for file in files:
        held = Protobuf().decode(Document((folder / file["file"]).read_bytes()), Limits())
        values = [as_bytes(value.value) for value in held]
        for value in file["values"]:
            text = str(value["value"]).encode()
            planted += 1
            found += any(text == each or ("inside" in value and text in each) for each in values)
    return Score(family="protobuf", planted=planted, found=found, invented=0, note="without a schema, values whole")
