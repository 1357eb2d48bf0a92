"""Stores of iOS that hold one format in another: what is in them is found at a readable place, in both lanes."""

import json
import plistlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options
from harness.formats.base import Format
from harness.formats.binary_cookies import BinaryCookies, Cookie
from harness.formats.property_list import Archive, Archived, Instance, Plist, PropertyList
from harness.formats.simple_cache import CacheEntry, SimpleCache
from harness.model import Artifact, pointer
from harness.scan.scanner import Scanned, Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(registry.load("formats", Format), registry.load("detectors", Detector))


def places(folder: Path, scanner: Scanner) -> set[tuple[str, str]]:
    """Where the sweep finds what; decoding everything finds no more."""

    def found(*, deep: bool) -> Iterator[tuple[str, str]]:
        with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
            artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
            for item in scanner.scan(artifacts, deep=lambda _facts: deep):
                assert isinstance(item, Scanned)
                assert not item.coverage.error
                for hit in item.hits:
                    yield pointer(hit.leaf.steps), hit.value.decode()

    raw = set(found(deep=False))
    assert set(found(deep=True)) <= raw
    return raw


PROFILE: dict[str, Archived] = {
    "profile": Instance("CTProfile", {"Email": "jane@corp-secret.org", "phone": 447700900123}),
    "note": b'{"email": "json@corp-secret.org"}',
}


@pytest.mark.parametrize("is_binary", [True, False])
def test_an_archive_in_user_defaults_is_followed(scanner: Scanner, tmp_path: Path, is_binary: bool) -> None:
    """Archived objects stand in data of a property list; the phone is a number in binary, its key elsewhere."""
    archive = bytes(PropertyList().encode(Archive(PROFILE)).data)
    listed = PropertyList().encode(Plist({"launches": 3, "user": archive}, is_binary))
    (tmp_path / "com.example.app.plist").write_bytes(bytes(listed.data))

    assert places(tmp_path, scanner) == {
        ("/user/root/profile/Email", "jane@corp-secret.org"),
        ("/user/root/profile/phone", "447700900123"),
        ("/user/root/note/email", "json@corp-secret.org"),
    }


def test_a_url_cache_gives_request_response_and_body(scanner: Scanner, tmp_path: Path) -> None:
    """`Cache.db` keeps them in blobs; what is too large for it is a file of its own in `fsCachedData`."""
    response = {"Array": [0, {"_CFURLString": "https://api.example.net/?mail=url@corp-secret.org"}], "Version": 1}
    with closing(sqlite3.connect(tmp_path / "Cache.db")) as connection:
        connection.executescript(
            "CREATE TABLE cfurl_cache_response(entry_ID INTEGER PRIMARY KEY, request_key TEXT);"
            "CREATE TABLE cfurl_cache_blob_data(entry_ID INTEGER PRIMARY KEY, response_object BLOB);"
            "CREATE TABLE cfurl_cache_receiver_data(entry_ID INTEGER PRIMARY KEY, isDataOnFS, receiver_data BLOB);"
        )
        blob = plistlib.dumps(response, fmt=plistlib.FMT_BINARY)
        connection.execute("INSERT INTO cfurl_cache_response VALUES (1, 'https://x.test/?m=key@corp-secret.org')")
        connection.execute("INSERT INTO cfurl_cache_blob_data VALUES (1, ?)", (blob,))
        body = json.dumps({"user": {"email": "body@corp-secret.org"}}).encode()
        connection.execute("INSERT INTO cfurl_cache_receiver_data VALUES (1, 0, ?)", (body,))
        connection.execute(
            "INSERT INTO cfurl_cache_receiver_data VALUES (2, 1, '0A1B2C3D-0000-4000-8000-000000000001')"
        )
        connection.commit()
    (tmp_path / "fsCachedData").mkdir()
    (tmp_path / "fsCachedData" / "0A1B2C3D-0000-4000-8000-000000000001").write_bytes(body.replace(b"body@", b"file@"))

    assert places(tmp_path, scanner) >= {
        ("/cfurl_cache_response/1/request_key", "key@corp-secret.org"),
        ("/cfurl_cache_blob_data/1/response_object/Array/1/_CFURLString", "url@corp-secret.org"),
        ("/cfurl_cache_receiver_data/1/receiver_data/user/email", "body@corp-secret.org"),
        ("/user/email", "file@corp-secret.org"),
    }


def test_web_stores_give_what_servers_sent(scanner: Scanner, tmp_path: Path) -> None:
    """Cookies by domain, path and name; cached answers by their parts."""
    cookies = [Cookie(".shop.test", "uid", "cookie@corp-secret.org"), Cookie("a.test", "phone", "+44 7700 900123")]
    (tmp_path / "Cookies.binarycookies").write_bytes(bytes(BinaryCookies().encode(cookies).data))
    entry = CacheEntry(
        "1/0/https://api.example.net/?mail=key@corp-secret.org",
        json.dumps({"email": "body@corp-secret.org"}).encode(),
        (("content-type", "application/json"), ("x-user", "head@corp-secret.org")),
    )
    (tmp_path / "0123456789abcdef_0").write_bytes(bytes(SimpleCache().encode(entry).data))

    assert places(tmp_path, scanner) == {
        ("/.shop.test/~1/uid", "cookie@corp-secret.org"),
        ("/a.test/~1/phone", "+44 7700 900123"),
        ("/key", "key@corp-secret.org"),
        ("/body/email", "body@corp-secret.org"),
        ("/headers/x-user", "head@corp-secret.org"),
    }


def test_what_chromium_cached_is_found(scanner: Scanner, own_corpus: Path) -> None:
    """All that its server sent, through gzip too."""
    truth = json.loads((own_corpus / "simple-cache" / "truth.json").read_text(encoding="utf-8"))
    found = {value for _, value in places(own_corpus / "simple-cache" / "Cache_Data", scanner)}

    assert {value["value"] for entry in truth for value in entry["values"]} <= found


def test_an_archive_in_a_column_is_followed(scanner: Scanner, tmp_path: Path) -> None:
    """Nothing in its bytes looks like a phone: the number is binary, and its key stands apart; and it may be cut."""
    with closing(sqlite3.connect(tmp_path / "Model.sqlite")) as connection:
        connection.execute("CREATE TABLE ZUSER (Z_PK INTEGER PRIMARY KEY, ZPROFILE BLOB)")
        for row, pad in enumerate(("", "x" * 9000)):
            archive = bytes(PropertyList().encode(Archive({"phone": 447700900123 + row, "pad": pad})).data)
            connection.execute("INSERT INTO ZUSER VALUES (?, ?)", (row, archive))
        connection.commit()

    assert places(tmp_path, scanner) == {
        ("/ZUSER/0/ZPROFILE/root/phone", "447700900123"),
        ("/ZUSER/1/ZPROFILE/root/phone", "447700900124"),
    }
