"""Whole pages of ciphertext are called encrypted; other random bytes are not, nor is anything that says something."""

import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import registry
from harness.errors import FormatError
from harness.formats.base import Format
from harness.formats.encrypted_database import EncryptedDatabase, SqlCipherFile, evidence
from harness.formats.sqlite import Database, Sqlite, Table
from harness.limits import Limits
from harness.model import Document, Share
from harness.scan.unfold import choose_format

FORM = EncryptedDatabase()
LIMITS = Limits()


def chosen(data: bytes) -> str:
    return choose_format(registry.load("formats", Format), data[:4096], len(data)).name


@pytest.mark.parametrize("name", ["v1.db", "v2.db", "v3.db", "v4.db", "v4plain.db", "wal.db"])
def test_what_sqlcipher_writes_is_encrypted(name: str, own_corpus: Path) -> None:
    """Every byte of it, but for a header that was left in the clear; and no other format is as sure."""
    data = (own_corpus / "encrypted-sqlite" / name).read_bytes()
    totals = FORM.account(Document(data), LIMITS).totals()
    plain = 32 if "plain" in name else 0

    assert chosen(data) == "encrypted_database"
    assert totals == {Share.ENCRYPTED: len(data) - plain} | ({Share.STRUCTURE: plain} if plain else {})
    assert list(FORM.decode(Document(data), LIMITS)) == []


def test_the_reason_is_told() -> None:
    """By what is in the clear, or by the pages alone."""
    noise = random.Random(1).randbytes(8192)
    header = b"SQLite format 3\x00\x10\x00\x01\x01\x50\x40\x20\x20"

    assert "random" in evidence(noise[:4096], 8192).reason
    assert evidence(header + noise[24:4096], 8192).score > evidence(noise[:4096], 8192).score
    assert evidence(noise[:16] + header[16:] + noise[24:4096], 8192).plain == (16, 24)
    assert evidence(noise[:4096], 8193) == evidence(b"", 0)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(0, 20_000))
def test_noise_of_other_sizes_is_not_claimed(seed: int, size: int) -> None:
    """Only whole pages are."""
    data = random.Random(seed).randbytes(size)
    is_pages = size >= 4096 and size % 1024 == 0

    assert (FORM.sniff(data[:4096], size) > 0) == is_pages


def test_what_means_something_is_not_claimed() -> None:
    """Databases in the clear, text, tables of numbers and zeros, in whole pages."""
    database = Sqlite().encode(
        Database(tables=(Table(name="t", columns=(("a", ""),), rows=((random.Random(2).randbytes(9000),),)),))
    )
    compressed = zlib.compress(random.Random(3).randbytes(60_000).hex().encode())
    for data in (
        bytes(database.data),
        b"jane.roe@example.org\n" * 500,
        bytes(range(256)) * 32,
        bytes(8192),
        b"\x89PNG\r\n\x1a\n" + compressed[:8184],
    ):
        whole = data[: len(data) // 1024 * 1024]
        assert chosen(whole) != "encrypted_database"


def test_a_page_that_was_never_written_is_unknown() -> None:
    """Zeros between ciphertext are no ciphertext; what sidecars say of themselves is structure."""
    data = bytes(FORM.encode(SqlCipherFile(b"k" * 32, ("x",))).data)
    log = (0x377F0682).to_bytes(4, "big") + bytes(4) + (4096).to_bytes(4, "big") + bytes(20)
    document = Document(data + bytes(4096), {"-wal": log + bytes(24) + data[:4096], "-shm": bytes(100)})

    ledger = FORM.account(document, LIMITS)

    assert [(span.start, span.end, span.share) for span in ledger.parts[""]] == [
        (0, len(data), Share.ENCRYPTED),
        (len(data), len(data) + 4096, Share.UNKNOWN),
    ]
    assert [span.share for span in ledger.parts["-wal"]] == [Share.STRUCTURE, Share.STRUCTURE, Share.ENCRYPTED]
    assert [span.share for span in ledger.parts["-shm"]] == [Share.STRUCTURE]


def test_only_its_own_content_is_written() -> None:
    """Another key length, or version, is an error."""
    for content in ("text", SqlCipherFile(b"short"), SqlCipherFile(b"k" * 32, version=9)):
        with pytest.raises(FormatError):
            FORM.encode(content)
