"""Databases that SQLCipher itself wrote open with their key, with what is in their sidecars."""

import json
from pathlib import Path

import pytest

from harness.errors import FormatError
from harness.formats.encrypted_database import EncryptedDatabase, SqlCipherFile
from harness.formats.sqlite import Sqlite
from harness.formats.sqlite.sealed import decrypted
from harness.limits import Limits
from harness.model import Document, State, Value

PASSPHRASE = "correct horse"
RAW = "2DD29CA851E7B56E4697B0E1F08507293D761A05CE4D1B628663F411A8086D99000102030405060708090A0B0C0D0E0F"
KEYS = {
    "v1.db": PASSPHRASE,
    "v2.db": PASSPHRASE,
    "v3.db": PASSPHRASE,
    "v4.db": PASSPHRASE,
    "v4plain.db": f"x'{RAW}'",
    "wal.db": PASSPHRASE,
}


def read(path: Path) -> Document:
    log = path.with_name(path.name + "-wal")
    return Document(path.read_bytes(), {"-wal": log.read_bytes()} if log.exists() else {})


def values(document: Document) -> list[Value]:
    return list(Sqlite().decode(document, Limits()))


@pytest.mark.parametrize("name", KEYS)
def test_every_version_opens(name: str, own_corpus: Path) -> None:
    """All rows of the database are there, and its ledger has no fault."""
    document = decrypted(read(own_corpus / "encrypted-sqlite" / name), KEYS[name])
    live = {(v.steps, v.value) for v in values(document) if v.state is State.LIVE}

    assert {(("people", n + 1, "name"), f"Jane Roe {n}") for n in range(60)} <= live
    assert not Sqlite().account(document, Limits()).fault


def test_a_log_is_opened_too(own_corpus: Path) -> None:
    """What it replaced is told from what it holds."""
    document = decrypted(read(own_corpus / "encrypted-sqlite" / "wal.db"), PASSPHRASE)
    mails = {(v.value, v.state) for v in values(document) if v.steps == ("people", 5, "mail")}

    assert mails == {("new@example.org", State.LIVE), ("roe4@example.org", State.SUPERSEDED)}


@pytest.mark.parametrize("key", ["correct horse ", "", b"x" * 32, "0" * 64])
def test_another_key_is_refused(key: str | bytes, own_corpus: Path) -> None:
    """And is not repeated."""
    with pytest.raises(FormatError) as caught:
        decrypted(read(own_corpus / "encrypted-sqlite" / "v4.db"), key)

    assert str(key) not in str(caught.value) or not key


@pytest.mark.parametrize("version", [1, 2, 3, 4])
@pytest.mark.parametrize("key", [b"k" * 32, bytes(range(32))])
def test_what_we_write_opens(version: int, key: bytes) -> None:
    """Our own files are SQLCipher's, and a key may be given as bytes or as digits."""
    sealed = EncryptedDatabase().encode(SqlCipherFile(key, ("jane.roe@example.org",), version))

    for form in (key, key.hex(), f"x'{key.hex()}'"):
        assert (("texts", 1, "text"), "jane.roe@example.org") in [
            (v.steps, v.value) for v in values(decrypted(sealed, form))
        ]


def test_a_page_that_was_changed_is_refused(own_corpus: Path) -> None:
    """Its checksum says so; a file that ends within a page is damaged too."""
    data = bytearray((own_corpus / "encrypted-sqlite" / "v4.db").read_bytes())
    data[5000] ^= 1

    for damaged in (bytes(data), bytes(data[:-1])):
        with pytest.raises(FormatError):
            decrypted(Document(damaged), PASSPHRASE)


def test_the_shared_corpus_opens(shared_corpus: Path | None, own_corpus: Path) -> None:
    """Where it is: every planted value comes out."""
    folder = (shared_corpus or own_corpus) / "encrypted-sqlite"
    truth = json.loads((folder / "truth.json").read_text("utf-8")) if (folder / "truth.json").exists() else []
    for file in truth:
        if file.get("key"):
            told = [str(v.value) for v in values(decrypted(read(folder / file["file"]), file["key"]))]
            assert all(any(each["value"] in text for text in told) for each in file["values"])
