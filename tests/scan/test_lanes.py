"""Two lanes, one answer: what decoding everything finds, sweeping the bytes found too, at the same place."""

import base64
import gzip
import json
import plistlib
import sqlite3
import tempfile
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options, pair_sidecars
from harness.encodings.snappy_frames import framed
from harness.formats.base import Format
from harness.model import Artifact, State
from harness.scan.scanner import Scanned, Scanner

OWN = ("android-prefs", "keyed-archives", "sqlite-residue")
SHARED = (
    "android-abx",
    "android-backup",
    "android-prefs",
    "android-xml",
    "apple-plist",
    "datastore",
    "ios-sandbox",
    "keychain-dumps",
    "leveldb",
    "logs",
    "mastg-demos",
    "mmkv",
    "pii-text",
    "realm",
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


@pytest.mark.slow
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
    suffixes = ("-wal", "-journal", "-shm", ".crc")
    with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        for item in scanner.scan(pair_sidecars(artifacts, suffixes), deep=lambda _facts: deep):
            if isinstance(item, Scanned):
                yield item


def _places(item: Scanned) -> Iterator[Place]:
    for hit in item.hits:
        if hit.leaf.steps[:1] == ("?",):
            continue  # a row of no known table, cut over overflow pages: where it goes on, only decoding it tells
        yield item.facts.path, hit.leaf.steps, hit.layers, hit.type, hit.normal


# -- values that touch each other ----------------------------------------------------------------

MAIL = "jane.doe@corp-secret.org"
PAYLOADS = {
    "text": MAIL.encode(),
    "json": json.dumps({"email": MAIL}).encode(),
    "long json": json.dumps({"note": "n" * 70, "email": MAIL}).encode(),
    "gzip": gzip.compress(json.dumps({"email": MAIL}).encode(), mtime=0),
    "zstd": zstandard.compress(json.dumps({"email": MAIL}).encode()),
    "snappy": framed(json.dumps({"email": MAIL}).encode()),
    "property list": plistlib.dumps({"email": MAIL}, fmt=plistlib.FMT_BINARY),
    "card": b"4111111111111111",
    "phone": b"+44 7700 900123",
    "utf-16le": MAIL.encode("utf-16-le"),
    "utf-16be": MAIL.encode("utf-16-be"),
    "token": b"eyJhbGciOiJub25lIn0."
    + base64.urlsafe_b64encode(json.dumps({"email": MAIL}).encode()).rstrip(b"=")
    + b".c2ln",
}
WRITERS: dict[str, Callable[[bytes], str]] = {
    "base64": lambda data: base64.b64encode(data).decode(),
    "base64url": lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
    "wrapped": lambda data: base64.encodebytes(data).decode(),
    "hex": lambda data: data.hex(),
    "HEX": lambda data: data.hex().upper(),
    "url": lambda data: urllib.parse.quote(data, safe=""),
}
WORDS = st.text("abcdefABCXYZ0123456789_-+/ .:{", min_size=0, max_size=40)


def _database(folder: Path, words: tuple[str, str], value: str, encoding: str, *, deleted: bool) -> None:
    with closing(sqlite3.connect(folder / "a.db")) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute("CREATE TABLE kv (a TEXT, v TEXT, z TEXT)")
        connection.execute("INSERT INTO kv VALUES (?, ?, ?)", (words[0], value, words[1]))
        connection.execute("INSERT INTO kv VALUES ('b', 'bb', 'bbb')")
        connection.commit()
        if deleted:
            connection.execute("DELETE FROM kv WHERE rowid = 1")
            connection.commit()


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
@pytest.mark.parametrize("writer", sorted(WRITERS))
@settings(max_examples=25, deadline=None)
@given(payload=st.sampled_from(sorted(PAYLOADS)), words=st.tuples(WORDS, WORDS))
def test_what_touches_a_value_hides_nothing(
    scanner: Scanner, encoding: str, writer: str, payload: str, words: tuple[str, str]
) -> None:
    """Whatever stands in the columns before and behind, the sweep finds what decoding finds, and no more."""
    with tempfile.TemporaryDirectory() as folder:
        _database(Path(folder), words, WRITERS[writer](PAYLOADS[payload]), encoding, deleted=False)
        raw = {place for item in _scanned(Path(folder), scanner, deep=False) for place in _places(item)}
        decoded = {place for item in _scanned(Path(folder), scanner, deep=True) for place in _places(item)}

    assert raw == decoded
    assert any(place[1] == ("kv", 1, "v") or place[1][:3] == ("kv", 1, "v") for place in raw) or writer == "url"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
@pytest.mark.parametrize("writer", sorted(WRITERS))
@pytest.mark.parametrize("payload", ["text", "json", "gzip", "phone"])
def test_what_touched_a_deleted_value_hides_nothing(
    scanner: Scanner, encoding: str, writer: str, payload: str, tmp_path: Path
) -> None:
    """No row leads there any more; the bytes are as they were."""
    for count, words in enumerate([("k", "x"), ("profile", "cafe"), ("tokenAbCdEfGhIjKl", "12345"), ("", "")]):
        folder = tmp_path / str(count)
        folder.mkdir()
        _database(folder, words, WRITERS[writer](PAYLOADS[payload]), encoding, deleted=True)
        found = {place[3] for item in _scanned(folder, scanner, deep=False) for place in _places(item)}

        assert found == {"PHONE" if payload == "phone" else "EMAIL"} or (writer, payload) == ("url", "gzip")


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_values_that_touch_are_not_read_as_one(scanner: Scanner, encoding: str, tmp_path: Path) -> None:
    """Each once, and nothing that is made of two."""
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute("CREATE TABLE t (a TEXT, b TEXT, c TEXT)")
        rows = [("it", f"p{n}@corp-secret.org", "uk") for n in range(40)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        connection.commit()
    (item,) = _scanned(tmp_path, scanner, deep=False)

    assert {(hit.leaf.steps, hit.layers, hit.value.decode()) for hit in item.hits} == {
        (("t", n, "b"), (), f"p{n - 1}@corp-secret.org") for n in range(1, 41)
    }


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_a_row_that_moved_is_not_deleted(scanner: Scanner, encoding: str, tmp_path: Path) -> None:
    """A page that is split keeps what it held in its free space; only a row that is nowhere else is deleted."""
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        rows = [(order * 37 % 121, f"p{order}x@corp-secret.org") for order in range(120)]
        connection.executemany("INSERT INTO t (rowid, a, b) VALUES (?, 7, ?)", rows)
        connection.execute("DELETE FROM t WHERE rowid = 37")
        connection.commit()
    (item,) = _scanned(tmp_path, scanner, deep=False)
    live = {(hit.leaf.steps, hit.normal) for hit in item.hits if hit.leaf.state is State.LIVE}
    free = {(hit.leaf.steps, hit.normal) for hit in item.hits if hit.leaf.state is not State.LIVE}

    assert len(live) == 119
    assert not live & free
    assert any(normal == b"p1x@corp-secret.org" for _, normal in free)


@pytest.mark.parametrize("end", ["=\n", "=\r\n"])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_what_mail_broke_is_found_by_both(scanner: Scanner, encoding: str, end: str, tmp_path: Path) -> None:
    """In a column, and in JSON, which escapes the break."""
    text = f"Hello,\n{'word ' * 12}to jane.doe@corp{end}-secret.org and ada.birch=40corp-secret.org\nbye"
    _database(tmp_path, ("k", "x"), text, encoding, deleted=False)
    (tmp_path / "a.json").write_text(json.dumps({"body": text}))
    raw = {place for item in _scanned(tmp_path, scanner, deep=False) for place in _places(item)}
    decoded = {place for item in _scanned(tmp_path, scanner, deep=True) for place in _places(item)}

    assert decoded <= raw
    mails = {(path, normal) for path, _, layers, _, normal in raw if layers[-1:] == ("quoted-printable",)}
    assert mails == {
        (path, f"{name}@corp-secret.org".encode())
        for path in ("a.db", "a.json")
        for name in ("jane.doe", "ada.birch")
    }
