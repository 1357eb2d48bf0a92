"""Keystore metadata of old and new Androids: what is in clear is read, what is wrapped counts as ciphertext."""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

from harness.errors import FormatError
from harness.formats.keystore_blob import KeystoreBlob, StoredKey
from harness.formats.sqlite import Sqlite
from harness.limits import Limits
from harness.model import Document, Share

FORM = KeystoreBlob()
LIMITS = Limits()


@pytest.mark.parametrize(("kind", "flags"), [(4, 0), (3, 2), (1, 1), (1, 4), (2, 0)])
def test_what_is_a_key_or_under_a_credential_is_ciphertext(kind: int, flags: int) -> None:
    """And no value is told of it."""
    data = bytes(FORM.encode(StoredKey(b"x" * 60, kind, flags)).data)

    assert FORM.account(Document(data), LIMITS).totals()[Share.ENCRYPTED] == 60
    assert {value.key for value in FORM.decode(Document(data), LIMITS)} == {"type", "flags"}


def test_version_two_is_known_where_it_is_in_clear() -> None:
    """With a digest where version 3 has its tag; under a credential its length is not readable."""
    clear = struct.pack(">4B16s16sI", 2, 1, 0, 0, bytes(16), b"d" * 16, 5) + b"hello"

    assert FORM.sniff(clear, len(clear)) > 0.9
    assert FORM.sniff(clear[:4] + b"v" * 16 + clear[20:], len(clear)) == 0.0
    assert [value.value for value in FORM.decode(Document(clear), LIMITS)][-1] == b"hello"


def test_a_value_of_another_length_is_a_fault() -> None:
    """Nothing may stand behind it but what the header says."""
    data = bytes(FORM.encode(StoredKey(b"secret")).data)
    with pytest.raises(FormatError):
        list(FORM.decode(Document(data + b"x"), LIMITS))


SCHEMA = """
CREATE TABLE keyentry (id INTEGER UNIQUE, key_type INTEGER, domain INTEGER, namespace INTEGER, alias BLOB,
    state INTEGER, km_uuid BLOB);
CREATE TABLE keyparameter (keyentryid INTEGER, tag INTEGER, data ANY, security_level INTEGER);
CREATE TABLE keymetadata (keyentryid INTEGER, tag INTEGER, data ANY, UNIQUE (keyentryid, tag));
"""
USER_AUTH_TYPE, AUTH_TIMEOUT, STRONGBOX = 0x100001F8, 0x300001F9, 2


def test_the_database_of_newer_keystores_gives_alias_grade_and_authentication(tmp_path: Path) -> None:
    """As docs/formats.md says where they stand."""
    with closing(sqlite3.connect(tmp_path / "persistent.sqlite")) as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO keyentry VALUES (77, 0, 0, 10123, 'session_key', 1, x'00')")
        for tag, data in ((USER_AUTH_TYPE, 3), (AUTH_TIMEOUT, 30)):
            connection.execute("INSERT INTO keyparameter VALUES (77, ?, ?, ?)", (tag, data, STRONGBOX))
        connection.commit()
    values = {
        value.steps: value.value
        for value in Sqlite().decode(Document((tmp_path / "persistent.sqlite").read_bytes()), LIMITS)
    }

    assert values["keyentry", 1, "namespace"] == 10123
    assert values["keyentry", 1, "alias"] in {"session_key", b"session_key"}
    assert [values["keyparameter", row, "tag"] for row in (1, 2)] == [USER_AUTH_TYPE, AUTH_TIMEOUT]
    assert [values["keyparameter", row, "data"] for row in (1, 2)] == [3, 30]
    assert values["keyparameter", 1, "security_level"] == STRONGBOX
