"""Decoding everything, format by format, beside the fastest public reader of the same format at hand; and the ledger.

One process; documents in memory, made from a seed, by the standard library where it writes the format.
Ours gives every value with its path and state, and every peer's work ends with its values in memory.
"""

import importlib
import io
import json
import plistlib
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree import ElementTree

from benchmarks.measure import Table
from benchmarks.people import Chance
from benchmarks.setting import Setting
from benchmarks.stored import Stored, bplist, json_cache, preferences
from harness.formats.abx import Tag
from harness.formats.base import Format
from harness.formats.leveldb import Changes, Current, LevelDb, Sorted, Version
from harness.formats.mmkv import Store
from harness.formats.realm.writer import Store as RealmStore
from harness.formats.realm.writer import Table as RealmTable
from harness.limits import Limits
from harness.model import Document
from harness.registry import load

__all__ = ["bench"]

_SIZE = 2_000_000
_LIMITS = Limits()
_LEAF = 800
"""Objects of a Realm table that our writer puts into one leaf."""
Peer = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of document."""

    title: str
    format: str
    build: Callable[[Format, Chance], Document | bytes]
    peer_name: str = "none at hand"
    peer: Peer | None = None


def bench(setting: Setting) -> None:
    """MB/s of CPU of full decoding, how many times as fast as the peer that is, and what the ledger costs a byte."""
    forms = load("formats", Format)
    table = Table(
        "decoding everything, format by format",
        "document",
        "values",
        "MB/s",
        "peer",
        "peer's MB/s",
        "× peer",
        "ledger ns/byte",
    )
    for case in _CASES:
        form = forms[case.format]
        built = case.build(form, Chance(setting.seed))
        document = built if isinstance(built, Document) else Document(built)
        table.row(case.title, *_measured(case, form, document, max(3, setting.runs)))
    table.show()


def _measured(case: Case, form: Format, document: Document, runs: int) -> Iterator[object]:
    data = bytes(document.data)
    count = sum(1 for _ in form.decode(document, _LIMITS))
    ours, theirs, ledger = [], [], []
    for _ in range(runs):
        ours.append(_seconds(lambda: deque(form.decode(document, _LIMITS), maxlen=0)))
        ledger.append(_seconds(lambda: form.account(document, _LIMITS)))
        if case.peer is not None:
            theirs.append(_seconds(lambda: case.peer(data)))  # type: ignore[misc]
    megabytes = len(data) / 1e6
    yield from (count, megabytes / median(ours), case.peer_name)
    if theirs:
        yield megabytes / median(theirs)
        yield median(theirs[n] / ours[n] for n in range(runs))
    else:
        yield from ("", "")
    yield median(ledger) / len(data) * 1e9


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return max(time.process_time() - began, 1e-6)


# -- documents -------------------------------------------------------------------------------------


def _stored(write: Callable[[Chance, Path, int, list[Stored]], None]) -> Callable[[Format, Chance], bytes]:
    def build(_form: Format, chance: Chance) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "document"
            write(chance, path, _SIZE, [])
            return path.read_bytes()

    return build


def _encoded(content: Callable[[Chance], Any]) -> Callable[[Format, Chance], Document]:
    return lambda form, chance: form.encode(content(chance))


def _small_preferences(_form: Format, chance: Chance) -> bytes:
    """Flags and counters alone."""
    lines = (
        f'    <boolean name="{chance.words(1)}_{n}" value="true" />\n'
        if n % 2
        else f'    <int name="n{n}" value="{n}" />\n'
        for n in range(_SIZE // 45)
    )
    return f"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n{''.join(lines)}</map>\n".encode()


def _json_lines(_form: Format, chance: Chance) -> bytes:
    return b"".join(chance.event().encode() + b"\n" for _ in range(_SIZE // 700))


def _xml_list(_form: Format, chance: Chance) -> bytes:
    return plistlib.dumps(plistlib.loads(_stored(bplist)(_form, chance)), fmt=plistlib.FMT_XML)


def _plain_xml(_form: Format, chance: Chance) -> bytes:
    points = (
        f'  <wpt lat="{40 + n / 1e5:.6f}" lon="-74.005970"><name>{chance.words(2)}</name><ele>{n % 300}</ele></wpt>\n'
        for n in range(_SIZE // 90)
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<gpx>\n{"".join(points)}</gpx>\n'.encode()


def _message(chance: Chance) -> dict[int, Any]:
    users = [
        {1: chance.uuid(), 2: chance.words(4), 3: n, 4: 1.5 * n, 6: {1: chance.words(2), 2: 1700000000000 + n}}
        for n in range(_SIZE // 110)
    ]
    return {1: "profile of an app", 2: users, 3: 12}


def _tree(chance: Chance) -> Tag:
    rows = (
        Tag("setting", {"id": n, "name": f"{chance.words(1)}_{n}", "value": chance.words(5), "kept": True})
        for n in range(_SIZE // 90)
    )
    return Tag("settings", {"version": 1}, tuple(rows))


def _map(chance: Chance) -> dict[str, Any]:
    return {f"{chance.words(1)}_{n}": chance.words(8) if n % 2 else n for n in range(_SIZE // 55)}


def _large(chance: Chance) -> bytes:
    return chance.event().encode()


def _small(chance: Chance) -> bytes:
    return chance.digits(6).encode()


def _log(value: Callable[[Chance], bytes], each: int) -> Callable[[Chance], Changes]:
    return lambda chance: Changes(
        batches=tuple(
            tuple((f"user:{n:06d}:{m}".encode(), value(chance)) for m in range(8)) for n in range(_SIZE // each // 8)
        )
    )


def _sorted(value: Callable[[Chance], bytes], each: int) -> Callable[[Chance], Sorted]:
    return lambda chance: Sorted(
        entries=tuple((f"user:{n:06d}:name".encode(), n + 1, value(chance)) for n in range(_SIZE // each))
    )


def _store(value: Callable[[Chance], Any], each: int) -> Callable[[Chance], Store]:
    return lambda chance: Store(
        entries=tuple((f"{chance.words(1)}.{n}", value(chance)) for n in range(_SIZE // each))
    )


def _objects(chance: Chance) -> RealmStore:
    names = ("id", "name", "email", "visits", "lat", "note")
    rows = tuple(
        (n, chance.words(2), f"u{chance.digits(8)}@example.org", n % 500, n / 7, chance.words(10))
        for n in range(_SIZE // 140)
    )
    tables = (RealmTable(f"User{at}", names, rows[at : at + _LEAF]) for at in range(0, len(rows), _LEAF))
    return RealmStore(tuple(tables))


# -- peers -----------------------------------------------------------------------------------------


def _element_preferences(data: bytes) -> list[tuple[str | None, object]]:
    kinds: dict[str, Callable[[str], object]] = {"int": int, "long": int, "float": float, "boolean": "true".__eq__}
    return [
        (each.get("name"), kinds[each.tag](each.get("value", "")) if each.tag in kinds else each.text)
        for each in ElementTree.fromstring(data)
    ]


def _element_texts(data: bytes) -> list[object]:
    return [(each.tag, each.text, each.attrib) for each in ElementTree.fromstring(data).iter()]


def _lines(data: bytes) -> list[object]:
    return [json.loads(line) for line in io.BytesIO(data)]


def _unknown_fields(data: bytes) -> int:
    """All fields of all messages, as far as the library can tell without a schema: those of nested messages are given
    as bytes, so they are read once more."""
    empty = importlib.import_module("google.protobuf.empty_pb2")
    unknown = importlib.import_module("google.protobuf.unknown_fields")

    def read(raw: bytes, nested: tuple[int, ...]) -> int:
        message = empty.Empty()
        message.ParseFromString(raw)
        found = 0
        for each in unknown.UnknownFieldSet(message):
            found += 1
            if nested and each.field_number == nested[0]:
                found += read(each.data, nested[1:])
        return found

    return read(data, (2, 6))


def _plyvel(data: bytes) -> int:
    """A store of the same log. Opening it replays the log into a table first, as every reader of the library must."""
    plyvel = importlib.import_module("plyvel")
    with tempfile.TemporaryDirectory() as folder:
        _as_store(Path(folder), data)
        with plyvel.DB(folder) as store:
            return sum(1 for _ in store)


def _as_store(folder: Path, log: bytes) -> None:
    """The files that LevelDB wants round a log."""
    form = LevelDb()
    (folder / "MANIFEST-000002").write_bytes(form.encode(Version()).data)
    (folder / "CURRENT").write_bytes(form.encode(Current(manifest=2)).data)
    (folder / "000003.log").write_bytes(log)


def _at_hand(module: str, package: str, name: str, peer: Peer) -> tuple[str, Peer | None]:
    try:
        importlib.import_module(module)
    except ImportError:
        return f"not here: pip install {package}", None
    return name, peer


_PLYVEL = _at_hand("plyvel", "plyvel", "plyvel (replays it)", _plyvel)
_PROTOBUF = _at_hand("google.protobuf.unknown_fields", "protobuf", "protobuf, unknown fields", _unknown_fields)
_CASES = (
    Case("SharedPreferences", "shared_prefs", _stored(preferences), "ElementTree", _element_preferences),
    Case("SharedPreferences, small values", "shared_prefs", _small_preferences, "ElementTree", _element_preferences),
    Case("property list, binary", "property_list", _stored(bplist), "plistlib", plistlib.loads),
    Case("property list, XML", "property_list", _xml_list, "plistlib", plistlib.loads),
    Case("JSON", "json_text", _stored(json_cache), "json", json.loads),
    Case("JSON lines", "json_text", _json_lines, "json", _lines),
    Case("XML", "xml_text", _plain_xml, "ElementTree", _element_texts),
    Case("binary XML (ABX), elements", "abx", _encoded(_tree)),
    Case("binary XML (ABX), preferences", "abx", _encoded(_map)),
    Case("protobuf without a schema", "protobuf", _encoded(_message), *_PROTOBUF),
    Case("Preferences DataStore", "datastore", _encoded(_map)),
    Case("LevelDB log, values of 700 bytes", "leveldb", _encoded(_log(_large, 700)), *_PLYVEL),
    Case("LevelDB log, values of 6 bytes", "leveldb", _encoded(_log(_small, 24)), *_PLYVEL),
    Case("LevelDB table, values of 700 bytes", "leveldb", _encoded(_sorted(_large, 700))),
    Case("LevelDB table, values of 6 bytes", "leveldb", _encoded(_sorted(_small, 16))),
    Case("MMKV, values of 700 bytes", "mmkv", _encoded(_store(lambda chance: chance.event(), 700))),
    Case("MMKV, values of 20 bytes", "mmkv", _encoded(_store(lambda chance: chance.words(3), 32))),
    Case("MMKV, numbers", "mmkv", _encoded(_store(lambda chance: int(chance.digits(5)), 14))),
    Case("Realm", "realm", _encoded(_objects)),
)
