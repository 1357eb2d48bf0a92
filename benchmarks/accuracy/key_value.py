"""MMKV and LevelDB, against what their own libraries read back and what was replaced or deleted before."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.accuracy.score import Score
from harness.formats.base import as_bytes
from harness.formats.leveldb import LevelDb
from harness.formats.mmkv import Mmkv, decrypted
from harness.limits import Limits
from harness.model import Document, Share, State, Value

__all__ = ["measure"]

Pair = tuple[str, str, bytes]
"""Store, key and value."""


def measure(corpus: Path) -> list[Score]:
    """What counts and what does not count any more, of each; and what is ciphertext."""
    return [*_mmkv(corpus / "mmkv"), _sealed(corpus), *_leveldb(corpus / "leveldb")]


def _mmkv(folder: Path) -> Iterator[Score]:
    live, dead = _planted(folder, "residue")
    held: dict[Pair, State] = {}
    known: set[tuple[str, str]] = set()
    for truth, document in _stores(folder):
        clear = decrypted(document, truth["crypt_key"].encode()) if truth["encrypted"] else document
        named = {each["key"] for each in truth["values"]}
        known |= {(truth["id"], key) for key in truth["keys"] if key not in named}
        for value in Mmkv().decode(clear, Limits()):
            held.setdefault(_pair(truth["id"], value), value.state)
    counts = {pair for pair, state in held.items() if state is State.LIVE}
    made_up = {pair for pair in counts - live if pair[:2] not in known}
    yield Score(
        family="mmkv, live",
        planted=len(live),
        found=len(live & counts),
        invented=len(made_up),
        note="key, value and state; one store with its key",
    )
    values = {pair[0::2] for pair in held}
    whole = {pair[0::2] for pair in dead}
    others = {pair for pair in held.keys() - counts if pair[0::2] not in whole | {each[0::2] for each in live}}
    # Of the numbers that every store holds, the truth lists the keys alone.
    others = {pair for pair in others if not _is_number(pair[2])}
    yield Score(
        family="mmkv, superseded",
        planted=len(whole),
        found=len(whole & values),
        invented=len(others),
        note="value and store; whole on disk, of some keys only the end is left",
    )


def _sealed(corpus: Path) -> Score:
    """Encrypted stores without their key: all of their bytes are said to be ciphertext, and no value is given."""
    documents = [document for truth, document in _stores(corpus / "mmkv") if truth["encrypted"]]
    fixture = corpus / "kv-fixtures" / "mmkv" / "testReadOnly"
    documents.append(Document(fixture.read_bytes(), {".crc": fixture.with_suffix(".crc").read_bytes()}))
    told = sum(Share.ENCRYPTED in Mmkv().account(each, Limits()).totals() for each in documents)
    given = sum(1 for each in documents for _ in Mmkv().decode(each, Limits()))
    return Score(
        family="mmkv, without its key", planted=len(documents), found=told, invented=given, note="recognised"
    )


def _leveldb(folder: Path) -> Iterator[Score]:
    live, dead = _planted(folder, "")
    held: set[Pair] = set()
    for path in sorted(folder.glob("*/0*")):
        for value in LevelDb().decode(Document(path.read_bytes()), Limits()) if path.stat().st_size else ():
            if value.value is not None and not value.key.startswith(("VERSION", "META:")):
                held.add(_pair(path.parent.name, value))
    for name, planted in (("live", live), ("superseded or deleted", dead)):
        yield Score(
            family=f"leveldb, {name}",
            planted=len(planted),
            found=len(planted & held),
            invented=len(held - live - dead) if name == "live" else 0,
            note="key and value, over all files of a folder",
        )


def _stores(folder: Path) -> Iterator[tuple[dict[str, Any], Document]]:
    for path in sorted(folder.glob("*/truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        main = path.with_name(truth["mmkv_id"])
        yield truth, Document(main.read_bytes(), {".crc": main.with_name(main.name + ".crc").read_bytes()})


def _planted(folder: Path, residue: str) -> tuple[set[Pair], set[Pair]]:
    """What counts, and what was replaced or removed and is still there: in the clear, or under encryption."""
    live: set[Pair] = set()
    dead: set[Pair] = set()
    for path in sorted(folder.glob("*/truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        for each in truth["values"]:
            values = each["value"] if isinstance(each["value"], list) else [each["value"]]
            pairs = {(truth["id"], each["key"], value.encode()) for value in values}
            if each["live"]:
                live |= pairs
            elif not residue or each[residue] or truth["encrypted"]:
                dead |= pairs
    return live, dead - live


def _pair(store: str, value: Value) -> Pair:
    return store, value.key, as_bytes(value.value)


def _is_number(value: bytes) -> bool:
    return value.replace(b".", b"").isdigit()
